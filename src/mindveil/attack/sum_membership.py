"""Is she in that sum? The likelihood ratio of a sum with one person in it and without.

An adversary holds m people and what each of them would have sent; a share p of them is in a sum,
nobody says who. In his eyes each is in it with chance p, so that the sum is a draw from a bell:
its middle is p times the sum over everybody, its covariance p(1 - p) times the sum of squares of
what the others would have sent, plus the noise. How much likelier the sum is with a person in it
than without is her score. Where people differ in more directions than there are people, and no
noise is added, nothing else could make up the sum and the score decides; where noise hides all,
scores are chance. Tracing with such weights goes back to Homer et al. 2008 and Dwork et al. 2015.

Everything is worked out from inner products between people, never from what they send itself: the
updates of many rounds are far longer than the list of people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_EXACT = 1e-12
"""Of what people send, squared: below it are roundings of single precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Inner products of what people would have sent, of each other and with what was heard.

    ``alike`` is (people, people), ``heard`` (people, signals), ``power`` (signals,) the squared
    lengths of the signals.
    """

    alike: Floats
    heard: Floats
    power: Floats

    def and_then(self, later: Overlap) -> Overlap:
        """Return the overlap of two rounds, one after the other."""
        return Overlap(
            alike=self.alike + later.alike,
            heard=self.heard + later.heard,
            power=self.power + later.power,
        )

    def of(self, signal: int) -> Overlap:
        """Return the overlap with one signal."""
        one = slice(signal, signal + 1)
        return Overlap(alike=self.alike, heard=self.heard[:, one], power=self.power[one])


def overlap_of(own: Floats, signals: Floats) -> Overlap:
    """Return the overlap of what people would have sent (people, entries) and signals.

    >>> overlap_of(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[3.0, 1.0]])).heard.tolist()
    [[3.0], [4.0]]
    """
    return Overlap(alike=own @ own.T, heard=own @ signals.T, power=np.square(signals).sum(axis=1))


def in_sum(overlap: Overlap, share: Floats, ridge: Floats) -> Floats:
    """Return each person's log-likelihood ratio of being in each sum, (people, signals).

    ``share`` (signals,) is how much of the people a sum is of; where it is of more than he holds,
    they stand for the others and each is in it with chance one half. ``ridge`` (signals,) is the
    variance of one entry that has no person for a cause.

    >>> own = np.array([[1.0], [1.0]])
    >>> in_sum(overlap_of(own, np.array([[1.0]])), np.array([0.5]), np.array([1.0])).tolist()
    [[0.0], [0.0]]
    """
    chance = np.where(share < 1.0, share, 0.5)
    others = share * (1.0 - chance)
    length, axes = np.linalg.eigh(overlap.alike)
    length = np.maximum(length, 0.0)
    beyond = overlap.heard - overlap.alike.sum(axis=1)[:, None] * share
    spread = others * length[:, None] + ridge  # (axes, signals)
    told = axes @ ((axes.T @ beyond) / spread)
    squares = np.square(axes)
    own = squares @ (length[:, None] / spread)
    # Her own part is taken out of the covariance: what is left of 1 without it, by Sherman and
    # Morrison's formula.
    left = squares @ (ridge / spread)
    return np.asarray((told - (0.5 - chance) * own) / left)


def as_one(overlap: Overlap, ridge: float) -> Floats:
    """Return how much likelier each signal is that person's than that of anybody he holds.

    Each signal is one person's own; shape (people, signals). ``ridge`` is the variance of an entry.

    >>> own = np.array([[0.0], [1.0]])
    >>> as_one(overlap_of(own, np.array([[1.0]])), 0.5).round(2).tolist()
    [[-0.62], [0.38]]
    """
    away = np.diag(overlap.alike)[:, None] - 2.0 * overlap.heard + overlap.power
    fit = -np.maximum(away, 0.0) / (2.0 * ridge)
    most = fit.max(axis=0)
    anybody = most + np.log(np.exp(fit - most).mean(axis=0))
    return np.asarray(fit - anybody)


def of_any(scores: Floats) -> Floats:
    """Return how much likelier it is that a person is in one of the signals, (people,).

    ``scores`` (people, signals) are log-likelihood ratios of each; she is in one at most.

    >>> of_any(np.array([[0.0, 0.0], [0.0, -np.inf]])).round(2).tolist()
    [0.0, -0.69]
    """
    most = scores.max(axis=1, keepdims=True)
    return np.asarray(most[:, 0] + np.log(np.exp(scores - most).mean(axis=1)))


def least_ridge(overlap: Overlap) -> float:
    """Return the variance of an entry that rounding alone accounts for."""
    return max(_EXACT * float(np.trace(overlap.alike)) / len(overlap.alike), 1e-300)
