"""What the updates of a federation give away: 300 people, 5 folds by person, the server's seat.

Per fold 180 people teach, 60 are the attacker's to learn from and 60 are held out; he holds the
rows of those who teach and of those held out, and does not know who is who. First every person is
a client of her own, and the server sees updates as they are; then masks hide them, and servers get
round masks; then each person is promised something; then sums of more and more people are asked.
Intervals are over people. Only what people wrote is read.

What is cut to stay within minutes: one division of the people, 20 ``VICTIMS`` a fold behind masks,
8 rounds where nothing is promised and where sums of few are asked. Masks are really made where
masked messages are read, in two rounds; all other sums are told as masks would leave them.
"""

from __future__ import annotations

import math
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from typing import ClassVar

import numpy as np
from running import PROJECT, corpus, figure
from scipy.special import logsumexp

from mindveil.attack.base import (
    Attacker,
    Guesses,
    Holding,
    Membership,
    ModelKnowledge,
    Reconstructions,
    UpdateAttack,
)
from mindveil.attack.own_updates import held_by, moves_alone
from mindveil.attack.update_crowds import crowd_rows
from mindveil.attack.update_inversion import GradientInversion
from mindveil.attack.update_membership import UpdateMembership
from mindveil.attack.update_rows import Prior
from mindveil.attack.update_views import View, noise_of_one, views_of
from mindveil.corpus.folds import Fold
from mindveil.corpus.model import Corpus, Modality
from mindveil.dp.noise import seeded
from mindveil.evidence.measured import Measured, Truth
from mindveil.features.shelf import shelf
from mindveil.harness.context import Context, context_of
from mindveil.harness.scoring import Bout, score_bouts
from mindveil.randomness import stream
from mindveil.secure_sum import usual_threshold
from mindveil.study_file import parse_study
from mindveil.train.federated import FederatedTraining
from mindveil.train.reader import Inputs
from mindveil.train.site_answers import Request
from mindveil.train.unit_rows import unit_rows
from mindveil.train.update_release import Ask, UpdateRelease

SEED = 20261122
TARGET = "phq9>=10"
TEACH = 180
VICTIMS = 20
READ: tuple[Inputs, ...] = ("contrasts", "anchors")
SIZES = (1, 2, 5, 10, 20, 50)
EPSILONS = (8.0, 3.0, 1.0)

