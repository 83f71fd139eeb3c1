"""The equal error rate: where as many impostors are taken in as right people are turned away.

Scores are used by their order alone. A resample of the people costs a matrix product a rung of a
ladder of thresholds: the ladder holds every threshold that matters to the rate itself, which is
exact, and enough around it for its interval.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.evidence.estimate import Estimate, Weights, bootstrap, exact_at_ends

_RUNGS = 32
_REACH = 6.0
"""Standard errors around the crossing within which resamples are expected to cross."""

Floats = NDArray[np.float64]
Ranks = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """One fold: the person of each row and column, and the column of each row's own person.

    Rows of one person count as one person between them.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    own: Ranks
    scores: Floats


def rate_of(folds: Sequence[Trials], rng: np.random.Generator) -> Estimate:
    """Return the mean over folds, with its bootstrap over people."""
    folds = [f for f in folds if f.rows]
    people = sorted({p for f in folds for p in (*f.rows, *f.columns)})
    place = {p: i for i, p in enumerate(people)}
    ladders = [_Ladder.of(f, place) for f in folds]

    def statistic(weights: Weights) -> Floats:
        rates = np.array([ladder.rate(weights) for ladder in ladders]).reshape(-1, len(weights))
        there = ~np.isnan(rates)
        total = np.where(there, rates, 0.0).sum(axis=0)
        mean = np.full(len(weights), np.nan)
        np.divide(total, there.sum(axis=0), out=mean, where=there.any(axis=0))
        return mean

    targets = len({p for f in folds for p in f.rows})
    return exact_at_ends(bootstrap(statistic, len(people), rng), targets)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ladder:
    """A fold cut at rungs; ``level`` is how many rungs accept a trial, lowest first.

    ``level`` has shape (rows, columns), 0 for a person against herself; ``genuine`` has shape
    (rows,), and so has ``part``, how much of a person each row is. The lowest rung accepts everything, and above the highest nothing is accepted.
    """

    rows: Ranks
    columns: Ranks
    own: Ranks
    level: NDArray[np.int16]
    genuine: NDArray[np.int16]
    part: Floats
    rungs: int

    @classmethod
    def of(cls, fold: Trials, place: Mapping[str, int]) -> _Ladder:
        """Cut one fold."""
        distinct, order = np.unique(fold.scores, return_inverse=True)
        order = order.reshape(fold.scores.shape)
        index = np.arange(len(fold.rows))
        part = parts_of(fold.rows)
        rungs = _rungs(order, order[index, fold.own], part, len(distinct))
        level = np.searchsorted(rungs, order, side="right").astype(np.int16)
        genuine = level[index, fold.own].copy()
        level[index, fold.own] = 0
        return cls(
            rows=np.array([place[p] for p in fold.rows], dtype=np.intp),
            columns=np.array([place[p] for p in fold.columns], dtype=np.intp),
            own=fold.own,
            level=level,
            genuine=genuine,
            part=part,
            rungs=len(rungs),
        )

    def rate(self, weights: Weights) -> Floats:
        """Return the rate of each resample; NaN where it leaves no pair of two people."""
        row, column = weights[:, self.rows] * self.part, weights[:, self.columns]
        total = row.sum(axis=1)
        pairs = total * column.sum(axis=1) - (row * column[:, self.own]).sum(axis=1)
        there = (pairs > 0) & (total > 0)
        row, column, pairs, total = row[there], column[there], pairs[there], total[there]
        narrow, wide = row.astype(np.float32), column.astype(np.float32)
        accept, reject = [], []
        for rung in range(self.rungs):
            taken = (self.level > rung).astype(np.float32)
            accept.append(((narrow @ taken) * wide).sum(axis=1, dtype=np.float64) / pairs)
            reject.append(row @ (self.genuine <= rung).astype(np.float64) / total)
        accept.append(np.zeros(len(pairs)))
        reject.append(np.ones(len(pairs)))
        found = np.full(len(weights), np.nan)
        found[there] = _crossing(np.stack(accept), np.stack(reject))
        return found


def parts_of(rows: Sequence[str]) -> Floats:
    """Return how much of a person each row is: all of a person's rows make one.

    >>> parts_of(["a", "b", "a"]).tolist()
    [0.5, 1.0, 0.5]
    """
    times = Counter(rows)
    return np.array([1 / times[p] for p in rows], dtype=np.float64)


def _rungs(order: Ranks, genuine: Ranks, part: Floats, distinct: int) -> Ranks:
    """Return the distinct scores at which trials are cut, as their places in the order."""
    if distinct <= _RUNGS:
        return np.arange(distinct)
    people = part.sum()
    right = np.bincount(genuine, weights=part, minlength=distinct)
    every = np.bincount(order.ravel(), weights=np.repeat(part, order.shape[1]), minlength=distinct)
    wrong = every - right
    reject = (np.cumsum(right) - right) / people
    accept = 1 - (np.cumsum(wrong) - wrong) / max(wrong.sum(), 1.0)
    gap = reject - accept
    after = int(np.argmax(gap >= 0)) if (gap >= 0).any() else distinct - 1
    rate = min((accept[after] + reject[after]) / 2, 0.5)
    error = np.sqrt(max(rate * (1 - rate), 1 / people) / people)
    near = np.flatnonzero(np.abs(gap) <= _REACH * error)
    near = near if near.size else np.array([after])
    close = np.sort(genuine[(genuine >= near[0]) & (genuine <= near[-1])])
    # A right person's score is where rejection jumps: cut just below it and just above.
    jumps = _spread(close)
    always = np.array([0, after - 1, after, near[0] - 1, near[-1] + 1, distinct - 1])
    rungs = np.concatenate([_spread(near), jumps, jumps + 1, always])
    return np.unique(np.clip(rungs, 0, distinct - 1))


def _spread(places: Ranks) -> Ranks:
    """Return some of the places, evenly."""
    if len(places) <= _RUNGS:
        return places
    return np.asarray(places[np.linspace(0, len(places) - 1, _RUNGS).astype(np.intp)])


def _crossing(accept: Floats, reject: Floats) -> Floats:
    """Return the rate at which falling acceptance meets rising rejection, a column each.

    The first rung accepts everything and the last nothing, so that they always meet.
    """
    gap = reject - accept
    after = np.argmax(gap >= 0, axis=0)
    before, pick = after - 1, np.arange(gap.shape[1])
    low, high = gap[before, pick], gap[after, pick]
    part = -low / (high - low)
    return np.asarray(accept[before, pick] * (1 - part) + accept[after, pick] * part)
