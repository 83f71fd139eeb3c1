"""From link scores and the truth to rank-1, rank-5, equal error rate and their doubt.

The control: people who are in no record, each paired with every record in turn, the right person
taken out of its line-up. What the attack "finds" there is chance.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import LinkScores
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.equal_error import parts_of, rate_of
from mindveil.evidence.estimate import Estimate, advantage, share
from mindveil.evidence.line_ups import (
    Linked,
    Outcomes,
    chance_of_rank,
    guess,
    mean_of,
    suffered,
)
from mindveil.evidence.measured import Measured, Truth
from mindveil.evidence.paired import paired_gain
from mindveil.evidence.risk_curves import measure_curves, trials

__all__ = [
    "Linked",
    "chance_of_rank",
    "compare",
    "compare_chances",
    "control_outcomes",
    "equal_error_rate",
    "measure_linkage",
    "name_pairs",
]

Floats = NDArray[np.float64]


def name_pairs(guesses: LinkScores, truth: Truth) -> Linked:
    """Put the people behind the pseudonyms on both sides of the scores; NaN rules a pair out."""
    by_record = guesses.queries_are == "records"
    records = guesses.queries if by_record else guesses.candidates
    known = guesses.candidates if by_record else guesses.queries
    people = tuple(truth.person_of[r] for r in records)
    there = frozenset(known)
    return Linked(
        rows=people if by_record else known,
        columns=known if by_record else people,
        scores=np.where(np.isnan(guesses.scores), -np.inf, guesses.scores),
        absent=tuple(p for p in truth.absent.ids if p in there),
        whole_table=guesses.whole_table,
        curves=guesses.curves,
    )


def measure_linkage(
    folds: Sequence[Linked], lineup: int, unusual: AbstractSet[str], rng: np.random.Generator
) -> list[Measured]:
    """Return the linkage figures of one question, pooled over folds by person.

    Raises:
        InvalidMeasurement: in some fold all scores are equal (the attack saw nothing there, which
            is not the same as low risk), or nobody can be looked for.
    """
    if any(_flat(f.scores) for f in folds if f.scores.size) or not any(
        f.scores.size for f in folds
    ):
        raise InvalidMeasurement("all scores are equal: the attack saw nothing to compare")
    outcomes = suffered(folds, lineup, 1)
    first = share(mean_of(outcomes))
    control = _control(folds, lineup, 1)
    chance = guess(folds, lineup, 1)
    floor = control or Estimate(value=chance, low=chance, high=chance, n=first.n)
    found = [
        Measured(metric="rank1", estimate=first, baseline=chance, control=control),
        Measured(
            metric="advantage",
            estimate=advantage(first, floor),
            baseline=0.0,
            note=f"rank1 above its {'control' if control else 'baseline'}",
        ),
    ]
    rare = {p: v for p, v in outcomes.items() if p in unusual}
    if rare:
        found.append(
            Measured(metric="rank1-unusual", estimate=share(mean_of(rare)), baseline=chance)
        )
    if not folds[0].whole_table:
        found += _wider(folds, lineup, rng)
    return found + measure_curves(folds, lineup, rng) if folds[0].curves else found


def _wider(folds: Sequence[Linked], lineup: int, rng: np.random.Generator) -> list[Measured]:
    """Return rank-5 and the equal error rate, which a line-up has and a table has not."""
    fifth = Measured(
        metric="rank5",
        estimate=share(mean_of(suffered(folds, lineup, 5))),
        baseline=guess(folds, lineup, 5),
        control=_control(folds, lineup, 5),
    )
    try:
        rate = equal_error_rate(folds, rng)
    except InvalidMeasurement:  # so few people that resamples leave no pair of two: rank-1 stands
        return [fifth]
    note = "every pair of different people is an impostor trial"
    return [fifth, Measured(metric="eer", estimate=rate, baseline=0.5, note=note)]


def compare(stronger: Sequence[Linked], weaker: Sequence[Linked], lineup: int) -> Estimate:
    """Return rank-1 of the stronger attacker minus the weaker's on the same people, paired.

    What each of the two wins of a person, averaged over people and each with its exact interval;
    their difference allows for the fact that where one wins the other does not.
    """
    one, two = suffered(stronger, lineup, 1), suffered(weaker, lineup, 1)
    return compare_chances(
        {p: float(np.mean(v)) for p, v in one.items()},
        {p: float(np.mean(v)) for p, v in two.items()},
    )


def compare_chances(one: Mapping[str, float], two: Mapping[str, float]) -> Estimate:
    """Return by how much people's own chances to be named differ under two attackers, paired."""
    shared = sorted(one.keys() & two.keys())
    gain = np.array([one[p] - two[p] for p in shared], dtype=np.float64)
    return paired_gain(gain)


def equal_error_rate(folds: Sequence[Linked], rng: np.random.Generator) -> Estimate:
    """Return the equal error rate: mean over folds, bootstrap over people.

    A pair of people i, j weighs w_i w_j; a person drawn twice never becomes an impostor of
    herself. Interpolated where false acceptance and false rejection cross; never clipped. With
    no error at all the upper end is the exact one of so many people.
    """
    return rate_of([trials(f) for f in folds], rng)


def _control(folds: Sequence[Linked], lineup: int, rank: int) -> Estimate | None:
    outcomes = control_outcomes(folds, lineup, rank)
    return share(mean_of(outcomes)) if outcomes else None


def control_outcomes(folds: Sequence[Linked], lineup: int, rank: int) -> Outcomes:
    """Return how often an absent person comes first where she is put in the right one's place.

    The mean over all records, which a draw of one record would only add noise to; the rows of one
    person count as one record. Where people
    look for their record, a random record of an absent person comes first by chance alone.
    """
    outcomes: Outcomes = {}
    for fold in folds:
        columns = [i for i, p in enumerate(fold.columns) if p in set(fold.absent)]
        if columns and fold.rows:
            found = _in_place(fold, np.array(columns, dtype=np.intp), lineup, rank)
            for i, value in zip(columns, found, strict=True):
                outcomes.setdefault(fold.columns[i], []).append(float(value))
        size = max(1, fold.size(lineup))
        for person in sorted(set(fold.absent) & set(fold.rows)):
            outcomes.setdefault(person, []).append(min(rank, size) / size)
    return outcomes


def _in_place(fold: Linked, absent: NDArray[np.intp], lineup: int, rank: int) -> Floats:
    """Return the mean over records of the chance of each absent candidate; shape (absent,)."""
    size = len(fold.columns)
    rows, own = fold.targets()
    right = np.full(len(fold.rows), -1, dtype=np.intp)
    right[rows] = own
    found = np.zeros((len(fold.rows), len(absent)))
    for has in (True, False):
        group = np.flatnonzero((right >= 0) == has)
        better, tied = (np.zeros((len(group), len(absent))) for _ in range(2))
        for place, i in enumerate(group):
            line = fold.scores[i] if not has else np.delete(fold.scores[i], right[i])
            line, mine = np.sort(line), fold.scores[i][absent]
            below, upto = np.searchsorted(line, mine), np.searchsorted(line, mine, side="right")
            better[place], tied[place] = len(line) - upto, upto - below - 1
        others = size - 1 - has
        line_up = min(fold.size(lineup), others + 1)
        if len(group):
            found[group] = chance_of_rank(better, tied, others, line_up, rank)
    return np.asarray(np.average(found, axis=0, weights=parts_of(fold.rows)), dtype=np.float64)


def _flat(scores: Floats) -> bool:
    return bool(np.all(scores == scores.flat[0]))
