"""What an interview is about, and how bad each thing is said to be.

What is said follows how the person is, with noise: people play down or dramatise, topics vary
by chance, and some answers are about something else altogether.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

TEXT_NOISE = 0.65
"""Standard deviation of what is said about one topic around how the person is."""
CANDOUR_SPREAD = 0.4
"""Standard deviation between people of playing down or dramatising."""
OFF_THEME = 0.12
"""Chance that an answer about a symptom is about something else."""
LEVEL_CUTS = (-0.15, 0.6, 1.35)
"""Where a symptom is called mild, moderate and severe, in standard deviations of its trait."""

TURNS = (14, 22)
"""Fewest and most turns of a participant."""
PROBES = (2, 4)
"""Fewest and most questions that follow up an answer."""

CORE: tuple[str, ...] = (
    *("greeting", "overall", "mood", "sleep", "energy", "worry"),
    *("work", "family", "social", "hopes", "farewell"),
)
OPTIONAL: tuple[str, ...] = (
    *("appetite", "concentration", "interest", "worth", "irritable", "tension", "trauma"),
    *("elation", "odd", "dark", "coping", "hobby", "pets", "history"),
)
ORDER: tuple[str, ...] = (
    *("greeting", "overall", "mood", "interest", "sleep", "energy", "appetite", "worth"),
    *("concentration", "irritable", "worry", "tension", "trauma", "elation", "odd", "dark"),
    *("coping", "work", "family", "social", "pets", "hobby", "history", "hopes", "farewell"),
)

SYMPTOMS: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "overall": (0.6, 0.35, 0.1, 0.0, 0.0),
        "mood": (1.0, 0.0, 0.0, 0.0, 0.0),
        "sleep": (0.6, 0.3, 0.15, 0.0, 0.0),
        "energy": (0.9, 0.1, 0.0, 0.0, 0.0),
        "appetite": (0.85, 0.1, 0.0, 0.0, 0.0),
        "concentration": (0.7, 0.3, 0.0, 0.0, 0.0),
        "worry": (0.1, 0.9, 0.0, 0.0, 0.0),
        "interest": (1.0, 0.0, 0.0, 0.0, 0.0),
        "worth": (0.95, 0.05, 0.0, 0.0, 0.0),
        "irritable": (0.3, 0.5, 0.0, 0.2, 0.0),
        "tension": (0.1, 0.9, 0.0, 0.0, 0.0),
        "trauma": (0.0, 0.1, 0.9, 0.0, 0.0),
        "elation": (0.0, 0.0, 0.0, 1.0, 0.0),
        "odd": (0.0, 0.1, 0.0, 0.0, 0.9),
        "dark": (0.9, 0.1, 0.0, 0.0, 0.0),
        "social": (0.7, 0.3, 0.0, 0.0, 0.0),
        "coping": (0.7, 0.3, 0.0, 0.0, 0.0),
    }
)
"""What each topic tells of depression, anxiety, ptsd, mania and psychosis."""
RARE: Mapping[str, float] = MappingProxyType(
    {"trauma": 0.4, "elation": 0.8, "odd": 0.9, "dark": 0.9}
)
"""How much further the trait must be before the topic is called mild."""


def plan_topics(rng: np.random.Generator) -> tuple[tuple[str, ...], frozenset[str]]:
    """Return the topics of an interview in order, and which of them are followed up."""
    turns = int(rng.integers(TURNS[0], TURNS[1] + 1))
    probes = int(rng.integers(PROBES[0], PROBES[1] + 1))
    extra = max(turns - probes - len(CORE), 0)
    chosen = {OPTIONAL[int(i)] for i in rng.choice(len(OPTIONAL), extra, replace=False)}
    topics = tuple(t for t in ORDER if t in chosen or t in CORE)
    inner = [t for t in topics if t not in {"greeting", "farewell"}]
    followed = rng.choice(len(inner), turns - len(topics), replace=False)
    return topics, frozenset(inner[int(i)] for i in followed)


def level_of(topic: str, state: tuple[float, ...], candour: float, rng: np.random.Generator) -> int:
    """Return how bad a symptom is said to be: 0 none, 1 mild, 2 moderate, 3 severe.

    ``state`` is the traits at this visit, ``candour`` the standardised habit of overstating.
    """
    trait = float(np.dot(SYMPTOMS[topic], state)) - RARE.get(topic, 0.0)
    heard = trait + CANDOUR_SPREAD * candour + TEXT_NOISE * rng.standard_normal()
    return int(np.searchsorted(LEVEL_CUTS, heard))
