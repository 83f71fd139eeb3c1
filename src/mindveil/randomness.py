"""One generator a purpose, so that no number depends on what ran before it."""

from __future__ import annotations

import hashlib

import numpy as np


def stream(seed: int, *purpose: str) -> np.random.Generator:
    """Return the generator for one purpose, independent of call order.

    Noise that carries a differential privacy guarantee never comes from here.

    >>> int(stream(7, "folds").integers(100)), int(stream(7, "folds").integers(100))
    (45, 45)
    """
    digest = hashlib.sha256("\x1f".join(purpose).encode()).digest()
    return np.random.default_rng([seed, *digest])
