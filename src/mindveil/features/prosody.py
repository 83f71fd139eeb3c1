"""How somebody speaks: pitch, loudness, pauses, pace and voice quality of one recording.

These are the voice measures that depression, anxiety and psychosis research reports (Cummins et
al. 2015, Speech Communication 71, 10-49; Low et al. 2020, Laryngoscope Investigative
Otolaryngology 5, 96-116). They are also personal: an attacker reads them as well as a clinician.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft, rfftfreq
from threadpoolctl import threadpool_limits

from mindveil.corpus.digest import file_digest
from mindveil.corpus.media import Audio, read_audio
from mindveil.features.pauses import SLICE, Pace, find_pace
from mindveil.features.pitch import PitchTrack, track_f0, track_sound
from mindveil.features.shelf import rows_of
from mindveil.features.sound import RATE, STEP, Sound, trimmed_sound
from mindveil.features.voice_quality import (
    find_periods,
    harmonics_to_noise,
    local_jitter,
    local_shimmer,
)

__all__ = [
    "MEASURES",
    "VOICE_MEASURES",
    "PitchTrack",
    "VoiceMeasure",
    "measure_voice",
    "prosody_rows",
    "track_f0",
]

Floats = NDArray[np.float64]

_VERSION = "prosody 2"


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceMeasure:
    """One number about a recording: its name, its unit, what it says and where it comes from."""

    name: str
    unit: str
    description: str
    source: str


def _row(name: str, unit: str, description: str, source: str) -> VoiceMeasure:
    return VoiceMeasure(name=name, unit=unit, description=description, source=source)


_TRACKED = "Boersma 1993; De Looze & Hirst 2008"
_PACED = "De Jong & Wempe 2009"

VOICE_MEASURES: tuple[VoiceMeasure, ...] = (
    _row("f0-level", "Hz", "Median pitch", _TRACKED),
    _row("f0-variability", "semitones", "Standard deviation of pitch", _TRACKED),
    _row("f0-range", "semitones", "Pitch from its 5th to its 95th percentile", _TRACKED),
    _row("energy-level", "dB re full scale", "Mean power while speaking", "ITU-T P.56"),
    _row("energy-variability", "dB", "Standard deviation of intensity while speaking", _PACED),
    _row(
        "pause-share", "share", "Time in pauses between first and last sound", "Goldman-Eisler 1968"
    ),
    _row("pauses-per-minute", "1/min", "Pauses of 0.25 s or more", "De Jong & Bosker 2013"),
    _row("pause-length", "s", "Mean length of a pause", "De Jong & Bosker 2013"),
    _row("speech-rate", "syllables/s", "Syllable nuclei per second, pauses included", _PACED),
    _row("articulation-rate", "syllables/s", "Syllable nuclei per second of speaking", _PACED),
    _row(
        "jitter",
        "%",
        "Change from one period of the voice to the next",
        "Praat manual, local jitter",
    ),
    _row(
        "shimmer",
        "%",
        "Change of amplitude from one period to the next",
        "Praat manual, local shimmer",
    ),
    _row("hnr", "dB", "Harmonics-to-noise ratio", "Boersma 1993"),
    _row("voiced-share", "share", "Speaking time in which the voice sounds", _TRACKED),
    _row(
        "spectral-tilt",
        "dB",
        "Voiced power in 1-5 kHz over that in 50 Hz-1 kHz",
        "Eyben et al. 2016, alpha ratio",
    ),
)
"""What ``measure_voice`` returns, in order."""

PIECE_SECONDS = 60.0
LONGEST_SECONDS = 120.0
"""What is measured in one piece: memory grows with it, by about 2 MB a second."""

MEASURES: tuple[str, ...] = tuple(measure.name for measure in VOICE_MEASURES)
"""The names of ``VOICE_MEASURES``."""


def measure_voice(audio: Audio) -> Floats:
    """Return the ``MEASURES`` of one recording, shape (15,); NaN where one is undefined.

    Undefined are all of them in silence, pitch and voice quality without voice, the length of a
    pause without pauses. Deterministic; about 0.02 CPU-seconds a second of audio. A long recording
    is measured minute by minute, and what is returned is the mean of its minutes.
    """
    if audio.seconds <= LONGEST_SECONDS:
        return _measure(audio)
    minutes = np.array_split(audio.samples, round(audio.seconds / PIECE_SECONDS))
    return _mean([_measure(Audio(samples=part, rate=audio.rate)) for part in minutes])


def _mean(rows: Sequence[Floats]) -> Floats:
    """Return the mean of each measure over the parts in which it is defined."""
    seen = np.stack(rows)
    there = np.isfinite(seen)
    total, count = np.where(there, seen, 0.0).sum(axis=0), there.sum(axis=0)
    return np.asarray(np.where(count > 0, total / np.maximum(count, 1), np.nan))


def _measure(audio: Audio) -> Floats:
    sound = trimmed_sound(audio)
    # The sound's own clock starts with it.
    sound = Sound(samples=sound.samples, start=0.0)
    with threadpool_limits(limits=1):
        track = track_sound(sound)
        pace = find_pace(sound, track)
        if not pace.seconds:
            return np.full(len(MEASURES), np.nan)
        periods = find_periods(sound, track)
        found = {
            **_pitch(track),
            **_timing(pace),
            **_energy(pace, track, sound),
            "jitter": local_jitter(periods),
            "shimmer": local_shimmer(periods),
            "hnr": harmonics_to_noise(periods),
        }
    return np.array([found[name] for name in MEASURES])


def prosody_rows(paths: Sequence[Path]) -> Floats:
    """Return the ``MEASURES`` of each recording, shape (recordings, 15), kept on the shelf.

    Raises:
        InputError: a recording cannot be read.
    """
    if not paths:
        return np.zeros((0, len(MEASURES)))

    def read(indices: Sequence[int]) -> Floats:
        return np.stack([measure_voice(read_audio(paths[i], RATE)) for i in indices])

    return rows_of([file_digest(path) for path in paths], read, _VERSION)


def _pitch(track: PitchTrack) -> dict[str, float]:
    if not track.voiced.any():
        return dict.fromkeys(("f0-level", "f0-variability", "f0-range"), float("nan"))
    semitones = 12 * np.log2(track.hz[track.voiced])
    low, high = np.quantile(semitones, (0.05, 0.95))
    return {
        "f0-level": float(np.nanmedian(track.hz)),
        "f0-variability": float(semitones.std()),
        "f0-range": float(high - low),
    }


def _timing(pace: Pace) -> dict[str, float]:
    pauses = pace.pauses
    return {
        "pause-share": float(pauses.sum()) / pace.seconds,
        "pauses-per-minute": 60 * len(pauses) / pace.seconds,
        "pause-length": float(pauses.mean()) if len(pauses) else float("nan"),
        "speech-rate": pace.syllables / pace.seconds,
        "articulation-rate": pace.syllables / pace.speaking_seconds,
    }


def _energy(pace: Pace, track: PitchTrack, sound: Sound) -> dict[str, float]:
    loudness = pace.decibels[pace.sounding]
    voiced_seconds = float(track.voiced.sum()) * STEP
    return {
        "energy-level": float(10 * np.log10(np.mean(10 ** (loudness / 10)))),
        "energy-variability": float(loudness.std()),
        "voiced-share": min(1.0, voiced_seconds / (float(pace.sounding.sum()) * SLICE)),
        "spectral-tilt": _tilt(track, sound),
    }


def _tilt(track: PitchTrack, sound: Sound) -> float:
    size = round(2 * STEP * RATE)
    starts = np.rint((np.flatnonzero(track.voiced) - 0.5) * STEP * RATE).astype(int)
    starts = starts[(starts >= 0) & (starts + size <= len(sound.samples))]
    if not len(starts):
        return float("nan")
    power = np.zeros(size // 2 + 1)
    for first in range(0, len(starts), 512):
        frames = sound.samples[starts[first : first + 512, None] + np.arange(size)]
        spectrum = rfft(frames * np.hanning(size + 1)[:-1], axis=1)
        power += np.sum(spectrum.real**2 + spectrum.imag**2, axis=0)
    hz = rfftfreq(size, 1 / RATE)
    low = power[(hz >= 50) & (hz < 1_000)].sum()
    high = power[(hz >= 1_000) & (hz <= 5_000)].sum()
    if low <= 0 or high <= 0:
        return float("nan")
    return float(10 * np.log10(high / low))
