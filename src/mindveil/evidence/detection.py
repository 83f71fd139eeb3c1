"""From predictions on held-out people to accuracy, AUROC, CCC and whether they were kept.

Every figure is the mean over repeats of the division into folds, with a bootstrap over people
that draws a person's predictions of all repeats together. Beside the value of the release
stands the original's (``baseline``), and the paired loss with its interval.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Weights, bootstrap
from mindveil.evidence.measured import Measured
from mindveil.utility.base import Predictions

Floats = NDArray[np.float64]
Metric = Callable[[Floats, Floats, Weights], Floats]
"""(truth, prediction, weights (resamples, people)) -> one value a resample."""

_CUT = 0.5
_LEAST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Predictions of all folds: arrays of shape (repeats, people); NaN where none was made."""

    truth: Floats
    released: Floats
    original: Floats
    guess: Floats

    @property
    def people(self) -> int:
        """How many people were tested."""
        return self.truth.shape[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One fold: what the models trained on the release and on the originals predicted."""

    repeat: int
    released: Predictions
    original: Predictions


def pool(folds: Sequence[Tested]) -> Pooled:
    """Join the predictions of all folds by person."""
    ids = sorted({p for f in folds for p in f.released.ids})
    repeats = 1 + max((f.repeat for f in folds), default=0)
    if len(ids) < 2 * _LEAST:
        raise InvalidMeasurement(f"{len(ids)} people could be tested; at least {2 * _LEAST} needed")
    place = {p: i for i, p in enumerate(ids)}
    made = {k: np.full((repeats, len(ids)), np.nan) for k in Pooled.__dataclass_fields__}
    for fold in folds:
        at = [place[p] for p in fold.released.ids]
        made["truth"][fold.repeat, at] = fold.released.truth
        made["guess"][fold.repeat, at] = fold.released.guess
        made["released"][fold.repeat, at] = fold.released.predicted
        made["original"][fold.repeat, at] = fold.original.predicted
    return Pooled(**made)


def measure_detection(pooled: Pooled, rng: np.random.Generator) -> list[Measured]:
    """Return the figures of a detector, and what the release lost against the original."""
    cases = int(np.nanmax(pooled.truth, axis=0).sum())
    if min(cases, pooled.people - cases) < _LEAST:
        raise InvalidMeasurement(
            f"{cases} of {pooled.people} people are cases; at least {_LEAST} of either kind needed"
        )
    note = f"{cases} cases of {pooled.people}"
    found = [_measure(name, metric, pooled, rng, note) for name, metric in DETECTION.items()]
    return [*found, _loss("auroc", auroc, pooled, rng)]


def measure_severity(pooled: Pooled, rng: np.random.Generator) -> list[Measured]:
    """Return the figures of a severity model, and what the release lost."""
    found = [_measure(name, metric, pooled, rng, "") for name, metric in SEVERITY.items()]
    return [*found, _loss("ccc", ccc, pooled, rng)]


def _measure(
    name: str, metric: Metric, pooled: Pooled, rng: np.random.Generator, note: str
) -> Measured:
    def of(predictions: Floats) -> Callable[[Weights], Floats]:
        return lambda weights: _mean(metric, pooled.truth, predictions, weights)

    ones = np.ones((1, pooled.people))
    original = float(of(pooled.original)(ones)[0])
    guess = float(of(pooled.guess)(ones)[0])
    told = "" if np.isnan(guess) else f"; guessing reaches {guess:.3f}"
    return Measured(
        metric=name,
        estimate=bootstrap(of(pooled.released), pooled.people, rng),
        baseline=original,
        note=f"baseline: trained on the originals{told}{'; ' + note if note else ''}",
    )


def _loss(name: str, metric: Metric, pooled: Pooled, rng: np.random.Generator) -> Measured:
    def statistic(weights: Weights) -> Floats:
        return _mean(metric, pooled.truth, pooled.released, weights) - _mean(
            metric, pooled.truth, pooled.original, weights
        )

    return Measured(
        metric=f"{name}-change",
        estimate=bootstrap(statistic, pooled.people, rng),
        baseline=0.0,
        note="release minus original on the same people (paired)",
    )


def _mean(metric: Metric, truth: Floats, predicted: Floats, weights: Weights) -> Floats:
    """Return the mean of a metric over repeats, a value each resample."""
    values = []
    for actual, guess in zip(truth, predicted, strict=True):
        kept = ~np.isnan(actual) & ~np.isnan(guess)
        values.append(metric(actual[kept], guess[kept], weights[:, kept]))
    return np.asarray(np.mean(values, axis=0))


def auroc(truth: Floats, score: Floats, weights: Weights) -> Floats:
    """Return the weighted area under the ROC curve, ties counting half.

    >>> auroc(np.array([0., 0, 1, 1]), np.array([.1, .4, .35, .8]), np.ones((1, 4)))
    array([0.75])
    """
    order = np.argsort(score, kind="stable")
    edges = np.flatnonzero(np.diff(score[order], prepend=np.nan) != 0)
    cases = np.add.reduceat(weights[:, order] * truth[order], edges, axis=1)
    others = np.add.reduceat(weights[:, order] * (1 - truth[order]), edges, axis=1)
    below = np.cumsum(others, axis=1) - others
    pairs = cases.sum(axis=1) * others.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray((cases * (below + others / 2)).sum(axis=1) / pairs)


def accuracy(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return the weighted share of right decisions at probability one half."""
    right = ((probability >= _CUT) == (truth > 0)).astype(np.float64)
    return np.asarray(weights @ right / weights.sum(axis=1))


def sensitivity(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return the share of cases that are detected."""
    return _share_within(truth > 0, probability >= _CUT, weights)


def specificity(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return the share of non-cases that are left alone."""
    return _share_within(truth == 0, probability < _CUT, weights)


def balanced_accuracy(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return the mean of sensitivity and specificity: predicting nobody scores one half."""
    return (sensitivity(truth, probability, weights) + specificity(truth, probability, weights)) / 2


def f1_macro(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return the mean over both classes of the F1 score."""
    case, called = truth > 0, probability >= _CUT
    scores = []
    for real, said in ((case, called), (~case, ~called)):
        hit = weights @ (real & said).astype(np.float64)
        total = weights @ real.astype(np.float64) + weights @ said.astype(np.float64)
        scores.append(np.divide(2 * hit, total, out=np.zeros_like(hit), where=total > 0))
    return np.asarray((scores[0] + scores[1]) / 2)


def auprc(truth: Floats, score: Floats, weights: Weights) -> Floats:
    """Return the weighted average precision."""
    order = np.argsort(-score, kind="stable")
    last = np.flatnonzero(np.diff(score[order], append=np.nan) != 0)
    hits = np.cumsum(weights[:, order] * truth[order], axis=1)[:, last]
    called = np.cumsum(weights[:, order], axis=1)[:, last]
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called > 0)
    gained = np.diff(hits, axis=1, prepend=0)
    with np.errstate(invalid="ignore"):
        return np.asarray((precision * gained).sum(axis=1) / hits[:, -1])


def brier(truth: Floats, probability: Floats, weights: Weights) -> Floats:
    """Return the mean squared error of the probability."""
    return np.asarray(weights @ (probability - truth) ** 2 / weights.sum(axis=1))


def mae(truth: Floats, predicted: Floats, weights: Weights) -> Floats:
    """Return the mean absolute error in points of the questionnaire."""
    return np.asarray(weights @ np.abs(predicted - truth) / weights.sum(axis=1))


def rmse(truth: Floats, predicted: Floats, weights: Weights) -> Floats:
    """Return the root of the mean squared error in points of the questionnaire."""
    return np.asarray(np.sqrt(weights @ (predicted - truth) ** 2 / weights.sum(axis=1)))


def ccc(truth: Floats, predicted: Floats, weights: Weights) -> Floats:
    """Return the concordance correlation coefficient (Lin 1989)."""
    total = weights.sum(axis=1)
    mean_t, mean_p = weights @ truth / total, weights @ predicted / total
    var_t = weights @ truth**2 / total - mean_t**2
    var_p = weights @ predicted**2 / total - mean_p**2
    both = weights @ (truth * predicted) / total - mean_t * mean_p
    return np.asarray(2 * both / (var_t + var_p + (mean_t - mean_p) ** 2))


def _share_within(group: NDArray[np.bool_], right: NDArray[np.bool_], weights: Weights) -> Floats:
    size = weights @ group.astype(np.float64)
    hit = weights @ (group & right).astype(np.float64)
    return np.divide(hit, size, out=np.full_like(hit, np.nan), where=size > 0)


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
SEVERITY: dict[str, Metric] = {"ccc": ccc, "mae": mae, "rmse": rmse}
