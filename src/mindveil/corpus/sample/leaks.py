"""Plant identifiers: which things a person gives away in an interview, and under which topic."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from types import MappingProxyType

import numpy as np

from mindveil.corpus.sample.identifiers import THINGS
from mindveil.corpus.sample.personas import Persona
from mindveil.corpus.sample.phrases import read_bank

LEAK_CHANCE: Mapping[str, float] = MappingProxyType(
    {
        "self": 0.45,
        "partner": 0.45,
        "child": 0.45,
        "friend": 0.25,
        "doctor": 0.35,
        "manager": 0.15,
        "phone": 0.18,
        "email": 0.12,
        "address": 0.1,
        "record": 0.1,
        "birth_date": 0.1,
        "town": 0.5,
        "birthplace": 0.25,
        "employer": 0.3,
        "occupation": 0.5,
        "school": 0.15,
        "age": 0.3,
        "nationality": 0.2,
    }
)
"""Chance that a thing is given away in an interview by a person of indiscretion 1."""
MENTIONED_AGAIN = 0.4
"""Chance that what was given away comes up a second time, in other words."""

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
    """Return the wanted topic, or the nearest one in which nothing is given away yet."""
    at = topics.index(wanted) if wanted in topics else topics.index("hopes")
    order = sorted(range(1, len(topics)), key=lambda i: (abs(i - at), -i))
    free = [i for i in order if not planted[topics[i]]]
    return topics[free[0] if free and planted[topics[at]] else at]
