"""Put attackers in the server's seat of a federation, fold by fold."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Attacker, ModelKnowledge, UpdateAttack
from mindveil.corpus.folds import Fold
from mindveil.corpus.model import Corpus
from mindveil.dp.noise import seeded
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.evidence.measured import Truth
from mindveil.harness.context import Context
from mindveil.harness.models import met
from mindveil.harness.scoring import Bout
from mindveil.harness.steps import Steps
from mindveil.harness.views import teachers
from mindveil.plan import CellPlan, release_of
from mindveil.randomness import stream
from mindveil.train.base import Lessons
from mindveil.train.federated import FederatedTraining
from mindveil.train.federated_recipe import Federated
from mindveil.train.reader import Reader
from mindveil.train.sites import Indices
from mindveil.train.unit_rows import unit_rows
from mindveil.train.update_release import Ask, UpdateRelease


def update_bouts(
    context: Context, attack: UpdateAttack, cell: CellPlan, attacker: Attacker
) -> list[Bout]:
    """Put one attacker in the server's seat of the federation of every fold.

    The federation is opened anew for each of his questions, with fresh masks and noise: what is
    measured is how such a federation leaks, not the very run that taught the detector.

    Raises:
        InvalidMeasurement: in more than half of the folds nothing could be measured.
    """
    trainer, seed = _trainer(context, cell.release), context.study.seed
    bouts: list[Bout] = []
    why: InvalidMeasurement | None = None
    for fold in context.folds:
        people = met(
            context, cell.release, fold, context.corpus.select(fold.released | fold.held_out)
        )
        released, place = people.select(fold.released), tuple(map(str, fold.place))
        scene = _Scene.of(trainer, released, stream(seed, "sites", cell.release, *place))
        release = scene.release(cell.release)
        knowledge = ModelKnowledge(
            attacker=attacker,
            known=people,
            reference=_reference(context, attack, cell, fold),
            recipe=trainer.recipe(),
        )
        truth = Truth(
            person_of=scene.person_of(release),
            released=released,
            absent=people.select(fold.held_out),
            rows=_rows(release, people),
        )
        rng = stream(seed, cell.release, cell.measure, attacker, *place)
        try:
            guesses = attack.run(release, knowledge, rng)
            bouts.append(Bout(guesses=guesses, truth=truth, by_seat=True))
        except InvalidMeasurement as fault:
            why = fault
    if why is not None and 2 * len(bouts) < len(context.folds):
        raise why
    return bouts


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """The clients of one fold, who never learn who asks; ``client`` (people,) says who is where."""

    reader: Reader
    recipe: Federated
    lessons: Lessons
    client: Indices
    seed: tuple[int, ...]

    @classmethod
    def of(cls, trainer: FederatedTraining, released: Corpus, rng: np.random.Generator) -> _Scene:
        """Divide people among their clients; the order of clients says nothing."""
        lessons, recipe = trainer.lessons(released), trainer.recipe()
        return cls(
            reader=trainer.reader(released),
            recipe=recipe,
            lessons=lessons,
            client=recipe.division.of(lessons, rng),
            seed=tuple(rng.integers(0, 1 << 62, size=2).tolist()),
        )

    def release(self, name: str) -> UpdateRelease:
        """Return the federation as the server meets it: each time it begins, its chance is new."""
        clients = self.recipe.division.number(len(self.lessons.ids))
        terms = self.recipe.terms(self.lessons.rows.shape[1], clients)
        opened = count(1)

        def begin(*, masks: bool = True) -> Ask:
            chance = np.random.default_rng([*self.seed, next(opened)])
            sites = self.recipe.sites(self.lessons, self.client, seeded(chance), chance)
            sites.masks = masks
            return sites.ask

        return UpdateRelease(
            name=name,
            reader=self.reader,
            recipe=self.recipe,
            terms=terms,
            start=self.recipe.start(terms, np.random.default_rng([*self.seed, 0])),
            codes=tuple(f"client-{number + 1}" for number in range(clients)),
            begin=begin,
        )

    def person_of(self, release: UpdateRelease) -> dict[str, str]:
        """Return who is behind the code of each client, where a client is one person."""
        if not release.of_people:
            return {}
        return {release.codes[c]: i for c, i in zip(self.client, self.lessons.ids, strict=True)}


def _rows(release: UpdateRelease, people: Corpus) -> dict[str, NDArray[np.float64]]:
    """Return the unit row of everybody whom the federation can read."""
    lessons = release.reader.lessons(people)
    rows = unit_rows(lessons.rows, release.recipe.reach)
    return dict(zip(lessons.ids, rows, strict=True))


def _reference(context: Context, attack: UpdateAttack, cell: CellPlan, fold: Fold) -> Corpus:
    return met(context, cell.release, fold, teachers(context, fold.reference, attack.needs))


def _trainer(context: Context, name: str) -> FederatedTraining:
    trainer = Steps.of(release_of(context.study, name)).trainer
    if not isinstance(trainer, FederatedTraining):
        raise InputError(f"release {name!r} is no federation, and has no updates")
    return trainer
