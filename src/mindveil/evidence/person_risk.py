"""Risk person by person: an average hides her who is found every time.

Each person's own chance is the mean, over the folds in which she was released, of the chance that
the attacker names her in a random line-up. With few folds it is known coarsely, and among many
people somebody is always lucky for him: beside every figure stands what the same folds would show
if he only guessed (``baseline``), with the same luck in all folds or with new luck in each,
whichever is more. Who is named by luck is not exposed: see ``exposed_people``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mindveil.evidence.estimate import Estimate, share
from mindveil.evidence.line_ups import Linked, chance_of_rank, suffered
from mindveil.evidence.measured import Measured
from mindveil.evidence.scorecard import Row
from mindveil.evidence.simultaneous import tail_of

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

LIMITS: tuple[float, ...] = (0.05, 0.09, 0.2, 0.33, 0.5)
"""Own chances above which people are counted: one in 20, 11, 5, 3 and 2."""

FEW = 10
"""Fewer people than this are not told apart in words."""

_GUESSES = 200
_TOP = 10
"""So many of the best false matches tell how they are spread."""
_MARGIN = 3.0
"""A margin of so many spreads: exp(-3) is once in twenty."""


def own_chances(folds: Sequence[Linked], lineup: int) -> dict[str, float]:
    """Return each person's own chance to be named, over all folds in which she was released."""
    found = suffered(folds, lineup, 1)
    return {person: float(np.mean(found[person])) for person in sorted(found)}


def measure_person_risk(
    folds: Sequence[Linked], lineup: int, rng: np.random.Generator
) -> list[Measured]:
    """Return how the risk is spread over people, and how many the attacker knows that he has.

    ``person-risk@median``, ``@p95`` and ``@worst`` are quantiles of people's own chances, their
    intervals from order statistics; no number of people bounds the worst of all others, so its
    upper end is 1. ``people-above@0.09`` is the share of people whose own chance is above .09,
    ``people-exposed`` of those whom the attacker can name and know that he is right.

    Raises:
        InvalidMeasurement: fewer than 2 people can be looked for.
    """
    own = np.sort(list(own_chances(folds, lineup).values()))
    guessed = _by_chance(folds, lineup, rng)
    found = []
    for name, level in (("median", 0.5), ("p95", 0.95), ("worst", 1 - 0.5 / len(own))):
        lucky = max(float(np.median(_quantile(one, level))) for one in guessed)
        told = f"{len(own)} people's own chances over folds; baseline: as a guesser leaves them"
        found.append(
            Measured(
                metric=f"person-risk@{name}",
                estimate=ranked(own, level),
                baseline=lucky,
                note=told,
            )
        )
    for limit in LIMITS:
        above = own > limit
        found.append(
            Measured(
                metric=f"people-above@{limit:g}",
                estimate=share(above.astype(np.float64)),
                baseline=max(float((one > limit).mean()) for one in guessed),
                note=f"own chance above {100 * limit:g}%{_few(above)}; baseline: by guessing",
            )
        )
    return [*found, _exposed(folds)]


def exposed_people(folds: Sequence[Linked]) -> dict[str, bool]:
    """Return for each person whether the attacker can name her and know that he is right.

    He claims whoever matches a query best, if the match is better than every best match that was
    false in that fold: those of wrong candidates, and those of people who are not there at all.
    Better by a margin: the best of many false matches stands out by chance too, by about as much
    as the next ones are spread (their mean excess, Davison & Smith 1990), and by three times as
    much once in twenty times, where the tail of the scores is exponential. Exposed is who is
    rightly claimed so in more than half of the folds in which she was released; a tie is never a
    claim. So much is seen by chance in fewer than 2 of 100 studies: scores without a signal, the
    same in all folds, exposed somebody in 3 of 1,500 cohorts of 40 people (17 with log-normal
    scores), and in none of 500 cohorts of 150.
    """
    claimed: dict[str, list[bool]] = {}
    for fold in folds:
        for person, found in _claims(fold).items():
            claimed.setdefault(person, []).append(found)
    return {person: 2 * sum(claimed[person]) > len(claimed[person]) for person in sorted(claimed)}


def at_limit(rows: Iterable[Row], limit: float) -> list[Row]:
    """Return a scorecard with ``people-above@limit`` beside the counts at all limits.

    The limit is that of the policy, which no cell depends on. Where people were not counted at
    just this one, those above the next lower one are told: never fewer.
    """
    counted = [at for at in LIMITS if at <= limit]
    name = f"people-above@{counted[-1]:g}" if counted else ""
    found = []
    for row in rows:
        found.append(row)
        if row.metric == name:
            found.append(replace(row, metric="people-above@limit"))
    return found


def _exposed(folds: Sequence[Linked]) -> Measured:
    flags = np.array(list(exposed_people(folds).values()), dtype=np.bool_)
    return Measured(
        metric="people-exposed",
        estimate=share(flags.astype(np.float64)),
        baseline=_false_alarms(folds) / len(flags),
        note=f"named clearly above every false match in most folds{_few(flags)}; baseline: at "
        "most so many by chance, where all folds err alike",
    )


def _few(flags: Flags) -> str:
    """Return a word on how many they are where they are few; exact small counts are not told."""
    return f"; fewer than {FEW} people" if 0 < flags.sum() < FEW else ""


