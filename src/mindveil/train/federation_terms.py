"""What the parties of a federation agreed to before anybody was asked.

Everything here is in the study file, so that its hash covers it: a site that allows the study
allows these terms. How loud the noise is, how sums are counted and how often a client may be
asked all follow from them, at the server and at every site alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal

from mindveil.dp.accounting import DRAWS, Budget, Share
from mindveil.errors import InputError
from mindveil.train.client_steps import Local, parameters_of
from mindveil.train.heads import Shape
from mindveil.train.moments import UNITS, entries_of
from mindveil.train.server_rules import Rule

__all__ = ["Kind", "Privacy", "Terms", "Unit"]

Kind = Literal["update", "line", "moments"]
"""What a server asks for: a step of learning, the sums for a line, the sums for a regression."""
Unit = Literal["person", "client"]

LINE = 0.15
"""The share of the budget for the line, where steps are paid for as well."""

STEPS = 1 << 18
"""In how many parts the longest contribution to a step is counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Privacy:
    """What is promised, to each person or to each whole client, and against whom.

    ``clip`` is the longest contribution of a unit; ``people`` is about how many people there are,
    as anybody may know. Noise is divided among clients under masks: as long as no more than
    ``colluding`` of them tell the server their part, what is left suffices.
    """

    budget: Budget
    unit: Unit = "person"
    clip: float = 0.5
    colluding: int = 0
    people: int = 300
    small_cohort: bool = False

    def __post_init__(self) -> None:
        if not (0.0 < self.clip < math.inf and self.people >= 1):
            raise InputError(
                f"a clip of {self.clip!r} and {self.people} people promise nothing: give a finite "
                "clip above 0, and 1 person or more"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How clients learn, how the server joins what they send, and what hides them.

    Under ``secure`` the server sees a sum of at least ``threshold`` clients and nothing else.
    ``regression`` asks for the sums of one regression instead of steps.
    """

    shape: Shape
    local: Local
    rule: Rule
    clients: int
    secure: bool = True
    threshold: int = 0
    privacy: Privacy | None = None
    regression: bool = False

    def __post_init__(self) -> None:
        least = self.threshold if self.secure else 1
        if self.secure and not self.clients / 2 < least <= self.clients:
            raise InputError(
                f"masks of {self.clients} clients need a threshold of {self.clients // 2 + 1} to "
                f"{self.clients}, not {least}: two groups below half could be unmasked apart"
            )
        if self.secure and self.rule.combine != "mean":
            raise InputError(
                f"combine = {self.rule.combine!r} looks at each client's update, which masks hide; "
                "set secure = false, or combine = 'mean'"
            )
        if self.regression and self.rule.combine != "mean":
            raise InputError("the sums of a regression can only be added: set combine = 'mean'")
        told = self.privacy
        if told and not 0 <= told.colluding < least and self.secure:
            raise InputError(
                f"of {least} clients that must answer, {told.colluding} cannot be taken to tell "
                f"the server their noise; give 0 to {least - 1}"
            )
        if told and self.secure and self.honest > 1 and 2 * least <= self.clients + told.colluding:
            raise InputError(
                f"a threshold of {least} of {self.clients} clients does not hold against a server "
                f"and {told.colluding} clients together: told different lists of who stayed, two "
                f"groups could take the masks off one client; ask for {self._sturdy} or more"
            )
        if told and self.draws > DRAWS:
            raise InputError(
                f"{self.draws:,} noisy numbers are more than the {DRAWS:,} that one promise covers; "
                "take fewer rounds, columns or hidden units"
            )

    @property
    def _sturdy(self) -> int:
        """The threshold at which no two groups of honest clients can answer different requests."""
        assert self.privacy is not None
        return (self.clients + self.privacy.colluding) // 2 + 1

    @property
    def stepping(self) -> Local:
        """How a client computes: one bounded step where each person is promised something."""
        if self.privacy is None or self.per_client:
            return self.local
        return replace(self.local, steps=1, batch=0, l2=0.0, clip=self.privacy.clip)

    @property
    def honest(self) -> int:
        """Over how many clients' parts the noise of a sum is spread."""
        if self.privacy is None or not self.secure:
            return 1
        return self.threshold - self.privacy.colluding

    @property
    def asked(self) -> int:
        """How often a client answers what teaches: steps, or the sums of a regression."""
        return self.paid("moments" if self.regression else "update")

    def paid(self, kind: Kind) -> int:
        """Return how many answers of a kind a client agreed to give, and is paid for."""
        if self.regression or kind == "moments":
            return int(self.regression and kind == "moments")
        return 1 if kind == "line" else self.rule.rounds

    @property
    def draws(self) -> int:
        """How many noisy numbers the server sees in all, of one client."""
        kinds: tuple[Kind, ...] = ("moments",) if self.regression else ("line",)
        steps = 0 if self.regression else self.rule.rounds * self.entries("update")
        return steps + sum(map(self.entries, kinds))

    def entries(self, kind: Kind) -> int:
        """Return how many numbers an answer holds."""
        if kind == "update":
            return parameters_of(self.shape) + 1
        return entries_of(1 if kind == "line" else self.shape.columns)

    def share(self, kind: Kind) -> Share:
        """Return what part of the budget one answer of this kind spends."""
        assert self.privacy is not None
        if kind == "moments":
            return self.privacy.budget.share(1.0)
        part = LINE if kind == "line" else (1.0 - LINE) / self.rule.rounds
        return self.privacy.budget.share(part)

    def longest(self, kind: Kind) -> float:
        """Return how long the contribution of one unit may be."""
        assert self.privacy is not None
        if kind != "update":
            return 1.0
        return self.privacy.clip * (1.0 if self.per_client else self.local.learning_rate)

    def grain(self, kind: Kind) -> int:
        """Return in how many parts the longest contribution is counted.

        Every contribution is whole numbers of each person, or else of each client; those of steps
        are finer, as many entries share one length.
        """
        return STEPS if kind == "update" else UNITS

    def part_of_noise(self, kind: Kind) -> float:
        """Return the standard deviation that each client adds, in grains."""
        grain = float(self.grain(kind))
        if self.per_client:  # a client's mean is rounded after it was shortened
            grain += math.sqrt(self.entries(kind))
        return self.share(kind).sigma(grain) / math.sqrt(self.honest)

    def noise_in_all(self, kind: Kind) -> float:
        """Return the noise in a sum of all clients, in units of the longest contribution.

        No less than what is promised counts on: everybody's part is in it, trusted or not.
        """
        if self.privacy is None:
            return 0.0
        return self.part_of_noise(kind) * math.sqrt(self.clients) / self.grain(kind)

    @property
    def per_client(self) -> bool:
        """Whether what is promised is promised to whole clients."""
        return self.privacy is not None and self.privacy.unit == "client"
