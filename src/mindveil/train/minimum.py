"""The least of a convex sum over people, to a tolerance that is checked, for many heads at once.

A person with row u (length at most 1) and severity y misses by r = u w - y, and that costs
k**2 (sqrt(1 + (r / k)**2) - 1): squared for small misses, in proportion for large ones
(Charbonnier et al. 1994). So nobody pulls harder than k, and the curve is never steeper than 1:
what both kinds of perturbation rest on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mindveil.errors import InvalidMeasurement
from mindveil.train.base import Floats

TOLERANCE = 1e-8
"""The longest gradient that counts as none."""

_ROUNDS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is minimised: everybody's misses, ``penalty`` / 2 times the squared length, and a tilt.

    ``rows`` (people, columns), ``severity`` (people,), ``inside`` (people, heads) 1 for those who
    teach a head, ``tilt`` (columns, heads). ``pull`` is how hard a person pulls at most.
    """

    rows: Floats
    severity: Floats
    inside: Floats
    tilt: Floats
    penalty: float
    pull: float

    def gradient(self, weights: Floats) -> Floats:
        """Return the gradient at weights (columns, heads), same shape."""
        misses = self.rows @ weights - self.severity[:, None]
        pulled = self.inside * pulls_of(misses, self.pull)
        return np.asarray(self.rows.T @ pulled + self.penalty * weights + self.tilt)

    def bend(self, weights: Floats, power: float) -> Floats:
        """Return the sum over people of row products times 1 / (1 + (r / k)**2)**power.

        The power 3/2 gives the second derivative; 1/2 a matrix that is never below it, with
        which every step is downhill. Shape (heads, columns, columns).
        """
        misses = self.rows @ weights - self.severity[:, None]
        weight = self.inside * np.hypot(1.0, misses / self.pull) ** (-2.0 * power)
        people, columns = self.rows.shape
        products = (self.rows[:, :, None] * self.rows[:, None, :]).reshape(people, columns**2)
        found = (weight.T @ products).reshape(-1, columns, columns)
        return np.asarray(found + self.penalty * np.eye(columns))


def pulls_of(misses: Floats, pull: float) -> Floats:
    """Return how hard people pull who miss by this much; never harder than ``pull``.

    >>> pulls_of(np.array([0.0, 1e9]), 0.5).tolist()
    [0.0, 0.5]
    """
    return np.asarray(misses / np.hypot(1.0, misses / pull))


def minimum(task: Task) -> Floats:
    """Return the weights (columns, heads) at which no gradient is longer than the tolerance.

    Raises:
        InvalidMeasurement: no such weights were found.
    """
    weights = np.zeros_like(task.tilt)
    slope = task.gradient(weights)
    for _ in range(_ROUNDS):
        length = np.sqrt(np.square(slope).sum(axis=0))
        if np.all(length <= TOLERANCE):
            return weights
        fast = weights - _solved(task.bend(weights, 1.5), slope)
        found = task.gradient(fast)
        better = np.sqrt(np.square(found).sum(axis=0)) < 0.9 * length
        if np.all(better | (length <= TOLERANCE)):
            weights, slope = fast, found
            continue
        sure = weights - _solved(task.bend(weights, 0.5), slope)
        weights = np.where(better, fast, sure)
        slope = task.gradient(weights)
    raise InvalidMeasurement(
        f"the least of {slope.shape[1]} sums over {len(task.rows)} people was not found; "
        "a stronger penalty makes it easier"
    )


def _solved(bend: Floats, slope: Floats) -> Floats:
    """Return the steps (columns, heads) that one matrix a head asks for."""
    return np.asarray(np.linalg.solve(bend, slope.T[:, :, None])[:, :, 0].T)
