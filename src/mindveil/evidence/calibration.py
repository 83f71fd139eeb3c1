"""Does a probability mean what it says? Recalibration of the truth on the predicted log-odds.

Cox (1958): the log-odds of the truth are a line of the predicted ones. Its slope is 1 where
predictions are as spread as they should be, below 1 where they are too extreme (the detector was
overfitted), above 1 where they are too timid. The intercept, with the slope held at 1
("calibration in the large", Van Calster et al. 2019), is 0 where as many cases are expected as
there are, above 0 where too few are. Both are fitted by Newton steps for all resamples at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.evidence.estimate import Weights
from mindveil.evidence.paired import Metric

Floats = NDArray[np.float64]

_STEPS = 30
_NEAR = 1e-5
"""The step after one so short is shorter than its square."""
_LONGEST = 2.0
_EDGE = float(np.finfo(np.float64).eps)


def calibration_slope(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return the slope of the truth on the predicted log-odds, one a resample; 1 is right.

    NaN where no line exists: one class alone, all predictions alike, or a threshold that parts
    the classes, which every steeper line would fit better still.
    """
    odds = log_odds_of(probability)
    drawn = weights > 0
    found = np.full(len(weights), np.nan)
    mixed = _overlap(odds, truth, drawn)
    if mixed.any():
        centre, spread = float(odds.mean()), float(odds.std())
        columns = np.stack([np.ones_like(odds), (odds - centre) / spread])
        start = _newton(columns, truth, weights[mixed].sum(axis=0, keepdims=True))
        found[mixed] = _newton(columns, truth, weights[mixed], start=start)[:, 1] / spread
    return found


def calibration_intercept(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return what the predicted log-odds lack for as many cases as there are; 0 is right.

    One a resample; NaN where there is one class alone.
    """
    cases, others = weights @ truth, weights @ (1 - truth)
    found = np.full(len(weights), np.nan)
    both = (cases > 0) & (others > 0)
    if both.any():
        ones = np.ones((1, len(truth)))
        found[both] = _newton(ones, truth, weights[both], log_odds_of(probability))[:, 0]
    return found


def log_odds_of(probability: Floats) -> Floats:
    """Return the log-odds of probabilities; those of 0 and 1 as far out as floats can tell.

    >>> log_odds_of(np.array([0.5]))
    array([0.])
    """
    inside = np.clip(probability, _EDGE, 1 - _EDGE)
    return np.asarray(np.log(inside / (1 - inside)), dtype=np.float64)


CALIBRATION: dict[str, Metric] = {
    "calibration-slope": calibration_slope,
    "calibration-intercept": calibration_intercept,
}
"""Scores that may not exist for a detector, however good: one that parts the classes has none."""


def _overlap(odds: Floats, truth: Floats, drawn: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return in which resamples the classes overlap on both sides: there a finite line exists."""
    lows, highs = [], []
    for kind in (0, 1):
        mine = drawn & (truth == kind)
        lows.append(np.where(mine, odds, np.inf).min(axis=1))
        highs.append(np.where(mine, odds, -np.inf).max(axis=1))
    return np.asarray((highs[0] > lows[1]) & (highs[1] > lows[0]), dtype=np.bool_)


def _newton(
    columns: Floats,
    truth: Floats,
    weights: Weights,
    offset: Floats | float = 0.0,
    start: Floats | float = 0.0,
) -> Floats:
    """Return logistic coefficients, shape (resamples, columns); one or two ``columns`` of people."""
    found = np.zeros((len(weights), len(columns))) + start
    pairs = np.stack([one * two for one in columns for two in columns])
    for _ in range(_STEPS):
        chance = 0.5 * (1 + np.tanh(0.5 * (offset + found @ columns)))
        slope = (weights * (truth - chance)) @ columns.T
        bend = (weights * chance * (1 - chance)) @ pairs.T
        # nothing bends where everybody is certain: the step is then as long as one may be
        bend = bend.reshape(-1, len(columns), len(columns)) + 1e-12 * np.eye(len(columns))
        step = np.linalg.solve(bend, slope[:, :, None])[:, :, 0]
        longest = np.abs(step).max(axis=1, keepdims=True)
        found += step * np.minimum(1.0, _LONGEST / np.maximum(longest, _LONGEST))
        if longest.max() < _NEAR:
            break
    return found
