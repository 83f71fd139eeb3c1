"""Made-up people with rows of numbers, and small detectors that they teach."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, cast

import numpy as np

from mindveil.attack.base import ModelKnowledge
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.dp.accounting import Budget
from mindveil.dp.noise import Noise, os_noise
from mindveil.evidence.measured import Truth
from mindveil.store.cache import Json
from mindveil.train.base import Flags, Floats, Lessons, Part, Scale, Taught
from mindveil.train.detector import Detector, ModelRelease
from mindveil.train.reader import Reader

PHQ9 = Scale(lowest=0, highest=27, edge=9.5)
COLUMNS = {
    "sex": Column(role="quasi", kind="nominal", levels=("female", "male")),
    "housing": Column(role="sensitive", kind="nominal", levels=("own", "rent", "none")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Reads the numbers that a person was given, and an attribute where it is told to."""

    rows_of: Mapping[str, Floats]
    also: str = ""
    modality: str = "scales"
    target: str = "phq9>=10"

    def rows(self, corpus):
        width = len(next(iter(self.rows_of.values())))
        made = np.array([self.rows_of[p] for p in corpus.ids]).reshape(-1, width)
        if not self.also:
            return made
        told = [p.attributes.get(self.also) in {"male", "own"} for p in corpus.participants]
        return np.column_stack([made, np.where(told, 1.0, -1.0)])

    def lessons(self, corpus):
        totals = np.array([p.latest("phq9").total for p in corpus.participants], dtype=float)
        rows = self.rows(corpus)
        return Lessons(
            ids=corpus.ids,
            rows=rows,
            totals=totals,
            labels=(totals > PHQ9.edge).astype(float),
            scale=PHQ9,
            parts=(Part(modality="scales", name="numbers", width=rows.shape[1]),),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    kind: ClassVar[str] = "weights"
    weights: Floats

    def log_odds(self, rows: Floats) -> Floats:
        return 4.0 * (rows @ self.weights[:-1] + self.weights[-1])

    def severity(self, rows: Floats) -> Floats:
        return PHQ9.total(self.log_odds(rows) / 4.0)

    def tensors(self) -> Mapping[str, Floats]:
        return {"weights": self.weights}

    def facts(self) -> Mapping[str, Json]:
        return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ridge:
    """Ridge regression of the severity; ``noise`` is added to its numbers."""

    name: ClassVar[str] = "ridge"
    noise: float = 0.0
    penalty: float = 0.5
    budget: Budget | None = None

    def learn(self, lessons, weight, rng):
        rows = np.column_stack([lessons.rows, np.ones(len(lessons.rows))])
        square = (rows.T * weight) @ rows + self.penalty * np.eye(rows.shape[1])
        found = np.linalg.solve(square, (rows.T * weight) @ PHQ9.severity(lessons.totals))
        return Weights(weights=found + self.noise * rng.normal(size=len(found)))

    def fit(self, lessons: Lessons, noise: Noise, rng: np.random.Generator) -> Taught:
        return Taught(head=self.learn(lessons, np.ones(len(lessons.ids)), rng))

    def shadows(
        self, lessons: Lessons, inside: Flags, asked: Floats, rng: np.random.Generator
    ) -> Floats:
        heads = [self.learn(lessons, one.astype(float), rng) for one in inside.T]
        return np.column_stack([head.log_odds(asked) for head in heads])


def people(count, rng, prefix="P", *, columns=8, split=0.0, tell=0.0, worth=0.0, weight=8.0):
    """People whose severity shows in the first numbers.

    ``split``: how much of that of men shows in the numbers after them instead; ``tell``: how much
    higher the last number of men is; ``worth``: how many points more they have; ``weight``: how
    many points a number is worth.
    """
    rows = rng.normal(0, 0.5, (count, columns))
    male = rng.random(count) < 0.5
    rows[:, -1] += tell * np.where(male, 1.0, -1.0)
    shown = rows[:, :3].sum(axis=1)
    shown = shown + split * male * (rows[:, 3:6].sum(axis=1) - shown)
    total = np.clip(
        np.round(9.5 + worth * male + weight * shown + rng.normal(0, 11 - weight, count)), 0, 27
    )
    made = [
        Participant(
            participant_id=f"{prefix}{i:04d}",
            attributes={
                "sex": "male" if male[i] else "female",
                "housing": str(rng.choice(["own", "rent", "none"])),
            },
            sessions=(Session(session_id="1", responses={"phq9": Response(total=total[i])}),),
        )
        for i in range(count)
    ]
    corpus = Corpus(name="toy", participants=tuple(made), columns=COLUMNS)
    return corpus, dict(zip(corpus.ids, rows, strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Who taught a detector, who did not, and other people; with the detector."""

    taught: Corpus
    absent: Corpus
    reference: Corpus
    release: ModelRelease
    recipe: Ridge
    codes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, taught, absent, reference, rng, *, recipe=None, teachers=None, reading=None, **kind
    ):
        """``teachers="others"``: others teach in the place of those who are said to.

        ``reading`` has the settings of :class:`Numbers`.
        """
        sizes = {"M": taught, "N": absent, "R": reference, "Z": taught}
        made = [people(size, rng, prefix, **kind) for prefix, size in sizes.items()]
        rows = {p: row for _, one in made for p, row in one.items()}
        reader = Numbers(rows_of=rows, **(reading or {}))
        recipe = recipe or Ridge()
        behind = made[3][0] if teachers == "others" else made[0][0]
        head = recipe.fit(reader.lessons(behind), os_noise(), rng).head
        model = Detector(reader=cast("Reader", reader), head=head)
        ids = rng.permutation(made[0][0].ids)
        return cls(
            taught=made[0][0],
            absent=made[1][0],
            reference=made[2][0],
            release=ModelRelease(name="toy", model=model),
            recipe=recipe,
            codes={f"G{i:03d}": str(p) for i, p in enumerate(ids)},
        )

    def knowledge(self, games=0):
        known = (*self.taught.participants, *self.absent.participants)
        order = sorted(known, key=lambda p: hash_of(p.participant_id))
        everybody = frozenset(self.taught.ids)
        return ModelKnowledge(
            attacker="semi-informed",
            known=self.taught.with_people(order),
            reference=self.reference,
            recipe=self.recipe,
            insiders={c: everybody - {p} for c, p in list(self.codes.items())[:games]},
        )

    @property
    def truth(self):
        return Truth(person_of=self.codes, released=self.taught, absent=self.absent)


def hash_of(text):
    return sum(ord(c) * 31**i for i, c in enumerate(text[::-1])) * 2654435761 % 2**32
