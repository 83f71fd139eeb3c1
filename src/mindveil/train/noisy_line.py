"""The line that noisy sums support, and how sure it is of a class."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mindveil.dp.accounting import Share
from mindveil.dp.noise import Noise
from mindveil.train.base import Floats, Scale
from mindveil.train.linear_head import PROBIT, LinearHead
from mindveil.train.moments import (
    UNITS,
    Moments,
    Shares,
    contributions,
    moments_of,
    noisy_sum,
    sigma_in_people,
)

Released = tuple[Share, np.random.Generator]
"""What a line may cost, and where its seeded noise comes from."""

LINE_SHARES = Shares(count=0.1, rows=0.1, severity=0.25, within=0.1, together=0.35, square=0.1)
"""For a line along one direction."""

LINE_PENALTY = 1.0

STRETCH = 2.0
"""People lie along a direction by half of what a row may be long, and hardly further."""

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
    values = _drawn_together(values, moments.noise[3], moments.rows.shape[1])
    columns = values.shape[1]
    # Weights are about this large where a unit row tells half of the severity's variance.
    size = 1.0 / columns
    variance = (moments.noise[4] ** 2 + moments.noise[3] ** 2 * size) * columns / 1.0
    kept = values / (np.square(values) + penalty * values + variance + 1e-9)
    pull = np.einsum("hij,hi->hj", vectors, together)
    weights = np.einsum("hij,hj->hi", vectors, kept * pull)
    told = (kept * np.square(pull) * (2.0 - kept * values)).sum(axis=1)
    # What was fitted to the noise of the products with severity is no explanation.
    told -= 2.0 * moments.noise[4] ** 2 * kept.sum(axis=1)
    rest = np.maximum(moments.square - count * np.square(mean) - told, 0.0)
    weight = _SURE + moments.noise[5] ** 2 / _SURE
    spread = np.sqrt((rest + weight * SPREAD**2) / (count + weight))
    return Lines(
        middle=mean - np.einsum("hi,hi->h", weights, mean_row),
        weights=weights,
        spread=np.clip(spread, 0.2, 1.0),
        count=np.maximum(np.rint(moments.count), 1.0),
    )


def _drawn_together(values: Floats, noise: float, columns: int) -> Floats:
    """Return eigenvalues (heads, columns) nearer to their mean, none below 0."""
    mean = values.mean(axis=1, keepdims=True)
    scatter = np.square(values - mean).sum(axis=1, keepdims=True)
    # Off the diagonal the noise of an entry is divided by the root of 2, but there twice.
    expected = noise**2 * (columns - 1 + columns * (columns - 1) / 2)
    kept = np.maximum(0.0, 1.0 - expected / np.maximum(scatter, 1e-12)) if columns > 1 else 0.0
    return np.asarray(np.maximum(np.maximum(mean, 0.0) + kept * (values - mean), 0.0))


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


def line_of_scores(scores: Floats, severity: Floats, share: Share, noise: Noise) -> Lines:
    """Return the line from a released score (people,), -1..1, to the severity, for this share.

    What gives people their score is known to everybody already. A regression on that one number
    is learnt: how many people there are, where the middle is, how steep the line and how wide the
    residual.
    """
    told = contributions(np.clip(scores, -1.0, 1.0)[:, None], severity, LINE_SHARES)
    sums = noisy_sum(told, share, noise)[None] / UNITS
    sigma = sigma_in_people(share)
    return lines_of(moments_of(sums, 1, LINE_SHARES, sigma), LINE_PENALTY)


def lines_of_scores(
    scores: Floats, teaching: tuple[Floats, Floats], share: Share, rng: np.random.Generator
) -> Lines:
    """Return the lines from many scores (people, heads) with seeded noise: for no release.

    ``teaching`` are the severity (people,) and who is inside (people, heads).
    """
    severity, inside = teaching
    scores = np.clip(scores, -1.0, 1.0)
    sums = np.stack(
        [
            inside[:, head] @ contributions(scores[:, head : head + 1], severity, LINE_SHARES)
            for head in range(scores.shape[1])
        ]
    )
    sigma = sigma_in_people(share)
    sums += sigma * rng.standard_normal(sums.shape)
    return lines_of(moments_of(sums, 1, LINE_SHARES, sigma), LINE_PENALTY)


def line_of_direction(
    rows: Floats, severity: Floats, direction: Floats, share: Share, noise: Noise
) -> Lines:
    """Return the line along a released direction (columns,) of rows of length at most 1."""
    axis = _axes(direction[:, None])
    lines = line_of_scores(times(rows, axis)[:, 0], severity, share, noise)
    return replace(lines, weights=lines.weights * axis.T)


def lines_of_directions(
    rows: Floats, teaching: tuple[Floats, Floats], directions: Floats, released: Released
) -> Lines:
    """Return the lines along many directions (columns, heads) with seeded noise: for no release."""
    axes = _axes(directions)
    lines = lines_of_scores(rows @ axes, teaching, *released)
    return replace(lines, weights=lines.weights * axes.T)


def times(rows: Floats, weights: Floats) -> Floats:
    """Return ``rows @ weights``, each row alone to the last bit, shape (people, heads).

    A matrix product of a library adds in another order at the end of a block, so that a person
    more would change the last bits of others' rows, and with them, rarely, a whole number.

    >>> times(np.array([[1.0, 2.0]]), np.array([[1.0, 0.0], [3.0, 1.0]])).tolist()
    [[7.0, 2.0]]
    """
    found = np.zeros((len(rows), weights.shape[1]))
    for column, weight in zip(rows.T, weights, strict=True):
        found += column[:, None] * weight
    return found


def _axes(directions: Floats) -> Floats:
    """Return directions of length STRETCH, or 0 where there is none."""
    length = np.sqrt(np.square(directions).sum(axis=0))
    return np.asarray(directions * (STRETCH / np.where(length > 0.0, length, 1.0)))
