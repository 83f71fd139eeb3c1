"""Noise that carries a guarantee: whole numbers, drawn exactly, from the operating system.

Seam: the sampler behind it is exact (Canonne, Kamath & Steinke 2020).
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Integers = NDArray[np.int64]


class Noise(Protocol):
    """A source of discrete noise; ``proved`` where its entropy is the operating system's."""

    @property
    def proved(self) -> bool:
        """Whether nobody could draw the same noise again."""
        ...

    def gaussian(self, sigma: float, shape: tuple[int, ...]) -> Integers:
        """Return discrete Gaussian noise of this scale parameter."""
        ...

    def laplace(self, scale: float, shape: tuple[int, ...]) -> Integers:
        """Return discrete Laplace noise: P(x) proportional to exp(-|x| / scale)."""
        ...
