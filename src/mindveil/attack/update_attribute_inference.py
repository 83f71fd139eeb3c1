"""``updates/attribute-inference``: what a person's update says of her sex, age and background."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from threadpoolctl import threadpool_limits

from mindveil.attack.attribute_inference import classify, guess_ages
from mindveil.attack.attribute_levels import AGE, GUESSED, common_levels, level_of
from mindveil.attack.base import Attacker, Attributes, Guesses, Holding, ModelKnowledge
from mindveil.attack.own_updates import alone, each_alone
from mindveil.attack.update_views import MASKED, View, noise_of_one, views_of
from mindveil.corpus.model import Attribute, Corpus, Modality
from mindveil.errors import InvalidMeasurement
from mindveil.train.base import Flags, Floats
from mindveil.train.client_steps import tensors_of
from mindveil.train.federation_terms import Kind, Terms
from mindveil.train.site_answers import Request, SiteData, decoded, under_masks
from mindveil.train.update_release import UpdateRelease

_LEAST_TEACHERS = 8
_LEAST_OF_A_LEVEL = 3
_MANY = 10
"""Levels of a column above which it is no group but nearly a name."""
_CLIP = 3.0
_TINY = 1e-30


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateAttributeInference:
    """Guess the sex, the age group and each declared column of each person from her update.

    Every client is one person. The adversary has reference people of whom he knows all; what they
    would have sent in the same rounds, with noise as loud, he computes, and learns from it what
    goes with each level (Feng et al. 2021, of speech). The first layer tells most: what a person
    sends for a unit is her row times what was wrong, and for its constant what was wrong alone.
    Under masks he reads the messages as they come, which ought to tell nothing. The commonest
    level is what a guesser reaches.

    Source: Feng et al. 2021 (of updates in speech).

    Limits: It needs clients of one person each; of a hospital's update it is not asked. The server
    is taken to know the recipe and people like those at the clients.
    """

    name: ClassVar[str] = "updates/attribute-inference"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "updates"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    def run(
        self, release: UpdateRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return one guess a client and field.

        Raises:
            InvalidMeasurement: clients are not single persons, or too few reference people are
                known to differ in anything.
        """
        terms = release.terms
        if not release.of_people:
            raise InvalidMeasurement(
                f"each of {terms.clients} clients has many people, and what an update says of one "
                "of them is not asked; make every person a client (split = 'people')"
            )
        teachers = release.reader.lessons(knowledge.reference)
        known = knowledge.reference.select(frozenset(teachers.ids))
        values = {p.participant_id: p.attributes for p in known.participants}
        fields = {
            name: [values[person].get(name) for person in teachers.ids]
            for name in fields_of(knowledge.reference)
        }
        fields = {name: told for name, told in fields.items() if _taught(_levels(name, told))}
        if not fields:
            raise InvalidMeasurement(
                f"no column is known of {_LEAST_TEACHERS} reference people with "
                f"{_LEAST_OF_A_LEVEL} of two levels: nobody teaches the attacker"
            )
        view = _masked(release) if terms.secure else views_of(release, None, 0, rng)[0]
        own = _own_signals(terms, view, each_alone(teachers, release.recipe.reach), rng)
        lessons, exam = _side_by_side(
            features_of(terms, view.kind, own, np.ones(own.shape[:2], np.bool_), view.noise),
            features_of(terms, view.kind, view.signals, view.there, view.noise),
        )
        seen: Flags = np.asarray(view.there.any(axis=0), np.bool_)
        codes = tuple(c for c, here in zip(release.codes, seen, strict=True) if here)
        with threadpool_limits(limits=1):  # matrices so small cost many threads more than one
            guesses = {
                name: _answers(name, lessons, told, exam[seen], rng)
                for name, told in fields.items()
            }
        told_openly = {name: (False,) * len(codes) for name in guesses}
        return (Attributes(records=codes, guesses=guesses, stated=told_openly),)


def fields_of(corpus: Corpus) -> tuple[str, ...]:
    """Return the columns that are guessed: sex, gender, age, and all declared to be told of."""
    declared = (*corpus.roles("quasi"), *corpus.roles("sensitive"))
    return tuple(dict.fromkeys((*GUESSED, *declared)))


