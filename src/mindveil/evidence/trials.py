"""Trials of membership: everybody who was scored, in every fold, as a member or as a control.

Over the folds most people are a member in some and a control in others. Rates are over people,
and so are their intervals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import LEVEL, RESAMPLES, Estimate, Weights, bootstrap, exact_at_ends
from mindveil.evidence.resamples import resamples

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Interval = Callable[[Callable[[Weights], Floats], int], Estimate]
"""Takes a statistic of weights (resamples, people) and how many people; returns its estimate."""

_CHUNK = 250
_LEAST_EXISTING = 0.75


def drawn_each_time(rng: np.random.Generator) -> Interval:
    """Return the bootstrap that draws people anew for every figure."""
    return lambda statistic, people: bootstrap(statistic, people, rng)


def drawn_once(rng: np.random.Generator) -> Interval:
    """Return a bootstrap whose figures share their resamples.

    As many figures of the same people as one likes cost little more than one, and two of them
    can be compared resample by resample.
    """
    kept: dict[int, NDArray[np.uint8]] = {}

    def interval(statistic: Callable[[Weights], Floats], people: int) -> Estimate:
        if people not in kept:
            kept[people] = _counts(people, rng)
        counts = kept[people]
        value = float(statistic(np.ones((1, people)))[0])
        replicates = np.concatenate(
            [
                statistic(counts[start : start + _CHUNK].astype(np.float64))
                for start in range(0, RESAMPLES, _CHUNK)
            ]
        )
        there = replicates[~np.isnan(replicates)]
        if np.isnan(value) or len(there) < _LEAST_EXISTING * RESAMPLES:
            raise InvalidMeasurement(f"the figure rests on too few of the {people} participants")
        low, high = np.quantile(there, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
        return Estimate(
            value=value, low=min(float(low), value), high=max(float(high), value), n=people
        )

    return interval


def _counts(people: int, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return how often each person is drawn, (resamples, people); nobody is 256 times of many."""
    parts = [resamples(people, _CHUNK, rng)[1:] for _ in range(0, RESAMPLES, _CHUNK)]
    return np.concatenate([np.minimum(part, 255).astype(np.uint8) for part in parts])


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

    def estimate(self, side: int, interval: Interval) -> Estimate:
        """Return the mean outcome of members or controls with its interval over people."""
        people = self.count.shape[1]
        return exact_at_ends(interval(lambda w: self.share(w, side), people), people)


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
