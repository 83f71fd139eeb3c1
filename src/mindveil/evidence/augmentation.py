"""From predictions with and without a release to what it adds to real people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.detection import Tested, auroc, balanced_accuracy, pool
from mindveil.evidence.estimate import bootstrap
from mindveil.evidence.measured import Measured
from mindveil.evidence.paired import Metric, mean_over_repeats, paired_change
from mindveil.utility.base import Added

FIGURES: dict[str, Metric] = {"auroc": auroc, "balanced-accuracy": balanced_accuracy}

_LEAST = 5


def measure_augmentation(
    folds: Sequence[tuple[int, Mapping[str, Added]]], rng: np.random.Generator
) -> list[Measured]:
    """Return what a release adds, from (repeat, predictions by number of real people).

    ``auroc@100`` is that of 100 real people and the release (baseline: of the 100 alone),
    ``auroc-gain@100`` the paired difference. A size that was not learnt from in every fold is
    left out.

    Raises:
        InvalidMeasurement: no size gave predictions in every fold, or too few cases to tell.
    """
    sizes = list(dict.fromkeys(size for _, made in folds for size in made))
    found: list[Measured] = []
    for size in sizes:
        if all(size in made for _, made in folds):
            found += _of_size(size, [(repeat, made[size]) for repeat, made in folds], rng)
    if not found:
        raise InvalidMeasurement("no number of real people was enough to learn from in every fold")
    return found


def _of_size(
    size: str, folds: Sequence[tuple[int, Added]], rng: np.random.Generator
) -> list[Measured]:
    tested = [
        Tested(repeat=repeat, released=one.joined, original=one.alone) for repeat, one in folds
    ]
    pooled = pool(tested)
    if min(pooled.cases, pooled.people - pooled.cases) < _LEAST:
        raise InvalidMeasurement(
            f"{pooled.cases} of {pooled.people} people are cases; at least {_LEAST} of either "
            "kind needed"
        )
    made = []
    ones = np.ones((1, pooled.people))
    for name, metric in FIGURES.items():
        level = bootstrap(
            lambda w, m=metric: mean_over_repeats(m, pooled.truth, pooled.released, w),  # type: ignore[misc]
            pooled.people,
            rng,
        )
        alone = float(mean_over_repeats(metric, pooled.truth, pooled.original, ones)[0])
        gain = paired_change(metric, pooled.truth, (pooled.released, pooled.original), rng)
        note = f"real people: {size}; baseline: these alone"
        one = Measured(metric=f"{name}@{size}", estimate=level, baseline=alone, note=note)
        paired = f"real people: {size}; with the release minus without it (paired)"
        made += [
            one,
            replace(one, metric=f"{name}-gain@{size}", estimate=gain, baseline=0.0, note=paired),
        ]
    return made
