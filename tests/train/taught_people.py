"""Made-up people to learn from, and noise that is silent, halved or counted."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mindveil.dp.accounting import Budget
from mindveil.train.base import Lessons, Part, Scale

PHQ9 = Scale(lowest=0, highest=27, edge=9.5)


def budget(epsilon=3.0, delta=1e-4):
    return Budget(epsilon=epsilon, delta=delta, accountant="gaussian")


def table(rows, totals, parts=None, scale=PHQ9):
    rows, totals = np.asarray(rows, float), np.asarray(totals, float)
    above = totals > scale.edge
    return Lessons(
        ids=tuple(f"p{i}" for i in range(len(rows))),
        rows=rows,
        totals=totals,
        labels=(above if scale.rising else ~above).astype(float),
        scale=scale,
        parts=parts or (Part(modality="text", name="words", width=rows.shape[1]),),
    )


def cohort(seed, people=240, columns=5, *, told=True):
    """People whose severity shows in all columns, most in the last; or in none."""
    rng = np.random.default_rng([seed, 77])
    trait = rng.normal(size=people)
    shown = np.linspace(0.15, 0.35, columns) if told else np.zeros(columns)
    rows = trait[:, None] * shown + 0.25 * rng.normal(size=(people, 1)) + 0.1
    rows = rows + 0.35 * rng.normal(size=(people, columns))
    return table(rows, np.clip(np.round(9.5 + 6.0 * trait), 0, 27))


def auc(said, labels):
    """How often a case is told higher than another person."""
    cases, others = said[labels > 0], said[labels == 0]
    return float((np.sign(cases[:, None] - others) / 2 + 0.5).mean())


@dataclass
class Silent:
    """Adds nothing, chooses everybody, and remembers how much noise was asked for."""

    proved: bool = False
    sigmas: list = field(default_factory=list)

    def gaussian(self, sigma, shape):
        self.sigmas.append(sigma)
        return np.zeros(shape, np.int64)

    def laplace(self, scale, shape):
        raise AssertionError("only Gaussian noise is paid for")

    def chosen(self, rate, people):
        return np.ones(people, np.bool_)
