"""Transcripts are redacted whole: all speakers, all sessions, and no truth left behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mindveil.anonymise.text_redact import TextRedact
from mindveil.corpus.model import (
    Column,
    Corpus,
    Entity,
    MediaFile,
    Participant,
    Response,
    Session,
    Turn,
)
from mindveil.errors import InputError


def talk(*turns):
    speakers = ("interviewer", "participant")
    return tuple(Turn(speaker=speakers[i % 2], text=t) for i, t in enumerate(turns))


def corpus(*people, language="en"):
    return Corpus(
        name="toy",
        participants=people,
        columns={"name": Column(role="identifier", kind="text")},
        language=language,
    )


ONE = Participant(
    participant_id="P1",
    attributes={"name": "Zither Quince"},
    sessions=(
        Session(
            session_id="1",
            transcript=talk("hello nicole", "my brother mark rang zither"),
            entities=(Entity(turn=0, start=6, end=12, type="PERSON", role="direct", entity="n"),),
            responses={"phq9": Response(total=7.0)},
            media={"voice": (MediaFile(path=Path("a.flac")),)},
        ),
        Session(session_id="2", transcript=talk("and nicole", "i'm 34 and i live in leeds")),
    ),
)


def texts(release):
    return [[t.text for s in p.sessions for t in s.transcript] for p in release.participants]


def test_an_unknown_type_or_operator_is_refused():
    with pytest.raises(InputError, match="unknown type 'NAME'"):
        TextRedact(types=("NAME",))
    with pytest.raises(InputError, match="tag or surrogate"):
        TextRedact(operator="blur")


def test_another_language_is_refused_rather_than_passed_by():
    with pytest.raises(InputError, match="English only"):
        TextRedact().apply(corpus(ONE, language="de"), np.random.default_rng(1))


@pytest.mark.usefixtures("model")
def test_hand_table():
    release = TextRedact().apply(corpus(ONE), np.random.default_rng(1))
    assert texts(release) == [
        [
            "hello [PERSON]",
            "my brother [PERSON] rang [PERSON]",
            "and [PERSON]",
            "i'm 34 and i live in leeds",
        ]
    ]


@pytest.mark.usefixtures("model")
def test_only_the_wanted_types_are_hidden():
    release = TextRedact(types=("PLACE",)).apply(corpus(ONE), np.random.default_rng(1))
    assert texts(release)[0][-1] == "i'm 34 and i live in [PLACE]"
    assert texts(release)[0][0] == "hello nicole"


@pytest.mark.usefixtures("model")
def test_the_rest_of_a_session_stays_and_the_truth_does_not():
    release = TextRedact().apply(corpus(ONE), np.random.default_rng(1))
    (person,) = release.participants
    assert person.participant_id == "P1"
    assert person.attributes == ONE.attributes
    for before, after in zip(ONE.sessions, person.sessions, strict=True):
        assert after.entities == ()
        assert after.responses == before.responses
        assert after.media == before.media
        assert [t.speaker for t in after.transcript] == [t.speaker for t in before.transcript]


@pytest.mark.usefixtures("model")
def test_surrogates_hold_through_sessions_and_change_between_releases():
    protection = TextRedact(operator="surrogate")
    one = texts(protection.apply(corpus(ONE), np.random.default_rng(1)))[0]
    two = texts(protection.apply(corpus(ONE), np.random.default_rng(2)))[0]
    assert one[0].removeprefix("hello ") == one[2].removeprefix("and ")
    assert one[0] != two[0]
    assert not any(name in " ".join(one) for name in ("nicole", "mark", "zither"))


@pytest.mark.usefixtures("model")
def test_each_person_is_treated_alone():
    two = Participant(participant_id="P2", sessions=ONE.sessions)
    protection = TextRedact(operator="surrogate")
    alone = protection.apply(corpus(ONE), np.random.default_rng(1))
    first = protection.apply(corpus(ONE, two), np.random.default_rng(1))
    last = protection.apply(corpus(two, ONE), np.random.default_rng(1))
    assert first.participants[0] == alone.participants[0] == last.participants[1]
    assert texts(first)[0][0] != texts(first)[1][0]


@pytest.mark.usefixtures("model")
def test_null_a_corpus_without_transcripts_is_unchanged():
    empty = corpus(Participant(participant_id="P1", sessions=(Session(session_id="1"),)))
    assert TextRedact().apply(empty, np.random.default_rng(1)) == empty
