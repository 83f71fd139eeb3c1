"""Tilt what is minimised at random, so that the least of it does not tell who was in.

Chaudhuri, Monteleoni & Sarwate 2011; Kifer, Smith & Thakurta 2012 for Gaussian tilts. What it
costs is worked out here for one person more or less, as Redberg, Koskela & Wang do ("Improving
the privacy and practicality of objective perturbation for differentially private linear
learners", 2023). Weights w that are least under a tilt b give it back: b = - (gradient at w).
One person more, with row u of length at most 1, changes that gradient along u alone, by g with
|g| at most the pull k, and the density of w in two ways:

- the volume that a small step in w takes up, by a factor from 1 to 1 + 1 / penalty: the curve of
  one person is of rank one and never steeper than 1. The most that this costs is c, its log.
- the density of the tilt, by (2 b g + g**2) / (2 sigma**2), where b along u is a normal number
  whoever is in. That is never more than t |Z| + t**2 / 2 with t = k / sigma and Z normal.

Where a Gaussian mechanism of mu = t loses t Z + t**2 / 2, this one loses c + t |Z| + t**2 / 2 at
most. Twice the delta of the Gaussian mechanism at epsilon - c therefore bounds the delta here; and
what else is bought with Gaussian noise adds up with t in squares, under the same bound.

Nobody finds the least exactly, so that weights are released with a little more noise, in
proportion to the tolerance (Iyengar et al., "Towards practical differentially private convex
optimization", 2019).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from mindveil.dp.accounting import Budget, Share, advantage_of, statement
from mindveil.dp.conversion import delta_of_mu, mu_of
from mindveil.dp.noise import Noise
from mindveil.release import Guarantee
from mindveil.train.base import Flags, Floats, Lessons, Recipe, Taught
from mindveil.train.corrected_line import corrected, corrected_shadows, scored
from mindveil.train.minimum import TOLERANCE, Task, minimum
from mindveil.train.noisy_line import head_of, log_odds_of
from mindveil.train.plain import PlainRidge
from mindveil.train.unit_rows import REACH, apart, bound_of, unit_rows, with_constant

LINE, INEXACT = 0.15, 0.01
"""Shares of what is paid in Gaussian noise: the line, and the tolerance of the least."""

LEAST_PENALTY = 1.0
"""A weaker one learns no better from unit rows, and below .01 the least is not always found."""

_RESERVE = 1e-3
"""The part of delta that is set aside for the distance of whole-number noise from real noise."""

_FINE = 1 << 22
"""Steps of the tilt in one standard deviation."""

_GRID = 1e-5
"""A step of the released weights."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectivePerturbation:
    """A line in the direction that minimises a tilted sum.

    ``bending`` is the most of epsilon that pays for the volume; the penalty follows from it.
    ``pull`` bounds how hard a person pulls, in severities.
    """

    name: ClassVar[str] = "objective-perturbation"
    budget: Budget
    reach: float = REACH
    bending: float = 0.2
    pull: float = 0.5
    small_cohort: bool = False

    @property
    def cost(self) -> float:
        """The part of epsilon that pays for the volume, the log of 1 + 1 / penalty."""
        return min(self.bending * self.budget.epsilon, math.log1p(1.0 / LEAST_PENALTY))

    @property
    def penalty(self) -> float:
        """How strongly weights are held at 0: public, from the budget."""
        return 1.0 / math.expm1(self.cost)

    @property
    def paid(self) -> Share:
        """What all Gaussian noise may cost together, the tilt as if it were a mechanism."""
        left = self.budget.epsilon - self.cost
        mu = mu_of(left, self.budget.delta * (1.0 - _RESERVE) / 2.0)
        return Share(rho=mu**2 / 2.0)

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
        columns = rows.shape[1] + 1
        drawn = noise.gaussian(_FINE, (columns, 1)) / _FINE
        found = self._minimum(rows, severity, np.ones((len(rows), 1)), drawn)[:, 0]
        steps = np.rint(found / _GRID).astype(np.int64)
        steps += noise.gaussian(self._unsure(columns), steps.shape)
        weights = np.asarray(steps[:, None] * _GRID, dtype=np.float64)
        line = corrected(scored(rows, apart(weights)), severity, self.paid.share(LINE), noise)
        bound = bound_of(rows.shape[1], self.reach)
        told = self._guarantee(columns, int(line.count[0]))
        return Taught(head=head_of(line, lessons.scale, bound), guarantee=told)

    def shadows(
        self, lessons: Lessons, inside: Flags, asked: Floats, rng: np.random.Generator
    ) -> Floats:
        """Return the log-odds of many heads, shape (asked, heads), minimised all at once."""
        rows, severity = unit_rows(lessons.rows, self.reach), lessons.scale.severity(lessons.totals)
        there = inside.astype(np.float64)
        drawn = rng.standard_normal((rows.shape[1] + 1, there.shape[1]))
        found = self._minimum(rows, severity, there, drawn)
        found += _GRID * self._unsure(len(found)) * rng.standard_normal(found.shape)
        share = self.paid.share(LINE)
        lines = corrected_shadows(scored(rows, apart(found)), (severity, there), share, rng)
        return log_odds_of(lines, unit_rows(asked, self.reach))

    def twin(self) -> Recipe:
        """Return the same without noise."""
        return PlainRidge()

    def _minimum(self, rows: Floats, severity: Floats, inside: Floats, drawn: Floats) -> Floats:
        task = Task(
            rows=with_constant(rows),
            severity=severity,
            inside=inside,
            tilt=self.paid.share(1.0 - LINE - INEXACT).sigma(self.pull) * drawn,
            penalty=self.penalty,
            pull=self.pull,
        )
        return minimum(task)

    def _unsure(self, weights: int) -> float:
        """Return the noise in steps of the grid: for the tolerance on both sides, and rounding."""
        inexact = 2.0 * TOLERANCE / self.penalty / _GRID + math.sqrt(weights)
        return self.paid.share(INEXACT).sigma(inexact)

    def _guarantee(self, weights: int, people: int) -> Guarantee:
        told = statement(
            self.budget,
            [
                f"the least of a sum, tilted by Gaussian noise in {weights} columns and held by a penalty of {self.penalty:.3g}",
                "Gaussian noise on its weights for the tolerance of the least",
                "one Gaussian sum of the moments of one direction and the severity",
            ],
            # Volumes and tilts are of real numbers, and floating-point ones stand for them.
            proved=False,
            people=people,
            small_cohort=self.small_cohort,
        )
        shown = 2.0 * delta_of_mu(math.sqrt(2.0 * self.paid.rho), -self.cost)
        most = min(advantage_of(self.budget.epsilon, self.budget.delta), shown)
        words = "objective perturbation of linear heads (Redberg, Koskela & Wang 2023)"
        return replace(told, accountant=words, advantage=most)