def features_of(
    terms: Terms, kind: Kind, signals: Floats, there: Flags, noise: float
) -> list[Floats]:
    """Return what signals (rounds, clients, entries) say of each client: (clients, d) each.

    First her row: the first layer's move divided by that of its constants, in the least-squares
    sense over units and rounds, shortened by the noise. Then her mean move, for how ill she is.
    Of the sums of a regression both are told in full.
    """
    count = np.maximum(there.sum(axis=0), 1)[:, None]
    mean = signals.sum(axis=0) / count
    if kind == "moments":
        columns = terms.shape.columns
        return [mean[:, 1 : 1 + columns], mean[:, 1 + columns : 2 + columns]]
    first = np.asarray(tensors_of(terms.shape, signals)[0], np.float64)
    wrong = first[..., -1]
    power = np.square(wrong).sum(axis=(0, 2))
    unsure = noise**2 * count[:, 0] * wrong.shape[2]
    row = np.einsum("rcuk,rcu->ck", first[..., :-1], wrong)
    return [row / (power + unsure + _TINY)[:, None], mean]


def _own_signals(terms: Terms, view: View, data: SiteData, rng: np.random.Generator) -> Floats:
    """Return what reference people would have sent in each round, (rounds, people, entries)."""
    updates = view.kind == "update"
    told = np.stack(
        [
            alone(terms, data, Request(kind=view.kind, round_number=0, sent=sent, chosen=()))
            for sent in view.sent
        ]
    )
    moved = told[:, :, :-1] if updates else told
    return np.asarray(moved + view.noise * rng.standard_normal(moved.shape))


def _masked(release: UpdateRelease) -> View:
    """Return every client's first message as it comes, under its mask."""
    terms = release.terms
    kind: Kind = "moments" if terms.regression else "update"
    everybody = tuple(range(terms.clients))
    sent = np.zeros(0) if terms.regression else release.start
    seen = release.begin()(Request(kind=kind, round_number=0, sent=sent, chosen=everybody))
    if seen.masked is None:
        raise InvalidMeasurement(
            f"{len(seen.answered)} of {terms.clients} clients answered, too few for the round: "
            "the server saw nothing that could be read"
        )
    read = (
        under_masks(terms).decode(seen.masked)
        if terms.privacy is None
        else decoded(terms, kind, seen.masked.view(np.int64))
    )
    found = np.zeros((1, terms.clients, terms.entries(kind)))
    there = np.isin(everybody, seen.answered)[None]
    found[there] = read
    updates = kind == "update"
    return View(
        setting=MASKED,
        kind=kind,
        sent=sent[None],
        signals=found[:, :, :-1] if updates else found,
        counts=found[:, :, -1] if updates else np.zeros(there.shape),
        there=there,
        clients=everybody,
        noise=noise_of_one(terms, kind),
        masked=True,
    )


def _side_by_side(lessons: Sequence[Floats], exam: Sequence[Floats]) -> tuple[Floats, Floats]:
    """Return both sides in one table each, on the scale of the lessons; parts have an equal say."""
    sides: tuple[list[Floats], list[Floats]] = ([], [])
    for one, two in zip(lessons, exam, strict=True):
        middle, spread = one.mean(axis=0), one.std(axis=0)
        steady = np.where(spread > 0.0, spread, 1.0) * np.sqrt(one.shape[1])
        most = _CLIP / np.sqrt(one.shape[1])
        for side, values in zip(sides, (one, two), strict=True):
            side.append(np.clip((values - middle) / steady, -most, most))
    return np.hstack(sides[0]), np.hstack(sides[1])


def _answers(
    field: str, rows: Floats, values: Sequence[Attribute], exam: Floats, rng: np.random.Generator
) -> tuple[str, ...]:
    levels = _levels(field, values)
    ages = [(i, v) for i, v in enumerate(values) if levels[i] and isinstance(v, float)]
    if field == AGE and len(ages) == sum(map(bool, levels)):
        return guess_ages(rows[[i for i, _ in ages]], [v for _, v in ages], exam)
    return classify(rows, levels, exam, rng)


def _levels(field: str, values: Sequence[Attribute]) -> list[str]:
    return [level_of(field, value) for value in values]


def _taught(levels: Sequence[str]) -> bool:
    """Whether there are enough people, of at least two levels, and of no more than ten."""
    common = common_levels(levels, _LEAST_OF_A_LEVEL)
    known = sum(level in common for level in levels)
    return 1 < len(common) <= _MANY and known >= _LEAST_TEACHERS
