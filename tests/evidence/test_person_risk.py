"""Risk person by person: counted by hand, one exposed outlier, and nobody by chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.line_ups import Linked
from mindveil.evidence.person_risk import (
    LIMITS,
    at_limit,
    exposed_people,
    measure_person_risk,
    own_chances,
    ranked,
)
from mindveil.evidence.scorecard import Row

quick = settings(max_examples=40, deadline=None)


def fold(scores, rows, columns, absent=()):
    return Linked(
        rows=tuple(rows),
        columns=tuple(columns),
        scores=np.array(scores, dtype=float),
        absent=tuple(absent),
        whole_table=True,
    )


def measured(folds, lineup=100):
    found = measure_person_risk(folds, lineup, np.random.default_rng(0))
    return {m.metric: m for m in found}


FIRST = fold(
    [
        [1.21, 0.1, 0.2, 0.3],  # a comes first, far above the others
        [0.1, 0.5, 0.1, 0.4],  # b comes first
        [0.3, 0.6, 0.1, 0.2],  # c is taken for b: a false best match of .6, and x's best is .4
    ],
    rows="abc",
    columns="abcx",
    absent="x",
)
SECOND = fold(
    [
        [0.9, 0.2, 0.1],  # a comes first, level with a false match
        [0.9, 0.5, 0.1],  # d is taken for a
    ],
    rows="ad",
    columns="adx",
    absent="x",
)


# --- by hand --------------------------------------------------------------------------------


def test_own_chances_by_hand():
    assert own_chances([FIRST], 100) == {"a": 1.0, "b": 1.0, "c": 0.0}
    assert own_chances([FIRST, SECOND], 100) == {"a": 1.0, "b": 1.0, "c": 0.0, "d": 0.0}
    # a line-up of two: c loses to 2 of 3, so she is named in a third of the line-ups
    small = replace(FIRST, whole_table=False)
    assert own_chances([small], 2)["c"] == pytest.approx(0.0)


def test_who_is_above_every_false_match_is_exposed():
    # 1.21 is above .6 and three times the .2 by which it is above the next; b's .5 is not
    assert exposed_people([FIRST]) == {"a": True, "b": False, "c": False}
    nearly = FIRST.scores.copy()
    nearly[0, 0] = 1.19
    assert not exposed_people([replace(FIRST, scores=nearly)])["a"]


def test_a_tie_with_a_false_match_is_no_claim():
    assert exposed_people([SECOND]) == {"a": False, "d": False}
    # one of two folds is not most of them, two of three are
    assert not exposed_people([FIRST, SECOND])["a"]
    assert exposed_people([FIRST, SECOND, FIRST])["a"]


def test_the_best_match_of_somebody_absent_is_false():
    strong = FIRST.scores.copy()
    strong[2, 3] = 1.25  # x, who is nowhere, matches better than a
    assert not any(exposed_people([replace(FIRST, scores=strong)]).values())
    asked = fold([[0.9, 0.2], [0.1, 0.5], [0.95, 0.3]], rows="abx", columns="ab", absent="x")
    assert not any(exposed_people([asked]).values())


def test_one_sure_recording_of_a_person_is_enough():
    both = fold(
        [[0.9, 0.1], [0.2, 0.1], [0.3, 0.2]], rows="aab", columns="ab"
    )  # b is taken for a at .3
    assert exposed_people([both]) == {"a": True, "b": False}


def test_pairs_that_are_ruled_out_are_nobodys_match():
    sure = fold([[0.1, -np.inf], [-np.inf, -np.inf]], rows="ab", columns="ab")
    assert exposed_people([sure]) == {"a": True, "b": False}


def test_quantiles_and_counts_by_hand():
    # ten people: nine are never named, one always
    size = 10
    scores = np.full((size, size), 0.5)
    np.fill_diagonal(scores, 0.0)
    scores[0, 0] = 0.9
    names = [f"p{i}" for i in range(size)]
    found = measured([fold(scores, names, names)])
    assert found["person-risk@median"].estimate.value == 0.0
    assert found["person-risk@p95"].estimate.value == 1.0
    assert found["person-risk@worst"].estimate.value == 1.0
    assert found["person-risk@worst"].estimate.high == 1.0
    assert found["person-risk@p95"].estimate.low == 0.0
    for limit in LIMITS:
        row = found[f"people-above@{limit:g}"]
        assert row.estimate.value == 0.1
        assert row.baseline == pytest.approx(0.1, abs=0.02)  # a guesser names one in ten
        assert "fewer than 10 people" in row.note
    assert found["people-exposed"].estimate.value == 0.1
    assert found["people-exposed"].estimate.high == pytest.approx(0.445, abs=0.001)
    # ten candidates: 1/10 right first, a run of 1/9 people, of ten
    assert found["people-exposed"].baseline == pytest.approx(1 / 90)


def test_names_are_never_told():
    found = measured([FIRST, SECOND])
    assert all(
        not set(m.note.replace(";", "").split()) & set("abcdx") - {"a"} for m in found.values()
    )


def test_folds_without_anybody_to_look_for_change_nothing():
    empty = fold(np.zeros((0, 2)), rows="", columns="xy", absent="xy")
    elsewhere = fold([[0.1, 0.2]], rows="z", columns="xy", absent="xy")
    assert measured([FIRST, empty, elsewhere]) == measured([FIRST])
    assert exposed_people([FIRST, empty, elsewhere]) == exposed_people([FIRST])


def test_nobody_to_look_for_is_no_low_risk():
    with pytest.raises(InvalidMeasurement, match="fewer than 2 people"):
        measured([fold([[0.1]], rows="a", columns="x", absent="x")])


def test_the_limit_of_the_policy_is_the_next_one_that_was_counted():
    rows = [
        Row(release="r", kind="attack", measure="m", modality="text", metric=f"people-above@{at:g}")
        for at in LIMITS
    ]

    def after(limit):
        told = [r.metric for r in at_limit(rows, limit)]
        place = told.index("people-above@limit") if "people-above@limit" in told else -1
        return told[place - 1] if place > 0 else ""

    assert after(0.09) == "people-above@0.09"
    assert after(0.1) == "people-above@0.09"
    assert after(0.05) == "people-above@0.05"
    assert after(1.0) == "people-above@0.5"
    assert after(0.01) == ""


# --- properties -----------------------------------------------------------------------------


@st.composite
def cohorts(draw):
    """Folds of people with coarse scores (many ties), rows twice, people missing in some."""
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    folds = []
    for _ in range(draw(st.integers(1, 4))):
        people = [
            f"p{i}" for i in sorted(rng.choice(9, size=int(rng.integers(2, 9)), replace=False))
        ]
        rows = people + [people[0]] * int(rng.integers(0, 3))
        columns = [*people, "x", "y"]
        scores = rng.integers(0, 4, size=(len(rows), len(columns))).astype(float)
        scores[rng.random(scores.shape) < 0.1] = -np.inf
        folds.append(fold(scores, rows, columns, ("x", "y")))
    return folds


@given(cohorts())
@quick
def test_who_is_exposed_is_first_and_order_does_not_matter(folds):
    exposed = exposed_people(folds)
    chances = own_chances(folds, 100)
    assert exposed.keys() == chances.keys()
    rows_once = all(len(set(f.rows)) == len(f.rows) for f in folds)
    for person, flag in exposed.items():
        if flag and rows_once:
            assert chances[person] > 0.5
    turned = [
        replace(f, rows=f.rows[::-1], columns=f.columns[::-1], scores=f.scores[::-1, ::-1])
        for f in folds[::-1]
    ]
    assert exposed_people(turned) == exposed


@given(cohorts())
@quick
def test_figures_are_shares_with_their_interval(folds):
    found = measured(folds)
    above = [found[f"people-above@{at:g}"].estimate.value for at in LIMITS]
    assert above == sorted(above, reverse=True)
    order = [found[f"person-risk@{name}"].estimate.value for name in ("median", "p95", "worst")]
    assert order == sorted(order)
    for row in found.values():
        e = row.estimate
        assert 0 <= e.low <= e.value <= e.high <= 1
        assert 0 <= row.baseline <= 1


@given(cohorts())
@quick
def test_the_unit_of_the_scores_does_not_matter(folds):
    changed = [replace(f, scores=f.scores * 4 - 16) for f in folds]
    assert exposed_people(changed) == exposed_people(folds)


# --- planted and null -----------------------------------------------------------------------


def study_of(people, rng, *, strength=0.0, alike=True):
    """Return five folds of noise in which the first person's own score is raised.

    ``alike``: the same records in every fold, as where each person is protected once.
    """
    names = np.array([f"p{i:03d}" for i in range(people)])
    parts = np.arange(people) % 5
    base = rng.standard_normal((people, people), dtype=np.float32)
    folds = []
    for number in range(5):
        rows = np.flatnonzero((parts != number) & (parts != (number + 1) % 5))
        absent = np.flatnonzero(parts == number)
        columns = np.r_[rows, absent]
        again = base if alike else rng.standard_normal(base.shape, dtype=np.float32)
        scores = again.copy()
        scores[0, 0] += strength
        folds.append(
            fold(scores[np.ix_(rows, columns)], names[rows], names[columns], names[absent])
        )
    return folds


def test_one_exposed_outlier_of_four_hundred_is_found():
    found = others = 0
    for seed in range(100):
        flags = exposed_people(study_of(400, np.random.default_rng(seed), strength=9.0))
        found += flags["p000"]
        others += sum(flags.values()) - flags["p000"]
    assert found >= 99
    assert others <= 2


@pytest.mark.parametrize(("alike", "seeds"), [(True, 100), (False, 20)])
def test_nobody_is_exposed_by_chance(alike, seeds):
    alarms = sum(
        any(exposed_people(study_of(400, np.random.default_rng(seed), alike=alike)).values())
        for seed in range(seeds)
    )
    assert alarms <= seeds // 50


def test_the_worst_of_noise_is_what_a_guesser_leaves():
    # among 100 people and 80 candidates one is likely to be first in all her folds
    named = [
        measured(study_of(100, np.random.default_rng(seed)))["person-risk@worst"]
        for seed in range(30)
    ]
    assert {m.baseline for m in named} == {1.0}
    assert sum(m.estimate.value == 1.0 for m in named) >= 10


def test_the_outlier_shows_where_the_average_is_safe():
    rng = np.random.default_rng(1)
    found = measured(study_of(200, rng, strength=9.0))
    assert found["people-exposed"].estimate.value == pytest.approx(1 / 200)
    assert found["people-exposed"].estimate.low > 0
    assert found["person-risk@worst"].estimate.value == 1.0
    assert found["person-risk@median"].estimate.value == 0.0


def test_figures_of_noise_are_those_of_a_guesser():
    off = 0
    for seed in range(40):
        found = measured(study_of(100, np.random.default_rng(seed), alike=False))
        row = found["people-above@0.09"]
        off += not row.estimate.low <= row.baseline <= row.estimate.high
    assert off <= 5


def test_quantiles_are_covered():
    # chances of people are uniform: the true 95 % quantile is .95
    covered = 0
    for seed in range(300):
        own = np.sort(np.random.default_rng(seed).random(120))
        seen = ranked(own, 0.95)
        covered += seen.low <= 0.95 <= seen.high
    assert covered >= 285


def test_a_quantile_that_few_people_do_not_bound_may_be_anything():
    assert ranked(np.linspace(0, 0.5, 40), 0.95).high == 1.0
    assert ranked(np.linspace(0, 0.5, 400), 0.95).high < 0.5
