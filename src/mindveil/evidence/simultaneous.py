"""Intervals that hold for several groups at once, of which the worst is told.

Who looks at five groups and tells the worst has looked five times. Each interval is therefore
made so much wider that all of them hold together in 95 of 100 studies (Bonferroni); then the one
of the worst group holds too, whichever group that turns out to be.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import LEVEL, Estimate

Floats = NDArray[np.float64]

_NEXT_TO_NONE = 0.01
"""Hits (or misses) below which the end of the exact interval is 0 (or 1) to 150 digits."""
_LEAST_EXISTING = 0.75
"""Share of the resamples in which a figure must exist, or its interval is not believed."""


def tail_of(groups: int) -> float:
    """Return what each end of an interval may miss where so many are to hold together.

    >>> tail_of(1), tail_of(5)
    (0.025, 0.005)
    """
    return round((1 - LEVEL) / (2 * groups), 12)


def pairs_of(groups: int) -> int:
    """Return of how many pairs of groups the widest gap is the worst.

    >>> pairs_of(2), pairs_of(5)
    (1, 10)
    """
    return groups * (groups - 1) // 2


def share_of(outcomes: Floats, tail: float) -> Estimate:
    """Return the mean of one outcome in [0, 1] a person; its exact interval misses so little.

    >>> share_of(np.zeros(50), 0.025).high.__round__(3)
    0.071
    """
    n = len(outcomes)
    hits = min(max(math.fsum(outcomes), 0.0), float(n))
    low = 0.0 if hits < _NEXT_TO_NONE else float(stats.beta.ppf(tail, hits, n - hits + 1))
    high = 1.0 if n - hits < _NEXT_TO_NONE else float(stats.beta.ppf(1 - tail, hits + 1, n - hits))
    return Estimate(value=hits / n, low=low, high=high, n=n)


def drawn(value: float, replicates: Floats, n: int, tail: float) -> Estimate:
    """Return a figure with the percentile interval of its resamples.

    Raises:
        InvalidMeasurement: it does not exist for these people, or in too many resamples does not.
    """
    there = replicates[~np.isnan(replicates)]
    if math.isnan(value) or len(there) < _LEAST_EXISTING * len(replicates):
        raise InvalidMeasurement("the figure does not exist for these participants")
    low, high = np.quantile(there, [tail, 1 - tail])
    return Estimate(value=value, low=min(float(low), value), high=max(float(high), value), n=n)


def sure_at_ends(seen: Estimate, trials: int, tail: float) -> Estimate:
    """Return a rate of exactly 0 or 1 with the exact interval of so many trials."""
    if seen.value not in {0.0, 1.0}:
        return seen
    exact = share_of(np.full(trials, seen.value), tail)
    return Estimate(
        value=seen.value, low=min(seen.low, exact.low), high=max(seen.high, exact.high), n=seen.n
    )
