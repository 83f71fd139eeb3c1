"""Line-ups: where the right person stands among others, whatever was drawn beside her."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mindveil.errors import InvalidMeasurement

Floats = NDArray[np.float64]
Outcomes = dict[str, list[float]]
"""What each person suffered by each query in each fold in which she was released."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """One fold's scores with the truth: the person of each row and of each column.

    A person may have several rows, which count as one person between them.
    """

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    scores: Floats
    absent: tuple[str, ...]
    whole_table: bool
    curves: bool = False

    def targets(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the rows that have a right column, and those columns."""
        column_of = {p: i for i, p in enumerate(self.columns)}
        both = [(i, column_of[p]) for i, p in enumerate(self.rows) if p in column_of]
        rows, own = np.array(both, dtype=np.intp).reshape(-1, 2).T
        return rows, own

    def size(self, lineup: int) -> int:
        """Return how many candidates a line-up has; a table is searched as a whole."""
        return len(self.columns) if self.whole_table else min(lineup, len(self.columns))


def chance_of_rank(better: Floats, tied: Floats, others: int, lineup: int, rank: int) -> Floats:
    """Return P(the right candidate is among the first ``rank``) in a random line-up.

    ``better`` and ``tied`` count impostors above and level with the right candidate among
    ``others``; ties are broken at random; the line-up keeps the right one and draws the rest.
    Exact (hypergeometric), so that no draw of a line-up adds noise.

    >>> chance_of_rank(np.array([0.0, 1.0]), np.array([0.0, 0.0]), 9, 10, 1)
    array([1., 0.])
    >>> float(chance_of_rank(np.array([0.0]), np.array([9.0]), 9, 10, 1)[0].round(12))
    0.1
    """
    drawn = min(lineup - 1, others)
    # Nobody to be drawn from is a case that the distribution does not know.
    above = np.arange(others + 1)
    at_most = stats.hypergeom.cdf(rank - 1, others, above, drawn) if others else np.ones(1)
    summed = np.concatenate([[0.0], np.cumsum(at_most)])
    start, stop = better.astype(int), (better + tied).astype(int) + 1
    found = (summed[stop] - summed[start]) / (stop - start)
    return np.asarray(np.clip(found, 0.0, 1.0), dtype=np.float64)


def suffered(folds: Sequence[Linked], lineup: int, rank: int, *, alone: bool = False) -> Outcomes:
    """Return, for each person looked for, the chance of each query to name the right one.

    ``alone``: only a right one whose score stands above all others counts, not one of a tie.

    Raises:
        InvalidMeasurement: fewer than 2 people can be looked for.
    """
    outcomes: Outcomes = {}
    for fold in folds:
        rows, own = fold.targets()
        if not rows.size:
            continue
        scores = fold.scores[rows]
        right = scores[np.arange(len(rows)), own][:, None]
        better = (scores > right).sum(axis=1).astype(float)
        tied = (scores == right).sum(axis=1).astype(float) - 1
        if alone:
            better, tied = better + tied, np.zeros_like(tied)
        found = chance_of_rank(better, tied, len(fold.columns) - 1, fold.size(lineup), rank)
        for i, value in zip(rows, found, strict=True):
            outcomes.setdefault(fold.rows[i], []).append(float(value))
    if len(outcomes) < 2:
        raise InvalidMeasurement(
            "fewer than 2 people have both a released record and something known of them"
        )
    return outcomes


def guess(folds: Sequence[Linked], lineup: int, rank: int) -> float:
    """Return what a guesser reaches, over the folds that have somebody to look for."""
    sizes = [f.size(lineup) for f in folds if f.scores.size]
    return float(np.mean([min(1.0, rank / size) for size in sizes]))


def mean_of(outcomes: Outcomes) -> Floats:
    """Return the mean of each person's outcomes, by name."""
    return np.array([np.mean(outcomes[p]) for p in sorted(outcomes)])
