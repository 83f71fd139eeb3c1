"""From rows that an adversary worked out to how like people's own rows they are.

Rows are compared by the cosine: what is told of a person is the direction of her row, and its
length is bounded for everybody. Where the adversary says whose a row is, the baseline is how like
it is to other people of the same federation; where he only has rows, the nearest to each person
counts, and the control is the nearest to people who are not there: the more rows he hands in, the
nearer to anybody one of them comes.

A cosine is no share of people, and no limit on people found applies to it. Where rows have names,
whether they lead to the right person is the question of linkage; where they have none, a person is
found if a row comes nearer to her than rows come to people who are not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Reconstructions
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate, Weights, bootstrap
from mindveil.evidence.measured import Measured
from mindveil.evidence.membership_figures import measure_scored
from mindveil.evidence.trials import Scored

Floats = NDArray[np.float64]

_FEWEST = 2
_ROOM = 1e-6
"""A control this near to 1 leaves nothing to tell."""
_DIGITS = 9
"""Of a cosine; what differs beyond them is rounding."""
_OF_FOUND = ("advantage", "auc")
_AT_ONCE = 512
"""Rows that are compared with everybody at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """The rows of one fold, and the truth: rows (people, columns) of who is there and who is not.

    ``person_of`` names the person behind each code, where rows have codes.
    """

    guesses: Reconstructions
    released: Floats
    released_ids: tuple[str, ...]
    absent: Floats
    absent_ids: tuple[str, ...]
    person_of: Mapping[str, str]


