"""Which of many points are best on two axes, how much they cover together, and where it bends.

Each point is a risk, the smaller the better, and a use, the larger the better. Covered is the
area between a point and the worst there could be: everybody found (risk 1) and a use no better
than guessing (Zitzler & Thiele 1998, PPSN V, 292-301).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.evidence.estimate import Estimate

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

DRAWS = 500
"""How often the doubt of all points is drawn anew."""

_REACH = 1.959963984540054
"""Standard deviations that a 95 % interval reaches to either side."""
_MOST_PAIRS = 2_000_000
"""Comparisons held in memory at once."""
_BENDS = 1e-9
"""Distance from the chord below which three points lie on a line."""


def non_dominated(risk: Floats, use: Floats) -> Bools:
    """Return which points no other beats: none is as good on both axes and better on one.

    ``risk`` and ``use`` have shape (..., points).

    >>> non_dominated(np.array([0.1, 0.5, 0.6]), np.array([0.7, 0.9, 0.8])).tolist()
    [True, True, False]
    """
    no_worse = (risk[..., :, None] <= risk[..., None, :]) & (use[..., :, None] >= use[..., None, :])
    better = (risk[..., :, None] < risk[..., None, :]) | (use[..., :, None] > use[..., None, :])
    return np.asarray(~(no_worse & better).any(axis=-2))


def covered(risk: Floats, use: Floats, guess: float) -> Floats:
    """Return the area that points cover, from risk 1 and a use of guessing; shape (...).

    >>> float(covered(np.array([0.5, 0.0]), np.array([1.0, 0.75]), 0.5))
    0.375
    """
    order = np.argsort(risk, axis=-1, kind="stable")
    at = np.clip(np.take_along_axis(risk, order, axis=-1), 0.0, 1.0)
    best = np.maximum.accumulate(np.take_along_axis(use, order, axis=-1), axis=-1)
    ends = np.concatenate([at[..., 1:], np.ones((*at.shape[:-1], 1))], axis=-1)
    return np.asarray(((ends - at) * np.clip(best - guess, 0.0, None)).sum(axis=-1))


def knee(risk: Floats, use: Floats) -> int | None:
    """Return where the frontier bends most: the point farthest above the chord of its ends.

    Both axes are scaled to the ends of the frontier first (Das 1999, Structural Optimization
    18:107-115). None where no point lies above the chord: nothing is gained by a compromise.

    >>> knee(np.array([0.0, 0.1, 1.0]), np.array([0.5, 0.9, 1.0]))
    1
    """
    best = np.flatnonzero(non_dominated(risk, use))
    across, up = risk[best], use[best]
    if len(best) < 3 or np.ptp(across) == 0 or np.ptp(up) == 0:
        return None
    above = (up - up.min()) / np.ptp(up) - (across - across.min()) / np.ptp(across)
    place = int(np.argmax(np.round(above, 12)))
    return int(best[place]) if above[place] > _BENDS else None


def drawn_again(seen: list[Estimate], ties: Floats, rng: np.random.Generator) -> Floats:
    """Return the values that the same study might have shown: shape (DRAWS, points).

    Each is drawn around its value with the reach of its interval, which may differ by side.
    ``ties`` is the correlation of each with something all have in common: people who are easy
    for one model are easy for the next.
    """
    common = rng.standard_normal((DRAWS, 1))
    own = rng.standard_normal((DRAWS, len(seen)))
    push = ties * common + np.sqrt(np.clip(1 - ties**2, 0.0, 1.0)) * own
    value = np.array([e.value for e in seen])
    down = np.array([e.value - e.low for e in seen]) / _REACH
    up = np.array([e.high - e.value for e in seen]) / _REACH
    return np.asarray(value + push * np.where(push < 0, down, up))


def shares_on_front(risk: Floats, use: Floats) -> Floats:
    """Return in which share of the draws each point is on the frontier; shape (points,)."""
    points = risk.shape[-1]
    step = max(1, _MOST_PAIRS // max(points * points, 1))
    held = [non_dominated(risk[i : i + step], use[i : i + step]) for i in range(0, len(risk), step)]
    return np.asarray(np.concatenate(held).mean(axis=0))


def shares_at_knee(risk: Floats, use: Floats) -> Floats:
    """Return in which share of the draws each point is where the frontier bends."""
    found = [knee(r, u) for r, u in zip(risk, use, strict=True)]
    counts = np.bincount([k for k in found if k is not None], minlength=risk.shape[-1])
    return np.asarray(counts / len(found))
