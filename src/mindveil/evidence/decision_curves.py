"""Is acting on a detector better than treating everybody, or nobody? And is its risk right?

A threshold probability says how many others a clinician would see in vain for one case found: at
.1 nine. The net benefit at that threshold is the share of people who are cases and called, minus
the share who are called in vain at that rate of exchange (Vickers & Elkin 2006, Medical Decision
Making 26:565-574). Treating nobody has a net benefit of 0; a detector below that, or below
treating everybody, is worth nothing there.

Calibration is shown in fifths of the predicted risk: of the people with about this risk, how many
are cases?
"""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.detection import Pooled
from mindveil.evidence.estimate import RESAMPLES, Estimate, difference, share
from mindveil.evidence.measured import Measured
from mindveil.evidence.resamples import resamples
from mindveil.evidence.simultaneous import drawn, tail_of

Floats = NDArray[np.float64]

THRESHOLDS: tuple[float, ...] = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5)
"""Threshold probabilities at which the net benefit is shown."""

PARTS = 5


def measure_decisions(pooled: Pooled, rng: np.random.Generator) -> list[Measured]:
    """Return the net benefit of a detector and of treating everybody, and its calibration.

    ``net-benefit@0.1`` (baseline: the detector trained on the originals) and
    ``net-benefit-all@0.1``, then ``calibration@1`` (the fifth with the lowest predicted risk) to
    ``@5``, each the share of cases beside the mean predicted risk as baseline; people of equal
    risk are never parted, so that a fifth may be empty and is then left out. Over repeats of the
    division a person counts with her mean.

    Raises:
        InvalidMeasurement: nobody was tested.
    """
    known = ~np.isnan(pooled.truth) & ~np.isnan(pooled.released)
    there = known.any(axis=0)
    if there.sum() < 2:
        raise InvalidMeasurement("fewer than 2 people were tested")
    weights = resamples(int(there.sum()), RESAMPLES, rng)
    cases = _mean(pooled.truth > 0, known)[there]
    found = []
    for threshold in THRESHOLDS:
        price = threshold / (1 - threshold)
        hit, vain = _called(pooled.truth, pooled.released, threshold)
        first, second = _called(pooled.truth, pooled.original, threshold)
        original = float(np.mean(first - price * second)) if first.size else None
        told = "baseline: trained on the originals; treating nobody is 0"
        found += [
            Measured(
                metric=f"net-benefit@{threshold:g}",
                estimate=_net(hit, vain, price, weights),
                baseline=original,
                note=f"{told}; one called in vain costs {price:.2g} of a case found",
            ),
            Measured(
                metric=f"net-benefit-all@{threshold:g}",
                estimate=share(cases).map(partial(_treating_all, price)),
                baseline=0.0,
                note="treating everybody; baseline: treating nobody",
            ),
        ]
    return [*found, *_fifths(_mean(np.nan_to_num(pooled.released), known)[there], cases)]


def _treating_all(price: float, prevalence: float) -> float:
    return prevalence - price * (1 - prevalence)


def _net(hit: Floats, vain: Floats, price: float, weights: Floats) -> Estimate:
    """Return the net benefit, people drawn anew.

    Where nobody, or everybody, is rightly called or called in vain, no resample shows what has
    never happened: the interval is then at least that of the two exact shares.
    """
    gained = hit - price * vain
    means = weights @ gained / len(gained)
    seen = drawn(float(means[0]), means[1:], len(gained), tail_of(1))
    shares = share(hit), share(vain)
    if all(0.0 < one.value < 1.0 for one in shares):
        return seen
    exact = difference(shares[0], shares[1].map(lambda v: price * v))
    return Estimate(
        value=seen.value, low=min(seen.low, exact.low), high=max(seen.high, exact.high), n=seen.n
    )


def _called(truth: Floats, told: Floats, threshold: float) -> tuple[Floats, Floats]:
    """Return how often each tested person was rightly called, and called in vain."""
    known = ~np.isnan(truth) & ~np.isnan(told)
    there, called = known.any(axis=0), told >= threshold
    hit, vain = (_mean(called & (truth == kind), known)[there] for kind in (1.0, 0.0))
    return hit, vain


def _mean(values: Floats | NDArray[np.bool_], known: NDArray[np.bool_]) -> Floats:
    """Return the mean of each person over the repeats in which she was tested; else 0."""
    total = np.where(known, values, 0.0).sum(axis=0)
    return np.asarray(total / np.maximum(known.sum(axis=0), 1), dtype=np.float64)


def _fifths(risk: Floats, cases: Floats) -> list[Measured]:
    """Return the share of cases in each fifth of the predicted risk."""
    place = np.ceil(PARTS * stats.rankdata(risk) / len(risk) - 1e-9).astype(int)
    found = []
    for part in range(1, PARTS + 1):
        inside = place == part
        if inside.any():
            found.append(
                Measured(
                    metric=f"calibration@{part}",
                    estimate=share(cases[inside]),
                    baseline=float(risk[inside].mean()),
                    note=f"share of cases in fifth {part} of the predicted risk; baseline: mean "
                    "predicted risk",
                )
            )
    return found
