"""Which pairs of variables to measure: a spanning tree, chosen privately, pair by pair.

Each round joins two parts of the tree by the pair whose joint table differs most from what its
margins alone would give (McKenna, Miklau & Sheldon 2021, "Winning the NIST contest", MST). The
choice is the exponential mechanism, drawn exactly: an index is proposed evenly and kept with
chance exp(-(best - score) / scale); both come from whole-number noise and no float is asked.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.noise import Noise

Integers = NDArray[np.int64]

SCORE_SENSITIVITY = 1
"""One more person moves one count of one joint table by 1, and so its L1 distance from a table
that is fixed beforehand (public, or made of noisy margins) by at most 1. Several pairs may move
at once, in the same direction or not: that is why the scale has a factor of 2."""

_PROPOSALS = 64


def scale_of(rho: float, rounds: int) -> float:
    """Return the scale of the choice when so many rounds may spend this much zCDP together.

    The exponential mechanism at epsilon is epsilon**2 / 8 zCDP, because its privacy loss lies in a
    range of width epsilon (Cesar & Rogers 2021, "Bounding, concentrating, and truncating").
    """
    epsilon = math.sqrt(8.0 * rho / rounds)
    return 2.0 * SCORE_SENSITIVITY / epsilon


def spanning_tree(
    scores: Integers, given: int, scale: float, noise: Noise
) -> list[tuple[int, int]]:
    """Return the edges of a tree over all variables, chosen for high scores.

    ``scores`` is symmetric, shape (variables, variables); one choice an edge. The first ``given``
    variables are joined already and count as one.
    """
    count = len(scores)
    part = np.maximum(np.arange(count), given - 1)
    edges: list[tuple[int, int]] = []
    left, right = np.triu_indices(count, 1)
    for _ in range(rounds_of(count, given)):
        apart = part[left] != part[right]
        starts, ends = left[apart], right[apart]
        chosen = exponential(scores[starts, ends], scale, noise)
        one, other = int(starts[chosen]), int(ends[chosen])
        edges.append((one, other))
        part[part == part[other]] = part[one]
    return edges


def rounds_of(variables: int, given: int) -> int:
    """Return how many edges join variables of which the first are joined already."""
    return max(variables - max(given, 1), 0)


def exponential(scores: Integers, scale: float, noise: Noise) -> int:
    """Return an index with chance proportional to exp(score / scale), exactly."""
    below = scores.max() - scores
    while True:
        proposed = _evenly(len(scores), noise)
        patience = noise.laplace(scale, (4 * len(proposed) + 8,))
        # What is not negative of discrete Laplace noise is geometric: P(x >= k) = exp(-k / scale).
        patience = patience[patience >= 0][: len(proposed)]
        kept = np.flatnonzero(patience >= below[proposed[: len(patience)]])
        if len(kept):
            return int(proposed[kept[0]])


def _evenly(count: int, noise: Noise) -> Integers:
    """Return even draws from 0 up to ``count``; of two equal chances the larger draw is a fair bit."""
    bits = max(1, (count - 1).bit_length())
    first, second = noise.laplace(1e6, (2, _PROPOSALS * bits))
    fair = (first < second)[first != second]
    fair = fair[: len(fair) // bits * bits].reshape(-1, bits)
    drawn = fair.astype(np.int64) @ (1 << np.arange(bits, dtype=np.int64))
    return np.asarray(drawn[drawn < count])
