"""Whitening of moments, with the noise in them estimated from the very gap that is explained."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Floats = NDArray[np.float64]
Sums = NDArray[np.float32]
_Matrix = NDArray[np.float32] | NDArray[np.float64]

_RIDGES = (0.1, 1.0, 10.0)
_STEPS = (0.1, 10.0)
_LEAST, _MOST = 0.005, 1000.0


def likeliest(spread: Sums, gap: Floats, groups: NDArray[np.intp]) -> tuple[Floats, Floats]:
    """Return (C + D)^-1 @ gap at the likeliest D, and D; C is the covariance of ``spread``.

    ``spread`` has shape (people, moments) and mean 0, ``gap`` and ``groups`` have shape
    (moments,). The gap is taken to be Gaussian with covariance a (C + D): the sampling of people
    and of records varies like people do; noise that was added, and what a generator does not
    keep, is alike within a group of moments (D is diagonal; a number a group is returned). ``a`` and D are
    those of the greatest likelihood on a grid: first one number for all, then each in turn.
    """
    made = _between(spread, gap, groups)
    there = np.unique(groups)
    ridges = np.ones(int(groups.max()) + 1)
    tried = [(made.solve(ridges * level), level) for level in _RIDGES]
    (best, likely), level = max(tried, key=lambda t: t[0][1])
    ridges *= level
    for group in there if len(there) > 1 else ():
        start = ridges[group]
        for step in _STEPS:
            other = ridges.copy()
            other[group] = start * step
            if not _LEAST <= other[group] <= _MOST:
                continue
            solved, likelihood = made.solve(other)
            if likelihood > likely:
                best, likely, ridges = solved, likelihood, other
    return best, ridges


def whitened(spread: Sums, gap: Floats, groups: NDArray[np.intp], ridges: Floats) -> Floats:
    """Return (C + D)^-1 @ gap where D is known already."""
    solved, _ = _between(spread, gap, groups).solve(ridges)
    return solved


def _between(spread: Sums, gap: Floats, groups: NDArray[np.intp]) -> _Between:
    if len(spread) < spread.shape[1]:
        return _People.of(spread, gap, groups)
    return _MomentPairs.of(spread, gap, groups)


@dataclass(frozen=True, slots=True, kw_only=True)
class _MomentPairs:
    """The equations between moments: one a moment."""

    gram: Sums
    gap: Floats
    groups: NDArray[np.intp]

    @classmethod
    def of(cls, spread: Sums, gap: Floats, groups: NDArray[np.intp]) -> _MomentPairs:
        return cls(gram=(spread.T @ spread) / np.float32(len(spread)), gap=gap, groups=groups)

    def solve(self, ridges: Floats) -> tuple[Floats, float]:
        """Return (C + D)^-1 @ gap, and twice the logarithm of its likelihood."""
        factor, logdet = _factor(self.gram, ridges[self.groups].astype(np.float32))
        right = self.gap.astype(np.float32)
        solved = linalg.cho_solve((factor, True), right, check_finite=False).astype(np.float64)
        return solved, _likelihood(self.gap, solved, logdet)


@dataclass(frozen=True, slots=True, kw_only=True)
class _People:
    """The same between people, where they are fewer than moments (Woodbury 1950).

    ``grams`` holds the products of people over the moments of each group.
    """

    rows: Floats
    grams: Floats
    gap: Floats
    groups: NDArray[np.intp]

    @classmethod
    def of(cls, spread: Sums, gap: Floats, groups: NDArray[np.intp]) -> _People:
        rows = spread.astype(np.float64)
        parts = (rows[:, groups == g] for g in range(int(groups.max()) + 1))
        grams = np.stack([part @ part.T / len(rows) for part in parts])
        return cls(rows=rows, grams=grams, gap=gap, groups=groups)

    def solve(self, ridges: Floats) -> tuple[Floats, float]:
        """Return (C + D)^-1 @ gap, and twice the logarithm of its likelihood."""
        noise = ridges[self.groups]
        gram = np.tensordot(1 / ridges, self.grams, axes=1)
        factor, logdet = _factor(gram, np.ones(len(gram)))
        scaled = self.gap / noise
        inner = linalg.cho_solve((factor, True), self.rows @ scaled, check_finite=False)
        solved = scaled - (inner @ self.rows) / noise / len(self.rows)
        return solved, _likelihood(self.gap, solved, logdet + float(np.log(noise).sum()))


_Between = _MomentPairs | _People


def _likelihood(gap: Floats, solved: Floats, logdet: float) -> float:
    """Return twice the log likelihood, the size a at its best, up to a constant."""
    spent = max(float(gap @ solved), float(np.finfo(np.float64).tiny))
    return -(len(gap) * float(np.log(spent)) + logdet)


def _factor(gram: _Matrix, ridge: _Matrix) -> tuple[_Matrix, float]:
    raised = gram.copy()
    raised[np.diag_indices_from(raised)] += ridge
    factor = linalg.cholesky(raised, lower=True, overwrite_a=True, check_finite=False)
    return factor, 2 * float(np.log(np.diag(factor), dtype=np.float64).sum())
