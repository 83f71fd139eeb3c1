"""How linkable are scores as a whole: D_sys, and the cost of the best log-likelihood ratios.

Both ask how far the scores of one person's recordings stand from those of two people's, at every
threshold at once. Densities are compared on bins in the order of the scores, joined where a
higher score does not speak more for the same person (pool adjacent violators); an average line-up
is a matter of rank-1, not of these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csr_array

from mindveil.evidence.equal_error import Trials, parts_of
from mindveil.evidence.estimate import Estimate, Weights, bootstrap, exact_at_ends
from mindveil.evidence.measured import Measured

Floats = NDArray[np.float64]
Figure = Callable[[Floats, Floats], Floats]
"""From shares in bins of same and of different trials, (resamples, bins), to (resamples,)."""

_MOST_BINS = 40
_MOST_CELLS = 2_000_000
"""Pairs of people times resamples held in memory at once."""
_SHUFFLES = 20
_NOTHING = 1e-15
_DIGITS = 12
"""Beyond these, sums of shares are rounding: a figure of 1 must be 1."""


def measure_linkability(folds: Sequence[Trials], rng: np.random.Generator) -> list[Measured]:
    """Return D_sys and the least cost of the log-likelihood ratio, means over folds.

    D_sys is 0 where nobody can be linked and 1 where everybody can, whatever the threshold, at
    equal prior odds (omega = 1). The least Cllr is 1 bit where scores say nothing and 0 where
    they say all. Both look better than chance on any finite number of people: the baseline is
    what these very scores reach with the right persons exchanged. The interval is a bootstrap
    over people, of whom no one becomes an impostor of herself.

    Sources: Gomez-Barrero et al. 2018 and Maouche et al. 2020 (D_sys); Brümmer & du Preez 2006
    (Cllr).
    """
    folds = [f for f in folds if f.rows]
    people = sorted({p for f in folds for p in (*f.rows, *f.columns)})
    place = {p: i for i, p in enumerate(people)}
    binned = [_Binned.of(f, place) for f in folds]
    shuffled = [s for f in folds for s in _shuffles(f, rng)]
    targets = len({p for f in folds for p in f.rows})
    found = []
    for metric, figure, note in (
        ("linkability", linkability, "D_sys, 1 = everybody can be linked"),
        ("cllr", least_cost, "least log-likelihood-ratio cost in bits, 0 = everybody can be told"),
    ):
        chance = [float(figure(same, different)[0]) for same, different in shuffled]
        found.append(
            Measured(
                metric=metric,
                estimate=_resampled(figure, binned, len(people), targets, rng),
                baseline=float(np.mean(chance)) if chance else None,
                note=f"{note}; baseline: identities exchanged",
            )
        )
    return found


def linkability(same: Floats, different: Floats) -> Floats:
    """Return D_sys of shares in bins; 2 LR / (1 + LR) - 1 is the posterior twice, minus 1.

    >>> linkability(np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]])).tolist()
    [1.0]
    >>> linkability(np.array([[0.5, 0.5]]), np.array([[0.5, 0.5]])).tolist()
    [0.0]
    """
    sure = np.maximum(2 * posterior(same, different) - 1, 0.0)
    return np.asarray((same * sure).sum(axis=1).round(_DIGITS))


def least_cost(same: Floats, different: Floats) -> Floats:
    """Return the cost in bits of the best log-likelihood ratios of shares in bins.

    >>> least_cost(np.array([[0.5, 0.5]]), np.array([[0.5, 0.5]])).tolist()
    [1.0]
    """
    right = posterior(same, different)
    missed = same * -np.log2(np.maximum(right, _NOTHING))
    taken = different * -np.log2(np.maximum(1 - right, _NOTHING))
    return np.asarray(((missed + taken).sum(axis=1) / 2).round(_DIGITS))


def posterior(same: Floats, different: Floats) -> Floats:
    """Return P(same person | bin) at equal prior odds, never falling with the score.

    Isotonic regression by its max-min formula (Robertson, Wright & Dykstra 1988); shapes
    (resamples, bins).

    >>> posterior(np.array([[0.2, 0.0, 0.8]]), np.array([[0.4, 0.4, 0.2]])).round(3).tolist()
    [[0.2, 0.2, 0.8]]
    """
    count = same.shape[1]
    right = np.pad(np.cumsum(same, axis=1), ((0, 0), (1, 0)))
    total = np.pad(np.cumsum(same + different, axis=1), ((0, 0), (1, 0)))
    best = np.zeros_like(same)
    for start in range(count):
        top = right[:, start + 1 :] - right[:, start : start + 1]
        under = total[:, start + 1 :] - total[:, start : start + 1]
        mean = np.full_like(top, 0.5)  # of bins that are empty, which count for nothing
        np.divide(top, under, out=mean, where=under > _NOTHING)
        least = np.minimum.accumulate(mean[:, ::-1], axis=1)[:, ::-1]
        best[:, start:] = np.maximum(best[:, start:], least)
    return np.clip(best, 0.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Binned:
    """A fold in bins: ``same`` (people, bins) and ``different`` (bins, people x candidates).

    Each person's rows make one person; ``rows`` and ``columns`` are places in the weights, and
    ``own`` is the column of each person.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    own: NDArray[np.intp]
    same: Floats
    different: csr_array

    @classmethod
    def of(cls, fold: Trials, place: Mapping[str, int]) -> _Binned:
        """Sort every trial of a fold into a bin."""
        part, width = parts_of(fold.rows), len(fold.columns)
        names = sorted(set(fold.rows))
        at = {p: i for i, p in enumerate(names)}
        person = np.array([at[p] for p in fold.rows], dtype=np.intp)
        bins, count = _bins(fold, part)
        index, column = np.arange(len(person)), np.arange(width)
        same = np.zeros((len(names), count))
        np.add.at(same, (person, bins[index, fold.own]), part)
        other = column[None, :] != fold.own[:, None]
        pair = person[:, None] * width + column
        share = np.broadcast_to(part[:, None], bins.shape)
        different = coo_array(
            (share[other], (bins[other], pair[other])), shape=(count, len(names) * width)
        )
        own = np.zeros(len(names), dtype=np.intp)
        own[person] = fold.own
        return cls(
            rows=np.array([place[p] for p in names], dtype=np.intp),
            columns=np.array([place[p] for p in fold.columns], dtype=np.intp),
            own=own,
            same=same,
            different=different.tocsr(),
        )

    def shares(self, weights: Weights) -> tuple[Floats, Floats, NDArray[np.bool_]]:
        """Return shares of same and different trials in bins, and which resamples have both."""
        row, column = weights[:, self.rows], weights[:, self.columns]
        total = row.sum(axis=1)
        pairs = total * column.sum(axis=1) - (row * column[:, self.own]).sum(axis=1)
        there = (pairs > 0) & (total > 0)
        row, column = row[there], column[there]
        step = max(1, _MOST_CELLS // max(1, row.shape[1] * column.shape[1]))
        counts = np.zeros((len(row), self.same.shape[1]))
        for start in range(0, len(row), step):
            one, two = row[start : start + step].T, column[start : start + step].T
            drawn = (one[:, None, :] * two[None, :, :]).reshape(-1, one.shape[1])
            counts[start : start + step] = (self.different @ drawn).T
        return (row @ self.same) / total[there][:, None], counts / pairs[there][:, None], there


def _bins(fold: Trials, part: Floats) -> tuple[NDArray[np.intp], int]:
    """Return the bin of each trial: equal shares of same and different trials taken together.

    A score in common keeps its trials together, and what is told apart stays apart: half of the
    trials (by weight) are of the same person.
    """
    distinct, order = np.unique(fold.scores, return_inverse=True)
    order = order.reshape(fold.scores.shape)
    index = np.arange(len(fold.rows))
    if len(distinct) <= _MOST_BINS:
        return order.astype(np.intp), len(distinct)
    genuine = order[index, fold.own]
    right = np.bincount(genuine, weights=part, minlength=len(distinct))
    every = np.repeat(part, len(fold.columns))
    wrong = np.bincount(order.ravel(), weights=every, minlength=len(distinct)) - right
    mixed = right / right.sum() / 2 + wrong / max(wrong.sum(), _NOTHING) / 2
    middle = np.cumsum(mixed) - mixed / 2
    place = np.clip((middle * _MOST_BINS).astype(np.intp), 0, _MOST_BINS - 1)
    return place[order], _MOST_BINS


def _shuffles(fold: Trials, rng: np.random.Generator) -> list[tuple[Floats, Floats]]:
    """Return the shares of same and different trials with the right persons exchanged, often."""
    names = sorted(set(fold.rows))
    if len(names) < 2:
        return []
    part, index = parts_of(fold.rows), np.arange(len(fold.rows))
    own = {p: int(c) for p, c in zip(fold.rows, fold.own, strict=True)}
    made = []
    for _ in range(_SHUFFLES):
        order = rng.permutation(len(names))
        other = {names[a]: names[b] for a, b in zip(order, np.roll(order, 1), strict=True)}
        columns = np.array([own[other[p]] for p in fold.rows], dtype=np.intp)
        bins, count = _bins(replace(fold, own=columns), part)
        every = np.bincount(bins.ravel(), np.repeat(part, len(fold.columns)), count)
        same = np.bincount(bins[index, columns], part, count)
        made.append(((same / same.sum())[None], ((every - same) / (every - same).sum())[None]))
    return made


def _resampled(
    figure: Figure, folds: Sequence[_Binned], people: int, targets: int, rng: np.random.Generator
) -> Estimate:
    return exact_at_ends(bootstrap(lambda w: _mean(figure, folds, w), people, rng), targets)


def _mean(figure: Figure, folds: Sequence[_Binned], weights: Weights) -> Floats:
    """Return the mean of a figure over folds; NaN where no fold has a pair of two people."""
    total, times = np.zeros(len(weights)), np.zeros(len(weights))
    for fold in folds:
        same, different, there = fold.shares(weights)
        total[there] += figure(same, different)
        times += there
    mean = np.full(len(weights), np.nan)
    np.divide(total, times, out=mean, where=times > 0)
    return mean
