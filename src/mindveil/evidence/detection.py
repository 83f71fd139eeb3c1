"""From predictions on held-out people to accuracy, AUROC, CCC and whether they were kept.

Every figure is the mean over repeats of the division into folds. Shares of people (accuracy,
sensitivity, specificity) have their exact interval, a person's repeats counting as one; all else
a bootstrap over people that draws a person's predictions of all repeats together. Beside the
value of the release stands the original's (``baseline``), and the paired loss with its interval.

A detector that may be silent has, beside all figures over everybody, those over the people it
decides on (``accuracy-decided``), and the share of people that they are (``coverage``).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.calibration import CALIBRATION
from mindveil.evidence.detection_scores import (
    CUT,
    DETECTION,
    SEVERITY,
    accuracy,
    auprc,
    auroc,
    balanced_accuracy,
    brier,
    ccc,
    f1_macro,
    mae,
    pearson,
    rmse,
    sensitivity,
    specificity,
)
from mindveil.evidence.estimate import Estimate, bootstrap, exact_at_ends, share
from mindveil.evidence.measured import Measured
from mindveil.evidence.paired import Metric, counted_change, mean_over_repeats, paired_change
from mindveil.utility.base import Predictions

Floats = NDArray[np.float64]

_LEAST = 5

__all__ = [
    "DETECTION",
    "SEVERITY",
    "Pooled",
    "Tested",
    "accuracy",
    "auprc",
    "auroc",
    "balanced_accuracy",
    "brier",
    "ccc",
    "f1_macro",
    "mae",
    "measure_detection",
    "measure_severity",
    "pearson",
    "pool",
    "rmse",
    "sensitivity",
    "specificity",
    "tested_people",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """Predictions of all folds: arrays of shape (repeats, people); NaN where none was made.

    ``released_decided`` and ``original_decided`` are 1 where that detector decided, 0 where it was
    silent, and NaN where nobody asked it to be.
    """

    truth: Floats
    released: Floats
    original: Floats
    guess: Floats
    released_decided: Floats
    original_decided: Floats

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
    ids = tested_people(folds)
    repeats = 1 + max((f.repeat for f in folds), default=0)
    if len(ids) < 2 * _LEAST:
        raise InvalidMeasurement(f"{len(ids)} people could be tested; at least {2 * _LEAST} needed")
    place = {p: i for i, p in enumerate(ids)}
    made = {k: np.full((repeats, len(ids)), np.nan) for k in Pooled.__dataclass_fields__}
    for fold in folds:
        there = {p: i for i, p in enumerate(fold.original.ids)}
        mine = [i for i, p in enumerate(fold.released.ids) if p in there]
        theirs = [there[fold.released.ids[i]] for i in mine]
        at = fold.repeat, [place[fold.released.ids[i]] for i in mine]
        made["truth"][at] = fold.released.truth[mine]
        made["guess"][at] = fold.released.guess[mine]
        for side, one, rows in (
            ("released", fold.released, mine),
            ("original", fold.original, theirs),
        ):
            made[side][at] = one.predicted[rows]
            made[f"{side}_decided"][at] = np.nan if one.decided is None else one.decided[rows]
    return Pooled(**made)


def tested_people(folds: Sequence[Tested]) -> list[str]:
    """Return whom both models were tested on, in the order in which they are pooled."""
    return sorted({p for f in folds for p in set(f.released.ids) & set(f.original.ids)})


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
    found += [_loss(name, DETECTION[name], pooled, rng) for name in _LOST]
    return [*found, *_calibration(pooled, rng), *_abstention(pooled, rng)]


def measure_severity(pooled: Pooled, rng: np.random.Generator) -> list[Measured]:
    """Return the figures of a severity model, and what the release lost."""
    found = [
        _measured(name, metric, pooled, _resampled(metric, pooled, rng), "")
        for name, metric in SEVERITY.items()
    ]
    return [*found, _loss("ccc", ccc, pooled, rng)]


def _calibration(pooled: Pooled, rng: np.random.Generator) -> list[Measured]:
    """Return slope and intercept, where they exist; a detector that parts the classes has none."""
    found = []
    for name, metric in CALIBRATION.items():
        with suppress(InvalidMeasurement):
            seen = _resampled(metric, pooled, rng)
            found.append(_measured(name, metric, pooled, seen, f"{_RIGHT[name]} is right"))
    return found


def _abstention(pooled: Pooled, rng: np.random.Generator) -> list[Measured]:
    """Return the share of people that are decided on, and how right the detector is about them.

    Empty where nobody asked the detector to be silent. Among the decided a figure is their share
    in each repeat, and the mean over repeats; ``n`` are the people decided on at least once.
    """
    decided = pooled.released_decided
    asked = ~np.isnan(decided)
    if not asked.any():
        return []
    heard = replace(
        pooled,
        released=np.where(decided > 0, pooled.released, np.nan),
        original=np.where(pooled.original_decided > 0, pooled.original, np.nan),
        guess=np.where(decided > 0, pooled.guess, np.nan),
    )
    there = asked.any(axis=0)
    often = np.where(asked, decided, 0.0)[:, there].sum(axis=0) / asked[:, there].sum(axis=0)
    found, missing = [], ""
    for name in _COUNTED:
        try:
            seen = _among_decided(name, heard, rng)
        except InvalidMeasurement:
            missing += f"; {name} among them cannot be told"
            continue
        note = "of those decided on; baseline too"
        found.append(_measured(f"{name}-decided", DETECTION[name], heard, seen, note))
    original = pooled.original_decided[~np.isnan(pooled.original_decided)]
    coverage = Measured(
        metric="coverage",
        estimate=share(often),
        baseline=float(original.mean()) if len(original) else None,
        note=f"{_COVERAGE}{missing}",
    )
    return [*found, coverage]


def _among_decided(name: str, heard: Pooled, rng: np.random.Generator) -> Estimate:
    """Return a figure of those who were decided on (all, cases, others)."""
    kind = ~np.isnan(heard.released)
    if name != "accuracy":
        kind &= (heard.truth > 0) == (name == "sensitivity")
    n = int(kind.any(axis=0).sum())
    if n < _LEAST:
        raise InvalidMeasurement(f"{n} people decided on; at least {_LEAST} needed")
    return replace(exact_at_ends(_resampled(DETECTION[name], heard, rng), n), n=n)


def _resampled(metric: Metric, pooled: Pooled, rng: np.random.Generator) -> Estimate:
    return bootstrap(
        lambda w: mean_over_repeats(metric, pooled.truth, pooled.released, w), pooled.people, rng
    )


def _counted(name: str, pooled: Pooled) -> Estimate:
    """Return the share of people (all, cases, others) who were judged rightly."""
    right = (pooled.released >= CUT) == (pooled.truth > 0)
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
    estimate = paired_change(metric, pooled.truth, (pooled.released, pooled.original), rng)
    if name in _DECIDED:
        right = ((p >= CUT) == (pooled.truth > 0) for p in (pooled.released, pooled.original))
        exact = counted_change(
            pooled.truth, (next(right), next(right)), by_class=name != "accuracy"
        )
        low, high = min(estimate.low, exact.low), max(estimate.high, exact.high)
        estimate = replace(estimate, low=low, high=high)
    return Measured(
        metric=f"{name}-change",
        estimate=estimate,
        baseline=0.0,
        note="release minus original on the same people (paired)",
    )


_LOST = ("auroc", "accuracy", "balanced-accuracy")
"""Figures that are set beside those of the original, person by person."""

_DECIDED = ("accuracy", "balanced-accuracy")
"""Those that rest on decisions, of which few may differ: the wider of two intervals is told."""

_COUNTED = ("accuracy", "sensitivity", "specificity")
"""Metrics that are a share of people."""

_RIGHT = {"calibration-slope": 1, "calibration-intercept": 0}

_COVERAGE = (
    "share of the tested people decided on, by a limit fixed on the training people; baseline: "
    "trained on the originals"
)
