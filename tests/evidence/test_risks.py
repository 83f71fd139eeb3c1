"""Conditions on risk: what was reached, what could not be measured, what caps."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mindveil.evidence.estimate import Estimate, clopper_pearson
from mindveil.evidence.policy import Policy
from mindveil.evidence.risks import caps, reduction, risk_findings, unmeasured
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


# --- caps -------------------------------------------------------------------------------------


def strong(value=0.01, half=0.01, metric="rank1", **more):
    return attack(metric, seen(value, half, 400), note="tier: trained", **more)


SAFE = [
    strong(attacker="semi-informed"),
    strong(metric="rank1-unusual", attacker="semi-informed"),
    strong(metric="advantage", attacker="semi-informed"),
    strong(0.9, metric="advantage", release="original"),
]


def capped(rows, policy=POLICY):
    found = caps(rows, "anon", policy)
    assert {f.state for f in found} <= {"caps"}
    return " ".join(f.sentence for f in found)


def test_strong_attacks_that_all_fail_cap_nothing():
    assert capped(SAFE) == ""


@pytest.mark.parametrize("metric", ["rank1-unusual", "rank1-unusual@demographics alone"])
def test_the_most_unusual_people_cap_whichever_question_finds_them(metric):
    rows = [*SAFE, strong(0.2, metric="rank1-unusual@other"), strong(0.3, metric=metric)]
    assert "Among the most unusual people, attackers find 30.0% [29.0%, 31.0%], n = 400" in capped(
        rows
    )
    # Access under agreement does not make them safer.
    assert "unusual" in capped(rows, replace(POLICY, context="controlled"))


def test_unusual_people_who_are_singled_out_have_the_limit_of_singling_out():
    rows = [*SAFE, strong(0.05, 0.045, "success-unusual", measure="scales/singling-out")]
    assert capped(rows) == ""  # 9.5 % is above a match's limit and below its own
    rows = [*SAFE, strong(0.2, 0.01, "success-unusual", measure="scales/singling-out")]
    assert "single out 20.0%" in capped(rows)


def test_of_unusual_people_what_is_reached_without_them_is_no_harm():
    """An area of one half is chance, and a secret is guessed of strangers as well."""
    rare = {"measure": "synthetic/attribute-inference", "attacker": "semi-informed"}
    known = strong(0.9, 0.01, "advantage", release="original", measure=rare["measure"])
    reached = [
        strong(0.5, 0.05, "success-unusual", **rare),
        strong(0.5, 0.05, "auc-unusual", measure="synthetic/tracing"),
        strong(0.4, 0.05, "success-unusual@known answers: 3", measure="synthetic/linkage"),
        strong(0.0, 0.02, "advantage-unusual@known answers: 3", measure="synthetic/linkage"),
    ]
    assert capped([*SAFE, known, *reached, strong(0.01, 0.05, "advantage-unusual", **rare)]) == ""
    found = capped([*SAFE, known, *reached, strong(0.12, 0.05, "advantage-unusual", **rare)])
    assert "Among the most unusual people, attackers find 12.0% [7.0%, 17.0%]" in found


def test_success_over_unusual_people_counts_where_no_advantage_of_that_question_is_told():
    other = strong(0.0, 0.02, "advantage-unusual@demographics alone", measure="synthetic/linkage")
    rows = [*SAFE, other, strong(0.4, 0.05, "success-unusual", measure="synthetic/linkage")]
    assert "attackers find 40.0%" in capped(rows)


def test_unusual_people_of_whom_nothing_is_known_are_not_safe_in_the_open():
    rows = [r for r in SAFE if "unusual" not in r.metric]
    assert capped(rows) == (
        "The risk of the most unusual people is not known: they were too few to look at."
    )
    assert capped(rows, replace(POLICY, context="registered")) == ""
    broken_only = [replace(r, status="invalid") if "unusual" in r.metric else r for r in SAFE]
    assert "not known" in capped(broken_only)


def test_a_pass_against_light_attackers_is_not_sold_as_safe():
    rows = [replace(r, note="tier: light") for r in SAFE]
    assert "Only light attackers were tried (scales/linkage)" in capped(rows)
    assert capped(rows, replace(POLICY, context="controlled")) == ""
    assert capped([*rows, strong(attacker="semi-informed")]) == ""
    external = replace(strong(attacker="semi-informed"), note="N = 9; tier: external; L = 1")
    assert capped([*rows, external]) == ""
    elsewhere = replace(strong(), release="original")
    assert "Only light" in capped([*rows, elsewhere])


def test_a_smoke_test_is_no_light_attack_where_the_trained_one_was_tried_as_well():
    smoke = {"metric": "advantage", "measure": "synthetic/nearest-record"}
    shadows = {**smoke, "measure": "synthetic/shadow-membership"}
    power = [strong(0.9, release="original", **asked) for asked in (smoke, shadows)]
    rows = [*SAFE, *power, replace(strong(attacker="ignorant", **smoke), note="tier: light")]
    assert "Only light attackers were tried (synthetic/nearest-record)" in capped(rows)
    assert capped([*rows, strong(attacker="semi-informed", **shadows)]) == ""
    failed = replace(strong(attacker="semi-informed", **shadows), status="invalid")
    assert "Only light" in capped([*rows, failed])


def test_an_attack_that_fails_on_the_original_too_shows_little():
    rows = [*SAFE[:3], strong(0.005, 0.01, "advantage", release="original")]
    assert capped(rows) == (
        "Even in the original, scales/linkage finds no more than chance: its failure shows little."
    )
    assert capped(SAFE[:3]).startswith("Even in the original, scales/linkage")
    assert capped(rows, replace(POLICY, context="internal")) == ""
    assert caps(rows, "original", POLICY)[0].sentence.startswith("The risk of the most unusual")


def test_where_the_strongest_attacker_failed_only_weaker_ones_counted():
    rows = [*SAFE, strong(attacker="ignorant", measure="text/authorship"),
            strong(0.9, metric="advantage", release="original", measure="text/authorship")]  # fmt: skip
    assert capped(rows) == ""
    silent = broken("text/authorship", attacker="semi-informed")
    wanted = (
        "The semi-informed attacker of text/authorship gave no valid result: "
        "only weaker ones were counted."
    )
    assert capped([*rows, silent]) == wanted
    assert capped([*rows, silent], replace(POLICY, context="internal")) == wanted
    two = [broken("text/authorship", attacker="lazy-informed"), silent]
    assert capped([*rows, *two]) == capped([*rows, *two[::-1]]) == wanted
    several = [*rows, strong(attacker="semi-informed", measure="text/authorship"), silent]
    assert capped(several) == ""
    assert capped([*rows, broken("text/authorship", attacker="somebody else")]) == ""
    weaker = broken(attacker="lazy-informed")
    assert capped([*SAFE, weaker]) == ""  # the stronger one worked
    assert capped([*SAFE, broken("face/linkage", attacker="ignorant")]) == ""  # told as unmeasured


def test_several_attacks_are_named_in_order():
    measures = ["text/b", "scales/a", "face/c"]
    light = [replace(r, measure=m, note="") for m in measures for r in SAFE]
    assert "(face/c, scales/a, text/b)" in capped(light)
    weak = [r for r in light if r.release != "original"]
    assert "Even in the original, face/c, scales/a, text/b finds" in capped(weak)
    silent = [broken(m, attacker="semi-informed") for m in measures]
    ignorant = [replace(r, attacker="ignorant") for r in light]
    told = capped([*ignorant, *silent])
    assert told.index("face/c gave") < told.index("scales/a gave") < told.index("text/b gave")


def test_an_attack_on_the_original_that_may_be_at_chance_has_no_power():
    rows = [*SAFE[:3], strong(0.5, 0.5, "advantage", release="original")]
    assert "Even in the original" in capped(rows)
