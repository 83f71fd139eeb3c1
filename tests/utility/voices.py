"""Toy people with voices: file names carry planted measures, so that nothing has to be heard."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from mindveil.corpus.model import Corpus, MediaFile, Participant, Session

TASKS = ("angry", "happy", "sad")


def speakers(count: int, *, runs: int = 3, first: int = 0) -> Corpus:
    """Return people with ``runs`` recordings at each of two visits, a task a recording."""
    people = []
    for number in range(first, first + count):
        sessions = tuple(
            Session(
                session_id=f"{visit:02d}",
                media={
                    "voice": tuple(
                        MediaFile(
                            path=Path(f"{number}_{visit}_{run}_voice.flac"), task=TASKS[run % 3]
                        )
                        for run in range(runs)
                    )
                },
            )
            for visit in (1, 2)
        )
        people.append(Participant(participant_id=f"P{number:02d}", sessions=sessions))
    return Corpus(name="toy", participants=tuple(people))


def muffled(corpus: Corpus) -> Corpus:
    """Return the same recordings under other names, as a protection leaves them."""

    def change(_, session):
        files = [replace(f, path=Path(f"m{f.path.name}")) for f in session.files("voice")]
        return replace(session, media={"voice": tuple(files)})

    return corpus.map_sessions(change)


def read(paths, *, noise: float = 0.0) -> np.ndarray:
    """Return (recordings, 2): a level of the person plus one of the task; muffled ones lose both."""
    rows = []
    for path in paths:
        number, visit, run = (int(n) for n in path.name.removeprefix("m").split("_")[:3])
        rng = np.random.default_rng([number, visit, run])
        person = np.random.default_rng(number).normal(0, 5)
        task = run % 3
        if path.name.startswith("m"):
            rows.append(rng.normal(0, 1, 2))
        else:
            rows.append([person + task, person - 2 * task] + noise * rng.normal(0, 1, 2))
    return np.array(rows)
