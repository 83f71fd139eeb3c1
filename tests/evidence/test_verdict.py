"""The verdict: every branch, and sentences that need no statistics."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from mindveil.evidence.contexts import policy_of
from mindveil.evidence.estimate import Estimate, advantage, clopper_pearson
from mindveil.evidence.policy import Policy, row_number
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import Judgement, judge
from mindveil.study import PolicyPart

TASK = "detect/phq9>=10"
TODAY = date(2026, 11, 22)
N = 800
POLICY = Policy(
    context="open", max_match=0.09, max_advantage=0.10, min_risk_reduction=0.92,
    min_utility={TASK: {"auroc": 0.75}}, margin=0.05,
)  # fmt: skip


def seen(value, half=0.02, n=N):
    return Estimate(value=value, low=value - half, high=value + half, n=n)


def holding(row, metric, estimate, note=""):
    return replace(
        row, metric=metric, value=estimate.value, low=estimate.low, high=estimate.high,
        n=estimate.n, note=note,
    )  # fmt: skip


def attacked(release, hits, *, n=N, measure="scales/linkage", tier="trained", setting="@known: 7"):
    """Return what one attacker reached: hits of n, and no hit among n in the control."""
    base = Row(
        release=release, kind="attack", measure=measure, modality=measure.partition("/")[0],
        attacker="semi-informed",
    )  # fmt: skip
    figure = "success" if measure.endswith(("singling-out", "identifiers")) else "rank1"
    first, note = clopper_pearson(hits, n), f"tier: {tier}"
    rare = clopper_pearson(hits / 10, max(n // 10, 1))
    return [
        holding(base, f"{figure}{setting}", first, note),
        holding(base, f"advantage{setting}", advantage(first, clopper_pearson(0, n)), note),
        holding(base, f"{figure}-unusual{setting}", rare, note),
    ]


def used(release, auroc=0.85, change=0.0, half=0.02):
    base = Row(release=release, kind="utility", measure=TASK, modality="fused")
    return [
        holding(base, "auroc", seen(auroc, half)),
        holding(base, "auroc-change", seen(change, half)),
    ]


ORIGINAL = [*attacked("original", 760), *used("original")]
GOOD = [*attacked("anon", 4), *used("anon")]


def verdict(rows, policy=POLICY, release="anon"):
    return judge(rows, [release], policy, TODAY).releases[0]


def without_unusual(rows):
    return [r for r in rows if "unusual" not in r.metric]


# --- the branches -----------------------------------------------------------------------------


def test_release():
    found = verdict([*ORIGINAL, *GOOD])
    assert found.decision == "RELEASE"
    assert {f.state for f in found.findings} == {"met"}
    assert found.sentence.startswith(
        "The evidence is for releasing “anon” (open access). Attackers"
    )
    assert found.reduction.low > 0.92
    assert found.people_needed is None
    assert (found.weakest_modality, found.worst.measure) == ("scales", "scales/linkage")


def test_controlled_by_light_tier():
    rows = [*ORIGINAL, *attacked("anon", 4, tier="light"), *used("anon")]
    found = verdict(rows)
    assert found.decision == "CONTROLLED"
    assert found.sentence == (
        "The evidence allows “anon” under access control only. Only light attackers were tried "
        "(scales/linkage): open access asks for stronger."
    )
    assert verdict(rows, replace(POLICY, context="controlled")).decision == "RELEASE"


def test_controlled_by_unusual_people():
    rare = holding(GOOD[0], "rank1-unusual@known: 7", clopper_pearson(20, 80), "tier: trained")
    found = verdict([*ORIGINAL, *without_unusual(GOOD), rare])
    assert found.decision == "CONTROLLED"
    assert "Among the most unusual people, attackers find 25.0%" in found.sentence


def test_controlled_where_unusual_people_were_not_looked_at():
    assert verdict([*ORIGINAL, *without_unusual(GOOD)]).decision == "CONTROLLED"


def test_controlled_where_an_attack_has_no_power():
    weak = [*attacked("original", 0, measure="text/authorship"),
            *attacked("anon", 0, measure="text/authorship")]  # fmt: skip
    found = verdict([*ORIGINAL, *GOOD, *weak])
    assert found.decision == "CONTROLLED"
    assert "Even in the original, text/authorship finds no more than chance" in found.sentence


def test_do_not_release_by_risk():
    found = verdict([*ORIGINAL, *attacked("anon", 160), *used("anon")])
    assert found.decision == "DO NOT RELEASE"
    assert found.sentence == (
        "“anon” should not be released (open access). Attackers find the right person in 20.0% of "
        "cases [17.3%, 22.9%], n = 800 (scales/linkage, known: 7, semi-informed attacker); that "
        "is above the limit of 9%."
    )


def test_do_not_release_by_the_second_question_of_an_attack():
    rows = [*ORIGINAL, *GOOD, *attacked("anon", 160, setting="@demographics alone")]
    found = verdict(rows)
    assert found.decision == "DO NOT RELEASE"
    assert "demographics alone" in found.sentence
    assert found.worst.metric == "rank1@demographics alone"


def test_do_not_release_by_singling_out():
    rows = [*ORIGINAL, *GOOD, *attacked("anon", 200, measure="scales/singling-out", setting="")]
    found = verdict(rows)
    assert found.decision == "DO NOT RELEASE"
    assert "single out" in found.sentence
    assert found.worst.measure == "scales/linkage"  # the worst match leads the card


def test_do_not_release_by_reduction():
    # 5 % is below the limit of 9 %, but the original was at 20 %: a cut by three quarters.
    rows = [*attacked("original", 160), *used("original"), *attacked("anon", 40), *used("anon")]
    found = verdict(rows)
    assert found.decision == "DO NOT RELEASE"
    assert "is cut by 75" in found.sentence
    assert verdict(rows, replace(POLICY, min_risk_reduction=0.0)).decision == "CONTROLLED"


def test_do_not_release_by_utility():
    for use in (used("anon", auroc=0.70), used("anon", change=-0.12)):
        found = verdict([*ORIGINAL, *attacked("anon", 4), *use])
        assert found.decision == "DO NOT RELEASE"
        assert "AUROC" in found.sentence


def test_do_not_release_what_lost_everything_however_accurate():
    wanted = replace(POLICY, min_utility={TASK: {"accuracy": 0.85}})
    majority = holding(used("anon")[0], "accuracy", seen(0.9))
    rows = [*ORIGINAL, *attacked("anon", 4), *used("anon", auroc=0.5, change=-0.35), majority]
    assert verdict(rows, wanted).decision == "DO NOT RELEASE"
    # Nor where the original could not tell the ill from the healthy either.
    flat = [*attacked("original", 760), *used("original", auroc=0.5), *attacked("anon", 4),
            *used("anon", auroc=0.5), majority]  # fmt: skip
    assert verdict(flat, wanted).decision == "INCONCLUSIVE"


def test_inconclusive_says_how_many_people_are_needed():
    rows = [*ORIGINAL, *attacked("anon", 0, n=20), *used("anon")]
    found = verdict(rows, replace(POLICY, min_risk_reduction=0.5))
    assert found.decision == "INCONCLUSIVE"
    assert found.people_needed == 40
    assert found.sentence.startswith("There are too few people or figures to decide on “anon”. Att")
    assert found.sentence.endswith("About 40 people would be needed to tell.")


def test_people_needed_is_that_of_the_condition_that_needs_most():
    rows = [*ORIGINAL, *attacked("anon", 0, n=20), *used("anon", change=-0.03, half=0.04)]
    assert verdict(rows, replace(POLICY, min_risk_reduction=0.5)).people_needed == 4 * N


@pytest.mark.parametrize("status", ["invalid", "failed"])
def test_an_attack_that_did_not_work_is_never_low_risk(status):
    bad = Row(release="anon", kind="attack", measure="text/authorship", modality="text",
              attacker="semi-informed", status=status, note="all scores are equal")  # fmt: skip
    found = verdict([*ORIGINAL, *GOOD, bad])
    assert found.decision == "INCONCLUSIVE"
    assert "text/authorship gave no figure that can be believed" in found.sentence
    assert found.not_tested == ("text/authorship (semi-informed): all scores are equal",)


def test_no_attack_at_all_is_inconclusive():
    for rows in ([], [*ORIGINAL, *used("anon")], used("anon")):
        found = verdict(rows)
        assert found.decision == "INCONCLUSIVE"
        assert found.worst is None
        assert found.weakest_modality == ""
        assert "No attack was put to this release." in {f.sentence for f in found.findings}


def test_an_attack_without_a_figure_that_is_judged_is_inconclusive():
    rows = [*ORIGINAL, holding(GOOD[0], "rank5", seen(0.01, 0.005)), *used("anon")]
    found = verdict(rows)
    assert found.decision == "INCONCLUSIVE"
    assert "scales/linkage gave no figure that can be believed." in found.sentence


def test_the_original_is_judged_as_well():
    found = verdict(ORIGINAL, release="original")
    assert found.decision == "DO NOT RELEASE"
    assert found.reduction is None


def test_a_miss_outweighs_what_cannot_be_told_and_that_a_cap():
    unknown = attacked("anon", 0, n=20, measure="text/authorship", tier="light")
    assert verdict([*ORIGINAL, *GOOD, *unknown]).decision == "INCONCLUSIVE"
    assert verdict([*ORIGINAL, *attacked("anon", 400), *used("anon"), *unknown]).decision == (
        "DO NOT RELEASE"
    )


# --- what stands beside it ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("made", "months", "expires"),
    [
        (date(2026, 11, 22), 12, date(2027, 11, 22)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 12, 1), 1, date(2027, 1, 1)),
        (date(2024, 2, 29), 60, date(2029, 2, 28)),
    ],
)
def test_a_verdict_ends(made, months, expires):
    found = judge([], ["anon"], replace(POLICY, months_valid=months), made)
    assert (found.made, found.expires) == (made, expires)


def test_a_verdict_holds_for_a_year_unless_the_study_says_otherwise():
    assert POLICY.months_valid == 12


def test_every_release_is_judged_in_the_order_of_the_study():
    found = judge([*ORIGINAL, *GOOD], ["original", "anon", "none"], POLICY, TODAY)
    assert [v.release for v in found.releases] == ["original", "anon", "none"]
    assert [p.release for p in found.frontier] == ["original", "anon", "none"]
    assert found.frontier[0].task == TASK
    assert found.resolution["scales/linkage"][0] == N


@given(st.randoms())
@settings(max_examples=25, deadline=None)
def test_the_order_of_rows_decides_nothing(shuffler):
    rows = [
        *ORIGINAL,
        *GOOD,
        *attacked("anon", 160, setting="@demographics alone"),
        *attacked("anon", 30, measure="text/authorship"),
        *attacked("original", 500, measure="text/authorship"),
    ]
    mixed = list(rows)
    shuffler.shuffle(mixed)
    one, two = verdict(rows), verdict(mixed)
    assert (one.decision, one.sentence, one.reduction) == (
        two.decision,
        two.sentence,
        two.reduction,
    )
    assert set(one.findings) == set(two.findings)
    assert one.worst == two.worst


@given(st.integers(0, N), st.integers(0, N))
@settings(max_examples=40, deadline=None)
def test_more_people_found_never_make_a_better_verdict(one, two):
    order = ["RELEASE", "CONTROLLED", "INCONCLUSIVE", "DO NOT RELEASE"]
    fewer, more = sorted((one, two))
    safe, risky = (
        order.index(verdict([*ORIGINAL, *attacked("anon", h), *used("anon")]).decision)
        for h in (fewer, more)
    )
    assert safe <= risky


def sentences():
    studies = [
        [*ORIGINAL, *GOOD],
        [*ORIGINAL, *attacked("anon", 4, tier="light"), *used("anon", change=-0.12)],
        [*ORIGINAL, *attacked("anon", 160), *used("anon", auroc=0.6)],
        [*ORIGINAL, *attacked("anon", 60), *used("anon", change=-0.04)],
        [*ORIGINAL, *attacked("anon", 60, measure="scales/singling-out", setting="")],
        [*ORIGINAL, *attacked("anon", 60, measure="text/residual-identifiers", setting="")],
        [*attacked("original", 0), *attacked("anon", 0)],
        [],
    ]
    for rows in studies:
        found = verdict(rows)
        yield found.sentence
        yield from (f.sentence for f in found.findings)


JARGON = re.compile(r"rank-?1|-unusual|@|_|\bCI\b|p-value|estimate|None|nan\b|anonymous|complian")


def test_sentences_can_be_read_by_a_data_protection_officer():
    for sentence in sentences():
        assert not JARGON.search(sentence), sentence
        assert sentence[0].isupper() or sentence[0] == "“" or "/" in sentence.split()[0], sentence
        assert sentence.endswith("."), sentence
        assert "  " not in sentence
        assert ".." not in sentence
        for part in re.split(r"(?<=[.;]) (?=[A-Z])", sentence):
            assert len(part) < 230, part


def test_no_sentence_claims_what_evidence_cannot_show():
    for sentence in sentences():
        assert not re.search(r"\b(safe|proved|guarante)", sentence), sentence


# --- what is open, what is under agreement ------------------------------------------------------


WIDER = policy_of(PolicyPart(min_utility={TASK: {"auroc": 0.75}}), 0.05)


def test_what_is_too_much_for_everybody_may_do_under_agreement():
    # 15 % is surely above 1 in 11 and surely below 1 in 5; the original was at 95 %.
    found = verdict([*ORIGINAL, *attacked("anon", 120), *used("anon")], WIDER)
    assert found.decision == "CONTROLLED"
    assert found.sentence.startswith(
        "The evidence allows “anon” under access control only. Attackers find the right person in "
        "15.0% of cases"
    )
    assert found.sentence.endswith("that is above the limit of 9%.")
    assert found.passes == ("controlled", "internal")
    assert {f.kind for f in found.deciding} == {"match", "risk-reduction"}


def test_what_is_too_much_under_agreement_stays():
    found = verdict([*ORIGINAL, *attacked("anon", 250), *used("anon")], WIDER)
    assert found.decision == "DO NOT RELEASE"
    assert found.passes == ()
    assert "is above the limit of 9%" in found.sentence


def test_an_internal_release_is_judged_by_its_own_limits():
    inside = policy_of(PolicyPart(context="internal", min_utility=WIDER.min_utility), 0.05)
    rows = [*ORIGINAL, *attacked("anon", 200), *used("anon")]
    found = verdict(rows, inside)
    assert (found.decision, found.context) == ("CONTROLLED", "internal")
    assert {f.kind for f in found.deciding} == {"unusual-people"}
    assert found.passes == ("internal",)
    assert verdict(rows, WIDER).decision == "DO NOT RELEASE"


def test_what_passes_in_the_open_passes_everywhere():
    found = verdict([*ORIGINAL, *GOOD], WIDER)
    assert (found.decision, found.passes) == (
        "RELEASE",
        ("open", "registered", "controlled", "internal"),
    )


def test_light_attackers_do_for_registered_access():
    rows = [*ORIGINAL, *attacked("anon", 4, tier="light"), *used("anon")]
    found = verdict(rows, WIDER)
    assert (found.decision, found.passes) == (
        "CONTROLLED",
        ("registered", "controlled", "internal"),
    )
    assert found.tiers == {"scales/linkage": "light"}


def test_where_not_even_controlled_access_can_be_told_the_people_for_it_are_counted():
    found = verdict([*ORIGINAL, *attacked("anon", 2, n=20), *used("anon")], WIDER)
    assert found.decision == "INCONCLUSIVE"
    assert found.sentence.startswith(
        "There are too few people or figures to decide on “anon”, even for controlled access."
    )
    assert "the limit of 20% lies within this range" in found.sentence
    assert found.people_needed == 65
    assert clopper_pearson(6.5, 65).high <= 0.2 < clopper_pearson(6.4, 64).high


def test_where_open_access_cannot_be_told_and_controlled_can_the_people_for_open_are_counted():
    found = verdict([*ORIGINAL, *attacked("anon", 2, n=60), *used("anon")], WIDER)
    assert found.decision == "CONTROLLED"
    assert found.passes == ("controlled", "internal")
    assert found.people_needed is not None
    assert "the limit of 9% lies within this range" in found.sentence


@given(st.integers(0, N), st.integers(0, N))
@settings(max_examples=40, deadline=None)
def test_with_two_limits_more_people_found_never_make_a_better_verdict(one, two):
    order = ["RELEASE", "CONTROLLED", "INCONCLUSIVE", "DO NOT RELEASE"]
    fewer, more = sorted((one, two))
    safe, risky = (
        verdict([*ORIGINAL, *attacked("anon", h), *used("anon")], WIDER) for h in (fewer, more)
    )
    assert order.index(safe.decision) <= order.index(risky.decision)
    assert set(risky.passes) <= set(safe.passes)


# --- what no agreement makes up for, and what nothing can be believed with ------------------------


def leaking(files, n=30):
    row = Row(release="anon", kind="attack", measure="release/leaks", modality="files",
              attacker="ignorant", unit="file")  # fmt: skip
    return holding(
        row, "leaks-found", clopper_pearson(files, n), f"{files} of {n} files: a name in 1"
    )


def test_one_leaking_file_is_enough():
    found = verdict([*ORIGINAL, *GOOD, leaking(1)], WIDER)
    assert found.decision == "DO NOT RELEASE"
    assert found.sentence == (
        "“anon” should not be released (open access). Files of this release tell who somebody is "
        "(1 of 30 files: a name in 1)."
    )
    assert [f.kind for f in found.deciding] == ["leaks"]
    assert verdict([*ORIGINAL, *GOOD, leaking(0)], WIDER).decision == "RELEASE"


def test_readable_names_above_the_limit_stay_whoever_would_get_them():
    names = attacked("anon", 120, measure="text/residual-identifiers", setting="")
    found = verdict([*ORIGINAL, *GOOD, *without_unusual(names)], WIDER)
    assert found.decision == "DO NOT RELEASE"
    assert [f.kind for f in found.deciding] == ["names"]


def test_duplicates_in_the_original_leave_every_release_open():
    row = Row(release="original", kind="utility", measure="contamination/text", modality="text")
    twice = holding(row, "duplicates", clopper_pearson(2, 100))
    found = verdict([*ORIGINAL, *GOOD, twice], WIDER)
    assert found.decision == "INCONCLUSIVE"
    assert "duplicate in the text of the original" in found.sentence
    never = holding(row, "duplicates", clopper_pearson(0, 100))
    assert verdict([*ORIGINAL, *GOOD, never], WIDER).decision == "RELEASE"


def test_a_group_that_a_task_no_longer_serves_caps():
    base = Row(release="anon", kind="utility", measure=TASK, modality="fused")
    note = "sex = f; groups of fewer than 10 people left out"
    worse = holding(base, "auroc-change-worst@sex", seen(-0.3, 0.1, 60), note)
    found = verdict([*ORIGINAL, *GOOD, worse], WIDER)
    assert found.decision == "CONTROLLED"
    assert (
        "In one group by sex (sex = f), the AUROC of detect/phq9>=10 changes by" in found.sentence
    )
    unsure = holding(base, "auroc-change-worst@sex", seen(-0.1, 0.1, 60), note)
    assert verdict([*ORIGINAL, *GOOD, unsure], WIDER).decision == "RELEASE"
    other = replace(worse, modality="text")
    assert verdict([*ORIGINAL, *GOOD, other], WIDER).decision == "RELEASE"


def test_what_an_accuracy_is_owed_to_is_told_and_decides_nothing():
    base = Row(release="anon", kind="utility", measure="identity/phq9>=10", modality="voice")
    rows = [
        holding(base, "auroc-overlapping", seen(0.9)),
        holding(base, "auroc-disjoint", seen(0.6)),
        holding(base, "identity-share", seen(0.3)),
    ]
    found = verdict([*ORIGINAL, *GOOD, *rows], WIDER)
    assert found.decision == "RELEASE"
    (remark,) = found.remarks
    assert remark.startswith(
        "Of the AUROC of phq9>=10 (voice), 0.300 [0.280, 0.320], n = 800 is owed"
    )
    little = [holding(base, "identity-share", seen(0.06))]
    assert verdict([*ORIGINAL, *GOOD, *little], WIDER).remarks == ()


def test_every_figure_that_decided_leads_to_a_line_of_the_scorecard():
    studies = [
        [*ORIGINAL, *GOOD],
        [*ORIGINAL, *attacked("anon", 120), *used("anon", change=-0.12)],
        [*ORIGINAL, *attacked("anon", 20, n=100), *used("anon", auroc=0.6), leaking(2)],
    ]
    for rows in studies:
        for found in verdict(rows, WIDER).deciding:
            assert found.figure is not None
            place = row_number(rows, found.row)
            stands = rows[place].estimate
            assert stands == found.figure or found.kind == "risk-reduction"
    assert row_number([], found.row) is None


def test_a_verdict_of_an_earlier_version_is_read():
    """What it does not say is empty, and its policy knows no other access."""
    made = judge([*ORIGINAL, *GOOD], ["original", "anon"], WIDER, TODAY)
    kept = TypeAdapter(Judgement)
    told = kept.dump_python(made, mode="json")
    assert kept.validate_json(json.dumps(told)) == made
    for one in told["releases"]:
        for name in ("deciding", "context", "passes", "tiers", "remarks"):
            del one[name]
        for finding in one["findings"]:
            for name in ("kind", "figure", "limit", "row"):
                del finding[name]
    old = kept.validate_json(json.dumps(told))
    assert [v.sentence for v in old.releases] == [v.sentence for v in made.releases]
    assert old.releases[1].deciding == ()
    before = {
        k: v
        for k, v in TypeAdapter(Policy).dump_python(WIDER, mode="json").items()
        if k != "others"
    }
    assert TypeAdapter(Policy).validate_python(before) == replace(WIDER, others={})


def test_a_release_at_the_limit_hardly_ever_passes_however_many_attacks_are_below_it():
    """Of 200 draws at most 2.5 % may pass: 5, and in 99.9 % of such tests at most 13."""
    rng = np.random.default_rng(11)
    known = [attacked("original", 760, measure=m) for m in ("text/a", "voice/b")]
    below = [attacked("anon", 4, measure=m) for m in ("text/a", "voice/b")]
    rest = [*ORIGINAL, *used("anon"), *(r for rows in known + below for r in rows)]
    free = replace(POLICY, min_risk_reduction=0.0)

    def passes(hits):
        found = without_unusual(attacked("anon", int(hits)))
        return verdict([*rest, *found], free).decision == "RELEASE"

    assert passes(40)
    assert sum(passes(hits) for hits in rng.binomial(N, 0.09, 200)) <= 13


# --- figures that are none, and uses that nobody could show --------------------------------------


@pytest.mark.parametrize(
    "metric", ["rank1@known: 7", "rank1-unusual@known: 7", "advantage@known: 7"]
)
def test_a_figure_that_is_no_number_is_never_taken_for_harmless(metric):
    nan = float("nan")
    rows = [
        replace(r, value=nan, low=nan, high=nan) if r.metric == metric else r
        for r in [*attacked("anon", 4), *used("anon")]
    ]
    assert verdict([*ORIGINAL, *rows]).decision == "INCONCLUSIVE"


@pytest.mark.parametrize("metric", ["people-exposed", "rank1-worst@sex"])
def test_people_or_groups_of_whom_nothing_is_known_are_not_taken_for_safe(metric):
    nan = float("nan")
    lost = replace(GOOD[0], metric=metric, value=nan, low=nan, high=nan)
    found = verdict([*ORIGINAL, *GOOD, lost])
    assert found.decision == "INCONCLUSIVE"
    assert f"gave a figure that is no number ({metric})" in found.sentence


def test_a_search_for_leaks_that_partly_failed_is_not_passed():
    base = replace(GOOD[0], measure="release/leaks", modality="files", attacker="", unit="file")
    clean = holding(base, "leaks-found", clopper_pearson(0, 30), "none in 30 files")
    assert verdict([*ORIGINAL, *GOOD, clean]).decision == "RELEASE"
    broken = replace(clean, status="failed", value=None, low=None, high=None, note="unreadable")
    assert verdict([*ORIGINAL, *GOOD, clean, broken]).decision == "INCONCLUSIVE"


def test_where_nothing_was_wanted_a_release_must_still_be_of_some_use():
    nothing = replace(POLICY, min_utility={})
    attacks = [*attacked("original", 760), *attacked("anon", 4)]
    assert verdict([*ORIGINAL, *GOOD], nothing).decision == "RELEASE"
    guessing = verdict([*attacks, *used("original", 0.5), *used("anon", 0.5)], nothing)
    assert guessing.decision == "INCONCLUSIVE"
    assert "cannot be told from guessing" in guessing.sentence
    lost = [
        replace(r, status="invalid", value=None, low=None, high=None)
        for r in [*used("original"), *used("anon")]
    ]
    untold = verdict([*attacks, *lost], nothing)
    assert untold.decision == "INCONCLUSIVE"
    assert "Nothing could be told of what this release is good for." in untold.sentence


def test_what_an_attacker_knew_beside_the_recordings_is_said():
    rows = [
        replace(r, measure="fused/linkage", modality="fused")
        for r in [
            *attacked("original", 760, setting=""),
            *attacked("anon", 700, setting="@with demographics"),
        ]
    ]
    found = verdict([*rows, *used("original"), *used("anon")])
    assert found.decision == "DO NOT RELEASE"
    assert "(fused/linkage, knowing age, sex and other background as well, semi" in found.sentence
