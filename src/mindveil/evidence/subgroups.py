"""For whom does a detector fail? Its figures by sex, age, language and severity: worst and gap.

Beside the worst figure stands the worst change against the original's detector on the same
people: a release that is unfair only by its protection is told from people among whom the
detector was unfair before. Which group is worst is known after the fact only, so intervals hold
for all groups of a kind at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.detection import (
    Pooled,
    Tested,
    accuracy,
    auroc,
    balanced_accuracy,
    pool,
    tested_people,
)
from mindveil.evidence.estimate import RESAMPLES, Estimate, Weights, difference
from mindveil.evidence.measured import Measured
from mindveil.evidence.paired import Floats, Metric, mean_over_repeats
from mindveil.evidence.resamples import resamples
from mindveil.evidence.simultaneous import drawn, pairs_of, sure_at_ends, tail_of
from mindveil.utility.subgroups import LEAST_IN_GROUP

FIGURES: dict[str, Metric] = {
    "auroc": auroc,
    "balanced-accuracy": balanced_accuracy,
    "accuracy": accuracy,
}
_OF_SEVERITY = frozenset({"accuracy"})
"""Within a band of severity everybody is on one side of the cut-off: no ranking, no mean of both."""
_LOST = frozenset({"auroc"})
"""Figures whose change against the original is told for the group that lost most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Group:
    """A figure of one group: of the release in every resample, and of the originals' detector."""

    released: Floats
    """Shape (1 + resamples,): everybody once, then drawn anew."""
    original: Floats
    n: int
    trials: int
    """People, or pairs of a case and another that share nobody, that a rate of 0 or 1 rests on."""

    def seen(self, tail: float) -> Estimate:
        """Return the figure of the release with an interval that misses so little."""
        one = drawn(float(self.released[0]), self.released[1:], self.n, tail)
        return sure_at_ends(one, self.trials, tail)

    def change(self, tail: float) -> Estimate:
        """Return the figure of the release minus that of the originals' detector, paired."""
        lost = self.released - self.original
        return drawn(float(lost[0]), lost[1:], self.n, tail)


def measure_group_gaps(
    folds: Sequence[Tested], groups: Mapping[str, Mapping[str, str]], rng: np.random.Generator
) -> list[Measured]:
    """Return for each kind of group the worst figure, its gap to the best, and the worst change.

    ``groups`` says by kind (``sex``, ``age``, ``language``, ``severity``) in which group a
    held-out person is. Baseline is the same figure of a detector trained on the originals, in
    that group, or its own gap. Groups of fewer than 10 tested people, and those in which a figure
    does not exist, are left out; a kind of which fewer than two remain is not told. Empty where
    too few people could be tested. All figures rest on one set of resamples.
    """
    try:
        pooled = pool(folds)
    except InvalidMeasurement:
        return []
    people = np.array(tested_people(folds))
    weights = resamples(len(people), RESAMPLES, rng)
    same = np.array_equal(pooled.released, pooled.original, equal_nan=True)
    found = []
    for kind, mine in groups.items():
        labels = np.array([mine.get(p, "") for p in people.tolist()])
        for name, metric in FIGURES.items():
            if kind == "severity" and name not in _OF_SEVERITY:
                continue
            made = _by_group(pooled, labels, weights, metric)
            if len(made) >= 2:
                found += _worst(kind, name, made)
                found += _lost(kind, name, made) if name in _LOST and not same else []
    return found


def _by_group(
    pooled: Pooled,
    labels: np.ndarray[tuple[int, ...], np.dtype[np.str_]],
    weights: Weights,
    metric: Metric,
) -> dict[str, _Group]:
    """Return the figure of each group that is large enough and has one."""
    found = {}
    for label in sorted(set(labels.tolist()) - {""}):
        inside = labels == label
        if inside.sum() < LEAST_IN_GROUP:
            continue
        own = replace(
            pooled, **{f.name: getattr(pooled, f.name)[:, inside] for f in fields(pooled)}
        )
        here = weights[:, inside]
        one = _Group(
            released=mean_over_repeats(metric, own.truth, own.released, here),
            original=mean_over_repeats(metric, own.truth, own.original, here),
            n=own.people,
            trials=own.people
            if metric is accuracy
            else max(min(own.cases, own.people - own.cases), 1),
        )
        try:
            one.seen(tail_of(1))
        except InvalidMeasurement:
            continue
        found[label] = one
    return found


def _worst(kind: str, name: str, made: Mapping[str, _Group]) -> list[Measured]:
    low = min(made, key=lambda label: (made[label].released[0], label))
    high = max(made, key=lambda label: (made[label].released[0], label))
    worst = made[low].seen(tail_of(len(made)))
    pair = tail_of(pairs_of(len(made)))
    baselines = [float(one.original[0]) for one in made.values()]
    note = (
        f"{kind} = {low}; the worst of {len(made)}, its interval holds for all of them; "
        f"groups of fewer than {LEAST_IN_GROUP} people left out"
    )
    return [
        Measured(
            metric=f"{name}-worst@{kind}",
            estimate=worst,
            baseline=float(made[low].original[0]),
            note=note,
        ),
        Measured(
            metric=f"{name}-gap@{kind}",
            estimate=difference(made[high].seen(pair), made[low].seen(pair)),
            baseline=max(baselines) - min(baselines),
            note=f"{kind}: {high} minus {low}; baseline: the widest gap of the originals' detector; "
            f"the widest of {len(made)} groups, its interval holds for every two of them",
        ),
    ]


def _lost(kind: str, name: str, made: Mapping[str, _Group]) -> list[Measured]:
    """Return the change of the group that lost most against the originals' detector."""
    changes = {label: one.change(tail_of(len(made))) for label, one in made.items()}
    worst = min(changes, key=lambda label: (changes[label].value, label))
    note = (
        f"{kind} = {worst}; release minus original on the same people (paired); "
        f"the worst of {len(made)}, its interval holds for all of them"
    )
    return [
        Measured(
            metric=f"{name}-change-worst@{kind}",
            estimate=changes[worst],
            baseline=0.0,
            note=note,
        )
    ]