def _claims(fold: Linked) -> Mapping[str, bool]:
    """Return of each person looked for in a fold whether one of her queries is a sure claim."""
    rows, own = fold.targets()
    if not rows.size:
        return {}
    names = {p: i for i, p in enumerate(dict.fromkeys((*fold.rows, *fold.columns)))}
    row_codes = np.array([names[p] for p in fold.rows])
    wrong = row_codes[:, None] != np.array([names[p] for p in fold.columns])[None, :]
    others = np.where(wrong, fold.scores, -np.inf)
    right = np.full(len(fold.rows), -np.inf)
    right[rows] = fold.scores[rows, own]
    best = right > others.max(axis=1)
    sure = best & (right > _least_sure(_false_matches(others, best, fold)))
    found: dict[str, bool] = {}
    for i in rows:
        found[fold.rows[i]] = found.get(fold.rows[i], False) or bool(sure[i])
    return found


def _false_matches(others: Floats, best: Flags, fold: Linked) -> Floats:
    """Return the best matches that are false: of queries whose best is wrong, and of absent people.

    ``others`` are the scores of wrong pairs, ``best`` the queries whose best match is right.
    """
    false = np.zeros(others.shape, dtype=np.bool_)
    missed = np.flatnonzero(~best)
    false[missed, others[missed].argmax(axis=1)] = True
    gone = set(fold.absent)
    absent = [i for i, p in enumerate(fold.columns) if p in gone]
    false[others[:, absent].argmax(axis=0), absent] = True
    found = others[false]
    return np.asarray(found[np.isfinite(found)], dtype=np.float64)


def _least_sure(false: Floats) -> float:
    """Return the score above which a match is no chance: the best false one, and a margin.

    >>> _least_sure(np.array([0.5, 0.3, 0.3])), _least_sure(np.array([]))
    (0.8, -inf)
    """
    if not false.size:
        return -np.inf
    top = np.sort(false)[::-1][: _TOP + 1]
    spread = float(np.mean(top[:-1]) - top[-1]) if len(top) > 1 else 0.0
    return float(top[0]) + _MARGIN * spread


def _false_alarms(folds: Sequence[Linked]) -> float:
    """Return how many people a fold exposes by chance, on average.

    A best match is right by chance once in as many candidates as there are; those that are right
    before the first false one form a run of length p / (1 - p). It is at most so many over folds
    that err alike, fewer by the margin, and next to none over folds that err apart.
    """
    expected = []
    for fold in folds:
        rows, _ = fold.targets()
        if rows.size:
            there = np.isfinite(fold.scores[rows]).sum(axis=1)
            chance = float(np.mean(1 / np.maximum(there, 1)))
            most = float(len(set(fold.rows)))
            expected.append(most if chance >= 1 else min(most, chance / (1 - chance)))
    return float(np.mean(expected)) if expected else 0.0


def ranked(own: Floats, level: float) -> Estimate:
    """Return a quantile of sorted chances, with the interval of order statistics.

    So many people lie below the quantile as a binomial count; ranks that it surely lies between
    bound it. Beyond the last person nothing is known but that a chance is at most 1.
    """
    n, tail = len(own), tail_of(1)
    below = int(stats.binom.ppf(tail, n, level))
    above = int(stats.binom.ppf(1 - tail, n, level)) + 1
    value = float(_quantile(own[None, :], level)[0])
    low = float(own[below - 1]) if below else 0.0
    high = float(own[above - 1]) if above <= n else 1.0
    return Estimate(value=value, low=min(low, value), high=max(high, value), n=n)


def _quantile(chances: Floats, level: float) -> Floats:
    """Return a quantile of each row: the chance of a person, never between two."""
    place = max(int(np.ceil(level * chances.shape[1] - 1e-9)), 1) - 1
    return np.asarray(np.sort(chances, axis=1)[:, place], dtype=np.float64)


def _by_chance(
    folds: Sequence[Linked], lineup: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Return people's own chances under two guessers, each of shape (guesses, people).

    One has the same luck with a person in every fold, as where her record is the same in all of
    them; the other draws anew for every query.
    """
    place: dict[str, int] = {}
    chances, who = [], []
    for fold in folds:
        rows, _ = fold.targets()
        others = len(fold.columns) - 1
        ranks = np.arange(others + 1, dtype=np.float64)
        if rows.size:
            found = chance_of_rank(ranks, np.zeros_like(ranks), others, fold.size(lineup), 1)
            chances += [found] * len(rows)
            who += [place.setdefault(fold.rows[i], len(place)) for i in rows]
    own = np.array(who, dtype=np.intp)
    alike = rng.random((_GUESSES, len(place)))[:, own]
    return _mean_of(chances, own, alike), _mean_of(chances, own, rng.random(alike.shape))


def _mean_of(chances: Sequence[Floats], own: NDArray[np.intp], luck: Floats) -> Floats:
    """Return each person's mean over her queries; ``luck`` in [0, 1), shape (guesses, queries)."""
    drawn = np.array(
        [c[(len(c) * one).astype(int)] for c, one in zip(chances, luck.T, strict=True)]
    )
    total = np.zeros((int(own.max()) + 1, len(luck)))
    np.add.at(total, own, drawn)
    return np.asarray((total / np.bincount(own)[:, None]).T, dtype=np.float64)
