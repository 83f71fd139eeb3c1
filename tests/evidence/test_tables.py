"""Claims, predicates and guesses on tables of nobody: counted by hand, and of planted truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.attack.crowds import blurred, corpus, crowd, nameless, person, put_before

from mindveil.attack.base import Claims, Inferred, Predicate, Predicates
from mindveil.attack.table_inference import SyntheticInference
from mindveil.attack.table_linkage import SyntheticLinkage
from mindveil.attack.table_singling_out import SyntheticSinglingOut
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import advantage, clopper_pearson
from mindveil.evidence.measured import Truth
from mindveil.evidence.tables import measure_claims, measure_guessed, measure_isolation

MEMBERS = corpus(
    person("P1", 20.0, "a", [0]),
    person("P2", 30.0, "b", [1]),
    person("P3", 40.0, "c", [2]),
    person("P4", 50.0, "d", [3]),
)
CONTROLS = corpus(person("H1", 20.0, "h", [3]), person("H2", 60.0, "g", [0]))
TABLE = corpus(
    person("S1", 21.0, "a", [0]),
    person("S2", 30.0, "b", [2]),
    person("S3", 60.0, "g", [0]),
    person("S4", 45.0, "e", [2]),
)
TRUTH = Truth(person_of={}, released=MEMBERS, absent=CONTROLS, table=TABLE)
LINKAGE, SINGLING, INFERENCE = SyntheticLinkage(), SyntheticSinglingOut(), SyntheticInference()


def claims(**named):
    return Claims(people=tuple(named), records=tuple(named.values()))


def by_name(found):
    return {m.metric: m for m in found}


def claimed(*folds, unusual=frozenset()):
    return by_name(measure_claims(folds, unusual, np.random.default_rng(0)))


def isolated(*folds, unusual=frozenset(), seed=0):
    return by_name(measure_isolation(folds, unusual, np.random.default_rng(seed)))


def guessed(*folds, unusual=frozenset(), seed=0):
    return by_name(measure_guessed(folds, unusual, np.random.default_rng(seed)))


def test_the_claimed_record_must_be_nearer_to_her_than_to_anybody():
    made = claims(P1="S1", P2="S2", P3="S2", P4="S4", H1="S1", H2="S3")
    seen = claimed((made, TRUTH))
    # S1 is P1's, S2 is P2's, S3 is H2's and S4 is P3's, whoever they were claimed for.
    hit, floor = clopper_pearson(2, 4), clopper_pearson(1, 2)
    assert (seen["success"].estimate, seen["success"].control) == (hit, floor)
    assert seen["success"].baseline == pytest.approx(1 / 6)
    assert seen["advantage"].estimate == advantage(hit, floor)
    assert seen["advantage"].estimate.value == 0.0


def test_agreement_of_content_is_no_success():
    # S3 agrees with P1 in her one answer; it is H2's all the same.
    seen = claimed((claims(P1="S3", P2="S1", H1="S4"), TRUTH))
    assert seen["success"].estimate == clopper_pearson(0, 2)


def test_twins_share_a_claim_and_no_claim_is_a_failure():
    twins = corpus(*MEMBERS.participants, person("P5", 20.0, "a", [0]))
    truth = replace(TRUTH, released=twins)
    seen = claimed((claims(P1="S1", P2="", P5="S2", H1="S3", H2="S3"), truth))
    assert seen["success"].estimate == clopper_pearson(0.5, 3)
    assert seen["success"].control == clopper_pearson(1, 2)


def test_who_is_neither_member_nor_control_has_no_say():
    one = claimed((claims(P1="S1", H1="S2"), TRUTH))
    two = claimed((claims(P1="S1", A9="S3", H1="S2"), TRUTH))
    assert one == two


def test_claims_are_pooled_by_person_over_folds():
    turned = replace(
        TRUTH,
        released=corpus(*MEMBERS.participants[:2], *CONTROLS.participants),
        absent=corpus(*MEMBERS.participants[2:]),
    )
    seen = claimed(
        (claims(P1="S1", P2="S4", H1="S2", H2="S3"), TRUTH),
        (claims(P1="S2", P2="S2", P3="S4", P4="S1", H1="S1", H2="S3"), turned),
    )
    # Members: P1 1 and 0, P2 0 and 1, H1 0, H2 1; control people: H1 0, H2 1, P3 1, P4 0.
    assert seen["success"].estimate == clopper_pearson(0.5 + 0.5 + 0 + 1, 4)
    assert seen["success"].control == clopper_pearson(2, 4)
    assert "2 of them both" in seen["advantage"].note


@pytest.mark.parametrize(
    ("made", "truth", "why"),
    [
        (claims(P1="", H1=""), TRUTH, "nothing was claimed"),
        (claims(), TRUTH, "nothing was claimed"),
        (claims(P1="S1", P2="S1", H1="S1"), TRUTH, "one record was claimed for everybody"),
        (claims(P1="S1", H1="S9"), TRUTH, "does not hold"),
        (claims(P1="S1", H1="S2"), replace(TRUTH, table=None), "not at hand"),
        (claims(P1="S1", P2="S2"), replace(TRUTH, absent=corpus()), "no control person"),
        (claims(H1="S1", H2="S2"), TRUTH, "no person behind the table"),
        (
            claims(P1="S1", P2="S2"),
            replace(
                TRUTH,
                released=corpus(person("P1", 20.0, "a", [0])),
                absent=corpus(person("P2", 20.0, "a", [0])),
            ),
            "all originals are alike",
        ),
    ],
)
def test_claims_that_cannot_be_believed_are_invalid(made, truth, why):
    with pytest.raises(InvalidMeasurement, match=why):
        claimed((made, truth))


def test_no_claims_at_all_are_invalid():
    with pytest.raises(InvalidMeasurement, match="nothing was claimed"):
        claimed()


def predicates(*terms):
    made = tuple(Predicate(record=f"S{i}", terms=said) for i, said in enumerate(terms))
    return Predicates(made=made, records=len(made))


def test_whoever_is_alone_with_a_predicate_in_her_group_is_singled_out():
    truth = replace(TRUTH, released=corpus(*MEMBERS.participants[:2]))
    seen = isolated((predicates({"age": 20.0}, {"town": "c"}), truth))
    # Groups of two on both sides: of either one is 20 years old, and nobody lives in c.
    hit, floor = clopper_pearson(1, 2), clopper_pearson(1, 2)
    assert (seen["success"].estimate, seen["success"].control) == (hit, floor)


def test_who_shares_a_predicate_with_her_group_is_not_singled_out():
    truth = replace(TRUTH, released=corpus(*MEMBERS.participants[:2]))
    seen = isolated((predicates({"sex": "f"}, {"q_01": "0-1"}, {"town": "b"}), truth))
    # All are women; P1 and P2 both answered 0 or 1, of H1 and H2 one did; P2 alone lives in b.
    assert seen["success"].estimate == clopper_pearson(1, 2)
    assert seen["success"].control == clopper_pearson(1, 2)
    assert "3 predicates from 3 records" in seen["success"].note


def test_members_are_divided_into_groups_as_large_as_the_control():
    # Everybody is 20 to 60: in groups of two nobody is ever alone, however many members.
    seen = isolated((predicates({"age": "10-70"}, {"age": 20.0}), TRUTH))
    assert seen["success"].estimate == clopper_pearson(1, 4)
    assert seen["success"].control == clopper_pearson(1, 2)


def test_predicates_that_cannot_be_believed_are_invalid():
    with pytest.raises(InvalidMeasurement, match="no predicate was made"):
        isolated((predicates(), TRUTH))
    with pytest.raises(InvalidMeasurement, match="no control person"):
        isolated((predicates({"age": 20.0}), replace(TRUTH, absent=corpus())))


def secret(field, **guesses):
    return Inferred(field=field, people=tuple(guesses), guesses=tuple(guesses.values()))


def test_guesses_by_hand():
    town = secret("town", P1="a", P2="b", P3="b", P4="d", H1="a", H2="b")
    seen = guessed(([town], TRUTH), unusual=frozenset({"P1", "P3", "H2"}))
    own = seen["gain@town"]
    assert own.note == "guessed right: 0.750, of control people 0.000"
    assert own.estimate == advantage(clopper_pearson(3, 4), clopper_pearson(0, 2))
    assert seen["advantage@mean"].estimate == own.estimate
    # Two members and a control person in either half; 3 of 4 members were guessed.
    assert seen["success"].estimate.value == 0.75
    assert seen["success"].control.value == 0.0
    ends = [clopper_pearson(hits, 2) for hits in (1, 2)]
    assert seen["success"].estimate.low == pytest.approx(np.mean([e.low for e in ends]))
    assert seen["success"].estimate.high == pytest.approx(np.mean([e.high for e in ends]))
    assert seen["success"].estimate.n == 4
    # P1 was guessed, P3 was not; H2 was not.
    assert seen["success-unusual"].estimate == clopper_pearson(1, 2)
    assert seen["success-unusual"].control == clopper_pearson(0, 1)
    assert seen["success-unusual"].note == "the worst field of all others: town"


def test_a_guess_is_right_where_it_covers_and_nobody_is_asked_what_she_has_not():
    members = corpus(*MEMBERS.participants, person("P5", None, "a", [0]))
    controls = crowd(20, np.random.default_rng(0), "H")
    truth = replace(TRUTH, released=members, absent=controls)
    wrong = {f"H{i:04d}": "99" for i in range(20)}
    ages = secret("age", P1="18-20", P2="18-20", P3="40", P4="", P5="n/a", **wrong)
    own = guessed(([ages], truth))["gain@age"]
    # Of four whose age is known two are guessed.
    assert own.estimate == advantage(clopper_pearson(2, 4), clopper_pearson(0, 20))


def two_crowds(people):
    rng = np.random.default_rng(1)
    members, controls = crowd(people, rng), crowd(people, rng, "H")
    return Truth(person_of={}, released=members, absent=controls)


def guess_of(field, truth, members, controls, rng):
    """A guesser who is right of so large a share of members and of control people."""
    named = {}
    for side, share in ((truth.released, members), (truth.absent, controls)):
        for p in side.participants:
            value = str(p.attributes[field])
            named[p.participant_id] = value if rng.random() < share else "wrong"
    return secret(field, **named)


def test_the_worst_field_is_found_and_reported_of_other_people():
    rng = np.random.default_rng(2)
    truth = two_crowds(400)
    made = [
        guess_of("town", truth, 0.5, 0.5, rng),
        guess_of("sex", truth, 0.9, 0.5, rng),
        guess_of("work", truth, 0.6, 0.6, rng),
    ]
    seen = guessed((made, truth))
    assert seen["success"].note == "the worst of 3 fields, chosen on other people: sex"
    gain = seen["advantage"].estimate
    assert gain.low < 0.8 < gain.high
    assert gain.n == 400
    # Averaged, not narrowed: no field's own interval is wider.
    assert gain.high - gain.low > (own := seen["gain@sex"].estimate).high - own.low
    assert abs(seen["advantage@mean"].estimate.value - 0.27) < 0.08


def test_luck_does_not_choose_the_field_it_is_reported_of():
    """Of 3 fields none gains anything; the luckiest would look as if it did."""
    headline, luckiest = [], []
    truth = two_crowds(60)
    for seed in range(24):
        rng = np.random.default_rng(seed)
        made = [guess_of(f, truth, 0.5, 0.5, rng) for f in ("town", "sex", "work")]
        seen = guessed((made, truth), seed=seed)
        headline.append(seen["advantage"].estimate.value)
        luckiest.append(max(seen[f"gain@{f}"].estimate.value for f in ("town", "sex", "work")))
    # The mean of 24 such has a standard error of about .05.
    assert abs(np.mean(headline)) < 0.15
    assert np.mean(luckiest) > np.mean(headline) + 0.03


def test_guesses_that_cannot_be_believed_are_invalid():
    with pytest.raises(InvalidMeasurement, match="who differ in it"):
        guessed(([secret("sex", P1="f", H1="f")], TRUTH))
    with pytest.raises(InvalidMeasurement, match="who differ in it"):
        guessed(([secret("shoe", P1="38", H1="39")], TRUTH))
    with pytest.raises(InvalidMeasurement, match="who differ in it"):
        guessed(([secret("town", P1="a", P2="b")], TRUTH))
    with pytest.raises(InvalidMeasurement, match="who differ in it"):
        guessed()


@settings(max_examples=15)
@given(st.permutations(range(4)))
def test_the_order_of_people_changes_nothing(order):
    named = {"P1": "S1", "P2": "S2", "P3": "S2", "P4": "S4", "H1": "S1", "H2": "S3"}
    mixed = replace(
        TRUTH,
        released=MEMBERS.with_people([MEMBERS.participants[i] for i in order]),
        table=TABLE.with_people([TABLE.participants[i] for i in order]),
    )
    assert claimed((claims(**named), TRUTH)) == claimed(
        (claims(**dict(reversed(named.items()))), mixed)
    )


def bout(attack, protect, seed, people=240):
    """One fold: what an attack guesses of a table made of members, and the truth."""
    rng = np.random.default_rng(seed)
    members, controls, reference = (
        crowd(n, rng, prefix) for n, prefix in ((people, "P"), (people // 3, "H"), (80, "A"))
    )
    table = protect(members, rng)
    made = put_before(attack, table, members, controls, reference, seed=seed)
    return made, Truth(person_of={}, released=members, absent=controls, table=table)


def measured(attack, protect, seed, people=240):
    made, truth = bout(attack, protect, seed, people)
    if attack is LINKAGE:
        return claimed((made[0], truth))
    return isolated((made[0], truth)) if attack is SINGLING else guessed((made, truth))


@pytest.mark.parametrize("attack", [LINKAGE, SINGLING, INFERENCE])
def test_glass_a_copy_reaches_an_advantage_of_95_per_cent(attack):
    seen = measured(attack, nameless, 1)
    assert seen["success"].estimate.value >= 0.95
    assert seen["advantage"].estimate.value >= 0.95


def test_glass_fourteen_answers():
    made, truth = bout(LINKAGE, nameless, 2)
    fourteen = next(c for c in made if c.setting.startswith("known answers: 14"))
    assert claimed((fourteen, truth))["advantage"].estimate.low >= 0.95


def test_pram_fails_by_linkage():
    assert measured(LINKAGE, blurred(0.8), 3)["advantage"].estimate.low > 0.5


@pytest.mark.parametrize("attack", [LINKAGE, SINGLING, INFERENCE])
def test_null_a_table_of_other_people_tells_nothing(attack):
    held = 0
    for seed in range(6):
        strangers = crowd(240, np.random.default_rng(500 + seed), "S")
        seen = measured(attack, lambda people, rng, s=strangers: nameless(s, rng), seed)
        gain = seen["advantage"].estimate
        held += gain.low <= 0 <= gain.high
    # Six intervals of 95 %: five hold 0 in 97 of 100 cases.
    assert held >= 5


@pytest.mark.slow
@pytest.mark.parametrize("attack", [LINKAGE, SINGLING, INFERENCE])
def test_null_two_hundred_tables_of_other_people(attack):
    held = 0
    for seed in range(200):
        strangers = crowd(150, np.random.default_rng(9000 + seed), "S")
        seen = measured(attack, lambda people, rng, s=strangers: nameless(s, rng), seed, 150)
        gain = seen["advantage"].estimate
        held += gain.low <= 0 <= gain.high
    assert held >= 0.9 * 200


@pytest.mark.slow
@pytest.mark.parametrize("attack", [LINKAGE, SINGLING, INFERENCE])
def test_null_two_hundred_rotations_of_people_through_the_roles(attack):
    """The same people are members in three folds and control people in one of each five."""
    held = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        people, strangers = crowd(100, rng), crowd(60, rng, "S")
        parts = [[people.ids[i] for i in range(k, 100, 5)] for k in range(5)]
        folds = []
        for k in range(5):
            absent, reference = people.select(parts[k]), people.select(parts[k - 1])
            rest = {p for j in range(5) if j not in {k, (k - 1) % 5} for p in parts[j]}
            members, table = people.select(rest), nameless(strangers, rng)
            made = put_before(attack, table, members, absent, reference, seed=5 * seed + k)
            truth = Truth(person_of={}, released=members, absent=absent, table=table)
            folds.append((made if attack is INFERENCE else made[0], truth))
        measure = {LINKAGE: claimed, SINGLING: isolated, INFERENCE: guessed}[attack]
        gain = measure(*folds)["advantage"].estimate
        held += gain.low <= 0 <= gain.high
    assert held >= 0.9 * 200
