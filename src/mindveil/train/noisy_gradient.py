"""Steps downhill on everybody at once, each through noise: a direction, and then a line along it.

Full-batch noisy gradient descent (Song, Chaudhuri & Sarwate 2013; Bassily, Smith & Thakurta
2014): in each step every person pulls at the weights no harder than a bound, in whole numbers
that are bounded again, and noise is added to their exact sum. What is learnt is the severity; how
hard one pulls who misses it is bounded by the loss itself (see ``minimum``). The number of people
is not public: steps are scaled with a noisy count that is bought first.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.dp.accounting import Budget, statement
from mindveil.dp.noise import Noise
from mindveil.train.base import Flags, Floats, Lessons, Recipe, Taught
from mindveil.train.corrected_line import corrected, corrected_shadows, scored, times
from mindveil.train.minimum import pulls_of
from mindveil.train.moments import UNITS, noisy_sum, sigma_in_people
from mindveil.train.noisy_line import LEAST_COUNT, head_of, log_odds_of
from mindveil.train.plain import PlainRidge
from mindveil.train.unit_rows import REACH, apart, bound_of, unit_rows, with_constant

COUNT, LINE = 0.02, 0.13
"""Shares of the budget: the number of people, and the line along the direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisyGradient:
    """A line in the direction that noisy steps downhill took.

    ``steps`` are taken from 0, each ``stride`` times the mean pull; the direction is the mean of
    the second half of where they led. ``pull`` bounds how hard a person pulls, in severities.
    """

    name: ClassVar[str] = "noisy-gradient"
    budget: Budget
    reach: float = REACH
    steps: int = 10
    stride: float = 1.5
    pull: float = 0.5
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
        rows, severity = unit_rows(lessons.rows, self.reach), lessons.scale.severity(lessons.totals)
        full = with_constant(rows)
        step = self.budget.share((1.0 - COUNT - LINE) / self.steps)
        counted = noisy_sum(np.ones((len(rows), 1)), self.budget.share(COUNT), noise)

        def gradient(weights: Floats) -> Floats:
            pulled = pulls_of(times(full, weights) - severity[:, None], self.pull)
            return noisy_sum(full * (pulled / self.pull), step, noise)[:, None] / UNITS

        weights = self._descended(gradient, counted / UNITS, full.shape[1])
        lines = corrected(scored(rows, apart(weights)), severity, self.budget.share(LINE), noise)
        guarantee = statement(
            self.budget,
            [
                "a Gaussian count of people",
                f"{self.steps} Gaussian sums of {full.shape[1]} pulls, on everybody",
                "one Gaussian sum of the moments of one direction and the severity",
            ],
            noise.proved,
            people=int(lines.count[0]),
            small_cohort=self.small_cohort,
        )
        bound = bound_of(rows.shape[1], self.reach)
        return Taught(head=head_of(lines, lessons.scale, bound), guarantee=guarantee)

    def shadows(
        self, lessons: Lessons, inside: Flags, asked: Floats, rng: np.random.Generator
    ) -> Floats:
        """Return the log-odds of many heads, shape (asked, heads): columns of one descent."""
        rows, severity = unit_rows(lessons.rows, self.reach), lessons.scale.severity(lessons.totals)
        full = with_constant(rows)
        there = inside.astype(np.float64)
        sigma = sigma_in_people(self.budget.share((1.0 - COUNT - LINE) / self.steps))
        unsure = sigma_in_people(self.budget.share(COUNT))
        counted = there.sum(axis=0) + unsure * rng.standard_normal(there.shape[1])

        def gradient(weights: Floats) -> Floats:
            pulled = pulls_of(full @ weights - severity[:, None], self.pull) / self.pull
            summed = full.T @ (there * pulled)
            return np.asarray(summed + sigma * rng.standard_normal(summed.shape))

        weights = self._descended(gradient, counted, full.shape[1])
        share = self.budget.share(LINE)
        lines = corrected_shadows(scored(rows, apart(weights)), (severity, there), share, rng)
        return log_odds_of(lines, unit_rows(asked, self.reach))

    def twin(self) -> Recipe:
        """Return the same without noise."""
        return PlainRidge()

    def _descended(
        self, gradient: Callable[[Floats], Floats], counted: Floats, columns: int
    ) -> Floats:
        """Return the mean weights (columns, heads) of the second half of the steps."""
        scaled = self.stride * self.pull / np.maximum(counted, LEAST_COUNT)
        weights = np.zeros((columns, len(counted)))
        late = np.zeros_like(weights)
        for step in range(self.steps):
            weights = weights - scaled * gradient(weights)
            if step >= self.steps // 2:
                late += weights
        return late / (self.steps - self.steps // 2)
