"""One-way frequencies from noisy counts: as near the truth as the known noise allows.

What noise alone explains is taken out again: items of one scale are drawn towards their scale's
mean shape, bounded numbers are smoothed along their range, and everything is brought back to
probabilities. All of it is arithmetic on noisy counts: nobody is looked at here.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mindveil.synthesise.codebook import Codebook
from mindveil.synthesise.dp_sums import NoisySum
from mindveil.synthesise.latent import Array

FLOOR = 1e-3
"""Least probability of a cell of an item: a bell curve needs room in every cell."""

_MANY_CELLS = 9
_MISSING_IN_DOUBT = 3.0


def noisy_people(counts: Sequence[NoisySum]) -> float:
    """Return how many people there are, from the totals of all variables.

    A total of k counts has k times the noise's variance; totals are weighed by its inverse.
    """
    weights = np.array([1.0 / len(c.values) for c in counts])
    totals = np.array([c.values.sum() for c in counts])
    return float(max(weights @ totals / weights.sum(), 1.0))


def missing_shares(counts: Sequence[NoisySum], codebook: Codebook, people: float) -> Array:
    """Return the share of people of whom each variable is missing; 0 where noise explains it.

    The items of a block share one estimate: most of them are left out together.
    """
    raw = np.array([c.values[-1] for c in counts]) / people
    spread = np.array([c.noise for c in counts]) / people
    shares = np.where(raw > _MISSING_IN_DOUBT * spread, raw, 0.0)
    for members in codebook.blocks.values():
        block = list(members)
        mean = raw[block].mean()
        doubt = _MISSING_IN_DOUBT * spread[block].mean() / np.sqrt(len(block))
        shares[block] = mean if mean > doubt else 0.0
    return np.asarray(np.clip(shares, 0.0, 0.95))


def denoised_margins(
    counts: Sequence[NoisySum], codebook: Codebook, people: float
) -> tuple[Array, ...]:
    """Return the probabilities of each variable's cells among those who have it."""
    shares: list[Array] = []
    for count in counts:
        cells = count.values[:-1]
        shares.append(cells + (people - count.values.sum()) / len(count.values))
    found = [share / max(share.sum(), 0.05 * people) for share in shares]
    noise = [count.noise / people for count in counts]
    for members in codebook.blocks.values():
        _draw_together(found, noise, members)
    for index, variable in enumerate(codebook.variables):
        if variable.ordered and variable.cells >= _MANY_CELLS:
            found[index] = smoothed_along(found[index], noise[index])
    return tuple(
        _floored(on_simplex(f), v.ordered) for f, v in zip(found, codebook.variables, strict=True)
    )


def on_simplex(values: Array) -> Array:
    """Return the nearest probabilities: none negative, sum 1 (Duchi et al. 2008).

    >>> on_simplex(np.array([0.7, 0.5, -0.2])).round(3).tolist()
    [0.6, 0.4, 0.0]
    """
    falling = np.sort(values)[::-1]
    excess = (np.cumsum(falling) - 1.0) / np.arange(1, len(values) + 1)
    last = int(np.flatnonzero(falling > excess)[-1])
    return np.asarray(np.maximum(values - excess[last], 0.0))


def smoothed_along(values: Array, noise: float) -> Array:
    """Return frequencies smoothed along their range, as far as the noise makes it worth it.

    The width of the bell-shaped kernel is the one with the least expected squared error (Stein's
    unbiased estimate, the noise being known).
    """
    places = np.arange(len(values))
    apart = (places[:, None] - places[None, :]) ** 2
    best, least = values, len(values) * noise**2
    for width in (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 9.0):
        kernel = np.exp(-apart / (2.0 * width**2))
        kernel /= kernel.sum(axis=1, keepdims=True)
        smooth = kernel @ values
        risk = ((smooth - values) ** 2).sum() + (2.0 * np.trace(kernel) - len(values)) * noise**2
        if risk < least:
            best, least = smooth, risk
    return np.asarray(best)


def _draw_together(found: list[Array], noise: list[float], members: Sequence[int]) -> None:
    """Draw items of one block and one number of cells towards their mean shape, in place.

    Differences between items are split into a slope, a bend and so on (orthogonal polynomials of
    the cells), and each is kept as far as it exceeds the noise.
    """
    for cells in {len(found[i]) for i in members}:
        alike = [i for i in members if len(found[i]) == cells]
        if cells < 2 or len(alike) < 3:
            continue
        table = np.array([found[i] for i in alike])
        powers = np.vander(np.arange(cells, dtype=np.float64), cells, increasing=True)
        basis = np.linalg.qr(powers)[0]
        centre = table.mean(axis=0)
        apart = (table - centre) @ basis
        spread = np.mean([noise[i] for i in alike]) ** 2 * (1.0 - 1.0 / len(alike))
        power = (apart**2).sum(axis=0) / (len(alike) - 1)
        kept = np.maximum(1.0 - spread / np.maximum(power, 1e-18), 0.0)
        for index, row in zip(alike, centre + (apart * kept) @ basis.T, strict=True):
            found[index] = row


def tilted(margin: Array, values: Array, shift: float) -> Array:
    """Return the margin weighed by exp(c x value) so that the mean value moves by ``shift``."""
    wanted = float(np.clip(margin @ values + shift, values.min() + 0.05, values.max() - 0.05))
    low, high = -10.0, 10.0
    found = margin
    for _ in range(50):
        middle = (low + high) / 2.0
        weighed = margin * np.exp(middle * (values - values.mean()))
        found = weighed / weighed.sum()
        low, high = (middle, high) if found @ values < wanted else (low, middle)
    return np.asarray(found)


def _floored(margin: Array, ordered: bool) -> Array:  # noqa: FBT001 - one plain fact
    if not ordered:
        return margin
    raised = np.maximum(margin, FLOOR / max(len(margin) / 4.0, 1.0))
    return np.asarray(raised / raised.sum())
