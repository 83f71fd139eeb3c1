"""How much two models differ on the very same people: the release's against the originals'."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from mindveil.evidence.estimate import Estimate, Weights, bootstrap, difference, share

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


def paired_gain(gain: Floats) -> Estimate:
    """Return the mean gain, one value from -1 to 1 a person, with an interval that few gains widen.

    What is won and what is lost are shares of people, each with its exact interval; their
    difference allows for the fact that where one wins the other does not. Where three people
    differ, all one way, a bootstrap would hardly ever draw none of them.

    >>> found = paired_gain(np.array([-1.0] * 3 + [0.0] * 57))
    >>> found.value, round(found.low, 3), round(found.high, 3)
    (-0.05, -0.139, 0.022)
    """
    won, lost = np.clip(gain, 0, 1), np.clip(-gain, 0, 1)
    spread = float(np.std(won) * np.std(lost)) if len(gain) else 0.0
    both = float(np.mean(won * lost) - won.mean() * lost.mean()) if len(gain) else 0.0
    return difference(share(won), share(lost), both / spread if spread else 0.0)


def counted_change(
    truth: Floats, right: tuple[NDArray[np.bool_], NDArray[np.bool_]], *, by_class: bool
) -> Estimate:
    """Return by how much more often one of two detectors is right, of people (repeats, people).

    ``by_class`` gives the mean of cases and others. ``truth`` is NaN where nobody was tested.

    Raises:
        InvalidMeasurement: a class has nobody.
    """
    tested = ~np.isnan(truth)
    gain = np.where(tested, right[0].astype(np.float64) - right[1], 0.0).sum(axis=0)
    gain = gain / np.maximum(tested.sum(axis=0), 1)
    there, case = tested.any(axis=0), np.nan_to_num(truth).max(axis=0) > 0
    if not by_class:
        return paired_gain(gain[there])
    one, two = (paired_gain(gain[there & side]) for side in (case, ~case))
    value = (one.value + two.value) / 2
    down = float(np.hypot(one.value - one.low, two.value - two.low)) / 2
    up = float(np.hypot(one.high - one.value, two.high - two.value)) / 2
    return Estimate(value=value, low=value - down, high=value + up, n=one.n + two.n)


def _smaller(truth: Floats) -> int:
    """Return how many people are in the smaller of two classes; all of them where truth is a score."""
    known = truth[~np.isnan(truth)]
    if not np.isin(known, (0.0, 1.0)).all():
        return int(truth.shape[1])
    cases = int((np.nan_to_num(truth).max(axis=0) > 0).sum())
    return min(cases, int(truth.shape[1]) - cases)
