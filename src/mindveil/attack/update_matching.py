"""Rows that would have moved a network as it was moved: found by trying, and trying better.

Where a client has a few people, or its answer lacks the constants, no quotient gives a row. Made-up
rows and labels are then changed until their gradient points where the client's does (gradient
matching by the cosine: Geiping et al. 2020; Zhu et al. 2019 matched squares).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from mindveil.train.base import Flags, Floats
from mindveil.train.client_steps import tensors_of
from mindveil.train.heads import Shape

_STEPS = 300
_TINY = 1e-12
_START = 0.3
"""Log-odds from which made-up labels begin, either way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Rows (people, columns) that explain a move, their labels (people,), and how well (cosine)."""

    rows: Floats
    labels: Floats
    alike: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network of one output at the weights that were sent: first layer, and last."""

    first: Floats
    last: Floats

    @classmethod
    def of(cls, shape: Shape, sent: Floats) -> Network:
        """Take weights (parameters,) apart."""
        first, last = tensors_of(shape, sent)
        return cls(first=first.astype(np.float64), last=last[0].astype(np.float64))

    def moved(self, rows: Floats, labels: Floats) -> Floats:
        """Return the sum of people's gradients, turned round: (parameters,)."""
        given, units, wrong = self._forward(rows, labels)
        behind = wrong[:, None] * self.last[:-1] * (units[:, :-1] > 0.0)
        return -np.concatenate([(behind.T @ given).ravel(), wrong @ units])

    def uphill(self, rows: Floats, labels: Floats, slope: Floats) -> tuple[Floats, Floats]:
        """Return the derivative by rows and by labels of ``slope`` (parameters,) times ``moved``.

        Which units are silent changes at single points only, and is taken for fixed.
        """
        given, units, wrong = self._forward(rows, labels)
        inner = -slope[: self.first.size].reshape(self.first.shape)
        outer = -slope[self.first.size :]
        through = self.last[:-1] * (units[:, :-1] > 0.0)
        by_wrong = ((through @ inner) * given).sum(axis=1) + units @ outer
        sure = wrong + labels
        back = (sure * (1.0 - sure) * by_wrong)[:, None] * through
        back += wrong[:, None] * outer[:-1] * (units[:, :-1] > 0.0)
        by_rows = back @ self.first[:, :-1] + (wrong[:, None] * through) @ inner[:, :-1]
        return by_rows, -by_wrong

    def _forward(self, rows: Floats, labels: Floats) -> tuple[Floats, Floats, Floats]:
        given = np.column_stack([rows, np.ones(len(rows))])
        units = np.column_stack([np.maximum(given @ self.first.T, 0.0), np.ones(len(rows))])
        return given, units, _logistic(units @ self.last) - labels


def matched(network: Network, move: Floats, seen: Flags, starts: Floats) -> Matched:
    """Return the rows whose gradient is most like a move, (parameters,), where it was ``seen``.

    ``starts`` (tries, people, columns) are rows to begin with; the best of all tries is returned.
    """
    target = np.where(seen, move, 0.0)
    target = target / max(float(np.linalg.norm(target)), _TINY)
    tries = [_tried(network, target, seen, start) for start in starts]
    return max(tries, key=lambda found: found.alike)


def _tried(network: Network, target: Floats, seen: Flags, start: Floats) -> Matched:
    people, columns = start.shape

    def cost(values: Floats) -> tuple[float, Floats]:
        rows = values[: people * columns].reshape(people, columns)
        labels = _logistic(values[people * columns :])
        made = np.where(seen, network.moved(rows, labels), 0.0)
        length = max(float(np.linalg.norm(made)), _TINY)
        alike = float(made @ target) / length
        slope = np.where(seen, (alike * made / length - target) / length, 0.0)
        by_rows, by_labels = network.uphill(rows, labels, slope)
        by_odds = by_labels * labels * (1.0 - labels)
        return 1.0 - alike, np.concatenate([by_rows.ravel(), by_odds])

    odds = _START * (-1.0) ** np.arange(people)
    best = None
    for sign in (1.0, -1.0):
        begin = np.concatenate([start.ravel(), sign * odds])
        found = minimize(cost, begin, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
        if best is None or found.fun < best.fun:
            best = found
    assert best is not None
    rows = np.asarray(best.x[: people * columns]).reshape(people, columns)
    return Matched(
        rows=rows, labels=_logistic(best.x[people * columns :]), alike=1.0 - float(best.fun)
    )


def _logistic(odds: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * odds)))
