"""Label-only: how much noise on her row does it take until the model changes its mind?

A model that answers with a class and nothing else still gives away how far from its boundary a
person stands: it keeps the right class of those it was taught by under more noise (Choquette-Choo
et al. 2021, "Label-only membership inference attacks").
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mindveil.attack.model_signals import within_groups
from mindveil.train.base import Flags, Floats

_LOUDNESS = (0.1, 0.3, 0.6, 1.0, 2.0, 4.0)
"""Noise in deviations of each column."""
_DIRECTIONS = 4


def robustness(
    ask: Callable[[Floats], Flags], rows: Floats, labels: Floats, rng: np.random.Generator
) -> Floats:
    """Return how robustly the model names the true class, in deviations within each class.

    ``ask`` takes rows (people, columns) and returns the class it names, and that is all that is
    asked; ``labels`` (people,) are the true ones. Everybody is moved along the same random
    directions and back, by more and more: 49 questions a person, asked of all at once.
    """
    true = labels > 0
    spread = rows.std(axis=0)
    right = (ask(rows) == true).astype(np.float64)
    # A person whom the model gets right as she is comes before one it gets right by accident.
    kept = right * 2 * _DIRECTIONS * len(_LOUDNESS)
    for _ in range(_DIRECTIONS):
        direction = rng.standard_normal(rows.shape[1]) * spread
        for loudness in _LOUDNESS:
            for side in (loudness, -loudness):
                kept += ask(rows + side * direction) == true
    return within_groups(kept, labels)
