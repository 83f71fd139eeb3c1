"""Trials of membership: everybody who was scored, in every fold, as a member or as a control.

Over the folds most people are a member in some and a control in others. Rates are over people,
and so are their intervals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate, Weights, bootstrap, exact_at_ends

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """One target of an attack: who was scored, higher surer, and who really was a member."""

    people: tuple[str, ...]
    scores: Floats
    member: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Trials:
    """One row a person and fold: who, in which fold, her rank in it, and whether she was in.

    ``half`` (people,) says in which half of the people each one is.
    """

    person: NDArray[np.intp]
    fold: NDArray[np.intp]
    rank: Floats
    member: Flags
    half: Flags

    def of(self, chosen: Flags) -> Trials:
        """Return the trials of some of the people, shape (people,)."""
        kept = chosen[self.person]
        return Trials(
            person=self.person[kept],
            fold=self.fold[kept],
            rank=self.rank[kept],
            member=self.member[kept],
            half=self.half,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Sums of an outcome and numbers of trials of each person, as a member and as a control."""

    total: Floats
    count: Floats

    @classmethod
    def of(cls, trials: Trials, outcome: Floats, there: Flags) -> Rates:
        """Add up one outcome a trial over the people who are there, shape (people,)."""
        side = np.where(trials.member, 0, 1)
        total, count = np.zeros((2, len(there))), np.zeros((2, len(there)))
        np.add.at(total, (side, trials.person), outcome)
        np.add.at(count, (side, trials.person), 1.0)
        return cls(total=total[:, there], count=count[:, there])

    def share(self, weights: Weights, side: int) -> Floats:
        """Return the mean outcome of members (0) or controls (1) in each resample."""
        trials = weights @ self.count[side]
        total = weights @ self.total[side]
        found = np.full(len(weights), np.nan)
        np.divide(total, trials, out=found, where=trials > 0)
        return found

    def estimate(self, side: int, rng: np.random.Generator) -> Estimate:
        """Return the mean outcome of members or controls with its interval over people."""
        people = self.count.shape[1]
        return exact_at_ends(bootstrap(lambda w: self.share(w, side), people, rng), people)


def trials_of(folds: Sequence[Scored], rng: np.random.Generator) -> tuple[tuple[str, ...], Trials]:
    """Return everybody who was scored, and the scores as ranks within each fold."""
    place: dict[str, int] = {}
    person, fold, rank = [], [], []
    for number, scored in enumerate(folds):
        scores = scored.scores
        if np.isnan(scores).any():
            raise InvalidMeasurement("some scores of the attack are not numbers")
        if not len(scores) or (scores == scores[0]).all():
            raise InvalidMeasurement("the attack gave everybody the same score")
        person += [place.setdefault(name, len(place)) for name in scored.people]
        rank.append((rankdata(scores) - 0.5) / len(scores))
        fold += [number] * len(scores)
    if not rank:
        raise InvalidMeasurement("no release was attacked")
    return tuple(place), Trials(
        person=np.array(person, dtype=np.intp),
        fold=np.array(fold, dtype=np.intp),
        rank=np.concatenate(rank),
        member=np.concatenate([scored.member for scored in folds]),
        half=rng.permutation(len(place)) % 2 == 0,
    )
