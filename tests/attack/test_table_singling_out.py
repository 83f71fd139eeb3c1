"""``synthetic/singling-out`` on hand-made tables, copies, blurred copies and tables of others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.attack.crowds import blurred, both, corpus, crowd, nameless, person, put_before

from mindveil.attack.base import Predicate
from mindveil.attack.table_singling_out import SyntheticSinglingOut, alone, describe, fitting
from mindveil.corpus.model import Column, Corpus, Participant
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.features.scales import matches
from mindveil.features.visits import whole_table


def isolated(found, members, controls, seed=0):
    """The share of members and of control people who are alone in a group of one size."""
    rng = np.random.default_rng(seed)
    fits = fitting(found.made, whole_table(both(members, controls)))
    behind = len(members.ids)
    size = min(behind, len(controls.ids))
    sides = (slice(behind), slice(behind, None))
    return [float(alone(fits[:, side], size, rng).mean()) for side in sides]


def attack(protect, seed, *, informed=True, people=240, **settings_of):
    rng = np.random.default_rng(seed)
    members, controls, reference = (
        crowd(n, rng, prefix) for n, prefix in ((people, "P"), (people // 3, "H"), (120, "A"))
    )
    (found,) = put_before(
        SyntheticSinglingOut(**settings_of),
        protect(members, rng),
        members,
        controls,
        reference,
        protect=protect if informed else None,
    )
    return found, isolated(found, members, controls)


def test_predicates_by_hand():
    table = whole_table(
        corpus(
            person("S1", 30.0, "a", [0]),
            person("S2", 30.0, "b", [0]),
            person("S3", 40.0, "a", [0]),
            person("S4", 40.0, "a", [1]),
        )
    )
    made = {p.record: dict(p.terms) for p in describe(table, 0, np.random.default_rng(0))}
    assert made == {
        "S1": {"age": 30.0, "town": "a"},
        "S2": {"town": "b"},
        "S3": {"age": 40.0, "q_01": 0},
        "S4": {"q_01": 1},
    }
    # With a margin of 1 everybody else fails two terms, or at least one where no more can be had.
    made = {p.record: dict(p.terms) for p in describe(table, 1, np.random.default_rng(0))}
    assert made["S2"] == {"town": "b", "age": 30.0}
    assert made["S4"]["q_01"] == 1


def test_twins_and_missing_values_make_no_predicate():
    table = whole_table(
        corpus(
            person("S1", 30.0, "a", [0]),
            person("S2", 30.0, "a", [0]),
            person("S3", None, "a", [None]),
        )
    )
    made = describe(table, 0, np.random.default_rng(0))
    # Only missing values set S3 apart: they are no sentence about anybody. The others are one.
    assert [p.record for p in made] == ["S1"]


def test_who_fits_by_hand():
    people = whole_table(corpus(person("P1", 20.0, "a", [0]), person("P2", 31.0, "b", [2])))
    made = [
        Predicate(record="S1", terms={"age": 20.0, "town": "a"}),
        Predicate(record="S2", terms={"age": "30-39"}),
        Predicate(record="S3", terms={"age": 20.0, "town": "b"}),
        Predicate(record="S4", terms={"shoe": 38.0}),
    ]
    assert fitting(made, people).tolist() == [
        [True, False],
        [False, True],
        [False, False],
        [False, False],
    ]
    assert fitting([], people).shape == (0, 2)


@given(st.integers(0, 999))
@settings(max_examples=10)
def test_who_fits_is_what_every_term_says(seed):
    rng = np.random.default_rng(seed)
    table = whole_table(crowd(30, rng))
    made = describe(table, 0, rng)
    fits = fitting(made, table)
    for row, predicate in zip(fits, made, strict=True):
        np.testing.assert_array_equal(row, matches(predicate.terms, table))
        # Each describes one record of its own table, and only that.
        assert [table.ids[i] for i in np.flatnonzero(row)] == [predicate.record]


def test_being_alone_by_hand():
    fits = np.array([[True, True, False, False], [False, False, True, False]])
    rng = np.random.default_rng(0)
    assert alone(fits, 4, rng).tolist() == [0, 0, 1, 0]
    assert alone(fits, 1, rng).tolist() == [1, 1, 1, 0]
    # In groups of two, the first two are alone unless they share one: in 2 of 3 divisions.
    often = np.mean([alone(fits, 2, np.random.default_rng(i)) for i in range(900)], axis=0)
    np.testing.assert_allclose(often, [2 / 3, 2 / 3, 1, 0], atol=0.06)


def test_a_last_group_that_is_too_small_is_filled_up():
    # All five fit alike: nobody is alone among two, nor is the fifth with somebody beside her.
    assert alone(np.ones((1, 5), dtype=bool), 2, np.random.default_rng(0)).tolist() == [0] * 5
    assert alone(np.zeros((0, 3), dtype=bool), 2, np.random.default_rng(0)).tolist() == [0] * 3


@pytest.mark.parametrize("informed", [False, True])
def test_glass_a_copy_singles_out_its_people(informed):
    found, (members, controls) = attack(nameless, 1, informed=informed)
    assert len(found.made) <= found.records == 240
    assert len({p.record for p in found.made}) == len(found.made)
    assert members >= 0.95
    assert controls < 0.4
    assert (members - controls) / (1 - controls) >= 0.95


@pytest.mark.parametrize("seed", range(3))
def test_a_table_of_other_people_singles_out_members_no_more_than_control_people(seed):
    strangers = crowd(240, np.random.default_rng(100 + seed), "S")
    _, (members, controls) = attack(lambda people, rng: nameless(strangers, rng), seed)
    assert abs(members - controls) < 0.2  # 80 control people


def test_the_more_is_kept_the_more_people_are_singled_out():
    gains = []
    for keep in (0.2, 0.6, 0.8, 1.0):
        rates = [attack(blurred(keep), seed, informed=False)[1] for seed in range(3)]
        gains.append(np.mean([members - controls for members, controls in rates]))
    assert gains[0] < 0.1
    assert gains == sorted(gains)


def test_a_rehearsal_finds_a_better_margin():
    # Of a copy, long predicates fit its people alone, and chance hits none.
    light, trained = (attack(nameless, 5, informed=informed, margin=0) for informed in (0, 1))
    assert (light[0].tier, trained[0].tier) == ("light", "trained")
    assert trained[1][1] <= light[1][1]
    assert trained[1][0] >= 0.95


def test_with_nothing_to_rehearse_on_he_is_the_light_one():
    rng = np.random.default_rng(6)
    people, few = crowd(90, rng), crowd(30, rng, "A")
    table = nameless(people, rng)

    def refuse(people, rng):
        raise InputError("too few people")

    made = [
        put_before(SyntheticSinglingOut(), table, people, few, reference, protect=protect)
        for reference, protect in ((people, None), (few, nameless), (people, refuse))
    ]
    assert made[0] == made[1] == made[2]
    assert made[0][0].tier == "light"


def test_what_nobody_is_asked_hides_nobody():
    """A number of the record and a second visit tell records apart best, and fit no person."""
    rng = np.random.default_rng(8)
    members, controls, reference = (crowd(n, rng, p) for n, p in ((120, "P"), (60, "H"), (60, "A")))
    table = nameless(members, rng)
    numbered = replace(
        table,
        columns={**table.columns, "row": Column(role="quasi", kind="nominal")},
        participants=tuple(
            replace(
                p,
                attributes={**p.attributes, "row": f"r{i}"},
                sessions=(*p.sessions, replace(p.sessions[0], session_id="2")),
            )
            for i, p in enumerate(table.participants)
        ),
    )
    for released in (table, numbered):
        (found,) = put_before(SyntheticSinglingOut(), released, members, controls, reference)
        hit, missed = isolated(found, members, controls)
        assert hit > 0.9
        assert missed < hit - 0.4


def test_a_table_that_is_printed_twice_says_as_much():
    rng = np.random.default_rng(12)
    members, controls, reference = (crowd(n, rng, p) for n, p in ((120, "P"), (60, "H"), (60, "A")))
    table = nameless(members, rng)
    again = [replace(p, participant_id=f"T{i:05d}") for i, p in enumerate(table.participants[:114])]
    twice = table.with_people([*table.participants, *again])
    (found,) = put_before(SyntheticSinglingOut(), twice, members, controls, reference)
    hit, missed = isolated(found, members, controls)
    assert hit > 0.9
    assert missed < hit - 0.4


def test_a_table_of_one_record_many_times_describes_nobody():
    people = crowd(50, np.random.default_rng(9))
    table = corpus(*(person(f"S{i}", 30.0, "a", [1] * 16) for i in range(9)))
    (found,) = put_before(SyntheticSinglingOut(), table, people, corpus(), people)
    assert (found.made, found.records) == ((), 9)


def test_a_table_without_records_or_fields_is_invalid():
    people = crowd(50, np.random.default_rng(10))
    with pytest.raises(InvalidMeasurement, match="no record"):
        put_before(SyntheticSinglingOut(), corpus(), people, corpus(), people)
    blank = Corpus(name="blank", participants=(Participant(participant_id="S1"),))
    with pytest.raises(InvalidMeasurement, match="neither attributes nor answers"):
        put_before(SyntheticSinglingOut(), blank, people, corpus(), people)


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="margin"):
        SyntheticSinglingOut(margin=-1)
