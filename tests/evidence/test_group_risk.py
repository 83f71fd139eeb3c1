"""Whom an attack finds more often: counted by hand, planted in one sex, and by chance in none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mindveil.evidence.estimate import clopper_pearson
from mindveil.evidence.group_risk import measure_group_risk
from mindveil.evidence.line_ups import Linked


def cohort(found, absent=0):
    """Return a fold in which exactly the people of ``found`` come first; absent ones never do."""
    size = len(found)
    names = tuple(f"p{i:03d}" for i in range(size))
    missing = tuple(f"x{i:03d}" for i in range(absent))
    scores = np.full((size, size + absent), 0.5)
    scores[:, size:] = 0.1
    scores[np.arange(size), np.arange(size)] = np.where(found, 0.9, 0.2)
    fold = Linked(
        rows=names, columns=names + missing, scores=scores, absent=missing, whole_table=True
    )
    return fold, names, missing


def measured(folds, groups):
    return {m.metric: m for m in measure_group_risk(folds, 100, groups)}


def test_two_groups_by_hand():
    fold, names, missing = cohort([True] * 12 + [False] * 28, absent=20)
    sex = {p: "f" if i < 20 else "m" for i, p in enumerate(names)}
    sex |= {p: "f" if i < 10 else "m" for i, p in enumerate(missing)}
    found = measured([fold], {"sex": sex})
    worst, gap = found["rank1-worst@sex"], found["rank1-gap@sex"]
    assert worst.note.startswith("sex = f; the worst of 2")
    assert worst.estimate.value == 12 / 20
    assert worst.estimate.n == 20
    # two groups: each end misses 1.25 %
    assert worst.estimate.low == pytest.approx(stats.beta.ppf(0.0125, 12, 9))
    assert worst.baseline == pytest.approx(1 / 60)
    assert worst.control.value == 0.0
    assert worst.control.n == 10
    assert gap.note.startswith("sex: f minus m")
    assert gap.estimate.value == 12 / 20
    assert gap.estimate.low == pytest.approx(
        0.6 - np.hypot(0.6 - clopper_pearson(12, 20).low, clopper_pearson(0, 20).high)
    )
    assert gap.control.value == 0.0


def test_groups_of_fewer_than_ten_are_not_told():
    fold, names, _ = cohort([True] * 9 + [False] * 31)
    few = {p: "x" if i < 9 else "f" if i < 25 else "m" for i, p in enumerate(names)}
    assert measured([fold], {"sex": few})["rank1-worst@sex"].estimate.value == 0.0
    assert measured([fold], {"sex": {p: "x" if i < 9 else "f" for i, p in enumerate(names)}}) == {}
    assert measured([fold], {"sex": {}}) == {}
    assert measured([fold], {}) == {}


def test_without_absent_people_of_the_group_there_is_no_control():
    fold, names, _ = cohort([True] * 20 + [False] * 20)
    found = measured([fold], {"sex": {p: "fm"[i % 2] for i, p in enumerate(names)}})
    assert found["rank1-worst@sex"].control is None
    assert found["rank1-gap@sex"].control is None
    assert found["rank1-gap@sex"].estimate.value == 0.0


@given(st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_the_worst_is_the_worst_whatever_groups_are_called(seed):
    rng = np.random.default_rng(seed)
    fold, names, _ = cohort(rng.random(60) < 0.4)
    labels = rng.integers(4, size=60)
    found = [
        measured([fold], {"kind": {p: f"{letter}{k}" for p, k in zip(names, labels, strict=True)}})
        for letter in "az"
    ]
    assert {k: m.estimate for k, m in found[0].items()} == {
        k: m.estimate for k, m in found[1].items()
    }
    for row in found[0].values():
        assert row.estimate.low <= row.estimate.value <= row.estimate.high
        assert row.estimate.n >= 10


def test_a_planted_group_is_surely_above_the_limit():
    surely = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        women = np.arange(150) < 75
        fold, names, _ = cohort(rng.random(150) < np.where(women, 0.3, 0.02))
        sex = {p: "f" if w else "m" for p, w in zip(names, women, strict=True)}
        found = measured([fold], {"sex": sex})
        row = found["rank1-worst@sex"]
        surely += row.note.startswith("sex = f") and row.estimate.low > 0.09
        assert found["rank1-gap@sex"].estimate.low > 0
    assert surely >= 39


def test_groups_drawn_by_chance_are_seldom_surely_worse():
    above = gaps = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        fold, names, _ = cohort(rng.random(150) < 0.09)
        bands = {p: f"band {rng.integers(5)}" for p in names}
        found = measured([fold], {"severity": bands})
        above += found["rank1-worst@severity"].estimate.low > 0.09
        gaps += found["rank1-gap@severity"].estimate.low > 0
    assert above <= 5
    assert gaps <= 5
