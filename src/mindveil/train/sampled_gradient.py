"""Steps on random people, each through noise: for many people, and for networks.

In each step everybody is chosen alone with the same probability, teaches no more than a bound,
and noise is added (Abadi et al. 2016). Who is chosen and what is accounted is one object
(``dp.poisson.Training``). What is learnt is how severe somebody is, from 0 to 1; what the model
then says of people is turned into a severity and into log-odds by a line of its own, which the
same promise pays for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np

from mindveil.dp.accounting import Budget, Share, check_delta
from mindveil.dp.noise import Noise
from mindveil.dp.poisson import Training, multiplier_of, training_statement
from mindveil.train.base import Flags, Floats, Lessons, Recipe, Taught
from mindveil.train.corrected_line import corrected, corrected_shadows
from mindveil.train.draws import Draws, NoiseDraws, SeededDraws
from mindveil.train.heads import Examples, HeadStack, Shape, Steps, train_heads
from mindveil.train.plain import PlainMlp, PlainRidge
from mindveil.train.stepped_head import head_from, odds_from, seen_by
from mindveil.train.unit_rows import REACH, unit_rows

LINE = 0.15
"""The share of the budget for the line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampledGradient:
    """A logistic head (``hidden`` 0) or a small network, learnt in noisy steps on random people.

    ``people`` is about how many there are, as anybody may know: sums are divided by it. ``shelf``
    is a file of noise multipliers that were worked out before, see ``dp.poisson``.
    """

    name: ClassVar[str] = "sampled-gradient"
    budget: Budget
    hidden: int = 0
    people: int = 300
    rate: float = 0.25
    steps: int = 60
    learning_rate: float = 2.0
    clip: float = 0.5
    reach: float = REACH
    small_cohort: bool = False
    shelf: Path | None = None

    @property
    def training(self) -> Training:
        """How people are drawn, and what is spent beside it."""
        return Training(rate=self.rate, steps=self.steps, beside=math.sqrt(2.0 * self._line.rho))

    @property
    def multiplier(self) -> float:
        """The noise of a step, in units of ``clip``."""
        return multiplier_of(self.budget, self.training, self.shelf)

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
        stack = self._learnt(rows, severity, None, NoiseDraws(noise))
        lines = corrected(seen_by(stack, rows), severity, self._line, noise)
        if not self.small_cohort:
            check_delta(self.budget.delta, int(lines.count[0]))
        told = training_statement(
            self.budget,
            self.training,
            self.multiplier,
            (
                f"{self.steps} Gaussian steps on people chosen with probability {self.rate:g}",
                "one Gaussian sum of the moments of one score and the severity",
            ),
            # Steps are taken in floating-point numbers.
            proved=False,
        )
        return Taught(head=head_from(stack, lines, lessons.scale, self.reach), guarantee=told)

    def shadows(
        self, lessons: Lessons, inside: Flags, asked: Floats, rng: np.random.Generator
    ) -> Floats:
        """Return the log-odds of many heads, shape (asked, heads), trained all at once."""
        rows, severity = unit_rows(lessons.rows, self.reach), lessons.scale.severity(lessons.totals)
        stack = self._learnt(rows, severity, inside, SeededDraws.of(inside.shape[1], rng))
        teaching = (severity, inside.astype(np.float64))
        lines = corrected_shadows(seen_by(stack, rows), teaching, self._line, rng)
        return odds_from(stack, lines, unit_rows(asked, self.reach))

    def twin(self) -> Recipe:
        """Return the same without noise."""
        return PlainMlp(hidden=self.hidden, reach=self.reach) if self.hidden else PlainRidge()

    @property
    def _line(self) -> Share:
        return self.budget.share(LINE)

    def _learnt(
        self, rows: Floats, severity: Floats, inside: Flags | None, draws: Draws
    ) -> HeadStack:
        steps = Steps(
            steps=self.steps,
            people=float(self.people),
            rate=self.rate,
            learning_rate=self.learning_rate,
            clip=self.clip,
            multiplier=self.multiplier,
        )
        taught = Examples(rows=rows, labels=(1.0 + severity) / 2.0, weights=inside)
        shape = Shape(columns=rows.shape[1], hidden=self.hidden)
        return train_heads(taught, shape, steps, draws, 1 if inside is None else inside.shape[1])
