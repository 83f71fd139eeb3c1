"""Toy detectors whose membership is known: learners by heart, honest ones, and deaf ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from mindveil.attack.base import ModelKnowledge
from mindveil.corpus.model import Corpus, Participant
from mindveil.dp.noise import seeded
from mindveil.evidence.measured import Truth
from mindveil.train.base import Lessons, Part, Scale, Taught
from mindveil.train.detector import Detector, ModelRelease


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """People of a noisy class and the rows that are read off them; the reader of the toys."""

    ids: tuple[str, ...]
    rows: np.ndarray
    labels: np.ndarray
    silent: frozenset[str] = frozenset()
    target: str = "phq9>=10"

    def corpus(self, chosen):
        return Corpus(
            name="world",
            participants=tuple(Participant(participant_id=self.ids[i]) for i in chosen),
        )

    def lessons(self, corpus):
        place = {name: i for i, name in enumerate(self.ids)}
        here = [place[name] for name in corpus.ids if name not in self.silent]
        return Lessons(
            ids=tuple(self.ids[i] for i in here),
            rows=self.rows[here],
            totals=self.labels[here] * 10 + 5,
            labels=self.labels[here],
            scale=Scale(lowest=0, highest=27, edge=9.5),
            parts=(Part(modality="text", name="toy", width=self.rows.shape[1]),),
        )


def world(people, rng, columns=60, cases=0.4, signal=0.3, **more):
    labels = (rng.random(people) < cases).astype(float)
    rows = rng.normal(size=(people, columns))
    rows[:, 0] += signal * (2 * labels - 1)
    return World(ids=tuple(f"P{i:04d}" for i in range(people)), rows=rows, labels=labels, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinearHead:
    weights: np.ndarray
    kind: ClassVar[str] = "toy"

    def log_odds(self, rows):
        return rows @ self.weights

    def severity(self, rows):
        return self.log_odds(rows)

    def tensors(self):
        return {"weights": self.weights}

    def facts(self):
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class NearestHead:
    """Says of everybody what was true of the nearest person it has met, surer when nearer."""

    rows: np.ndarray
    labels: np.ndarray
    kind: ClassVar[str] = "toy-nearest"

    def log_odds(self, rows):
        apart = ((rows[:, None, :] - self.rows[None, :, :]) ** 2).sum(axis=2)
        nearest = apart.argmin(axis=1)
        return (2 * self.labels[nearest] - 1) * (0.5 + 4 * np.exp(-apart.min(axis=1)))

    def severity(self, rows):
        return self.log_odds(rows)

    def tensors(self):
        return {"rows": self.rows}

    def facts(self):
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ByLine:
    """Least squares of the class with next to no penalty: by heart where columns outnumber people."""

    name: ClassVar[str] = "toy/line"
    budget = None
    penalty: float = 1e-6

    def head(self, rows, labels):
        gram = rows @ rows.T + self.penalty * np.eye(len(rows))
        return LinearHead(weights=3 * rows.T @ np.linalg.solve(gram, 2 * labels - 1))

    def fit(self, lessons, noise, rng):
        return Taught(head=self.head(lessons.rows, lessons.labels))

    def shadows(self, lessons, inside, asked, rng):
        return np.column_stack(
            [self.head(lessons.rows[who], lessons.labels[who]).log_odds(asked) for who in inside.T]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHeart(ByLine):
    """Keeps everybody it has met."""

    name: ClassVar[str] = "toy/heart"

    def head(self, rows, labels):
        return NearestHead(rows=rows, labels=labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deaf(ByLine):
    """Answers by a rule that was fixed before anybody came."""

    name: ClassVar[str] = "toy/deaf"
    rule: np.ndarray = field(default_factory=lambda: np.zeros(0))

    def head(self, rows, labels):
        return LinearHead(weights=np.resize(self.rule, rows.shape[1]))


def games(world, recipe, folds, rng):
    """Folds over everybody in turn: 2/5 taught, 2/5 are controls, 1/5 reference."""
    parts = np.array_split(rng.permutation(len(world.ids)), 5)
    made = []
    for f in range(folds):
        turn = [parts[(f + j) % 5] for j in range(5)]
        members, controls, beside = np.concatenate(turn[:2]), np.concatenate(turn[2:4]), turn[4]
        taught = world.corpus(members)
        head = recipe.fit(world.lessons(taught), seeded(rng), rng).head
        known = rng.permutation(np.concatenate([members, controls]))
        made.append(
            (
                ModelRelease(name="toy", model=Detector(reader=world, head=head)),
                ModelKnowledge(
                    attacker="ignorant",
                    known=world.corpus(known),
                    reference=world.corpus(beside),
                    recipe=recipe,
                ),
                Truth(person_of={}, released=taught, absent=world.corpus(controls)),
            )
        )
    return made
