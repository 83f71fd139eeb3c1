"""What is true of a cohort, counted by hand."""

from __future__ import annotations

from mindveil.corpus.model import Entity
from mindveil.corpus.sample.build import build_sample
from mindveil.corpus.sample.lives import draw_persona
from mindveil.corpus.sample.truth import Leak, PersonTruth, VisitTruth, count_leaks


def _entity(entity: str) -> Entity:
    return Entity(turn=0, start=0, end=1, type="PERSON", role="direct", entity=entity)


def test_leaks_are_counted_by_thing() -> None:
    leaks = count_leaks([_entity("town"), _entity("self"), _entity("self")])
    assert leaks == (
        Leak(entity="self", type="PERSON", role="direct", mentions=2),
        Leak(entity="town", type="PLACE", role="quasi", mentions=1),
    )
    assert count_leaks([]) == ()


def test_a_person_leaks_what_any_visit_leaks() -> None:
    visits = tuple(
        VisitTruth(session_id=s, state=(0.0,) * 5, automatic=False, leaks=count_leaks([_entity(e)]))
        for s, e in (("01", "phone"), ("02", "town"))
    )
    person = PersonTruth(persona=draw_persona(1, 1), visits=visits)
    assert person.leaks("direct") == {"phone"}
    assert person.leaks("quasi") == {"town"}


def test_truth_agrees_with_the_annotation_of_the_corpus() -> None:
    corpus, truth = build_sample(seed=3, people=8)
    for person in corpus.participants:
        for session, visit in zip(
            person.sessions, truth.people[person.participant_id].visits, strict=True
        ):
            assert session.session_id == visit.session_id
            assert {k.entity for k in visit.leaks} == {e.entity for e in session.entities}
            assert sum(k.mentions for k in visit.leaks) == len(session.entities)
