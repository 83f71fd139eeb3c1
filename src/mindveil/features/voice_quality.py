"""How regular a voice is: jitter, shimmer, and how much of it is noise.

Periods are found by waveform matching: from each pulse of the vocal folds the next one is where
the sound looks most like it. Each period's length is then measured again on the excitation (the
sound without the ringing of the vocal tract), between samples by a parabola.

Noise in a recording moves and scales the pulses that are seen and would pass for jitter and
shimmer. How much it does follows from how two neighbouring pulses differ in shape, and is taken
off; never more than three quarters of the square, because a correction that explains nearly
everything is too uncertain to be believed. In a noisy recording both numbers are too high.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import irfft, rfft

from mindveil.features.excitation import excitation, excitation_between
from mindveil.features.pitch import PitchTrack
from mindveil.features.pulses import REACH, SHORTEST, find_chains
from mindveil.features.sound import RATE, STEP, Sound

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

LENGTH_FACTOR = 1.3
"""Neighbouring periods that differ by more are not compared (Boersma & Weenink, Praat manual,
"Voice 2. Jitter"; Deal & Emanuel 1978)."""

AMPLITUDE_FACTOR = 1.6
"""The same for amplitudes (Praat manual, "Voice 3. Shimmer")."""

MOST_TAKEN_OFF = 0.75
"""Share of a squared jitter or shimmer that noise is allowed to explain."""

CALM = 0.25
"""Share of the pairs of pulses, the most alike, whose differences are taken for noise alone."""

_WIDTH = 0.4
_CHUNK = 256
_MARGIN = RATE // 10
_CLEANEST = 1 - 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Periods:
    """The periods of a voice, in order; all of shape (periods,).

    ``seconds`` is the length (NaN where no match was found), ``amplitude`` the size of the pulse
    that opens it, ``likeness`` the correlation of the sound with itself one period on;
    ``length_noise`` and ``amplitude_noise`` are the standard errors of the first two that the
    recording's noise causes. Periods of the same ``run`` follow one another without a gap.
    """

    seconds: Floats
    amplitude: Floats
    likeness: Floats
    length_noise: Floats
    amplitude_noise: Floats
    run: Places


def find_periods(sound: Sound, track: PitchTrack) -> Periods:
    """Return the periods of a sound within the voiced stretches of its own pitch track."""
    if not track.voiced.any():
        return _joined([])
    usual = float(np.nanmedian(track.hz))
    pulses = excitation(sound.samples, usual)
    voiced = track.voiced[
        np.clip((np.arange(len(pulses)) / RATE / STEP).astype(int), 0, len(track.hz) - 1)
    ]
    pulses = pulses if np.sum(pulses[voiced] ** 3) >= 0 else -pulses
    chains = list(find_chains(sound, track, pulses))
    if not chains:
        return _joined([])
    clear = excitation_between(sound.samples, np.concatenate(chains))
    samples, around = np.pad(sound.samples, _MARGIN), np.pad(clear, _MARGIN)
    found: list[Periods] = []
    for marks in chains:
        for first in range(0, len(marks) - 1, _CHUNK):
            part = marks[first : first + _CHUNK + 1]
            if len(part) >= SHORTEST:
                found.append(_measured(samples, around, part + _MARGIN, len(found)))
    return _joined(found)


def local_jitter(periods: Periods) -> float:
    """Return the mean change from a period to the next as % of the mean period; NaN without two.

    Local jitter of the Praat manual ("Voice 2. Jitter"), freed of the recording's noise.
    """
    change, level = _changes(periods.seconds, periods.run, LENGTH_FACTOR)
    if not len(change):
        return float("nan")
    # A pulse seen too late makes one period long and the next one short: three errors a change.
    noise = 3 * float(np.nanmedian(periods.length_noise**2))
    return 100 * _freed(float(change.mean()), noise) / level


def local_shimmer(periods: Periods) -> float:
    """Return the mean change of amplitude to the next period as % of the mean; NaN without two.

    Local shimmer of the Praat manual ("Voice 3. Shimmer"), taken on the pulses of the vocal folds
    instead of the waveform, in which periods overlap, and freed of the recording's noise.
    """
    change, level = _changes(periods.amplitude, periods.run, AMPLITUDE_FACTOR)
    if not len(change):
        return float("nan")
    noise = 2 * float(np.nanmedian(periods.amplitude_noise**2))
    return 100 * _freed(float(change.mean()), noise) / level


def harmonics_to_noise(periods: Periods) -> float:
    """Return the mean harmonics-to-noise ratio in dB (Boersma 1993, eq. 4); NaN without periods.

    The likeness r of the sound to itself one period on is the periodic share of its power:
    10 log10(r / (1 - r)), at most 60.
    """
    if not len(periods.likeness):
        return float("nan")
    share = np.clip(periods.likeness, 0.01, _CLEANEST)
    return float(np.mean(10 * np.log10(share / (1 - share))))


def _changes(values: Floats, run: Places, factor: float) -> tuple[Floats, float]:
    before, after = values[:-1], values[1:]
    ratio = np.maximum(before, after) / np.minimum(before, after)
    kept = (run[:-1] == run[1:]) & (ratio <= factor)
    if not kept.any():
        return np.zeros(0), 0.0
    return np.abs(after - before)[kept], float((before[kept] + after[kept]).mean() / 2)


def _freed(mean_change: float, noise: float) -> float:
    # The mean size of a normal error is the square root of 2 / pi times its spread.
    square = mean_change**2
    return float(np.sqrt(square - min(2 / np.pi * noise, MOST_TAKEN_OFF * square)))


def _joined(parts: list[Periods]) -> Periods:
    def whole(name: str) -> Floats:
        return np.concatenate([np.zeros(0), *(getattr(part, name) for part in parts)])

    return Periods(
        seconds=whole("seconds"),
        amplitude=whole("amplitude"),
        likeness=whole("likeness"),
        length_noise=whole("length_noise"),
        amplitude_noise=whole("amplitude_noise"),
        run=whole("run").astype(np.intp),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Match:
    """Pieces (pieces, samples) of a sound and what they look like one period on.

    ``lags`` in samples, NaN where the best likeness lies at the edge of what was searched.
    """

    own: Floats
    theirs: Floats
    lags: Floats
    likeness: Floats


def _matched(signal: Floats, starts: Places, expected: Places, taper: Floats, reach: int) -> _Match:
    """Match the pieces around ``starts``, tapered, with those about ``expected`` samples later."""
    half, rows = len(taper) // 2, np.arange(len(starts))
    size = len(taper)
    own = sliding_window_view(signal, size)[starts - half]
    around = size + 2 * reach
    wide = sliding_window_view(signal, around)[starts + expected - half - reach]
    views = sliding_window_view(wide, size, axis=1)
    product = np.matmul(views, (own * taper)[:, :, None])[..., 0]
    best = product.argmax(axis=1)
    inside = (best > 0) & (best < 2 * reach)
    column = np.clip(best, 1, 2 * reach - 1)
    before, top, after = (product[rows, column + step] for step in (-1, 0, 1))
    bend = np.where(inside, before - 2 * top + after, -1.0)
    shift = np.where(inside, 0.5 * (before - after) / np.minimum(bend, -1e-30), 0.0)
    turn = np.exp(2j * np.pi * np.arange(around // 2 + 1) / around * shift[:, None])
    moved = irfft(rfft(wide, axis=1) * turn, around, axis=1)
    theirs = sliding_window_view(moved, size, axis=1)[rows, best]
    power = np.sum(own**2, axis=1) * np.sum(theirs**2, axis=1)
    return _Match(
        own=own,
        theirs=theirs,
        lags=np.where(inside, expected + column - reach + shift, np.nan),
        likeness=np.sum(own * theirs, axis=1) / np.sqrt(np.maximum(power, 1e-30)),
    )


def _measured(samples: Floats, pulses: Floats, marks: Places, run: int) -> Periods:
    starts, steps = marks[:-1], np.diff(marks)
    usual = float(np.median(steps))
    width = max(3, int(_WIDTH * usual))
    taper = np.hanning(2 * width + 3)[1:-1]
    pulse = _matched(pulses, starts, steps, taper, max(2, int(REACH * usual)))
    whole = np.where(np.isnan(pulse.lags), steps, np.rint(pulse.lags)).astype(np.intp)
    sound = _matched(samples, starts, whole, np.ones(int(usual) | 1), 2)
    spectra = _difference_spectra(pulse)
    # Rough voices change shape as well as place: that shifts a match as noise does, but only what
    # the calmest pairs show is noise in the amplitude.
    typical, noise = _correlation(spectra, 1.0), _correlation(spectra, CALM)
    power = np.sum(pulse.own**2, axis=1)
    # Half of what stands in a piece is not its pulse: its noise adds to the power.
    size = np.sqrt(np.maximum(power - noise[0] * pulse.own.shape[1], 0.01 * power))
    slope = np.gradient((pulse.own + pulse.theirs) / 2, axis=1)
    steepness = np.maximum(np.sum(slope**2, axis=1), 1e-30)
    return Periods(
        seconds=pulse.lags / RATE,
        amplitude=size,
        likeness=sound.likeness,
        length_noise=np.sqrt(2 * _seen_through(slope, typical)) / steepness / RATE,
        amplitude_noise=np.sqrt(_seen_through(pulse.own, noise) / np.maximum(power, 1e-30)),
        run=np.full(len(starts), run, dtype=np.intp),
    )


def _difference_spectra(match: _Match) -> Floats:
    """Return the power spectra (pieces, frequencies) of what is left of a piece less its match.

    Differences of size and place are taken out first.
    """
    own, theirs = match.own, match.theirs
    power = np.maximum(np.sum(own**2, axis=1, keepdims=True), 1e-30)
    rest = theirs - np.sum(own * theirs, axis=1, keepdims=True) / power * own
    slope = np.gradient(own, axis=1)
    steepness = np.maximum(np.sum(slope**2, axis=1, keepdims=True), 1e-30)
    rest -= np.sum(rest * slope, axis=1, keepdims=True) / steepness * slope
    spectrum = rfft(rest, 2 * rest.shape[1], axis=1)
    return np.asarray(spectrum.real**2 + spectrum.imag**2)


def _correlation(power: Floats, share: float) -> Floats:
    """Return the autocorrelation (lags,) of the noise in one piece, from differences of two.

    Only the calmest ``share`` of the differences is looked at.
    """
    count = power.shape[1] - 1
    loud = power.sum(axis=1)
    typical = np.median(power[loud <= np.quantile(loud, share)], axis=0) / np.log(2)
    raw = irfft(typical)[:count] / np.arange(count, 0, -1)
    taper = np.cos(np.linspace(0, np.pi / 2, count)) ** 2 * (np.arange(count) < count // 2)
    return np.asarray(raw * taper / 2)


def _seen_through(shapes: Floats, noise: Floats) -> Floats:
    """Return the variance (pieces,) of the noise's product with each shape."""
    count = shapes.shape[1]
    spectrum = rfft(shapes, 2 * count, axis=1)
    own = irfft(spectrum.real**2 + spectrum.imag**2, axis=1)[:, :count]
    return np.asarray(np.maximum(own[:, 0] * noise[0] + 2 * own[:, 1:] @ noise[1:], 0.0))
