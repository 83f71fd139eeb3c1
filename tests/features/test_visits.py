"""Every visit side by side, by hand; one visit is the latest table."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.features.scales import latest_table
from mindveil.features.visits import responses_of, visit_name, whole_table


def person(name, age, *visits):
    sessions = tuple(Session(session_id=str(i), responses=v) for i, v in enumerate(visits))
    return Participant(participant_id=name, attributes={"age": age}, sessions=sessions)


def toy(*people):
    columns = {"age": Column(role="quasi", kind="number")}
    return Corpus(name="toy", participants=people, columns=columns)


def phq(*items):
    return {"phq9": Response(items=items)}


def test_visits_stand_side_by_side():
    corpus = toy(
        person("A", 30.0, phq(0, 1), phq(2, 3)),
        person("B", 40.0, {"gad7": Response(total=4.0)}, phq(1, 1)),
        person("C", None),
    )
    table = whole_table(corpus)
    assert [f.name for f in table.fields] == [
        *("age", "gad7_total", "phq9_01", "phq9_02", "phq9@2_01", "phq9@2_02"),
    ]
    # B came to the first session, but answered this questionnaire in the second for the first time
    assert table.columns["phq9_01"].values == (0, 1, None)
    assert table.columns["phq9@2_02"].values == (3, None, None)
    assert table.columns["gad7_total"].values == (None, 4.0, None)
    assert table.ids == ("A", "B", "C")
    assert table.field("phq9@2_01").tool == visit_name("phq9", 2)
    assert list(responses_of(corpus.participants[0])) == ["phq9", "phq9@2"]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.none() | st.integers(0, 3)), min_size=1))
def test_of_one_visit_it_is_the_latest_table(answers):
    corpus = toy(*(person(f"P{i}", float(i), phq(*a)) for i, a in enumerate(answers)))
    whole, latest = whole_table(corpus), latest_table(corpus)
    assert whole.fields == latest.fields
    assert all(whole.columns[f.name].values == latest.columns[f.name].values for f in latest.fields)
