"""What an adversary of a trained model has in hand: people, what the model says of them, shadows."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mindveil.attack.base import ModelKnowledge
from mindveil.attack.model_signals import FEWEST, confidence, halves
from mindveil.errors import InvalidMeasurement
from mindveil.train.base import Flags, Floats, Lessons
from mindveil.train.detector import ModelRelease
from mindveil.train.reader import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """Candidates, then reference people, as the model reads them.

    ``everybody`` holds both; ``known`` (everybody,) marks the candidates; ``sure`` (everybody,)
    is the model's confidence in the true class of each.
    """

    everybody: Lessons
    known: Flags
    sure: Floats

    @property
    def candidates(self) -> tuple[str, ...]:
        """Ids of the candidates."""
        return self.everybody.ids[: int(self.known.sum())]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadows:
    """Heads that the adversary taught: confidence and who taught whom, (everybody, heads)."""

    sure: Floats
    inside: Flags


def people_held(reader: Reader, knowledge: ModelKnowledge) -> tuple[Lessons, int]:
    """Return candidates and then reference people, as a reader sees them, and how many of the first.

    Raises:
        InvalidMeasurement: fewer than ten candidates have an answer and something to read.
    """
    known, beside = reader.lessons(knowledge.known), reader.lessons(knowledge.reference)
    if len(known.ids) < FEWEST:
        raise InvalidMeasurement(
            f"{len(known.ids)} known people have an answer and something to read; "
            f"at least {FEWEST} are needed"
        )
    held = set(known.ids)
    beside = beside.of(np.array([name not in held for name in beside.ids], dtype=np.bool_))
    everybody = replace(
        known,
        ids=known.ids + beside.ids,
        rows=np.concatenate([known.rows, beside.rows]),
        totals=np.concatenate([known.totals, beside.totals]),
        labels=np.concatenate([known.labels, beside.labels]),
        sites=(),
    )
    return everybody, len(known.ids)


def game_of(release: ModelRelease, knowledge: ModelKnowledge) -> Game:
    """Return the candidates and reference people who have an answer and something to read.

    Raises:
        InvalidMeasurement: fewer than ten candidates do, or answers are not numbers.
    """
    everybody, candidates = people_held(release.model.reader, knowledge)
    return Game(
        everybody=everybody,
        known=np.arange(len(everybody.ids)) < candidates,
        sure=confidence(release.model.head.log_odds(everybody.rows), everybody.labels),
    )


def shadows_of(
    game: Game, knowledge: ModelKnowledge, heads: int, rng: np.random.Generator
) -> Shadows:
    """Return heads learnt as the release was, each from a random half of the people held.

    A head that far more people taught is less swayed by each of them and says nothing about one
    that fewer did: of reference people, half as many as there are candidates teach at most, the
    first of them. The others are asked about only.

    Raises:
        InvalidMeasurement: the recipe refuses so few people.
    """
    everybody, known = game.everybody, game.known
    teach = known | (np.cumsum(~known) <= known.sum() // 2)
    inside = np.zeros((len(known), heads), dtype=np.bool_)
    inside[teach] = halves(everybody.labels[teach], heads, rng)
    odds = knowledge.recipe.shadows(everybody, inside, everybody.rows, rng)
    return Shadows(sure=confidence(odds, everybody.labels), inside=inside)
