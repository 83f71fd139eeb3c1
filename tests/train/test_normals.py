"""Noise made in bulk is standard normal, and each row is its own."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats

from mindveil.train import normals
from mindveil.train.normals import fine_normals, standard_normals


def drawn(rows: int, size: int, seed: int = 0) -> NDArray[np.float32]:
    out = np.full((rows, size), np.nan, np.float32)
    standard_normals([np.random.SFC64([seed, i]) for i in range(rows)], out)
    return out


def test_bits_become_the_numbers_of_box_and_muller() -> None:
    """A radius from the first half of a row's words, an angle from the second."""
    words = np.array([[0x4000_0000, -0x4000_0000]], np.int32).view(np.uint64)
    out = np.empty((1, 2), np.float32)
    normals._transformed(words, out)
    # u = (2**30 + 1/2) / 2**31 is one half; the angle is minus a quarter of a turn.
    radius = math.sqrt(2.0 * math.log(2.0))
    np.testing.assert_allclose(out, [[0.0, -radius]], atol=1e-6)


def test_moments_tails_and_shape_are_normal() -> None:
    found = drawn(40, 50_001).astype(np.float64).ravel()
    n = found.size
    assert abs(found.mean()) < 4.0 / math.sqrt(n)
    assert abs(found.var() - 1.0) < 4.0 * math.sqrt(2.0 / n)
    assert abs(np.mean(found**4) - 3.0) < 4.0 * math.sqrt(96.0 / n)
    assert stats.kstest(found, "norm").pvalue > 1e-3
    for edge in (1e-3, 0.1, 2.0, 3.0, 4.0):
        rate = math.erf(edge / math.sqrt(2.0))
        spread = math.sqrt(rate * (1.0 - rate) / n)
        assert abs(np.mean(np.abs(found) < edge) - rate) < 4.5 * spread


def test_both_numbers_of_a_pair_are_independent() -> None:
    found = drawn(10, 20_000).astype(np.float64)
    first, second = found[:, :10_000].ravel(), found[:, 10_000:].ravel()
    for power in (1, 2, 3):
        r = np.corrcoef(first**power, second**power)[0, 1]
        assert abs(r) < 4.5 / math.sqrt(first.size)
    turn = np.arctan2(second, first) / (2.0 * math.pi) + 0.5
    assert stats.kstest(turn, "uniform").pvalue > 1e-3
    sums = (first + second) / math.sqrt(2.0)
    assert stats.kstest(sums, "norm").pvalue > 1e-3


def test_the_extremes_of_the_bits_are_finite() -> None:
    words = np.array([[0, -(2**31)], [-1, 2**31 - 1], [-(2**31), 0]], np.int32).view(np.uint64)
    out = np.empty((3, 2), np.float32)
    normals._transformed(words.reshape(3, 1), out)
    assert np.isfinite(out).all()
    assert float(np.abs(out).max()) == pytest.approx(6.66, abs=0.01)


@settings(max_examples=25, deadline=None)
@given(
    rows=st.integers(1, 5),
    size=st.sampled_from([1, 2, 3, 64, 385, 16_383, 16_385, 32_769, 70_001]),
    seed=st.integers(0, 999),
)
def test_a_row_depends_on_its_own_source_alone(rows: int, size: int, seed: int) -> None:
    together = drawn(rows, size, seed)
    assert np.isfinite(together).all()
    for row in range(rows):
        alone = np.empty((1, size), np.float32)
        standard_normals([np.random.SFC64([seed, row])], alone)
        np.testing.assert_array_equal(alone[0], together[row])


def test_fine_numbers_are_normal_and_far_ones_finite() -> None:
    words = np.random.default_rng([5, 1]).integers(0, 1 << 64, (2, 200_000), np.uint64)
    found = fine_normals(words)
    assert found.shape == (400_000,)
    assert stats.kstest(found, "norm").pvalue > 1e-3
    first, second = found[:200_000], found[200_000:]
    for power in (1, 2, 3):
        assert abs(np.corrcoef(first**power, second**power)[0, 1]) < 4.5 / math.sqrt(first.size)
    far = np.array([[0, 2**64 - 1], [0, 0]], np.uint64)
    np.testing.assert_allclose(fine_normals(far)[:2], [math.sqrt(108.0 * math.log(2.0)), 0.0])