def measure_reconstructions(
    folds: Sequence[Rebuilt], unusual: AbstractSet[str], rng: np.random.Generator
) -> list[Measured]:
    """Return the cosine, and of rows without names who is found by them, pooled by person.

    Advantage is the true minus the false positive rate of taking those for people of the
    federation to whom a row comes near: the same as of membership, as it is the same question.
    Intervals resample people; a person who is there in one fold and absent in another is drawn,
    or not, with both.

    Raises:
        InvalidMeasurement: rows that are not numbers, all zero or all the same, too few people to
            compare with, or a control that leaves nothing to tell.
    """
    if not folds:
        raise InvalidMeasurement("no update was attacked")
    for fold in folds:
        _check(fold.guesses.rows)
    named = bool(folds[0].guesses.codes)
    if any(bool(fold.guesses.codes) != named for fold in folds):
        raise InvalidMeasurement("some rows say whose they are and some do not")
    sides = [_own_and_others(f) if named else _there_and_absent(f) for f in folds]
    pooled = _Pooled.of(sides)
    if named:
        return _named(pooled, rng)
    return [*_nearest(pooled, rng), *_found(sides, unusual, rng)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Side:
    """One cosine a person: of what is told of her (``told``), or of what it is held against."""

    people: tuple[str, ...]
    cosine: Floats
    told: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pooled:
    """Sums and numbers of cosines, (2, people): of what is told, and of what is compared."""

    total: Floats
    count: Floats

    @classmethod
    def of(cls, sides: Sequence[Sequence[_Side]]) -> _Pooled:
        place: dict[str, int] = {}
        for side in (side for fold in sides for side in fold):
            for person in side.people:
                place.setdefault(person, len(place))
        total, count = np.zeros((2, len(place))), np.zeros((2, len(place)))
        for side in (side for fold in sides for side in fold):
            where = [place[person] for person in side.people]
            np.add.at(total[0 if side.told else 1], where, side.cosine)
            np.add.at(count[0 if side.told else 1], where, 1.0)
        if (count > 0).sum(axis=1).min() < _FEWEST:
            there, against = (count > 0).sum(axis=1)
            raise InvalidMeasurement(
                f"{there} people and {against} to compare with are too few: at least "
                f"{_FEWEST} of each are needed"
            )
        return cls(total=total, count=count)

    @property
    def people(self) -> int:
        return len(self.total[0])

    def mean(self, side: int, weights: Weights) -> Floats:
        """Return the mean cosine of a side in each resample; none where nobody of it was drawn."""
        drawn = weights @ self.count[side]
        found = np.full(len(weights), np.nan)
        np.divide(weights @ self.total[side], drawn, out=found, where=drawn > 0)
        return found

    def estimate(self, side: int, rng: np.random.Generator) -> Estimate:
        here = self.count[side] > 0
        one = _Pooled(total=self.total[:, here], count=self.count[:, here])
        return bootstrap(lambda weights: one.mean(side, weights), one.people, rng)


def _named(pooled: _Pooled, rng: np.random.Generator) -> list[Measured]:
    return [
        Measured(
            metric="cosine",
            estimate=pooled.estimate(0, rng),
            baseline=float(pooled.mean(1, np.ones((1, pooled.people)))[0]),
            note="of each person's row with the one worked out; baseline: with other people's",
        )
    ]


def _nearest(pooled: _Pooled, rng: np.random.Generator) -> list[Measured]:
    control = pooled.estimate(1, rng)
    if control.value >= 1.0 - _ROOM:
        raise InvalidMeasurement(
            "rows of people who are not there are matched as well as can be: columns are too "
            "few to tell people apart"
        )
    return [
        Measured(
            metric="cosine",
            estimate=pooled.estimate(0, rng),
            control=control,
            note="of each person's row with the nearest that was worked out; control: of people "
            "who are not there",
        )
    ]


def _found(
    sides: Sequence[tuple[_Side, _Side]], unusual: AbstractSet[str], rng: np.random.Generator
) -> list[Measured]:
    """Return who is told from people who are not there by how near a row comes."""
    scored = [
        Scored(
            people=there.people + absent.people,
            scores=np.round(np.concatenate([there.cosine, absent.cosine]), _DIGITS),
            member=np.arange(len(there.people) + len(absent.people)) < len(there.people),
        )
        for there, absent in sides
    ]
    found = measure_scored(scored, unusual, rng)
    return [m for m in found if m.metric.startswith(_OF_FOUND)]


def _own_and_others(fold: Rebuilt) -> tuple[_Side, _Side]:
    """Return how like each person's row is to her own, and on average to others'."""
    place = {person: i for i, person in enumerate(fold.released_ids)}
    whose = [place.get(fold.person_of.get(code, ""), -1) for code in fold.guesses.codes]
    kept = np.array([i for i, where in enumerate(whose) if where >= 0], dtype=np.intp)
    if not len(kept) or len(place) < _FEWEST:
        raise InvalidMeasurement("nobody behind a code is there to be compared with, or one alone")
    own = np.array([whose[i] for i in kept], dtype=np.intp)
    alike = _unit(fold.guesses.rows[kept]) @ _unit(fold.released).T
    told = alike[np.arange(len(own)), own]
    others = (alike.sum(axis=1) - told) / (len(place) - 1)
    people = tuple(fold.released_ids[i] for i in own)
    return _Side(people=people, cosine=told, told=True), _Side(
        people=people, cosine=others, told=False
    )


def _there_and_absent(fold: Rebuilt) -> tuple[_Side, _Side]:
    """Return how near the nearest row comes to people who are there, and who are not."""
    return (
        _Side(people=fold.released_ids, cosine=_best(fold.guesses.rows, fold.released), told=True),
        _Side(people=fold.absent_ids, cosine=_best(fold.guesses.rows, fold.absent), told=False),
    )


def _best(rows: Floats, people: Floats) -> Floats:
    """Return each person's largest cosine with any row."""
    given, best = _unit(people), np.full(len(people), -1.0)
    for first in range(0, len(rows), _AT_ONCE):
        part = _unit(rows[first : first + _AT_ONCE])
        best = np.maximum(best, (given @ part.T).max(axis=1))
    return best


def _check(rows: Floats) -> None:
    if not len(rows):
        raise InvalidMeasurement("the attack worked out no row of anybody")
    if not np.isfinite(rows).all():
        raise InvalidMeasurement("some rows that the attack worked out are not numbers")
    if not rows.any():
        raise InvalidMeasurement("all rows that the attack worked out are zero")
    if len(rows) > 1 and (rows == rows[0]).all():
        raise InvalidMeasurement("the attack worked out the same row for everybody")


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1.0), dtype=np.float64)
