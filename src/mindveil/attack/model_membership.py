"""``model/membership-...``: "was she among those who taught this detector?", asked in five ways.

Two train shadow heads (LiRA, RMIA), three only ask the model (loss, quantile, label-only). All
hold the very rows of the candidates with their answers, and none is told who taught the model.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.attack.base import (
    Attacker,
    Guesses,
    Holding,
    Membership,
    ModelKnowledge,
)
from mindveil.attack.label_only import robustness
from mindveil.attack.likelihood_ratio import likelihood_ratios
from mindveil.attack.model_game import Game, game_of, shadows_of
from mindveil.attack.model_signals import LEAST_SHADOWS, loss_scores, require_told
from mindveil.attack.quantile_threshold import quantile_scores
from mindveil.attack.relative_membership import relative_membership
from mindveil.corpus.model import Modality
from mindveil.errors import InputError
from mindveil.train.base import Flags, Floats
from mindveil.train.detector import ModelRelease


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipLoss:
    """Take those for members whom the model gets least wrong (Yeom et al. 2018).

    Source: Yeom et al. 2018.

    Limits: It treats everybody alike, so that people who are hard to judge hide those who were
    learnt by heart: that it fails says little.
    """

    name: ClassVar[str] = "model/membership-loss"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "model"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant",)

    def run(
        self,
        release: ModelRelease,
        knowledge: ModelKnowledge,
        rng: np.random.Generator,  # noqa: ARG002 - draws nothing
    ) -> tuple[Guesses, ...]:
        """Return how much smaller each known person's loss is than that of her class.

        Raises:
            InvalidMeasurement: too few people can be scored, or all are scored alike.
        """
        game = game_of(release, knowledge)
        return (_guesses(game, loss_scores(game.sure, game.everybody.labels)),)


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipLira:
    """Weigh two bells of shadow heads, with the person and without (Carlini et al. 2022).

    ``shadows`` heads are taught by random halves of everybody the attacker holds.

    Source: Carlini et al. 2022 (LiRA).

    Limits: It needs the recipe and many people like those who taught; with few shadows its tails
    are rough. Some hundred people cannot show rates at very few false alarms.
    """

    name: ClassVar[str] = "model/membership-lira"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "model"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    shadows: int = 64

    def __post_init__(self) -> None:
        _require_shadows(self.name, self.shadows)

    def run(
        self, release: ModelRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return online, offline and fixed-variance likelihood ratios of each known person.

        Raises:
            InvalidMeasurement: the recipe refuses so few people, or all are scored alike.
        """
        game = game_of(release, knowledge)
        shadow = shadows_of(game, knowledge, self.shadows, rng)
        ratios = likelihood_ratios(game.sure, shadow.sure, shadow.inside)
        told = f"{self.shadows} shadows"
        return (
            _guesses(game, ratios.online, f"online, {told}"),
            _guesses(game, ratios.offline, f"offline, {told}"),
            _guesses(game, ratios.fixed, f"fixed variance, {told}"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRmia:
    """Compare each person with everybody else, pair by pair (Zarifzadeh et al. 2024).

    Source: Zarifzadeh et al. 2024 (RMIA).

    Limits: It needs the recipe and people like those who taught. Some hundred people cannot show
    rates at very few false alarms.
    """

    name: ClassVar[str] = "model/membership-rmia"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "model"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    shadows: int = 64

    def __post_init__(self) -> None:
        _require_shadows(self.name, self.shadows)

    def run(
        self, release: ModelRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return the place of each known person's ratio, with heads on both sides and on one.

        Raises:
            InvalidMeasurement: the recipe refuses so few people, or all are scored alike.
        """
        game = game_of(release, knowledge)
        shadow = shadows_of(game, knowledge, self.shadows, rng)
        found = relative_membership(game.sure, shadow.sure, shadow.inside)
        told = f"{self.shadows} shadows"
        return (
            _guesses(game, found.online, f"online, {told}"),
            _guesses(game, found.offline, f"offline, {told}"),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipQuantile:
    """Ask how sure the model would be of strangers with such rows (Bertran et al. 2023).

    Source: Bertran et al. 2023.

    Limits: It learns from strangers what is usual; with few of them it is rough. It does not see
    what the training would have been without the person.
    """

    name: ClassVar[str] = "model/membership-quantile"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "model"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    def run(
        self,
        release: ModelRelease,
        knowledge: ModelKnowledge,
        rng: np.random.Generator,  # noqa: ARG002 - draws nothing
    ) -> tuple[Guesses, ...]:
        """Return how far above the expectation of a stranger each known person lies.

        Raises:
            InvalidMeasurement: too few reference people, or all are scored alike.
        """
        game = game_of(release, knowledge)
        scores = np.full(len(game.known), np.nan)
        rows, labels, known = game.everybody.rows, game.everybody.labels, game.known
        scores[known] = quantile_scores(
            rows[~known],
            game.sure[~known],
            rows[known],
            game.sure[known],
            (labels[~known], labels[known]),
        )
        return (_guesses(game, scores),)


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipLabelOnly:
    """Shake each person's row until the model's decision changes (Choquette-Choo et al. 2021).

    Source: Choquette-Choo et al. 2021.

    Limits: It sees decisions alone and is the weakest of the tests of membership: that it fails
    says little.
    """

    name: ClassVar[str] = "model/membership-label-only"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "model"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant",)

    def run(
        self, release: ModelRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return how robustly each known person's class is named.

        Raises:
            InvalidMeasurement: too few people can be scored, or all are scored alike.
        """
        game = game_of(release, knowledge)
        head = release.model.head

        def ask(rows: Floats) -> Flags:
            return head.log_odds(rows) >= 0

        return (_guesses(game, robustness(ask, game.everybody.rows, game.everybody.labels, rng)),)


def _guesses(game: Game, scores: Floats, setting: str = "") -> Membership:
    """Return the scores of the candidates who have one."""
    known = require_told(scores[game.known])
    there = ~np.isnan(known)
    people = tuple(p for p, t in zip(game.candidates, there, strict=True) if t)
    return Membership(people=people, scores=known[there], tier="trained", setting=setting)


def _require_shadows(name: str, shadows: int) -> None:
    if shadows < LEAST_SHADOWS:
        raise InputError(f"{name} shadows = {shadows}: train {LEAST_SHADOWS} or more")
