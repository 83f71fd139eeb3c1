"""One person, one bounded contribution: in whole numbers, summed exactly.

What a person adds to a sum is bounded **before** noise is added, and bounded again after it was
rounded to whole numbers, because rounding can lengthen a vector. The sum is exact: it does not
depend on the order of people, so that leaving one out changes it by that person's row alone
(Casacuberta et al., "Widespread underestimation of sensitivity in differentially private
libraries", 2022, show what else goes wrong).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError

Rows = NDArray[np.float64]
Integers = NDArray[np.int64]

LARGEST_BOUND = 1 << 30
"""The square of a longer row of whole numbers would not fit 64 bits with room to spare."""


def clip_norm(rows: Rows, bound: float) -> Rows:
    """Return the rows, shortened where needed so that none is longer than the bound.

    Each row is judged alone: nothing of the other people reaches it. Shape (people, entries).

    >>> clip_norm(np.array([[3.0, 4.0], [0.3, 0.4]]), 1.0).round(3).tolist()
    [[0.6, 0.8], [0.3, 0.4]]
    """
    _check_bound(bound)
    return _shortened(_finite(rows), bound)


def whole(rows: Rows, scale: float, bound: int) -> Integers:
    """Return the rows times ``scale`` as whole numbers, none longer than ``bound``.

    ``bound`` counts in the whole numbers' own units: for rows clipped at C it is usually
    ``ceil(scale * C)``; 2**10 to 2**20 makes rounding far smaller than noise, and more leaves no
    room for it (``noise.LARGEST_SCALE``). The length is checked in exact arithmetic; a row that rounding made too
    long is rounded towards zero instead, which cannot lengthen it.

    >>> whole(np.array([[0.6, 0.8], [0.06, 0.0]]), 10.0, 10).tolist()
    [[6, 8], [1, 0]]
    """
    if not (math.isfinite(scale) and scale > 0.0):
        raise InputError(f"rows cannot be scaled by {scale!r}; give a positive number")
    if int(bound) != bound or not 0 < bound <= LARGEST_BOUND:
        raise InputError(
            f"the bound of whole rows is {bound!r}; give a whole number from 1 to {LARGEST_BOUND}"
        )
    limit = int(bound)
    with np.errstate(over="ignore"):
        scaled = _finite(rows) * scale
    if not np.isfinite(scaled).all():
        raise InputError(f"a contribution times {scale:g} is no number any more; scale by less")
    short = _shortened(scaled, float(limit))
    counted = np.rint(short).astype(np.int64)
    too_long = _square(counted) > limit * limit
    counted[too_long] = np.trunc(short[too_long]).astype(np.int64)
    if np.any(_square(counted) > limit * limit):
        raise AssertionError("a clipped row is longer than its bound")
    return counted


def exact_sum(rows: Integers) -> Integers:
    """Return the sum over people, exact; refuse what 64 bits could not hold.

    >>> exact_sum(np.array([[1, 2], [3, 4]])).tolist()
    [4, 6]
    """
    if not np.issubdtype(rows.dtype, np.integer):
        raise InputError(f"rows of {rows.dtype} cannot be summed exactly; make them whole first")
    counted = rows.astype(np.int64)
    peak = max(int(counted.max(initial=0)), -int(counted.min(initial=0)))
    if peak * counted.shape[0] >= 1 << 63:
        raise InputError(
            f"the sum of {counted.shape[0]} rows with entries up to {peak} may not fit 64 bits; "
            "use a smaller scale"
        )
    total: Integers = counted.sum(axis=0, dtype=np.int64)
    return total


def _shortened(values: Rows, bound: float) -> Rows:
    # The largest entry is divided out first: squares of 1e200 would overflow, of 1e-200 vanish.
    peak = np.max(np.abs(values), axis=1, initial=0.0)
    safe = np.where(peak > 0.0, peak, 1.0)
    shape = values / safe[:, None]
    with np.errstate(over="ignore"):  # a row too long for a float is shortened to nothing
        norm = np.sqrt(np.einsum("ij,ij->i", shape, shape)) * safe
    long = norm > bound
    # A hair below the bound, so that rounding cannot step over it.
    slack = 1.0 - (values.shape[1] + 8) * np.finfo(np.float64).eps
    factor = bound / np.where(long, norm, bound) * slack
    return np.where(long[:, None], values * factor[:, None], values)


def _square(rows: Integers) -> Integers:
    squares: Integers = np.einsum("ij,ij->i", rows, rows)
    return squares


def _check_bound(bound: float) -> None:
    if not (math.isfinite(bound) and bound >= np.finfo(np.float64).tiny):
        raise InputError(f"a contribution cannot be clipped to {bound!r}; give a positive number")


def _finite(rows: Rows) -> Rows:
    values = np.ascontiguousarray(rows, dtype=np.float64)
    if values.ndim != 2:
        raise InputError(f"contributions have {values.ndim} dimensions; give people by entries")
    if not np.isfinite(values).all():
        raise InputError("a contribution is not a finite number; fill gaps before clipping")
    if np.any((values != 0.0) & (np.abs(values) < np.finfo(np.float64).tiny)):
        raise InputError(
            "a contribution is too close to zero to be computed with in full precision "
            "(below 2.3e-308); round it to zero before clipping"
        )
    return values
