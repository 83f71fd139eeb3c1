"""Mel spectra: how loud a voice is in each band of pitch, as the ear spaces them.

Frames of the sound are windowed and taken apart by the Fourier transform; the power of the
frequencies is summed over triangular bands. The bands are those of Slaney's Auditory Toolbox
(1998): even in hertz up to 1 kHz and even in logarithms above, each of area one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

FRAMES = 4096
"""Frames that are taken apart at once: 41 s at 100 frames a second."""

TURN = 1000.0
"""Hertz where the scale turns from even steps to even ratios."""
STEP = 200 / 3
"""Hertz to one mel below."""
RATIO = math.log(6.4) / 27
"""Logarithm of the ratio to one mel above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mel:
    """A way to take mel spectra: the window of a frame, the bands, samples from frame to frame.

    ``window`` has the length of a frame, ``bands`` the shape (frequencies, bands). A ``centred``
    frame has its moment in its middle, with silence added at both ends of the sound.
    """

    window: Floats
    bands: Floats
    hop: int
    centred: bool

    def __call__(self, samples: Floats) -> Floats:
        """Return the power in each band, shape (frames, bands); a too short sound has no frame."""
        size = len(self.window)
        padded = np.pad(samples, size // 2) if self.centred else samples
        if len(padded) < size:
            return np.zeros((0, self.bands.shape[1]), dtype=np.float32)
        frames = np.lib.stride_tricks.sliding_window_view(padded, size)[:: self.hop]
        return np.concatenate([self._power(part) for part in _parts(frames)])

    def _power(self, frames: Floats) -> Floats:
        spectrum = np.fft.rfft(frames * self.window, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        return power.astype(np.float32, copy=False) @ self.bands


def mel_bands(rate: int, size: int, count: int) -> Floats:
    """Return the triangular bands from 0 to half the rate, shape (size // 2 + 1, count).

    Each rises from the middle of the band below to its own and falls to the middle of the one
    above; divided by half its width it has area one.
    """
    edges = _hertz(np.linspace(0, _mel(rate / 2), count + 2))
    frequencies = np.linspace(0, rate / 2, size // 2 + 1)[:, None]
    rising = (frequencies - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - frequencies) / (edges[2:] - edges[1:-1])
    area = 2 / (edges[2:] - edges[:-2])
    bands: Floats = (np.clip(np.minimum(rising, falling), 0, None) * area).astype(np.float32)
    return bands


def _parts(frames: Floats) -> Iterator[Floats]:
    for start in range(0, len(frames), FRAMES):
        yield frames[start : start + FRAMES]


def _mel(hertz: float) -> float:
    if hertz < TURN:
        return hertz / STEP
    return TURN / STEP + math.log(hertz / TURN) / RATIO


def _hertz(mel: NDArray[np.float64]) -> NDArray[np.float64]:
    turn = TURN / STEP
    found: NDArray[np.float64] = np.where(
        mel < turn, mel * STEP, TURN * np.exp(RATIO * (np.maximum(mel, turn) - turn))
    )
    return found
