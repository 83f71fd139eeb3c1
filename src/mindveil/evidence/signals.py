"""From recordings before and after protection to what is still heard or seen in them.

People are resampled, never recordings: a person's recordings are drawn together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate, Weights, bootstrap, exact_at_ends
from mindveil.evidence.measured import Measured
from mindveil.utility.base import Recognised, Retained, Signal, Transcribed

Floats = NDArray[np.float64]
Places = NDArray[np.intp]
Part = TypeVar("Part", Recognised, Retained, Transcribed)

FAMILIES: tuple[str, ...] = ("intelligibility", "recognition", "retention")

LEAST_PEOPLE = 5
"""Fewer say nothing about a correlation between people."""


def is_signal(measure: str) -> bool:
    """Whether a measure asks about recordings, not about people.

    >>> is_signal("recognition/voice"), is_signal("detect/phq9>=10")
    (True, False)
    """
    return measure.partition("/")[0] in FAMILIES


def measure_signal(folds: Sequence[Signal], rng: np.random.Generator) -> list[Measured]:
    """Return the figures of one question about recordings, all folds together.

    Raises:
        InvalidMeasurement: there are too few people or recordings to answer it.
    """
    recognised = [f for f in folds if isinstance(f, Recognised)]
    if recognised:
        return measure_recognition(recognised, rng)
    retained = [f for f in folds if isinstance(f, Retained)]
    if retained:
        return measure_retention(retained, rng)
    transcribed = [f for f in folds if isinstance(f, Transcribed)]
    if transcribed:
        return measure_intelligibility(transcribed, rng)
    raise InvalidMeasurement("no recording was looked at")


def measure_recognition(folds: Sequence[Recognised], rng: np.random.Generator) -> list[Measured]:
    """Return the recall of every class and their mean, the unweighted average recall.

    Never only the mean: published voice protections keep a fair mean and lose sadness. Source:
    Schuller et al. 2009 (Interspeech emotion challenge) for the unweighted average recall.
    """
    classes = folds[0].classes
    people, place = _people(folds)
    truth = np.concatenate([f.truth for f in folds])
    right = np.concatenate([f.told for f in folds]) == truth
    shown, hits = (np.zeros((len(people), len(classes))) for _ in range(2))
    np.add.at(shown, (place, truth), 1.0)
    np.add.at(hits, (place, truth), right.astype(np.float64))
    there = shown.sum(axis=0) > 0
    if there.sum() < 2:
        raise InvalidMeasurement("recordings of fewer than 2 kinds: there is nothing to tell apart")
    shown, hits = shown[:, there], hits[:, there]
    names = [c for c, is_there in zip(classes, there, strict=True) if is_there]
    guess = 1 / len(names)

    def recalls(weights: Weights) -> Floats:
        total = weights @ shown
        found = np.full(total.shape, np.nan)
        np.divide(weights @ hits, total, out=found, where=total > 0)
        return found

    note = f"{len(truth)} recordings of {len(people)} people; {len(names)} classes"
    seen = bootstrap(lambda w: recalls(w).mean(axis=1), len(people), rng)
    found = [Measured(metric="uar", estimate=seen, baseline=guess, note=note)]
    for number, name in enumerate(names):

        def recall(weights: Weights, number: int = number) -> Floats:
            return np.asarray(recalls(weights)[:, number])

        each = int((shown[:, number] > 0).sum())
        one = exact_at_ends(bootstrap(recall, len(people), rng), each)
        count = f"{shown[:, number].sum():.0f} recordings of {each} people"
        found.append(Measured(metric=f"recall@{name}", estimate=one, baseline=guess, note=count))
    return found


def measure_retention(folds: Sequence[Retained], rng: np.random.Generator) -> list[Measured]:
    """Return how far each measure still agrees with the original, between and within people.

    ``between@x`` correlates people's means: is who speaks slowly still who speaks slowly?
    ``within@x`` correlates a person's recordings about their mean: is her bad day still her bad
    day? A measure that no longer varies has kept nothing: 0.
    """
    people, place = _people(folds)
    before = np.vstack([f.original for f in folds])
    after = np.vstack([f.released for f in folds])
    found = []
    for number, name in enumerate(folds[0].measures):
        both = np.isfinite(before[:, number]) & np.isfinite(after[:, number])
        pair = before[both, number], after[both, number], place[both]
        for kind, divide in (("between", _between), ("within", _within)):
            told = _agreement(divide, pair, rng)
            if told is not None:
                lost = int((np.isfinite(before[:, number]) & ~both).sum())
                note = f"{lost} recordings lost the measure" if lost else ""
                found.append(Measured(metric=f"{kind}@{name}", estimate=told, note=note))
    if not found:
        raise InvalidMeasurement(
            f"{len(people)} people with recordings; at least {LEAST_PEOPLE} whose measures differ "
            "are needed"
        )
    return found


def measure_intelligibility(
    folds: Sequence[Transcribed], rng: np.random.Generator
) -> list[Measured]:
    """Return the word error rate: wrong, missing and added words by words said."""
    people, place = _people(folds)
    errors, words = (np.zeros(len(people)) for _ in range(2))
    np.add.at(errors, place, np.concatenate([f.errors for f in folds]))
    np.add.at(words, place, np.concatenate([f.words for f in folds]))
    if not words.sum():
        raise InvalidMeasurement("no words are known to have been said in these recordings")

    def rate(weights: Weights) -> Floats:
        total = weights @ words
        found = np.full(len(total), np.nan)
        np.divide(weights @ errors, total, out=found, where=total > 0)
        return found

    note = f"{words.sum():.0f} words"
    return [Measured(metric="wer", estimate=bootstrap(rate, len(people), rng), note=note)]


def _people(folds: Sequence[Part]) -> tuple[list[str], Places]:
    """Return everybody and, for each recording, whose it is."""
    owners = [p for f in folds for p in f.people]
    people = sorted(set(owners))
    place = {p: i for i, p in enumerate(people)}
    return people, np.array([place[p] for p in owners], dtype=np.intp)


Pair = tuple[Floats, Floats, Places]
"""A measure before and after, and whose recording each is."""


def _between(pair: Pair) -> Pair:
    """Return people's means."""
    before, after, place = pair
    people, where = np.unique(place, return_inverse=True)
    count = np.bincount(where)
    means = [
        np.bincount(where, weights=values) / np.maximum(count, 1) for values in (before, after)
    ]
    return means[0], means[1], people


