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
_NOBODY = 1e-300


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """Inner products of what people would have sent, of each other and with what was heard.

    ``alike`` is (people, people), ``heard`` (people, signals).
    """

    alike: Floats
    heard: Floats

    def and_then(self, later: Overlap) -> Overlap:
        """Return the overlap of two rounds, one after the other."""
        return Overlap(alike=self.alike + later.alike, heard=self.heard + later.heard)


def overlap_of(own: Floats, signals: Floats) -> Overlap:
    """Return the overlap of what people would have sent (people, entries) and signals.

    >>> overlap_of(np.array([[1.0, 0.0], [1.0, 1.0]]), np.array([[3.0, 1.0]])).heard.tolist()
    [[3.0], [4.0]]
    """
    return Overlap(alike=own @ own.T, heard=own @ signals.T)


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspicion:
    """Sums and people along the directions in which people differ, ready for any noise.

    ``length`` (people,) and ``axes`` (people, people) are those of their inner products;
    ``beyond`` (people, signals) is how far each sum is from its middle along them, ``share``
    (signals,) how much of the people it is of.
    """

    length: Floats
    axes: Floats
    beyond: Floats
    share: Floats

    @classmethod
    def of(cls, overlap: Overlap, share: Floats) -> Suspicion:
        """Return what is suspected of sums of such shares of the people."""
        length, axes = np.linalg.eigh(overlap.alike)
        beyond = overlap.heard - overlap.alike.sum(axis=1)[:, None] * share
        return cls(length=np.maximum(length, 0.0), axes=axes, beyond=axes.T @ beyond, share=share)

    @property
    def chance(self) -> Floats:
        """How probably a person is in each sum; one half where he does not hold them all."""
        return np.where(self.share < 1.0, self.share, 0.5)

    @property
    def others(self) -> Floats:
        """How much each person adds to the covariance of a sum, (signals,)."""
        return self.share * (1.0 - self.chance)

    def scores(self, unexplained: float, noise: float) -> Floats:
        """Return each person's log-likelihood ratio of being in each sum, (people, signals).

        ``noise`` is the standard deviation of an entry. ``unexplained`` is the variance that has
        no person of his for a cause, in parts of that of people along a typical direction.

        >>> own = np.array([[1.0, 0.0], [0.0, 1.0]])
        >>> first = Suspicion.of(overlap_of(own, own[:1]), np.array([0.5]))
        >>> first.scores(0.0, 1.0).round(9).tolist()
        [[0.5], [-0.5]]
        """
        typical = self.others * float(self.length.mean())
        ridge = noise**2 + np.maximum(unexplained, _EXACT) * np.maximum(typical, _NOBODY)
        spread = self.others * self.length[:, None] + ridge  # (axes, signals)
        squares = np.square(self.axes)
        told = self.axes @ (self.beyond / spread)
        own = squares @ (self.length[:, None] / spread)
        # Her own part is taken out of the covariance: what is left of 1 without it, by the
        # formula of Sherman and Morrison.
        left = squares @ (ridge / spread)
        return np.asarray((told - (0.5 - self.chance) * own) / left)


def as_one(away: Floats, ridge: float) -> Floats:
    """Return how much likelier each signal is that person's than that of anybody he holds.

    Each signal is one person's own, and ``away`` (people, signals) the squared distance of what a
    person would have sent. ``ridge`` is the variance of an entry.

    >>> as_one(np.array([[1.0], [0.0]]), 0.5).round(2).tolist()
    [[-0.62], [0.38]]
    """
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
