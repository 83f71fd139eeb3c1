"""What one run of a trainer shows about its epsilon, from guesses about who was in it.

Some made-up people (canaries) are put among those who teach, each by the toss of a coin. Whoever
sees the model guesses for each of them, or abstains. If the trainer is (epsilon, delta)
differentially private, each guess is right with probability 1 / (1 + exp(-epsilon)) at most,
nearly: so many right guesses refute so small an epsilon. Source: Steinke, Nasr & Jagielski 2023,
"Privacy auditing with one (1) training run" (arXiv 2305.08846), theorem 5.2.

The bound only ever accuses: a low one says that these guesses showed little, not that little can
be shown. How much could have been shown is part of every answer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

from mindveil.dp.conversion import mu_of
from mindveil.errors import InputError

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Integers = NDArray[np.intp]

SIMULATED = 400
"""Ideal attackers that are simulated to say what could have been shown."""

_SHARES = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
_STEP = 0.05
_MOST = 60.0
_HALVINGS = 40
_CHUNK = 1 << 22


def p_value(guesses: int, right: int, canaries: int, epsilon: float, delta: float) -> float:
    """Return how likely so many right guesses are, at most, under (epsilon, delta).

    ``guesses`` of the ``canaries`` were not abstained from, and ``right`` of them were right.

    >>> p_value(2, 2, 2, 0.0, 0.0), p_value(1, 1, 1, 0.0, 0.25)
    (0.25, 0.75)
    """
    _check(guesses, right, canaries, delta)
    rate = 1.0 / (1.0 + math.exp(-epsilon))
    if right == 0:
        return 1.0
    chance = float(special.betainc(right, guesses - right + 1.0, rate))
    if delta == 0.0:
        return min(1.0, chance)
    # A failure of probability delta may make i guesses right that would have been wrong.
    lost = np.arange(1, right + 1)
    fewer = right - lost
    ways = special.gammaln(guesses + 1.0) - special.gammaln(fewer + 1.0)
    ways -= special.gammaln(guesses - fewer + 1.0)
    wrong_rate = 1.0 / (1.0 + math.exp(epsilon))
    logs = ways + fewer * math.log(rate) + (guesses - fewer) * math.log(wrong_rate)
    just_missed = np.cumsum(np.exp(logs))
    worst = float(np.max(just_missed / lost))
    return min(1.0, chance + 2.0 * canaries * delta * worst)


def epsilon_lower_bound(
    guesses: int, right: int, canaries: int, delta: float, confidence: float
) -> float:
    """Return the largest epsilon that so many right guesses refute at this delta; 0 where none.

    The probability that the trainer is (epsilon, delta) private and the bound lies above its
    epsilon is at most ``1 - confidence``. How many guesses are made must not depend on which
    are right.

    >>> round(epsilon_lower_bound(100, 100, 100, 0.0, 0.95), 2)
    3.49
    """
    error = _error(confidence)

    def refuted(epsilon: float) -> bool:
        return p_value(guesses, right, canaries, epsilon, delta) <= error

    if not refuted(0.0):
        return 0.0
    # The first epsilon that stands, not any: with a delta the probability may rise and fall.
    low = 0.0
    while refuted(low + _STEP) and low < _MOST:
        low += _STEP
    high = low + _STEP
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        low, high = (middle, high) if refuted(middle) else (low, middle)
    return low


def most_auditable(canaries: int, confidence: float) -> float:
    """Return the largest epsilon that so many canaries can refute: all guessed, all right.

    ln(p / (1 - p)) with p = (1 - confidence) ** (1 / canaries), at delta 0.

    >>> round(most_auditable(1000, 0.95), 2)
    5.81
    """
    if canaries < 1:
        raise InputError(f"{canaries} canaries show nothing; give at least one")
    log_p = math.log(_error(confidence)) / canaries
    return max(0.0, log_p - math.log(-math.expm1(log_p)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Power:
    """What the best attacker would show of a trainer that spends all of its epsilon.

    He knows everything but who was in. ``guesses`` is how many he should make; ``shown`` the
    bound that he reaches in the middle of all runs, ``chance`` the share of runs in which it is
    above 0, and ``most`` the bound where every guess is right: what is broken beyond it is not
    seen either.
    """

    epsilon: float
    canaries: int
    guesses: int
    shown: float
    chance: float
    most: float


def power(
    epsilon: float, delta: float, canaries: int, confidence: float, rng: np.random.Generator
) -> Power:
    """Return what an ideal attacker would show with so many canaries.

    With a delta the trainer is the Gaussian mechanism that just keeps the promise, and each
    canary points its own way: he sees 0 or mu in standard noise. With none it is randomised
    response, the worst that a pure epsilon permits.
    """
    _check(canaries, canaries, canaries, delta)
    if not (math.isfinite(epsilon) and epsilon > 0.0):
        raise InputError(f"epsilon is {epsilon!r}; it must be a positive number")
    sizes = sorted({max(1, round(share * canaries)) for share in _SHARES})
    right = _ideal(epsilon, delta, canaries, np.array(sizes), rng)
    found = []
    for size, hits in zip(sizes, right.T, strict=True):
        middle = epsilon_lower_bound(
            size, int(np.quantile(hits, 0.5, method="lower")), canaries, delta, confidence
        )
        found.append((middle, _shown(hits, size, canaries, delta, confidence), size))
    shown, chance, guesses = max(found)
    most = epsilon_lower_bound(canaries, canaries, canaries, delta, confidence)
    return Power(
        epsilon=epsilon, canaries=canaries, guesses=guesses, shown=shown, chance=chance, most=most
    )


def guessed(scores: Floats, guesses: int) -> tuple[Flags, Flags]:
    """Return which canaries are guessed about, and which of them are taken to be in.

    He guesses where his scores are farthest from 0, by their sign, and abstains elsewhere. Scores
    that are as far come in the order in which they were given.
    """
    if not 0 <= guesses <= len(scores):
        raise InputError(f"{guesses} guesses about {len(scores)} canaries; make at most one each")
    asked = np.zeros(len(scores), dtype=np.bool_)
    asked[np.argsort(-np.abs(scores), kind="stable")[:guesses]] = True
    return asked, asked & (scores > 0)


def _ideal(
    epsilon: float, delta: float, canaries: int, sizes: Integers, rng: np.random.Generator
) -> Integers:
    """Return right guesses of simulated attackers, shape (attackers, sizes)."""
    if delta == 0.0:
        rate = 1.0 / (1.0 + math.exp(-epsilon))
        return rng.binomial(sizes, rate, (SIMULATED, len(sizes))).astype(np.intp)
    mu = mu_of(epsilon, delta)
    rows = []
    at_once = max(1, _CHUNK // canaries)
    for start in range(0, SIMULATED, at_once):
        runs = min(at_once, SIMULATED - start)
        inside = rng.random((runs, canaries)) < 0.5
        leaning = mu * (inside - 0.5) + rng.standard_normal((runs, canaries))
        right = (leaning > 0) == inside
        ordered = np.take_along_axis(right, np.argsort(-np.abs(leaning), axis=1), axis=1)
        rows.append(np.cumsum(ordered, axis=1)[:, sizes - 1])
    return np.vstack(rows).astype(np.intp)


def _shown(hits: Integers, guesses: int, canaries: int, delta: float, confidence: float) -> float:
    """Return the share of attackers who refute an epsilon of 0."""
    values, counts = np.unique(hits, return_counts=True)
    error = _error(confidence)
    refuted = [p_value(guesses, int(v), canaries, 0.0, delta) <= error for v in values]
    return float(counts[refuted].sum() / counts.sum())


def _error(confidence: float) -> float:
    if not 0.0 < confidence < 1.0:
        raise InputError(f"confidence is {confidence!r}; it must be between 0 and 1")
    return 1.0 - confidence


def _check(guesses: int, right: int, canaries: int, delta: float) -> None:
    if not 0 <= right <= guesses <= canaries or canaries < 1:
        raise InputError(
            f"{right} right of {guesses} guesses about {canaries} canaries cannot be: "
            "give right <= guesses <= canaries"
        )
    if not 0.0 <= delta < 1.0:
        raise InputError(f"delta is {delta!r}; it must be at least 0 and below 1")
