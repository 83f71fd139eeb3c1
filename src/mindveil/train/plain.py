"""Heads without any promise: what the same people teach where nothing is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.dp.accounting import Budget
from mindveil.dp.noise import Noise
from mindveil.train.base import Flags, Floats, Lessons, Recipe, Scale, Taught
from mindveil.train.draws import SeededDraws
from mindveil.train.heads import Examples, HeadStack, Shape, Steps, train_heads
from mindveil.train.linear_head import LinearHead
from mindveil.train.logistic import PlainLogistic, require_both
from mindveil.train.mlp_head import SURE, MlpHead, said_by
from mindveil.train.ridge import Head, Line, fit_head, fit_logistic_line, line_through
from mindveil.train.stack import Stack
from mindveil.train.stack_head import StackHead
from mindveil.train.unit_rows import REACH, unit_rows

__all__ = ["PlainLogistic", "PlainMlp", "PlainRidge", "Stack", "StackHead"]

FOLDS = 5
"""Parts of the people; what a network says of one part is asked of one that the others taught."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainRidge:
    """A ridge regression of the score, its penalty and lines from leave-one-out predictions."""

    name: ClassVar[str] = "ridge"

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
        learnt = fit_head([lessons.rows], lessons.totals, lessons.labels)
        return Taught(head=_linear(learnt, lessons.scale), inside=learnt.inside)

    def shadows(
        self,
        lessons: Lessons,
        inside: Flags,
        asked: Floats,
        rng: np.random.Generator,  # noqa: ARG002 - nothing is drawn
    ) -> Floats:
        """Return the log-odds of many heads, shape (asked, heads)."""
        found = np.empty((len(asked), inside.shape[1]))
        for head, chosen in enumerate(inside.T):
            rows, totals = lessons.rows[chosen], lessons.totals[chosen]
            found[:, head] = fit_head([rows], totals, lessons.labels[chosen]).log_odds([asked])
        return found

    def twin(self) -> Recipe:
        """Return the same without noise: itself."""
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainMlp:
    """A small network that learns the severity by steps on everybody, without clipping or noise.

    Its line to the log-odds is learnt from networks that the people of other folds taught.
    """

    name: ClassVar[str] = "mlp"
    hidden: int = 64
    steps: int = 150
    learning_rate: float = 0.02
    reach: float = REACH

    @property
    def budget(self) -> Budget | None:
        """Nothing is promised."""
        return None

    def fit(
        self,
        lessons: Lessons,
        noise: Noise,  # noqa: ARG002 - nothing is hidden
        rng: np.random.Generator,
    ) -> Taught:
        """Return the head that these people taught.

        Raises:
            InvalidMeasurement: fewer than five people of either class.
        """
        require_both(lessons.labels)
        rows = unit_rows(lessons.rows, self.reach)
        fold = rng.permutation(len(rows)) % FOLDS
        apart = fold[:, None] != np.arange(FOLDS)
        stack = self._learnt(lessons, np.hstack([apart, np.ones((len(rows), 1), np.bool_)]), rng)
        said = np.take_along_axis(said_by(stack, rows)[:, :FOLDS], fold[:, None], axis=1)[:, 0]
        line = fit_logistic_line(said, lessons.labels)
        inside = line(said)
        total = line_through(inside, lessons.scale.severity(lessons.totals))
        layers = stack.one(FOLDS).tensors
        head = MlpHead(
            hidden=layers[0][0].astype(np.float64),
            output=layers[1][0].astype(np.float64),
            reach=self.reach,
            intercept=line.intercept,
            steep=line.slope,
            slope=total.slope,
            offset=total.intercept,
            scale=lessons.scale,
        )
        return Taught(head=head, inside=inside)

    def shadows(
        self, lessons: Lessons, inside: Flags, asked: Floats, rng: np.random.Generator
    ) -> Floats:
        """Return the log-odds of many heads, shape (asked, heads), trained all at once.

        All share one line: from those who did not teach a head, or from all where none is left.
        """
        stack = self._learnt(lessons, inside, rng)
        said = said_by(stack, unit_rows(lessons.rows, self.reach))
        some = ~inside if not inside.all() else inside
        labels = np.broadcast_to(lessons.labels[:, None], inside.shape)
        line = fit_logistic_line(said[some], labels[some])
        if line.slope == 0.0:  # Nothing for others, but what it says of those inside may differ.
            line = Line(intercept=line.intercept, slope=SURE)
        return line(said_by(stack, unit_rows(asked, self.reach)))

    def twin(self) -> Recipe:
        """Return the same without noise: itself."""
        return self

    def _learnt(self, lessons: Lessons, inside: Flags, rng: np.random.Generator) -> HeadStack:
        taught = Examples(
            rows=unit_rows(lessons.rows, self.reach),
            labels=(1.0 + lessons.scale.severity(lessons.totals)) / 2.0,
            weights=inside,
        )
        steps = Steps(
            steps=self.steps,
            people=tuple(np.maximum(inside.sum(axis=0), 1).astype(float).tolist()),
            learning_rate=self.learning_rate,
            optimiser="adam",
        )
        shape = Shape(columns=lessons.rows.shape[1], hidden=self.hidden)
        models = inside.shape[1]
        return train_heads(taught, shape, steps, SeededDraws.of(models, rng), models)


def _linear(learnt: Head, scale: Scale) -> LinearHead:
    """Return a head of one block as weights and two lines."""
    ridge, odds, total = learnt.ridges[0], learnt.to_log_odds, learnt.to_total
    start = ridge.mean - float(ridge.centre @ ridge.weights)
    # Severity as a line in the log-odds: the two rise together, or the odds tell nothing.
    flat = odds.slope == 0.0
    rate = 0.0 if flat else total.slope / odds.slope
    level = learnt.middle if flat else total.intercept - rate * odds.intercept
    sign = 1.0 if scale.rising else -1.0
    return LinearHead(
        weights=ridge.weights * odds.slope,
        intercept=odds.intercept + odds.slope * start,
        slope=sign * rate / scale.unit,
        offset=sign * (level - scale.edge) / scale.unit,
        scale=scale,
    )
