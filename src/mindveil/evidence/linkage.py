"""From link scores and the truth to rank-1, rank-5, equal error rate and their doubt.

The control: people who are in no record, each paired at random with one record, the right
person taken out of its line-up. What the attack "finds" there is chance.
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
from mindveil.evidence.estimate import (
    Estimate,
    Weights,
    advantage,
    bootstrap,
    difference,
    share,
)
from mindveil.evidence.measured import Measured, Truth

_THRESHOLDS = 49

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


def name_pairs(guesses: LinkScores, truth: Truth) -> Linked:
    """Put the people behind the pseudonyms on both sides of the scores."""
    by_record = guesses.queries_are == "records"
    records = guesses.queries if by_record else guesses.candidates
    known = guesses.candidates if by_record else guesses.queries
    people = tuple(truth.person_of[r] for r in records)
    scores = np.where(np.isnan(guesses.scores), -np.inf, guesses.scores)
    absent = tuple(p for p in truth.absent.ids if p in set(known))
    return Linked(
        rows=people if by_record else known,
        columns=known if by_record else people,
        scores=scores,
        absent=absent,
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
    at_most = stats.hypergeom.cdf(rank - 1, others, np.arange(others + 1), drawn)
    summed = np.concatenate([[0.0], np.cumsum(at_most)])
    start, stop = better.astype(int), (better + tied).astype(int) + 1
    return np.asarray((summed[stop] - summed[start]) / (stop - start), dtype=np.float64)


def measure_linkage(
    folds: Sequence[Linked], lineup: int, unusual: AbstractSet[str], rng: np.random.Generator
) -> list[Measured]:
    """Return the linkage figures of one question, pooled over folds by person."""
    if all(_degenerate(f.scores) for f in folds):
        raise InvalidMeasurement("all scores are equal: the attack saw nothing to compare")
    suffered = _suffered(folds, lineup, 1)
    first = share(_mean(suffered))
    control = _control(folds, lineup, 1, rng)
    chance = float(np.mean([1 / _size(f, lineup) for f in folds]))
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
        found.append(
            Measured(metric="rank1-unusual", estimate=share(_mean(rare)), baseline=chance)
        )
    return found if folds[0].whole_table else found + _wider(folds, lineup, chance, rng)


def _wider(
    folds: Sequence[Linked], lineup: int, chance: float, rng: np.random.Generator
) -> list[Measured]:
    """Return rank-5 and the equal error rate, which a line-up has and a table has not."""
    return [
        Measured(
            metric="rank5",
            estimate=share(_mean(_suffered(folds, lineup, 5))),
            baseline=min(1.0, 5 * chance),
            control=_control(folds, lineup, 5, rng),
        ),
        Measured(
            metric="eer",
            estimate=equal_error_rate(folds, rng),
            baseline=0.5,
            note="every pair of different people is an impostor trial",
        ),
    ]


def compare(stronger: Sequence[Linked], weaker: Sequence[Linked], lineup: int) -> Estimate:
    """Return rank-1 of the stronger attacker minus the weaker's on the same people, paired.

    The paired outcomes lie in [-1, 1]; the share of people each one wins, counted exactly,
    gives the interval.
    """
    one, two = _suffered(stronger, lineup, 1), _suffered(weaker, lineup, 1)
    shared = sorted(set(one) & set(two))
    gain = np.array([np.mean(one[p]) - np.mean(two[p]) for p in shared])
    return difference(share(np.clip(gain, 0, 1)), share(np.clip(-gain, 0, 1)))


def equal_error_rate(folds: Sequence[Linked], rng: np.random.Generator) -> Estimate:
    """Return the equal error rate: mean over folds, bootstrap over people.

    A pair of people i, j weighs w_i w_j; a person drawn twice never becomes an impostor of
    herself. Interpolated where false acceptance and false rejection cross; never clipped.
    """
    people = sorted({p for f in folds for p in (*f.rows, *f.columns)})
    place = {p: i for i, p in enumerate(people)}
    rates = [_FoldRates.of(f, place) for f in folds]

    def statistic(weights: Weights) -> Floats:
        return np.asarray(np.mean([r.eer(weights) for r in rates], axis=0))

    return bootstrap(statistic, len(people), rng)


@dataclass(frozen=True, slots=True, kw_only=True)
class _FoldRates:
    """Scores cut at a ladder of thresholds, so that a resample costs a matrix product."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    own: NDArray[np.intp]
    hits: NDArray[np.float64]
    """Genuine trials accepted; shape (thresholds, rows)."""
    impostors: NDArray[np.float32]
    """Impostor trials accepted; shape (thresholds, rows, columns)."""

    @classmethod
    def of(cls, fold: Linked, place: dict[str, int]) -> _FoldRates:
        column_of = {p: i for i, p in enumerate(fold.columns)}
        kept = [i for i, p in enumerate(fold.rows) if p in column_of]
        scores = fold.scores[kept]
        own = np.array([column_of[fold.rows[i]] for i in kept])
        index = np.arange(len(kept))
        ladder = _ladder(scores[np.isfinite(scores)], scores[index, own])
        accepted = (scores[None] >= ladder[:, None, None]).astype(np.float32)
        hits = accepted[:, index, own].astype(np.float64)
        accepted[:, index, own] = 0
        return cls(
            rows=np.array([place[fold.rows[i]] for i in kept]),
            columns=np.array([place[p] for p in fold.columns]),
            own=own,
            hits=hits,
            impostors=accepted,
        )

    def eer(self, weights: Weights) -> Floats:
        row, column = weights[:, self.rows], weights[:, self.columns]
        row32, column32 = row.astype(np.float32), column.astype(np.float32)
        pairs = row.sum(axis=1) * column.sum(axis=1) - (row * column[:, self.own]).sum(axis=1)
        accept = [((row32 @ one) * column32).sum(axis=1) / pairs for one in self.impostors]
        reject = 1 - (self.hits @ row.T) / row.sum(axis=1)
        return _crossing(np.stack(accept).astype(np.float64), reject)


