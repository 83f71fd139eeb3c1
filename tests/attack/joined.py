"""People of whom several modalities were planted, each telling them apart as well as one likes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from tests.attack.voices import Toy, corpus_of, rows_by_path

from mindveil.attack import voices
from mindveil.corpus.model import Column, Response


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """How much noise hides a voice, how stable answers are, and of how many people there is voice."""

    people: int = 100
    noise: float = 1.6
    stability: float = 0.6
    items: int = 12
    voiced: float = 1.0


def joined(toy: Joined, seed: int, monkeypatch, shift=None):
    """Return people with voices and answers at two visits; neither knows of the other."""
    spoken = Toy(people=toy.people, recordings=1, noise=toy.noise)
    monkeypatch.setattr(voices, "read_rows", rows_by_path(spoken, seed, shift))
    rng = np.random.default_rng([seed, 1])
    kept, changed = np.sqrt(toy.stability), np.sqrt(1 - toy.stability)
    people = []
    for number, person in enumerate(corpus_of(spoken).participants):
        trait = rng.normal(size=toy.items)
        sessions = []
        for session in person.sessions:
            level = kept * trait + changed * rng.normal(size=toy.items)
            items = tuple(int(v) for v in np.clip(np.round(2 + level), 0, 4))
            media = session.media if number < toy.voiced * toy.people else {}
            sessions.append(
                replace(session, responses={"mood": Response(items=items)}, media=media)
            )
        age = float(18 + number % 40)
        people.append(replace(person, sessions=tuple(sessions), attributes={"age": age}))
    return replace(
        corpus_of(spoken),
        participants=tuple(people),
        columns={"age": Column(role="quasi", kind="number")},
    )
