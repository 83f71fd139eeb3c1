"""For whom does a detector fail? Its figures by sex, age and severity, worst group and gap."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.detection import Tested, accuracy, auroc, balanced_accuracy, pool
from mindveil.evidence.estimate import Estimate, bootstrap, difference, exact_at_ends
from mindveil.evidence.measured import Measured
from mindveil.evidence.paired import Metric, mean_over_repeats
from mindveil.utility.base import Predictions
from mindveil.utility.subgroups import LEAST_IN_GROUP

FIGURES: dict[str, Metric] = {
    "auroc": auroc,
    "balanced-accuracy": balanced_accuracy,
    "accuracy": accuracy,
}
_OF_SEVERITY = frozenset({"accuracy"})
"""Within a band of severity everybody is on one side of the cut-off: no ranking, no mean of both."""


def measure_group_gaps(
    folds: Sequence[Tested], groups: Mapping[str, Mapping[str, str]], rng: np.random.Generator
) -> list[Measured]:
    """Return for each kind of group the worst figure and how far it is from the best.

    ``groups`` says by kind (``sex``, ``age``, ``severity``) in which group a held-out person is.
    Baseline is the same figure of a detector trained on the originals, in that group, or its own
    gap. Groups of fewer than 10 tested people, and those in which a figure does not exist, are
    left out; a kind of which fewer than two remain is not told.
    """
    found = []
    for kind, mine in groups.items():
        for name, metric in FIGURES.items():
            if kind == "severity" and name not in _OF_SEVERITY:
                continue
            made = {}
            for label in sorted(set(mine.values())):
                one = _of_group(folds, {p for p, at in mine.items() if at == label}, metric, rng)
                if one is not None:
                    made[label] = one
            if len(made) >= 2:
                found += _worst(kind, name, made)
    return found


def _worst(kind: str, name: str, made: Mapping[str, tuple[Estimate, float]]) -> list[Measured]:
    low = min(made, key=lambda label: (made[label][0].value, label))
    high = max(made, key=lambda label: (made[label][0].value, label))
    (worst, original), (best, _) = made[low], made[high]
    baselines = [at for _, at in made.values()]
    note = f"{kind} = {low}; groups of fewer than {LEAST_IN_GROUP} people left out"
    return [
        Measured(metric=f"{name}-worst@{kind}", estimate=worst, baseline=original, note=note),
        Measured(
            metric=f"{name}-gap@{kind}",
            estimate=difference(best, worst),
            baseline=max(baselines) - min(baselines),
            note=f"{kind}: {high} minus {low}; baseline: the widest gap of the originals' detector",
        ),
    ]


def _of_group(
    folds: Sequence[Tested], people: set[str], metric: Metric, rng: np.random.Generator
) -> tuple[Estimate, float] | None:
    """Return a figure among some people, and that of the originals' detector."""
    inside = [
        Tested(
            repeat=f.repeat, released=_only(f.released, people), original=_only(f.original, people)
        )
        for f in folds
    ]
    try:
        pooled = pool(inside)
        if pooled.people < LEAST_IN_GROUP:
            return None
        seen = bootstrap(
            lambda w: mean_over_repeats(metric, pooled.truth, pooled.released, w),
            pooled.people,
            rng,
        )
    except InvalidMeasurement:
        return None
    fewer = min(pooled.cases, pooled.people - pooled.cases)
    seen = exact_at_ends(seen, pooled.people if metric is accuracy else max(fewer, 1))
    ones = np.ones((1, pooled.people))
    return seen, float(mean_over_repeats(metric, pooled.truth, pooled.original, ones)[0])


def _only(made: Predictions, people: set[str]) -> Predictions:
    kept = np.array([p in people for p in made.ids], dtype=np.bool_)
    return Predictions(
        ids=tuple(p for p, there in zip(made.ids, kept, strict=True) if there),
        truth=made.truth[kept],
        predicted=made.predicted[kept],
        guess=made.guess[kept],
    )
