"""From what steps learnt to a head: a direction or a network, and the line along it."""

from __future__ import annotations

import numpy as np

from mindveil.train.base import Floats, Head, Scale
from mindveil.train.corrected_line import Scored, scored
from mindveil.train.heads import HeadStack
from mindveil.train.linear_head import PROBIT
from mindveil.train.mlp_head import SURE, MlpHead, said_by
from mindveil.train.noisy_line import Lines, head_of, log_odds_of
from mindveil.train.unit_rows import bound_of


def seen_by(stack: HeadStack, rows: Floats) -> Scored:
    """Return people with unit rows as heads see them.

    Log-odds of 1 stand for a severity of about a half.
    """
    if stack.shape.hidden:
        said = said_by(stack, rows)
        flat = np.zeros(stack.models)
        axes = np.ones((1, stack.models))
        return Scored(scores=said, middle=flat, steep=flat + SURE / 2.0, axes=axes)
    weights = stack.tensors[0][:, 0].T.astype(np.float64) / 2.0
    return scored(rows, (weights[:-1], weights[-1]))


def odds_from(stack: HeadStack, lines: Lines, rows: Floats) -> Floats:
    """Return the log-odds that many heads give to unit rows, shape (people, heads)."""
    if not stack.shape.hidden:
        return log_odds_of(lines, rows)
    expected = lines.middle + said_by(stack, rows) * lines.weights[:, 0]
    return np.asarray(expected * (PROBIT / lines.spread))


def head_from(stack: HeadStack, lines: Lines, scale: Scale, reach: float) -> Head:
    """Return the only head of a stack with its line; ``reach`` is that of ``unit_rows``."""
    if not stack.shape.hidden:
        return head_of(lines, scale, bound_of(stack.shape.columns, reach))
    steep = PROBIT / float(lines.spread[0])
    return MlpHead(
        hidden=stack.tensors[0][0].astype(np.float64),
        output=stack.tensors[1][0].astype(np.float64),
        reach=reach,
        intercept=float(lines.middle[0]) * steep,
        steep=float(lines.weights[0, 0]) * steep,
        slope=1.0 / steep,
        scale=scale,
    )
