"""How right predictions are: each score of a detector or a severity model, with weights of people.

Every function takes the truth and what was told, shape (people,), and weights of shape
(resamples, people), and returns one value a resample; NaN where the score does not exist.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.evidence.estimate import Weights
from mindveil.evidence.paired import Metric

Floats = NDArray[np.float64]

CUT = 0.5
"""The probability from which on somebody is called a case."""


def auroc(truth: Floats, score: Floats, weights: Weights) -> Floats:
    """Return the weighted area under the ROC curve, ties counting half.

    >>> auroc(np.array([0., 0, 1, 1]), np.array([.1, .4, .35, .8]), np.ones((1, 4)))
    array([0.75])
    """
    order = np.argsort(score, kind="stable")
    ranked = score[order]
    edges = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
    cases = np.add.reduceat(weights[:, order] * truth[order], edges, axis=1)
    others = np.add.reduceat(weights[:, order] * (1 - truth[order]), edges, axis=1)
    below = np.cumsum(others, axis=1) - others
    pairs = cases.sum(axis=1) * others.sum(axis=1)
    return _over((cases * (below + others / 2)).sum(axis=1), pairs)


def accuracy(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return the weighted share of right decisions at probability one half."""
    return _weighted(((probability >= CUT) == (truth > 0)).astype(np.float64), weights)


def sensitivity(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return the share of cases that are detected."""
    return _share_within(truth > 0, probability >= CUT, weights)


def specificity(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return the share of non-cases that are left alone."""
    return _share_within(truth == 0, probability < CUT, weights)


def balanced_accuracy(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return the mean of sensitivity and specificity: predicting nobody scores one half."""
    return (sensitivity(truth, probability, weights) + specificity(truth, probability, weights)) / 2


def f1_macro(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return the mean over both classes of the F1 score."""
    case, called = truth > 0, probability >= CUT
    scores = []
    for real, said in ((case, called), (~case, ~called)):
        hit = weights @ (real & said).astype(np.float64)
        total = weights @ real.astype(np.float64) + weights @ said.astype(np.float64)
        scores.append(_over(2 * hit, total))
    return np.asarray((scores[0] + scores[1]) / 2)


def auprc(truth: Floats, score: Floats, weights: Weights) -> Floats:
    """Return the weighted average precision."""
    order = np.argsort(-score, kind="stable")
    ranked = score[order]
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True))
    hits = np.cumsum(weights[:, order] * truth[order], axis=1)[:, last]
    called = np.cumsum(weights[:, order], axis=1)[:, last]
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)
    gained = np.diff(hits, axis=1, prepend=0)
    return _over((precision * gained).sum(axis=1), hits[:, -1])


def brier(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return the mean squared error of the probability."""
    return _weighted((probability - truth) ** 2, weights)


def mae(truth: Floats, predicted: Floats, weights: Weights) -> Floats:
    """Return the mean absolute error in points of the questionnaire."""
    return _weighted(np.abs(predicted - truth), weights)


def rmse(truth: Floats, predicted: Floats, weights: Weights) -> Floats:
    """Return the root of the mean squared error in points of the questionnaire."""
    return np.asarray(np.sqrt(_weighted((predicted - truth) ** 2, weights)))


def ccc(truth: Floats, predicted: Floats, weights: Weights) -> Floats:
    """Return the concordance correlation coefficient (Lin 1989).

    NaN where nobody differs from anybody, in truth and in prediction.
    """
    origin = float(truth.mean())
    # Both on the same new origin: sums of squares of large totals would lose their digits.
    truth, predicted = truth - origin, predicted - origin
    mean_t, mean_p = _weighted(truth, weights), _weighted(predicted, weights)
    var_t = _weighted(truth**2, weights) - mean_t**2
    var_p = _weighted(predicted**2, weights) - mean_p**2
    both = _weighted(truth * predicted, weights) - mean_t * mean_p
    return _over(2 * both, var_t + var_p + (mean_t - mean_p) ** 2)


def pearson(truth: Floats, predicted: Floats, weights: Weights) -> Floats:
    """Return the correlation of Pearson: whether order and distances are right, not the level.

    NaN where either is the same for all.
    """
    (one, spread), (two, width) = (_standing(values, weights) for values in (truth, predicted))
    return _over((weights * one * two).sum(axis=1), spread * width)


def _share_within(group: NDArray[np.bool_], right: NDArray[np.bool_], weights: Weights) -> Floats:
    return _over(weights @ (group & right).astype(np.float64), weights @ group.astype(np.float64))


def _standing(values: Floats, weights: Weights) -> tuple[Floats, Floats]:
    """Return distances from each resample's mean, and the root of the sum of their squares.

    That root is 0 where nothing but rounding is left of them.
    """
    away = values - _weighted(values, weights)[:, None]
    least = 64 * np.finfo(np.float64).eps * float(np.abs(values).max(initial=0.0))
    total = weights.sum(axis=1)
    root = np.sqrt((weights * away**2).sum(axis=1))
    return away, np.where(root > least * np.sqrt(total), root, 0.0)


def _weighted(values: Floats, weights: Weights) -> Floats:
    return _over(weights @ values, weights.sum(axis=1))


def _over(top: Floats, under: Floats) -> Floats:
    """Return a fraction, NaN where there is nothing to divide by: it does not exist there."""
    found = np.full_like(top, np.nan)
    np.divide(top, under, out=found, where=under > 0)
    return found


DETECTION: dict[str, Metric] = {
    "auroc": auroc,
    "accuracy": accuracy,
    "balanced-accuracy": balanced_accuracy,
    "f1-macro": f1_macro,
    "auprc": auprc,
    "sensitivity": sensitivity,
    "specificity": specificity,
    "brier": brier,
}
SEVERITY: dict[str, Metric] = {"ccc": ccc, "mae": mae, "rmse": rmse, "pearson-r": pearson}
