"""From guessed attributes and the truth to what a voice or a face gives away beyond a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.attribute_levels import level_of
from mindveil.attack.base import Attributes
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import (
    Estimate,
    Weights,
    advantage,
    bootstrap,
    exact_at_ends,
    share,
)
from mindveil.evidence.frontier import STATED
from mindveil.evidence.measured import Measured, Truth

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guessed:
    """One field: each person's level, how often she was guessed right, and whether it is told."""

    field: str
    people: tuple[str, ...]
    levels: tuple[str, ...]
    right: Floats
    stated: bool

    @property
    def usual(self) -> float:
        """The share of people who have the commonest level: what a guesser without data reaches."""
        return max(self.levels.count(level) for level in set(self.levels)) / len(self.levels)


def measure_inference(
    folds: Sequence[tuple[Attributes, Truth]], rng: np.random.Generator
) -> list[Measured]:
    """Return the figures of every guessed field, pooled over folds by person.

    The baseline is the share of the commonest level, which nobody needs a release for. Where
    the release states the field of everybody (participants.tsv holds it unchanged), nothing is
    left to infer: the advantage is then called ``advantage-stated``.

    Raises:
        InvalidMeasurement: no field has 2 people of different levels.
    """
    fields = dict.fromkeys(f for guesses, _ in folds for f in guesses.guesses)
    pooled = [_pool(field, folds) for field in fields]
    known = [g for g in pooled if len(set(g.levels)) > 1]
    if not known:
        raise InvalidMeasurement(
            "no attribute that was guessed is known of 2 released people who differ in it"
        )
    return [m for g in known for m in _figures(g, rng)]


def _pool(field: str, folds: Sequence[tuple[Attributes, Truth]]) -> Guessed:
    outcomes: dict[str, list[float]] = {}
    level: dict[str, str] = {}
    told = []
    for guesses, truth in folds:
        if field not in guesses.guesses:
            continue
        actual = {
            p.participant_id: level_of(field, p.attributes.get(field))
            for p in truth.released.participants
        }
        each = zip(guesses.records, guesses.guesses[field], guesses.stated[field], strict=True)
        for record, guess, stated in each:
            person = truth.person_of[record]
            if actual.get(person):
                level[person] = actual[person]
                outcomes.setdefault(person, []).append(float(guess == actual[person]))
                told.append(stated)
    people = tuple(sorted(outcomes))
    return Guessed(
        field=field,
        people=people,
        levels=tuple(level[p] for p in people),
        right=np.array([np.mean(outcomes[p]) for p in people], dtype=np.float64),
        stated=bool(told) and all(told),
    )


def _figures(guessed: Guessed, rng: np.random.Generator) -> list[Measured]:
    seen, usual, field = share(guessed.right), guessed.usual, guessed.field
    groups = sorted(set(guessed.levels))
    counts = ", ".join(f"{guessed.levels.count(g)} {g}" for g in groups)
    chance = Estimate(value=usual, low=usual, high=usual, n=seen.n)
    told = "the release states it; " if guessed.stated else ""
    return [
        Measured(metric=f"accuracy@{field}", estimate=seen, baseline=usual, note=counts),
        Measured(
            metric=f"balanced-accuracy@{field}",
            estimate=_balanced(guessed, groups, rng),
            baseline=1 / len(groups),
            note=counts,
        ),
        Measured(
            metric=f"{STATED if guessed.stated else 'advantage'}@{field}",
            estimate=advantage(seen, chance),
            baseline=0.0,
            note=f"{told}accuracy above the commonest level",
        ),
    ]


def _balanced(guessed: Guessed, groups: Sequence[str], rng: np.random.Generator) -> Estimate:
    """Return the mean over levels of the share of people who were guessed right."""
    member = np.array([[level == g for g in groups] for level in guessed.levels], dtype=np.float64)

    def statistic(weights: Weights) -> Floats:
        there = weights @ member
        right = weights @ (member * guessed.right[:, None])
        recall = np.divide(right, there, out=np.zeros_like(right), where=there > 0)
        # A level that a resample left out has no say in it.
        return np.asarray(recall.sum(axis=1) / (there > 0).sum(axis=1), dtype=np.float64)

    fewest = min(guessed.levels.count(g) for g in groups)
    return exact_at_ends(bootstrap(statistic, len(guessed.people), rng), fewest)
