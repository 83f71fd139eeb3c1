"""The equal error rate against an exact count of every trial."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.equal_error import Trials, _Ladder
from mindveil.evidence.linkage import Linked, equal_error_rate


def table(scores, extra=0):
    scores = np.array(scores, dtype=float)
    rows = [f"p{i}" for i in range(len(scores))]
    columns = [*rows, *(f"x{i}" for i in range(extra))]
    return Linked(
        rows=tuple(rows), columns=tuple(columns), scores=scores, absent=(), whole_table=False
    )


def counted(linked, times):
    """Return the rate with each person there as often as she was drawn, from every trial."""
    drawn = dict(zip(sorted({*linked.rows, *linked.columns}), times, strict=True))
    row = np.array([drawn[p] for p in linked.rows], dtype=float)
    column = np.array([drawn[p] for p in linked.columns], dtype=float)
    own = np.array([[p == q for q in linked.columns] for p in linked.rows])
    right, score = np.where(own, row[:, None], 0.0), linked.scores
    wrong = np.where(own, 0.0, np.outer(row, column))
    last = None
    for threshold in [*np.unique(score), np.inf]:
        accept = wrong[score >= threshold].sum() / wrong.sum()
        reject = right[score < threshold].sum() / right.sum()
        if reject >= accept:
            part = (last[0] - last[1]) / ((last[0] - last[1]) + (reject - accept))
            return last[0] + part * (accept - last[0])
        last = accept, reject
    raise AssertionError("above the highest score nothing is accepted")


def rate(*folds, seed=0):
    return equal_error_rate(folds, np.random.default_rng(seed))


def test_three_people_by_hand():
    # Right people at .9 .8 .4; impostors at .7 .5 .3 .3 .2 .1. From .5 to .7 a third of the right
    # people (.4) is turned away; at .5 two of six impostors come in: 1/3 and 1/3.
    seen = rate(table([[0.9, 0.7, 0.3], [0.5, 0.8, 0.3], [0.2, 0.1, 0.4]]))
    assert seen.value == pytest.approx(1 / 3)
    assert seen.n == 3


def test_a_crossing_between_two_scores_is_interpolated():
    # Right: 2 2; impostors: 2 0. At 2: accept 1/2, reject 0; above: accept 0, reject 1. At 1/3.
    seen = _Ladder.of(
        Trials(
            rows=("a", "b"),
            columns=("a", "b"),
            own=np.array([0, 1]),
            scores=np.array([[2.0, 2.0], [0.0, 2.0]]),
        ),
        {"a": 0, "b": 1},
    ).rate(np.ones((1, 2)))
    assert seen[0] == pytest.approx(1 / 3)


@pytest.mark.parametrize(("size", "extra"), [(4, 0), (6, 3), (20, 10), (60, 10)])
@pytest.mark.parametrize("strength", [-1.0, 0.0, 1.0, 3.0])
def test_the_value_is_exact(size, extra, strength):
    rng = np.random.default_rng(size)
    scores = rng.normal(size=(size, size + extra)).round(2)  # with ties
    scores[np.arange(size), np.arange(size)] += strength
    linked = table(scores, extra)
    assert rate(linked).value == pytest.approx(counted(linked, np.ones(size + extra)), abs=1e-9)


@pytest.mark.parametrize("strength", [-0.5, 0.0, 0.7, 2.0, 4.0])
def test_the_value_is_exact_among_many_scores(strength):
    size = 120
    scores = np.random.default_rng(size).normal(size=(size, size))
    own = np.eye(size, dtype=bool)
    scores[own] += strength
    right, wrong = np.sort(scores[own]), np.sort(scores[~own])
    steps = np.append(np.unique(scores), np.inf)
    accept = 1 - np.searchsorted(wrong, steps) / len(wrong)
    reject = np.searchsorted(right, steps) / size
    after = int(np.argmax(reject >= accept))
    gap = accept - reject
    part = gap[after - 1] / (gap[after - 1] - gap[after])
    wanted = accept[after - 1] + part * (accept[after] - accept[after - 1])
    assert rate(table(scores)).value == pytest.approx(wanted, abs=1e-9)


@given(
    st.lists(st.lists(st.integers(0, 6), min_size=5, max_size=5), min_size=4, max_size=4),
    st.lists(st.integers(0, 3), min_size=5, max_size=5),
)
@settings(max_examples=60, deadline=None)
def test_a_person_drawn_twice_is_no_impostor_of_herself(scores, times):
    linked = table(scores, extra=1)
    rows, own = linked.targets()
    place = {p: i for i, p in enumerate(sorted({*linked.rows, *linked.columns}))}
    ladder = _Ladder.of(
        Trials(rows=linked.rows, columns=linked.columns, own=own, scores=linked.scores[rows]), place
    )
    seen = ladder.rate(np.array([times], dtype=float))[0]
    drawn = sum(bool(t) for t in times)
    if drawn < 2 or not any(times[:4]):
        assert np.isnan(seen)
    else:
        assert seen == pytest.approx(counted(linked, times), abs=1e-6)


def test_people_who_are_told_apart_have_no_error_and_still_a_doubt():
    seen = rate(table(10 * np.eye(50) + np.random.default_rng(0).random((50, 50))))
    assert (seen.value, seen.low) == (0.0, 0.0)
    assert seen.high == pytest.approx(0.0711, abs=1e-4)  # zero errors of 50


def test_people_who_are_always_taken_for_others_are_not_clipped_to_chance():
    seen = rate(table(-10 * np.eye(50) + np.random.default_rng(0).random((50, 50))))
    assert seen.value == 1.0
    assert seen.low < 1.0


def test_random_scores_are_at_chance():
    rng = np.random.default_rng(5)
    seen = [rate(table(rng.random((40, 40))), seed=i) for i in range(10)]
    assert np.mean([e.value for e in seen]) == pytest.approx(0.5, abs=0.03)
    assert sum(e.low <= 0.5 <= e.high for e in seen) >= 8


def test_the_interval_is_that_of_a_ladder_of_every_score(monkeypatch):
    scores = np.random.default_rng(8).normal(size=(40, 40))
    scores[np.arange(40), np.arange(40)] += 1.5
    short = rate(table(scores))
    monkeypatch.setattr("mindveil.evidence.equal_error._RUNGS", 10_000)
    full = rate(table(scores))
    assert short.value == full.value
    assert (short.low, short.high) == pytest.approx((full.low, full.high), abs=0.001)


def test_folds_are_averaged_and_scores_of_different_folds_never_compared():
    rng = np.random.default_rng(2)
    one, two = (table(rng.random((12, 12)) + 2 * np.eye(12) * rng.random()) for _ in range(2))
    far = table(two.scores + 1000)
    assert rate(one, far).value == pytest.approx((rate(one).value + rate(two).value) / 2)


def test_a_fold_without_targets_changes_nothing():
    one = table(np.random.default_rng(3).random((12, 12)))
    stranger = Linked(
        rows=("q",), columns=("r",), scores=np.ones((1, 1)), absent=(), whole_table=False
    )
    assert rate(one, stranger) == rate(one)


def test_the_order_of_people_changes_nothing():
    linked = table(np.random.default_rng(4).random((15, 18)), extra=3)
    mixed = Linked(
        rows=linked.rows[::-1],
        columns=linked.columns[::-1],
        scores=linked.scores[::-1, ::-1],
        absent=(),
        whole_table=False,
    )
    assert rate(linked) == rate(mixed)


def test_minus_infinity_turns_away_and_nobody_to_compare_is_invalid():
    ruled = np.full((12, 12), -np.inf)
    ruled[np.arange(12), np.arange(12)] = 1.0
    assert rate(table(ruled)).value == 0.0
    alone = Linked(
        rows=("a", "b"), columns=("a",), scores=np.array([[1.0], [0.0]]), absent=(),
        whole_table=False,
    )  # fmt: skip
    with pytest.raises(InvalidMeasurement):
        rate(alone)
