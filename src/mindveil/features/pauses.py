"""When somebody speaks and when not: pauses, syllables and the pace of speech.

Sound is told from silence by its energy, measured against the recording's own loudest parts and
its own background, so that neither the gain of the microphone nor silence before and after the
speech matters.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.signal import fftconvolve, find_peaks

from mindveil.features.pitch import PitchTrack
from mindveil.features.sound import RATE, STEP, Sound

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

PAUSE = 0.25
"""Seconds of silence that are a pause and no stop consonant (Goldman-Eisler 1968; De Jong & Bosker
2013, "Choosing a threshold for silent pauses", Proceedings of DiSS 2013)."""

SILENCE = 25.0
"""dB below the loudest hundredth that count as silence (De Jong & Wempe 2009, Behavior Research
Methods 41, 385-390, as in the authors' later script)."""

LEAST_CONTRAST = 12.0
"""dB below the loudest hundredth where the threshold stays even in a noisy recording."""

DIP = 2.0
"""dB that the intensity sinks between two syllables (De Jong & Wempe 2009)."""

SHORTEST_SOUND = 0.06
"""Seconds: a shorter sound within a silence is a click or a breath, not speech."""

SLICE = 0.005
"""Seconds of one energy value."""

_SMOOTHING = 0.064
_RINGING = 0.03
_PER_SLICE = round(SLICE * RATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a recording's time is spent, from the first sound to the last.

    ``sounding`` (slices,) of 5 ms says where somebody speaks, ``decibels`` (slices,) how loud, re
    full scale; ``pauses`` (pauses,) their lengths in seconds; ``syllables`` counts nuclei.
    """

    sounding: Flags
    decibels: Floats
    pauses: Floats
    syllables: int

    @property
    def seconds(self) -> float:
        """From the first sound to the last."""
        return len(self.sounding) * SLICE

    @property
    def speaking_seconds(self) -> float:
        """The same without pauses."""
        return self.seconds - float(self.pauses.sum())


def find_pace(sound: Sound, track: PitchTrack) -> Pace:
    """Return where a sound is speech; all empty if nothing is to be heard.

    Silence before the first and after the last sound is not looked at: it says when a recorder
    was switched on. ``track`` is the pitch track of the same sound, starting with it.
    """
    count = len(sound.samples) // _PER_SLICE
    power = np.mean(sound.samples[: count * _PER_SLICE].reshape(count, _PER_SLICE) ** 2, axis=1)
    if not count or power.max() <= 0:
        nothing = np.zeros(0)
        return Pace(sounding=nothing > 0, decibels=nothing, pauses=nothing, syllables=0)
    sharp = _decibels(power)
    heard = sharp > _threshold(sharp)
    heard = _without_short(heard, round(_RINGING / SLICE), value=False)
    heard = _without_short(heard, round(SHORTEST_SOUND / SLICE), value=True)
    heard = _without_short(heard, round(PAUSE / SLICE), value=False)
    if not heard.any():
        heard = sharp > _threshold(sharp)
    places = np.flatnonzero(heard)
    first, stop = int(places[0]), int(places[-1]) + 1
    smooth = _decibels(_smoothed(power))
    lengths = np.diff(np.flatnonzero(np.diff(np.r_[True, heard[first:stop], True]))).astype(float)
    return Pace(
        sounding=heard[first:stop],
        decibels=smooth[first:stop],
        pauses=lengths[::2] * SLICE,
        syllables=_count_nuclei(smooth, heard, track),
    )


def _decibels(power: Floats) -> Floats:
    # 100 dB under its own peak everything is silent, at any gain.
    return np.asarray(10 * np.log10(np.maximum(power, power.max() * 1e-10)))


def _threshold(decibels: Floats) -> float:
    loud, background = np.quantile(decibels, (0.99, 0.05))
    return float(np.clip(background + 3, loud - SILENCE, loud - LEAST_CONTRAST))


def _smoothed(power: Floats) -> Floats:
    window = np.hanning(round(_SMOOTHING / SLICE) + 2)[1:-1]
    return np.maximum(fftconvolve(power, window / window.sum(), mode="same"), 0.0)


def _without_short(flags: Flags, slices: int, *, value: bool) -> Flags:
    """Return the flags with every inner stretch of ``value`` under ``slices`` long turned over."""
    edges = np.flatnonzero(np.diff(flags)) + 1
    bounds = np.r_[0, edges, len(flags)]
    result = flags.copy()
    for first, stop in pairwise(bounds):
        inner = value or (first > 0 and stop < len(flags))
        if flags[first] == value and stop - first < slices and inner:
            result[first:stop] = not value
    return result


def _count_nuclei(decibels: Floats, heard: Flags, track: PitchTrack) -> int:
    """Count the peaks of intensity that rise from a dip, in speech, where the voice sounds."""
    padded = np.r_[decibels.min() - DIP, decibels, decibels.min() - DIP]
    peaks = find_peaks(padded, prominence=DIP)[0] - 1
    if not len(track.hz) or not len(peaks):
        return 0
    frames = np.minimum(((peaks + 0.5) * SLICE / STEP).astype(int), len(track.hz) - 1)
    return int(np.sum(heard[peaks] & track.voiced[frames]))
