"""What a poisoned client costs: how much worse strangers are told apart, and who passes as well.

All figures are over people who taught none of the heads, and people are drawn together: both
heads are asked about the same ones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Sabotage
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.detection_scores import auroc
from mindveil.evidence.estimate import Estimate, Weights, bootstrap, exact_at_ends
from mindveil.evidence.measured import Measured
from mindveil.evidence.paired import Metric, mean_over_repeats, paired_change

Floats = NDArray[np.float64]

_FEWEST = 5
"""People of either class, below whom a share or an area is no figure."""


def measure_sabotage(folds: Sequence[Sabotage], rng: np.random.Generator) -> list[Measured]:
    """Return what poison cost in each federation, pooled over federations by person.

    ``auroc-lost`` is the area under the ROC curve of the harmless head minus that of the poisoned
    one; ``auroc-poisoned`` the latter, with the former as its control. Where rows carried a
    trigger, ``backdoor-success`` is the share of cases who are told healthy with it, and its
    control the same of the same head without.

    Raises:
        InvalidMeasurement: answers are not numbers, the harmless head tells nobody from anybody,
            or there are fewer than 5 people of either class.
    """
    people = tuple(dict.fromkeys(name for fold in folds for name in fold.people))
    for fold in folds:
        _check(fold)
    truth = _table(folds, people, [fold.labels for fold in folds])
    harmless = _table(folds, people, [fold.harmless for fold in folds])
    poisoned = _table(folds, people, [fold.poisoned for fold in folds])
    cases = int((np.nan_to_num(truth) > 0).any(axis=0).sum())
    others = int((np.nan_to_num(truth, nan=1.0) == 0).any(axis=0).sum())
    if min(cases, others) < _FEWEST:
        raise InvalidMeasurement(
            f"{cases} cases and {others} others judge a poisoned head: at least {_FEWEST} of each "
            "are needed"
        )
    note = f"{cases} cases, {others} others, {len(folds)} federations"
    found = [
        Measured(
            metric="auroc-lost",
            estimate=paired_change(auroc, truth, (harmless, poisoned), rng),
            baseline=0.0,
            note=note,
        ),
        Measured(
            metric="auroc-poisoned",
            estimate=_rate(auroc, (truth, poisoned), min(cases, others), rng),
            control=_rate(auroc, (truth, harmless), min(cases, others), rng),
            note=note,
        ),
    ]
    shown = [fold.triggered for fold in folds if fold.triggered is not None]
    if len(shown) == len(folds):
        triggered = _table(folds, people, shown)
        found.append(
            Measured(
                metric="backdoor-success",
                estimate=_rate(passing, (truth, triggered), cases, rng),
                control=_rate(passing, (truth, poisoned), cases, rng),
                note=f"cases told healthy with the trigger; {note}",
            )
        )
    return found


def passing(truth: Floats, log_odds: Floats, weights: Weights) -> Floats:
    """Return the share of cases who are told healthy, NaN where there are none.

    >>> passing(np.array([1.0, 1.0, 0.0]), np.array([-2.0, 1.0, -1.0]), np.ones((1, 3)))
    array([0.5])
    """
    ill = (truth > 0).astype(np.float64)
    there = weights @ ill
    found = np.full(len(weights), np.nan)
    np.divide(weights @ (ill * (log_odds < 0.0)), there, out=found, where=there > 0)
    return found


def _rate(
    metric: Metric, table: tuple[Floats, Floats], trials: int, rng: np.random.Generator
) -> Estimate:
    truth, told = table
    found = bootstrap(
        lambda weights: mean_over_repeats(metric, truth, told, weights), truth.shape[1], rng
    )
    return exact_at_ends(found, trials)


def _table(folds: Sequence[Sabotage], people: tuple[str, ...], each: Sequence[Floats]) -> Floats:
    """Return one value a federation and person, NaN where she is not judged."""
    place = {name: i for i, name in enumerate(people)}
    found = np.full((len(folds), len(people)), np.nan)
    for row, fold, values in zip(found, folds, each, strict=True):
        row[[place[name] for name in fold.people]] = values
    return found


def _check(fold: Sabotage) -> None:
    told = [fold.harmless, fold.poisoned]
    told += [fold.triggered] if fold.triggered is not None else []
    if not all(np.isfinite(values).all() for values in told):
        raise InvalidMeasurement("some answers of a head are not numbers")
    if not len(fold.harmless) or (fold.harmless == fold.harmless[0]).all():
        raise InvalidMeasurement(
            "the harmless head says the same of everybody: there is nothing to sabotage"
        )
