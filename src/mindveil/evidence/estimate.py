"""A number never travels without its doubt.

Counts get the exact interval of Clopper & Pearson (1934); everything else the bootstrap over
participants, 2,000 resamples; differences and ratios of estimates the method of variance
estimates recovery (MOVER: Zou & Donner 2008; Donner & Zou 2012), which needs the two
intervals only and treats them as independent, so that no list of people has to be stored.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mindveil.errors import InvalidMeasurement

RESAMPLES = 2000
LEVEL = 0.95
_CHUNK = 250

Weights = NDArray[np.float64]
"""Shape (resamples, people): how often each person was drawn."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A value, its 95 % interval over participants, and how many participants there were."""

    value: float
    low: float
    high: float
    n: int

    def map(self, change: Callable[[float], float]) -> Estimate:
        """Return the estimate of a monotone function of the value.

        >>> Estimate(value=0.2, low=0.1, high=0.4, n=9).map(lambda x: 1 - x).low
        0.6
        """
        low, high = sorted((change(self.low), change(self.high)))
        return Estimate(value=change(self.value), low=low, high=high, n=self.n)


def clopper_pearson(hits: float, n: int) -> Estimate:
    """Return the exact interval of a share.

    ``hits`` may be a sum of outcomes in [0, 1] (a person's mean over folds): their variance is
    at most that of a coin of the same mean, so the interval is then on the safe side.

    >>> e = clopper_pearson(0, 50)
    >>> round(e.high, 3), e.low
    (0.071, 0.0)
    """
    if n < 1:
        raise InvalidMeasurement("no participant could be measured")
    tail = (1 - LEVEL) / 2
    low = 0.0 if hits <= 0 else float(stats.beta.ppf(tail, hits, n - hits + 1))
    high = 1.0 if hits >= n else float(stats.beta.ppf(1 - tail, hits + 1, n - hits))
    return Estimate(value=hits / n, low=low, high=high, n=n)


def wilson(hits: int, n: int) -> Estimate:
    """Return the score interval of a count (Wilson 1927); exact at 0 and n hits.

    >>> e = wilson(5, 10)
    >>> round(e.low, 4), round(e.high, 4)
    (0.2366, 0.7634)
    """
    if hits in (0, n):
        return clopper_pearson(hits, n)
    z = float(stats.norm.ppf((1 + LEVEL) / 2))
    share, shrink = hits / n, 1 + z * z / n
    centre = (share + z * z / (2 * n)) / shrink
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / shrink
    return Estimate(value=share, low=centre - half, high=centre + half, n=n)


def share(outcomes: NDArray[np.float64]) -> Estimate:
    """Return the mean of one outcome in [0, 1] a person, with its exact interval."""
    return clopper_pearson(float(outcomes.sum()), len(outcomes))


def bootstrap(
    statistic: Callable[[Weights], NDArray[np.float64]], people: int, rng: np.random.Generator
) -> Estimate:
    """Return a statistic with its percentile bootstrap interval over participants.

    ``statistic`` takes weights of shape (resamples, people) and returns one value a row; NaN
    marks a resample in which it does not exist (one class only) and is left out.
    """
    if people < 2:
        raise InvalidMeasurement(f"{people} participants cannot be resampled")
    value = float(statistic(np.ones((1, people)))[0])
    if math.isnan(value):
        raise InvalidMeasurement("the figure does not exist for these participants")
    drawn: list[NDArray[np.float64]] = []
    for start in range(0, RESAMPLES, _CHUNK):
        rows = min(_CHUNK, RESAMPLES - start)
        weights = rng.multinomial(people, np.full(people, 1 / people), size=rows)
        drawn.append(statistic(weights.astype(np.float64)))
    replicates = np.concatenate(drawn)
    replicates = replicates[~np.isnan(replicates)]
    tail = (1 - LEVEL) / 2
    low, high = np.quantile(replicates, [tail, 1 - tail])
    return Estimate(
        value=value, low=min(float(low), value), high=max(float(high), value), n=people
    )


def difference(first: Estimate, second: Estimate) -> Estimate:
    """Return first - second (MOVER, Zou & Donner 2008)."""
    value = first.value - second.value
    down = math.hypot(first.value - first.low, second.high - second.value)
    up = math.hypot(first.high - first.value, second.value - second.low)
    return Estimate(
        value=value, low=value - down, high=value + up, n=min(first.n, second.n)
    )


def ratio(top: Estimate, bottom: Estimate) -> Estimate:
    """Return top / bottom (MOVER-R, Donner & Zou 2012).

    Raises InvalidMeasurement where the interval of the divisor contains 0.
    """
    if bottom.low <= 0:
        raise InvalidMeasurement("the divisor cannot be told from 0")
    value, n = top.value / bottom.value, min(top.n, bottom.n)
    product = top.value * bottom.value

    def limit(end: float, other: float, sign: int) -> float:
        inside = product**2 - end * other * (2 * top.value - end) * (2 * bottom.value - other)
        return (product + sign * math.sqrt(max(inside, 0.0))) / (
            other * (2 * bottom.value - other)
        )

    return Estimate(
        value=value,
        low=limit(top.low, bottom.high, -1),
        high=limit(top.high, bottom.low, +1),
        n=n,
    )


def advantage(attacker: Estimate, control: Estimate) -> Estimate:
    """Return what the attack gains above its control: (attacker - control) / (1 - control).

    A control that always succeeds leaves nothing to gain and is invalid. Source: the residual
    risk of Giomi et al. 2023 (Anonymeter), with both intervals carried over.
    """
    if control.value >= 1:
        raise InvalidMeasurement("the control succeeds always: nothing can be told from it")
    missed = attacker.map(lambda x: 1 - x)
    room = control.map(lambda x: 1 - x)
    if room.low <= 0:
        room = Estimate(value=room.value, low=room.value / 2, high=room.high, n=room.n)
    if control.low == control.high:
        return attacker.map(lambda x: (x - control.value) / (1 - control.value))
    return ratio(missed, room).map(lambda x: 1 - x)


def risk_reduction(release: Estimate, original: Estimate) -> Estimate:
    """Return 1 - advantage(release) / advantage(original).

    Raises InvalidMeasurement where the undefended attack cannot be told from its control:
    what has no risk to begin with cannot be reduced.
    """
    if original.low <= 0:
        raise InvalidMeasurement("the undefended attack is not above its control")
    return ratio(release, original).map(lambda x: 1 - x)


def resolution(n: int) -> float:
    """Return the risk that zero hits among ``n`` targets still allow (upper 95 % bound).

    >>> round(resolution(100), 3)
    0.036
    """
    return clopper_pearson(0, n).high


def people_needed(limit: float) -> int:
    """Return the least number of targets at which zero hits show a risk below ``limit``.

    >>> people_needed(0.09)
    40
    """
    if limit <= 0:
        raise InvalidMeasurement("no number of people can show a risk of exactly 0")
    n = 1
    while resolution(n) > limit:
        n += 1 if n < 1000 else max(1, n // 100)
    return n
