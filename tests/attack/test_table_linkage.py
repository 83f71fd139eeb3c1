"""``synthetic/linkage`` on hand-made tables, copies, blurred copies and tables of strangers."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.attack.crowds import (
    blurred,
    both,
    corpus,
    crowd,
    nameless,
    person,
    put_before,
)

from mindveil.attack.base import Knowledge
from mindveil.attack.table_linkage import SyntheticLinkage, nearest, right_shares
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.features.visits import whole_table
from mindveil.release import DataRelease

SEVEN = "known answers: 7 + demographics"


def right(claims, table, members, controls):
    """How often members and control people are claimed rightly."""
    records, everybody = whole_table(table), whole_table(both(controls, members))
    place = {record: i for i, record in enumerate(records.ids)}
    claimed = np.array([place[record] for record in claims.records])
    assert claims.people == everybody.ids
    found = right_shares(records, everybody, claimed, np.arange(len(everybody.ids)))
    return found[len(controls.ids) :].mean(), found[: len(controls.ids)].mean()


def attack(protect, seed, *, informed=True, people=240, learners=80):
    """Attack a table made of members; returns (of members, of controls) a question."""
    rng = np.random.default_rng(seed)
    members, controls, reference = (
        crowd(n, rng, prefix) for n, prefix in ((people, "P"), (people // 3, "H"), (learners, "A"))
    )
    table = protect(members, rng)
    made = put_before(
        SyntheticLinkage(),
        table,
        members,
        controls,
        reference,
        protect=protect if informed else None,
    )
    return {c.setting: right(c, table, members, controls) for c in made}


def test_claims_by_hand():
    known = corpus(person("P1", 30.0, "a", [0, 1]), person("P2", 60.0, "b", [3, 3]))
    table = corpus(
        person("S1", 30.0, "a", [3, 3]),
        person("S2", 60.0, "b", [0, 1]),
        person("S3", 31.0, "b", [0, 1]),
    )
    knowledge = Knowledge(attacker="ignorant", known=known, reference=corpus(), protect=None)
    made = SyntheticLinkage(known_answers=(0, 2)).run(
        DataRelease(name="toy", corpus=table), knowledge, np.random.default_rng(0)
    )
    assert [c.setting for c in made] == [
        "known answers: 2 + demographics",
        "demographics alone",
    ]
    # Age and town speak for S1 and S2; two answers more speak for S3 and against S2.
    assert made[1].records == ("S1", "S2")
    assert made[0].people == ("P1", "P2")
    assert {c.tier for c in made} == {"light"}


def test_the_right_person_by_hand():
    originals = whole_table(
        corpus(
            person("P1", 20.0, "a", [0, 0]),
            person("P2", 20.0, "a", [0, 0]),
            person("P3", 50.0, "b", [3, 3]),
        )
    )
    records = whole_table(corpus(person("S1", 21.0, "a", [0, 0]), person("S2", 50.0, "b", [3, 2])))
    near = [mine.tolist() for _, mine in nearest(records, originals)]
    assert near == [[[True, True, False], [False, False, True]]]
    claimed, people = np.array([0, 1, 1, 0]), np.array([0, 2, 0, 2])
    # P1 shares S1 with her twin; S2 is P3's alone, whoever it was claimed for.
    assert right_shares(records, originals, claimed, people).tolist() == [0.5, 1.0, 0.0, 0.0]


def test_the_headline_is_seven_answers():
    rng = np.random.default_rng(0)
    people = crowd(60, rng)
    made = put_before(SyntheticLinkage(), nameless(people, rng), people, crowd(9, rng, "H"), people)
    assert [c.setting for c in made] == [
        SEVEN,
        "known answers: 14 + demographics",
        "known answers: 3 + demographics",
        "demographics alone",
    ]


@pytest.mark.parametrize("informed", [False, True])
def test_glass_a_copy_is_linked_and_nobody_else_is(informed):
    found = attack(nameless, 1, informed=informed)
    for answers in (7, 14):
        members, controls = found[f"known answers: {answers} + demographics"]
        assert members >= 0.95
        assert controls <= 0.02
    assert found["demographics alone"][0] > 0.5


@pytest.mark.parametrize("seed", range(3))
def test_a_table_of_other_people_names_members_no_more_than_control_people(seed):
    strangers = crowd(240, np.random.default_rng(100 + seed), "S")
    found = attack(lambda people, rng: nameless(strangers, rng), seed)
    # Every record is nearest to somebody: with 14 of 16 answers known, often to her. 240 and 80.
    assert all(abs(members - controls) < 0.12 for members, controls in found.values())
    assert found["demographics alone"][0] < 0.06


def test_pram_does_not_hide_people():
    members, controls = attack(blurred(0.8), 3)[SEVEN]
    assert members > 0.6
    assert controls < 0.06


def test_the_more_is_kept_the_more_people_are_found():
    kept = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
    reached = [attack(blurred(keep), 4, informed=False)[SEVEN] for keep in kept]
    gains = [members - controls for members, controls in reached]
    assert gains[0] < 0.06
    assert gains[-1] >= 0.95
    assert all(after > before - 0.03 for before, after in pairwise(gains))
    assert (np.diff(gains[1:]) > 0).all()


def test_more_known_answers_find_more():
    found = attack(blurred(0.7), 5)
    order = ["demographics alone", *(f"known answers: {n} + demographics" for n in (3, 7, 14))]
    reached = [found[setting][0] for setting in order]
    assert reached == sorted(reached)


def test_rehearsing_makes_an_attacker_trained_and_none_makes_him_light():
    rng = np.random.default_rng(6)
    people, few = crowd(80, rng), crowd(20, rng, "A")
    table = nameless(people, rng)

    def refuse(people, rng):
        raise InputError("too few people")

    for reference, protect, tier in (
        (people, nameless, "trained"),
        (few, nameless, "light"),
        (people, refuse, "light"),
        (people, None, "light"),
    ):
        made = put_before(SyntheticLinkage(), table, people, few, reference, protect=protect)
        assert {c.tier for c in made} == {tier}


def test_a_rehearsal_finds_the_better_way():
    def misleading(people, rng):
        """Towns and sexes are exchanged and answers lie up to one off: agreement says little."""

        def change(p):
            town, sex = p.attributes["town"], p.attributes["sex"]
            items = np.clip(np.array(p.latest("q").items) + rng.integers(-1, 2, 16), 0, 3)
            return person(
                p.participant_id,
                p.attributes["age"],
                "bcdefgha"["abcdefgh".index(town)],
                items.tolist(),
                sex="mf"["fm".index(sex)],
                work=p.attributes["work"],
            )

        return nameless(people.with_people(map(change, people.participants)), rng)

    light, trained = (
        np.mean([attack(misleading, s, informed=i, learners=240)[SEVEN][0] for s in range(4)])
        for i in (False, True)
    )
    assert trained > light + 0.02


@settings(max_examples=10)
@given(st.integers(0, 999))
def test_the_order_of_records_and_people_says_nothing(seed):
    rng = np.random.default_rng(seed)
    people, others = crowd(40, rng), crowd(10, rng, "H")
    table = nameless(people, rng)
    (first, *_) = put_before(SyntheticLinkage(), table, people, others, others)
    (again, *_) = put_before(SyntheticLinkage(), table, people, others, others)
    assert first == again
    turned = table.with_people(tuple(reversed(table.participants)))
    (mirrored, *_) = put_before(SyntheticLinkage(), turned, people, others, others)
    for a, b in zip(first.records, mirrored.records, strict=True):
        one, two = (next(p for p in table.participants if p.participant_id == r) for r in (a, b))
        assert a == b or one.attributes == two.attributes


def test_equal_records_are_claimed_at_random():
    people = crowd(200, np.random.default_rng(8))
    twin = person("S", 30.0, "a", [1] * 16)
    table = corpus(
        *(person(f"S{i}", 30.0, "a", [1] * 16) for i in range(2)),
        person("S2", 99.0, "h", [3] * 16, sex="m", work="none"),
    )
    claimed = {
        put_before(SyntheticLinkage(), table, people, corpus(twin), people, seed=seed)[0].records[0]
        for seed in range(12)
    }
    assert claimed == {"S0", "S1"}


def test_a_table_in_which_all_records_are_alike_is_invalid():
    people = crowd(50, np.random.default_rng(9))
    table = corpus(*(person(f"S{i}", 30.0, "a", [1] * 16) for i in range(9)))
    with pytest.raises(InvalidMeasurement, match="the attack saw nothing"):
        put_before(SyntheticLinkage(), table, people, corpus(), people)


def test_a_table_that_tells_nothing_known_is_invalid():
    people = crowd(50, np.random.default_rng(10))
    with pytest.raises(InvalidMeasurement, match="neither quasi-identifiers nor answers"):
        put_before(SyntheticLinkage(), corpus(), people, corpus(), people)


@pytest.mark.parametrize("answers", [(), (-1,)])
def test_settings_that_cannot_be_are_refused(answers):
    with pytest.raises(InputError, match="known_answers"):
        SyntheticLinkage(known_answers=answers)
