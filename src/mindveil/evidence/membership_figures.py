"""Figures of membership: advantage, AUC and true positive rates at fixed false ones.

Scores are ranks within their target or fold: a model made anew gives scores on a scale of its
own. The threshold that an attacker would choose is found on one half of the people, in all
folds, and applied to the other half, crosswise; nobody has a say in the threshold that she is
judged by.

**Advantage** is the true minus the false positive rate: what epsilon bounds. All intervals are
over participants.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate, Weights, exact_at_ends
from mindveil.evidence.measured import Measured
from mindveil.evidence.trials import (
    Flags,
    Floats,
    Interval,
    Rates,
    Scored,
    Trials,
    drawn_each_time,
    trials_of,
)

FALSE_POSITIVES = (0.01, 0.1)
"""False positive rates at which the true one is told, where there are people enough."""

_FEWEST = 10


def measure_scored(
    folds: Sequence[Scored],
    unusual: AbstractSet[str],
    rng: np.random.Generator,
    interval: Interval | None = None,
) -> list[Measured]:
    """Return advantage, AUC and true positive rates at fixed false ones, pooled over targets.

    ``unusual`` people stand apart, with a threshold of their own. ``interval`` is how intervals
    are found, where several attacks share their resamples. A rate that there are too few
    controls to tell is left out.

    Raises:
        InvalidMeasurement: scores are not numbers or all equal on a target, or fewer than 10
            people are members, or controls.
    """
    drawn = interval or drawn_each_time(rng)
    people, trials = trials_of(folds, rng)
    there = np.bincount(trials.person, minlength=len(people)) > 0
    found = _figures(trials, there, "", drawn)
    rare = there & np.array([p in unusual for p in people], dtype=np.bool_)
    if rare.any():
        try:
            found += _figures(trials.of(rare), rare, "-unusual", drawn)
        except InvalidMeasurement as why:
            note = f"{found[0].note}; the most unusual people not measured: {why}"
            found[0] = Measured(
                metric=found[0].metric, estimate=found[0].estimate, baseline=0.0, note=note
            )
    for rate in FALSE_POSITIVES:
        if fewest_controls(trials) * rate >= 1:
            found.append(_at_rate(trials, rate, drawn))
    return found


def fewest_controls(trials: Trials) -> int:
    """Return how many different people are controls in the smaller half."""
    controls = np.unique(trials.person[~trials.member])
    inside = trials.half[controls]
    return int(min(inside.sum(), (~inside).sum()))


def _figures(trials: Trials, there: Flags, suffix: str, drawn: Interval) -> list[Measured]:
    members = np.unique(trials.person[trials.member])
    controls = np.unique(trials.person[~trials.member])
    if min(len(members), len(controls)) < _FEWEST:
        raise InvalidMeasurement(
            f"{len(members)} members and {len(controls)} controls are too few to be told apart"
        )
    both = len(np.intersect1d(members, controls))
    note = f"{len(members)} members, {len(controls)} controls, {both} of them in turn"
    return [
        Measured(
            metric=f"advantage{suffix}",
            estimate=_advantage(trials, there, drawn),
            baseline=0.0,
            note=f"true minus false positive rate; {note}",
        ),
        Measured(
            metric=f"auc{suffix}", estimate=_auc(trials, there, drawn), baseline=0.5, note=note
        ),
    ]


def _advantage(trials: Trials, there: Flags, drawn: Interval) -> Estimate:
    """Return true minus false positive rate at thresholds of the other half."""
    named = np.empty(len(trials.rank))
    for half in (True, False):
        here = trials.half[trials.person] == half
        named[here] = trials.rank[here] >= _threshold(trials.rank[~here], trials.member[~here])
    rates = Rates.of(trials, named, there)
    found = drawn(lambda w: rates.share(w, 0) - rates.share(w, 1), int(there.sum()))
    # Where every member is told and no control, no resample can show what never happened.
    return exact_at_ends(found, int(there.sum()))


def _threshold(rank: Floats, member: Flags) -> float:
    """Return the rank at which the two rates differ most; half of the rows decide for the rest."""
    if member.all() or not member.any():
        raise InvalidMeasurement("one half of the people holds members or controls only")
    order = np.argsort(-rank, kind="stable")
    sorted_rank, inside = rank[order], member[order]
    gap = np.cumsum(inside) / inside.sum() - np.cumsum(~inside) / (~inside).sum()
    last = np.append(sorted_rank[1:] < sorted_rank[:-1], True)
    best = int(np.argmax(np.where(last, gap, -np.inf)))
    below = sorted_rank[best + 1] if best + 1 < len(rank) else sorted_rank[best]
    # Between two people: their ranks are those of one fold, and others fall beside them.
    return float((sorted_rank[best] + below) / 2)


def _auc(trials: Trials, there: Flags, drawn: Interval) -> Estimate:
    """Return the chance that a member scores above a control of the same fold.

    The bootstrap resamples people by their placements: the share of controls below a member and
    of members above a control (DeLong et al. 1988), so that nobody is compared with herself.
    """
    placed = np.full(len(trials.rank), np.nan)
    for fold in np.unique(trials.fold):
        here = np.flatnonzero(trials.fold == fold)
        inside, outside = here[trials.member[here]], here[~trials.member[here]]
        if len(inside) and len(outside):
            placed[inside] = _below(trials.rank[outside], trials.rank[inside])
            placed[outside] = 1 - _below(trials.rank[inside], trials.rank[outside])
    known = ~np.isnan(placed)
    if not known.any():
        raise InvalidMeasurement("no fold holds members and controls")
    compared = Trials(
        person=trials.person[known],
        fold=trials.fold[known],
        rank=trials.rank[known],
        member=trials.member[known],
        half=trials.half,
    )
    rates = Rates.of(compared, placed[known], there)
    all_of_them = np.ones((1, int(there.sum())))
    middle = (rates.share(all_of_them, 0)[0] + rates.share(all_of_them, 1)[0]) / 2

    def statistic(weights: Weights) -> Floats:
        return np.asarray(rates.share(weights, 0) + rates.share(weights, 1) - middle)

    found = drawn(statistic, int(there.sum()))
    clipped = Estimate(
        value=min(max(found.value, 0.0), 1.0),
        low=max(found.low, 0.0),
        high=min(found.high, 1.0),
        n=found.n,
    )
    return exact_at_ends(clipped, int(there.sum()))


def _below(others: Floats, rank: Floats) -> Floats:
    """Return the share of others below each rank, ties counted half."""
    ordered = np.sort(others)
    less = np.searchsorted(ordered, rank, side="left")
    not_more = np.searchsorted(ordered, rank, side="right")
    return np.asarray((less + not_more) / (2 * len(others)), dtype=np.float64)


def _at_rate(trials: Trials, rate: float, drawn: Interval) -> Measured:
    """Return the true positive rate where so many controls of the other half are taken for members.

    The control is the false positive rate that came about on the judged half.
    """
    named = np.empty(len(trials.rank))
    for half in (True, False):
        here = trials.half[trials.person] == half
        controls = trials.rank[~here & ~trials.member]
        named[here] = trials.rank[here] > np.quantile(controls, 1 - rate, method="higher")
    there = np.bincount(trials.person, minlength=len(trials.half)) > 0
    rates = Rates.of(trials, named, there)
    return Measured(
        metric=f"tpr@fpr={rate:g}",
        estimate=rates.estimate(0, drawn),
        baseline=rate,
        control=rates.estimate(1, drawn),
    )
