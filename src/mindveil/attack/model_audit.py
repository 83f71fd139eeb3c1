"""Does a trainer keep its promise? A test of the house's own trainer, in one run.

Made-up people are put among those who teach, each by the toss of a coin, and one head is trained
as the release was. The auditor asks it about each of them. He knows everybody else, and has
trained heads of his own on the same people with other coins, so that he knows what each answer
looks like with and without her. ``mindveil.evidence.one_run`` turns how often he is right into
a lower bound of epsilon, which no trainer that keeps its promise exceeds.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Attacker, Holding, ModelKnowledge
from mindveil.attack.canaries import Canaries
from mindveil.attack.canary_people import apart, joined, length_of, made_up, teachers
from mindveil.corpus.model import Modality
from mindveil.dp.noise import seeded
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.train.base import Flags, Floats, Lessons, Recipe
from mindveil.train.detector import ModelRelease

_FEWEST = 20
_NO_PROMISE = 1e-5
"""The delta at which a trainer without a promise is told an epsilon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OneRunAudit:
    """Plant made-up people in a training of the house's own, and tell who was in.

    ``canaries`` are planted at most: no more than a row has columns (but 20), so that one of them
    hides no other. ``practice`` heads say what an answer looks like with and without each of them.
    The bound rests on all folds together: each is a training with coins of its own. Source:
    Steinke, Nasr & Jagielski 2023, "Privacy auditing with one (1) training run".

    Limits: It can refute a promise and never prove one: the bound depends on how many made-up
    people there were, and with few of them it shows little whatever the truth is.
    """

    canaries: int = 200
    practice: int = 64

    name: ClassVar[str] = "model/one-run-audit"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "model"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    def __post_init__(self) -> None:
        if self.canaries < 1 or self.practice < 8:
            raise InputError(
                f"{self.name}: {self.canaries} canaries, {self.practice} practice heads; "
                "at least 1 and 8 are needed"
            )

    def run(
        self, release: ModelRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Canaries, ...]:
        """Return how surely each made-up person was in, and whether she was.

        Raises:
            InvalidMeasurement: nobody can teach the model.
        """
        people = teachers(release, knowledge)
        return (self.audit(knowledge.recipe, people, rng),)

    def audit(self, recipe: Recipe, people: Lessons, rng: np.random.Generator) -> Canaries:
        """Return the audit of one training on these people."""
        columns = people.rows.shape[1]
        planted = min(self.canaries, max(columns, _FEWEST))
        rows = apart(planted, columns, rng) * length_of(people)
        labels = (rng.random(planted) < 0.5).astype(np.float64)
        everybody = joined(people, made_up(rows, labels, people))
        included = rng.random(planted) < 0.5
        practice = _coins(planted, self.practice, rng)
        asked = np.vstack([rows, -rows])
        head = recipe.fit(everybody.of(_with(people, included)), seeded(rng), rng).head
        inside = np.vstack([np.ones((len(people.ids), self.practice), dtype=np.bool_), practice])
        odds = np.column_stack(
            [head.log_odds(asked), recipe.shadows(everybody, inside, asked, rng)]
        )
        leaning = (2.0 * labels - 1.0)[:, None] * (odds[:planted] - odds[planted:])
        if not np.isfinite(leaning).all():
            raise InvalidMeasurement("the audited model answered with something that is no number")
        budget = recipe.budget
        leaning = max(_ways(leaning), key=lambda way: _clarity(way[:, 1:], practice))
        return Canaries(
            included=included,
            scores=evidence_for(leaning[:, 0], leaning[:, 1:], practice),
            epsilon=budget.epsilon if budget else None,
            delta=budget.delta if budget else _NO_PROMISE,
            people=len(people.ids),
        )


def evidence_for(seen: Floats, practice: Floats, inside: Flags) -> Floats:
    """Return the log-likelihood ratio of "in" to "out" for each canary, shape (canaries,).

    ``seen`` (canaries,) is how far the audited head leans to each canary's own label,
    ``practice`` (canaries, heads) how far heads do of which it is known whom they saw. The
    spread is the same for all of them, and how much seeing her matters is drawn to what it is
    for the others as far as its own figure is unsure: there are few heads.
    """
    ins, outs = inside.sum(axis=1), (~inside).sum(axis=1)
    with_her = (practice * inside).sum(axis=1) / ins
    without = (practice * ~inside).sum(axis=1) / outs
    middle, effect = (with_her + without) / 2.0, with_her - without
    left = practice - np.where(inside, with_her[:, None], without[:, None])
    spread = float((left**2).sum() / max(left.size - 2 * len(left), 1))
    unsure = float(np.mean(spread * (1.0 / ins + 1.0 / outs)))
    shared = float(effect.mean())
    between = max(float(effect.var()) - unsure, 0.0)
    trusted = between / (between + unsure) if between + unsure > 0 else 1.0
    effect = shared + trusted * (effect - shared)
    # Where heads see no noise at all, what is left is rounding: it must not divide by nothing.
    floor = np.finfo(np.float64).eps * float(np.abs(practice).max() + 1.0)
    return np.asarray((seen - middle) * effect / max(spread, floor**2))


def _ways(leaning: Floats) -> tuple[Floats, Floats]:
    """Return answers as they are, and each head's on one scale.

    How steep the calibrated line of a head came out may be noise that all its answers share.
    """
    length = np.linalg.norm(leaning, axis=0)
    return leaning, leaning / np.where(length > 0, length, 1.0)


def _clarity(practice: Floats, inside: Flags) -> float:
    """Return how far practice heads that saw a canary lie from the others, in their own spread."""
    ins, outs = inside.sum(axis=1), (~inside).sum(axis=1)
    with_her = (practice * inside).sum(axis=1) / ins
    without = (practice * ~inside).sum(axis=1) / outs
    left = practice - np.where(inside, with_her[:, None], without[:, None])
    spread = float(np.sqrt(np.mean(left**2)))
    effect = float(np.mean(with_her - without))
    return effect / spread if spread > 0 else np.inf if effect > 0 else 0.0


def _coins(planted: int, heads: int, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Return who is in each practice head: every canary in half of them, in an order of her own."""
    half = np.arange(heads) < heads // 2
    return np.asarray(rng.permuted(np.tile(half, (planted, 1)), axis=1), dtype=np.bool_)


def _with(people: Lessons, included: Flags) -> Flags:
    return np.concatenate([np.ones(len(people.ids), dtype=np.bool_), included])
