"""Recordings of a corpus in a row, and their counterparts in a protected copy of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Corpus, MediaFile, Session

Medium = Literal["voice", "face"]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """One recording, whose it is, and the visit that it was made at."""

    person: str
    file: MediaFile
    session: Session


def recordings_of(corpus: Corpus, medium: Medium) -> list[Heard]:
    """Return every recording of a medium, in the order of the corpus."""
    return [
        Heard(person=p.participant_id, file=file, session=session)
        for p in corpus.participants
        for session in p.sessions
        for file in shown(session, medium)
    ]


def shown(session: Session, medium: Medium) -> tuple[MediaFile, ...]:
    """Return what a visit lets hear, or see: series that were read off a face before pictures."""
    if medium == "voice":
        return session.files("voice", "audio")
    return session.files("face", "expression") or session.files("face", "still", "video")


def pairs_of(
    test: Corpus, original: Corpus, medium: Medium
) -> list[tuple[Heard, MediaFile | None]]:
    """Return every original recording with its protected copy; None where nothing was left.

    A protection keeps the order of recordings; where it left another number of them, nothing
    says which is which.
    """
    copies = {p.participant_id: p for p in test.participants}
    pairs: list[tuple[Heard, MediaFile | None]] = []
    for person in original.participants:
        copy = copies[person.participant_id]
        for session, after in zip(person.sessions, copy.sessions, strict=True):
            before, left = shown(session, medium), shown(after, medium)
            same = len(before) == len(left)
            for number, file in enumerate(before):
                heard = Heard(person=person.participant_id, file=file, session=session)
                pairs.append((heard, left[number] if same else None))
    return pairs


def about_own_mean(rows: Floats, people: Sequence[str]) -> Floats:
    """Return rows less the mean of the person's own rows: who it is goes, what is done stays.

    Gaps stay NaN. Nothing but whose a recording is has to be known for it, so that people who
    are tested are treated alike.
    """
    place = np.unique(np.array(people, dtype=np.str_), return_inverse=True)[1]
    moved = rows.astype(np.float64, copy=True)
    for person in range(int(place.max(initial=-1)) + 1):
        mine = place == person
        there = np.isfinite(moved[mine])
        total = np.where(there, moved[mine], 0.0).sum(axis=0)
        moved[mine] -= total / np.maximum(there.sum(axis=0), 1)
    return moved
