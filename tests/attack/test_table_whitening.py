"""Whitening with noise of unknown size: against the plain inverse, both ways, and in recovery."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.attack.table_whitening import likeliest, whitened

TWO = np.array([0, 0, 0, 1, 1, 1])


def test_by_hand():
    spread = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 2.0], [0.0, -2.0]], dtype=np.float32)
    # Variances .5 and 2, and noise .5: gaps of 1 are worth 1 and .4.
    found = whitened(spread, np.ones(2), np.zeros(2, dtype=int), np.array([0.5]))
    assert found == pytest.approx([1.0, 0.4])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([3, 5, 6, 20]), st.floats(0.05, 30))
def test_between_people_and_between_moments_it_is_the_same_inverse(seed, people, noise):
    rng = np.random.default_rng(seed)
    spread = rng.normal(size=(people, 6)).astype(np.float32)
    gap, ridges = rng.normal(size=6), np.array([noise, 1.0])
    exact = np.linalg.solve(spread.T @ spread / people + np.diag(ridges[TWO]), gap)
    assert whitened(spread, gap, TWO, ridges) == pytest.approx(exact, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize("people", [60, 600])
def test_the_noise_is_found_where_it_was_added(people):
    rng = np.random.default_rng(people)
    groups = np.repeat([0, 1], 100)
    spread = rng.normal(size=(people, 200)).astype(np.float32)
    spread -= spread.mean(axis=0)
    signal = spread.T @ rng.normal(size=people) / np.sqrt(people)
    loud = signal + np.where(groups == 1, rng.normal(0, 8, 200), 0)
    lean, noise = likeliest(spread, loud, groups)
    assert noise[1] >= 10 * noise[0]
    # What is noisy is not believed.
    assert np.abs(lean[groups == 1]).mean() < np.abs(lean[groups == 0]).mean() / 2
    again = whitened(spread, loud, groups, noise)
    assert again == pytest.approx(lean)