ALONE = FederatedTraining(target=TARGET, modality="text", split="people", rounds=8)
OPEN = replace(ALONE, secure=False)
BOUNDED = replace(ALONE, rounds=30, learning_rate=6.0, clip=0.25, delta=1e-4, people=TEACH)
"""One bounded step a round, as in ``phq9_gad7_federated.py``."""
FULL = usual_threshold(TEACH) - 1
"""So many collude that each client's noise has to suffice by itself."""
INVERSION = GradientInversion(victims=VICTIMS)
EXACT = 1e-10
"""Of what a person sends, squared: roundings of single precision are below it."""
SHOWN = frozenset({"cosine", "rank1", "auc", "advantage"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SumRows:
    """Rows from sums of so many clients at a time, all of them in turn, at an honest course."""

    name: ClassVar[str] = "updates/gradient-inversion"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "updates"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    clients: int

    def run(
        self, release: UpdateRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return rows that may be anybody's."""
        held = held_by(release, knowledge)
        prior = Prior.of(held.data.rows[len(held.candidates) :])
        watched = views_of(release, None, 1, rng)[0]
        view = _sums(release, watched, self.clients, rng)
        rows = crowd_rows(release.terms, view, prior, rng)
        return (Reconstructions(rows=rows, setting=f"sum of {self.clients} clients"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Was she one of two? All pairs of candidates are tried on each sum of two clients."""

    name: ClassVar[str] = "updates/membership"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "updates"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    def run(
        self, release: UpdateRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return how likely it is that each candidate is in some pair."""
        held = held_by(release, knowledge)
        known = len(held.candidates)
        view = _sums(release, views_of(release, None, 1, rng)[0], 2, rng)
        own = np.hstack([moves_alone(release.terms, held.data, w)[:known] for w in view.sent])
        alike = own @ own.T
        length = np.diag(alike)
        both = length[:, None] + length[None, :] + 2.0 * alike
        np.fill_diagonal(both, np.inf)  # nobody is there twice
        ridge = view.noise**2 + EXACT * float(length.mean())
        each = []
        for signal in np.hstack(list(view.signals)):
            heard = own @ signal
            away = signal @ signal + both - 2.0 * (heard[:, None] + heard[None, :])
            fits = -np.maximum(away, 0.0) / (2.0 * ridge)
            each.append(logsumexp(fits, axis=1) - logsumexp(fits))
        scores = np.logaddexp.reduce(each)
        return (Membership(people=held.candidates, scores=scores, setting="all pairs tried"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who asks what of which federation; ``masks`` that what the server watches is masked."""

    name: str
    trainer: FederatedTraining
    attack: UpdateAttack = INVERSION
    masks: bool = False


def main() -> None:
    """Print what each seat of the server learns."""
    folder = corpus("csv", "phq9_gad7_text/dep_wor.csv", "phq9_gad7_text")
    context = context_of(parse_study(study(folder), "updates", PROJECT / "runs" / "updates"))
    with shelf(PROJECT / "runs" / "phq9_gad7_text" / "features"):
        for title, seats in {
            "updates of single people, as they are": plain(),
            "the same behind masks": masked(),
            "the same with a promise to each person": promised(),
            "sums, against the number of people in them": sums(),
            "five sites of unequal size": five_sites(),
        }.items():
            print(f"\n{title}")
            for seat in seats:
                show(context, seat)


def study(folder: Path) -> dict[str, object]:
    """Return the study whose folds, line-up and resamples are used; nothing of it is run."""
    step = {"use": "train/central", "target": TARGET, "modality": "text"}
    release = [{"name": "open", "steps": [step]}]
    return {"study": "updates", "corpus": str(folder), "out": "run", "release": release}


def plain() -> list[Seat]:
    """Return servers that see every single person's update."""
    return [
        Seat(
            name=f"{inputs}, {hidden or 'no'} hidden units, {steps} local steps",
            trainer=replace(OPEN, inputs=inputs, hidden=hidden, local_steps=steps),
        )
        for inputs in READ
        for hidden in (0, 16)
        for steps in (1, 5)
    ]


def masked() -> list[Seat]:
    """Return servers that see what masks leave, and such as get round them."""
    return [
        Seat(name="no hidden units", trainer=ALONE),
        Seat(name="no hidden units, 2 rounds", trainer=replace(ALONE, rounds=2), masks=True),
        Seat(name="16 hidden units", trainer=replace(ALONE, hidden=16)),
        Seat(name="no hidden units", trainer=ALONE, attack=UpdateMembership()),
    ]


def promised() -> list[Seat]:
    """Return the same servers where each person was promised something."""
    return [
        Seat(
            name=f"epsilon {epsilon:g}, noise {name}",
            trainer=replace(BOUNDED, epsilon=epsilon, colluding=colluding),
            attack=attack,
        )
        for epsilon in EPSILONS
        for name, colluding in {"shared": 0, "in full at each": FULL}.items()
        for attack in (INVERSION, UpdateMembership())
    ]


def sums() -> list[Seat]:
    """Return servers that are told sums of so many people, everybody in turn."""
    loud = replace(BOUNDED, rounds=8, secure=False, epsilon=8.0)
    attacks: tuple[UpdateAttack, ...] = (
        UpdateMembership(aggregates=SIZES[2:]),
        Pairs(),
        *(SumRows(clients=clients) for clients in SIZES),
    )
    return [
        Seat(name=name, trainer=trainer, attack=attack)
        for name, trainer in {"no promise": OPEN, "epsilon 8, in full at each": loud}.items()
        for attack in attacks
    ]


def five_sites() -> list[Seat]:
    """Return servers of five sites, with and without masks, without and with a promise."""
    return [
        Seat(
            name=f"{name}, {'masks' if secure else 'every update is seen'}",
            trainer=replace(trainer, split="unequal", clients=5, secure=secure),
            attack=attack,
        )
        for name, trainer in {
            "no promise": ALONE,
            "epsilon 8": replace(BOUNDED, epsilon=8.0),
        }.items()
        for secure in (False, True)
        for attack in (GradientInversion(victims=5), UpdateMembership())
    ]


def show(context: Context, seat: Seat) -> None:
    """Print the figures of one seat."""
    bouts, purpose = [], (seat.name, seat.attack.name)
    for fold in context.folds:
        release, knowledge, truth = met(context, seat, fold)
        rng = stream(SEED, "attack", *purpose, *map(str, fold.place))
        bouts.append(Bout(guesses=seat.attack.run(release, knowledge, rng), truth=truth))
    for found in score_bouts(context, bouts, "", stream(SEED, "people", *purpose)):
        if found.metric.partition("@")[0] in SHOWN:
            print(f"  {seat.name}, {seat.attack.name}: {found.metric} {_told(found)}", flush=True)


def met(context: Context, seat: Seat, fold: Fold) -> tuple[UpdateRelease, ModelKnowledge, Truth]:
    """Return the federation of a fold, what its server knows, and who is behind its clients."""
    released, absent = (context.corpus.select(ids) for ids in (fold.released, fold.held_out))
    known = context.corpus.select(fold.released | fold.held_out)
    release, behind = opened(seat, released, stream(SEED, "clients", *map(str, fold.place)))
    knowledge = ModelKnowledge(
        attacker="semi-informed",
        known=known,
        reference=context.corpus.select(fold.reference),
        recipe=release.recipe,
    )
    everybody = release.reader.lessons(known)
    rows = unit_rows(everybody.rows, release.recipe.reach)
    truth = Truth(
        person_of=behind if release.of_people else {},
        released=released,
        absent=absent,
        rows=dict(zip(everybody.ids, rows, strict=True)),
    )
    return release, knowledge, truth


def opened(
    seat: Seat, released: Corpus, rng: np.random.Generator
) -> tuple[UpdateRelease, dict[str, str]]:
    """Return the federation of these people, and who is behind each code; chance is seeded."""
    recipe, reader = seat.trainer.recipe(), seat.trainer.reader(released)
    lessons = reader.lessons(released)
    client = recipe.division.of(lessons, rng)
    clients = recipe.division.number(len(lessons.ids))
    terms = recipe.terms(lessons.rows.shape[1], clients)
    seed, times = rng.integers(0, 1 << 62, size=2).tolist(), count(1)

    def begin(*, masks: bool = True) -> Ask:
        chance = np.random.default_rng([*seed, next(times)])
        sites = recipe.sites(lessons, client, seeded(chance), chance)
        sites.masks = masks and seat.masks
        return sites.ask

    release = UpdateRelease(
        name="people",
        reader=reader,
        recipe=recipe,
        terms=terms,
        start=recipe.start(terms, np.random.default_rng([*seed, 0])),
        codes=tuple(f"client-{number + 1}" for number in range(clients)),
        begin=begin,
    )
    return release, {release.codes[c]: i for c, i in zip(client, lessons.ids, strict=True)}


def _sums(release: UpdateRelease, watched: View, k: int, rng: np.random.Generator) -> View:
    """Return what k clients at a time answer to the weights that were watched."""
    terms, ask = release.terms, release.begin(masks=False)
    everybody = tuple(range(terms.clients))
    groups = np.array_split(rng.permutation(terms.clients), terms.clients // k)
    found = np.zeros((len(watched.sent), len(groups), terms.entries("update")))
    for number, sent in enumerate(watched.sent):
        request = Request(kind="update", round_number=number, sent=sent, chosen=everybody)
        told = ask(request).messages
        assert told is not None  # these clients wear no masks
        found[number] = [told[group].sum(axis=0) for group in groups]
    return replace(
        watched,
        signals=found[:, :, :-1],
        counts=found[:, :, -1],
        there=np.ones(found.shape[:2], np.bool_),
        clients=(),
        noise=noise_of_one(terms, "update") * math.sqrt(max(map(len, groups))),
    )


def _told(found: Measured) -> str:
    told = figure(found.estimate)
    if found.control is not None:
        told += f", control {figure(found.control)}"
    return told if found.baseline is None else f"{told}, baseline {found.baseline:.3f}"


if __name__ == "__main__":
    main()
