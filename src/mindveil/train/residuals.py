"""What a step learns from: how wrong each model is about each row, and how much of it may count.

Log loss throughout. Two classes need one column of log-odds; more classes a column each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.train.windows import Batch

Singles = NDArray[np.float32]

_SLACK = 1e-6
"""Rounding of lengths in single precision, of which each person's window adds as much again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What a batch is asked to learn: answers (people,) and how much each model heeds whom.

    ``weights`` has shape (people, models); nothing where everybody counts in every model.
    ``clip`` (models,) is the largest length of a person's gradient; nothing for no limit.
    ``unit`` (models,) multiplies the sum over people.
    """

    answers: Singles
    weights: Singles | None
    clip: Singles | None
    unit: Singles

    def of(self, batch: Batch) -> Wanted:
        """Return what the people of a batch are to teach."""
        return Wanted(
            answers=self.answers[batch.people],
            weights=None if self.weights is None else self.weights[batch.people],
            clip=self.clip,
            unit=self.unit,
        )


def residuals(odds: Singles, batch: Batch, wanted: Wanted) -> Singles:
    """Return the loss's gradient by what the models say, (rows, models, outputs), in place.

    Weights are part of it, and come before clipping: whoever has weight 0 teaches nothing, and
    nobody teaches more than the limit.
    """
    answers = batch.by_row(wanted.answers)
    if odds.shape[2] == 1:
        probability(odds)
        odds -= answers[:, None, None]
    else:
        odds -= odds.max(axis=2, keepdims=True)
        np.exp(odds, out=odds)
        odds /= odds.sum(axis=2, keepdims=True)
        odds -= (answers[:, None] == np.arange(odds.shape[2]))[:, None, :]
    if not batch.single:
        odds *= batch.share[:, None, None]
    if wanted.weights is not None:
        odds *= batch.by_row(wanted.weights)[:, :, None]
    return odds


def probability(odds: Singles) -> Singles:
    """Turn log-odds into probabilities, in place, without overflow."""
    odds *= np.float32(0.5)
    np.tanh(odds, out=odds)
    odds *= np.float32(0.5)
    odds += np.float32(0.5)
    return odds


def shortening(squares: Singles, bounds: Singles | None, wanted: Wanted) -> Singles:
    """Return by how much each person's gradient is multiplied in each model: (people, models).

    ``squares`` are the squared lengths. ``bounds``, what the sums they came from add up to
    without signs, says how much rounding may have taken from them. They are added, so that a
    gradient is never taken for shorter than it is.
    """
    if wanted.clip is None:
        return np.broadcast_to(wanted.unit, squares.shape)
    squares *= np.float32(1.0 + _SLACK)
    if bounds is not None:
        bounds *= np.float32(_SLACK)
        squares += bounds
    np.sqrt(squares, out=squares)
    np.maximum(squares, wanted.clip, out=squares)
    np.divide(wanted.clip * wanted.unit, squares, out=squares)
    return squares
