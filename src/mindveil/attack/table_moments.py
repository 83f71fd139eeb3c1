"""First and second moments of a table: what its sums say, as one long row a person.

A person's moments are her values, on which side of each cut of each column she stands, and the
products of her values, two columns at a time. Their means over a table are what moment-matching
generators keep of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.table_space import Space

Floats = NDArray[np.float64]
Sums = NDArray[np.float32]
"""Moments of people, shape (people, moments)."""

MOST_MOMENTS = 2000
"""More products of columns than fit are drawn from: what is left says as much a person."""

_CHUNK = 2048
_CLIP = 4.0
_MOST_CUTS = 11
_COMMON = 0.005
_PRIOR = 10.0
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Which moments are taken of rows of a space; made by :func:`moments_of`.

    ``turn`` (columns, values) makes values of the columns of the space: an ordered column
    stands for itself, a nominal one for how severe people of each level are. ``cuts`` are
    thresholds of single columns, ``pairs`` two values each. ``groups`` (moments,) numbers kinds
    of moments that a generator keeps equally well, or loses together: means and shares of
    ordered columns, those of nominal ones, products of ordered columns, products with others.
    """

    centre: Floats
    scale: Floats
    turn: Floats
    cut_columns: NDArray[np.intp]
    cuts: Floats
    pairs: tuple[NDArray[np.intp], NDArray[np.intp]]
    groups: NDArray[np.intp]

    def values(self, rows: Floats) -> Floats:
        """Return one standardised value a field, shape (people, values)."""
        values = (rows @ self.turn - self.centre) / self.scale
        return np.asarray(np.clip(values, -_CLIP, _CLIP), dtype=np.float64)

    def sums(self, rows: Floats) -> Sums:
        """Return the moments of each row: values, sides of cuts, products."""
        values = self.values(rows).astype(np.float32)
        sides = (rows[:, self.cut_columns] > self.cuts).astype(np.float32)
        one, other = self.pairs
        products = values[:, one] * values[:, other]
        products[:, one == other] *= np.float32(np.sqrt(0.5))
        return np.concatenate([values, sides, products], axis=1)

    def mean(self, rows: Floats) -> Floats:
        """Return the mean moments of a table of any length, some rows at a time."""
        total = np.zeros(len(self.groups))
        for start in range(0, len(rows), _CHUNK):
            part = self.sums(rows[start : start + _CHUNK])
            total += part.sum(axis=0, dtype=np.float64)
        return total / max(1, len(rows))


def moments_of(space: Space, people: Floats, rng: np.random.Generator) -> Moments:
    """Return the moments in which people of a space can differ, at most 2,000.

    ``people`` (rows of the space) are those who may be looked at: their answers order nominal
    levels (by the first principal component of ordered columns, shrunk) and set the cuts.
    """
    nominal = np.array([bool(a.levels) for a in space.axes for _ in range(a.width)], dtype=np.bool_)
    turn, named = _turned(space, people, nominal)
    values = people @ turn
    scale = values.std(axis=0)
    kept = scale > _NOTHING
    turn, values, scale, named = turn[:, kept], values[:, kept], scale[kept], named[kept]
    columns, cuts = _cuts(people)
    one, other = np.triu_indices(turn.shape[1])
    room = max(MOST_MOMENTS - turn.shape[1] - len(cuts), len(one) // 4)
    if len(one) > room:
        drawn = np.sort(rng.choice(len(one), size=room, replace=False))
        one, other = one[drawn], other[drawn]
    groups = (1 * named, 1 * nominal[columns], 2 + (named[one] | named[other]))
    return Moments(
        centre=values.mean(axis=0),
        scale=scale,
        turn=turn,
        cut_columns=columns,
        cuts=cuts,
        pairs=(one.astype(np.intp), other.astype(np.intp)),
        groups=np.concatenate(groups).astype(np.intp),
    )


def _turned(
    space: Space, people: Floats, nominal: NDArray[np.bool_]
) -> tuple[Floats, NDArray[np.bool_]]:
    """Return the columns of the space as values (columns, values), and which are nominal."""
    severity = _first_component(people[:, ~nominal] if not nominal.all() else people)
    turn, named, start = [], [], 0
    for axis in space.axes:
        width = len(axis.centre)
        if width:
            here = slice(start, start + width)
            weights = np.zeros(people.shape[1])
            weights[here] = _ranks(people[:, here], severity) if axis.levels else 1.0
            turn.append(weights)
            named.append(bool(axis.levels))
        start += axis.width
    if not turn:  # a table that has only missing values to tell is a table all the same
        return np.eye(people.shape[1]), nominal
    return np.column_stack(turn), np.array(named, dtype=np.bool_)


def _ranks(indicators: Floats, severity: Floats) -> Floats:
    """Return the rank of each level by how severe its people are, rare levels in the middle."""
    member = (indicators > indicators.mean(axis=0)).astype(np.float64)
    mean = (severity @ member) / (member.sum(axis=0) + _PRIOR)
    return np.argsort(np.argsort(mean, kind="stable")).astype(np.float64)


def _first_component(rows: Floats) -> Floats:
    """Return everybody's place on the first principal component, mean 0 and spread 1."""
    centred = rows - rows.mean(axis=0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    place = centred @ vectors[:, -1]
    spread = float(place.std())
    return np.asarray(place / spread if spread > _NOTHING else place, dtype=np.float64)


def _cuts(people: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return thresholds between the distinct values of each column, at most 11 of each.

    A cut that parts almost nobody from the others is left out.
    """
    columns, cuts = [], []
    levels = np.linspace(0, 1, _MOST_CUTS + 2)[1:-1]
    for index, column in enumerate(people.T):
        distinct = np.unique(column)
        if len(distinct) > _MOST_CUTS + 1:
            distinct = np.unique(np.quantile(column, levels))
        middle = (distinct[1:] + distinct[:-1]) / 2
        above = (column[:, None] > middle).mean(axis=0)
        middle = middle[(above > _COMMON) & (above < 1 - _COMMON)]
        columns += [index] * len(middle)
        cuts += middle.tolist()
    return np.array(columns, dtype=np.intp), np.array(cuts, dtype=np.float64)
