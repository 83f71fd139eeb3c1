"""Trials: rates over people counted by hand, ranks within folds, resamples drawn once."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.trials import Rates, Scored, drawn_each_time, drawn_once, trials_of


def scored(scores, member):
    return Scored(
        people=tuple(f"p{i}" for i in range(len(scores))),
        scores=np.array(scores, dtype=float),
        member=np.array(member, dtype=bool),
    )


def test_rates_by_hand():
    folds = [scored([3, 1, 2], [1, 0, 1]), scored([30, 20, 10], [1, 1, 0])]
    names, trials = trials_of(folds, np.random.default_rng(0))
    assert names == ("p0", "p1", "p2")
    assert trials.rank.tolist() == pytest.approx([5 / 6, 1 / 6, 1 / 2, 5 / 6, 1 / 2, 1 / 6])
    rates = Rates.of(trials, np.array([1.0, 1, 0, 1, 1, 0]), np.ones(3, dtype=bool))
    # As members p0 is taken twice, p1 once and p2 not; as controls p1 is and p2 is not.
    even = np.ones((1, 3))
    assert rates.share(even, 0).tolist() == [3 / 4]
    assert rates.share(even, 1).tolist() == [1 / 2]
    assert rates.share(np.array([[1.0, 0, 0]]), 0).tolist() == [1]
    assert np.isnan(rates.share(np.array([[1.0, 0, 0]]), 1))[0]


@pytest.mark.parametrize(
    ("folds", "why"),
    [
        ([], "no release was attacked"),
        ([scored([1, 1, 1], [1, 0, 1])], "same score"),
        ([scored([1, np.nan, 2], [1, 0, 1])], "not numbers"),
    ],
)
def test_what_is_no_trial(folds, why):
    with pytest.raises(InvalidMeasurement, match=why):
        trials_of(folds, np.random.default_rng(0))


def test_resamples_drawn_once_give_the_interval_of_resamples_drawn_each_time():
    values = np.random.default_rng(0).normal(size=300)

    def mean(weights):
        return weights @ values / weights.sum(axis=1)

    once = drawn_once(np.random.default_rng(1))
    one, again = once(mean, 300), once(mean, 300)
    other = drawn_each_time(np.random.default_rng(2))(mean, 300)
    assert one == again
    assert one.value == other.value == pytest.approx(values.mean())
    assert one.n == 300
    for mine, theirs in ((one.low, other.low), (one.high, other.high)):
        assert mine == pytest.approx(theirs, abs=0.02)


def test_a_figure_of_too_few_people_is_none():
    once = drawn_once(np.random.default_rng(1))
    with pytest.raises(InvalidMeasurement, match="too few of the 20"):
        once(lambda w: np.where(w[:, 0] == 1, 1.0, np.nan), 20)
