"""Do questions tell the diagnosis? An interviewer who follows it, and one who does not."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.corpus.folds import Split, rotate
from mindveil.corpus.model import Corpus, Participant, Response, Session, Turn
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.validity import measure_interviewer
from mindveil.utility.interviewer import Interviewer, has_interviewer
from mindveil.utility.validity import Meeting

COMMON = "i was the day and then we went home late again it rained they came over".split()
QUESTIONS = "how are you|what did you do|where do you live|tell me more|and your family".split("|")
FOLLOWED = "when were you diagnosed with it"


def cohort(follows: float, hints: float, rng: np.random.Generator, people: int = 120) -> Corpus:
    """Return interviews: how often an ill person is asked about it, and says that she is tired."""
    made = []
    for person in range(people):
        ill = bool(person % 2)
        turns = []
        for _ in range(6):
            turns.append(Turn(speaker="interviewer", text=QUESTIONS[rng.integers(5)]))
            words = [COMMON[i] for i in rng.integers(len(COMMON), size=9)]
            if rng.random() < (hints if ill else 0.0):
                words.append("tired")
            turns.append(Turn(speaker="participant", text=" ".join(words)))
        if rng.random() < (follows if ill else 0.0):
            turns.insert(4, Turn(speaker="interviewer", text=FOLLOWED))
        session = Session(
            session_id="01",
            transcript=tuple(turns),
            responses={"phq9": Response(total=18.0 if ill else 3.0)},
        )
        made.append(Participant(participant_id=f"P{person:03d}", sessions=(session,)))
    return Corpus(name="interviews", participants=tuple(made))


def told(corpus: Corpus):
    found = [
        Interviewer(target="phq9>=10").tell(
            Meeting(
                training=corpus.select(f.released),
                again=corpus.select(f.released),
                fresh=corpus.select(f.held_out),
            ),
            np.random.default_rng(0),
        )
        for f in rotate(corpus.ids, Split(), 1)
    ]
    figures = measure_interviewer(found, np.random.default_rng(0))
    return {m.metric: m.estimate for m in figures}


def test_questions_that_follow_the_diagnosis_are_found():
    found = told(cohort(0.9, 0.1, np.random.default_rng(1)))
    assert found["auroc-interviewer"].low > 0.8
    assert found["interviewer-share"].low > 0.1
    assert found["auroc-both"].value > found["auroc-participant"].value


def test_questions_that_do_not_follow_it_are_at_chance():
    found = told(cohort(0.0, 0.5, np.random.default_rng(2)))
    assert found["auroc-participant"].low > 0.8
    assert found["auroc-interviewer"].low <= 0.5 <= found["auroc-interviewer"].high
    assert found["interviewer-share"].low <= 0.0


def test_where_nobody_tells_nothing_is_told():
    found = told(cohort(0.0, 0.0, np.random.default_rng(3)))
    for side in ("participant", "interviewer", "both"):
        assert found[f"auroc-{side}"].low <= 0.5 <= found[f"auroc-{side}"].high


def test_people_without_an_interviewers_turn_are_left_out():
    corpus = cohort(0.9, 0.5, np.random.default_rng(4))
    silent = corpus.ids[:7]

    def alone(person, session):
        if person.participant_id not in silent:
            return session
        own = tuple(t for t in session.transcript if t.speaker == "participant")
        return Session(session_id=session.session_id, transcript=own, responses=session.responses)

    assert told(corpus.map_sessions(alone))["auroc-interviewer"].n == 120 - 7


def test_a_corpus_without_interviewers_cannot_be_asked():
    corpus = cohort(0.9, 0.5, np.random.default_rng(5), people=20)
    assert has_interviewer(corpus)
    silent = corpus.map_sessions(
        lambda _, s: Session(
            session_id=s.session_id, transcript=s.transcript[1:2], responses=s.responses
        )
    )
    assert not has_interviewer(silent)
    with pytest.raises(InvalidMeasurement, match="turns of an interviewer"):
        told(silent)
