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
MOST_PEOPLE = 10_000_000
"""Numbers of people needed are not told beyond this."""

_CHUNK = 250
_TAIL = (1 - LEVEL) / 2
_ROUNDING = 1e-9
_NEXT_TO_NONE = 0.01
"""Hits (or misses) below which the end of the exact interval is 0 (or 1) to 150 digits."""
_LEAST_EXISTING = 0.75
"""Share of the resamples in which a figure must exist, or its interval is not believed."""

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
    if not -_ROUNDING * n <= hits <= n * (1 + _ROUNDING):
        raise InvalidMeasurement(f"{hits} of {n} people is no share; outcomes lie in 0..1")
    hits = min(max(float(hits), 0.0), float(n))
    low = 0.0 if hits < _NEXT_TO_NONE else float(stats.beta.ppf(_TAIL, hits, n - hits + 1))
    high = 1.0 if n - hits < _NEXT_TO_NONE else float(stats.beta.ppf(1 - _TAIL, hits + 1, n - hits))
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
    return clopper_pearson(math.fsum(outcomes), len(outcomes))


def bootstrap(
    statistic: Callable[[Weights], NDArray[np.float64]],
    people: int,
    rng: np.random.Generator,
    rests_on: int | None = None,
) -> Estimate:
    """Return a statistic with its percentile bootstrap interval over participants.

    ``statistic`` takes weights of shape (resamples, people) and returns one value a row; NaN
    marks a resample in which it does not exist (one class only) and is left out. A figure that
    ``rests_on`` few of them (the cases, say) has its interval widened for their small number.

    Raises:
        InvalidMeasurement: the statistic does not exist, or in too many resamples does not.
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
    if len(replicates) < _LEAST_EXISTING * RESAMPLES:
        raise InvalidMeasurement(
            f"the figure rests on too few of the {people} participants: it does not exist in "
            f"{1 - len(replicates) / RESAMPLES:.0%} of the resamples"
        )
    tail = _TAIL if rests_on is None else _widened(rests_on)
    low, high = np.quantile(replicates, [tail, 1 - tail])
    return Estimate(value=value, low=min(float(low), value), high=max(float(high), value), n=people)


def _widened(people: int) -> float:
    """Return the tail of a percentile interval that is as wide as that of Student's t.

    Resamples of few people vary too little, by the factor (n - 1) / n, and know nothing of the
    doubt about their spread: the expanded percentile interval (Hesterberg 2015, "What teachers
    should know about the bootstrap", The American Statistician 69:371-386).

    >>> round(_widened(20), 4), round(_widened(10_000), 4)
    (0.0159, 0.025)
    """
    few = max(people, 2)
    reach = math.sqrt(few / (few - 1)) * float(stats.t.ppf(1 - _TAIL, few - 1))
    return float(stats.norm.cdf(-reach))


def exact_at_ends(seen: Estimate, trials: int) -> Estimate:
    """Return a rate of exactly 0 or 1 with the exact interval of so many trials.

    No resample can show what never happened, so that the bootstrap of such a rate has no width.

    >>> exact_at_ends(Estimate(value=1.0, low=1.0, high=1.0, n=50), 50).low.__round__(3)
    0.929
    """
    if seen.value not in {0.0, 1.0}:
        return seen
    exact = clopper_pearson(seen.value * trials, trials)
    return Estimate(
        value=seen.value, low=min(seen.low, exact.low), high=max(seen.high, exact.high), n=seen.n
    )


def difference(first: Estimate, second: Estimate, correlation: float = 0.0) -> Estimate:
    """Return first - second (MOVER, Zou & Donner 2008).

    ``correlation`` is that of the two estimates, where they rest on the same people.
    """

    def reach(one: float, two: float) -> float:
        return math.sqrt(max(one * one + two * two - 2 * correlation * one * two, 0.0))

    value = first.value - second.value
    down = reach(first.value - first.low, second.high - second.value)
    up = reach(first.high - first.value, second.value - second.low)
    return Estimate(value=value, low=value - down, high=value + up, n=min(first.n, second.n))


def ratio(top: Estimate, bottom: Estimate) -> Estimate:
    """Return top / bottom (MOVER-R, Donner & Zou 2012); ``top`` may lie on either side of 0.

    Raises:
        InvalidMeasurement: the interval of the divisor reaches 0.
    """
    if bottom.low <= 0:
        raise InvalidMeasurement("the divisor cannot be told from 0")
    value = top.value / bottom.value
    low = _least_ratio(top, bottom)
    high = -_least_ratio(top.map(lambda x: -x), bottom)
    return Estimate(value=value, low=min(low, value), high=max(high, value), n=min(top.n, bottom.n))


def _least_ratio(top: Estimate, bottom: Estimate) -> float:
    """Return the smaller root R of (t - R b)^2 = (t - end of top)^2 + R^2 (b - end of bottom)^2.

    A positive ratio is least where the divisor is large, a negative one where it is small. The
    first form is the usual one with its root made rational: it does not break where the upper
    end of the divisor is twice its value.
    """
    product = top.value * bottom.value
    end = bottom.high if top.low >= 0 else bottom.low
    reach = top.low * (2 * top.value - top.low)
    span = end * (2 * bottom.value - end)
    root = math.sqrt(max(product * product - reach * span, 0.0))
    if top.low >= 0:
        return reach / (product + root) if product + root else 0.0
    return (product - root) / span


def advantage(attacker: Estimate, control: Estimate) -> Estimate:
    """Return what the attack gains above its control: (attacker - control) / (1 - control).

    Below 0 where the control does better. A control whose interval has no width is a known
    chance. Source: the residual risk of Giomi et al. 2023 (Anonymeter), with both intervals
    carried over.

    Raises:
        InvalidMeasurement: the control may succeed always, which leaves nothing to gain.
    """
    if control.high >= 1:
        raise InvalidMeasurement("the control may succeed always: nothing can be told from it")
    if control.low == control.high:
        return attacker.map(lambda x: (x - control.value) / (1 - control.value))
    missed, room = attacker.map(lambda x: 1 - x), control.map(lambda x: 1 - x)
    return ratio(missed, room).map(lambda x: 1 - x)


def risk_reduction(release: Estimate, original: Estimate) -> Estimate:
    """Return 1 - advantage(release) / advantage(original), at most 1.

    An attack that does worse than its control leaves no risk, not less than none.

    Raises:
        InvalidMeasurement: the undefended attack cannot be told from its control; what has no
            risk to begin with cannot be reduced.
    """
    if original.low <= 0:
        raise InvalidMeasurement("the undefended attack is not above its control")
    return ratio(release, original).map(lambda x: min(1 - x, 1.0))


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
    if limit >= 1:
        return 1
    # The bound of zero hits is 1 - tail^(1/n); one step either way mends rounding.
    n = max(1, math.ceil(math.log(_TAIL) / math.log1p(-limit)))
    if n > 1 and resolution(n - 1) <= limit:
        return n - 1
    return n if resolution(n) <= limit else n + 1


def more_people(n: int, reach: float, room: float) -> int:
    """Return how many people bring an interval that reaches so far within the room it has.

    >>> more_people(100, 0.2, 0.1)
    400
    """
    wanted = n * (reach / room) ** 2 if room * MOST_PEOPLE > reach else math.inf
    return MOST_PEOPLE if wanted >= MOST_PEOPLE else max(n + 1, math.ceil(round(wanted, 6)))
