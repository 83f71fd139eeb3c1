"""Trainers whose privacy is known exactly, and a reader of nothing, for audits of models."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np

from mindveil.attack.base import ModelKnowledge
from mindveil.corpus.model import Corpus
from mindveil.dp.accounting import Budget
from mindveil.train.base import Lessons, Part, Scale, Taught
from mindveil.train.detector import Detector, ModelRelease

SCALE = Scale(lowest=0, highest=27, edge=9.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanHead:
    """Log-odds are a product with the sum of everybody's rows, each on her own side."""

    kind: ClassVar[str] = "mean"
    weights: np.ndarray

    def log_odds(self, rows):
        """Return the products."""
        return rows @ self.weights

    def severity(self, rows):
        """Return them as scores."""
        return SCALE.total(np.tanh(self.log_odds(rows)))

    def tensors(self):
        """Return the weights."""
        return {"weights": self.weights}

    def facts(self):
        """Return nothing else."""
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanRecipe:
    """The Gaussian mechanism itself: a sum of rows of length one at most, in noise.

    ``honesty`` is the share of the noise that is really added; none is added without a budget.
    """

    name: ClassVar[str] = "mean"
    budget: Budget | None = None
    honesty: float = 1.0

    def _sums(self, lessons, inside, rng):
        lengths = np.linalg.norm(lessons.rows, axis=1, keepdims=True)
        rows = lessons.rows / np.maximum(lengths, 1.0) * (2 * lessons.labels - 1)[:, None]
        sums = rows.T @ inside.astype(np.float64)
        sigma = self.budget.share(1.0).sigma(1.0) * self.honesty if self.budget else 0.0
        return sums + sigma * rng.standard_normal(sums.shape)

    def fit(self, lessons, noise, rng):
        """Return one head."""
        inside = np.ones((len(lessons.ids), 1), dtype=bool)
        return Taught(head=MeanHead(weights=self._sums(lessons, inside, rng)[:, 0]))

    def shadows(self, lessons, inside, asked, rng):
        """Return many."""
        return asked @ self._sums(lessons, inside, rng)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeafRecipe:
    """Learns nothing from anybody: every head is a fresh direction."""

    name: ClassVar[str] = "deaf"
    budget: Budget | None = None

    def fit(self, lessons, noise, rng):
        """Return one head."""
        return Taught(head=MeanHead(weights=rng.standard_normal(lessons.rows.shape[1])))

    def shadows(self, lessons, inside, asked, rng):
        """Return many."""
        return asked @ rng.standard_normal((asked.shape[1], inside.shape[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class ConstantRecipe(DeafRecipe):
    """Says the same of everybody."""

    name: ClassVar[str] = "constant"

    def shadows(self, lessons, inside, asked, rng):
        """Return one log-odds for all."""
        return np.full((len(asked), inside.shape[1]), 0.3)


def lessons(people=120, columns=40, seed=1):
    """Return people whose answers have a little to do with their rows."""
    rng = np.random.default_rng(seed)
    rows = rng.normal(0, 0.4, (people, columns))
    severity = np.clip(rows[:, 0] + 0.3 * rng.standard_normal(people), -1, 1)
    totals = np.rint(SCALE.total(severity))
    return Lessons(
        ids=tuple(f"P{seed}-{i:03d}" for i in range(people)),
        rows=rows,
        totals=totals,
        labels=(totals > SCALE.edge).astype(np.float64),
        scale=SCALE,
        parts=(Part(modality="text", name="x", width=columns),),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LessonReader:
    """Reads two given groups of people, by the name of the corpus."""

    taught: dict[str, Lessons] = field(default_factory=dict)
    target: str = "phq9>=10"

    def lessons(self, corpus):
        """Return what this group teaches."""
        return self.taught[corpus.name]

    def rows(self, corpus):
        """Return their rows."""
        return self.taught[corpus.name].rows


def nobody(name):
    """Return a corpus of this name without people."""
    return Corpus(name=name, language="en", participants=())


def situation(recipe, people=60, columns=40):
    """Return a release and what an attacker of it knows."""
    groups = {"known": lessons(people, columns, 1), "reference": lessons(people, columns, 2)}
    head = MeanHead(weights=np.zeros(columns))
    model = Detector(reader=LessonReader(taught=groups), head=head)
    knowledge = ModelKnowledge(
        attacker="semi-informed",
        known=nobody("known"),
        reference=nobody("reference"),
        recipe=recipe,
    )
    return ModelRelease(name="toy", model=model), knowledge


def budget(epsilon, delta=1e-5):
    """Return a budget of Gaussian noise."""
    return Budget(epsilon=epsilon, delta=delta, accountant="gaussian")


def broken(recipe, honesty):
    """Return the recipe with a part of its noise only."""
    assert math.isfinite(honesty)
    return replace(recipe, honesty=honesty)
