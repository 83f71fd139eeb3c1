"""Singling out: who fits a predicate, counted by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.attack.base import Predicate, Predicates
from mindveil.corpus.model import Column, Corpus, Participant
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import advantage, clopper_pearson
from mindveil.evidence.measured import Truth
from mindveil.evidence.singling_out import measure_singling_out

COLUMNS = {
    "age": Column(role="quasi", kind="number"),
    "sex": Column(role="quasi", kind="nominal"),
}


def corpus(**people):
    return Corpus(
        name="made",
        columns=COLUMNS,
        participants=tuple(
            Participant(participant_id=name, attributes={"age": float(age), "sex": sex})
            for name, (age, sex) in people.items()
        ),
    )


RELEASED = corpus(a=(20, "f"), b=(30, "f"), c=(30, "m"), d=(40, "m"))
ABSENT = corpus(x=(20, "f"), y=(30, "f"), z=(30, "m"), w=(50, "f"))
TRUTH = Truth(
    person_of={"r1": "a", "r2": "b", "r3": "c", "r4": "d"}, released=RELEASED, absent=ABSENT
)


def guesses(**terms):
    made = tuple(Predicate(record=record, terms=said) for record, said in terms.items())
    return Predicates(made=made, records=4)


def measured(*folds, unusual=frozenset()):
    return {m.metric: m for m in measure_singling_out(folds, unusual)}


def test_the_right_person_alone_must_fit():
    seen = measured(
        (
            guesses(
                r1={"age": 20.0},  # a alone, and it is hers: singled out
                r2={"age": 30.0},  # b and c
                r3={"age": 40.0},  # d alone, but read from the record of c
                r4={"age": 99.0},  # nobody
            ),
            TRUTH,
        )
    )["success"]
    assert seen.estimate == clopper_pearson(1, 4)
    assert seen.note == "4 predicates from 4 records"
    assert seen.baseline == 0.0


def test_the_control_is_the_same_event_by_chance():
    seen = measured(
        (guesses(r1={"age": 20.0}, r2={"sex": "f"}, r3={"age": 70.0}, r4={"sex": "*"}), TRUTH)
    )
    # Of four absent people 1, 3, 0 and 4 fit; nobody else of three more may:
    by_chance = [1 / 4 * (3 / 4) ** 3, 3 / 4 * (1 / 4) ** 3, 0.0, 0.0]
    assert seen["success"].control == clopper_pearson(sum(by_chance), 4)
    assert seen["advantage"].estimate == advantage(
        seen["success"].estimate, seen["success"].control
    )
    assert seen["advantage"].baseline == 0.0
    assert "4 people absent from the release in turn" in seen["advantage"].note


def test_the_control_does_not_grow_with_fewer_absent_people():
    # A predicate that fits half of all people isolates hardly anybody of 40; with two absent
    # people one of whom fits, "exactly one" alone would have been sure.
    many = corpus(**{f"p{i}": (i, "f" if i % 2 else "m") for i in range(40)})
    truth = Truth(
        person_of={f"r{i}": f"p{i}" for i in range(40)},
        released=many,
        absent=corpus(x=(1, "f"), y=(2, "m")),
    )
    made = tuple(Predicate(record=f"r{i}", terms={"sex": "f"}) for i in range(40))
    seen = measured((Predicates(made=made, records=40), truth))["success"]
    assert seen.control.value == pytest.approx(0.5**40)


def test_a_record_without_a_predicate_counts_as_a_failure_in_both():
    seen = measured((guesses(r1={"age": 20.0}), TRUTH))["success"]
    assert seen.estimate == clopper_pearson(1, 4)
    assert seen.control == clopper_pearson(1 / 4 * (3 / 4) ** 3, 4)
    assert seen.note == "1 predicates from 4 records"


def test_a_release_in_which_nobody_is_unique_singles_nobody_out():
    seen = measured((guesses(), TRUTH))
    assert seen["success"].estimate == clopper_pearson(0, 4)
    assert "no released record is unique" in seen["success"].note
    assert seen["advantage"].estimate.value == 0.0
    assert seen["advantage"].estimate.high > 0.5  # four people can show very little


def test_a_release_without_records_is_invalid():
    nobody = Truth(person_of={}, released=RELEASED, absent=ABSENT)
    with pytest.raises(InvalidMeasurement, match="nobody to single out"):
        measured((Predicates(made=(), records=0), nobody))
    with pytest.raises(InvalidMeasurement, match="nobody to single out"):
        measured()


def test_generalised_terms_cover_what_they_stand_for():
    seen = measured((guesses(r1={"age": "18-22"}, r4={"age": "31-60", "sex": "m|n/a"}), TRUTH))
    assert seen["success"].estimate == clopper_pearson(2, 4)


def test_a_field_that_no_original_has_fits_nobody():
    assert measured((guesses(r1={"shoe": 40.0}), TRUTH))["success"].estimate.value == 0.0


def test_folds_are_pooled_by_person():
    second = Truth(person_of={"q1": "a", "q2": "x"}, released=corpus(a=(20, "f"), x=(20, "f")),
                   absent=corpus(b=(30, "f")))  # fmt: skip
    seen = measured(
        (guesses(r1={"age": 20.0}, r4={"age": 40.0}), TRUTH),
        (Predicates(made=(Predicate(record="q1", terms={"age": 20.0}),), records=2), second),
    )["success"]
    # a: 1 and 0; d: 1; b, c, x: 0. Five people.
    assert seen.estimate == clopper_pearson(1.5, 5)
    assert seen.note == "3 predicates from 6 records"


def test_the_most_unusual_people_are_shown_apart():
    fold = (guesses(r1={"age": 20.0}), TRUTH)
    assert measured(fold, unusual=frozenset("ad"))["success-unusual"].estimate == clopper_pearson(
        1, 2
    )
    assert "success-unusual" not in measured(fold, unusual=frozenset("q"))


def test_without_absent_people_the_control_is_nothing():
    alone = Truth(person_of=TRUTH.person_of, released=RELEASED, absent=corpus())
    seen = measured((guesses(r1={"age": 20.0}), alone))["success"]
    assert seen.control == clopper_pearson(0, 4)


def crowd(prefix, size, rng):
    return corpus(
        **{
            f"{prefix}{i}": (int(rng.integers(1000)), "fm"[int(rng.integers(2))])
            for i in range(size)
        }
    )


def verbatim(people, order):
    """Return the predicate of every record of a verbatim copy, its records in this order."""
    rows = [people.participants[i].attributes for i in order]
    return Predicates(
        made=tuple(Predicate(record=f"r{i}", terms=dict(row)) for i, row in enumerate(rows)),
        records=len(rows),
    )


def test_a_verbatim_copy_singles_out_whoever_is_unique_and_a_shuffled_one_nobody():
    rng = np.random.default_rng(1)
    people, absent = crowd("p", 200, rng), crowd("x", 60, rng)
    truth = Truth(person_of={f"r{i}": f"p{i}" for i in range(200)}, released=people, absent=absent)
    rows = [tuple(p.attributes.values()) for p in people.participants]
    unique = sum(rows.count(row) == 1 for row in rows)
    glass = measured((verbatim(people, range(200)), truth))
    assert glass["success"].estimate == clopper_pearson(unique, 200)
    assert glass["advantage"].estimate.low > 0.8
    order = np.roll(np.arange(200), 1)
    null = measured((verbatim(people, order), truth))
    assert null["success"].estimate.value <= 0.02
    assert null["advantage"].estimate.low <= 0 <= null["advantage"].estimate.high


@given(st.permutations(range(4)))
@settings(max_examples=15, deadline=None)
def test_the_order_of_people_and_predicates_changes_nothing(order):
    told = {"r1": {"age": 20.0}, "r2": {"sex": "f"}, "r3": {"age": 30.0, "sex": "m"}}
    mixed = Truth(
        person_of=dict(reversed(TRUTH.person_of.items())),
        released=RELEASED.with_people([RELEASED.participants[i] for i in order]),
        absent=ABSENT.with_people([ABSENT.participants[i] for i in order]),
    )
    one = measured((guesses(**told), TRUTH))
    two = measured((guesses(**dict(reversed(told.items()))), mixed))
    assert one == two
