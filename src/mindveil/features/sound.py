"""A recording ready to be measured: mono, 16 kHz, without the digital silence around it."""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

import numpy as np
from numpy.typing import NDArray
from scipy.signal import resample_poly

from mindveil.corpus.media import Audio

Floats = NDArray[np.float64]

RATE = 16_000
"""Samples a second at which voices are measured, whatever the file holds: files compare."""

STEP = 0.01
"""Seconds between two values of a pitch track."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """Mono samples at ``RATE``, without the digital silence around them and without offset.

    ``start`` is where they begin in the recording, in seconds. Zeros put before or after a
    recording therefore change nothing that is measured in between, not even by rounding.
    """

    samples: Floats
    start: float

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.samples) / RATE


def trimmed_sound(audio: Audio) -> Sound:
    """Return a recording ready to be measured; empty if all of it is one value."""
    samples = np.asarray(audio.samples, dtype=np.float64)
    heard = np.flatnonzero(samples)
    if not len(heard) or np.ptp(samples := samples[heard[0] : heard[-1] + 1]) == 0:
        return Sound(samples=np.zeros(0), start=0.0)
    samples = samples - samples.mean()
    if audio.rate != RATE:
        common = gcd(RATE, audio.rate)
        samples = resample_poly(samples, RATE // common, audio.rate // common)
    return Sound(samples=samples, start=float(heard[0]) / audio.rate)
