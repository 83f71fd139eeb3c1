"""``model/attribute-inference``: "I know all of her but this; does the model tell me?"."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Attacker, Guesses, Holding, Inferred, ModelKnowledge
from mindveil.attack.table_inference import Secret, secrets_of
from mindveil.attack.table_singling_out import people_of
from mindveil.corpus.model import Attribute, Corpus, Modality
from mindveil.errors import InvalidMeasurement
from mindveil.features.scales import Table, indicators, numbers
from mindveil.features.visits import whole_table
from mindveil.train.base import Floats, Lessons, Recipe
from mindveil.train.detector import Detector, ModelRelease

WITHOUT = "without the model"
"""The same question, answered from all that was known before: what the model adds is the rest."""

_MANY = 10
"""Levels of a column above which it is no group but nearly a name."""
_STRENGTH = 0.1
_HEADS = 8
_FEWEST = 20
"""People whom a head is taught to see how near it comes to them."""
_LEAST_SPREAD = 0.01
"""Of a severity, which lies in -1..1: a tenth of a point of the PHQ-9."""
_TINY = 1e-12

Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAttributeInference:
    """Guess a secret attribute of each person with the model, and the same without it.

    The attacker knows the score of a person and all her columns but one, and learns from
    reference people what people like her have; that is what he guesses without the model. Where
    the secret is an input of the model, he knows the rest of what it reads as well, and asks it
    about every value that the secret may have: the value with which it comes nearest to her true
    score is the likelier (Fredrikson et al. 2014). How near it comes to those who taught it, he
    sees in heads that he has taught himself; she may be one of them or not. Where the secret is
    no input, he holds what the model says of her, and learns from reference people what goes
    with such an answer.

    A model may tell of an attribute because it goes with illness in everybody, which is no fault
    of those who taught it. So each guess stands twice beside its like: with the model and
    without, of people who taught it and of people who did not.

    Source: Fredrikson et al. 2014 (model inversion); Jayaraman & Evans 2022 on what the model adds
    to what anybody may guess.

    Limits: One attribute is guessed at a time, of people all of whose other answers are known. What
    is true of everybody alike is counted as no harm to anybody.
    """

    name: ClassVar[str] = "model/attribute-inference"
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "model"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("semi-informed",)

    def run(
        self, release: ModelRelease, knowledge: ModelKnowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return what each known person's secrets are taken to be, twice for each field.

        Raises:
            InvalidMeasurement: no column is a secret of a few values, or nobody is there to
                learn from or to attack.
        """
        scene = _scene(release.model, knowledge)
        near = _nearness(scene, knowledge.recipe, rng)
        found: list[Guesses] = []
        for secret in _secrets(scene):
            for guessed, setting in zip(_guesses(scene, secret, near), ("", WITHOUT), strict=True):
                answers = tuple(secret.answers[i] for i in guessed)
                found.append(
                    Inferred(
                        people=scene.people.ids[scene.taught :],
                        field=secret.name,
                        guesses=answers,
                        setting=setting,
                    )
                )
        return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Scene:
    """What the attacker works with: the first ``taught`` people are the reference people.

    ``severity`` (people,) is the true one; the rows of ``table`` are the same people.
    """

    model: Detector
    people: Corpus
    table: Table
    rows: Floats
    severity: Floats
    labels: Floats
    lessons: Lessons
    taught: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """The line from what a model says to the true severity, and how far people are from it."""

    constant: float
    slope: float
    spread: float

    @classmethod
    def of(cls, odds: Floats, severity: Floats) -> Miss:
        """Return the least-squares line through people, shape (people,) each."""
        centre, middle = float(odds.mean()), float(severity.mean())
        together = float(np.mean((odds - centre) * (severity - middle)))
        slope = together / max(float(odds.var()), _TINY)
        constant = middle - slope * centre
        spread = float(np.std(severity - constant - slope * odds))
        return cls(constant=constant, slope=slope, spread=max(spread, _LEAST_SPREAD))

    def density(self, odds: Floats, severity: Floats) -> Floats:
        """Return how likely a severity is where the model says this."""
        apart = (severity - self.constant - self.slope * odds) / self.spread
        return np.asarray(np.exp(-(apart**2) / 2) / self.spread, dtype=np.float64)


def _scene(model: Detector, knowledge: ModelKnowledge) -> _Scene:
    both = (knowledge.reference, knowledge.known)
    if not all(side.ids for side in both):
        raise InvalidMeasurement(
            f"{len(both[0].ids)} reference people and {len(both[1].ids)} targets: "
            "at least one of each is needed"
        )
    both = (both[0].select(frozenset(both[0].ids) - frozenset(both[1].ids)), both[1])
    lessons = [model.reader.lessons(side) for side in both]
    people = people_of(*(side.select(told.ids) for side, told in zip(both, lessons, strict=True)))
    place = {p: i for i, p in enumerate(p for told in lessons for p in told.ids)}
    order = np.array([place[p] for p in people.ids], dtype=np.intp)
    return _Scene(
        model=model,
        people=people,
        table=whole_table(people),
        rows=np.concatenate([told.rows for told in lessons])[order],
        severity=lessons[0].scale.severity(
            np.concatenate([told.totals for told in lessons])[order]
        ),
        labels=np.concatenate([told.labels for told in lessons])[order],
        lessons=lessons[0],
        taught=len(lessons[0].ids),
    )


