"""From validity checks to what they say of the evidence: how much accuracy is owed to what else?

A validity check says whether other figures can be believed. It is never a use of a release: no
condition of a policy, no point on the frontier.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.detection_scores import auroc
from mindveil.evidence.estimate import Weights, bootstrap, exact_at_ends
from mindveil.evidence.measured import Measured
from mindveil.evidence.paired import mean_over_repeats
from mindveil.utility.base import Predictions

Floats = NDArray[np.float64]

FAMILIES: tuple[str, ...] = ("contamination", "identity", "interviewer")

_LEAST = 5
"""People of either class; the figures of fewer are not believed."""

Told = Mapping[str, Predictions]
"""What was predicted in each situation of one fold, by its name."""


def is_validity(measure: str) -> bool:
    """Whether a measure asks if the evidence can be believed, and not what a release is good for.

    >>> is_validity("identity/phq9>=10"), is_validity("detect/phq9>=10")
    (True, False)
    """
    return measure.partition("/")[0] in FAMILIES


class Pair(NamedTuple):
    """Of one situation the truth and what was told, shape (times told, people)."""

    truth: Floats
    told: Floats


def measure_identity(folds: Sequence[Told], rng: np.random.Generator) -> list[Measured]:
    """Return how well a detector ranks people it has met, people it has not, and the difference.

    Over the folds everybody is both: one of those who taught it and one of those who did not. So
    the difference is paired by person; it is the accuracy that is owed to recognising people.

    Raises:
        InvalidMeasurement: too few people were tested in both ways.
    """
    met, unmet = _paired(folds, ("overlapping", "disjoint"))
    note = _counts(met)
    return [
        _area("auroc-overlapping", met, f"another visit of the people who taught it; {note}", rng),
        _area("auroc-disjoint", unmet, f"the same visit of people it never met; {note}", rng),
        _gain("identity-share", (met, unmet), "overlapping minus disjoint (paired)", rng),
    ]


def measure_interviewer(folds: Sequence[Told], rng: np.random.Generator) -> list[Measured]:
    """Return how well either side of an interview tells the diagnosis, and what both add to one.

    Raises:
        InvalidMeasurement: too few people have turns of both sides.
    """
    own, theirs, both = _paired(folds, ("participant", "interviewer", "both"))
    note = _counts(own)
    return [
        _area("auroc-participant", own, f"the participant's turns alone; {note}", rng),
        _area("auroc-interviewer", theirs, f"the interviewer's turns alone; {note}", rng),
        _area("auroc-both", both, f"the turns of both; {note}", rng),
        _gain("interviewer-share", (both, own), "both minus participant alone (paired)", rng),
    ]


def _paired(folds: Sequence[Told], names: Sequence[str]) -> list[Pair]:
    """Return each situation, for the people who were tested in every one of them."""
    found: list[dict[str, list[tuple[float, float]]]] = []
    for name in names:
        mine: dict[str, list[tuple[float, float]]] = {}
        for fold in folds:
            made = fold[name]
            for person, truth, told in zip(made.ids, made.truth, made.predicted, strict=True):
                if np.isfinite(truth) and np.isfinite(told):
                    mine.setdefault(person, []).append((float(truth), float(told)))
        found.append(mine)
    ids = sorted(set.intersection(*map(set, found)))
    cases = sum(found[0][p][0][0] > 0 for p in ids)
    if min(cases, len(ids) - cases) < _LEAST:
        raise InvalidMeasurement(
            f"{cases} of the {len(ids)} people who could be tested in every way are cases; at "
            f"least {_LEAST} of either kind needed"
        )
    return [_stacked([mine[p] for p in ids]) for mine in found]


def _stacked(told: Sequence[Sequence[tuple[float, float]]]) -> Pair:
    """Return as many full rows as everybody was told about."""
    times = min(map(len, told))
    rows = np.array([own[:times] for own in told], dtype=np.float64)
    return Pair(truth=rows[:, :, 0].T, told=rows[:, :, 1].T)


def _counts(pair: Pair) -> str:
    return f"{int(pair.truth[0].sum())} cases of {pair.truth.shape[1]}; guessing reaches .5"


def _area(name: str, pair: Pair, note: str, rng: np.random.Generator) -> Measured:
    people, cases = pair.truth.shape[1], int(pair.truth[0].sum())
    seen = bootstrap(lambda w: mean_over_repeats(auroc, *pair, w), people, rng)
    seen = exact_at_ends(seen, min(cases, people - cases))
    return Measured(metric=name, estimate=seen, baseline=0.5, note=note)


def _gain(name: str, pairs: tuple[Pair, Pair], note: str, rng: np.random.Generator) -> Measured:
    def statistic(weights: Weights) -> Floats:
        more, less = (mean_over_repeats(auroc, *pair, weights) for pair in pairs)
        return more - less

    people, cases = pairs[0].truth.shape[1], int(pairs[0].truth[0].sum())
    seen = bootstrap(statistic, people, rng, min(cases, people - cases))
    return Measured(metric=name, estimate=seen, baseline=0.0, note=note)
