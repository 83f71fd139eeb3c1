"""How much two models differ on the very same people: the release's against the originals'."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mindveil.evidence.estimate import Estimate, Weights, bootstrap

Floats = NDArray[np.float64]
Metric = Callable[[Floats, Floats, Weights], Floats]
"""(truth, prediction, weights (resamples, people)) -> one value a resample."""


def mean_over_repeats(metric: Metric, truth: Floats, told: Floats, weights: Weights) -> Floats:
    """Return the mean of a metric over repeats, a value each resample; NaN where none exists.

    ``truth`` and ``told`` have shape (repeats, people), NaN where a person was not tested.
    """
    values = []
    for actual, said in zip(truth, told, strict=True):
        kept = ~np.isnan(actual) & ~np.isnan(said)
        if kept.any():
            values.append(metric(actual[kept], said[kept], weights[:, kept]))
    return np.asarray(np.mean(values, axis=0)) if values else np.full(len(weights), np.nan)


def paired_change(
    metric: Metric, truth: Floats, told: tuple[Floats, Floats], rng: np.random.Generator
) -> Estimate:
    """Return the metric of the first predictions minus that of the second, people drawn together.

    Of two classes the interval is widened for the number of people in the smaller one: a loss of
    exactly the margin would else be called none in 3 of 100 studies, where 2.5 are promised.

    Raises:
        InvalidMeasurement: the metric does not exist for these people.
    """

    def statistic(weights: Weights) -> Floats:
        first, second = (mean_over_repeats(metric, truth, one, weights) for one in told)
        return first - second

    return bootstrap(statistic, truth.shape[1], rng, _smaller(truth))


def _smaller(truth: Floats) -> int:
    """Return how many people are in the smaller of two classes; all of them where truth is a score."""
    known = truth[~np.isnan(truth)]
    if not np.isin(known, (0.0, 1.0)).all():
        return int(truth.shape[1])
    cases = int((np.nan_to_num(truth).max(axis=0) > 0).sum())
    return min(cases, int(truth.shape[1]) - cases)
