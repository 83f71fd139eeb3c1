"""Intervals for several groups at once: by hand, and that they hold together."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate, clopper_pearson
from mindveil.evidence.simultaneous import drawn, pairs_of, share_of, sure_at_ends, tail_of


def test_one_group_has_the_usual_interval():
    assert tail_of(1) == 0.025
    for hits, n in ((0, 50), (3, 40), (40, 40), (0.5, 12)):
        outcomes = np.full(n, hits / n)
        seen, usual = share_of(outcomes, tail_of(1)), clopper_pearson(hits, n)
        assert (seen.low, seen.high, seen.n) == pytest.approx((usual.low, usual.high, n))


def test_more_groups_have_wider_intervals():
    seen = [share_of(np.r_[np.ones(10), np.zeros(40)], tail_of(k)) for k in (1, 2, 5, 10)]
    assert all(a.low > b.low and a.high < b.high for a, b in pairwise(seen))
    # nobody of 20 found, two groups: 1 - .0125 ** (1 / 20)
    assert share_of(np.zeros(20), tail_of(2)).high == pytest.approx(1 - 0.0125 ** (1 / 20))


def test_pairs_by_hand():
    assert [pairs_of(k) for k in (2, 3, 4)] == [1, 3, 6]


def test_a_figure_that_seldom_exists_is_not_told():
    half = np.r_[np.full(50, np.nan), np.arange(50.0)]
    with pytest.raises(InvalidMeasurement, match="does not exist"):
        drawn(1.0, half, 9, 0.025)
    with pytest.raises(InvalidMeasurement, match="does not exist"):
        drawn(float("nan"), np.arange(50.0), 9, 0.025)
    whole = drawn(50.0, np.arange(101.0), 9, 0.025)
    assert (whole.low, whole.high) == (2.5, 97.5)
    assert drawn(200.0, np.arange(101.0), 9, 0.025).high == 200.0


def test_the_ends_are_exact():
    one = Estimate(value=1.0, low=1.0, high=1.0, n=40)
    assert sure_at_ends(one, 40, tail_of(1)).low == pytest.approx(0.912, abs=0.001)
    assert sure_at_ends(one, 40, tail_of(4)).low < 0.9
    inside = Estimate(value=0.5, low=0.4, high=0.6, n=40)
    assert sure_at_ends(inside, 40, tail_of(1)) is inside


def test_the_worst_of_five_is_covered():
    rng = np.random.default_rng(1)
    missed = {1: 0, 5: 0}
    for _ in range(400):
        hits = rng.binomial(40, 0.2, size=5).max()
        outcomes = np.r_[np.ones(hits), np.zeros(40 - hits)]
        for groups in missed:
            missed[groups] += share_of(outcomes, tail_of(groups)).low > 0.2
    assert missed[5] <= 20  # 5 % of 400
    assert missed[1] > missed[5]
