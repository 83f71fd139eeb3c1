"""Questionnaire answers as cut bell curves: every variable is a standard normal cut at thresholds.

The correlation of two such curves is not that of the answers, which are coarse and skewed. Each
variable's scores are therefore written as a series of Hermite polynomials of its curve; the
covariance of two scores is then a power series in the correlation of the curves, which is
inverted (Olsson, Drasgow & Dorans, "The polyserial correlation coefficient", 1982, for the idea;
the series is Mehler's). Sums of items keep their variance, and with it alpha and prevalence.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.synthesise.codebook import MISSING, Codebook, Codes, Variable

Array = NDArray[np.float64]
Order = NDArray[np.int64]

TERMS = 40
"""Terms of the Hermite series."""
STRONGEST = 0.995
"""Correlations are sought within plus and minus this."""

_HALVINGS = 24
_FARTHEST = 8.0
_LEAST_EIGENVALUE = 1e-4
_ENOUGH = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Latent:
    """A joint distribution of all variables of a codebook: cut bell curves and their correlation.

    ``margins`` holds each variable's cell probabilities given that it is not missing, in the
    codebook's order of cells; ``orders`` the order in which the curve passes the cells (that of
    the codebook but for nominal variables). ``gaps`` are groups of variables that are missing
    together with probability ``gap_shares``; each has a curve of its own, below those of the
    variables in ``correlation``, which is of shape (variables + gaps, variables + gaps).
    """

    codebook: Codebook
    margins: tuple[Array, ...]
    orders: tuple[Order, ...]
    gaps: tuple[tuple[int, ...], ...]
    gap_shares: Array
    correlation: Array

    def draw(self, people: int, rng: np.random.Generator) -> Codes:
        """Return a table of new people, shape (people, variables)."""
        values, vectors = np.linalg.eigh(self.correlation)
        mix = vectors * np.sqrt(np.maximum(values, 0.0))
        curves = _balanced(rng.standard_normal((people, len(mix)))) @ mix.T
        codes = np.empty((people, len(self.codebook.variables)), dtype=np.int16)
        for index, (margin, order) in enumerate(zip(self.margins, self.orders, strict=True)):
            cuts = thresholds(margin[order])
            codes[:, index] = order[np.searchsorted(cuts, curves[:, index])]
        first_gap = len(self.codebook.variables)
        highest = normal_quantile(1.0 - self.gap_shares)
        for index, members in enumerate(self.gaps):
            gone = curves[:, first_gap + index] > highest[index]
            codes[np.ix_(gone, list(members))] = MISSING
        return codes


def _balanced(draws: Array) -> Array:
    """Return draws whose mean is 0 and covariance 1 exactly, where there are enough of them.

    So a drawn table has the correlations of its model, not those of one more sample of people.
    """
    if len(draws) < _ENOUGH * draws.shape[1]:
        return draws
    centred = draws - draws.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred / len(draws))
    return np.asarray(centred @ (vectors / np.sqrt(values)) @ vectors.T)


def normal_quantile(shares: Array) -> Array:
    """Return where the bell curve has these shares below: infinite at 0 and 1."""
    from scipy.special import ndtri  # noqa: PLC0415 - slow to import

    return np.asarray(ndtri(shares), dtype=np.float64)


def thresholds(margin: Array) -> Array:
    """Return where the bell curve is cut so that the cells have these probabilities.

    >>> thresholds(np.array([0.5, 0.5])).tolist()
    [0.0]
    """
    cuts = normal_quantile(np.minimum(np.cumsum(margin)[:-1] / margin.sum(), 1.0))
    return np.asarray(np.clip(cuts, -_FARTHEST, _FARTHEST), dtype=np.float64)


def smoothed(counts: Array, weight: float = 0.5) -> Array:
    """Return probabilities of cells from their counts, as if ``weight`` people more were spread.

    >>> smoothed(np.array([0.0, 3.0]), 1.0).tolist()
    [0.125, 0.875]
    """
    raised = np.maximum(counts, 0.0) + weight / len(counts)
    return np.asarray(raised / raised.sum(), dtype=np.float64)


def item_scores(variable: Variable, margin: Array, order: Order) -> Array:
    """Return the score of each cell, in the codebook's order: standardised, so never unbounded.

    Answers count as the questionnaire counts them, in equal steps, and measures of recordings by
    the middle of their cell. Other bounded numbers and nominal variables count by their place on
    the bell curve: the mean of the curve within the cell.
    """
    ranked = margin[order] / margin.sum()
    if variable.kind == "ordinal":
        raw = np.arange(len(order), dtype=np.float64)
    elif variable.kind == "number" and variable.block:
        raw = (np.array(variable.edges[1:]) + np.array(variable.edges[:-1])) / 2.0
    else:
        heights = np.concatenate([[0.0], _bell(thresholds(ranked)), [0.0]])
        raw = -np.diff(heights) / np.maximum(ranked, 1e-12)
    centred = raw - ranked @ raw
    spread = np.sqrt(ranked @ centred**2)
    scores = np.zeros(len(order))
    scores[order] = centred / spread if spread > 1e-9 else 0.0
    return scores


def series(margin: Array, scores: Array) -> Array:
    """Return the Hermite coefficients 1 to TERMS of a score, margins and scores along the curve.

    Their sum of squares is the score's variance (but for what lies beyond the last term).
    """
    cuts = thresholds(margin)
    steps = np.diff(scores) * _bell(cuts)
    before, here = np.zeros_like(cuts), np.ones_like(cuts)
    found = np.empty(TERMS)
    for term in range(1, TERMS + 1):
        # Normalised polynomials: h_k = (x h_{k-1} - sqrt(k - 1) h_{k-2}) / sqrt(k).
        found[term - 1] = steps @ here / np.sqrt(term)
        before, here = here, (cuts * here - np.sqrt(term - 1) * before) / np.sqrt(term)
    return found


def curve_correlation(coefficients: Array, covariance: Array) -> Array:
    """Return the correlations of the curves whose scores have these covariances.

    ``coefficients`` has shape (curves, TERMS), ``covariance`` (curves, curves). A covariance
    that no correlation reaches gives the strongest one. Diagonal 1; not yet a valid correlation
    matrix as a whole: see :func:`nearest_correlation`.
    """
    first, second = np.triu_indices(len(coefficients), 1)
    products = coefficients[first] * coefficients[second]
    wanted = covariance[first, second]
    low = np.full(len(first), -STRONGEST)
    high = np.full(len(first), STRONGEST)
    powers = np.ascontiguousarray(products.T)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        above = _power_series(powers, middle) > wanted
        high = np.where(above, middle, high)
        low = np.where(above, low, middle)
    flat = (products**2).sum(axis=1) < 1e-18
    found = np.eye(len(coefficients))
    found[first, second] = np.where(flat, 0.0, (low + high) / 2.0)
    return np.maximum(found, found.T) + np.minimum(found, found.T) - np.diag(np.diag(found))


def score_covariance(coefficients: Array, correlation: Array) -> Array:
    """Return the covariances of scores that these correlations of curves give."""
    first, second = np.triu_indices(len(coefficients), 1)
    powers = np.ascontiguousarray((coefficients[first] * coefficients[second]).T)
    found = np.diag((coefficients**2).sum(axis=1))
    found[first, second] = _power_series(powers, correlation[first, second])
    found[second, first] = found[first, second]
    return found


def nearest_correlation(matrix: Array) -> Array:
    """Return a valid correlation matrix: negative eigenvalues clipped, the diagonal back to 1."""
    even = (matrix + matrix.T) / 2.0
    np.fill_diagonal(even, 1.0)
    values, vectors = np.linalg.eigh(even)
    if values[0] >= _LEAST_EIGENVALUE:
        return np.asarray(even, dtype=np.float64)
    clipped = (vectors * np.maximum(values, _LEAST_EIGENVALUE)) @ vectors.T
    spread = np.sqrt(np.diag(clipped))
    found = clipped / np.outer(spread, spread)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found, dtype=np.float64)


def gap_patterns(missing: NDArray[np.bool_]) -> tuple[tuple[int, ...], ...]:
    """Return the groups of variables that are missing for the same people.

    >>> gap_patterns(np.array([[True, True, False], [False, False, False]]))
    ((0, 1),)
    """
    groups: dict[bytes, list[int]] = {}
    for index in np.flatnonzero(missing.any(axis=0)):
        groups.setdefault(np.packbits(missing[:, index]).tobytes(), []).append(int(index))
    return tuple(tuple(members) for members in groups.values())


def all_series(codebook: Codebook, margins: Sequence[Array], orders: Sequence[Order]) -> Array:
    """Return the Hermite coefficients of every variable's scores, shape (variables, TERMS)."""
    return np.array(
        [
            series(margin[order], item_scores(variable, margin, order)[order])
            for variable, margin, order in zip(codebook.variables, margins, orders, strict=True)
        ]
    ).reshape(-1, TERMS)


def gap_series(shares: Array) -> Array:
    """Return the Hermite coefficients of "is missing" (0 or 1), shape (gaps, TERMS)."""
    return np.array(
        [series(np.array([1.0 - share, share]), np.array([0.0, 1.0])) for share in shares]
    ).reshape(-1, TERMS)


def score_table(codes: Codes, scores: Sequence[Array]) -> Array:
    """Return everybody's scores, shape (people, variables); NaN where missing."""
    table = np.empty(codes.shape)
    for index, values in enumerate(scores):
        table[:, index] = np.append(values, np.nan)[codes[:, index]]
    return table


def _bell(points: Array) -> Array:
    return np.asarray(np.exp(-(points**2) / 2.0) / np.sqrt(2.0 * np.pi), dtype=np.float64)


def _power_series(powers: Array, at: Array) -> Array:
    total = np.zeros_like(at)
    for row in powers[::-1]:
        total += row
        total *= at
    return total
