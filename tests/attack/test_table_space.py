"""Rows that can be compared: by hand, and whatever a release did to its values."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.attack.table_space import rows_of, space_of
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.errors import InvalidMeasurement

COLUMNS = {
    "age": Column(role="quasi", kind="number"),
    "town": Column(role="quasi", kind="nominal"),
    "school": Column(role="quasi", kind="ordinal", levels=("low", "middle", "high")),
}


def toy(*people):
    made = []
    for i, (age, town, school, *items) in enumerate(people):
        session = Session(session_id="1", responses={"phq9": Response(items=tuple(items))})
        attributes = {"age": age, "town": town, "school": school}
        made.append(Participant(participant_id=f"P{i}", attributes=attributes, sessions=(session,)))
    return Corpus(name="toy", participants=tuple(made), columns=COLUMNS)


def test_by_hand():
    people = toy(
        (20.0, "a", "low", 0),
        (30.0, "a", "high", 2),
        (40.0, "b", "low", 0),
        (50.0, "b", "high", 2),
    )
    space = space_of(people)
    assert [a.field.name for a in space.axes] == ["age", "town", "school", "phq9_01"]
    rows = space.rows(people)
    assert rows.shape == (4, 5) == (4, space.width)
    assert rows[:, 0] == pytest.approx(np.array([-3, -1, 1, 3]) / np.sqrt(5))
    # Two towns are worth one column together: half of its variance each.
    assert rows[:, 1] == pytest.approx(np.array([1, 1, -1, -1]) / np.sqrt(2))
    assert rows[:, 1:3].var(axis=0).sum() == pytest.approx(1)
    assert rows[:, 3].tolist() == rows[:, 4].tolist() == [-1, 1, -1, 1]


def test_missing_suppressed_and_banded_values_have_a_place():
    people = toy(*((20.0 + i, "ab"[i % 2], "low", i % 4) for i in range(20)))
    release = toy((None, "a", "low", 1), ("*", "*", "*", None), ("20-24", "c", "low|high", "0-1"))
    space, (_, rows) = rows_of(people, release)
    at = {}
    start = 0
    for axis in space.axes:
        at[axis.field.name] = slice(start, start + axis.width)
        start += axis.width
    age, item = rows[:, at["age"]], rows[:, at["phq9_01"]]
    # A missing age stands at the mean and is told apart by a column of its own.
    assert age[0, 0] == 0
    assert age[0, 1] > 3
    assert age[1, 0] == age[1, 1] == age[2, 1] == 0
    assert age[2, 0] == pytest.approx((22 - 29.5) / np.std(np.arange(20)))
    assert item[1, 0] == 0
    assert item[1, 1] > 3
    assert item[2, 0] == pytest.approx((0.5 - 1.5) / np.std(np.arange(20) % 4))
    # The release has a town that nobody knew.
    assert rows[:, at["town"]].shape[1] == 3
    assert (rows[1, at["town"]] == 0).all()


def test_a_field_that_a_release_left_out_stands_at_the_mean():
    people = toy(*((20.0 + i, "a", "low", i % 4) for i in range(20)))
    bare = people.with_people(replace(p, attributes={}) for p in people.participants)
    bare = replace(bare, columns={})
    space = space_of(people)
    rows, others = space.rows(people), space.rows(bare)
    assert rows.shape == others.shape == (20, 2)
    assert (others[:, 0] == 0).all()
    assert others[:, 1].tolist() == rows[:, 1].tolist()
    # Where everybody is compared, it is no part of the comparison.
    space, (rows, others) = rows_of(people, bare)
    assert [a.field.name for a in space.axes] == ["phq9_01"]
    assert others.tolist() == rows.tolist()


def test_nobody_differs():
    with pytest.raises(InvalidMeasurement, match="nothing to compare"):
        space_of(toy(*[(20.0, "a", "low", 1)] * 5))


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.none() | st.floats(0, 100),
            st.sampled_from([None, "a", "b", "*", "a|b"]),
            st.sampled_from([None, "low", "high"]),
            st.none() | st.integers(0, 3),
        ),
        min_size=2,
        max_size=12,
    )
)
def test_equal_people_have_equal_rows_of_finite_numbers(people):
    corpus = toy(*people, people[0], (1.0, "a", "low", 0), (2.0, "b", "high", 3))
    rows = space_of(corpus).rows(corpus)
    assert np.isfinite(rows).all()
    assert rows[0].tolist() == rows[len(people)].tolist()
