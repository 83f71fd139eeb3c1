"""Steps that a benchmark needs beside real defences: the two ends of the scale, and a folder.

``VerbatimCopy`` hides nothing and ``IndependentNoise`` leaves nothing: a defence of any worth lies
between them. ``AsProtected`` stands for a folder that somebody protected elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

import numpy as np

from mindveil.corpus.instruments import get, is_known
from mindveil.corpus.media import SPEECH_RATE, Audio, write_audio, write_still
from mindveil.corpus.model import (
    MODALITIES,
    Corpus,
    MediaFile,
    Modality,
    Participant,
    Response,
    Session,
    Turn,
)
from mindveil.corpus.workshop import new_file
from mindveil.errors import InvalidMeasurement

WORDS: tuple[str, ...] = tuple(
    "i was very then and the day night work home sleep good bad tired could not with you me "
    "they time week more less after before again never some thing people friend walk eat".split()
)
SECONDS, SIDE, TURNS, LENGTH = 3, 64, 8, 12
"""What a recording of noise has: seconds, pixels a side, turns, words a turn; for everybody."""

_GIVEN: ContextVar[Mapping[str, Corpus]] = ContextVar("given", default=MappingProxyType({}))


@dataclass(frozen=True, slots=True, kw_only=True)
class VerbatimCopy:
    """Release the originals as they are, under new codes: the worst that a defence can be.

    Whatever does not rank above it protects nobody.
    """

    name: ClassVar[str] = "mindveil.suite.defences:VerbatimCopy"
    changes: ClassVar[AbstractSet[Modality]] = frozenset()
    alone: ClassVar[bool] = True

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus as it is."""
        _ = rng
        return corpus


@dataclass(frozen=True, slots=True, kw_only=True)
class IndependentNoise:
    """Release noise in place of people: the best that a defence can be, and of no use.

    Common words, white noise, random pixels and random answers, of one length for all, drawn
    without a look at the person; traits go. An attacker who does better than chance against it
    sees what he must not see.
    """

    name: ClassVar[str] = "mindveil.suite.defences:IndependentNoise"
    changes: ClassVar[AbstractSet[Modality]] = frozenset(MODALITIES)
    alone: ClassVar[bool] = True

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return as many sessions of noise of the same kinds."""
        nameless = [replace(p, attributes={}) for p in corpus.participants]
        return corpus.with_people(nameless).map_sessions(lambda _, s: _noise(s, rng))


@dataclass(frozen=True, slots=True, kw_only=True)
class AsProtected:
    """Stand for a corpus that was protected elsewhere, known by the digest of its content.

    It protects nobody but the people it holds, and those once: who wants attackers that protect
    people of their own enters a callable, or a second folder.

    Raises:
        InvalidMeasurement: it is asked for anything else.
    """

    name: ClassVar[str] = "mindveil.suite.defences:AsProtected"
    changes: ClassVar[AbstractSet[Modality]] = frozenset(MODALITIES)
    alone: ClassVar[bool] = True

    digest: str

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the protected people, while their folder is at hand."""
        _ = rng
        found = _GIVEN.get().get(self.digest)
        if found is None or set(found.ids) != set(corpus.ids):
            raise InvalidMeasurement(
                "the defence is a folder, and this attacker would protect other recordings alike; "
                "enter a callable"
            )
        return found


@contextmanager
def given(digest: str, corpus: Corpus) -> Iterator[None]:
    """Have a protected corpus at hand, under the ids of the originals, while a release is made."""
    token = _GIVEN.set({**_GIVEN.get(), digest: corpus})
    try:
        yield
    finally:
        _GIVEN.reset(token)


def people_of(corpus: Corpus) -> dict[str, Participant]:
    """Return the people of a corpus by id."""
    return {p.participant_id: p for p in corpus.participants}


def _noise(session: Session, rng: np.random.Generator) -> Session:
    media: dict[Modality, tuple[MediaFile, ...]] = {}
    if session.media.get("voice"):
        media["voice"] = (MediaFile(path=_hiss(rng)),)
    if session.media.get("face"):
        media["face"] = (MediaFile(path=_snow(rng)),)
    return replace(
        session,
        transcript=_chatter(rng) if session.has("text") else (),
        entities=(),
        responses={t: _answers(t, r, rng) for t, r in sorted(session.responses.items())},
        media=media,
    )


def _chatter(rng: np.random.Generator) -> tuple[Turn, ...]:
    drawn = rng.integers(len(WORDS), size=(TURNS, LENGTH))
    return tuple(
        Turn(speaker="participant", text=" ".join(WORDS[i] for i in line)) for line in drawn
    )


def _answers(tool: str, given: Response, rng: np.random.Generator) -> Response:
    """Return random answers within the range of the form; of an unknown form, no answer.

    Each form has a severity of its own, so that there are mild and bad ones, and none tells of
    another.
    """
    if not is_known(tool) or not given.items:
        return Response(items=tuple(None for _ in given.items))
    severity = rng.random()
    ranges = get(tool).ranges[: len(given.items)]
    return Response(items=tuple(int(lo + rng.binomial(hi - lo, severity)) for lo, hi in ranges))


def _hiss(rng: np.random.Generator) -> Path:
    path = new_file("_voice.flac")
    samples = (0.1 * rng.standard_normal(SECONDS * SPEECH_RATE)).clip(-1, 1).astype(np.float32)
    write_audio(path, Audio(samples=samples, rate=SPEECH_RATE))
    return path


def _snow(rng: np.random.Generator) -> Path:
    path = new_file("_face.png")
    write_still(path, rng.integers(0, 256, size=(SIDE, SIDE, 3), dtype=np.uint8))
    return path
