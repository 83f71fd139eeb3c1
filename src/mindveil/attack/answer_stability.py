"""Whose answers are these? A visit's answers against those that people gave at earlier visits.

A mood changes between visits, a trait hardly does: how much an item is worth is how well it keeps
its place among people from one visit to the next.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Knowledge, LinkScores, Tier
from mindveil.attack.visits import divided
from mindveil.corpus.model import Corpus
from mindveil.errors import InvalidMeasurement
from mindveil.features.scales import latest_table, numbers
from mindveil.release import DataRelease

Floats = NDArray[np.float64]

USUAL = 0.5
"""How stable an item is taken to be by somebody who has not looked: about what single items of
questionnaires of mood show over weeks."""

_LEAST_TEACHERS = 8
_PRIOR = 10.0
"""How many people the usual stability counts for beside those it was learned from."""
_MOST = 0.95
_FARTHEST = 3.0


def link_answers(
    release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
) -> LinkScores:
    """Return how alike the answers of each released visit are to those of each known person.

    Every item, and the total of a questionnaire of which there are no items, adds what a pair of
    two normal numbers with the correlation of the item says for "the same person" against
    "anybody". A band is its middle; an answer that is missing or suppressed says nothing. The
    semi-informed attacker learns each correlation from reference people: their earlier visits
    against protected copies of their last ones.

    Raises:
        InvalidMeasurement: no question was answered both in the release and at an earlier visit.
    """
    released, known = answer_rows(release.corpus), answer_rows(knowledge.known)
    names = sorted(released.keys() & known.keys())
    one, two = _standard(released, names), _standard(known, names)
    if not (np.isfinite(one) & np.isfinite(two).any(axis=0)).any():
        raise InvalidMeasurement(
            "no question was answered both in the release and at a visit before"
        )
    learned = stabilities(knowledge, rng)
    tier: Tier = "light" if learned is None else "trained"
    stability = np.array([(learned or {}).get(name, USUAL) for name in names])
    return LinkScores(
        queries=release.corpus.ids,
        candidates=knowledge.known.ids,
        scores=same_person(one, two, stability),
        tier=tier,
    )


def same_person(released: Floats, known: Floats, stability: Floats) -> Floats:
    """Return the log-likelihood ratio (nats) of every pair, summed over items.

    ``released`` (q, items) and ``known`` (c, items) are standardised, NaN where nothing was said;
    a pair that has no item in common is -inf.

    >>> same_person(np.array([[1.0]]), np.array([[1.0], [-1.0]]), np.array([0.5])).round(3).tolist()
    [[0.477, -0.856]]
    """
    there, held = np.isfinite(released), np.isfinite(known)
    x, y = np.where(there, released, 0.0), np.where(held, known, 0.0)
    shared = there.astype(np.float64), held.astype(np.float64)
    rest = 1 - stability**2
    squared, crossed = stability**2 / (2 * rest), stability / rest
    total = (x * crossed) @ y.T
    total -= (x**2 * squared) @ shared[1].T + (shared[0] * squared) @ (y**2).T
    total -= (shared[0] * (np.log(rest) / 2)) @ shared[1].T
    return np.where(shared[0] @ shared[1].T > 0, total, -np.inf)


def stabilities(knowledge: Knowledge, rng: np.random.Generator) -> dict[str, float] | None:
    """Return how well each item keeps its place, as seen in reference people; None if too few."""
    if knowledge.attacker != "semi-informed" or knowledge.protect is None:
        return None
    _, earlier = divided(knowledge.reference, knowledge.recordings)
    later, _ = divided(knowledge.protect(knowledge.reference, rng), knowledge.recordings)
    both = frozenset(later.ids) & frozenset(earlier.ids)
    if len(both) < _LEAST_TEACHERS:
        return None
    before, after = answer_rows(earlier.select(both)), answer_rows(later.select(both))
    names = sorted(before.keys() & after.keys())
    order = [later.select(both).ids.index(p) for p in earlier.select(both).ids]
    one, two = _standard(after, names)[order], _standard(before, names)
    there = np.isfinite(one) & np.isfinite(two)
    seen = np.where(there, one * two, 0.0).sum(axis=0)
    mean = (seen + _PRIOR * USUAL) / (there.sum(axis=0) + _PRIOR)
    return dict(zip(names, np.clip(mean, 0.0, _MOST).tolist(), strict=True))


def answer_rows(corpus: Corpus) -> Mapping[str, Floats]:
    """Return each item as numbers, (people,), the mean over visits; NaN where nothing was said."""
    summed: dict[str, Floats] = {}
    counted: dict[str, Floats] = {}
    for visit in range(max((len(p.sessions) for p in corpus.participants), default=0)):
        people = [
            replace(p, attributes={}, sessions=p.sessions[visit : visit + 1])
            for p in corpus.participants
        ]
        table = latest_table(replace(corpus, columns={}, participants=tuple(people)))
        itemised = {f.tool for f in table.fields if f.source == "item"}
        for field in table.fields:
            if field.source == "total" and field.tool in itemised:
                continue
            values = numbers(table, field.name)
            there = np.isfinite(values)
            nothing = np.zeros(len(values))
            summed[field.name] = summed.get(field.name, nothing) + np.where(there, values, 0.0)
            counted[field.name] = counted.get(field.name, nothing) + there
    return {
        name: np.where(counted[name] > 0, total / np.maximum(counted[name], 1), np.nan)
        for name, total in summed.items()
    }


def _standard(rows: Mapping[str, Floats], names: list[str]) -> Floats:
    """Return columns in units of their own people; one in which nobody differs says nothing."""
    count = len(next(iter(rows.values()))) if rows else 0
    table = np.full((count, len(names)), np.nan)
    for column, name in enumerate(names):
        there = np.isfinite(rows[name])
        spread = float(rows[name][there].std()) if there.any() else 0.0
        if spread > 0:
            table[:, column] = (rows[name] - rows[name][there].mean()) / spread
    return np.asarray(np.clip(table, -_FARTHEST, _FARTHEST), dtype=np.float64)
