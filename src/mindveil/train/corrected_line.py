"""A second look at what was learnt: how far a released line is off, bought with part of a budget.

Weights that were learnt through noise say how severe somebody is; how much to believe them, where
the middle is and how wide the residual, they do not say. Everybody adds the residual that the
released weights leave her, bounded, and its products with how far she lies along them: one noisy
sum, from which the line is corrected as far as the noise permits. Whatever comes out, the line
keeps its direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mindveil.dp.accounting import Share
from mindveil.dp.noise import Noise
from mindveil.train.base import Floats
from mindveil.train.moments import (
    UNITS,
    Moments,
    Shares,
    contributions,
    moments_of,
    noisy_sum,
    sigma_in_people,
)
from mindveil.train.noisy_line import LEAST_COUNT, SPREAD, Lines, spread_of

LINE_SHARES = Shares(count=0.1, rows=0.05, severity=0.35, within=0.1, together=0.2, square=0.2)

STEEPEST = 4.0
"""No unit row is that many severities from the middle: weights that say so are shortened."""

_TINY = 1e-12

_UNSURE = 0.5
"""How far off a slope is expected to be, in parts of itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """People as released weights see them.

    ``scores`` (people, heads) lie within -1..1; what is said of the severity is ``middle + steep *
    score``, both of shape (heads,). ``axes`` (columns, heads) turn rows into scores.
    """

    scores: Floats
    middle: Floats
    steep: Floats
    axes: Floats


def scored(rows: Floats, weights: tuple[Floats, Floats]) -> Scored:
    """Return people with unit rows as weights (columns, heads) and constants (heads,) see them."""
    inner, middle = weights
    length = np.sqrt(np.square(inner).sum(axis=0))
    axes = inner / np.where(length > 0.0, length, 1.0)
    return Scored(
        scores=times(rows, axes),
        middle=np.clip(middle, -1.0, 1.0),
        steep=np.minimum(length, STEEPEST),
        axes=axes,
    )


def corrected(seen: Scored, severity: Floats, share: Share, noise: Noise) -> Lines:
    """Return the corrected line of the only head, for this share of a budget."""
    sums = noisy_sum(residual_contributions(seen, severity, 0), share, noise)[None] / UNITS
    return corrected_by(seen, sums, sigma_in_people(share))


def residual_contributions(seen: Scored, severity: Floats, head: int) -> Floats:
    """Return what each person adds to the sum that corrects one head's line, none longer than 1."""
    scores = np.clip(seen.scores[:, head], -1.0, 1.0)
    left = severity - seen.middle[head] - seen.steep[head] * scores
    return contributions(scores[:, None], np.clip(left, -1.0, 1.0), LINE_SHARES)


def corrected_by(seen: Scored, sums: Floats, sigma: float) -> Lines:
    """Return lines corrected by sums (heads, entries) with this noise; looks at nobody."""
    return _lines(seen, moments_of(sums, 1, LINE_SHARES, sigma))


def corrected_shadows(
    seen: Scored,
    teaching: tuple[Floats, Floats],
    share: Share,
    rng: np.random.Generator,
) -> Lines:
    """Return the corrected lines of many heads with seeded noise: for no release.

    ``teaching`` are the severity (people,) and who is inside (people, heads).
    """
    severity, inside = teaching
    sums = np.stack(
        [
            inside[:, head] @ residual_contributions(seen, severity, head)
            for head in range(inside.shape[1])
        ]
    )
    sigma = sigma_in_people(share)
    sums += sigma * rng.standard_normal(sums.shape)
    return corrected_by(seen, sums, sigma)


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


def _lines(seen: Scored, moments: Moments) -> Lines:
    """Return lines corrected by noisy sums over residuals; looks at nobody."""
    count = np.maximum(moments.count, LEAST_COUNT)
    score = np.clip(moments.rows[:, 0] / count, -1.0, 1.0)
    left = np.clip(moments.severity / count, -1.0, 1.0)
    within = np.clip(moments.within[:, 0, 0] - count * score**2, 0.0, count)
    together = moments.together[:, 0] - count * score * left
    # The slope is off by a part of itself, about: what the sums say of that is weighed by noise.
    size = np.square(_UNSURE * seen.steep)
    unsure = moments.noise[4] ** 2 + moments.noise[3] ** 2 * size + SPREAD**2 * within
    # Where nobody differs and nothing is noisy there is nothing to correct.
    off = size * within * together / np.maximum(size * within**2 + unsure, _TINY)
    off = np.clip(off, -0.75 * seen.steep, 2.0 * seen.steep)
    rest = moments.square - count * left**2 - off * together
    return Lines(
        middle=seen.middle + left - off * score,
        weights=((seen.steep + off) * seen.axes).T,
        spread=spread_of(rest, count, moments.noise[5]),
        count=np.maximum(np.rint(moments.count), 1.0),
    )
