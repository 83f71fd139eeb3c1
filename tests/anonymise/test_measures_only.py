"""A release of measures holds no word, no sound and no picture, and the same measures."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil import catalog
from mindveil.corpus.model import Corpus, MediaFile, Participant, Response, Session, Turn
from mindveil.corpus.workshop import new_file
from mindveil.features.measures import is_measured_only, visit_rows


def person(name: str, said: str) -> Participant:
    return Participant(
        participant_id=name,
        sessions=(
            Session(
                session_id="01",
                transcript=(Turn(speaker="participant", text=said),),
                responses={"phq9": Response(total=4)},
            ),
            Session(session_id="02", responses={"phq9": Response(total=5)}),
        ),
    )


@pytest.fixture
def spoken(monkeypatch):
    def counted(turns, _encoder):
        words = [len(" ".join(t).split()) for t in turns]
        from mindveil.features.language import LANGUAGE  # noqa: PLC0415

        return np.outer(words, np.arange(1.0, len(LANGUAGE) + 1))

    monkeypatch.setattr("mindveil.features.measures.measure_words", counted)
    monkeypatch.setattr("mindveil.features.measures._encoder", lambda: None)
    return Corpus(name="x", participants=(person("a", "zither lyre"), person("b", "one two three")))


def test_words_go_and_their_measures_stay(spoken):
    step = catalog.step("text/measures", {})
    done = step.apply(spoken, np.random.default_rng(1))
    assert done.ids == spoken.ids
    before = [p.sessions[0] for p in spoken.participants]
    after = [p.sessions[0] for p in done.participants]
    np.testing.assert_array_equal(visit_rows(before, "text"), visit_rows(after, "text"))
    assert all(is_measured_only(s, "text") for s in after)
    assert all(not s.transcript and not s.entities for s in after)
    assert [s.responses for s in after] == [s.responses for s in before]
    for session in after:
        for file in session.files("text", "features"):
            assert b"zither" not in file.path.read_bytes()


def test_a_visit_without_words_stays_without_measures(spoken):
    done = catalog.step("text/measures", {}).apply(spoken, np.random.default_rng(1))
    assert not any(p.sessions[1].has("text") for p in done.participants)


@pytest.mark.parametrize("use", ["voice/measures", "face/measures"])
def test_of_people_who_were_not_recorded_nothing_is_made(use, spoken):
    done = catalog.step(use, {}).apply(spoken, np.random.default_rng(1))
    assert done == spoken


def test_sound_goes_whatever_its_name(spoken, monkeypatch):
    path = new_file("_voice.flac")
    path.write_bytes(b"sound")
    there = Session(session_id="01", media={"voice": (MediaFile(path=path),)})
    one = Participant(participant_id="a", sessions=(there,))
    monkeypatch.setattr(
        "mindveil.features.measures.prosody_rows",
        lambda paths: np.ones((len(paths), 15)),
    )
    monkeypatch.setattr("mindveil.features.measures.MEASURED", {"voice": tuple("abcdefghijklmno")})
    corpus = Corpus(name="x", participants=(one,))
    done = catalog.step("voice/measures", {}).apply(corpus, np.random.default_rng(1))
    (session,) = done.participants[0].sessions
    assert not session.files("voice", "audio")
    assert len(session.files("voice", "features")) == 1
