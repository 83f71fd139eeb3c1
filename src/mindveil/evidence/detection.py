"""From predictions on held-out people to accuracy, AUROC, CCC and whether they were kept.

Every figure is the mean over repeats of the division into folds. Shares of people (accuracy,
sensitivity, specificity) have their exact interval, a person's repeats counting as one; all else
a bootstrap over people that draws a person's predictions of all repeats together. Beside the
value of the release stands the original's (``baseline``), and the paired loss with its interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate, Weights, bootstrap, exact_at_ends, share
from mindveil.evidence.measured import Measured
from mindveil.evidence.paired import Metric, mean_over_repeats, paired_change
from mindveil.utility.base import Predictions

Floats = NDArray[np.float64]

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
        return int(self.truth.shape[1])

    @property
    def cases(self) -> int:
        """How many of them are cases."""
        return int(np.nanmax(self.truth, axis=0).sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tested:
    """One fold: what the models trained on the release and on the originals predicted."""

    repeat: int
    released: Predictions
    original: Predictions


def pool(folds: Sequence[Tested]) -> Pooled:
    """Join the predictions of all folds by person, for those whom both models were tested on.

    Raises:
        InvalidMeasurement: they are too few.
    """
    ids = sorted({p for f in folds for p in set(f.released.ids) & set(f.original.ids)})
    repeats = 1 + max((f.repeat for f in folds), default=0)
    if len(ids) < 2 * _LEAST:
        raise InvalidMeasurement(f"{len(ids)} people could be tested; at least {2 * _LEAST} needed")
    place = {p: i for i, p in enumerate(ids)}
    made = {k: np.full((repeats, len(ids)), np.nan) for k in Pooled.__dataclass_fields__}
    for fold in folds:
        original = dict(zip(fold.original.ids, fold.original.predicted, strict=True))
        for i, person in enumerate(fold.released.ids):
            if person not in original:
                continue
            at = fold.repeat, place[person]
            made["truth"][at] = fold.released.truth[i]
            made["guess"][at] = fold.released.guess[i]
            made["released"][at] = fold.released.predicted[i]
            made["original"][at] = original[person]
    return Pooled(**made)


def measure_detection(pooled: Pooled, rng: np.random.Generator) -> list[Measured]:
    """Return the figures of a detector, and what the release lost against the original.

    Raises:
        InvalidMeasurement: there are too few cases, or too few others.
    """
    cases, fewer = pooled.cases, min(pooled.cases, pooled.people - pooled.cases)
    if fewer < _LEAST:
        raise InvalidMeasurement(
            f"{cases} of {pooled.people} people are cases; at least {_LEAST} of either kind needed"
        )
    note = f"{cases} cases of {pooled.people}"
    found = []
    for name, metric in DETECTION.items():
        if name in _COUNTED:
            seen = _counted(name, pooled)
        else:
            # So many pairs of a case and another share nobody: each is a trial of its own.
            seen = exact_at_ends(_resampled(metric, pooled, rng), fewer)
        found.append(_measured(name, metric, pooled, seen, note))
    return [*found, *(_loss(name, DETECTION[name], pooled, rng) for name in _LOST)]


def measure_severity(pooled: Pooled, rng: np.random.Generator) -> list[Measured]:
    """Return the figures of a severity model, and what the release lost."""
    found = [
        _measured(name, metric, pooled, _resampled(metric, pooled, rng), "")
        for name, metric in SEVERITY.items()
    ]
    return [*found, _loss("ccc", ccc, pooled, rng)]


def _resampled(metric: Metric, pooled: Pooled, rng: np.random.Generator) -> Estimate:
    return bootstrap(
        lambda w: mean_over_repeats(metric, pooled.truth, pooled.released, w), pooled.people, rng
    )


def _counted(name: str, pooled: Pooled) -> Estimate:
    """Return the share of people (all, cases, others) who were judged rightly."""
    right = (pooled.released >= _CUT) == (pooled.truth > 0)
    tested = ~np.isnan(pooled.truth) & ~np.isnan(pooled.released)
    if name != "accuracy":
        tested &= (pooled.truth > 0) == (name == "sensitivity")
    there = tested.any(axis=0)
    times = tested[:, there].sum(axis=0)
    return share((right & tested)[:, there].sum(axis=0) / times)


def _measured(name: str, metric: Metric, pooled: Pooled, seen: Estimate, note: str) -> Measured:
    """Return a figure beside that of the originals and that of knowing the average alone."""
    ones = np.ones((1, pooled.people))
    original = float(mean_over_repeats(metric, pooled.truth, pooled.original, ones)[0])
    guess = float(mean_over_repeats(metric, pooled.truth, _average(pooled.guess), ones)[0])
    told = "" if np.isnan(guess) else f"; guessing reaches {round(guess, 3) + 0.0:.3f}"
    return Measured(
        metric=name,
        estimate=seen,
        baseline=None if np.isnan(original) else original,
        note=f"baseline: trained on the originals{told}{'; ' + note if note else ''}",
    )


def _average(guess: Floats) -> Floats:
    """Return the mean guess of each repeat for everybody.

    Guesses differ from fold to fold by who was held out, which would rank people backwards.
    """
    made = ~np.isnan(guess)
    total = np.where(made, guess, 0.0).sum(axis=1, keepdims=True)
    mean = total / np.maximum(made.sum(axis=1, keepdims=True), 1)
    return np.where(made, mean, np.nan)


def _loss(name: str, metric: Metric, pooled: Pooled, rng: np.random.Generator) -> Measured:
    return Measured(
        metric=f"{name}-change",
        estimate=paired_change(metric, pooled.truth, (pooled.released, pooled.original), rng),
        baseline=0.0,
        note="release minus original on the same people (paired)",
    )


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
    return _weighted(((probability >= _CUT) == (truth > 0)).astype(np.float64), weights)


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


def _share_within(group: NDArray[np.bool_], right: NDArray[np.bool_], weights: Weights) -> Floats:
    return _over(weights @ (group & right).astype(np.float64), weights @ group.astype(np.float64))


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
SEVERITY: dict[str, Metric] = {"ccc": ccc, "mae": mae, "rmse": rmse}

_LOST = ("auroc", "accuracy", "balanced-accuracy")
"""Figures that are set beside those of the original, person by person."""

_COUNTED = frozenset({"accuracy", "sensitivity", "specificity"})
"""Metrics that are a share of people."""
