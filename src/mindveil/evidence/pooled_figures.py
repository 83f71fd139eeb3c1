"""One figure over all folds of a release, with its doubt on either side.

The records of each release are drawn anew, and the folds with them. The originals are drawn anew
as well, but only as far as a release does not follow them: where each fold's release repeats what
its people happened to answer, another draw of people would have moved both alike. How far it
does is read off the folds: the slope of a release's margins (and of its item correlations) on
those of its people, from fold to fold, less its own doubt. A single fold says nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.evidence.estimate import LEVEL, RESAMPLES, Estimate
from mindveil.utility.base import Answered, Fidelity

Floats = NDArray[np.float64]
Figures = Mapping[str, Floats]
"""By name: the figure itself first, then those of the resamples."""

_LEAST_FOLDS = 4
_LEAST_EXISTING = 0.75
_ONE_SIDED = 1.645
_TAIL = (1 - LEVEL) / 2
_LEAST = {"alpha": -np.inf, "r": -1.0, "item-total": -1.0, "congruence": -1.0, "detectability": 0.5}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One fold in figures.

    ``released`` holds the release's figures and its distances from the original; ``drawn`` the
    same distances with the people of the original drawn anew; ``original`` the original's own
    figures; ``control`` the distances of two samples of real people. ``told`` is what
    :func:`signature` says of the release and of the original.
    """

    people: frozenset[str]
    released: Figures
    drawn: Figures
    original: Figures
    control: Figures
    told: tuple[Floats, ...]


def signature(fidelity: Fidelity, side: Answered) -> tuple[Floats, Floats]:
    """Return margins and item correlations of one table, each on a scale of even noise."""
    share = side.margins[:, : sum(v.cells for v in fidelity.variables if not v.background)]
    margins = np.arcsin(np.sqrt(np.clip(share.mean(axis=0, dtype=np.float64), 0.0, 1.0)))
    rows = side.items[np.isfinite(side.items).all(axis=1)]
    size = side.items.shape[1]
    upper = np.triu_indices(size, 1)
    if len(rows) < 3:
        return margins, np.zeros(len(upper[0]))
    spread = rows.std(axis=0)
    moved = (rows - rows.mean(axis=0)) / np.where(spread > 0, spread, np.inf)
    return margins, np.arctanh(np.clip(moved.T @ moved / len(rows), -0.99, 0.99)[upper])


def following(seen: Sequence[Seen]) -> float:
    """Return how far releases surely follow the people they were made from, 0 to 1.

    The lower end of a one-sided 95 % interval (jackknife over folds) of the smaller slope.
    """
    if len(seen) < _LEAST_FOLDS:
        return 0.0
    ends = []
    for part in range(2):
        new = np.stack([s.told[part] for s in seen])
        old = np.stack([s.told[2 + part] for s in seen])
        left_out = [
            _slope(*(np.delete(x, i, axis=0) for x in (new, old))) for i in range(len(seen))
        ]
        times = (len(seen) - 1) / np.sqrt(len(seen))
        ends.append(_slope(new, old) - _ONE_SIDED * times * float(np.std(left_out)))
    return float(np.clip(min(ends), 0.0, 1.0))


def pooled(
    name: str, seen: Sequence[Seen], follows: float, rng: np.random.Generator
) -> Estimate | None:
    """Return the mean of a figure over folds with its interval; None where it does not exist.

    Resamples of a distance lie further off than the distance itself, so that their spread is
    taken about their own mean.
    """
    folds = [s.released[name] for s in seen if name in s.released]
    if not folds or len(folds) < len(seen) or not all(_exists(d) for d in folds):
        return None
    value = float(np.mean([d[0] for d in folds]))
    total = _drawn_mean([_about_zero(d[1:]) + d[0] for d in folds], rng)
    people = frozenset().union(*(s.people for s in seen))
    doubt = [
        _about_zero(s.drawn[name]) * np.sqrt(len(s.people) / len(people))
        for s in seen
        if name in s.drawn and np.isfinite(s.drawn[name]).any()
    ]
    if doubt:
        # any fold's people stand for all: only how many there are differs
        pile = np.concatenate(doubt)
        total += (1 - follows) * pile[rng.integers(len(pile), size=RESAMPLES)]
    low, high = np.quantile(total, [_TAIL, 1 - _TAIL])
    least, most = _bounds(name)
    return Estimate(
        value=value,
        low=max(min(float(low), value), least),
        high=min(max(float(high), value), most),
        n=len(people),
    )


def control_of(name: str, seen: Sequence[Seen], n: int) -> Estimate | None:
    """Return what a second sample of as many real people shows: mean, and 95 % of all samples."""
    draws = [s.control[name] for s in seen if name in s.control]
    real = np.concatenate(draws) if draws else np.zeros(0)
    real = real[np.isfinite(real)]
    if not real.size:
        return None
    low, high = np.quantile(real, [_TAIL, 1 - _TAIL])
    return Estimate(value=float(real.mean()), low=float(low), high=float(high), n=n)


def _drawn_mean(folds: Sequence[Floats], rng: np.random.Generator) -> Floats:
    """Return the mean over as many folds drawn anew, one resample of each."""
    total = np.zeros(RESAMPLES)
    for _ in folds:
        which, where = rng.integers(len(folds), size=RESAMPLES), rng.random(RESAMPLES)
        for place, one in enumerate(folds):
            mine = which == place
            total[mine] += one[(where[mine] * len(one)).astype(np.intp)]
    return total / len(folds)


def _exists(figures: Floats) -> bool:
    there = np.isfinite(figures)
    return bool(there[0]) and float(there.mean()) >= _LEAST_EXISTING


def _about_zero(figures: Floats) -> Floats:
    there = figures[np.isfinite(figures)]
    return np.asarray(there - there.mean())


def _slope(new: Floats, old: Floats) -> float:
    new, old = new - new.mean(axis=0), old - old.mean(axis=0)
    across = float((old**2).sum())
    return float((new * old).sum()) / across if across > 0 else 0.0


def _bounds(name: str) -> tuple[float, float]:
    """Return between what a figure must lie."""
    figure = name.partition("@")[0]
    if "-change" in figure:
        return -np.inf, np.inf
    return _LEAST.get(figure, 0.0), 1.0