def _within(pair: Pair) -> Pair:
    """Return recordings about their person's mean, of people with at least two."""
    before, after, place = pair
    _, where, count = np.unique(place, return_inverse=True, return_counts=True)
    means = [
        np.bincount(where, weights=values) / np.maximum(count, 1) for values in (before, after)
    ]
    several = (count > 1)[where]
    return (
        (before - means[0][where])[several],
        (after - means[1][where])[several],
        place[several],
    )


def _agreement(
    divide: Callable[[Pair], Pair], pair: Pair, rng: np.random.Generator
) -> Estimate | None:
    """Return the correlation, with people drawn whole; None where too few can be told apart."""
    before, after, place = divide(pair)
    people, where = np.unique(place, return_inverse=True)
    if len(people) < LEAST_PEOPLE or not _varies(before):
        return None
    if not _varies(after):
        return Estimate(value=0.0, low=0.0, high=0.0, n=len(people))
    one, two = _standard(before), _standard(after)

    def correlation(weights: Weights) -> Floats:
        w = weights[:, where]
        total = w.sum(axis=1)
        mean_one, mean_two = (w @ one) / total, (w @ two) / total
        shared = (w @ (one * two)) / total - mean_one * mean_two
        spread = ((w @ one**2) / total - mean_one**2) * ((w @ two**2) / total - mean_two**2)
        found = np.full(len(total), np.nan)
        np.divide(shared, np.sqrt(np.maximum(spread, 0)), out=found, where=spread > 1e-12)
        return np.asarray(np.clip(found, -1.0, 1.0))

    try:
        return bootstrap(correlation, len(people), rng)
    except InvalidMeasurement:
        return None


def _varies(values: Floats) -> bool:
    return bool(np.ptp(values) > 1e-9 * max(1.0, float(np.abs(values).max())))


def _standard(values: Floats) -> Floats:
    moved: Floats = (values - values.mean()) / values.std()
    return moved
