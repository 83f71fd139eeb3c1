"""Chance in training: who is in a step's batch, and what noise a step is given.

Training asks two things of chance. For sweeps and shadows both come from a seed, in floats and
fast. For a model that is released they come from ``dp.noise``: then nobody can draw them again.
Either way what was trained in floats is *accounted*, never *proved*.

A network of 384 columns takes millions of noisy numbers, and exact discrete ones cost more than
all of its learning, for an exactness that is lost when they are added to sums in floats. So
``dp.noise`` throws 256 fair coins for every block of numbers, and SHAKE-256 (NIST FIPS 202) makes
as many bits of them as are needed: where the coins are the operating system's, so is all noise, as
unpredictable as the generator that the system itself runs on such a key.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.noise import Noise
from mindveil.errors import InputError
from mindveil.train.normals import fine_normals, standard_normals

Singles = NDArray[np.float32]
Indices = NDArray[np.intp]

_COINS = 256
"""Coins a block of noise: a key that nobody can guess."""

_BLOCK = 1 << 17
"""Numbers a block of noise: 1 MB of bits."""


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
        """Fill the row with standard normals from bits that begin as coins of ``dp.noise``.

        Every number is a normal of double precision, up to 8.6 standard deviations (what lies
        beyond has a chance below 1e-17), rounded to single precision.
        """
        if first or out.shape[0] != 1:
            raise InputError("noise for a release is drawn for one model; train it alone")
        for start in range(0, out.shape[1], _BLOCK):
            block = out[0, start : start + _BLOCK]
            coins = np.packbits(self.noise.chosen(0.5, _COINS)).tobytes()
            pairs = (block.size + 1) // 2
            bits = hashlib.shake_256(coins).digest(16 * pairs)
            block[:] = fine_normals(np.frombuffer(bits, "<u8").reshape(2, pairs))[: block.size]


def _check_rate(rate: float) -> None:
    if not 0.0 < rate <= 1.0:
        raise InputError(f"a sampling rate of {rate!r} chooses nobody; it is above 0, at most 1")
