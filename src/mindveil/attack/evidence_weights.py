"""How far each kind of evidence is to be believed, before it is added up.

A score says little until it is known what scores right and wrong pairs get. Where nobody tells,
that can be read off the scores themselves: each record has one right person, and what several
kinds of evidence agree on is likely she. That is how probabilities of agreement are estimated in
record linkage where nobody knows the truth (Fellegi & Sunter 1969; Winkler 1988).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from mindveil.attack.score_fusion import Block, sure

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

_CLIMBS = 50
_ROUNDS = 10
_LEAST_GAIN = 1.0
"""Nats by which a kind of evidence must make all scores likelier, or it is not believed."""
_START = 2.0
"""Spreads of chance by which right pairs are taken to stand out before anything is known."""
_FARTHEST = 12.0
_TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """What turns the scores of k kinds of evidence into log-likelihood ratios (nats).

    A score ``s`` of kind ``i`` says ``slopes[i] * (s - middles[i])``: two normal distributions of
    one width, whose logarithmic ratio is a line. What is missing (-inf) says 0.
    """

    slopes: Floats
    middles: Floats

    def ratios(self, channels: Floats) -> Floats:
        """Return the summed log-likelihood ratio of each pair; ``channels`` has shape (k, q, c)."""
        there = np.isfinite(channels)
        away = np.where(there, channels, 0.0) - self.middles[:, None, None]
        said = np.where(there, self.slopes[:, None, None] * away, 0.0)
        return np.asarray(said.sum(axis=0), dtype=np.float64)


def believe(channels: Floats, taught: Sequence[Block] = ()) -> Belief:
    """Return the belief that these scores, (k, q, c), and people whose truth is known, support.

    Wrong pairs are taken to be normal, right ones too and ``d`` spreads above them, one right
    candidate a query; of ``taught`` the right one is known. The distances are those under which
    all scores are likeliest: noise that has answers of its own is no more likely for them, what
    agrees with the rest is. A kind that adds less than one nat in all is not believed at all.
    The widths of those that are come from the pairs that are then taken for right. Where none
    is believed, they count by how far their answers stand out, else alike: who is taught nothing
    cannot know that weak evidence is better than noise.
    """
    seen = _Seen.of(channels, taught)
    apart = seen.without_idle(seen.likeliest())
    if not apart.any():
        count = len(channels)
        return Belief(slopes=sure(channels, np.full(count, 1 / count)), middles=np.zeros(count))
    belief = seen.belief(apart)
    matrices = [channels, *(b.channels for b in taught)]
    known = [_truth(b) for b in taught]
    for _ in range(_ROUNDS):
        right = [_posterior(belief.ratios(channels)), *known]
        belief = _measured(matrices, right, apart > 0)
    return belief


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Scores in units of chance, 0 where missing, and how many right pairs are known.

    ``own`` (k,) sums the scores of the right pairs that are known, ``count`` (k,) counts them.
    """

    scaled: Floats
    there: Bools
    centre: Floats
    spread: Floats
    own: Floats
    count: Floats

    @classmethod
    def of(cls, channels: Floats, taught: Sequence[Block]) -> _Seen:
        there = np.isfinite(channels)
        told = [c[t] if t.any() else np.zeros(1) for c, t in zip(channels, there, strict=True)]
        centre = np.array([t.mean() for t in told])
        spread = np.maximum([t.std() for t in told], _TINY)
        away = np.where(there, channels, 0.0) - centre[:, None, None]
        own = np.full((len(channels), 0), np.nan)
        if taught:
            own = np.hstack([b.channels[:, np.arange(len(b.own)), b.own] for b in taught])
        known = np.isfinite(own)
        return cls(
            scaled=np.where(there, away / spread[:, None, None], 0.0),
            there=there,
            centre=centre,
            spread=spread,
            own=np.where(known, own, 0.0).sum(axis=1),
            count=known.sum(axis=1).astype(np.float64),
        )

    def belief(self, apart: Floats) -> Belief:
        """Return what distances of right from wrong pairs make of a score."""
        return Belief(slopes=apart / self.spread, middles=self.centre + apart * self.spread / 2)

    def likeliest(self) -> Floats:
        """Return the best of several climbs: from all kinds believed, and from each one alone."""
        count = len(self.scaled)
        starts = [np.full(count, _START), *np.eye(count) * _START]
        found = [self._climb(start) for start in (starts if count > 1 else starts[:1])]
        return max(found, key=lambda apart: self.likelihood(apart)[0])

    def without_idle(self, apart: Floats) -> Floats:
        """Return distances of which each makes the scores clearly likelier; 0 for the others."""
        for kind in np.argsort(apart):
            less = np.where(np.arange(len(apart)) == kind, 0.0, apart)
            if self.likelihood(apart)[0] - self.likelihood(less)[0] < _LEAST_GAIN:
                apart = less
        return apart

    def likelihood(self, apart: Floats) -> tuple[float, Floats]:
        """Return the log-likelihood of distances over that of none, and its slope."""
        step = apart[:, None, None]
        ratios = np.where(self.there, step * (self.scaled - step / 2), 0.0).sum(axis=0)
        top = ratios.max(axis=1, keepdims=True)
        odds = np.exp(ratios - top)
        total = odds.sum(axis=1, keepdims=True)
        likely = float((top + np.log(total / ratios.shape[1])).sum())
        likely += float((apart * self.own - self.count * apart**2 / 2).sum())
        toward = np.where(self.there, self.scaled - step, 0.0) * (odds / total)
        slope = toward.sum(axis=(1, 2)) + self.own - self.count * apart
        return likely, np.asarray(slope, dtype=np.float64)

    def _climb(self, start: Floats) -> Floats:
        def unlikelihood(apart: Floats) -> tuple[float, Floats]:
            likely, slope = self.likelihood(apart)
            return -likely, -slope

        found = minimize(
            unlikelihood,
            start,
            jac=True,
            method="L-BFGS-B",
            bounds=[(0.0, _FARTHEST)] * len(start),
            options={"maxiter": _CLIMBS},
        )
        return np.asarray(found.x, dtype=np.float64)


