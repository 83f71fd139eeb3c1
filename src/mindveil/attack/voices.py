"""What an attacker hears: recordings of people, read by encoders or measured as prosody."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.groups import OWN, Impression, by_direction, by_measure, owners
from mindveil.corpus.model import Corpus, Participant, Session
from mindveil.errors import InvalidMeasurement
from mindveil.features.own_encoder import load_own
from mindveil.features.prosody import prosody_rows
from mindveil.features.speakers import embed_recordings, embed_with

Floats = NDArray[np.float64]

ENCODERS: tuple[str, ...] = ("ge2e", "dvector")
PROSODY = "prosody"


def recordings_of(person: Participant) -> tuple[Path, ...]:
    """Return the voice recordings of a person, the earliest first."""
    return tuple(m.path for s in person.sessions for m in s.files("voice", "audio"))


def check_language(corpus: Corpus) -> None:
    """Refuse a language that the bundled encoders were not trained on.

    Raises:
        InvalidMeasurement: the corpus is not in English.
    """
    if not corpus.language.lower().startswith("en"):
        raise InvalidMeasurement(
            f"the speaker encoders learned from English and the corpus is in {corpus.language!r}: "
            "what they miss would look like low risk"
        )


def count(session: Session) -> int:
    """Return how many voice recordings there are in a session."""
    return len(session.files("voice", "audio"))


def hear(channel: str, corpus: Corpus, encoder: str = "") -> Impression:
    """Return what a channel makes of every recording, people after people."""
    paths = [path for p in corpus.participants for path in recordings_of(p)]
    rows = read_rows(channel, paths, encoder) if paths else np.zeros((0, 1))
    people = owners(corpus, count)
    return by_measure(rows, people) if channel == PROSODY else by_direction(rows, people)


def read_rows(channel: str, paths: Sequence[Path], encoder: str = "") -> Floats:
    """Return the row of each recording: an embedding, or the measures of its prosody."""
    if channel == PROSODY:
        return prosody_rows(paths)
    if channel == OWN:
        return embed_with(load_own(encoder), paths)
    return embed_recordings(paths, channel)
