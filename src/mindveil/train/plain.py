"""Heads without any promise: what the same people teach where nothing is hidden."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.dp.accounting import Budget
from mindveil.dp.noise import Noise
from mindveil.train.base import Flags, Floats, Lessons, Recipe, Scale, Taught
from mindveil.train.linear_head import LinearHead
from mindveil.train.ridge import Head, fit_head


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
