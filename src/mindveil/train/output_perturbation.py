"""Learn first, add noise afterwards: the least of a penalised sum hardly moves with one person.

The penalty makes the sum bend everywhere by at least its strength, and a person pulls by no more
than a bound; so one person more or less moves the weights by at most bound / penalty (Chaudhuri,
Monteleoni & Sarwate 2011). The penalty follows from public numbers alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.dp.accounting import Budget, statement
from mindveil.dp.noise import Noise
from mindveil.train.base import Flags, Floats, Lessons, Recipe, Taught
from mindveil.train.corrected_line import corrected, corrected_shadows, scored
from mindveil.train.minimum import TOLERANCE, Task, minimum
from mindveil.train.moments import UNITS
from mindveil.train.noisy_line import head_of, log_odds_of
from mindveil.train.plain import PlainRidge
from mindveil.train.unit_rows import REACH, apart, bound_of, unit_rows, with_constant

LINE = 0.15
"""The share of the budget for the line along the direction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputPerturbation:
    """A line in the direction of noisy weights.

    ``unsure`` is how much noise a weight may get, in severities a unit row; the penalty follows
    from it and from the budget. ``pull`` bounds how hard a person pulls.
    """

    name: ClassVar[str] = "output-perturbation"
    budget: Budget
    reach: float = REACH
    unsure: float = 0.15
    pull: float = 0.5
    small_cohort: bool = False

    @property
    def penalty(self) -> float:
        """How strongly weights are held at 0: public, from the budget."""
        return self.pull * self.budget.share(1.0 - LINE).sigma(1.0) / self.unsure

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
        found = self._minimum(rows, severity, np.ones((len(rows), 1)))
        # Weights as whole numbers, in which one person is UNITS steps long.
        steps = np.rint(found[:, 0] * self.penalty / self.pull * UNITS).astype(np.int64)
        noisy = steps + noise.gaussian(self._sigma(len(steps)), steps.shape)
        unit = self.pull / self.penalty / UNITS
        weights = np.asarray(noisy[:, None] * unit, dtype=np.float64)
        line = corrected(scored(rows, apart(weights)), severity, self.budget.share(LINE), noise)
        told = statement(
            self.budget,
            [
                f"Gaussian noise on {len(steps)} weights, held by a penalty of {self.penalty:.3g}",
                "one Gaussian sum of the moments of one direction and the severity",
            ],
            # That weights move no further rests on floating-point arithmetic.
            proved=False,
            people=int(line.count[0]),
            small_cohort=self.small_cohort,
        )
        bound = bound_of(rows.shape[1], self.reach)
        return Taught(head=head_of(line, lessons.scale, bound), guarantee=told)

    def shadows(
        self, lessons: Lessons, inside: Flags, asked: Floats, rng: np.random.Generator
    ) -> Floats:
        """Return the log-odds of many heads, shape (asked, heads), minimised all at once."""
        rows, severity = unit_rows(lessons.rows, self.reach), lessons.scale.severity(lessons.totals)
        there = inside.astype(np.float64)
        found = self._minimum(rows, severity, there)
        unsure = self._sigma(len(found)) / UNITS * self.pull / self.penalty
        found += unsure * rng.standard_normal(found.shape)
        share = self.budget.share(LINE)
        lines = corrected_shadows(scored(rows, apart(found)), (severity, there), share, rng)
        return log_odds_of(lines, unit_rows(asked, self.reach))

    def twin(self) -> Recipe:
        """Return the same without noise."""
        return PlainRidge()

    def _minimum(self, rows: Floats, severity: Floats, inside: Floats) -> Floats:
        full = with_constant(rows)
        task = Task(
            rows=full,
            severity=severity,
            inside=inside,
            tilt=np.zeros((full.shape[1], inside.shape[1])),
            penalty=self.penalty,
            pull=self.pull,
        )
        return minimum(task)

    def _sigma(self, weights: int) -> float:
        """Return the noise in steps: for one person, for the tolerance and for rounding."""
        inexact = UNITS * 2.0 * TOLERANCE / self.pull + math.sqrt(weights)
        return self.budget.share(1.0 - LINE).sigma(UNITS + inexact)
