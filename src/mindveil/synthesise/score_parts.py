"""Parts of a known score: answers to the items of a scale, given its sum.

Given the sum of a scale and a weight for each answer to each item, answers are drawn from the
product of the weights among all answers that have this sum: what the partial credit model says
of people with the same score (Masters 1982, "A Rasch model for partial credit scoring"). Sums are
therefore kept exactly, whatever noise is in the weights: it is the sum that carries alpha and the
prevalence at a cut-off. The same draws sums of scales given the sum of all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

FLOOR = 1e-4
"""Least share of an answer, so that every sum can be reached."""

_SWEEPS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The parts of a sum: what each cell adds, and its weight among people of each group.

    ``values[p]`` has shape (cells,) and says what a cell of part p adds to the sum;
    ``weights[p]`` has shape (groups, cells).
    """

    values: tuple[Integers, ...]
    weights: tuple[Floats, ...]

    @property
    def most(self) -> int:
        """The largest sum."""
        return int(sum(v.max() for v in self.values))

    def draw(self, group: Integers, total: Integers, rng: np.random.Generator) -> Integers:
        """Return cells of all parts, shape (people, parts), that add up to each person's total."""
        sums = self._sums()
        left = total.astype(np.int64)
        cells = np.empty((len(total), len(self.values)), dtype=np.int64)
        for part in range(len(self.values) - 1, -1, -1):
            before = left[:, None] - self.values[part]
            reached = sums[part][group[:, None], np.maximum(before, 0)] * (before >= 0)
            cells[:, part] = pick(self.weights[part][group] * reached, rng)
            left = left - self.values[part][cells[:, part]]
        return cells

    def shares(self, given: Floats) -> list[Floats]:
        """Return the share of each cell in each group when sums have these shares.

        ``given`` has shape (groups, most + 1); the answer has the shapes of the weights.
        """
        sums = self._sums()
        behind = np.divide(given, sums[-1], out=np.zeros_like(given), where=sums[-1] > 0)
        found: list[Floats] = []
        for part in range(len(self.values) - 1, -1, -1):
            ahead = np.stack([_shifted(behind, -v) for v in self.values[part]], axis=-1)
            weighted = self.weights[part][:, None, :] * ahead
            found.append(np.einsum("gs,gsc->gc", sums[part], weighted))
            behind = weighted.sum(axis=-1)
        return found[::-1]

    def _sums(self) -> list[Floats]:
        """Return the chance of each sum of the first p parts, p = 0 to all of them."""
        start = np.zeros((len(self.weights[0]), self.most + 1))
        start[:, 0] = 1.0
        sums = [start]
        for values, weights in zip(self.values, self.weights, strict=True):
            moved = [
                w[:, None] * _shifted(sums[-1], v) for v, w in zip(values, weights.T, strict=True)
            ]
            sums.append(np.sum(moved, axis=0))
        return sums


def added(cells: int, columns: int) -> Integers:
    """Return what each answer adds to the sum; one more column than cells is no answer: 0.

    >>> added(3, 4).tolist()
    [0, 1, 2, 0]
    """
    return np.append(np.arange(cells), [0] * (columns - cells)).astype(np.int64)


def calibrated(values: Sequence[Integers], wanted: Sequence[Floats], given: Floats) -> Parts:
    """Return weights under which the cells of each group have the wanted shares.

    Shares that were measured with noise need not fit the sums that were measured apart from
    them: they are tilted first until their means add up to the mean sum of the group.
    """
    target = _tilted(values, [_floored(w) for w in wanted], given)
    parts = Parts(values=tuple(values), weights=tuple(target))
    for _ in range(_SWEEPS):
        reached = parts.shares(given)
        # Half a step: a full one for all parts at once overshoots.
        stepped = [
            w * np.sqrt(np.divide(t, r, out=np.ones_like(t), where=r > 0))
            for w, t, r in zip(parts.weights, target, reached, strict=True)
        ]
        parts = Parts(
            values=parts.values,
            weights=tuple(w / w.sum(axis=1, keepdims=True) for w in stepped),
        )
    return parts


def pick(weights: Floats, rng: np.random.Generator) -> Integers:
    """Draw one column a row with chances proportional to its weights.

    >>> pick(np.array([[0.0, 2.0], [1.0, 0.0]]), np.random.default_rng(0)).tolist()
    [1, 0]
    """
    steps = np.cumsum(weights, axis=1)
    point = rng.random(len(weights)) * steps[:, -1]
    return np.asarray(np.argmax(steps > point[:, None], axis=1), dtype=np.int64)


def _floored(shares: Floats) -> Floats:
    raised = np.maximum(shares, FLOOR)
    return np.asarray(raised / raised.sum(axis=1, keepdims=True))


def _tilted(values: Sequence[Integers], shares: Sequence[Floats], given: Floats) -> list[Floats]:
    """Weigh cells by exp(c x value), c by group, so that mean values add up to the mean sum."""
    due = given @ np.arange(given.shape[1])
    low, high = np.full(len(given), -8.0), np.full(len(given), 8.0)
    tilted = list(shares)
    for _ in range(50):
        middle = (low + high) / 2.0
        tilted = [
            _normal(s * np.exp(middle[:, None] * (v - v.max()) / max(v.max(), 1)))
            for v, s in zip(values, shares, strict=True)
        ]
        means = sum(t @ v for v, t in zip(values, tilted, strict=True))
        low, high = np.where(means < due, middle, low), np.where(means < due, high, middle)
    return tilted


def _normal(weights: Floats) -> Floats:
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _shifted(rows: Floats, by: int) -> Floats:
    """Return rows moved to the right by so many places, or to the left; zeros come in."""
    moved = np.zeros_like(rows)
    if by >= 0:
        moved[:, by:] = rows[:, : rows.shape[1] - by]
    else:
        moved[:, :by] = rows[:, -by:]
    return moved
