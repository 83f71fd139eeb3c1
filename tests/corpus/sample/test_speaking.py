"""What is said in a recording stands in the transcript, whole identifiers and all."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.corpus.model import Entity, Session, Turn
from mindveil.corpus.sample.build import build_sample
from mindveil.corpus.sample.speaking import Utterance, choose, read_out, utterances

TEXT = "I slept badly, then I rang Jo Bell. She came round at once, you know."


def _session(text: str = TEXT) -> Session:
    start = text.find("Jo Bell")
    entity = Entity(
        turn=1, start=start, end=start + 7, type="PERSON", role="direct", entity="friend"
    )
    return Session(
        session_id="01",
        transcript=(
            Turn(speaker="interviewer", text="How did you sleep, and did you ring anybody at all?"),
            Turn(speaker="participant", text=text),
        ),
        entities=(entity,),
    )


def test_utterances_of_a_turn_counted_by_hand() -> None:
    # clauses: I slept badly, | then I rang Jo Bell. | She came round at once, | you know.
    found = {(" ".join(u.words), u.breaks, u.entities) for u in utterances(_session())}
    assert found == {
        ("I slept badly, then I rang Jo Bell.", (2,), ("friend",)),
        ("I slept badly, then I rang Jo Bell. She came round at once,", (2, 7), ("friend",)),
        ("I slept badly, then I rang Jo Bell. She came round at once, you know.", (2, 7, 12),
         ("friend",)),
        ("then I rang Jo Bell.", (), ("friend",)),
        ("then I rang Jo Bell. She came round at once,", (4,), ("friend",)),
        ("then I rang Jo Bell. She came round at once, you know.", (4, 9), ("friend",)),
        ("She came round at once,", (), ()),
        ("She came round at once, you know.", (4,), ()),
    }  # fmt: skip


def test_no_utterance_cuts_an_identifier() -> None:
    text = "I grew up by the sea in Jo Bell, and so on. We all did then, truly."
    session = _session(text)
    cut = Session(
        session_id="01",
        transcript=session.transcript,
        entities=(Entity(turn=1, start=text.find("Bell"), end=text.find("so on"), type="PLACE",
                         role="quasi", entity="town"),),
    )  # fmt: skip
    assert all(
        ("Bell," in u.words) == ("and" in u.words) == bool(u.entities) for u in utterances(cut)
    )


@pytest.mark.parametrize(
    ("word", "spoken"),
    [
        ("07700", "oh seven seven oh oh"),
        ("900581,", "nine oh oh five eight one,"),
        ("jo.b@example.net,", "jo dot b at example dot net,"),
        ("63", "63"),
        ("tired.", "tired."),
    ],
)
def test_what_is_read_out(word: str, spoken: str) -> None:
    assert read_out(word) == spoken


def test_written_words_have_no_punctuation_around_them() -> None:
    said = Utterance(turn=1, words=("Well,", "jo.b@example.net,", "thanks."), breaks=(0,))
    assert said.written == ("Well", "jo.b@example.net", "thanks")


def test_what_lasts_four_seconds_and_pauses_comes_first() -> None:
    best = choose(_session(), lambda said: 0.5 * len(said.words), np.random.default_rng(0))[0]
    assert len(best.words) == 8
    assert best.breaks


def test_every_visit_of_a_cohort_has_something_to_say() -> None:
    corpus, _ = build_sample(seed=4, people=12)
    for person in corpus.participants:
        for session in person.sessions:
            found = tuple(utterances(session))
            assert found
            for said in found:
                text = session.transcript[said.turn].text
                assert " ".join(said.words) in " ".join(text.split())
