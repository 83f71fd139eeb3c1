"""How far does a made-up person stand out in a model that she taught once, 10 or 100 times?

The secret of a canary is her row and her answer. Among candidates that could as well have been
made up, the one who taught should be known by her low loss: ``log2 candidates - log2 rank`` bits
of the secret are given away. A person who taught nothing is found at 1 / ln 2 = 1.44 bits on
average. Source: Carlini, Liu, Erlingsson, Kos & Song 2019, "The Secret Sharer" (arXiv 1802.08232).

Who promises something to each person promises a hundred times less to a hundred of them who are
all the same: bits that rise with repeats break no promise.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.attack.base import Attacker, Holding, ModelKnowledge
from mindveil.attack.canaries import Exposures
from mindveil.attack.canary_people import joined, length_of, made_up, teachers
from mindveil.corpus.model import Modality
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.train.base import Floats, Lessons, Recipe
from mindveil.train.detector import ModelRelease

REPEATS = (1, 10, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelExposure:
    """Let made-up people teach a model once, 10 and 100 times, and look for them by their loss.

    Each of the ``canaries`` teaches a head of her own beside the reference people, and is ranked
    among ``candidates`` made up in the same way. A repeat is another person with the same row.

    Source: Carlini et al. 2019 (the secret sharer).

    Limits: It tells what a recipe can learn by heart, of made-up people who stand out, and not what
    it has learnt of anybody real. Exposure is bounded by the number of candidates.
    """

    canaries: int = 16
    candidates: int = 1024

    name: ClassVar[str] = "model/exposure"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "model"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    def __post_init__(self) -> None:
        if self.canaries < 2 or self.candidates < 16:
            raise InputError(
                f"{self.name}: {self.canaries} canaries among {self.candidates} candidates; "
                "at least 2 and 16 are needed"
            )

    def run(
        self, release: ModelRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Exposures, ...]:
        """Return the exposure of each made-up person at each number of repeats.

        Raises:
            InvalidMeasurement: nobody can teach the model, or it answers everybody alike.
        """
        people = teachers(release, knowledge)
        return (self.exposures(knowledge.recipe, people, rng),)

    def exposures(self, recipe: Recipe, people: Lessons, rng: np.random.Generator) -> Exposures:
        """Return the exposures in heads that these people teach."""
        count, columns = self.canaries, people.rows.shape[1]
        shape = (count + self.candidates, columns)
        # Signs: extreme and admissible, and all of one length, so that none stands out unseen.
        rows = rng.choice((-1.0, 1.0), shape) * (length_of(people) / np.sqrt(columns))
        labels = (rng.random(len(rows)) < 0.5).astype(np.float64)
        bits = []
        for often in REPEATS:
            taught = np.repeat(np.arange(count), often)
            everybody = joined(people, made_up(rows[taught], labels[taught], people))
            inside = np.vstack(
                [
                    np.ones((len(people.ids), count), dtype=np.bool_),
                    taught[:, None] == np.arange(count),
                ]
            )
            odds = recipe.shadows(everybody, inside, rows, rng)
            bits.append(exposure(_losses(odds, labels), count))
        return Exposures(bits=np.stack(bits), repeats=REPEATS, candidates=self.candidates)


def exposure(losses: Floats, canaries: int) -> Floats:
    """Return bits of the first ``canaries`` rows, each in the head of her own: (canaries,).

    ``losses`` has shape (canaries + candidates, heads); head ``h`` was taught by canary ``h``.
    She is ranked among the candidates alone, ties counted half.

    >>> exposure(np.array([[0.1], [0.5], [0.7], [0.9]]), 1).tolist()
    [2.0]
    """
    own, others = np.diag(losses[:canaries]), losses[canaries:]
    ahead = (others < own).sum(axis=0) + 0.5 * (others == own).sum(axis=0)
    return np.asarray(np.log2(len(others) + 1.0) - np.log2(1.0 + ahead))


def _losses(odds: Floats, labels: Floats) -> Floats:
    """Return the logistic loss of each row in each head."""
    if not np.isfinite(odds).all():
        raise InvalidMeasurement("the model answered with something that is no number")
    if (np.ptp(odds, axis=0) == 0.0).all():
        raise InvalidMeasurement("the model answers everybody alike: nobody can stand out in it")
    return np.logaddexp(0.0, -(2.0 * labels - 1.0)[:, None] * odds)
