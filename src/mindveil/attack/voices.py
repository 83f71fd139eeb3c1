"""What an attacker hears: recordings of people, read by encoders or measured as prosody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.back_ends import unit
from mindveil.corpus.model import Corpus, Participant
from mindveil.errors import InvalidMeasurement
from mindveil.features.own_encoder import load_own
from mindveil.features.prosody import prosody_rows
from mindveil.features.speakers import embed_recordings, embed_with

Floats = NDArray[np.float64]

ENCODERS: tuple[str, ...] = ("ge2e", "dvector")
PROSODY = "prosody"
OWN = "own"

_CLIP = 3.0
_TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Recordings that are compared as one: whose they are, and which rows of a corpus."""

    person: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What one channel makes of all recordings of a corpus; shapes (recordings, d).

    ``plain`` is compared without learning; ``framed`` is seen from the middle of its corpus, so
    that what a protection does to everybody alike is taken out. ``people`` is whose each row is.
    """

    plain: Floats
    framed: Floats
    people: tuple[str, ...]


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


def hear(channel: str, corpus: Corpus, encoder: str = "") -> Heard:
    """Return what a channel makes of every recording, people after people."""
    people = [p.participant_id for p in corpus.participants for _ in recordings_of(p)]
    paths = [path for p in corpus.participants for path in recordings_of(p)]
    rows = read_rows(channel, paths, encoder) if paths else np.zeros((0, 1))
    if channel == PROSODY:
        framed = _standardised(rows)
        return Heard(plain=framed, framed=framed, people=tuple(people))
    rows = unit(rows)
    return Heard(plain=rows, framed=rows - _middle(rows), people=tuple(people))


def read_rows(channel: str, paths: Sequence[Path], encoder: str = "") -> Floats:
    """Return the row of each recording: an embedding, or the measures of its prosody."""
    if channel == PROSODY:
        return prosody_rows(paths)
    if channel == OWN:
        return embed_with(load_own(encoder), paths)
    return embed_recordings(paths, channel)


def pooled(rows: Floats, groups: Sequence[Group]) -> Floats:
    """Return the mean row of each group, over what could be measured in it."""
    found = np.full((len(groups), rows.shape[1]), np.nan)
    for i, group in enumerate(groups):
        mine = rows[list(group.rows)]
        there = ~np.isnan(mine)
        total, count = np.where(there, mine, 0.0).sum(axis=0), there.sum(axis=0)
        np.divide(total, count, out=found[i], where=count > 0)
    return found


def whole(corpus: Corpus) -> tuple[Group, ...]:
    """Return one group a person: everything that is known of her."""
    return tuple(Group(person=name, rows=rows) for name, rows in _rows_of(corpus))


def in_groups(corpus: Corpus, size: int) -> tuple[Group, ...]:
    """Return groups of ``size`` recordings of one person; all of a person who has fewer."""
    return tuple(
        Group(person=name, rows=taken)
        for name, rows in _rows_of(corpus)
        for taken in strided(rows, size)
    )


def strided(rows: tuple[int, ...], size: int) -> list[tuple[int, ...]]:
    """Return as many groups of ``size`` as there are, each of rows far apart.

    Recordings that follow each other are often of one task; a group should hold several.

    >>> strided((0, 1, 2, 3, 4), 2), strided((7,), 3)
    ([(0, 2), (1, 3)], [(7,)])
    """
    times = max(1, len(rows) // size)
    return [rows[i::times][:size] for i in range(times)]


def _rows_of(corpus: Corpus) -> list[tuple[str, tuple[int, ...]]]:
    found, start = [], 0
    for person in corpus.participants:
        stop = start + len(recordings_of(person))
        if stop > start:
            found.append((person.participant_id, tuple(range(start, stop))))
        start = stop
    return found


def _middle(rows: Floats) -> Floats:
    there = ~np.isnan(rows).any(axis=1)
    middle = rows[there].mean(axis=0) if there.any() else np.zeros(rows.shape[1])
    return np.asarray(middle, dtype=np.float64)


def _standardised(rows: Floats) -> Floats:
    """Return measures on one scale; one that is missing stands in the middle of it."""
    there = ~np.isnan(rows)
    count = np.maximum(there.sum(axis=0), 1)
    middle = np.where(there, rows, 0.0).sum(axis=0) / count
    gap = np.where(there, rows - middle, 0.0)
    spread = np.sqrt((gap**2).sum(axis=0) / count)
    scaled = np.clip(gap / (spread + _TINY), -_CLIP, _CLIP)
    scaled[~there.any(axis=1)] = np.nan
    return np.asarray(scaled, dtype=np.float64)
