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

_FIRST, _THEN = 60, 400
"""Steps of each try, and of those that are pursued."""
_PURSUED = 4
_CHOICE = 8
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

    ``starts`` (tries, people, columns) are rows to begin with. All are tried for a little while,
    with labels either way; the best are pursued, and the best of these is returned.
    """
    target = np.where(seen, move, 0.0)
    target = target / max(float(np.linalg.norm(target)), _TINY)
    aim = _Aim(network=network, target=target, seen=seen, people=starts.shape[1])
    odds = _START * (-1.0) ** np.arange(aim.people)
    begun = [np.concatenate([one.ravel(), sign * odds]) for one in starts for sign in (1.0, -1.0)]
    tried = sorted((aim.pursued(one, _FIRST) for one in begun), key=_cost_of)
    cost, values = min((aim.pursued(one, _THEN) for _, one in tried[:_PURSUED]), key=_cost_of)
    rows, labels = aim.apart(values)
    return Matched(rows=rows, labels=labels, alike=1.0 - cost)


def starts_from(rows: Floats, people: int, tries: int, rng: np.random.Generator) -> Floats:
    """Return rows to begin with, (tries, people, columns): some of what single units tell.

    ``rows`` (units, columns) are mixtures of people. The first of a try is any of them, the next
    the one that is least like those before, out of a few.
    """
    found = np.empty((tries, people, rows.shape[1]))
    for one in found:
        one[0] = rows[rng.integers(len(rows))]
        for place in range(1, people):
            few = rows[rng.integers(len(rows), size=_CHOICE)]
            apart = np.linalg.norm(few[:, None] - one[None, :place], axis=2).min(axis=1)
            one[place] = few[apart.argmax()]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Aim:
    """The direction (parameters,) of a move, of length 1, that so many people should explain."""

    network: Network
    target: Floats
    seen: Flags
    people: int

    def apart(self, values: Floats) -> tuple[Floats, Floats]:
        """Return rows and labels of a list of rows and log-odds."""
        rows = values[: -self.people].reshape(self.people, -1)
        return rows, _logistic(values[-self.people :])

    def pursued(self, begin: Floats, steps: int) -> tuple[float, Floats]:
        """Return the least cost, 1 - cosine, that so many steps from here lead to, and where."""
        found = minimize(self.cost, begin, jac=True, method="L-BFGS-B", options={"maxiter": steps})
        return float(found.fun), np.asarray(found.x, np.float64)

    def cost(self, values: Floats) -> tuple[float, Floats]:
        """Return 1 - cosine, and its derivative."""
        rows, labels = self.apart(values)
        made = np.where(self.seen, self.network.moved(rows, labels), 0.0)
        length = max(float(np.linalg.norm(made)), _TINY)
        alike = float(made @ self.target) / length
        slope = np.where(self.seen, (alike * made / length - self.target) / length, 0.0)
        by_rows, by_labels = self.network.uphill(rows, labels, slope)
        by_odds = by_labels * labels * (1.0 - labels)
        return 1.0 - alike, np.concatenate([by_rows.ravel(), by_odds])


def _cost_of(found: tuple[float, Floats]) -> float:
    return found[0]


def _logistic(odds: Floats) -> Floats:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * odds)))
