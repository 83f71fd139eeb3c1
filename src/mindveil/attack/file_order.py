"""Does the order of released records, or the time of their files, follow the originals?

Codes say nothing if their order does: whoever knows in which order people came reads them off.
Files that were written one person after another tell it by their times. Each order is tested by
Kendall's rank correlation (Kendall 1938), exactly where there are few people without ties; all
tests of a release together raise a false alarm once in ten thousand clean releases
(Bonferroni).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Floats = NDArray[np.float64]

FALSE_ALARMS = 1e-4
"""How often a clean release is said to follow the order of its originals."""

_FEWEST = 7
"""People without whom even a perfect order comes about by chance too often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """Where people stand in the files ``files`` of a release, by one of their properties."""

    files: tuple[str, ...]
    places: Mapping[str, float]
    by_time: bool = False


def following(found: Sequence[Ordered], originals: Sequence[Mapping[str, float]]) -> list[Ordered]:
    """Return which orders follow one of the orders of the originals, in either direction.

    ``originals`` are the places of people in the originals: in the table, by id, by time.

    >>> people = [f"P{n:02d}" for n in range(12)]
    >>> kept = Ordered(files=("a",), places={p: n for n, p in enumerate(people)})
    >>> len(following([kept], [{p: -n for n, p in enumerate(people)}]))
    1
    """
    tests = max(1, len(found) * len(originals))
    return [
        order
        for order in found
        if any(_chance(order.places, other) < FALSE_ALARMS / tests for other in originals)
    ]


def _chance(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return how often chance orders people as alike as two orders are."""
    both = sorted(one.keys() & other.keys())
    if len(both) < _FEWEST:
        return 1.0
    first, second = (np.array([m[p] for p in both], dtype=np.float64) for m in (one, other))
    if np.ptp(first) == 0 or np.ptp(second) == 0:
        return 1.0
    return float(stats.kendalltau(first, second).pvalue)
