"""What the vocal folds put in, with what the vocal tract made of it taken off again.

A vocal tract rings for several milliseconds, longer than a high voice's period: the ringing of
one period overlaps the next, and a waveform matched as it is shows too little jitter (a fifth too
little at 220 Hz). Linear prediction finds the ringing and inverse filtering removes it (Markel &
Gray 1976, Linear Prediction of Speech); what is left is one short pulse a period.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import irfft, rfft
from scipy.signal import fftconvolve, firwin

from mindveil.features.sound import RATE

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

ORDER = 18
"""Poles: two a formant, one formant a kilohertz, and two for the source."""

_FRAME, _HOP = 512, 256
_CHUNK = 128
_NOISE_FLOOR = 0.015
_SMOOTHING = 0.9
_HIGHEST = 5_500.0
_BEFORE, _AFTER = 6, 14
_HARDLY, _RIDGE = 0.01, 0.002


def excitation(samples: Floats, hz: float) -> Floats:
    """Return the inverse-filtered sound up to 5.5 kHz, same shape; ``hz`` is the usual pitch.

    The prediction is kept from following single harmonics: its spectrum is smoothed by 0.9 times
    the pitch (lag window, Tohkura et al. 1978) and given a floor at -18 dB, so that noise between
    and above the formants is not blown up to the size of the pulses.
    """
    lags = np.arange(ORDER + 1)
    taper = np.exp(-0.5 * (2 * np.pi * _SMOOTHING * hz * lags / RATE) ** 2)
    taper[0] += _NOISE_FLOOR
    square = np.abs(np.subtract.outer(lags[:-1], lags[:-1]))

    def predictor(context: Floats, _: Floats) -> Floats:
        frames = context[:, ORDER:] * _window()
        spectrum = rfft(frames, 2 * _FRAME, axis=1)
        found = irfft(spectrum.real**2 + spectrum.imag**2, axis=1)[:, : ORDER + 1]
        found = np.where(found[:, :1] <= 0, np.eye(1, ORDER + 1), found) * taper
        return np.asarray(np.linalg.solve(found[:, square], found[:, 1:, None])[..., 0])

    return _inverse_filtered(samples, np.ones(len(samples)), predictor)


def excitation_between(samples: Floats, pulses: Places) -> Floats:
    """Return the same, predicted from what sounds between known pulses; ``pulses`` are samples.

    A high voice has few harmonics to see its formants by. Where the pulses are known, 0.4 ms
    before to 0.9 ms after each counts hardly: the rest is the vocal tract ringing on its own,
    whatever the pitch (weighted linear prediction; Alku et al. 2013, Journal of the Acoustical
    Society of America 134, 1295-1313).
    """
    weights = np.ones(len(samples))
    around = (pulses[:, None] + np.arange(-_BEFORE, _AFTER + 1)).ravel()
    weights[around[(around >= 0) & (around < len(weights))]] = _HARDLY

    def predictor(context: Floats, weight: Floats) -> Floats:
        rows = sliding_window_view(context, ORDER + 1, axis=1)[..., ::-1]
        weighted = rows * (weight * _window())[..., None]
        products = np.matmul(weighted.transpose(0, 2, 1), rows)
        matrix, target = products[:, 1:, 1:].copy(), products[:, 1:, :1]
        places = np.arange(ORDER)
        power = matrix[:, places, places].mean(axis=1, keepdims=True)
        matrix[:, places, places] += np.where(power > 0, _RIDGE * power, 1.0)
        return np.asarray(np.linalg.solve(matrix, target)[..., 0])

    return _inverse_filtered(samples, weights, predictor)


def _window() -> Floats:
    # A raised cosine and its shifted copy add up to one.
    return np.asarray(0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_FRAME) / _FRAME))


def _inverse_filtered(
    samples: Floats, weights: Floats, predictor: Callable[[Floats, Floats], Floats]
) -> Floats:
    """Take off what ``predictor`` (frames with ``ORDER`` samples before them) predicts."""
    padded, weights = (np.pad(part, (_FRAME + ORDER, 2 * _FRAME)) for part in (samples, weights))
    starts = np.arange(ORDER, len(padded) - _FRAME + 1, _HOP)
    contexts = sliding_window_view(padded, _FRAME + ORDER)
    frames = sliding_window_view(weights, _FRAME)
    whole = np.zeros(ORDER + (len(starts) + 1) * _HOP)
    halves = whole[ORDER:].reshape(-1, _HOP)
    for first in range(0, len(starts), _CHUNK):
        chosen = starts[first : first + _CHUNK]
        context = contexts[chosen - ORDER]
        poles = predictor(context, frames[chosen])
        left = context[:, ORDER:].copy()
        for lag in range(1, ORDER + 1):
            left -= poles[:, lag - 1, None] * context[:, ORDER - lag : ORDER - lag + _FRAME]
        left *= _window()
        halves[first : first + len(chosen)] += left[:, :_HOP]
        halves[first + 1 : first + 1 + len(chosen)] += left[:, _HOP:]
    found = whole[_FRAME + ORDER : _FRAME + ORDER + len(samples)]
    return np.asarray(fftconvolve(found, firwin(13, _HIGHEST, fs=RATE), mode="same"))
