"""Turn what a synthetic voice said into the recording of one person at one visit.

The pauses are set, WORLD (Morise et al. 2016, doi:10.1587/transinf.2015EDP7457) changes pitch,
its range and the vocal tract, loudness follows, then microphone and room are added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from scipy.signal import resample_poly

from mindveil.corpus.sample.synthesis import RATE as SPOKEN_RATE
from mindveil.corpus.sample.synthesis import Speech
from mindveil.corpus.sample.voices import Delivery, Room

RATE = 16_000
"""Hertz of a recording."""
_EDGE = 0.12
"""Seconds of room before the first and after the last word."""
_QUIET = -40.0
"""Decibels below the loudest 10 ms under which nobody speaks."""
_LEFT = 0.04
"""Seconds of a word that no pause takes away."""
_FLOOR, _CEILING = 60.0, 480.0
"""Hertz between which pitch is looked for."""
_RESPONSE_AT = (120.0, 400.0, 1200.0, 3000.0, 7000.0)

Samples = NDArray[np.float64]
Times = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Take:
    """A recording: mono samples in [-1, 1] and when each word is spoken, in seconds."""

    samples: NDArray[np.float32]
    rate: int
    times: Times

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


def record(
    speech: Speech, breaks: Sequence[int], manner: tuple[Delivery, Room], rng: np.random.Generator
) -> Take:
    """Return the recording of a speech with a pause after each of the words ``breaks``."""
    delivery, room = manner
    samples, times = set_pauses(speech.samples.astype(np.float64), speech.times, breaks, delivery)
    voiced = _revoice(samples, delivery, rng)
    voiced = spread_loudness(voiced, SPOKEN_RATE, delivery.loudness_range)
    heard = resample_poly(voiced, 2, 3)
    heard = _place(heard, room, rng)
    end = len(heard) / RATE
    kept = tuple((round(a, 3), round(min(b, end), 3)) for a, b in times)
    return Take(samples=heard.astype(np.float32), rate=RATE, times=kept)


def set_pauses(
    samples: Samples, times: Times, breaks: Sequence[int], delivery: Delivery
) -> tuple[Samples, Times]:
    """Make each pause as long as the delivery has it, and cut the silence around the speech.

    A pause replaces whatever silence the voice left between two clauses, so that its length is
    the one asked for.
    """
    rate = SPOKEN_RATE
    quiet = _quiet(samples, rate)
    first, last = int(times[0][0] * rate), int(times[-1][1] * rate)
    cuts = [(max(0, first - int(0.05 * rate)), first)]
    cuts += [_silence(quiet, times[b], times[b + 1]) for b in breaks]
    end = min(len(samples), last + int(0.05 * rate))
    edge, pause = np.zeros(int(_EDGE * rate)), np.zeros(int(delivery.pause * rate))
    pieces, at = [edge], cuts[0][0]
    moved = np.asarray(times, dtype=np.float64) * rate + len(edge) - at
    least = int(_LEFT / 2 * rate)
    for word, (begin, finish) in zip(breaks, cuts[1:], strict=True):
        start = max(begin, at + least)
        stop = max(start, finish)
        pieces += [_faded(samples[at:start]), pause]
        spoken = sum(map(len, pieces))
        moved[word + 1 :] += len(pause) - (stop - start)
        moved[word, 1] = min(moved[word, 1], spoken - len(pause))
        moved[word + 1, 0] = max(moved[word + 1, 0], spoken)
        at = stop
    pieces += [_faded(samples[at:end]), edge]
    return np.concatenate(pieces), tuple((a / rate, b / rate) for a, b in moved.tolist())


def _quiet(samples: Samples, rate: int) -> NDArray[np.bool_]:
    power = uniform_filter1d(samples**2, max(1, rate // 100))
    return np.asarray(power < power.max() * 10 ** (_QUIET / 10))


def _silence(
    quiet: NDArray[np.bool_], before: tuple[float, float], after: tuple[float, float]
) -> tuple[int, int]:
    """Return the stretch of silence that touches the gap between two words, in samples.

    It leaves something of both words. Without any silence there, the stretch is empty: a pause
    is put in the middle of the gap.
    """
    a, b = int(before[1] * SPOKEN_RATE), int(after[0] * SPOKEN_RATE)
    low = int((before[0] + _LEFT) * SPOKEN_RATE)
    high = int((after[1] - _LEFT) * SPOKEN_RATE)
    still = np.flatnonzero(quiet)
    runs = np.split(still, np.flatnonzero(np.diff(still) > 1) + 1) if len(still) else []
    near = SPOKEN_RATE // 10
    first, last = max(a - near, low), min(b + near, high)
    touching = [run for run in runs if run[0] <= last and run[-1] >= first]
    if not touching:
        return (a + b) // 2, (a + b) // 2
    run = max(touching, key=len)
    start = max(int(run[0]), low)
    return start, max(start, min(int(run[-1]) + 1, high))


def _faded(samples: Samples) -> Samples:
    ramp = np.linspace(0.0, 1.0, min(len(samples), SPOKEN_RATE // 100))
    faded = samples.copy()
    faded[: len(ramp)] *= ramp
    faded[len(faded) - len(ramp) :] *= ramp[::-1]
    return faded


def _revoice(samples: Samples, delivery: Delivery, rng: np.random.Generator) -> Samples:
    """Change pitch, its range and steadiness, and the length of the vocal tract, with WORLD."""
    world = import_module("pyworld")
    pitch, at = world.harvest(samples, SPOKEN_RATE, f0_floor=_FLOOR, f0_ceil=_CEILING)
    spectrum = world.cheaptrick(samples, pitch, at, SPOKEN_RATE)
    breath = world.d4c(samples, pitch, at, SPOKEN_RATE)
    noise = delivery.unsteadiness * rng.standard_normal(len(pitch))
    changed = bend_pitch(pitch, delivery, noise)
    spectrum, breath = warp(spectrum, delivery.tract), warp(breath, delivery.tract)
    return np.asarray(world.synthesize(changed, spectrum, breath, SPOKEN_RATE), dtype=np.float64)


def bend_pitch(pitch: Samples, delivery: Delivery, noise: Samples) -> Samples:
    """Return a pitch contour in hertz moved, its range scaled and ``noise`` semitones added.

    Frames without voice are 0 and stay so.
    """
    voiced = pitch > 0
    if not voiced.any():
        return pitch
    semitones = 12 * np.log2(pitch[voiced])
    middle = float(np.median(semitones))
    bent = middle + delivery.pitch + delivery.pitch_range * (semitones - middle) + noise[voiced]
    changed = np.zeros_like(pitch)
    changed[voiced] = 2 ** (bent / 12)
    return changed


def warp(spectra: Samples, factor: float) -> Samples:
    """Return spectra (frames, frequencies) stretched along frequency: above 1 moves formants up."""
    bins = spectra.shape[1]
    source = np.minimum(np.arange(bins) / factor, bins - 1)
    low = np.minimum(source.astype(int), bins - 2)
    part = source - low
    logs = np.log(np.maximum(spectra, 1e-16))
    return np.ascontiguousarray(np.exp(logs[:, low] * (1 - part) + logs[:, low + 1] * part))


def spread_loudness(samples: Samples, rate: int, factor: float) -> Samples:
    """Scale how far loudness strays from its mean while somebody speaks, in decibels."""
    power = uniform_filter1d(samples**2, rate // 20) + 1e-12
    level = 10 * np.log10(power)
    speaking = level > level.max() - 35
    gain = np.where(speaking, (factor - 1) * (level - level[speaking].mean()), 0.0)
    smooth = uniform_filter1d(np.clip(gain, -12, 12), rate // 20)
    return np.asarray(samples * 10 ** (smooth / 20))


def _place(samples: Samples, room: Room, rng: np.random.Generator) -> Samples:
    """Add the microphone's colour, the room's noise (falling by 3 dB an octave) and the level."""
    count = len(samples)
    frequency = np.fft.rfftfreq(count, 1 / RATE)
    colour = np.interp(np.log(frequency + 1), np.log(_RESPONSE_AT), room.response)
    heard = np.fft.irfft(np.fft.rfft(samples) * 10 ** (colour / 20), count)
    heard *= 10 ** (room.level / 20) / (np.sqrt(np.mean(heard**2)) + 1e-12)
    hum = np.fft.irfft(
        np.fft.rfft(rng.standard_normal(count)) / np.sqrt(np.maximum(frequency, 50.0)), count
    )
    hum *= 10 ** ((room.level - room.signal_to_noise) / 20) / np.sqrt(np.mean(hum**2))
    return np.clip(heard + hum, -0.99, 0.99)
