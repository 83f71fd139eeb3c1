"""Is accuracy owed to recognising people? Planted fingerprints, a planted illness, and neither."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mindveil.corpus.folds import Split, rotate
from mindveil.corpus.model import Corpus, Participant, Response, Session, Turn
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.validity import measure_identity
from mindveil.utility.identity import Identity
from mindveil.utility.validity import Meeting, words_of

COMMON = "i was the day and then we went home late again it rained they came over".split()
LOW = "sleepless empty tired hopeless".split()
WELL = "rested cheerful calm curious".split()


def visit(number: int, words: list[str], *, ill: bool) -> Session:
    return Session(
        session_id=f"{number:02d}",
        transcript=(Turn(speaker="participant", text=" ".join(words)),),
        responses={"phq9": Response(total=18.0 if ill else 3.0)},
    )


def cohort(kind: str, people: int, rng: np.random.Generator) -> Corpus:
    """Return people of two visits: fingerprints of a lasting state, symptoms of a passing one, or neither."""
    made = []
    for person in range(people):
        lasting = bool(person % 2)
        visits = []
        for number in (1, 2):
            ill = lasting if kind == "fingerprint" else bool(rng.random() < 0.5)
            words = [COMMON[i] for i in rng.integers(len(COMMON), size=40)]
            if kind == "fingerprint":
                words += [f"own{person}word{i}" for i in range(8)]
            if kind == "illness":
                seen = rng.random(3) < (0.8 if ill else 0.2)
                words += [(LOW if low else WELL)[rng.integers(4)] for low in seen]
            visits.append(visit(number, words, ill=ill))
        made.append(Participant(participant_id=f"P{person:03d}", sessions=tuple(visits)))
    return Corpus(name=kind, participants=tuple(made))


def told(corpus: Corpus, modality: str = "text"):
    folds = rotate(corpus.ids, Split(), 1)
    task = Identity(target="phq9>=10", modality=modality)
    found = [
        task.tell(
            Meeting(
                training=corpus.select(f.released),
                again=corpus.select(f.released),
                fresh=corpus.select(f.held_out),
            ),
            np.random.default_rng(0),
        )
        for f in folds
    ]
    figures = measure_identity(found, np.random.default_rng(0))
    return {m.metric: m.estimate for m in figures}


@pytest.mark.parametrize("modality", ["text", "fused"])
def test_a_detector_that_knows_people_alone_is_found_out(modality):
    found = told(cohort("fingerprint", 100, np.random.default_rng(1)), modality)
    assert found["auroc-overlapping"].value >= 0.97
    assert found["auroc-disjoint"].low <= 0.5 <= found["auroc-disjoint"].high
    assert found["identity-share"].low > 0.3


def test_a_detector_that_knows_the_illness_owes_nothing_to_identity():
    found = told(cohort("illness", 100, np.random.default_rng(2)))
    assert found["auroc-disjoint"].low > 0.7
    assert found["identity-share"].value <= 0.05
    assert found["identity-share"].low <= 0.0 <= found["identity-share"].high


def test_where_there_is_nothing_to_learn_nothing_is_told():
    found = [told(cohort("nothing", 100, np.random.default_rng(seed))) for seed in range(16)]
    for metric, nothing in (
        ("auroc-overlapping", 0.5),
        ("auroc-disjoint", 0.5),
        ("identity-share", 0.0),
    ):
        wrong = sum(not f[metric].low <= nothing <= f[metric].high for f in found)
        assert wrong <= 3  # more happens once in 150 times at 5 %
        assert np.mean([f[metric].value for f in found]) == pytest.approx(nothing, abs=0.05)


def test_nobody_is_tested_on_the_visit_that_taught():
    corpus = cohort("fingerprint", 40, np.random.default_rng(4))
    task = Identity(target="phq9>=10", modality="text")
    taught, met = (task._cases(corpus, place) for place in (-2, -1))
    assert taught.ids == met.ids
    assert [v[0].session_id for v in taught.visits] == ["01"] * 40
    assert [v[0].session_id for v in met.visits] == ["02"] * 40


def test_what_was_answered_in_the_release_alone_teaches():
    corpus = cohort("fingerprint", 60, np.random.default_rng(5))
    folds = rotate(corpus.ids, Split(), 1)
    gone = sorted(folds[0].released)[:5]
    meeting = Meeting(
        training=corpus.select(folds[0].released - set(gone)),
        again=corpus.select(folds[0].released),
        fresh=corpus.select(folds[0].held_out),
    )
    rng = np.random.default_rng(0)
    made = Identity(target="phq9>=10", modality="text").tell(meeting, rng)
    assert not set(made["overlapping"].ids) & set(gone)
    assert set(made["disjoint"].ids) == folds[0].held_out


def test_one_visit_is_not_enough():
    corpus = cohort("illness", 40, np.random.default_rng(6))
    once = corpus.with_people(
        Participant(participant_id=p.participant_id, sessions=p.sessions[:1])
        for p in corpus.participants
    )
    with pytest.raises(InvalidMeasurement, match="0 people to learn from have two visits"):
        told(once)


def cut_in_two(corpus: Corpus) -> Corpus:
    """Return the same words as parts of one recording, with answers behind the last part alone."""

    def change(person: Participant, session: Session) -> Session:
        last = session is person.sessions[-1]
        return replace(session, responses=session.responses if last else {})

    return replace(corpus.map_sessions(change), pseudo_sessions="two parts of one recording")


@pytest.mark.parametrize("modality", ["text", "fused"])
def test_parts_of_one_recording_stand_for_visits(modality):
    found = told(cut_in_two(cohort("fingerprint", 100, np.random.default_rng(1))), modality)
    assert found["auroc-overlapping"].value >= 0.97
    assert found["identity-share"].low > 0.3


def test_answers_that_were_given_once_are_no_other_visit():
    with pytest.raises(InvalidMeasurement, match="filled in once"):
        told(cut_in_two(cohort("illness", 40, np.random.default_rng(8))), "scales")


def test_a_recording_that_is_not_there_cannot_be_recognised():
    with pytest.raises(InvalidMeasurement, match="two visits with answers"):
        told(cohort("illness", 40, np.random.default_rng(7)), "voice")


def test_words_are_those_of_the_people_who_teach():
    rows, others = words_of([("a cat",), ("a dog sat",)], [("cat bird",), ("",)])
    assert rows.shape == (2, 3)  # cat, dog, sat: single letters are no words
    assert others[0].tolist() == [1.0, 0.0, 0.0]
    assert np.isnan(others[1]).all()
