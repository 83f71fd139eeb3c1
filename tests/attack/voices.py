"""People whose voices are planted: a table of rows stands in for encoders and for prosody."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mindveil.corpus.model import Corpus, MediaFile, Participant, Session

SIZES = {"ge2e": 24, "dvector": 16, "prosody": 10, "own": 8}


@dataclass(frozen=True, slots=True, kw_only=True)
class Toy:
    """How far people lie apart, how far recordings of one person do, and what a session adds."""

    people: int = 60
    sessions: int = 2
    recordings: int = 2
    identity: float = 1.0
    noise: float = 0.3


def corpus_of(toy: Toy, modality="voice", ending="_voice.flac") -> Corpus:
    """Return people with recordings; the files do not exist."""
    made = tuple(
        Participant(
            participant_id=f"P{p:04d}",
            sessions=tuple(
                Session(
                    session_id=f"{s + 1:02d}",
                    media={
                        modality: tuple(
                            MediaFile(path=Path(f"/toy/P{p:04d}_{s}_{r}{ending}"))
                            for r in range(toy.recordings)
                        )
                    },
                )
                for s in range(toy.sessions)
            ),
        )
        for p in range(toy.people)
    )
    return Corpus(name="toy", participants=made)


def rows_by_path(toy: Toy, seed: int, shift=None):
    """Return a reader of rows: each file's own, drawn from its name alone.

    ``shift(channel, path, row, rng)`` changes a row, as a protection would.
    """

    def read(channel, paths, encoder=""):
        return np.stack([_row(channel, Path(p)) for p in paths])

    def _row(channel, path):
        name = path.name.partition("_voice")[0].partition("_face")[0]
        person = name.partition("_")[0]
        size, key = SIZES[channel], [*SIZES].index(channel)
        mine = np.random.default_rng([seed, key, int(person[1:])]).normal(size=size)
        numbers = [int(n) for n in name[1:].replace("~", "_9").split("_")]
        rng = np.random.default_rng([seed, key, 7, *numbers])
        row = toy.identity * mine + toy.noise * rng.normal(size=size)
        return row if shift is None else shift(channel, path, row, rng)

    return read
