"""Can somebody tell from its output whether a person was in? The tester of private mechanisms.

Run a mechanism many times on a table and on its neighbour (one person fewer), and project each
output to one number. Epsilon and delta promise that no event is much likelier on one side:
P(event on x) <= exp(epsilon) P(event on neighbour) + delta, and the other way round. The tester
looks for an event that breaks the promise: "above t" or "at most t" for a **ladder** of 32
thresholds from the middle far into both tails. One threshold is not enough: the best one for
noise of a tenth too little misses a mechanism whose noise is halved, or gone.

A finding is an alarm only where it cannot be chance: thresholds are placed on a part of the
outputs that is not used again, and the level alpha is shared among all events (Bonferroni). Like
every test it can only accuse: no alarm proves nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.conversion import check_promise
from mindveil.errors import InputError

STEPS = 32
"""Thresholds on the ladder; each gives two events and two directions."""

_PLACING = 0.1
"""The part of the outputs that places the ladder."""

_MANY = 1000
"""From this many of a kind on, a count counts as normal: its far tail is off by less than a factor
of two, which the ladder, whose neighbouring events are almost the same, has to spare."""

Outputs = NDArray[np.float64] | NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Whether the promise was seen broken, and by how much at the worst event.

    ``excess`` is how far P(event) surely lies above what is permitted (negative: not shown);
    ``epsilon`` is the largest epsilon that the outputs show at this delta, at this confidence: a
    lower bound, 0 where nothing is shown.
    """

    alarm: bool
    excess: float
    epsilon: float
    threshold: float
    outputs: int


def distinguishable(
    outputs: Outputs, neighbours: Outputs, epsilon: float, delta: float, alpha: float = 1e-4
) -> Finding:
    """Return whether outputs on a table and on its neighbour break (epsilon, delta).

    ``outputs`` and ``neighbours`` are one number a run, in the order in which they were drawn.
    ``alpha`` is the probability of a false alarm, at most. Needs 1,000 outputs a side; 20,000 see
    noise of .7 of what is due at (1, .01), a million see .9 of it.
    """
    check_promise(epsilon, delta)
    here, there = _numbers(outputs), _numbers(neighbours)
    size = min(here.size, there.size)
    here, there = here[:size], there[:size]
    placing = int(size * _PLACING)
    ladder = _ladder(np.concatenate([here[:placing], there[:placing]]))
    here, there = np.sort(here[placing:]), np.sort(there[placing:])
    runs = here.size
    above_here = runs - np.searchsorted(here, ladder, side="right")
    above_there = runs - np.searchsorted(there, ladder, side="right")
    mine = np.concatenate([above_here, runs - above_here, above_there, runs - above_there])
    other = np.concatenate([above_there, runs - above_there, above_here, runs - above_here])
    sure = (runs, alpha / (4 * STEPS))
    excess = _excess(mine, other, math.exp(epsilon), delta, sure)
    worst = int(np.argmax(excess))
    return Finding(
        alarm=bool(excess[worst] > 0.0),
        excess=float(excess[worst]),
        epsilon=_shown(mine, other, delta, sure),
        threshold=float(ladder[worst % ladder.size]),
        outputs=runs,
    )


def _numbers(outputs: Outputs) -> NDArray[np.float64]:
    values = np.asarray(outputs, dtype=np.float64)
    if values.ndim != 1 or values.size < 1000:
        raise InputError(
            f"{values.shape} outputs cannot be compared; give one number a run, 1,000 runs or more"
        )
    if np.isnan(values).any():
        raise InputError("an output is not a number; a mechanism must answer with a number")
    return values


def _ladder(placing: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return thresholds at quantiles that are even in log odds, from tail to tail."""
    reach = math.log(max(placing.size / 5.0, 20.0))
    shares = 1.0 / (1.0 + np.exp(-np.linspace(-reach, reach, STEPS)))
    ladder: NDArray[np.float64] = np.quantile(placing, shares)
    return ladder


def _excess(
    mine: NDArray[np.int64],
    other: NDArray[np.int64],
    factor: float,
    delta: float,
    sure: tuple[int, float],
) -> NDArray[np.float64]:
    """Return a lower bound of P(mine) - factor x P(other) - delta, for each event.

    Where both counts are large, the difference is normal; its two errors add in squares. Where
    one is small, each probability takes its exact (Clopper-Pearson) bound, at half the level.
    """
    from scipy.special import betaincinv, ndtri  # noqa: PLC0415

    runs, level = sure
    p, q = mine / runs, other / runs
    z = -float(ndtri(level))
    spread = np.sqrt((p * (1.0 - p) + factor**2 * q * (1.0 - q)) / runs)
    normal = p - factor * q - delta - z * spread
    low = np.where(mine > 0, betaincinv(mine, runs - mine + 1.0, level / 2.0), 0.0)
    high = np.where(other < runs, betaincinv(other + 1.0, runs - other, 1.0 - level / 2.0), 1.0)
    exact = low - factor * high - delta
    many = np.minimum.reduce([mine, runs - mine, other, runs - other]) >= _MANY
    found: NDArray[np.float64] = np.where(many, normal, exact)
    return found


def _shown(
    mine: NDArray[np.int64], other: NDArray[np.int64], delta: float, sure: tuple[int, float]
) -> float:
    """Return the largest epsilon that some event refutes at this delta."""
    low, high = 0.0, 60.0
    if not np.any(_excess(mine, other, 1.0, delta, sure) > 0.0):
        return 0.0
    for _ in range(50):
        middle = (low + high) / 2.0
        if np.any(_excess(mine, other, math.exp(middle), delta, sure) > 0.0):
            low = middle
        else:
            high = middle
    return low
