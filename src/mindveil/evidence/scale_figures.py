"""What one table says of a questionnaire, in figures, for every resample of its people at once.

Everything is a function of weighted means of products of columns, so that a matrix product
serves all resamples. Weights have shape (resamples, people); figures (resamples,) or, where one
figure has several values, (resamples, values). NaN is a figure that does not exist.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mindveil.utility.base import Answered, Fidelity, ScoreSheet

Floats = NDArray[np.float64]
Levels = Mapping[str, Floats]

LEAST_PEOPLE = 10
"""A figure that rests on fewer is none."""
_TINY = 1e-12


def core_levels(fidelity: Fidelity, side: Answered, weights: Floats) -> dict[str, Floats]:
    """Return consistency, prevalence and correlations of the scores of one table."""
    found: dict[str, Floats] = {}
    for place, sheet in enumerate(fidelity.scores):
        if sheet.tool == fidelity.tool:
            found |= consistency(sheet, side.items, weights)
            found |= prevalence(sheet, side.scores[:, place], weights)
    for one, two in fidelity.pairs:
        name = f"r@{fidelity.scores[one].name}~{fidelity.scores[two].name}"
        found[name] = correlation(side.scores[:, one], side.scores[:, two], weights)
    return found


def whole_levels(
    fidelity: Fidelity, side: Answered, steps: Sequence[Floats], weights: Floats
) -> dict[str, Floats]:
    """Return the figures of :func:`core_levels`, the distribution of scores, and the margins.

    ``steps`` are the scores at which the distribution of each score is taken.
    """
    found = core_levels(fidelity, side, weights)
    for place, sheet in enumerate(fidelity.scores):
        if sheet.tool == fidelity.tool:
            values = side.scores[:, place, None]
            below = (values <= steps[place]).astype(np.float64)
            found[f"scores@{sheet.name}"] = _means(below, weights, ~np.isnan(values[:, 0]))
    found["margins"] = _means(side.margins, weights)
    return found


def steps_of(fidelity: Fidelity, most: int = 200) -> list[Floats]:
    """Return for each score the values at which its distribution is compared, ``most`` at most."""
    found = []
    for place in range(len(fidelity.scores)):
        both = np.concatenate([s.scores[:, place] for s in (fidelity.released, fidelity.original)])
        values = np.unique(both[np.isfinite(both)])
        if len(values) > most:
            values = np.quantile(values, np.linspace(0, 1, most))
        found.append(values)
    return found


def changes(fidelity: Fidelity, released: Levels, original: Levels) -> dict[str, Floats]:
    """Return how far one table is from another: differences of figures, distances of margins."""
    found: dict[str, Floats] = {}
    for name, there in original.items():
        kind, _, which = name.partition("@")
        moved = released[name] - there
        if kind == "scores":
            found[f"ks@{which}"] = np.abs(moved).max(axis=1)
        elif kind == "margins":
            found |= _variations(fidelity, moved)
        elif kind == "item-total":
            found[f"{kind}-change@{which}"] = moved.mean(axis=1)
            found[f"{kind}-worst@{which}"] = np.abs(moved).max(axis=1)
        else:
            found[f"{kind}-change@{which}"] = moved
    return found


def consistency(sheet: ScoreSheet, items: Floats, weights: Floats) -> dict[str, Floats]:
    """Return Cronbach's alpha, and the correlation of each item with the sum of the others.

    Of people who answered every item of the scale. Source: Cronbach 1951, Psychometrika 16.
    """
    if len(sheet.items) < 2:
        return {}
    rows = items[:, list(sheet.items)]
    there = np.asarray(np.isfinite(rows).all(axis=1), dtype=np.bool_)
    size = rows.shape[1]
    if not there.any():
        gone = np.full(len(weights), np.nan)
        return {
            f"alpha@{sheet.name}": gone,
            f"item-total@{sheet.name}": np.full((len(weights), size), np.nan),
        }
    rows = np.where(there[:, None], rows, 0.0)
    # on a new origin: sums of squares would lose digits
    rows -= rows[there].mean(axis=0)
    total = rows.sum(axis=1, keepdims=True)
    told = _means(np.hstack([rows, rows**2, rows * total, total, total**2]), weights, there)
    mean, square, product = told[:, :size], told[:, size : 2 * size], told[:, 2 * size : 3 * size]
    own = square - mean**2
    with_total = product - mean * told[:, [-2]]
    spread = told[:, -1] - told[:, -2] ** 2
    alpha = size / (size - 1) * (1 - _over(own.sum(axis=1), spread))
    rest = spread[:, None] + own - 2 * with_total
    scale = np.sqrt(np.maximum(own * rest, 0.0))
    return {
        f"alpha@{sheet.name}": alpha,
        f"item-total@{sheet.name}": _over(with_total - own, scale),
    }


def prevalence(sheet: ScoreSheet, scores: Floats, weights: Floats) -> dict[str, Floats]:
    """Return the share of people from the cut-off on, and the share in each band."""
    found: dict[str, Floats] = {}
    there = np.isfinite(scores)
    if sheet.cutoff is not None:
        above = (scores >= sheet.cutoff).astype(np.float64)[:, None]
        name = f"prevalence@{sheet.name}>={sheet.cutoff:g}"
        found[name] = _means(above, weights, there)[:, 0]
    ends = [*(start for start, _ in sheet.bands[1:]), np.inf]
    for (start, name), end in zip(sheet.bands, ends, strict=False):
        inside = ((scores >= start) & (scores < end)).astype(np.float64)[:, None]
        found[f"band@{sheet.name}={name.replace(' ', '-')}"] = _means(inside, weights, there)[:, 0]
    return found


def correlation(one: Floats, two: Floats, weights: Floats) -> Floats:
    """Return Pearson's correlation of two scores among people who have both.

    >>> one = np.arange(10.0)
    >>> correlation(one, -one, np.ones((1, 10))).round(6).tolist()
    [-1.0]
    """
    there = np.isfinite(one) & np.isfinite(two)
    if not there.any():
        return np.full(len(weights), np.nan)
    one = np.where(there, one, 0.0) - one[there].mean()
    two = np.where(there, two, 0.0) - two[there].mean()
    told = _means(np.stack([one, two, one * one, two * two, one * two], axis=1), weights, there)
    shared = told[:, 4] - told[:, 0] * told[:, 1]
    spread = (told[:, 2] - told[:, 0] ** 2) * (told[:, 3] - told[:, 1] ** 2)
    return np.clip(_over(shared, np.sqrt(np.maximum(spread, 0.0))), -1.0, 1.0)


def _variations(fidelity: Fidelity, moved: Floats) -> dict[str, Floats]:
    """Return the mean and the worst total variation of the margins of items and background."""
    if not fidelity.variables:
        return {}
    starts = np.cumsum([0, *(v.cells for v in fidelity.variables)])[:-1]
    apart = np.add.reduceat(np.abs(moved), starts, axis=1) / 2
    background = np.array([v.background for v in fidelity.variables])
    found: dict[str, Floats] = {}
    for name, chosen in (("margins-tv", ~background), ("background-tv", background)):
        if chosen.any():
            found[name] = apart[:, chosen].mean(axis=1)
            found[f"{name}-worst"] = apart[:, chosen].max(axis=1)
    return found


def _means(
    columns: NDArray[np.floating], weights: Floats, there: NDArray[np.bool_] | None = None
) -> Floats:
    """Return weighted means of columns over the people who are there, (resamples, columns)."""
    if there is not None and not there.all():
        columns, weights = columns[there], weights[:, there]
    if len(columns) < LEAST_PEOPLE:
        return np.full((len(weights), columns.shape[1]), np.nan)
    total = weights.sum(axis=1, keepdims=True)
    return _over(weights @ columns, np.broadcast_to(total, (len(weights), columns.shape[1])))


def _over(top: Floats, under: Floats) -> Floats:
    found = np.full(top.shape, np.nan)
    np.divide(top, under, out=found, where=under > _TINY)
    return found
