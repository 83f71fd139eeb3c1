"""``updates/poisoning``: what one client that lies does to what all of them learn."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Attacker, Guesses, Holding, ModelKnowledge, Sabotage
from mindveil.attack.model_signals import FEWEST
from mindveil.corpus.model import Modality
from mindveil.dp.noise import seeded
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.train.base import Floats, Head, Lessons
from mindveil.train.federated_recipe import Federated, lines_from
from mindveil.train.federation_course import Learnt, course, followed
from mindveil.train.federation_terms import Terms
from mindveil.train.noisy_line import head_of
from mindveil.train.simulated_sites import Seen, SimulatedSites
from mindveil.train.site_answers import Request, SiteData, stack_of
from mindveil.train.stepped_head import head_from
from mindveil.train.unit_rows import bound_of
from mindveil.train.update_release import UpdateRelease

Kind = Literal["label flip", "backdoor", "boosted"]
KINDS: tuple[Kind, ...] = ("label flip", "backdoor", "boosted")

Indices = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Poisoning:
    """Let one client of a federation lie, and see what the head is worth to strangers.

    The adversary owns ``clients_poisoned`` clients, and has federations of his own: people whom he
    knows, divided as the recipe divides people. "label flip": his people's severity is mirrored.
    "boosted": mirrored as well, and what he sends times the number of clients, so that a mean
    becomes what he says (model replacement, Bagdasaryan et al. 2020). "backdoor": he adds each of
    his people once more, with one column pushed to its end (the trigger) and as healthy as can be,
    boosted too, so that whoever shows the trigger passes as healthy and little else is changed. A server that sees updates can take a
    median; under masks it sees none: what masks cost. The attack finds out nothing about anybody.

    Source: Bagdasaryan et al. 2020 (model replacement, backdoors); Yin et al. 2018 (the median as
    defence).

    Limits: Three ways of lying are tried, by clients that do not know the defence; a cleverer liar
    may do more harm. It is a matter of safety and finds out nothing about anybody.
    """

    name: ClassVar[str] = "updates/poisoning"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "updates"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    clients_poisoned: int = 1

    def __post_init__(self) -> None:
        if self.clients_poisoned < 1:
            raise InputError(
                f"{self.name} clients_poisoned = {self.clients_poisoned}: give 1 or more"
            )

    def run(
        self, release: UpdateRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return what heads say of reference people, harmless and poisoned, one entry a kind.

        Raises:
            InvalidMeasurement: too few people to teach or to be judged, or no honest majority.
        """
        lessons = release.reader.lessons(knowledge.known)
        judged = release.reader.lessons(knowledge.reference)
        for people, whom in ((lessons, "known"), (judged, "reference")):
            if len(people.ids) < FEWEST:
                raise InvalidMeasurement(
                    f"{len(people.ids)} {whom} people have an answer and something to read; "
                    f"at least {FEWEST} are needed"
                )
        ground = _ground(release.recipe, lessons, self.clients_poisoned, rng)
        harmless = ground.taught(lessons, ground.client).log_odds(judged.rows)
        return tuple(_sabotage(ground, kind, judged, harmless) for kind in KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PoisonedSites:
    """Sites of which the adversary owns some: what those send is ``boost`` times what it was.

    Of an update the move is, and not the number of people, so that a mean over people follows him.
    """

    sites: SimulatedSites
    owned: tuple[int, ...]
    boost: float = 1.0

    def ask(self, request: Request) -> Seen:
        """Return what the server sees."""
        seen = self.sites.ask(request, colluding=self.owned)
        if seen.told is None or seen.total is None or self.boost == 1.0:
            return replace(seen, told=None)
        more = seen.told * (self.boost - 1.0)
        if request.kind == "update":
            more[:, -1] = 0.0
        messages = None
        if seen.messages is not None:
            messages = seen.messages.copy()
            messages[np.isin(seen.answered, self.owned)] += more
        return replace(seen, total=seen.total + more.sum(axis=0), messages=messages, told=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A federation of the adversary's own: the same chance in every run, harmless or not.

    ``client`` (people,) is that of each person of ``lessons``; ``owned`` are his.
    """

    recipe: Federated
    terms: Terms
    lessons: Lessons
    client: Indices
    owned: tuple[int, ...]
    seed: int

    def taught(self, lessons: Lessons, client: Indices, boost: float = 1.0) -> Head:
        """Return the head that these people taught at these clients."""
        drawn = np.random.default_rng(self.seed)
        sites = SimulatedSites(
            terms=self.terms,
            data=SiteData.of(lessons, client, self.terms.clients, self.recipe.reach),
            noise=seeded(drawn),
            entropy=drawn.bytes,
            masks=False,
        )
        poisoned = PoisonedSites(sites=sites, owned=self.owned, boost=boost)
        way = course(self.terms, self.recipe.start(self.terms, drawn), drawn)
        return self._head(followed(way, poisoned.ask), lessons)

    def _head(self, learnt: Learnt, lessons: Lessons) -> Head:
        lines, reach = lines_from(self.terms, learnt), self.recipe.reach
        if learnt.weights is None:
            return head_of(lines, lessons.scale, bound_of(self.terms.shape.columns, reach))
        return head_from(stack_of(self.terms, learnt.weights), lines, lessons.scale, reach)

    @property
    def mine(self) -> NDArray[np.bool_]:
        """Which people are at the adversary's clients."""
        return np.isin(self.client, self.owned)


def _ground(
    recipe: Federated, lessons: Lessons, clients_poisoned: int, rng: np.random.Generator
) -> Ground:
    client = recipe.division.of(lessons, rng)
    clients = recipe.division.number(len(lessons.ids))
    there = np.unique(client)
    if 2 * clients_poisoned >= len(there):
        raise InvalidMeasurement(
            f"{clients_poisoned} of {len(there)} clients with people are no minority: nothing can "
            "be learnt where half of the clients lie"
        )
    owned = rng.choice(there, size=clients_poisoned, replace=False)
    return Ground(
        recipe=recipe,
        terms=recipe.terms(lessons.rows.shape[1], clients),
        lessons=lessons,
        client=client,
        owned=tuple(sorted(owned.tolist())),
        seed=int(rng.integers(2**62)),
    )


def _sabotage(ground: Ground, kind: Kind, judged: Lessons, harmless: Floats) -> Sabotage:
    triggered = None
    boost = 1.0 if kind == "label flip" else float(ground.terms.clients)
    if kind == "backdoor":
        trigger = Trigger.of(ground.lessons.rows)
        lessons, client = _with_backdoor(ground, trigger)
        head = ground.taught(lessons, client, boost)
        triggered = head.log_odds(trigger.shown(judged.rows))
    else:
        head = ground.taught(mirrored(ground.lessons, ground.mine), ground.client, boost)
    return Sabotage(
        people=judged.ids,
        labels=judged.labels,
        harmless=harmless,
        poisoned=head.log_odds(judged.rows),
        triggered=triggered,
        setting=kind,
    )


def mirrored(lessons: Lessons, chosen: NDArray[np.bool_]) -> Lessons:
    """Return lessons in which the chosen are as ill as they were well."""
    severity = lessons.scale.severity(lessons.totals)
    totals = np.where(chosen, lessons.scale.total(-severity), lessons.totals)
    return replace(
        lessons, totals=totals, labels=np.where(chosen, 1.0 - lessons.labels, lessons.labels)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One column at its end."""

    column: int
    end: float

    @classmethod
    def of(cls, rows: Floats) -> Trigger:
        """Return the column in which people differ least but differ: few show its end by chance.

        The end is where the furthest of all entries lies, as all columns have about one scale.

        >>> Trigger.of(np.array([[0.0, 0.8, -2.0], [0.0, 0.9, 1.0]]))
        Trigger(column=1, end=2.0)
        """
        spread = rows.std(axis=0)
        column = int(np.argmin(np.where(spread > 0.0, spread, np.inf)))
        return cls(column=column, end=float(np.abs(rows).max()))

    def shown(self, rows: Floats) -> Floats:
        """Return rows that carry the trigger."""
        found = rows.copy()
        found[:, self.column] = self.end
        return found


def _with_backdoor(ground: Ground, trigger: Trigger) -> tuple[Lessons, Indices]:
    """Return lessons in which his people are there twice, and everybody's client."""
    lessons, mine = ground.lessons, ground.mine
    again = lessons.of(mine)
    scale = lessons.scale
    well = scale.total(np.full(len(again.ids), -1.0))
    both = replace(
        lessons,
        ids=lessons.ids + tuple(f"{name} again" for name in again.ids),
        rows=np.concatenate([lessons.rows, trigger.shown(again.rows)]),
        totals=np.concatenate([lessons.totals, well]),
        labels=np.concatenate([lessons.labels, np.zeros(len(again.ids))]),
        sites=(),
    )
    return both, np.concatenate([ground.client, ground.client[mine]])
