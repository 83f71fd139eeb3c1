"""Small heads on fixed features: from blocks of numbers to a severity and a probability.

A modality brings one or more blocks, matrices with one row a person (text: meaning and symptoms;
scales, voice, face: one block of standardised measures). Each block has a ridge regression on the
total of the questionnaire, because a total tells more about a person than the side of a cut-off
that it falls on; the blocks are averaged; a line turns the average into the expected total, and
another one into the log-odds of the class (Platt 1999). Penalty and both lines are learnt from
leave-one-out predictions, which for ridge regression come in closed form (Allen 1974), so every
choice stays inside the training people and the same people always give the same head.

A row of NaN is a person of whom this modality was not recorded: left out of training, and
predicted to be like the average of the training people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InvalidMeasurement

Floats = NDArray[np.float64]

PENALTIES = np.logspace(-4, 1.5, 12)
"""Shares of the block's total variance, weakest first."""
LEAST_PEOPLE = 5
"""Of either class; fewer cannot teach a detector."""
_STEPS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """``intercept + slope x``."""

    intercept: float
    slope: float

    def __call__(self, values: Floats) -> Floats:
        """Return the value on the line for each value, same shape."""
        return np.asarray(self.intercept + self.slope * values, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ridge:
    """A ridge regression of the total on one block; ``weights`` and ``centre`` are (columns,)."""

    centre: Floats
    weights: Floats
    mean: float

    def __call__(self, block: Floats) -> Floats:
        """Return the expected total of each person, NaN where the row is NaN."""
        return np.asarray((block - self.centre) @ self.weights + self.mean, dtype=np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What the training people taught about one modality.

    ``inside`` are the leave-one-out log-odds of the training people, shape (people,), NaN where
    nothing was recorded: what ``fuse`` learns from.
    """

    ridges: tuple[Ridge, ...]
    to_total: Line
    to_log_odds: Line
    middle: float
    lowest: float
    highest: float
    inside: Floats

    def severity(self, blocks: Sequence[Floats]) -> Floats:
        """Return the expected total of each person, within the totals that were learnt from."""
        total = self.to_total(np.nan_to_num(self._average(blocks), nan=self.middle))
        return np.clip(total, self.lowest, self.highest)

    def log_odds(self, blocks: Sequence[Floats]) -> Floats:
        """Return the log-odds of the class, shape (people,); NaN where nothing was recorded."""
        return self.to_log_odds(self._average(blocks))

    def probability(self, blocks: Sequence[Floats]) -> Floats:
        """Return the calibrated probability of the class; .5 is the threshold."""
        average = np.nan_to_num(self._average(blocks), nan=self.middle)
        return probability_of(self.to_log_odds(average))

    def _average(self, blocks: Sequence[Floats]) -> Floats:
        return _mean_of([ridge(block) for ridge, block in zip(self.ridges, blocks, strict=True)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Fusion:
    """How much to believe the average of several modalities.

    ``inside`` are the log-odds of the training people, from their leave-one-out log-odds of each
    modality, shape (people,); NaN where all are silent.
    """

    to_log_odds: Line
    middle: float
    inside: Floats

    def log_odds(self, log_odds: Sequence[Floats]) -> Floats:
        """Return the log-odds of the class, shape (people,); NaN where every modality is silent."""
        return self.to_log_odds(_mean_of(log_odds))

    def probability(self, log_odds: Sequence[Floats]) -> Floats:
        """Return the probability of the class from what each modality says, NaN where it is silent."""
        average = np.nan_to_num(_mean_of(log_odds), nan=self.middle)
        return probability_of(self.to_log_odds(average))


def fit_head(blocks: Sequence[Floats], totals: Floats, labels: Floats) -> Head:
    """Learn a head from blocks (people, columns), totals (people,) and classes 0/1 (people,).

    Raises:
        InvalidMeasurement: fewer than five recorded people of either class.
    """
    recorded = np.all([np.isfinite(block).all(axis=1) for block in blocks], axis=0)
    known, classes = totals[recorded], labels[recorded]
    _require_both(classes)
    fits = [fit_ridge(block[recorded], known) for block in blocks]
    inside = _mean_of([told for _, told in fits])
    rising = known[classes > 0].mean() >= known[classes == 0].mean()
    to_log_odds = fit_logistic_line(inside, classes, rising=bool(rising))
    log_odds = np.full(len(totals), np.nan)
    log_odds[recorded] = to_log_odds(inside)
    return Head(
        ridges=tuple(ridge for ridge, _ in fits),
        to_total=line_through(inside, known),
        to_log_odds=to_log_odds,
        middle=float(known.mean()),
        lowest=float(known.min()),
        highest=float(known.max()),
        inside=log_odds,
    )


def fuse(inside: Sequence[Floats], labels: Floats) -> Fusion:
    """Learn to combine modalities from the leave-one-out log-odds of the training people.

    The log-odds of the modalities that a person has are averaged, and a line makes the average
    calibrated again: modalities that agree independently of each other deserve more confidence
    than each of them, and the slope says how much more.
    """
    average = _mean_of(inside)
    heard = np.isfinite(average)
    _require_both(labels[heard])
    line = fit_logistic_line(average[heard], labels[heard])
    return Fusion(to_log_odds=line, middle=float(average[heard].mean()), inside=line(average))


def fit_ridge(block: Floats, totals: Floats) -> tuple[Ridge, Floats]:
    """Return the ridge regression and its leave-one-out predictions, shape (people,).

    The penalty is the one whose leave-one-out predictions are nearest; of equally near ones the
    strongest. A block without any variance predicts the mean. The mean of the others moves away
    from the person who is left out, and where nothing is to be learnt that alone would tell
    every class, turned round: so what is returned is the mean of all, plus what the block adds to
    the mean of the others.
    """
    centre, mean = block.mean(axis=0), float(totals.mean())
    left, stretch, right = np.linalg.svd(block - centre, full_matrices=False)
    power = stretch**2
    variance = float(power.sum())
    if not variance > np.finfo(np.float64).eps * max(1.0, float(np.sum(centre**2))):
        power, variance = np.zeros_like(power), 1.0
    centred = totals - mean
    pull = left.T @ centred
    best: tuple[float, float, Floats] | None = None
    for penalty in PENALTIES[::-1] * variance:
        kept = power / (power + penalty)
        # the share of a person's own answer in her fitted value, the mean's part included
        own = np.square(left) @ kept + 1 / len(totals)
        missed = (centred - left @ (kept * pull)) / np.maximum(1 - own, 1e-9)
        error = float(np.mean(np.square(missed)))
        if best is None or error < best[0]:
            best = error, float(penalty), missed
    assert best is not None
    shrunk = np.where(power > 0, stretch, 0.0) / (power + best[1])
    others = -centred / max(len(totals) - 1, 1)  # their mean, from the mean of all
    added = centred - best[2] - others
    return Ridge(centre=centre, weights=right.T @ (shrunk * pull), mean=mean), mean + added


def fit_logistic_line(values: Floats, labels: Floats, *, rising: bool = True) -> Line:
    """Return the line to the log-odds of class 1 (Platt 1999, with his smoothed labels).

    The smoothed labels, (n1 + 1) / (n1 + 2) and 1 / (n0 + 2), keep the slope finite where the
    classes do not overlap. A line known to rise (or to fall) that the values would turn round is
    flat: they tell nothing, and everybody gets the share of cases.
    """
    ones = float(labels.sum())
    target = np.where(labels > 0, (ones + 1) / (ones + 2), 1 / (len(labels) - ones + 2))
    centre, spread = float(values.mean()), float(values.std()) or 1.0
    columns = np.stack([np.ones_like(values), (values - centre) / spread], axis=1)
    found = np.zeros(2)
    for _ in range(_STEPS):
        chance = probability_of(columns @ found)
        slope = columns.T @ (target - chance)
        # the small ridge is for constant values only, whose slope nothing determines
        bend = (columns.T * (chance * (1 - chance))) @ columns + 1e-9 * np.eye(2)
        step = np.linalg.solve(bend, slope)
        found += step * min(1.0, 4.0 / (1e-12 + float(np.abs(step).max())))
        if np.abs(step).max() < 1e-10:
            break
    rate = float(found[1]) / spread
    if (rate > 0) != rising:
        share = float(target.mean())
        return Line(intercept=float(np.log(share / (1 - share))), slope=0.0)
    return Line(intercept=float(found[0]) - rate * centre, slope=rate)


def line_through(values: Floats, totals: Floats) -> Line:
    """Return the line of least squares, flat where it would fall.

    >>> line_through(np.array([0.0, 2.0]), np.array([0.0, 1.0]))
    Line(intercept=0.0, slope=0.5)
    """
    apart, spread = values - values.mean(), float(values.var())
    together = float(np.mean(apart * (totals - totals.mean())))
    slope = max(0.0, together / spread) if spread > 0.0 else 0.0
    return Line(intercept=float(totals.mean()) - slope * float(values.mean()), slope=slope)


def probability_of(log_odds: Floats) -> Floats:
    """Return the probability for log-odds.

    >>> probability_of(np.array([0.0]))
    array([0.5])
    """
    return np.asarray(0.5 * (1 + np.tanh(0.5 * log_odds)), dtype=np.float64)


def _mean_of(parts: Sequence[Floats]) -> Floats:
    """Return the mean over the parts that are not NaN, NaN where all are."""
    stacked = np.stack(parts)
    there = np.isfinite(stacked)
    count = there.sum(axis=0)
    total = np.where(there, stacked, 0.0).sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _require_both(labels: Floats) -> None:
    ones = int(labels.sum())
    if min(ones, len(labels) - ones) < LEAST_PEOPLE:
        raise InvalidMeasurement(
            f"{ones} of {len(labels)} people to learn from are cases; "
            f"at least {LEAST_PEOPLE} of either kind are needed"
        )
