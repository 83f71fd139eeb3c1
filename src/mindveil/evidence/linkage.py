"""From link scores and the truth to rank-1, rank-5, equal error rate and their doubt.

The control: people who are in no record, each paired with every record in turn, the right person
taken out of its line-up. What the attack "finds" there is chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mindveil.attack.base import LinkScores
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.equal_error import Trials, rate_of
from mindveil.evidence.estimate import Estimate, advantage, difference, share
from mindveil.evidence.measured import Measured, Truth

Floats = NDArray[np.float64]
Outcomes = dict[str, list[float]]
"""What each person suffered in each fold in which she was released."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """One fold's scores with the truth: the person of each row and of each column."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    scores: Floats
    absent: tuple[str, ...]
    whole_table: bool

    def targets(self) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the rows that have a right column, and those columns."""
        column_of = {p: i for i, p in enumerate(self.columns)}
        both = [(i, column_of[p]) for i, p in enumerate(self.rows) if p in column_of]
        rows, own = np.array(both, dtype=np.intp).reshape(-1, 2).T
        return rows, own

    def size(self, lineup: int) -> int:
        """Return how many candidates a line-up has; a table is searched as a whole."""
        return len(self.columns) if self.whole_table else min(lineup, len(self.columns))


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
    )


def chance_of_rank(better: Floats, tied: Floats, others: int, lineup: int, rank: int) -> Floats:
    """Return P(the right candidate is among the first ``rank``) in a random line-up.

    ``better`` and ``tied`` count impostors above and level with the right candidate among
    ``others``; ties are broken at random; the line-up keeps the right one and draws the rest.
    Exact (hypergeometric), so that no draw of a line-up adds noise.

    >>> chance_of_rank(np.array([0.0, 1.0]), np.array([0.0, 0.0]), 9, 10, 1)
    array([1., 0.])
    >>> float(chance_of_rank(np.array([0.0]), np.array([9.0]), 9, 10, 1)[0].round(12))
    0.1
    """
    drawn = min(lineup - 1, others)
    # Nobody to be drawn from is a case that the distribution does not know.
    above = np.arange(others + 1)
    at_most = stats.hypergeom.cdf(rank - 1, others, above, drawn) if others else np.ones(1)
    summed = np.concatenate([[0.0], np.cumsum(at_most)])
    start, stop = better.astype(int), (better + tied).astype(int) + 1
    found = (summed[stop] - summed[start]) / (stop - start)
    return np.asarray(np.clip(found, 0.0, 1.0), dtype=np.float64)


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
    suffered = _suffered(folds, lineup, 1)
    first = share(_mean(suffered))
    control = _control(folds, lineup, 1)
    chance = _chance(folds, lineup, 1)
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
    rare = {p: v for p, v in suffered.items() if p in unusual}
    if rare:
        found.append(Measured(metric="rank1-unusual", estimate=share(_mean(rare)), baseline=chance))
    return found if folds[0].whole_table else found + _wider(folds, lineup, rng)


def _wider(folds: Sequence[Linked], lineup: int, rng: np.random.Generator) -> list[Measured]:
    """Return rank-5 and the equal error rate, which a line-up has and a table has not."""
    fifth = Measured(
        metric="rank5",
        estimate=share(_mean(_suffered(folds, lineup, 5))),
        baseline=_chance(folds, lineup, 5),
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
    one, two = _suffered(stronger, lineup, 1), _suffered(weaker, lineup, 1)
    shared = sorted(one.keys() & two.keys())
    gain = np.array([np.mean(one[p]) - np.mean(two[p]) for p in shared], dtype=np.float64)
    won, lost = np.clip(gain, 0, 1), np.clip(-gain, 0, 1)
    spread = float(np.std(won) * np.std(lost)) if shared else 0.0
    both = float(np.mean(won * lost) - won.mean() * lost.mean()) if shared else 0.0
    return difference(share(won), share(lost), both / spread if spread else 0.0)


def equal_error_rate(folds: Sequence[Linked], rng: np.random.Generator) -> Estimate:
    """Return the equal error rate: mean over folds, bootstrap over people.

    A pair of people i, j weighs w_i w_j; a person drawn twice never becomes an impostor of
    herself. Interpolated where false acceptance and false rejection cross; never clipped. With
    no error at all the upper end is the exact one of so many people.
    """
    trials = []
    for fold in folds:
        rows, own = fold.targets()
        people = tuple(fold.rows[i] for i in rows)
        trials.append(Trials(rows=people, columns=fold.columns, own=own, scores=fold.scores[rows]))
    return rate_of(trials, rng)


def _suffered(folds: Sequence[Linked], lineup: int, rank: int) -> Outcomes:
    outcomes: Outcomes = {}
    for fold in folds:
        rows, own = fold.targets()
        if not rows.size:
            continue
        scores = fold.scores[rows]
        right = scores[np.arange(len(rows)), own][:, None]
        better = (scores > right).sum(axis=1).astype(float)
        tied = (scores == right).sum(axis=1).astype(float) - 1
        found = chance_of_rank(better, tied, len(fold.columns) - 1, fold.size(lineup), rank)
        for i, value in zip(rows, found, strict=True):
            outcomes.setdefault(fold.rows[i], []).append(float(value))
    if len(outcomes) < 2:
        raise InvalidMeasurement(
            "fewer than 2 people have both a released record and something known of them"
        )
    return outcomes


def _control(folds: Sequence[Linked], lineup: int, rank: int) -> Estimate | None:
    """Return how often an absent person comes first where she is put in the right one's place.

    The mean over all records, which a draw of one record would only add noise to. Where people
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
    return share(_mean(outcomes)) if outcomes else None


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
    return np.asarray(found.mean(axis=0), dtype=np.float64)


def _chance(folds: Sequence[Linked], lineup: int, rank: int) -> float:
    """Return what a guesser reaches, over the folds that have somebody to look for."""
    sizes = [f.size(lineup) for f in folds if f.scores.size]
    return float(np.mean([min(1.0, rank / size) for size in sizes]))


def _mean(outcomes: Outcomes) -> Floats:
    return np.array([np.mean(outcomes[p]) for p in sorted(outcomes)])


def _flat(scores: Floats) -> bool:
    return bool(np.all(scores == scores.flat[0]))
