"""Rows inside the unit ball, the constant among their columns: nobody is further out than 1."""

from __future__ import annotations

import math

import numpy as np

from mindveil.train.base import Floats
from mindveil.train.linear_head import shortened

REACH = 0.7
"""Of most entries within -1..1, the root of the mean square is about a half: few are cut."""

CONSTANT = 0.5
"""The entry that stands for the intercept, where a row has one."""


def bound_of(columns: int, reach: float) -> float:
    """Return the length at which rows are shortened: public, whoever the people are.

    >>> bound_of(4, 0.5)
    1.0
    """
    return reach * math.sqrt(max(columns, 1))


def unit_rows(rows: Floats, reach: float) -> Floats:
    """Return rows of length at most 1, same shape: shortened to the bound, and divided by it.

    >>> unit_rows(np.array([[9.0], [0.5]]), 1.0).tolist()
    [[1.0], [0.5]]
    """
    bound = bound_of(rows.shape[1], reach)
    return shortened(np.ascontiguousarray(rows), bound) / bound


def with_constant(rows: Floats) -> Floats:
    """Return unit rows with room made for the constant, last, still of length at most 1.

    >>> with_constant(np.array([[1.0]])).round(3).tolist()
    [[0.866, 0.5]]
    """
    left = math.sqrt(1.0 - CONSTANT**2)
    return np.hstack([rows * left, np.full((len(rows), 1), CONSTANT)])


def apart(weights: Floats) -> tuple[Floats, Floats]:
    """Return weights on rows ``with_constant`` as weights on unit rows, and what they add.

    ``weights`` has shape (columns + 1, heads), the results (columns, heads) and (heads,).
    """
    return weights[:-1] * math.sqrt(1.0 - CONSTANT**2), weights[-1] * CONSTANT
