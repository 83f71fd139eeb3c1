"""Chance in training: who is in a step's batch, and what noise a step is given.

Training asks two things of chance. For sweeps and shadows both come from a seed, in floats and
fast. For a model that is released they come from ``dp.noise``: then nobody can draw them again.
Either way what was trained in floats is *accounted*, never *proved*.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.noise import Noise
from mindveil.errors import InputError
from mindveil.train.normals import standard_normals

Singles = NDArray[np.float32]
Indices = NDArray[np.intp]

_GRID = 2.0**20
"""Steps of ``Noise`` in one standard deviation: as fine as floats of 24 bits are around 1."""


class Draws(Protocol):
    """What training asks of chance."""

    def batches(self, rate: float, people: int, steps: int) -> list[Indices]:
        """Return who is in each step: each person alone, with this probability, ascending."""
        ...

    def normals(self, first: int, out: Singles) -> None:
        """Fill row ``i`` with the next standard normals of model ``first + i``."""
        ...


@dataclass(frozen=True, slots=True)
class SeededDraws:
    """Draws from a seed, one stream a model: for sweeps and shadows, never for a release.

    All models share their batches, so that they share matrix products. Each model alone is
    trained by the letter; two of them together are not, and may not be released together.
    """

    sources: tuple[np.random.SFC64, ...]
    chooser: np.random.Generator

    @classmethod
    def of(cls, models: int, rng: np.random.Generator) -> SeededDraws:
        """Return draws for so many models; model ``i`` gets the same noise however many."""
        seed = rng.integers(0, 1 << 32, size=8).tolist()
        return cls(
            sources=tuple(np.random.SFC64([*seed, 1, i]) for i in range(models)),
            chooser=np.random.Generator(np.random.SFC64([*seed, 0])),
        )

    def only(self, model: int) -> SeededDraws:
        """Return the draws of one model alone; both then draw from the same streams."""
        return SeededDraws((self.sources[model],), self.chooser)

    def batches(self, rate: float, people: int, steps: int) -> list[Indices]:
        """Return who is in each step."""
        _check_rate(rate)
        return [
            np.flatnonzero(self.chooser.random(people, dtype=np.float32) < rate)
            for _ in range(steps)
        ]

    def normals(self, first: int, out: Singles) -> None:
        """Fill rows with standard normals, float and fast."""
        standard_normals(self.sources[first : first + out.shape[0]], out)


@dataclass(frozen=True, slots=True)
class NoiseDraws:
    """Draws for the one model that is released: batches and noise from ``dp.noise``."""

    noise: Noise

    def batches(self, rate: float, people: int, steps: int) -> list[Indices]:
        """Return who is in each step."""
        _check_rate(rate)
        return [np.flatnonzero(self.noise.chosen(rate, people)) for _ in range(steps)]

    def normals(self, first: int, out: Singles) -> None:
        """Fill the row with exact discrete Gaussian noise on a fine grid."""
        if first or out.shape[0] != 1:
            raise InputError("noise for a release is drawn for one model; train it alone")
        out[:] = self.noise.gaussian(_GRID, out.shape) / _GRID


def _check_rate(rate: float) -> None:
    if not 0.0 < rate <= 1.0:
        raise InputError(f"a sampling rate of {rate!r} chooses nobody; it is above 0, at most 1")
