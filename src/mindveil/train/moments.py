"""Everything a line needs to know of people, as one private sum.

A person with row x (length at most 1) and severity y (-1..1) adds: 1, x, y, the products within x
(the upper triangle, what is off the diagonal times the root of 2), x times y, and y squared. Each
of these six parts has length at most 1, so that times the roots of six shares of a budget that
add up to 1, a person adds a vector of length at most 1 whoever he is. It is counted in whole
numbers, bounded again, and summed exactly; one mechanism of Gaussian noise pays for all.
"""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.accounting import DRAWS, Share
from mindveil.dp.clipping import exact_sum, whole
from mindveil.dp.noise import Noise
from mindveil.errors import InputError
from mindveil.train.base import Floats

Integers = NDArray[np.int64]

UNITS = 1 << 12
"""The longest contribution, in whole numbers: rounding is far below the noise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """What part of the budget each part of the sum gets; together 1."""

    count: float = 0.04
    rows: float = 0.10
    severity: float = 0.10
    within: float = 0.28
    together: float = 0.43
    square: float = 0.05

    def roots(self) -> tuple[float, ...]:
        """Return the lengths that the six parts may have, their squares adding up to 1."""
        parts = astuple(self)
        return tuple(math.sqrt(part / math.fsum(parts)) for part in parts)


SHARES = Shares()


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Noisy sums over people, for many heads at once; ``noise`` has an entry for each part.

    Shapes: (heads,), (heads, columns), (heads,), (heads, columns, columns), (heads, columns) and
    (heads,). ``noise`` is the standard deviation in units of one person, in the same order.
    """

    count: Floats
    rows: Floats
    severity: Floats
    within: Floats
    together: Floats
    square: Floats
    noise: tuple[float, ...]


def entries_of(columns: int) -> int:
    """Return how many numbers a person adds.

    >>> entries_of(4) == contributions(np.zeros((1, 4)), np.zeros(1), Shares()).shape[1]
    True
    """
    return 3 + 2 * columns + columns * (columns + 1) // 2


def contributions(rows: Floats, severity: Floats, shares: Shares) -> Floats:
    """Return what each person adds, shape (people, entries), no row longer than 1.

    ``rows`` has rows of length at most 1. Nothing of one person reaches another one's row.

    >>> one = contributions(np.array([[1.0]]), np.array([-1.0]), Shares())
    >>> round(float(np.square(one).sum()), 12)
    1.0
    """
    rows = np.ascontiguousarray(rows)
    told = np.clip(severity, -1.0, 1.0)
    first, second = np.triu_indices(rows.shape[1])
    stretch = np.where(first == second, 1.0, math.sqrt(2.0))
    parts = (
        np.ones((len(rows), 1)),
        rows,
        told[:, None],
        rows[:, first] * rows[:, second] * stretch,
        rows * told[:, None],
        np.square(told)[:, None],
    )
    return np.hstack([part * root for part, root in zip(parts, shares.roots(), strict=True)])


def noisy_sum(contribution: Floats, share: Share, noise: Noise) -> Integers:
    """Return the sum of contributions of length at most 1, in units of 1 / UNITS, with noise.

    What is too close to 0 for full precision is 0: ``whole`` would refuse it, and a refusal tells.
    """
    tiny = np.abs(contribution) < np.finfo(np.float64).tiny
    if contribution.shape[1] > DRAWS:
        raise InputError(
            f"{contribution.shape[1]} sums are more than the {DRAWS} that one promise covers; "
            "read people in fewer columns"
        )
    counted = exact_sum(whole(np.where(tiny, 0.0, contribution), UNITS, UNITS))
    return counted + noise.gaussian(share.sigma(UNITS), counted.shape)


def sigma_in_people(share: Share) -> float:
    """Return the noise of ``noisy_sum`` in units of one person's longest contribution."""
    return share.sigma(UNITS) / UNITS


def moments_of(sums: Floats, columns: int, shares: Shares, sigma: float) -> Moments:
    """Return the six parts of sums (heads, entries), each in units of one person."""
    roots = shares.roots()
    first, second = np.triu_indices(columns)
    ends = np.cumsum([1, columns, 1, len(first), columns, 1])[:-1]
    parts = [p / r for p, r in zip(np.split(sums, ends, axis=1), roots, strict=True)]
    within = np.empty((len(sums), columns, columns))
    stretch = np.where(first == second, 1.0, math.sqrt(2.0))
    within[:, first, second] = within[:, second, first] = parts[3] / stretch
    return Moments(
        count=parts[0][:, 0],
        rows=parts[1],
        severity=parts[2][:, 0],
        within=within,
        together=parts[4],
        square=parts[5][:, 0],
        noise=tuple(sigma / root for root in roots),
    )
