"""The line that noisy sums support, and how sure it is of a class."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mindveil.train.base import Floats, Scale
from mindveil.train.linear_head import PROBIT, LinearHead
from mindveil.train.moments import Moments

LEAST_COUNT = 10.0
"""A noisy count below this is taken for this: nothing is divided by zero or by less."""

SPREAD = 0.45
"""What is expected of the residual severity before anybody was looked at: 4 or 5 points."""

_SURE = 30.0
"""As many people is that expectation worth."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Severity as a line in the rows: ``middle + rows @ weights`` and the residual's spread.

    Shapes (heads,), (heads, columns) and (heads,); ``count`` (heads,) is the noisy number of
    people, at least 1.
    """

    middle: Floats
    weights: Floats
    spread: Floats
    count: Floats


def lines_of(moments: Moments, penalty: float) -> Lines:
    """Return the ridge regression that noisy moments support; looks at nobody.

    Products within rows are noisy: their eigenvalues are drawn to their mean, as far as the
    noise, whose size is known, explains how they scatter (James & Stein 1961). Then the penalty
    of an eigenvalue a is the ``penalty`` that the scatter of people asks for plus v / a, where v
    is the variance of the noise: a direction is followed as far as it stands out of the noise
    (the posterior mean of weights of which nothing is known but their size).
    """
    count = np.maximum(moments.count, LEAST_COUNT)
    mean_row = moments.rows / count[:, None]
    length = np.sqrt(np.square(mean_row).sum(axis=1))
    mean_row = mean_row / np.maximum(length, 1.0)[:, None]
    mean = np.clip(moments.severity / count, -1.0, 1.0)
    within = moments.within - count[:, None, None] * mean_row[:, :, None] * mean_row[:, None, :]
    together = moments.together - (count * mean)[:, None] * mean_row
    values, vectors = np.linalg.eigh(within)
    columns = values.shape[1]
    values = _drawn_together(values, moments.noise[3], columns)
    # All weights together are about 1 long: what half of the severity's variance asks for.
    variance = moments.noise[4] ** 2 * columns + moments.noise[3] ** 2
    kept = values / (np.square(values) + penalty * values + variance + 1e-9)
    pull = np.einsum("hij,hi->hj", vectors, together)
    weights = np.einsum("hij,hj->hi", vectors, kept * pull)
    told = (kept * np.square(pull) * (2.0 - kept * values)).sum(axis=1)
    # What was fitted to the noise of the products with severity is no explanation.
    told -= 2.0 * moments.noise[4] ** 2 * kept.sum(axis=1)
    rest = moments.square - count * np.square(mean) - told
    return Lines(
        middle=mean - np.einsum("hi,hi->h", weights, mean_row),
        weights=weights,
        spread=spread_of(rest, count, moments.noise[5]),
        count=np.maximum(np.rint(moments.count), 1.0),
    )


def spread_of(rest: Floats, count: Floats, noise: float) -> Floats:
    """Return the residual's spread from a noisy sum of its squares, all of shape (heads,).

    The noisier the sum, the more people's worth of what was expected beforehand is mixed in.
    """
    weight = _SURE + noise**2 / _SURE
    square = (np.maximum(rest, 0.0) + weight * SPREAD**2) / (count + weight)
    return np.clip(np.sqrt(square), 0.2, 1.0)


def head_of(lines: Lines, scale: Scale, bound: float) -> LinearHead:
    """Return the only head among lines; rows are shortened to the bound and divided by it."""
    steep = PROBIT / float(lines.spread[0])
    return LinearHead(
        weights=lines.weights[0] * steep / bound,
        intercept=float(lines.middle[0]) * steep,
        slope=1.0 / steep,
        scale=scale,
        bound=bound,
    )


def log_odds_of(lines: Lines, rows: Floats) -> Floats:
    """Return the log-odds of all heads for rows of length at most 1, shape (people, heads)."""
    expected = lines.middle + rows @ lines.weights.T
    return np.asarray(expected * (PROBIT / lines.spread), dtype=np.float64)


def _drawn_together(values: Floats, noise: float, columns: int) -> Floats:
    """Return eigenvalues (heads, columns) nearer to their mean, none below 0."""
    mean = values.mean(axis=1, keepdims=True)
    scatter = np.square(values - mean).sum(axis=1, keepdims=True)
    # Off the diagonal the noise of an entry is divided by the root of 2, but there twice.
    expected = noise**2 * (columns - 1 + columns * (columns - 1) / 2)
    kept = np.maximum(0.0, 1.0 - expected / np.maximum(scatter, 1e-12)) if columns > 1 else 0.0
    return np.asarray(np.maximum(np.maximum(mean, 0.0) + kept * (values - mean), 0.0))
