"""Can it be told which table a record comes from? A quick discriminator of margins and pairs.

Two Gaussians, each with a covariance of its own (quadratic discriminant analysis): unlike a
linear rule it also sees a table whose correlations are gone. Every record is judged by a rule
that was learnt from others, and from none with the very same answers: the twin of a copied record
would teach the wrong side. A missing answer is filled with the mean and marked in a column of its
own. It says little of what lies beyond pairs of answers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InvalidMeasurement
from mindveil.utility.base import Told

Floats = NDArray[np.float64]

_PARTS = 5
_SHRINK = 0.02
_FLOOR = 1e-3


def told_apart(released: Floats, original: Floats, rng: np.random.Generator) -> Told:
    """Return how much every record looks like a released one; higher is more.

    The control asks the same of two halves of the original people, drawn by chance.

    Raises:
        InvalidMeasurement: a table is too small to learn from.
    """
    if min(len(released), len(original)) < 2 * _PARTS:
        raise InvalidMeasurement(
            f"{len(released)} released and {len(original)} original records; at least "
            f"{2 * _PARTS} of either are needed to tell them apart"
        )
    one, two = _filled(released, original)
    order = rng.permutation(len(two))
    half = len(two) // 2
    left, right = two[order[:half]], two[order[half:]]
    here, there = _judged(one, two, rng)
    first, second = _judged(left, right, rng)
    return Told(released=here, original=there, one_half=first, other_half=second)


def _filled(released: Floats, original: Floats) -> tuple[Floats, Floats]:
    """Return both tables in units of the original, gaps filled and marked."""
    both = np.vstack([released, original])
    gone = np.isnan(both)
    count = np.maximum((~np.isnan(original)).sum(axis=0), 1)
    centre = np.nansum(original, axis=0) / count
    filled = np.where(gone, centre, both)
    spread = filled[len(released) :].std(axis=0)
    told = (filled - centre) / np.where(spread > 0, spread, 1.0)
    marked = gone[:, gone.any(axis=0)].astype(np.float64)
    joined = np.hstack([told, marked])
    return joined[: len(released)], joined[len(released) :]


def _judged(one: Floats, two: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    parts = _dealt(one, two, rng)
    told = [np.zeros(len(one)), np.zeros(len(two))]
    for part in range(_PARTS):
        taught = [rows[at != part] for rows, at in zip((one, two), parts, strict=True)]
        if min(map(len, taught)) < _PARTS:
            continue  # one answer sheet is nearly all there is: nothing is said of it
        like_one, like_two = map(_gaussian, taught)
        for side, rows in enumerate((one, two)):
            mine = parts[side] == part
            told[side][mine] = _fit(rows[mine], like_one) - _fit(rows[mine], like_two)
    return told[0], told[1]


def _dealt(one: Floats, two: Floats, rng: np.random.Generator) -> list[NDArray[np.intp]]:
    """Return the part of each record; those with the same answers in both tables share theirs."""
    same = np.unique(np.vstack([one, two]), axis=0, return_inverse=True)[1].reshape(-1)
    here, there = same[: len(one)], same[len(one) :]
    both = np.isin(same, np.intersect1d(here, there))
    parts = rng.permutation(len(same)) % _PARTS
    parts[both] = (rng.permutation(int(same.max()) + 1) % _PARTS)[same[both]]
    return [parts[: len(one)], parts[len(one) :]]


def _gaussian(rows: Floats) -> tuple[Floats, Floats, float]:
    """Return mean, inverse covariance and its log-determinant, shrunk towards the diagonal."""
    centre = rows.mean(axis=0)
    moved = rows - centre
    cover = moved.T @ moved / len(rows)
    cover = (1 - _SHRINK) * cover + np.diag(_SHRINK * np.diag(cover) + _FLOOR)
    return centre, np.linalg.inv(cover), float(np.linalg.slogdet(cover)[1])


def _fit(rows: Floats, gaussian: tuple[Floats, Floats, float]) -> Floats:
    centre, inverse, volume = gaussian
    moved = rows - centre
    return np.asarray(-0.5 * (np.sum((moved @ inverse) * moved, axis=1) + volume))
