"""Conditions on risk: what was reached, what could not be measured, what caps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mindveil.evidence.estimate import Estimate, clopper_pearson
from mindveil.evidence.policy import Policy, RowKey
from mindveil.evidence.risks import contaminated, leaks, reduction, risk_findings, unmeasured
from mindveil.evidence.scorecard import Row

POLICY = Policy(
    context="open", max_match=0.09, max_advantage=0.10, min_risk_reduction=0.92, min_utility={},
    margin=0.05,
)  # fmt: skip


def seen(value, half=0.02, n=100):
    return Estimate(value=value, low=value - half, high=value + half, n=n)


def attack(metric, estimate, measure="scales/linkage", release="anon", **more):
    return Row(
        release=release, kind="attack", measure=measure, modality=measure.partition("/")[0],
        metric=metric, value=estimate.value, low=estimate.low, high=estimate.high, n=estimate.n,
        **more,
    )  # fmt: skip


def broken(measure="scales/linkage", status="invalid", note="all scores are equal", **more):
    return Row(
        release="anon", kind="attack", measure=measure, modality="scales", status=status, note=note,
        **more,
    )  # fmt: skip


def one(rows, policy=POLICY):
    (found,) = risk_findings(rows, "anon", policy)
    return found


# --- limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "half", "state"),
    [
        (0.05, 0.04, "met"),
        (0.05, 0.041, "unknown"),
        (0.12, 0.02, "missed"),
        (0.11, 0.02, "unknown"),
    ],
)
def test_a_match_is_judged_by_the_ends_of_its_interval(value, half, state):
    assert one([attack("rank1@a", seen(value, half))]).state == state


def test_a_match_in_words():
    row = attack("rank1@demographics alone", seen(0.05), attacker="semi-informed")
    assert one([row]).sentence == (
        "Attackers find the right person in 5.0% of cases [3.0%, 7.0%], n = 100 "
        "(scales/linkage, demographics alone, semi-informed attacker); the limit is 9%."
    )


def test_a_readable_name_is_a_match():
    found = one([attack("success", seen(0.2), "text/residual-identifiers")])
    assert found.state == "missed"
    assert found.sentence == (
        "A name, an address or a number can still be read for 20.0% of people [18.0%, 22.0%], "
        "n = 100 (text/residual-identifiers); that is above the limit of 9%."
    )


def test_singling_out_is_judged_by_what_it_gains_over_its_control():
    rows = [
        attack("success", seen(0.30), "scales/singling-out"),
        attack("advantage", seen(0.06), "scales/singling-out"),
    ]
    found = one(rows)
    assert found.state == "met"
    assert found.sentence == (
        "Attackers single out 6.0% of people beyond chance [4.0%, 8.0%], n = 100 "
        "(scales/singling-out); the limit is 10%."
    )
    assert one(rows[:1]).state == "unknown"
    assert one(rows[:1]).sentence == "scales/singling-out has no figure above its control."


def test_an_attack_below_chance_is_told_as_such():
    rows = [attack("success", seen(0.0), "scales/singling-out"),
            attack("advantage", seen(-0.03), "scales/singling-out")]  # fmt: skip
    assert "single out no more people than chance does: -3.0% [-5.0%, -1.0%]" in one(rows).sentence


def test_an_attack_with_an_advantage_alone_has_a_limit_too():
    found = one([attack("advantage", seen(0.3), "synthetic/membership")])
    assert found.state == "missed"
    assert "Attackers find 30.0% of people beyond chance" in found.sentence


def test_what_cannot_be_told_says_how_many_people_would_tell():
    found = one([attack("rank1", clopper_pearson(0, 20))])
    assert (found.state, found.people_needed) == ("unknown", 40)
    assert found.sentence.endswith(
        "the limit of 9% lies within this range. About 40 people would be needed to tell."
    )
    hopeless = one([attack("rank1", clopper_pearson(10, 100))])
    assert (hopeless.state, hopeless.people_needed) == ("unknown", None)
    assert hopeless.sentence.endswith("More people alone would not bring it below.")


# --- not measured -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["invalid", "failed", "inconclusive"])
def test_an_attack_that_did_not_work_is_never_low_risk(status):
    rows = [attack("rank1", seen(0.0), "text/authorship"), broken(status=status)]
    (found,) = unmeasured(rows, "anon")
    assert found.state == "unknown"
    assert found.sentence == (
        "scales/linkage gave no figure that can be believed: all scores are equal."
    )


def test_every_attack_that_did_not_work_is_told_with_its_own_reason_in_order():
    rows = [
        broken("voice/z", note="no sound"),
        attack("eer", seen(0.5), "text/b"),
        broken("text/b", note="too few. Sorry!"),
        attack("rank1", seen(0.0), "scales/a"),
    ]
    assert [f.sentence for f in unmeasured(rows, "anon")] == [
        "text/b gave no figure that can be believed: too few. Sorry!",
        "voice/z gave no figure that can be believed: no sound.",
    ]


def test_an_attack_without_a_figure_that_is_judged_is_not_passed_over():
    (found,) = unmeasured([attack("rank1", seen(0.0)), attack("eer", seen(0.5), "voice/x")], "anon")
    assert found.sentence == "voice/x gave no figure that can be believed."


def test_one_attacker_who_worked_is_a_measurement():
    rows = [attack("rank1", seen(0.0), attacker="ignorant"), broken(attacker="semi-informed")]
    assert unmeasured(rows, "anon") == []


def test_no_attack_at_all_is_not_safety():
    assert [f.sentence for f in unmeasured([], "anon")] == ["No attack was put to this release."]
    assert len(unmeasured([broken()], "anon")) == 2


# --- reduction --------------------------------------------------------------------------------


def cut_by(*here, original=(0.8,), half=0.0, goal=0.92):
    rows = [attack(f"advantage@{i}", seen(v, half)) for i, v in enumerate(here)]
    rows += [
        attack(f"advantage@{i}", seen(v, half), release="original") for i, v in enumerate(original)
    ]
    return reduction(rows, "anon", replace(POLICY, min_risk_reduction=goal))


def test_the_reduction_is_against_the_strongest_attack_on_the_original():
    cut, (found,) = cut_by(0.04, original=(0.1, 0.8))
    assert cut.value == pytest.approx(0.95)
    assert found.state == "met"
    assert found.sentence == (
        "The gain of the strongest attack is cut by 95.0% [95.0%, 95.0%] against the original, "
        "n = 100; at least 92% was wanted."
    )


def test_every_attack_on_the_release_must_be_cut():
    cut, (found,) = cut_by(0.0, 0.2, 0.04)
    assert (cut.value, found.state) == (pytest.approx(0.75), "missed")


def test_the_least_cut_of_several_is_told():
    assert cut_by(0.2, 0.3, 0.25)[0].value == pytest.approx(1 - 0.3 / 0.8)
    assert cut_by(0.01, 0.03, 0.02)[0].value == pytest.approx(1 - 0.03 / 0.8)


def test_a_wide_interval_elsewhere_does_not_hide_an_attack_that_is_surely_too_good():
    rows = [
        attack("advantage@sure", seen(0.2, 0.01)),
        attack("advantage@wide", seen(0.1, 0.5)),
        attack("advantage", seen(0.8, 0.01), release="original"),
    ]
    cut, (found,) = reduction(rows, "anon", POLICY)
    assert found.state == "missed"
    assert cut.value == pytest.approx(0.75)


def test_a_cut_that_cannot_be_told_says_how_many_people_would_tell():
    cut, (found,) = cut_by(0.02, half=0.1)
    assert found.state == "unknown"
    assert cut.value == pytest.approx(0.975)
    assert found.people_needed > 100
    assert found.sentence.endswith("people would be needed to tell.")


def test_an_attack_worse_than_chance_is_a_full_cut():
    cut, (found,) = cut_by(-0.05, half=0.01)
    assert (cut.value, cut.high, found.state) == (1.0, 1.0, "met")


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([attack("rank1", seen(0.1))], "no attack on the release has a figure"),
        ([attack("advantage", seen(0.1))], "no attack on the original has a figure"),
        (
            [attack("advantage", seen(0.0)), attack("advantage", seen(0.01), release="original")],
            "even the strongest attack on the original",
        ),
    ],
)
def test_a_cut_that_was_wanted_and_cannot_be_shown_is_not_passed_over(rows, words):
    cut, (found,) = reduction(rows, "anon", POLICY)
    assert (cut, found.state) == (None, "unknown")
    assert words in found.sentence
    assert reduction(rows, "anon", replace(POLICY, min_risk_reduction=0.0)) == (None, [])


def test_without_a_goal_the_cut_is_told_and_judged_by_nobody():
    cut, found = cut_by(0.4, goal=0.0)
    assert cut.value == pytest.approx(0.5)
    assert found == []


def test_the_original_is_not_compared_with_itself():
    assert reduction([attack("advantage", seen(0.5), release="original")], "original", POLICY) == (
        None, [],
    )  # fmt: skip


# --- files and splits -------------------------------------------------------------------------


def searched(files, of=30, **more):
    return attack(
        "leaks-found", clopper_pearson(files, of), "release/leaks",
        note="2 of 30 files: a name in 2; 1 recording as long", **more,
    )  # fmt: skip


def test_one_file_that_tells_who_somebody_is_is_a_miss():
    (found,) = leaks([searched(1)], "anon")
    assert (found.state, found.kind, found.limit) == ("missed", "leaks", 0.0)
    assert found.sentence == (
        "Files of this release tell who somebody is (2 of 30 files: a name in 2)."
    )
    assert found.row == RowKey(
        release="anon", measure="release/leaks", modality="release", attacker="",
        metric="leaks-found",
    )  # fmt: skip


def test_files_that_tell_nothing_are_no_attack_without_a_figure():
    rows = [searched(0), attack("rank1", seen(0.0))]
    assert [f.state for f in leaks(rows, "anon")] == ["met"]
    assert unmeasured(rows, "anon") == []
    assert leaks(rows, "other") == []


def test_a_search_that_did_not_work_is_no_clean_release():
    rows = [searched(0, status="invalid"), attack("rank1", seen(0.0))]
    assert leaks(rows, "anon") == []
    (found,) = unmeasured(rows, "anon")
    assert (found.state, found.kind) == ("unknown", "leaks")


def test_a_search_of_files_alone_is_no_attack():
    said = [f.sentence for f in unmeasured([searched(0)], "anon")]
    assert said == ["No attack on this release worked."]


def test_duplicates_in_the_original_leave_nothing_to_believe():
    row = Row(release="original", kind="utility", measure="contamination/text", modality="text",
              metric="duplicates", value=0.02, low=0.01, high=0.05, n=100)  # fmt: skip
    (found,) = contaminated([row])
    assert (found.state, found.kind) == ("unknown", "contamination")
    assert found.sentence.startswith("2.0% of people have a duplicate in the text of the original")
    assert contaminated([replace(row, value=0.0, low=0.0)]) == []
    assert contaminated([replace(row, release="anon")]) == []
    assert contaminated([replace(row, status="invalid")]) == []


# --- every finding leads to a line of the scorecard -----------------------------------------------


def test_a_finding_holds_its_figure_its_limit_and_its_line():
    match = attack("rank1@a", seen(0.05), attacker="ignorant")
    found = one([match])
    assert (found.kind, found.figure, found.limit) == ("match", match.estimate, 0.09)
    assert found.row == RowKey(
        release="anon", measure="scales/linkage", modality="scales", attacker="ignorant",
        metric="rank1@a",
    )  # fmt: skip


def test_a_gain_leads_to_the_line_of_the_gain_and_not_of_the_success():
    rows = [
        attack("success", seen(0.5), "scales/singling-out"),
        attack("advantage", seen(0.05), "scales/singling-out"),
    ]
    found = one(rows)
    assert (found.kind, found.figure, found.row.metric) == ("advantage", seen(0.05), "advantage")
    cut, (reduced,) = cut_by(0.0, 0.2, 0.04)
    assert (reduced.kind, reduced.row.metric, reduced.figure) == (
        "risk-reduction",
        "advantage@1",
        cut,
    )
