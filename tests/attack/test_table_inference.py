"""``synthetic/attribute-inference`` on hand-made tables, copies and tables of other people."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.attack.crowds import COLUMNS, blurred, corpus, crowd, nameless, person, put_before

from mindveil.attack.table_inference import (
    Secret,
    Sight,
    SyntheticInference,
    last_items,
    secrets_of,
)
from mindveil.corpus.generalised import covered
from mindveil.corpus.model import Response, Session
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.features.visits import whole_table

FIELDS = ("age", "town", "sex", "work", "q_16")


def hits(guessed, people):
    """How often each field is guessed right of these people."""
    table = whole_table(people)
    found = {}
    for one in guessed:
        guess_of = dict(zip(one.people, one.guesses, strict=True))
        column = table.columns[one.field]
        right = [
            covered(guess_of[p], column)[code]
            for p, code in zip(table.ids, column.codes, strict=True)
        ]
        found[one.field] = float(np.mean(right))
    return found


def attack(protect, seed, *, informed=True, people=240, **settings_of):
    rng = np.random.default_rng(seed)
    members, controls, reference = (
        crowd(n, rng, prefix) for n, prefix in ((people, "P"), (people // 3, "H"), (80, "A"))
    )
    guessed = put_before(
        SyntheticInference(**settings_of),
        protect(members, rng),
        members,
        controls,
        reference,
        protect=protect if informed else None,
    )
    return guessed, hits(guessed, members), hits(guessed, controls)


def test_what_is_a_secret_by_hand():
    tool = Response(items=(1, 0, 2), total=3.0)
    dass = Response(items=tuple(i % 4 for i in range(21)))
    people = [
        replace(
            person(f"P{i}", float(i), "ab"[i % 2], [0]),
            sessions=(
                Session(
                    session_id="1",
                    responses={
                        "mine": replace(tool, items=(1, 0, i % 3)),
                        "dass21": replace(dass, items=tuple((i + j) % 4 for j in range(21))),
                    },
                ),
            ),
        )
        for i in range(12)
    ]
    table = whole_table(corpus(*people))
    secrets = secrets_of(table, np.delete(np.arange(12), (2, 5, 11)), np.array([2, 5, 11]))
    # The last item of each scale; sex and work are the same everywhere; totals are no secret.
    assert [s.name for s in secrets] == [
        "age",
        "town",
        "dass21_18",
        "dass21_20",
        "dass21_21",
        "mine_03",
    ]
    assert secrets[1].answers == ("a", "b")
    assert secrets[-1].answers == ("0", "1", "2")
    # Twelve ages are too many to guess: bands cut at the quarters of 2, 5 and 11.
    assert secrets[0].answers == ("0-5", "6-11")
    assert secrets[0].of(table).tolist() == [0] * 6 + [1] * 6


def test_scales_and_their_last_items():
    fields = whole_table(crowd(3, np.random.default_rng(0))).fields
    assert last_items("q", fields) == ("q_16",)
    assert last_items("other", fields) == ()


def test_a_secret_knows_what_is_right_of_whom():
    secret = Secret(name="age", answers=("18-20", "21-30"))
    ages = (18.0, 21.0, 30.0, 20.5, None, "18-19")
    table = whole_table(corpus(*(person(f"P{i}", a, "a", [0]) for i, a in enumerate(ages))))
    assert secret.of(table).tolist() == [0, 1, 1, -1, -1, 0]


def test_near_records_are_trusted_by_hand():
    seen = Sight(
        read=np.array([[0, 0, -1, 0, 0]]),
        apart=np.array([[1.0, 2.0, 0.0, 2.0, 9.0]]),
        learned=np.array([[1, 1, 1, 1, 1]]),
    )
    strangers = np.array([3, 4])
    # Nearer than any stranger; nearer than the far one; everywhere but where nothing is read.
    assert seen.guesses(strangers, 0.0).tolist() == [[0, 1, 1, 1, 1]]
    assert seen.guesses(strangers, 0.99).tolist() == [[0, 1, 1, 1, 1]]
    assert seen.guesses(strangers, 1.0).tolist() == [[0, 0, 1, 0, 0]]


@pytest.mark.parametrize("informed", [False, True])
def test_glass_a_copy_tells_every_secret_of_its_people_alone(informed):
    guessed, members, controls = attack(nameless, 1, informed=informed)
    assert tuple(g.field for g in guessed) == FIELDS
    assert {g.tier for g in guessed} == {"trained" if informed else "light"}
    for field in FIELDS:
        assert members[field] >= 0.95
        assert controls[field] < 0.85
        assert (members[field] - controls[field]) / (1 - controls[field]) > 0.8


def test_what_everybody_has_in_common_is_learned_and_is_no_gain():
    strangers = crowd(600, np.random.default_rng(2), "S")
    _, members, controls = attack(lambda people, rng: nameless(strangers, rng), 2, people=450)
    # Severity tells the last answer and the work of members and of control people alike.
    for field in ("q_16", "work"):
        assert min(members[field], controls[field]) > 0.4
    assert all(abs(members[f] - controls[f]) < 0.16 for f in FIELDS)  # 150 control people
    assert abs(np.mean([members[f] - controls[f] for f in FIELDS])) < 0.06


def test_pram_tells_on_its_people():
    _, members, controls = attack(blurred(0.8), 3)
    assert np.mean([members[f] - controls[f] for f in FIELDS]) > 0.12


def test_the_more_is_kept_the_more_is_told():
    gains = []
    for keep in (0.0, 0.7, 0.85, 1.0):
        _, members, controls = attack(blurred(keep), 4, informed=False)
        gains.append(np.mean([members[f] - controls[f] for f in FIELDS]))
    assert gains[0] < 0.06
    assert gains == sorted(gains)


@settings(max_examples=8)
@given(st.integers(0, 999))
def test_the_secret_itself_is_never_looked_at(seed):
    rng = np.random.default_rng(seed)
    people, reference = crowd(40, rng), crowd(20, rng, "A")
    table = nameless(crowd(40, rng, "S"), rng)
    other = people.with_people(
        replace(p, attributes={**p.attributes, "town": "h"}) for p in people.participants
    )
    one, two = (
        {
            g.field: g.guesses
            for g in put_before(SyntheticInference(), table, p, corpus(), reference)
        }
        for p in (people, other)
    )
    assert one["town"] == two["town"]


def test_equal_inputs_give_equal_guesses():
    one, two = (attack(blurred(0.7), 5)[0] for _ in range(2))
    assert one == two


def test_nobody_to_attack_or_to_learn_from_is_invalid():
    people = crowd(9, np.random.default_rng(6))
    for table, members, reference in (
        (corpus(), people, people),
        (people, corpus(), people),
        (people, people, corpus()),
    ):
        with pytest.raises(InvalidMeasurement, match="at least one of each"):
            put_before(SyntheticInference(), table, members, corpus(), reference)


def test_a_table_in_which_no_secret_differs_is_invalid():
    people = crowd(9, np.random.default_rng(7))
    table = corpus(*(person(f"S{i}", 30.0, "a", [1] * 16) for i in range(9)))
    with pytest.raises(InvalidMeasurement, match="of two values"):
        put_before(SyntheticInference(), table, people, corpus(), people)


def test_identifiers_and_other_columns_are_no_secret():
    columns = {name: replace(column, role="other") for name, column in COLUMNS.items()}
    people = replace(crowd(40, np.random.default_rng(8)), columns=columns)
    guessed = put_before(SyntheticInference(), people, people, people.with_people(()), people)
    assert [g.field for g in guessed] == ["q_16"]


@pytest.mark.parametrize("trust", [-0.1, 1.1])
def test_settings_that_cannot_be_are_refused(trust):
    with pytest.raises(InputError, match="trust"):
        SyntheticInference(trust=trust)
