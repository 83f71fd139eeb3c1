"""``synthetic/shadow-membership``: "I know how such tables are made, so I made some myself"."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Attacker, Guesses, Holding, Knowledge, Membership
from mindveil.attack.membership_clues import Scales, clues_of, learn, weigh
from mindveil.attack.table_space import rows_of
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InputError, InvalidMeasurement, MindveilError
from mindveil.release import DataRelease

Floats = NDArray[np.float64]

_FEWEST = 40
_MOST_MEMBERS = 0.75


@dataclass(frozen=True, slots=True, kw_only=True)
class ShadowMembership:
    """Make shadow releases whose members are known, learn what gives them away, and apply it.

    The attacker shuffles everybody he holds (candidates and reference people alike) into games
    of the same shape as the real one: some are reference people, some candidates, and of these
    as many as the release has records go through the same synthesiser, with fresh randomness. In
    each game he takes every clue there is (tracing, densities, nearest records, how unusual a
    person is) and learns which ones to believe (logistic regression); then he weighs the clues of
    the real release. Each shadow costs one fit of the synthesiser.

    Source: Shokri et al. 2017 (shadow models); Stadler et al. 2022 (synthetic data); Houssiau et
    al. 2022 (TAPAS).

    Limits: It learns from few shadow releases, since each costs a fit of the synthesiser; more
    would make it stronger. It needs the same synthesiser, and people like those in the release.
    """

    name: ClassVar[str] = "synthetic/shadow-membership"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"scales"})
    modality: ClassVar[str] = "scales"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    shadows: int = 4

    def __post_init__(self) -> None:
        if self.shadows < 1:
            raise InputError(
                f"synthetic/shadow-membership shadows = {self.shadows}: make 1 or more"
            )

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return the log odds of membership of each known person.

        Raises:
            InvalidMeasurement: the attacker cannot make releases, or holds too few people.
        """
        held = (*knowledge.known.participants, *knowledge.reference.participants)
        everybody = knowledge.known.with_people(held)
        size = len(release.corpus.ids)
        games = [self._game(everybody, knowledge, size, rng) for _ in range(self.shadows)]
        played = [game for game in games if game is not None]
        if not played:
            raise InvalidMeasurement(
                "no shadow release could be made: without one nothing is learned"
            )
        weights = learn(
            np.concatenate([clues for clues, _ in played]),
            np.concatenate([member for _, member in played]),
        )
        corpora = (knowledge.known, knowledge.reference, release.corpus)
        space, (known, reference, released) = rows_of(*corpora)
        real = Scales(space=space, known=known, reference=reference, released=released)
        scores = weigh(clues_of(real, rng), weights)
        told = f"{len(played)} shadows"
        return (Membership(people=knowledge.known.ids, scores=scores, setting=told),)

    def _game(
        self, everybody: Corpus, knowledge: Knowledge, size: int, rng: np.random.Generator
    ) -> tuple[Floats, NDArray[np.bool_]] | None:
        """Return the clues of one shadow release and who its members were."""
        if knowledge.protect is None:
            raise InvalidMeasurement("this attacker cannot make releases of his own")
        order = rng.permutation(len(everybody.participants))
        apart = len(knowledge.reference.ids)
        candidates = order[apart:]
        # A release of few records may have been made from many people.
        inside = min(max(size, len(candidates) // 2), int(_MOST_MEMBERS * len(candidates)))
        if min(inside, len(candidates) - inside) < _FEWEST:
            raise InvalidMeasurement(
                f"{len(everybody.ids)} people are too few to play at {size} records"
            )
        people = everybody.participants
        known = everybody.with_people(people[i] for i in candidates)
        members = everybody.with_people(people[i] for i in candidates[:inside])
        try:
            made = knowledge.protect(members, rng)
        except MindveilError:
            return None
        beside = everybody.with_people(people[i] for i in order[:apart])
        space, (rows, reference, released) = rows_of(known, beside, made)
        game = Scales(space=space, known=rows, reference=reference, released=released)
        return clues_of(game, rng), np.arange(len(candidates)) < inside
