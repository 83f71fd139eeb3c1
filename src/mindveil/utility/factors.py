"""Factors of a questionnaire, and how alike those of two tables are.

Principal factors (squared multiple correlations as communalities), turned towards the published
subscales where there are any, else towards simple structure (varimax, Kaiser 1958). The factors
of a release are turned onto those of the original (Schoenemann 1966) before Tucker's congruence
is taken (Tucker 1951): .95 and above is taken as equal (Lorenzo-Seva & ten Berge 2006).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_COPIES = 20
_QUANTILE = 0.95
_TURNS = 1000
_STILL = 1e-9
_RIDGE = 1e-3


def factor_count(items: Floats, rng: np.random.Generator) -> int:
    """Return how many factors stand out from chance (parallel analysis, Horn 1965), at least 1.

    Chance are the same answers with every item shuffled among people, which keeps its margin.
    """
    rows = items[np.isfinite(items).all(axis=1)]
    rows = rows[:, rows.std(axis=0) > 0] if len(rows) else rows
    if len(rows) < 3 or rows.shape[1] < 3:
        return 1
    seen = _eigenvalues(rows)
    chance = np.stack([_eigenvalues(rng.permuted(rows, axis=0)) for _ in range(_COPIES)])
    above = seen > np.quantile(chance, _QUANTILE, axis=0)
    return max(1, int(np.argmin(above)) if not above.all() else len(above) - 1)


def loadings(correlations: Floats, factors: int) -> Floats:
    """Return unrotated principal-factor loadings, shape (..., items, factors)."""
    size = correlations.shape[-1]
    eye = np.eye(size)
    inverse = np.linalg.inv((1 - _RIDGE) * correlations + _RIDGE * eye)
    shared = 1 - 1 / np.diagonal(inverse, axis1=-2, axis2=-1)
    reduced = correlations * (1 - eye) + shared[..., None] * eye
    values, vectors = np.linalg.eigh(reduced)
    kept = np.maximum(values[..., -factors:], 0.0)
    return np.asarray(vectors[..., -factors:] * np.sqrt(kept)[..., None, :])


def turned_to(found: Floats, target: Floats) -> Floats:
    """Return loadings turned as near to a target as a rotation brings them (Procrustes)."""
    left, _, right = np.linalg.svd(np.swapaxes(found, -1, -2) @ target)
    return np.asarray(found @ (left @ right))


def simple(found: Floats) -> Floats:
    """Return loadings turned to simple structure (varimax), each factor with a positive sum."""
    factors = found.shape[1]
    turn, reached = np.eye(factors), -1.0
    for _ in range(_TURNS if factors > 1 else 0):
        turned = found @ turn
        pull = turned**3 - turned * (turned**2).mean(axis=0)
        left, gain, right = np.linalg.svd(found.T @ pull)
        turn = left @ right
        if gain.sum() <= reached * (1 + _STILL):
            break
        reached = float(gain.sum())
    turned = found @ turn
    return np.asarray(turned * np.where(turned.sum(axis=0) < 0, -1.0, 1.0))


def congruence(found: Floats, target: Floats) -> Floats:
    """Return Tucker's phi of each factor with its counterpart, shape (..., factors).

    >>> one = np.array([[1.0], [2.0]])
    >>> congruence(3 * one, one).round(6).tolist()
    [1.0]
    """
    across = (found * target).sum(axis=-2)
    length = np.sqrt((found**2).sum(axis=-2) * (target**2).sum(axis=-2))
    return np.asarray(np.divide(across, length, out=np.zeros_like(across), where=length > 0))


def _eigenvalues(rows: Floats) -> Floats:
    return np.asarray(np.linalg.eigvalsh(np.corrcoef(rows.T))[::-1])
