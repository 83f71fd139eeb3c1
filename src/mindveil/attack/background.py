"""What background columns say of who is who: age, sex, region, as they were released."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Knowledge
from mindveil.attack.scales_agreement import (
    Agreement,
    Lesson,
    agree_coded,
    agree_learned,
    agree_raw,
)
from mindveil.features.scales import Table, latest_table
from mindveil.release import DataRelease

Floats = NDArray[np.float64]

_FEWEST = 40
"""Reference people below whom nothing is learned of what became of a column."""


def background(
    release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
) -> Floats | None:
    """Return what the quasi-identifiers say of each pair (nats), (records, known people).

    None where the release has no column of which anything is known. The ignorant attacker takes
    values as they stand, the lazy-informed one knows what bands and sets stand for, and the
    semi-informed one has seen what became of other people's values.
    """
    released, known = latest_table(release.corpus), latest_table(knowledge.known)
    names = [
        f.name
        for f in known.fields
        if f.source == "attribute" and f.role == "quasi" and f.name in released.columns
    ]
    if not names:
        return None
    lessons = _lessons(knowledge, names, rng)
    total = np.zeros((len(released.ids), len(known.ids)))
    for name in names:
        agreed = _agreement(name, known, released, knowledge, lessons.get(name))
        mine, theirs = known.columns[name].codes, released.columns[name].codes
        total += agreed.evidence[:, theirs][mine].T
    return np.round(total, 6)


def _agreement(
    name: str, known: Table, released: Table, knowledge: Knowledge, lesson: Lesson | None
) -> Agreement:
    mine, theirs = known.columns[name], released.columns[name]
    if knowledge.attacker == "ignorant":
        return agree_raw(mine, theirs)
    if lesson is None:
        return agree_coded(mine, theirs)
    return agree_learned(lesson, mine, theirs)


def _lessons(knowledge: Knowledge, names: list[str], rng: np.random.Generator) -> dict[str, Lesson]:
    """Return what became of each column of reference people; empty where they are too few."""
    if knowledge.attacker != "semi-informed" or knowledge.protect is None:
        return {}
    people = latest_table(knowledge.reference)
    protected = latest_table(knowledge.protect(knowledge.reference, rng))
    row_of = {person: i for i, person in enumerate(people.ids)}
    shared = [(row_of[p], i) for i, p in enumerate(protected.ids) if p in row_of]
    if len(shared) < _FEWEST:
        return {}
    before, after = np.array(shared, dtype=np.intp).T
    return {
        name: Lesson.of(people.columns[name], before, protected.columns[name], after)
        for name in names
        if name in people.columns and name in protected.columns
    }
