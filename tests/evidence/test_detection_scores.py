"""Correlation of severity: by hand, against scipy, and where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mindveil.evidence.detection_scores import pearson


def test_by_hand():
    # Distances from the means: -1.5, -.5, .5, 1.5 and -1, -1, 1, 1: products 4, squares 5 and 4.
    seen = pearson(np.array([1.0, 2, 3, 4]), np.array([2.0, 2, 4, 4]), np.ones((1, 4)))
    assert seen[0] == pytest.approx(4 / np.sqrt(20))


@given(
    st.lists(
        st.tuples(st.integers(0, 27), st.integers(-50, 350), st.integers(1, 4)),
        min_size=3,
        max_size=30,
    ),
    st.floats(0.1, 10),
    st.floats(-1e6, 1e6),
)
@settings(max_examples=60, deadline=None)
def test_it_agrees_with_scipy_and_level_and_unit_do_not_matter(people, unit, level):
    truth, predicted, weight = (np.array(c, dtype=float) for c in zip(*people, strict=True))
    seen = pearson(truth, predicted / 10, weight[None])[0]
    if min(np.ptp(truth), np.ptp(predicted)) == 0:
        assert np.isnan(seen)
        return
    times = weight.astype(int)
    wanted = stats.pearsonr(np.repeat(truth, times), np.repeat(predicted, times)).statistic
    assert seen == pytest.approx(wanted, abs=1e-9)
    moved = pearson(truth, unit * predicted / 10 + level, weight[None])[0]
    assert moved == pytest.approx(wanted, abs=1e-4)


@pytest.mark.parametrize("constant", [0.0, 0.1, 8.6, 1e7 + 0.1])
def test_what_is_the_same_for_all_correlates_with_nothing(constant):
    truth = np.array([3.0, 7, 11, 20, 2, 5, 1])
    weights = np.random.default_rng(0).integers(0, 4, size=(50, 7)).astype(float)
    weights[0] = 0.0
    assert np.isnan(pearson(truth, np.full(7, constant), weights)).all()
    assert np.isnan(pearson(np.full(7, constant), truth, weights)).all()
