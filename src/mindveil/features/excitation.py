"""What the vocal folds put in, with what the vocal tract made of it taken off again.

A vocal tract rings for several milliseconds, longer than a high voice's period: the ringing of
one period overlaps the next, and a waveform matched as it is shows too little jitter (a fifth too
little at 220 Hz). Linear prediction finds the ringing and inverse filtering removes it (Markel &
Gray 1976, Linear Prediction of Speech); what is left is one short pulse a period.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.signal import fftconvolve, firwin

from mindveil.features.sound import RATE

Floats = NDArray[np.float64]

ORDER = 18
"""Poles: two a formant, one formant a kilohertz, and two for the source."""

_FRAME, _HOP = 512, 256
_CHUNK = 512
_NOISE_FLOOR = 0.015
_SMOOTHING = 0.9
_HIGHEST = 5_500.0


def excitation(samples: Floats, hz: float) -> Floats:
    """Return the inverse-filtered sound up to 5.5 kHz, same shape; ``hz`` is the usual pitch.

    The prediction is kept from following single harmonics: its spectrum is smoothed by 0.9 times
    the pitch (lag window, Tohkura et al. 1978) and given a floor at -18 dB, so that noise between
    and above the formants is not blown up to the size of the pulses.
    """
    padded = np.pad(samples, (_FRAME + ORDER, 2 * _FRAME))
    lags = np.arange(ORDER + 1)
    taper = np.exp(-0.5 * (2 * np.pi * _SMOOTHING * hz * lags / RATE) ** 2)
    taper[0] += _NOISE_FLOOR
    starts = np.arange(ORDER, len(padded) - _FRAME + 1, _HOP)
    # A raised cosine and its shifted copy add up to one.
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME) / _FRAME)
    pieces = np.concatenate(
        [
            _inverse_filtered(padded, starts[first : first + _CHUNK], taper, window)
            for first in range(0, len(starts), _CHUNK)
        ]
    )
    whole = np.zeros(ORDER + (len(starts) + 1) * _HOP)
    halves = whole[ORDER:].reshape(-1, _HOP)
    halves[:-1] += pieces[:, :_HOP]
    halves[1:] += pieces[:, _HOP:]
    left = whole[_FRAME + ORDER : _FRAME + ORDER + len(samples)]
    return np.asarray(fftconvolve(left, firwin(13, _HIGHEST, fs=RATE), mode="same"))


def _inverse_filtered(
    padded: Floats, starts: NDArray[np.intp], taper: Floats, window: Floats
) -> Floats:
    context = sliding_window_view(padded, _FRAME + ORDER)[starts - ORDER]
    spectrum = rfft(context[:, ORDER:] * window, 2 * _FRAME, axis=1)
    lags = irfft(spectrum.real**2 + spectrum.imag**2, axis=1)[:, : ORDER + 1]
    silent = lags[:, :1] <= 0
    lags = np.where(silent, np.eye(1, ORDER + 1), lags) * taper
    square = np.abs(np.subtract.outer(np.arange(ORDER), np.arange(ORDER)))
    poles = np.linalg.solve(lags[:, square], lags[:, 1:, None])[..., 0]
    left = context[:, ORDER:].copy()
    for place in range(ORDER):
        left -= poles[:, place, None] * context[:, ORDER - 1 - place : _FRAME + ORDER - 1 - place]
    return np.asarray(left * window)
