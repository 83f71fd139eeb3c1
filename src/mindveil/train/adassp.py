"""Ridge regression of the severity on noisy sums: all that is asked of people is asked once.

Sufficient statistics of a regression get Gaussian noise, and the penalty adapts to the noise
(AdaSSP; Wang, "Revisiting differentially private linear regression", 2018). It learns from the
severity, a number from -1 to 1, because it tells more than the class; the probability of being a
case is that of a normal residual beyond the edge of the questionnaire.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.dp.accounting import Budget, statement
from mindveil.dp.noise import Noise
from mindveil.train.base import Flags, Floats, Lessons, Recipe, Taught
from mindveil.train.moments import (
    SHARES,
    UNITS,
    Shares,
    contributions,
    moments_of,
    noisy_sum,
    sigma_in_people,
)
from mindveil.train.noisy_line import Lines, head_of, lines_of, log_odds_of
from mindveil.train.plain import PlainRidge
from mindveil.train.unit_rows import REACH, bound_of, unit_rows

PENALTY = 2.0
"""What the scatter of people asks for at unit rows: residual variance over the weights' size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdaSSP:
    """A ridge regression of the severity that spends its budget on one noisy sum.

    ``reach`` is public: a row longer than ``reach`` times the root of its number of columns is
    shortened to that. ``small_cohort`` asks by name for a delta of 1 / (10 people) or more.
    """

    name: ClassVar[str] = "adassp"
    budget: Budget
    reach: float = REACH
    shares: Shares = SHARES
    small_cohort: bool = False

    def fit(
        self,
        lessons: Lessons,
        noise: Noise,
        rng: np.random.Generator,  # noqa: ARG002 - all of its chance is noise that protects
    ) -> Taught:
        """Return the head that these people taught, and the promise it keeps.

        Raises:
            RefusedError: delta is too large for so few people.
        """
        share = self.budget.share(1.0)
        rows = unit_rows(lessons.rows, self.reach)
        told = contributions(rows, lessons.scale.severity(lessons.totals), self.shares)
        summed = noisy_sum(told, share, noise)
        lines = self._lines(summed[None] / UNITS, rows.shape[1], sigma_in_people(share))
        guarantee = statement(
            self.budget,
            [f"one Gaussian sum of the moments of {rows.shape[1]} columns and the severity"],
            noise.proved,
            people=int(lines.count[0]),
            small_cohort=self.small_cohort,
        )
        bound = bound_of(rows.shape[1], self.reach)
        return Taught(head=head_of(lines, lessons.scale, bound), guarantee=guarantee)

    def shadows(
        self, lessons: Lessons, inside: Flags, asked: Floats, rng: np.random.Generator
    ) -> Floats:
        """Return the log-odds of many heads, shape (asked, heads), from one matrix product."""
        rows = unit_rows(lessons.rows, self.reach)
        told = contributions(rows, lessons.scale.severity(lessons.totals), self.shares)
        sigma = sigma_in_people(self.budget.share(1.0))
        sums = inside.T.astype(np.float64) @ told
        sums += sigma * rng.standard_normal(sums.shape)
        lines = self._lines(sums, rows.shape[1], sigma)
        return log_odds_of(lines, unit_rows(asked, self.reach))

    def twin(self) -> Recipe:
        """Return the same without noise."""
        return PlainRidge()

    def _lines(self, sums: Floats, columns: int, sigma: float) -> Lines:
        return lines_of(moments_of(sums, columns, self.shares, sigma), PENALTY)