def _measured(matrices: Sequence[Floats], right: Sequence[Floats], believed: Bools) -> Belief:
    """Return the line of each kind of evidence, given how surely each pair is a right one.

    A distance between right and wrong pairs that lies within its own error is none (the positive
    part of James & Stein's shrinkage).
    """
    slopes, middles = np.zeros(len(believed)), np.zeros(len(believed))
    for kind in np.flatnonzero(believed):
        scores = np.concatenate([m[kind].ravel() for m in matrices])
        surely = np.concatenate([p.ravel() for p in right])
        there = np.isfinite(scores)
        scores, surely = scores[there], surely[there]
        one, two = _moments(scores, surely), _moments(scores, 1 - surely)
        apart, width = one[0] - two[0], (one[1] + two[1]) / 2 + _TINY
        error = (one[1] + _TINY) / max(surely.sum(), _TINY)
        kept = max(0.0, 1 - error / max(apart**2, _TINY)) if apart > 0 else 0.0
        slopes[kind], middles[kind] = kept * apart / width, (one[0] + two[0]) / 2
    return Belief(slopes=slopes, middles=middles)


def _moments(values: Floats, weights: Floats) -> tuple[float, float]:
    total = weights.sum()
    if total < _TINY:
        return 0.0, 1.0
    mean = float(weights @ values / total)
    return mean, float(weights @ (values - mean) ** 2 / total)


def _posterior(ratios: Floats) -> Floats:
    """Return how likely each candidate is the right one of each query."""
    odds = np.exp(ratios - ratios.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True), dtype=np.float64)


def _truth(block: Block) -> Floats:
    right = np.zeros(block.channels.shape[1:])
    right[np.arange(len(right)), block.own] = 1.0
    return right
