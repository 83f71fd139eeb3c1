"""Logistic regression without a promise, its penalty chosen by people who were left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.dp.accounting import Budget
from mindveil.dp.noise import Noise
from mindveil.errors import InvalidMeasurement
from mindveil.train.base import Flags, Floats, Lessons, Recipe, Taught
from mindveil.train.linear_head import LinearHead
from mindveil.train.ridge import (
    LEAST_PEOPLE,
    fit_logistic_line,
    line_through,
    probability_of,
)

PENALTIES = (1e-3, 1e-2, 1e-1, 1.0)
"""Shares of the rows' total variance, weakest first: half of it times the squared weights."""

_ROUNDS = 100
_TOLERANCE = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainLogistic:
    """A logistic regression of the class on the row, a squared penalty on its weights."""

    name: ClassVar[str] = "logistic"

    @property
    def budget(self) -> Budget | None:
        """Nothing is promised."""
        return None

    def fit(
        self,
        lessons: Lessons,
        noise: Noise,  # noqa: ARG002 - nothing is hidden
        rng: np.random.Generator,  # noqa: ARG002 - nothing is drawn
    ) -> Taught:
        """Return the head that these people taught.

        Raises:
            InvalidMeasurement: fewer than five people of either class.
        """
        rows, everybody = lessons.rows, np.ones((len(lessons.ids), 1))
        weights, odds = self._learnt(rows, lessons.labels, everybody)
        inside, severity = odds[:, 0], lessons.scale.severity(lessons.totals)
        line = fit_logistic_line(inside, lessons.labels)
        told = line(inside)
        total = line_through(told, severity)
        head = LinearHead(
            weights=line.slope * weights[:-1, 0],
            intercept=line.intercept + line.slope * float(weights[-1, 0]),
            slope=total.slope,
            offset=total.intercept,
            scale=lessons.scale,
        )
        return Taught(head=head, inside=told)

    def shadows(
        self,
        lessons: Lessons,
        inside: Flags,
        asked: Floats,
        rng: np.random.Generator,  # noqa: ARG002 - nothing is drawn
    ) -> Floats:
        """Return the log-odds of many heads, shape (asked, heads), learnt all at once."""
        there = inside.astype(np.float64)
        weights, odds = self._learnt(lessons.rows, lessons.labels, there)
        said = asked @ weights[:-1] + weights[-1]
        lines = [
            fit_logistic_line(odds[chosen, head], lessons.labels[chosen])
            for head, chosen in enumerate(inside.T)
        ]
        return np.stack([line(said[:, head]) for head, line in enumerate(lines)], axis=1)

    def twin(self) -> Recipe:
        """Return the same without noise: itself."""
        return self

    def _learnt(self, rows: Floats, labels: Floats, inside: Floats) -> tuple[Floats, Floats]:
        """Return weights (columns + 1, heads) and leave-one-out log-odds (people, heads)."""
        require_both(labels, inside)
        columns, back = _compressed(rows)
        middle = inside.T @ columns / inside.sum(axis=0)[:, None]
        square = inside.T @ np.square(columns) - inside.sum(axis=0)[:, None] * np.square(middle)
        variance = np.maximum(square.sum(axis=1), 1e-9)
        best = None
        for share in PENALTIES[::-1]:
            strength = np.tile(share * variance / 4.0, (columns.shape[1] + 1, 1))
            strength[-1] = 1e-6
            weights = _descended(columns, labels, inside, strength)
            odds = _without_each(columns, labels, inside, (weights, strength))
            missed = np.logaddexp(0.0, odds) - labels[:, None] * odds
            cost = np.where(inside > 0, missed, 0.0).sum(axis=0) / inside.sum(axis=0)
            if best is None:
                best = cost, weights, odds
                continue
            better = cost < best[0]
            best = (
                np.where(better, cost, best[0]),
                np.where(better, weights, best[1]),
                np.where(better, odds, best[2]),
            )
        assert best is not None
        return np.vstack([back @ best[1][:-1], best[1][-1:]]), best[2]


def require_both(labels: Floats, inside: Floats | None = None) -> None:
    """Refuse to learn from fewer than five people of either class, in any head.

    Raises:
        InvalidMeasurement: there are fewer.
    """
    inside = np.ones((len(labels), 1)) if inside is None else inside
    ones = labels @ inside
    few = float(np.minimum(ones, inside.sum(axis=0) - ones).min(initial=np.inf))
    if few < LEAST_PEOPLE:
        raise InvalidMeasurement(
            f"{few:.0f} people of one class are there to learn from; "
            f"at least {LEAST_PEOPLE} of either kind are needed"
        )


def _compressed(rows: Floats) -> tuple[Floats, Floats]:
    """Return rows in fewer columns where there are more columns than people, and the way back."""
    if rows.shape[1] <= len(rows):
        return rows, np.eye(rows.shape[1])
    _, stretch, right = np.linalg.svd(rows, full_matrices=False)
    there = stretch > 1e-12 * stretch.max(initial=0.0)
    axes = right[there].T
    return rows @ axes, axes


def _descended(rows: Floats, labels: Floats, inside: Floats, strength: Floats) -> Floats:
    """Return the weights (columns + 1, heads) of least loss, by Newton's steps, halved if need be."""
    full = np.hstack([rows, np.ones((len(rows), 1))])
    weights = np.zeros((full.shape[1], inside.shape[1]))
    cost = _cost(full, labels, inside, (weights, strength))
    for _ in range(_ROUNDS):
        chance = probability_of(full @ weights)
        slope = full.T @ (inside * (chance - labels[:, None])) + strength * weights
        if np.abs(slope).max() < _TOLERANCE * len(rows):
            break
        step = np.empty_like(weights)
        for head in range(weights.shape[1]):
            bent = inside[:, head] * chance[:, head] * (1.0 - chance[:, head])
            bend = (full.T * bent) @ full + np.diag(strength[:, head])
            step[:, head] = np.linalg.solve(bend, slope[:, head])
        share = np.ones(weights.shape[1])
        for _ in range(30):
            found = weights - share * step
            reached = _cost(full, labels, inside, (found, strength))
            if np.all(reached <= cost + 1e-12 * np.abs(cost)):
                break
            share = np.where(reached <= cost + 1e-12 * np.abs(cost), share, share / 2.0)
        weights, cost = found, reached
    return weights


def _cost(full: Floats, labels: Floats, inside: Floats, at: tuple[Floats, Floats]) -> Floats:
    weights, strength = at
    odds = full @ weights
    missed = inside * (np.logaddexp(0.0, odds) - labels[:, None] * odds)
    return np.asarray(missed.sum(axis=0) + 0.5 * (strength * np.square(weights)).sum(axis=0))


def _without_each(
    rows: Floats, labels: Floats, inside: Floats, at: tuple[Floats, Floats]
) -> Floats:
    """Return about what each person's log-odds were, had the others alone taught (Pregibon 1981).

    One Newton step away from the weights of all; where nobody is inside, plain log-odds.
    """
    weights, strength = at
    full = np.hstack([rows, np.ones((len(rows), 1))])
    odds = full @ weights
    chance = probability_of(odds)
    for head in range(weights.shape[1]):
        bent = inside[:, head] * chance[:, head] * (1.0 - chance[:, head])
        bend = (full.T * bent) @ full + np.diag(strength[:, head])
        own = np.einsum("ij,ij->i", full, np.linalg.solve(bend, full.T).T) * inside[:, head]
        moved = own * (chance[:, head] - labels)
        odds[:, head] += moved / np.maximum(1.0 - own * bent, 1e-3)
    return np.asarray(odds)
