"""What limits a release to people under agreement: weak attackers, and people beside the average."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mindveil.evidence.caps import caps, tiers_of
from mindveil.evidence.estimate import Estimate, clopper_pearson
from mindveil.evidence.policy import Policy, RowKey
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


# --- people and groups beside the average -------------------------------------------------------


def test_one_person_who_is_surely_named_caps_and_is_not_counted_out():
    exposed = strong(1 / 400, 0.0, "people-exposed", attacker="semi-informed")
    (found,) = caps([*SAFE, exposed], "anon", POLICY)
    assert (found.state, found.kind, found.limit) == ("caps", "people-exposed", 0.0)
    assert found.sentence == (
        "At least one person, and fewer than 10, can be named with certainty "
        "(scales/linkage, semi-informed attacker)."
    )
    assert found.row == RowKey(
        release="anon", measure="scales/linkage", modality="scales", attacker="semi-informed",
        metric="people-exposed",
    )  # fmt: skip
    many = strong(40 / 400, 0.0, "people-exposed")
    assert "40 of 400 people can be named with certainty (scales/linkage)." in capped([*SAFE, many])
    assert capped([*SAFE, exposed], replace(POLICY, context="controlled")) != ""


@pytest.mark.parametrize(
    ("named", "by_luck", "is_capped"),
    [(1, 0.01, True), (1, 0.04, False), (2, 0.2, True), (2, 0.3, False), (1, 0.0, True)],
)
def test_whom_a_guesser_names_as_often_is_not_surely_named(named, by_luck, is_capped):
    """At least 1 of so many by luck: 1.0 %, 3.9 %; at least 2: 1.8 %, 3.7 %."""
    row = replace(strong(named / 400, 0.0, "people-exposed"), baseline=by_luck / 400)
    assert bool(capped([*SAFE, row])) == is_capped


def test_nobody_who_is_surely_named_caps_nothing():
    assert capped([*SAFE, strong(0.0, 0.0, "people-exposed")]) == ""
    broken_row = replace(strong(0.5, 0.0, "people-exposed"), status="invalid")
    assert capped([*SAFE, broken_row]) == ""


@pytest.mark.parametrize(("hits", "is_capped"), [(5, False), (20, False), (30, True), (90, True)])
def test_a_group_that_is_surely_found_too_often_caps(hits, is_capped):
    """Of 150 people: 20 hits leave 8.3 % possible, 30 hits no less than 14.0 %."""
    row = attack("rank1-worst@sex", clopper_pearson(hits, 150), note="sex = f; fewer left out")
    said = capped([*SAFE, row])
    assert bool(said) == is_capped
    if is_capped:
        assert said.startswith("In one group by sex (sex = f), attackers find the right person in ")
        assert said.endswith(", n = 150 (scales/linkage); that is above the limit of 9%.")


def test_of_several_groups_that_of_the_highest_lower_bound_is_told():
    rows = [
        attack(f"rank1-worst@{kind}", clopper_pearson(hits, 100), note=f"{kind} = x")
        for kind, hits in (("age", 30), ("sex", 60), ("language", 45))
    ]
    for mixed in (rows, rows[::-1]):
        (found,) = caps([*SAFE, *mixed], "anon", POLICY)
        assert "by sex (sex = x)" in found.sentence


def test_the_strongest_tier_of_each_attack_is_told():
    rows = [
        strong(attacker="ignorant"),
        replace(strong(), note="N = 9; tier: light"),
        replace(strong(measure="text/authorship"), note="tier: external"),
        replace(strong(measure="voice/x"), note="no tier"),
        replace(strong(measure="face/x"), status="invalid"),
        strong(measure="fused/linkage", release="other"),
    ]
    found = {"scales/linkage": "trained", "text/authorship": "external", "voice/x": ""}
    assert tiers_of(rows, "anon") == tiers_of(rows[::-1], "anon") == found
