"""People whose labels follow their rows, and heads that learn from them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mindveil.train.draws import SeededDraws
from mindveil.train.heads import Examples, HeadStack, Steps

WALK = Steps(steps=12, people=60.0, rate=0.5, learning_rate=1.0, clip=0.5, multiplier=0.8)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng([77, seed])


def draws(models: int, seed: int = 1) -> SeededDraws:
    return SeededDraws.of(models, rng(seed))


def people(count: int, columns: int, seed: int = 0, signal: float = 6.0) -> Examples:
    """People whose label is a noisy linear function of their row."""
    source = rng(seed)
    rows = source.standard_normal((count, columns)) / math.sqrt(columns)
    odds = signal * rows @ np.where(np.arange(columns) % 2, 1.0, -1.0)
    labels = (odds + source.logistic(size=count) > 0).astype(np.float64)
    return Examples(rows=rows, labels=labels)


def hits(stack: HeadStack, asked: Examples) -> NDArray[np.float64]:
    right = (stack.log_odds(asked.rows) > 0.0) == (asked.labels[:, None] > 0.5)
    return np.asarray(right.mean(axis=0))