def _secrets(scene: _Scene) -> list[Secret]:
    """Return the columns that are guessed: sensitive or quasi-identifying, of a few values."""
    teachers, table = np.arange(scene.taught), scene.table
    held = tuple(
        field
        for field in table.fields
        if field.source == "attribute"
        and not table.columns[field.name].missing[table.columns[field.name].codes[teachers]].all()
    )
    found = [
        secret
        for secret in secrets_of(replace(table, fields=held), teachers, teachers)
        if 1 < len(secret.answers) <= _MANY
    ]
    if not found:
        raise InvalidMeasurement(
            "no sensitive or quasi-identifying column has two to ten values: there is no secret"
        )
    return found


def _guesses(scene: _Scene, secret: Secret, near: tuple[Miss, ...]) -> tuple[Places, Places]:
    """Return the answer for each known person with the model, and without."""
    right = secret.of(scene.table)[: scene.taught]
    before = _columns(scene, secret.name)
    completed = _completed(scene, secret, right)
    if completed is None:
        said = scene.model.head.log_odds(scene.rows)
        answer = np.column_stack([said, said * scene.labels])
        with_model = _chances(np.hstack([before, answer]), right, len(secret.answers))
        without = _chances(before, right, len(secret.answers))
        return with_model.argmax(axis=1), without.argmax(axis=1)
    without = _chances(np.hstack([before, completed[0]]), right, len(secret.answers))
    known = [rows[scene.taught :] for rows in completed]
    odds = np.column_stack([scene.model.head.log_odds(rows) for rows in known])
    true = scene.severity[scene.taught :, None]
    likely = np.mean([miss.density(odds, true) for miss in near], axis=0)
    told = np.log(without + _TINY) + np.log(likely + _TINY)
    return told.argmax(axis=1), without.argmax(axis=1)


def _columns(scene: _Scene, secret: str) -> Floats:
    """Return all other columns and the score as numbers, (people, numbers)."""
    made = [scene.severity[:, None], scene.labels[:, None]]
    for field in scene.table.fields:
        if field.source != "attribute" or field.role == "identifier" or field.name == secret:
            continue
        values = numbers(scene.table, field.name)
        if np.isfinite(values).any():
            middle = float(np.nanmean(values))
            made.append(np.column_stack([np.nan_to_num(values, nan=middle), np.isnan(values)]))
            continue
        levels, told = indicators(scene.table, field.name)
        if len(levels) <= _MANY:
            made.append(told)
    return np.hstack(made)


def _completed(scene: _Scene, secret: Secret, right: Places) -> list[Floats] | None:
    """Return everybody's row for every value that the secret may have; none where it is not read.

    A band of values is stood for by the middle one of the reference people in it.
    """
    if scene.model.reader.modality not in {"scales", "fused"}:
        return None
    values = [_typical(scene, secret.name, right == i) for i in range(len(secret.answers))]
    few = scene.people.with_people(scene.people.participants[:8])
    told = [scene.model.reader.rows(_with(few, secret.name, value)) for value in values]
    if all(np.array_equal(told[0], other) for other in told[1:]):
        return None
    return [scene.model.reader.rows(_with(scene.people, secret.name, value)) for value in values]


def _typical(scene: _Scene, name: str, there: NDArray[np.bool_]) -> Attribute:
    teachers = scene.people.participants[: scene.taught]
    held = [p.attributes.get(name) for p, t in zip(teachers, there, strict=True) if t]
    held.sort(key=lambda v: (isinstance(v, str), v if isinstance(v, (int, float)) else 0.0, str(v)))
    return held[len(held) // 2] if held else None


def _with(people: Corpus, name: str, value: Attribute) -> Corpus:
    return people.with_people(
        replace(p, attributes={**p.attributes, name: value}) for p in people.participants
    )


def _nearness(scene: _Scene, recipe: Recipe, rng: np.random.Generator) -> tuple[Miss, ...]:
    """Return how near the model comes to strangers, and to those who taught it."""
    strangers = scene.model.head.log_odds(scene.lessons.rows)
    severity = scene.lessons.scale.severity(scene.lessons.totals)
    found = [Miss.of(strangers, severity)]
    size = min(scene.taught, len(scene.people.ids) - scene.taught) // 2
    if size >= _FEWEST:
        inside = np.argsort(rng.random((scene.taught, _HEADS)), axis=0) < size
        told = recipe.shadows(scene.lessons, inside, scene.lessons.rows, rng)
        own = np.broadcast_to(severity[:, None], told.shape)
        found.append(Miss.of(told[inside], own[inside]))
    return tuple(found)


def _chances(design: Floats, right: Places, answers: int) -> Floats:
    """Return the chance of each answer for the known people, (people, answers).

    Regularised logistic regression on the reference people whose answer is known.
    """
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - heavy, needed here only

    taught = np.flatnonzero(right >= 0)
    centre, spread = design[taught].mean(axis=0), design[taught].std(axis=0)
    scaled = (design - centre) / np.where(spread > 0, spread, 1.0)
    model = LogisticRegression(C=_STRENGTH, max_iter=500).fit(scaled[taught], right[taught])
    found = np.zeros((len(design) - len(right), answers))
    found[:, model.classes_] = model.predict_proba(scaled[len(right) :])
    return found
