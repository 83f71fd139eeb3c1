"""The dial: level 1 hides who, level 2 also hides what singles out and how it is said."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.anonymise.text_anonymise import TextAnonymise
from mindveil.corpus.model import Corpus, Entity, Participant, Session, Turn
from mindveil.errors import InputError

SAID = (
    "Um, Nicole and my brother Mark came, you know.",
    "I'm 34, a nurse from Leeds, and I haven't slept for three weeks.",
    "Nicole never calls me.",
)
CORPUS = Corpus(
    name="toy",
    participants=(
        Participant(
            participant_id="P1",
            sessions=tuple(
                Session(
                    session_id=str(number),
                    transcript=(Turn(speaker="participant", text=text),),
                    entities=(
                        Entity(turn=0, start=0, end=2, type="PERSON", role="direct", entity="x"),
                    ),
                )
                for number, text in enumerate(SAID)
            ),
        ),
    ),
)


def texts(**settings):
    release = TextAnonymise(**settings).apply(CORPUS, np.random.default_rng(1))
    assert all(s.entities == () for p in release.participants for s in p.sessions)
    return [t.text for p in release.participants for s in p.sessions for t in s.transcript]


@pytest.mark.parametrize("level", [0, 3, 4, -1])
def test_a_level_that_does_not_exist_is_refused(level):
    with pytest.raises(InputError, match="choose 1 or 2"):
        TextAnonymise(level=level)


def test_another_language_is_refused():
    german = Corpus(name="toy", participants=(), language="de")
    with pytest.raises(InputError, match="English only"):
        TextAnonymise().apply(german, np.random.default_rng(1))


@pytest.mark.usefixtures("model")
def test_level_1_numbers_people_through_all_sessions():
    assert texts(level=1) == [
        "Um, [PERSON_1] and my brother [PERSON_2] came, you know.",
        SAID[1],
        "[PERSON_1] never calls me.",
    ]


@pytest.mark.usefixtures("model")
def test_level_2_also_generalises():
    assert texts(level=2, smooth=False)[1] == (
        "I'm [AGE_THIRTIES], a health worker from a place in northern europe,"
        " and I haven't slept for three weeks."
    )


@pytest.mark.usefixtures("model")
def test_level_2_smooths_how_it_was_said():
    assert texts(level=2) == [
        "[PERSON_1] and my brother [PERSON_2] came",
        (
            "i'm [AGE_THIRTIES] a health worker from a place in northern europe and i haven't slept"
            " for three weeks"
        ),
        "[PERSON_1] never calls me",
    ]


@pytest.mark.usefixtures("model")
def test_dose_response_each_level_leaves_less():
    names = ("nicole", "mark", "34", "nurse", "leeds")
    left = [
        sum(name in " ".join(release).lower() for name in names)
        for release in (SAID, texts(level=1), texts(level=2))
    ]
    assert left == [5, 3, 0]


@pytest.mark.usefixtures("model")
def test_the_number_of_turns_stays():
    assert len(texts(level=1)) == len(texts(level=2)) == len(SAID)
