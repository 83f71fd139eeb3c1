"""Voices made by rule, so that what is measured on them has a known answer.

A train of pulses, each at an exact place between samples, goes through a glottal tilt and four
formants; noise is added last. Nothing is shared with the code under test.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import lfilter, resample_poly

from mindveil.corpus.media import Audio

OVER = 8
FORMANTS = ((500, 60), (1500, 90), (2500, 120), (3500, 150))
OPEN = ((700, 80), (1200, 90), (2600, 160), (3600, 200))
"""The vowel of 'father'; ``FORMANTS`` are those of an even tube."""


def vowel(rate, periods, amplitudes=None, *, edge=0.05, formants=FORMANTS):
    """Return samples of a voice with these periods in seconds, ``edge`` seconds on either side."""
    fast = rate * OVER
    places = (edge + np.concatenate([[0.0], np.cumsum(periods)])) * fast
    sizes = np.ones(len(places)) if amplitudes is None else np.asarray(amplitudes)
    sound = np.zeros(int(np.ceil((places[-1] / fast + edge) * rate)) * OVER + 1)
    whole = places.astype(int)
    np.add.at(sound, whole, sizes * (1 - places + whole))
    np.add.at(sound, whole + 1, sizes * (places - whole))
    for corner in (100, 800):
        pole = np.exp(-2 * np.pi * corner / fast)
        sound = lfilter([1 - pole], [1, -pole], sound)
    sound = np.diff(sound, prepend=0.0)
    for hz, width in formants:
        radius, angle = np.exp(-np.pi * width / fast), 2 * np.pi * hz / fast
        poles = [1, -2 * radius * np.cos(angle), radius**2]
        sound = lfilter([sum(poles)], poles, sound)
    sound = resample_poly(sound[:-1], 1, OVER)
    return 0.5 * sound / np.abs(sound).max()


def audio(samples, rate):
    return Audio(samples=np.asarray(samples, dtype=np.float32), rate=rate)


def noisy(samples, decibels, rng):
    """Add white noise so many dB below the sound."""
    size = np.sqrt(np.mean(samples**2)) * 10 ** (-decibels / 20)
    return samples + rng.normal(0, size, len(samples))


def local_change(values):
    """Local jitter or shimmer in %, straight from the definition."""
    return 100 * np.mean(np.abs(np.diff(values))) / np.mean(values)


def perturbed(mean, percent, count, rng):
    """Return values around a mean whose local change is about so many percent."""
    return mean * (1 + rng.normal(0, percent / 100 * np.sqrt(np.pi) / 2, count))


def melody(hz, depth, seconds):
    """Pitch at some times: a slow swing of ``depth`` semitones either way."""
    return hz * 2 ** (depth / 12 * np.sin(2 * np.pi * 0.7 * np.asarray(seconds)))


def sung(hz, depth, seconds):
    """Return the periods of a voice that follows the melody for so long."""
    periods, now = [], 0.0
    while now < seconds:
        periods.append(1 / float(melody(hz, depth, now)))
        now += periods[-1]
    return np.array(periods)


@dataclass(frozen=True)
class Script:
    """Phrases of syllables with pauses between them."""

    hz: float = 100.0
    depth: float = 3.0
    syllable_rate: float = 4.0
    syllables: int = 6
    pauses: tuple[float, ...] = (0.45, 0.8, 0.6, 0.7)

    def spoken(self, rate, rng, *, decibels=30, edge=0.1):
        """Return the audio, and what it holds by name of the measure."""
        phrase = self.syllables / self.syllable_rate
        count = len(self.pauses) + 1
        total = count * phrase + sum(self.pauses)
        sound = vowel(rate, sung(self.hz, self.depth, total + 2 * edge), edge=0.0)
        sound = sound[: int((total + 2 * edge) * rate)]
        seconds = np.arange(len(sound)) / rate
        loudness, start = np.zeros(len(sound)), edge
        for pause in (*self.pauses, 0.0):
            inside = (seconds >= start) & (seconds < start + phrase)
            place = (seconds[inside] - start) * self.syllable_rate
            loudness[inside] = 0.25 + 0.75 * np.sin(np.pi * place) ** 2
            start += phrase + pause
        heard = melody(self.hz, self.depth, seconds[loudness > 0])
        semitones = 12 * np.log2(heard)
        truth = {
            "f0-level": np.median(heard),
            "f0-variability": semitones.std(),
            "f0-range": np.subtract(*np.quantile(semitones, (0.95, 0.05))),
            "pause-share": sum(self.pauses) / total,
            "pauses-per-minute": 60 * len(self.pauses) / total,
            "pause-length": np.mean(self.pauses),
            "speech-rate": count * self.syllables / total,
            "articulation-rate": self.syllable_rate,
            "voiced-share": 1.0,
        }
        return audio(noisy(sound * loudness, decibels, rng), rate), truth
