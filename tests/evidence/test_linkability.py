"""Linkability and the least cost: hand tables, exact counts of resamples, planted and shuffled."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import isotonic_regression

from mindveil.evidence.equal_error import Trials
from mindveil.evidence.linkability import (
    _Binned,
    least_cost,
    linkability,
    measure_linkability,
    posterior,
)


def table(scores, rows=None, columns=None):
    scores = np.array(scores, dtype=float)
    rows = rows or [f"p{i}" for i in range(len(scores))]
    columns = columns or [f"p{i}" for i in range(scores.shape[1])]
    own = np.array([columns.index(p) for p in rows])
    return Trials(rows=tuple(rows), columns=tuple(columns), own=own, scores=scores)


def planted(size, strength, seed, times=1):
    rng = np.random.default_rng(seed)
    names = [f"p{i}" for i in range(size)]
    rows = [p for p in names for _ in range(times)]
    scores = rng.normal(size=(len(rows), size))
    scores[np.arange(len(rows)), np.arange(len(rows)) // times] += strength
    return table(scores, rows, names)


def measured(*folds, seed=0):
    found = measure_linkability(folds, np.random.default_rng(seed))
    return {m.metric: m for m in found}


# --- by hand ----------------------------------------------------------------------------------


def test_linkability_of_two_densities_by_hand():
    # Same: .2 .8; different: .6 .4. LR = 1/3 and 2: D = 0 and 1/3, weighed by .8.
    same, different = np.array([[0.2, 0.8]]), np.array([[0.6, 0.4]])
    assert linkability(same, different)[0] == pytest.approx(0.8 / 3)
    missed = 0.2 * np.log2(4) + 0.8 * np.log2(3 / 2)
    taken = 0.6 * np.log2(4 / 3) + 0.4 * np.log2(3)
    assert least_cost(same, different)[0] == pytest.approx((missed + taken) / 2)


def test_a_higher_score_that_speaks_less_for_the_same_person_is_pooled():
    # LR 4 then 1/4 then ... : the first two bins become one with the mean of both.
    same, different = np.array([[0.4, 0.1, 0.5]]), np.array([[0.1, 0.4, 0.5]])
    assert posterior(same, different)[0] == pytest.approx([0.5, 0.5, 0.5])
    assert linkability(same, different)[0] == pytest.approx(0.0)
    assert least_cost(same, different)[0] == pytest.approx(1.0)


def test_pairs_by_hand():
    # Same: .9 .2; different: .1 .8. In order .1 .2 .8 .9: pooled 0 | 1/2 1/2 | 1.
    seen = _Binned.of(table([[0.9, 0.1], [0.8, 0.2]]), {"p0": 0, "p1": 1})
    same, different, there = seen.shares(np.ones((1, 2)))
    assert there.tolist() == [True]
    assert same.tolist() == [[0, 0.5, 0, 0.5]]
    assert different.tolist() == [[0.5, 0, 0.5, 0]]
    assert posterior(same, different).tolist() == [[0, 0.5, 0.5, 1]]
    assert linkability(same, different).tolist() == [0.5]
    assert least_cost(same, different).tolist() == [0.5]


def test_a_persons_many_queries_are_one_person():
    # a once (at .9), b three times (at .2 .2 .8): a half, and thirds of a half.
    scores = [[0.9, 0.1], [0.1, 0.2], [0.1, 0.2], [0.1, 0.8]]
    seen = _Binned.of(table(scores, list("abbb"), list("ab")), {"a": 0, "b": 1})
    same, different, _ = seen.shares(np.ones((1, 2)))
    assert same[0] == pytest.approx([0, 1 / 3, 1 / 6, 1 / 2])  # .1 .2 .8 .9
    assert different[0] == pytest.approx([1, 0, 0, 0])


def test_said_three_times_is_said_once():
    one = planted(20, 1.0, 0)
    rows = [p for p in one.rows for _ in range(3)]
    three = table(np.repeat(one.scores, 3, axis=0), rows, list(one.columns))
    for metric in ("linkability", "cllr"):
        first, second = (measured(t)[metric].estimate for t in (one, three))
        assert first.value == pytest.approx(second.value, abs=0.02)  # bins may fall elsewhere
        assert first.n == second.n == 20


# --- properties -------------------------------------------------------------------------------


@given(
    st.lists(st.integers(0, 9), min_size=2, max_size=12),
    st.lists(st.integers(0, 9), min_size=2, max_size=12),
)
@settings(max_examples=60, deadline=None)
def test_pooling_is_isotonic_regression(one, two):
    size = min(len(one), len(two))
    same, different = (np.array(v[:size], dtype=float) for v in (one, two))
    there = same + different > 0
    if not there.any() or not same.sum() or not different.sum():
        return
    same, different = same / same.sum(), different / different.sum()
    both = same + different
    wanted = isotonic_regression(same[there] / both[there], sample_weight=both[there])
    assert posterior(same[None], different[None])[0][there] == pytest.approx(wanted, abs=1e-9)


@given(st.integers(0, 10_000), st.lists(st.integers(0, 3), min_size=6, max_size=6))
@settings(max_examples=40, deadline=None)
def test_a_person_drawn_twice_is_no_impostor_of_herself(seed, times):
    rng = np.random.default_rng(seed)
    names = [f"p{i}" for i in range(6)]
    rows = ["p0", "p0", "p1", "p2", "p3"]
    trials = table(rng.integers(0, 4, size=(5, 6)), rows, names)
    seen = _Binned.of(trials, {p: i for i, p in enumerate(names)})
    same, different, there = seen.shares(np.array([times], dtype=float))
    drawn = dict(zip(names, times, strict=True))
    levels = np.unique(trials.scores)
    right, wrong = np.zeros(len(levels)), np.zeros(len(levels))
    for i, person in enumerate(rows):
        for j, other in enumerate(names):
            at = int(np.searchsorted(levels, trials.scores[i, j]))
            weight = drawn[person] / rows.count(person)
            if person == other:
                right[at] += weight
            else:
                wrong[at] += weight * drawn[other]
    if not wrong.sum() or not right.sum():
        assert not there[0]
        return
    assert same[0] == pytest.approx(right / right.sum(), abs=1e-6)
    assert different[0] == pytest.approx(wrong / wrong.sum(), abs=1e-6)


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_only_the_order_of_scores_counts(seed):
    one = planted(10, 1.0, seed)
    two = table(one.scores**3 * 5 + 100, list(one.rows), list(one.columns))
    ones = np.ones((1, 10))
    place = {p: i for i, p in enumerate(one.columns)}
    shares = [_Binned.of(t, place).shares(ones)[:2] for t in (one, two)]
    assert linkability(*shares[0]) == pytest.approx(linkability(*shares[1]))


# --- planted truth and none -------------------------------------------------------------------


def test_people_who_are_told_apart_are_linked_for_sure_and_it_costs_nothing():
    seen = measured(planted(50, 20.0, 1))
    assert seen["linkability"].estimate.value == 1.0
    assert seen["cllr"].estimate.value == 0.0
    # 50 of 50 is not everybody: the interval has the width of so many people.
    assert seen["linkability"].estimate.low == pytest.approx(0.929, abs=0.001)
    assert seen["linkability"].estimate.high == 1.0


def test_linkability_rises_and_its_cost_falls_with_the_strength():
    seen = [measured(planted(60, s, 2)) for s in (0.0, 1.0, 2.0, 4.0)]
    values = [m["linkability"].estimate.value for m in seen]
    costs = [m["cllr"].estimate.value for m in seen]
    assert values == sorted(values)
    assert costs == sorted(costs, reverse=True)


def test_two_normal_densities_have_the_linkability_of_their_integral():
    # D_sys = int p(s | same) max(0, 2 p - 1), p = 1 / (1 + exp(-(2 s - 1))) for N(1, 1), N(0, 1).
    grid = np.linspace(-6, 8, 20_001)
    density = np.exp(-((grid - 1) ** 2) / 2) / np.sqrt(2 * np.pi)
    sure = np.maximum(2 / (1 + np.exp(-(grid - 0.5))) - 1, 0)
    wanted = float((density * sure).sum() * (grid[1] - grid[0]))
    seen = measured(planted(200, 1.0, 3))["linkability"].estimate
    assert seen.value == pytest.approx(wanted, abs=0.05)
    assert seen.low < wanted < seen.high


def test_shuffled_people_stay_at_the_baseline():
    gaps = []
    for seed in range(10):
        seen = measured(planted(40, 0.0, 10 + seed), seed=seed)
        gaps.append(seen["linkability"].estimate.value - seen["linkability"].baseline)
        assert seen["cllr"].baseline == pytest.approx(1.0, abs=0.1)
    assert abs(np.mean(gaps)) < 0.03


def test_folds_are_averaged_and_scores_of_different_folds_never_compared():
    one, two = planted(20, 1.0, 4), planted(20, 3.0, 5)
    far = table(two.scores + 1000, list(two.rows), list(two.columns))
    alone = [measured(t)["linkability"].estimate.value for t in (one, two)]
    assert measured(one, far)["linkability"].estimate.value == pytest.approx(np.mean(alone))


def test_how_much_is_held_in_memory_at_once_changes_nothing(monkeypatch):
    wide = measured(planted(30, 2.0, 6))
    monkeypatch.setattr("mindveil.evidence.linkability._MOST_CELLS", 1)
    assert measured(planted(30, 2.0, 6)) == wide
