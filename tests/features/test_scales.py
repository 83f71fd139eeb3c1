"""The questionnaire side of a corpus as one table."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.errors import InputError
from mindveil.features.scales import indicators, latest_table, matches, numbers

COLUMNS = {
    "age": Column(role="quasi", kind="number"),
    "education": Column(role="quasi", kind="ordinal", levels=("school", "college", "degree")),
    "country": Column(role="quasi", kind="nominal"),
}


def person(name, attributes, *sessions):
    return Participant(
        participant_id=name,
        attributes=attributes,
        sessions=tuple(
            Session(session_id=str(i), responses=answers) for i, answers in enumerate(sessions)
        ),
    )


@pytest.fixture
def corpus():
    early = {"phq9": Response(items=(3, 3), total=6), "gad7": Response(items=(1,), total=1)}
    late = {"phq9": Response(items=(0, None), total=None)}
    people = (
        person("P1", {"age": 34.0, "education": "school", "country": "MY"}, early, late),
        person("P2", {"age": "30-39", "education": "degree"}, {"phq9": Response(items=("0-1", 2))}),
        person("P3", {"age": None, "education": "school|degree", "country": "MY|US"}),
    )
    return Corpus(name="toy", participants=people, columns=COLUMNS)


def test_the_last_session_of_each_questionnaire_counts(corpus):
    table = latest_table(corpus)
    assert [f.name for f in table.fields] == [
        "age",
        "education",
        "country",
        "gad7_01",
        "gad7_total",
        "phq9_01",
        "phq9_02",
    ]
    assert table.columns["phq9_01"].values == (0, "0-1", None)
    assert table.columns["phq9_02"].values == (None, 2, None)
    assert table.columns["gad7_01"].values == (1, None, None)
    assert table.columns["country"].values == ("MY", None, "MY|US")
    assert table.named("item") == ("gad7_01", "phq9_01", "phq9_02")


def test_attributes_without_a_description_are_read_too():
    people = (person("P1", {"height": 170.0, "team": "red"}), person("P2", {"height": None}))
    table = latest_table(Corpus(name="toy", participants=people))
    assert [(f.name, f.kind, f.role) for f in table.fields] == [
        ("height", "number", "other"),
        ("team", "nominal", "other"),
    ]


def test_a_field_cannot_have_two_meanings(corpus):
    columns = {**COLUMNS, "phq9_01": Column(role="other", kind="number")}
    with pytest.raises(InputError, match="phq9_01"):
        latest_table(Corpus(name="toy", participants=corpus.participants, columns=columns))


@pytest.mark.parametrize(
    ("terms", "fits"),
    [
        ({"age": "30-39"}, [True, True, False]),  # a band fits what lies in it
        ({"age": 34.0}, [True, False, False]),  # but a band need not be 34
        ({"age": "n/a"}, [False, False, True]),
        ({"phq9_01": "0-1", "age": "*"}, [True, True, False]),
        ({"phq9_01": 0, "gad7_01": 2}, [False, False, False]),
        ({"shoe": "42"}, [False, False, False]),  # nobody fits a field that is not there
        ({}, [True, True, True]),
    ],
)
def test_who_fits_a_predicate(corpus, terms, fits):
    assert matches(terms, latest_table(corpus)).tolist() == fits


def test_numbers_are_middles_ranks_and_answers(corpus):
    table = latest_table(corpus)
    np.testing.assert_array_equal(numbers(table, "age"), [34.0, 34.5, np.nan])
    np.testing.assert_array_equal(numbers(table, "education"), [0.0, 2.0, 1.0])
    np.testing.assert_array_equal(numbers(table, "phq9_01"), [0.0, 0.5, np.nan])
    assert np.isnan(numbers(table, "country")).all()


def test_indicators_share_a_generalised_value_between_its_levels(corpus):
    levels, shares = indicators(latest_table(corpus), "country")
    assert levels == ("MY", "US")
    np.testing.assert_array_equal(shares, [[1, 0], [0, 0], [0.5, 0.5]])
    levels, shares = indicators(latest_table(corpus), "education")
    assert levels == ("school", "college", "degree")
    np.testing.assert_array_equal(shares, [[1, 0, 0], [0, 0, 1], [0.5, 0, 0.5]])


def test_indicators_of_a_suppressed_value_are_zero():
    people = (person("P1", {"country": "*"}), person("P2", {"country": "MY"}))
    _, shares = indicators(latest_table(Corpus(name="toy", participants=people)), "country")
    np.testing.assert_array_equal(shares, [[0], [1]])


def test_an_unknown_field_is_named(corpus):
    with pytest.raises(InputError, match="shoe"):
        latest_table(corpus).field("shoe")


@given(st.lists(st.tuples(st.integers(18, 90), st.integers(0, 3)), min_size=1, max_size=12))
def test_everybody_fits_the_predicate_made_of_her_own_row(rows):
    people = tuple(
        person(f"P{i}", {"age": float(age)}, {"phq2": Response(items=(item, 3 - item), total=3)})
        for i, (age, item) in enumerate(rows)
    )
    table = latest_table(Corpus(name="toy", participants=people, columns=COLUMNS))
    for row in range(len(rows)):
        own = {name: column.values[row] for name, column in table.columns.items()}
        assert matches(own, table)[row]
        assert matches(own, table).sum() == rows.count(rows[row])
