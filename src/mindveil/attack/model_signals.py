"""What a model's answers say about the people who taught it, before anything is compared.

The signal of every membership attack is the **confidence**: the logit that the model gives the
true class of a person. With two classes it is the log-odds of being a case, turned round for
those who are none (Carlini et al. 2022 scale softmax answers so; for two classes nothing is lost).
It is 0 where the model cannot decide, large where it is sure and right, and negative where it is
wrong. A model that has learnt people by heart is surer of them than of others.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InvalidMeasurement
from mindveil.train.base import Flags, Floats

FEWEST = 10
"""People to be scored; among fewer nothing can be told."""

LEAST_SHADOWS = 4
"""Two that a person taught and two that she did not."""

ROUNDING = 1e-10
"""Differences of signals below it are those of floating point, and tell nothing."""

_FURTHEST = 1e6
"""Log-odds beyond it count as it: a probability of exactly 0 or 1 is as sure as that."""


def confidence(log_odds: Floats, labels: Floats) -> Floats:
    """Return the logit of the true class.

    ``log_odds`` has shape (people,) or (people, heads), ``labels`` (people,) 1 for cases.

    >>> confidence(np.array([2.0, 2.0, -3.0]), np.array([1.0, 0.0, 0.0])).tolist()
    [2.0, -2.0, 3.0]

    Raises:
        InvalidMeasurement: some answers are not numbers.
    """
    if np.isnan(log_odds).any():
        raise InvalidMeasurement("some answers of the model are not numbers")
    sign = np.where(labels > 0, 1.0, -1.0)
    turned = log_odds * (sign if log_odds.ndim == 1 else sign[:, None])
    return np.clip(turned, -_FURTHEST, _FURTHEST)


def log_odds_of(probability: Floats) -> Floats:
    """Return the log-odds of probabilities, of any shape.

    An answer of exactly 0 or 1 counts as half as far from it as the nearest answer that is not:
    a forest of 100 trees that all agree means more than .99, and not for ever.

    >>> log_odds_of(np.array([0.5, 0.9, 1.0])).round(2).tolist()
    [0.0, 2.2, 2.94]
    """
    away = np.minimum(probability, 1 - probability)
    between = away[away > 0]
    edge = float(between.min()) / 2 if between.size else 0.25
    inside = np.clip(probability, edge, 1 - edge)
    return np.asarray(np.log(inside) - np.log1p(-inside), dtype=np.float64)


def log_chance(sure: Floats) -> Floats:
    """Return the logarithm of the probability of the true class; minus it is the loss.

    >>> log_chance(np.array([0.0])).round(4).tolist()
    [-0.6931]
    """
    return np.asarray(-np.logaddexp(0.0, -sure), dtype=np.float64)


def loss_scores(sure: Floats, groups: Floats) -> Floats:
    """Return how much smaller the loss is than that of people of the same class.

    The attack of Yeom et al. 2018: one threshold on the loss. A model is surer of one class than
    of the other whoever taught it, so each class has its own mean and spread; ``groups``
    (people,) holds the class.
    """
    return within_groups(log_chance(sure), groups)


def within_groups(values: Floats, groups: Floats) -> Floats:
    """Return values in standard deviations from the mean of their group, shape (people,).

    Where all of a group are equal, or she is its only one, nothing is told: 0.

    >>> within_groups(np.array([0.0, 2.0, 10.0, 14.0]), np.array([0.0, 0, 1, 1])).tolist()
    [-1.0, 1.0, -1.0, 1.0]
    """
    found = np.zeros(len(values))
    for group in np.unique(groups):
        here = groups == group
        away = values[here] - values[here].mean()
        spread = float(away.std())
        if spread > ROUNDING * max(1.0, float(np.abs(values[here]).max())):
            found[here] = away / spread
    return found


def share_below(others: Floats, values: Floats) -> Floats:
    """Return the share of others that lie below each value, ties counted half.

    >>> share_below(np.array([1.0, 2.0, 2.0, 3.0]), np.array([2.0, 9.0])).tolist()
    [0.5, 1.0]
    """
    ordered = np.sort(others)
    less = np.searchsorted(ordered, values, side="left")
    not_more = np.searchsorted(ordered, values, side="right")
    return np.asarray((less + not_more) / (2 * len(others)), dtype=np.float64)


def halves(groups: Floats, heads: int, rng: np.random.Generator) -> Flags:
    """Return who teaches which shadow head, shape (people, heads).

    Two heads after another are taught by a random half and by the other half, so that everybody
    is inside as often as outside. Both halves hold the same number of each group, to one.
    """
    people = len(groups)
    inside = np.zeros((people, heads), dtype=np.bool_)
    for head in range(0, heads, 2):
        order = np.lexsort((rng.random(people), groups))
        drawn = (np.arange(people) + int(rng.integers(2))) % 2 == 0
        inside[order, head] = drawn
        if head + 1 < heads:
            inside[order, head + 1] = ~drawn
    return inside


def pooled(values: Floats, person: NDArray[np.intp], people: int) -> Floats:
    """Return the mean over the rows of each person; ``values`` is (rows,) or (rows, heads)."""
    count = np.maximum(np.bincount(person, minlength=people), 1).astype(np.float64)
    total = np.zeros((people, *values.shape[1:]))
    np.add.at(total, person, values)
    return total / (count if values.ndim == 1 else count[:, None])


def require_told(scores: Floats) -> Floats:
    """Return scores that tell people apart; NaN marks those who could not be scored.

    Raises:
        InvalidMeasurement: fewer than ten people were scored, or all alike.
    """
    there = scores[~np.isnan(scores)]
    if len(there) < FEWEST:
        raise InvalidMeasurement(
            f"{len(there)} people could be scored; at least {FEWEST} are needed"
        )
    if float(np.ptp(there)) <= ROUNDING:
        raise InvalidMeasurement("the attack gave everybody the same score")
    return scores
