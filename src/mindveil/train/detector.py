"""A detector that can leave the building: how people are read, what was learnt, when it is silent.

A detector answers three things of each person: the calibrated probability of being a case, the
expected score, and whether it dares to decide. It holds no row of anybody, keeps no copy of what
it is shown, and logs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Protocol, runtime_checkable

import numpy as np

from mindveil.corpus.model import Corpus, Stream
from mindveil.dp.noise import Noise
from mindveil.release import Guarantee
from mindveil.store.cache import Json
from mindveil.train.base import Flags, Floats, Head, Recipe
from mindveil.train.reader import Reader
from mindveil.train.ridge import probability_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What a detector says, one entry a person; arrays of shape (people,).

    ``decided`` is False where the probability is too near one half to decide on.
    """

    ids: tuple[str, ...]
    probability: Floats
    severity: Floats
    decided: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Detector:
    """Reader and head together; ``least`` is the least absolute log-odds that decides.

    ``before`` are the steps of the study file that people passed before they taught, as plain
    data: whoever is to be predicted passes them too.
    """

    reader: Reader
    head: Head
    guarantee: Guarantee | None = None
    least: float = 0.0
    before: tuple[Json, ...] = ()

    @property
    def target(self) -> str:
        """What is detected, as in ``phq9>=10``."""
        return self.reader.target

    def answer(self, corpus: Corpus) -> Answers:
        """Return what is said of each person of a corpus, answered the questionnaire or not."""
        rows = self.reader.rows(corpus)
        odds = self.head.log_odds(rows)
        return Answers(
            ids=corpus.ids,
            probability=probability_of(odds),
            severity=self.head.severity(rows),
            # What is said of somebody of whom nothing was read is the average person's.
            decided=(np.abs(odds) >= self.least) & (rows != 0.0).any(axis=1),
        )


@runtime_checkable
class Trainer(Protocol):
    """A step that turns a corpus into a detector; a frozen dataclass of its settings."""

    name: ClassVar[str]

    @property
    def target(self) -> str:
        """What is detected."""
        ...

    @property
    def modality(self) -> Stream:
        """What it is detected from."""
        ...

    def recipe(self) -> Recipe:
        """Return how the head is learnt, and what it promises."""
        ...

    def undefended(self) -> Trainer:
        """Return the step that learns the same from the same rows and promises nothing."""
        ...

    def train(self, corpus: Corpus, noise: Noise, rng: np.random.Generator) -> Detector:
        """Return a detector that these people taught."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelRelease:
    """A detector as the adversary sees it: he may ask it, and read its numbers.

    ``folder`` holds its files, where it was stored.
    """

    name: str
    model: Detector
    folder: Path | None = None
