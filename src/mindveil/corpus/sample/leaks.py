"""Plant identifiers: which things a person gives away in an interview, and under which topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import cast

import numpy as np

from mindveil.corpus.sample.identifiers import THINGS
from mindveil.corpus.sample.personas import Persona
from mindveil.corpus.sample.phrases import read_bank

LEAK_CHANCE: Mapping[str, float] = MappingProxyType(
    {
        **{"self": 0.4, "partner": 0.35, "child": 0.35, "friend": 0.2, "doctor": 0.3},
        **{"manager": 0.12, "phone": 0.15, "email": 0.1, "address": 0.08, "record": 0.08},
        **{"birth_date": 0.08, "town": 0.4, "birthplace": 0.2, "employer": 0.25},
        **{"occupation": 0.4, "school": 0.12, "age": 0.25, "nationality": 0.15},
    }
)
"""Chance that a thing is given away in an interview by a person of indiscretion 1."""
MENTIONED_AGAIN = 0.4
"""Chance that what was given away comes up a second time, in other words."""
A_TURN = 1
"""Most first mentions that one answer holds; the next thing waits for the next answer."""

Planted = tuple[str, str]
"""A list of the phrase bank: the thing, and ``say`` (first mention) or ``again``."""


@cache
def _topic_of(entity: str) -> str:
    return str(read_bank("identifiers")[entity]["topic"])


def may_leak(persona: Persona) -> tuple[str, ...]:
    """Return the things this person has and could give away.

    Somebody guarded gives away quasi identifiers only; somebody without work, no employer.
    """
    life = persona.life
    missing = set() if life.partner else {"partner"}
    missing |= set() if life.child else {"child"}
    if life.sector in {"home", "retired", "study"}:
        missing |= {"manager"}
    if life.sector == "home":
        missing |= {"employer", "occupation"}
    guarded = persona.manner.indiscretion == 0
    return tuple(
        e
        for e, kind in THINGS.items()
        if e not in missing and not (guarded and kind.role == "direct")
    )


def plan_leaks(
    persona: Persona, topics: Sequence[str], rng: np.random.Generator
) -> dict[str, list[Planted]]:
    """Return what is given away under each topic of an interview.

    A second mention comes under a later topic where there is one.
    """
    eager = persona.manner.indiscretion or 0.8
    planted: dict[str, list[Planted]] = {topic: [] for topic in topics}
    for entity in may_leak(persona):
        chances = rng.random(2)
        if chances[0] >= LEAK_CHANCE[entity] * eager:
            continue
        first = _place(planted, topics, _topic_of(entity))
        planted[first].append((entity, "say"))
        later = [t for t in topics[topics.index(first) + 1 :] if not planted[t]]
        if chances[1] < MENTIONED_AGAIN and later:
            planted[later[int(rng.integers(len(later)))]].append((entity, "again"))
    return planted


def _place(planted: dict[str, list[Planted]], topics: Sequence[str], wanted: str) -> str:
    """Return the wanted topic, or the nearest one that has room."""
    at = topics.index(wanted) if wanted in topics else topics.index("hopes")
    order = sorted(range(1, len(topics)), key=lambda i: (abs(i - at), -i))
    free = [i for i in order if len(planted[topics[i]]) < A_TURN]
    own = [at] if len(planted[topics[at]]) < A_TURN else []
    return topics[cast("int", (own + free + [at])[0])]
