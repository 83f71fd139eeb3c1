"""Figures of a table: tables worked by hand, NumPy, and every resample at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.utility.answers import cohort, renamed

from mindveil.evidence.resamples import resamples
from mindveil.evidence.scale_figures import (
    changes,
    consistency,
    correlation,
    prevalence,
    steps_of,
    whole_levels,
)
from mindveil.utility.base import ScoreSheet
from mindveil.utility.psychometrics import Psychometrics

TWO = ScoreSheet(name="s", tool="t", items=(0, 1))


def ones(rows):
    return np.ones((1, len(rows)))


def test_alpha_of_two_items_by_hand():
    # variances 1/4 and 1/4, sums 0, 1, 1, 2 twelve times over: variance 1/2;
    # alpha = 2 (1 - (1/4 + 1/4) / (1/2)) = 0; an item and the other one do not correlate
    rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 3, dtype=float)
    found = consistency(TWO, rows, ones(rows))
    assert found["alpha@s"] == pytest.approx(0.0, abs=1e-12)
    assert found["item-total@s"] == pytest.approx(np.zeros((1, 2)), abs=1e-12)
    # twins: alpha 1, item-rest correlation 1
    twins = np.repeat(rows[:, :1], 2, axis=1)
    found = consistency(TWO, twins, ones(rows))
    assert found["alpha@s"] == pytest.approx(1.0)
    assert found["item-total@s"] == pytest.approx(np.ones((1, 2)))


def test_people_with_gaps_do_not_count():
    rows = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 3, dtype=float)
    more = np.vstack([rows, np.full((4, 2), np.nan), [[3, np.nan]]])
    assert consistency(TWO, more, ones(more))["alpha@s"] == pytest.approx(0.0, abs=1e-12)


def test_what_does_not_exist_is_no_number():
    same = np.ones((12, 2))
    assert np.isnan(consistency(TWO, same, ones(same))["alpha@s"]).all()
    none = np.full((12, 2), np.nan)
    assert np.isnan(consistency(TWO, none, ones(none))["alpha@s"]).all()
    few = np.arange(18.0).reshape(9, 2)
    assert np.isnan(consistency(TWO, few, ones(few))["alpha@s"]).all()
    assert consistency(ScoreSheet(name="s", tool="t", items=(0,)), same, ones(same)) == {}
    assert np.isnan(correlation(none[:, 0], none[:, 1], ones(none))).all()


def test_cut_offs_and_bands_by_hand():
    sheet = ScoreSheet(
        name="s", tool="t", cutoff=5.0, bands=((0.0, "none"), (3.0, "some"), (8.0, "a lot"))
    )
    scores = np.array([0, 2, 3, 4, 5, 7, 7, 8, 9, 9, np.nan])
    found = prevalence(sheet, scores, ones(scores))
    assert {k: round(float(v[0]), 6) for k, v in found.items()} == {
        "prevalence@s>=5": 0.6,
        "band@s=none": 0.2,
        "band@s=some": 0.5,
        "band@s=a-lot": 0.3,
    }


@given(st.integers(0, 10_000))
def test_weights_are_repeated_people(seed):
    rng = np.random.default_rng(seed)
    rows = rng.integers(0, 4, size=(40, 4)).astype(float)
    sheet = ScoreSheet(name="s", tool="t", items=(0, 1, 2, 3))
    weights = resamples(40, 2, rng)[1:]
    for one in weights:
        drawn = np.repeat(rows, one.astype(int), axis=0)
        seen = consistency(sheet, rows, one[None])
        told = consistency(sheet, drawn, ones(drawn))
        assert seen["alpha@s"] == pytest.approx(told["alpha@s"])
        total = drawn.sum(axis=1)
        expected = [np.corrcoef(drawn[:, i], total - drawn[:, i])[0, 1] for i in range(4)]
        assert seen["item-total@s"][0] == pytest.approx(expected)
        assert correlation(rows[:, 0], rows[:, 1], one[None])[0] == pytest.approx(
            np.corrcoef(drawn[:, 0], drawn[:, 1])[0, 1]
        )


def compared(release, original):
    return Psychometrics(target="hads").compare(release, original, np.random.default_rng(1))


def test_a_copy_has_not_changed():
    people = cohort(120, np.random.default_rng(2))
    fold = compared(renamed(people), people)
    weights = resamples(120, 3, np.random.default_rng(3))
    steps = steps_of(fold)
    here = whole_levels(fold, fold.released, steps, weights)
    there = whole_levels(fold, fold.original, steps, weights)
    moved = changes(fold, here, there)
    assert all(np.allclose(v, 0) for v in moved.values())
    assert {
        "alpha-change@anxiety",
        "r-change@anxiety~depression",
        "r-change@total~gad7",
        "prevalence-change@depression>=8",
        "band-change@anxiety=mild",
        "item-total-worst@total",
        "ks@depression",
        "margins-tv",
        "margins-tv-worst",
        "background-tv",
    } <= set(moved)


def test_total_variation_and_kolmogorov_smirnov_by_hand():
    people = cohort(100, np.random.default_rng(4))
    release = people.with_people(people.participants[:50] * 2)
    fold = compared(release, people)
    steps = steps_of(fold)
    one = np.ones((1, 100))
    moved = changes(
        fold,
        whole_levels(fold, fold.released, steps, one),
        whole_levels(fold, fold.original, steps, one),
    )
    first, second = fold.released.items, fold.original.items
    apart = [
        sum(abs((first[:, i] == v).mean() - (second[:, i] == v).mean()) for v in range(4)) / 2
        for i in range(14)
    ]
    assert moved["margins-tv"][0] == pytest.approx(np.mean(apart))
    assert moved["margins-tv-worst"][0] == pytest.approx(max(apart))
    totals = fold.released.scores[:, 0], fold.original.scores[:, 0]
    distance = max(abs((totals[0] <= v).mean() - (totals[1] <= v).mean()) for v in range(43))
    assert moved["ks@total"][0] == pytest.approx(distance)


def test_many_different_scores_are_compared_at_some_of_them():
    fold = compared(*[cohort(100, np.random.default_rng(s)) for s in (5, 6)])
    assert all(len(s) <= 5 for s in steps_of(fold, most=5))
