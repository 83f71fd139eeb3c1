"""A run against an earlier one: what is worse for sure, and what cannot be compared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.dossiers import STEPS, TASK, dossier_of, study_rows

from mindveil.errors import InputError
from mindveil.evidence.comparison import compare
from mindveil.evidence.dossier import Dossier
from mindveil.evidence.estimate import Estimate, clopper_pearson
from mindveil.evidence.scorecard import Row

FACTS = {"corpus": "0123456789abcdef", "line-up": "100", "recordings": "1, 6"}


def run_of(rows, **provenance) -> Dossier:
    made = dossier_of(rows, {"original": (), "anon": ("scales/anonymise level 2",)})
    return replace(made, provenance={**FACTS, **provenance})


def matched(hits, n=400, measure="scales/linkage", release="anon") -> Row:
    seen = clopper_pearson(hits, n)
    return Row(
        release=release, kind="attack", measure=measure, modality="scales", metric="rank1",
        value=seen.value, low=seen.low, high=seen.high, n=n,
    )  # fmt: skip


def told(auroc, half=0.03, measure=TASK, release="anon") -> Row:
    metric = "ccc" if measure.startswith("severity/") else "auroc"
    return Row(
        release=release, kind="utility", measure=measure, modality="fused", metric=metric,
        value=auroc, low=auroc - half, high=auroc + half, n=400,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "now", "is_worse"),
    [(4, 4, False), (4, 40, True), (40, 4, False), (4, 10, False), (40, 160, True)],
)
def test_a_risk_is_worse_where_the_difference_is_surely_above_0(before, now, is_worse):
    found = compare(run_of([matched(now)]), run_of([matched(before)]), ["anon"])
    (change,) = found.changes
    assert (change.side, change.measure, change.is_worse) == ("risk", "scales/linkage", is_worse)
    assert found.worse("anon") == ((change,) if is_worse else ())
    assert found.worse("original") == ()


@pytest.mark.parametrize(
    ("before", "now", "is_worse"), [(0.85, 0.85, False), (0.85, 0.70, True), (0.70, 0.85, False)]
)
def test_use_is_worse_where_the_difference_is_surely_below_0(before, now, is_worse):
    for measure in (TASK, "severity/phq9"):
        (change,) = compare(
            run_of([told(now, measure=measure)]), run_of([told(before, measure=measure)]), ["anon"]
        ).changes
        assert (change.side, change.is_worse) == ("use", is_worse)


def test_both_figures_are_told():
    (change,) = compare(run_of([matched(40)]), run_of([matched(4)]), ["anon"]).changes
    assert change.sentence == (
        "The risk by scales/linkage is worse than in the earlier run: 0.100 [0.072, 0.134], "
        "n = 400, before 0.010 [0.003, 0.025], n = 400."
    )
    (same,) = compare(run_of([told(0.8)]), run_of([told(0.8)]), ["anon"]).changes
    assert "What is left of detect/phq9>=10 is no worse for sure: 0.800" in same.sentence


def test_a_run_is_never_worse_than_itself():
    made = replace(dossier_of(study_rows()), provenance=FACTS)
    found = compare(made, made, list(STEPS))
    assert {c.release for c in found.changes} == set(STEPS)
    assert not any(c.is_worse for c in found.changes)
    assert found.left_out == ()


def test_other_people_or_other_line_ups_are_not_compared():
    here = run_of([matched(4)])
    with pytest.raises(InputError, match="about another corpus"):
        compare(here, run_of([matched(4)], corpus="fedcba"), ["anon"])
    with pytest.raises(InputError, match=r"lineup\) of the earlier run: 20, of this one: 100"):
        compare(here, run_of([matched(4)], **{"line-up": "20"}), ["anon"])
    with pytest.raises(InputError, match="recordings that attackers pool"):
        compare(here, run_of([matched(4)], recordings="1"), ["anon"])
    old = replace(here, provenance={"corpus": FACTS["corpus"]})
    with pytest.raises(InputError, match="of the earlier run: unknown"):
        compare(here, old, ["anon"])
    with pytest.raises(InputError, match="share no release with a figure"):
        compare(here, run_of([told(0.8)]), ["anon"])


def test_what_one_run_alone_measured_is_told():
    now = run_of([matched(4), matched(4, measure="text/authorship"), told(0.8)])
    before = run_of([matched(4), told(0.8), told(0.7, measure="severity/phq9")])
    found = compare(now, before, ["anon", "new"])
    assert set(found.left_out) == {
        "new is not in the earlier run",
        "text/authorship had no figure for anon before",
        "severity/phq9 has no figure for anon any more",
    }


def test_an_attack_that_broke_is_told_and_not_taken_for_no_risk():
    broken = replace(matched(4), status="invalid", value=None, low=None, high=None, n=None)
    found = compare(run_of([broken, told(0.8)]), run_of([matched(4), told(0.8)]), ["anon"])
    assert found.left_out == ("scales/linkage has no figure for anon any more",)


counts = st.integers(0, 400)


@given(counts, counts)
def test_of_two_runs_at_most_one_is_worse(one, two):
    first, second = run_of([matched(one)]), run_of([matched(two)])
    (there,) = compare(first, second, ["anon"]).changes
    (back,) = compare(second, first, ["anon"]).changes
    assert not (there.is_worse and back.is_worse)
    assert there.change.value == pytest.approx(-back.change.value)


def test_where_nothing_changed_few_runs_are_called_worse():
    """Two draws of the same risk: one side of a 95 % interval, 2.5 % of 2,000."""
    rng = np.random.default_rng(5)
    hits = rng.binomial(200, 0.1, size=(2000, 2))
    worse = 0
    for one, two in hits:
        now, before = clopper_pearson(one, 200), clopper_pearson(two, 200)
        worse += _surely_more(now, before)
    assert worse / 2000 < 0.03


def _surely_more(now: Estimate, before: Estimate) -> bool:
    down = ((now.value - now.low) ** 2 + (before.high - before.value) ** 2) ** 0.5
    return now.value - before.value - down > 0