def _ladder(scores: Floats, genuine: Floats) -> Floats:
    """Return thresholds dense where either kind of trial lies; the last one accepts nothing."""
    steps = np.linspace(0, 1, _THRESHOLDS)
    genuine = genuine[np.isfinite(genuine)]
    rungs = [np.quantile(part, steps) for part in (scores, genuine) if part.size]
    return np.unique(np.concatenate([*rungs, [np.inf]]))


def _crossing(accept: Floats, reject: Floats) -> Floats:
    """Return the rate at which falling acceptance meets rising rejection, a column each."""
    gap = reject - accept
    after = np.argmax(gap >= 0, axis=0)
    before = np.maximum(after - 1, 0)
    pick = np.arange(accept.shape[1])
    low, high = gap[before, pick], gap[after, pick]
    span = np.where(high == low, 1.0, high - low)
    part = np.where(after == before, 0.0, -low / span)
    first = (accept[before, pick] + reject[before, pick]) / 2
    second = (accept[after, pick] + reject[after, pick]) / 2
    return np.asarray(first + part * (second - first))


def _suffered(folds: Sequence[Linked], lineup: int, rank: int) -> Outcomes:
    outcomes: Outcomes = {}
    for fold in folds:
        column_of = {p: i for i, p in enumerate(fold.columns)}
        rows = [i for i, p in enumerate(fold.rows) if p in column_of]
        if not rows:
            continue
        scores = fold.scores[rows]
        right = scores[np.arange(len(rows)), [column_of[fold.rows[i]] for i in rows]][:, None]
        better = (scores > right).sum(axis=1).astype(float)
        tied = (scores == right).sum(axis=1).astype(float) - 1
        found = chance_of_rank(better, tied, len(fold.columns) - 1, _size(fold, lineup), rank)
        for i, value in zip(rows, found, strict=True):
            outcomes.setdefault(fold.rows[i], []).append(float(value))
    if len(outcomes) < 2:
        raise InvalidMeasurement(
            "fewer than 2 people have both a released record and something known of them"
        )
    return outcomes


def _control(
    folds: Sequence[Linked], lineup: int, rank: int, rng: np.random.Generator
) -> Estimate | None:
    outcomes: Outcomes = {}
    for fold in folds:
        column_of = {p: i for i, p in enumerate(fold.columns)}
        row_of = {p: i for i, p in enumerate(fold.rows)}
        for person in fold.absent:
            if person in row_of:
                line = fold.scores[row_of[person]]
                pick = int(rng.integers(len(line)))
            else:
                row = int(rng.integers(len(fold.rows)))
                pick = column_of[person]
                line = fold.scores[row].copy()
                if fold.rows[row] in column_of:
                    line = np.delete(line, column_of[fold.rows[row]])
                    pick -= column_of[fold.rows[row]] < pick
            better = np.array([(line > line[pick]).sum()], dtype=float)
            tied = np.array([(line == line[pick]).sum() - 1], dtype=float)
            size = min(_size(fold, lineup), len(line))
            value = chance_of_rank(better, tied, len(line) - 1, size, rank)
            outcomes.setdefault(person, []).append(float(value[0]))
    return share(_mean(outcomes)) if outcomes else None


def _size(fold: Linked, lineup: int) -> int:
    return len(fold.columns) if fold.whole_table else min(lineup, len(fold.columns))


def _mean(outcomes: Outcomes) -> Floats:
    return np.array([np.mean(outcomes[p]) for p in sorted(outcomes)])


def _degenerate(scores: Floats) -> bool:
    return scores.size == 0 or bool(np.all(scores == scores.flat[0]))
