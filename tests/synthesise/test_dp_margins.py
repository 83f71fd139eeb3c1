"""Noisy counts become probabilities, nearer the truth than the counts were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.dp_margins import (
    denoised_margins,
    missing_shares,
    noisy_people,
    on_simplex,
    smoothed_along,
    tilted,
)
from mindveil.synthesise.dp_sums import NoisySum


def items(count, block="phq9"):
    return Codebook(
        variables=tuple(
            Variable(name=f"q{i}", kind="ordinal", levels=tuple("0123"), block=block)
            for i in range(count)
        )
    )


def sums(rows, noise):
    return [NoisySum(values=np.append(row, 0.0), noise=noise) for row in rows]


def test_people_by_hand():
    # Totals 90 of two counts and 100 of four: weights 1/2 and 1/4.
    found = noisy_people(
        [
            NoisySum(values=np.array([90.0, 0.0]), noise=1.0),
            NoisySum(values=np.array([25.0, 25.0, 25.0, 25.0]), noise=1.0),
        ]
    )
    assert found == pytest.approx((90.0 / 2 + 100.0 / 4) / 0.75)


def test_the_simplex_by_hand():
    assert on_simplex(np.array([0.5, 0.5])).tolist() == [0.5, 0.5]
    assert on_simplex(np.array([1.4, 0.2, -0.6])).tolist() == pytest.approx([1.0, 0.0, 0.0])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=9))
def test_the_simplex_is_one_whatever_comes(values):
    found = on_simplex(np.array(values))
    assert found.sum() == pytest.approx(1.0)
    assert found.min() >= 0.0


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 9999), noise=st.floats(0.0, 400.0), people=st.floats(1.0, 3000.0))
def test_margins_are_probabilities_whatever_the_noise(seed, noise, people):
    rng = np.random.default_rng(seed)
    rows = rng.dirichlet(np.ones(4), 5) * people + rng.normal(0.0, noise + 1e-9, (5, 4))
    found = denoised_margins(sums(rows, noise), items(5), people)
    for margin in found:
        assert margin.sum() == pytest.approx(1.0)
        assert margin.min() > 0.0


def test_items_of_one_scale_help_each_other():
    rng = np.random.default_rng(1)
    true = np.array([[0.4, 0.3, 0.2, 0.1]] * 9) + rng.normal(0, 0.01, (9, 4))
    true /= true.sum(axis=1, keepdims=True)
    rows = true * 1000 + rng.normal(0.0, 40.0, true.shape)
    together = np.array(denoised_margins(sums(rows, 40.0), items(9), 1000.0))
    alone = np.array(denoised_margins(sums(rows, 40.0), items(9, block=""), 1000.0))
    assert np.abs(together - true).mean() < 0.6 * np.abs(alone - true).mean()


def test_items_that_differ_are_left_apart():
    true = np.array([[0.7, 0.2, 0.1, 0.0], [0.1, 0.2, 0.3, 0.4], [0.25, 0.25, 0.25, 0.25]])
    found = np.array(denoised_margins(sums(true * 1e5, 1.0), items(3), 1e5))
    assert np.abs(found - true).max() < 0.003


def test_an_age_curve_is_smoothed_as_far_as_noise_asks():
    rng = np.random.default_rng(2)
    true = np.exp(-((np.arange(60) - 20) ** 2) / 200.0)
    true /= true.sum()
    noisy = true + rng.normal(0.0, 0.02, 60)
    assert np.abs(smoothed_along(noisy, 0.02) - true).mean() < 0.4 * np.abs(noisy - true).mean()
    peak = np.zeros(60)
    peak[30] = 1.0
    assert smoothed_along(peak, 1e-4).tolist() == peak.tolist()


def test_missing_people_are_seen_and_noise_is_not():
    book = Codebook(
        variables=(
            Variable(name="sex", kind="nominal", levels=("f", "m"), may_miss=True),
            Variable(name="region", kind="nominal", levels=("n", "s"), may_miss=True),
        )
    )
    counts = [
        NoisySum(values=np.array([400.0, 400.0, 200.0]), noise=30.0),
        NoisySum(values=np.array([500.0, 450.0, 50.0]), noise=30.0),
    ]
    assert missing_shares(counts, book, 1000.0).tolist() == [0.2, 0.0]


def test_a_margin_is_tilted_to_the_mean_asked_for():
    margin, values = np.array([0.25, 0.25, 0.25, 0.25]), np.array([-1.3, -0.4, 0.4, 1.3])
    assert tilted(margin, values, 0.2) @ values == pytest.approx(0.2, abs=1e-6)
    assert tilted(margin, values, 0.0) == pytest.approx(margin, abs=1e-6)
    assert tilted(margin, values, 99.0) @ values < 1.3
