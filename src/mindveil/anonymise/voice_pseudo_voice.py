"""voice/pseudo-voice: say it at another pitch and with another vocal tract."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from mindveil.anonymise.voice_work import RATE, VoiceWork, Waveform, change_voices
from mindveil.corpus.media import Audio
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InputError

STEP = RATE // 200
"""Samples between two frames: 5 ms, as WORLD is meant to be used."""

PIECE = 20 * RATE
"""Samples taken apart at once (20 s), so that an hour fits in memory."""

TRACKED = 15 * PIECE
"""Samples in which pitch is tracked at once (5 min): long enough to know somebody's range."""

MARGIN = 50 * STEP
"""Samples on both sides of a piece (250 ms) which settle the analysis and are then cut off."""

LOUDNESS_STEPS = 8
"""Steps of 5 ms over which loudness is taken: longer than a period of the lowest voice."""

INAUDIBLE = STEP * (0.5 / 32768) ** 2
"""Energy of a step below half a bit of sixteen."""

LARGEST_GAIN = 4.0
"""Of one moment, so that the noise between two sounds is not blown up."""

JOINT = 2 * STEP
"""Samples over which one piece is faded into the next."""

Curve = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoicePseudoVoice:
    """Give each session the pitch level and the vocal tract of somebody who does not exist.

    The voice is taken apart by WORLD (Morise et al. 2016, IEICE Trans. E99-D(7)) into its
    fundamental frequency, spectral envelope and aperiodicity. The frequency is scaled so that
    the mean of the session (on a musical scale) lies at a level drawn evenly, on that scale, from
    ``lowest_hertz`` to ``highest_hertz``: the level does not depend on the speaker, so that the
    own mean does not leak. The envelope is stretched or squeezed by a share drawn from
    ``least_warp`` to ``most_warp``. Both are drawn once a session. The melody (all intervals in
    semitones), differences between the recordings of a session, timing and loudness stay; they
    are the clinical signal, and something of the person is in them. Trained attackers still
    recognise many speakers: set voice/anonymise to level 2 for more.

    Identifiers are muted where words are timed (``*_words.tsv``); where they are not, names stay
    audible. Recordings come out at 16 kHz, one channel.

    Source: Morise et al. 2016 (the vocoder WORLD); drawing one voice a session at random after the
    VoicePrivacy Challenges (Tomashenko et al. 2022).

    Limits: Melody, rhythm and choice of words stay, and attackers who train on such voices still
    recognise many speakers. Names that are not timed stay audible.

    Raises:
        InputError: ranges that cannot be, or pyworld is not installed.
    """

    name: ClassVar[str] = "voice/pseudo-voice"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"voice"})
    alone: ClassVar[bool] = True

    lowest_hertz: float = 90.0
    highest_hertz: float = 250.0
    least_warp: float = 0.08
    most_warp: float = 0.20

    def __post_init__(self) -> None:
        if not 60 <= self.lowest_hertz <= self.highest_hertz <= 400:
            raise InputError(
                f"voice/pseudo-voice: lowest_hertz = {self.lowest_hertz} and highest_hertz ="
                f" {self.highest_hertz}; give 60 <= lowest_hertz <= highest_hertz <= 400"
            )
        if not 0 <= self.least_warp <= self.most_warp <= 0.3:
            raise InputError(
                f"voice/pseudo-voice: least_warp = {self.least_warp} and most_warp ="
                f" {self.most_warp}; give shares, 0 <= least_warp <= most_warp <= 0.3"
            )

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus with every session in a voice that nobody has."""
        return change_voices(corpus, VoiceWork(name=self.name, change=self.change), rng)

    def change(
        self, recordings: Sequence[Waveform], rng: np.random.Generator
    ) -> Sequence[Waveform]:
        """Return the recordings of one session as one pseudo-speaker says them."""
        low, high = math.log(self.lowest_hertz), math.log(self.highest_hertz)
        level = math.exp(rng.uniform(low, high))
        share = 1 + rng.uniform(self.least_warp, self.most_warp)
        warp = share if rng.random() < 0.5 else 1 / share
        return speak_as(recordings, level, warp)


def speak_as(recordings: Sequence[Waveform], level: float, warp: float) -> list[Waveform]:
    """Return 16 kHz voices whose common mean pitch is ``level`` hertz, formants times ``warp``.

    The mean is geometric, over the voiced 5 ms of all recordings together; recordings without
    any voice are only warped. Lengths stay.
    """
    pitches = [pitch(samples) for samples in recordings]
    voiced = np.concatenate([p[p > 0] for p in pitches]) if pitches else np.empty(0)
    ratio = level / float(np.exp(np.mean(np.log(voiced)))) if len(voiced) else 1.0
    return [
        as_loud(_respoken(samples, own, ratio, warp), samples)
        for samples, own in zip(recordings, pitches, strict=True)
    ]


def pitch(samples: Waveform) -> Curve:
    """Return the fundamental frequency each 5 ms in hertz, 0 where there is none.

    That of ``features.pitch``, which tracks twice and so leaves few octave errors to be spoken.
    """
    found = [np.zeros(0)]
    for first, last in _pieces(len(samples), TRACKED):
        before = min(MARGIN, first)
        curve = _tracked(samples[first - before : last + MARGIN])
        found.append(curve[before // STEP :][: -(-(last - first) // STEP)])
    return np.concatenate(found)


def _tracked(samples: Waveform) -> Curve:
    from mindveil.features.pitch import track_f0  # noqa: PLC0415 - slow to load

    frames = -(-len(samples) // STEP)
    track = track_f0(Audio(samples=samples, rate=RATE))
    if not track.voiced.any():
        return np.zeros(frames)
    seconds = np.arange(frames) * STEP / RATE
    nearest = np.clip(np.searchsorted(_between(track.seconds), seconds), 0, len(track.hz) - 1)
    height = np.interp(seconds, track.seconds[track.voiced], np.log(track.hz[track.voiced]))
    return np.where(track.voiced[nearest], np.exp(height), 0.0)


def as_loud(voice: Waveform, original: Waveform) -> Waveform:
    """Return a voice as loud as the original in each moment (40 ms, Hann), so that pauses stay."""
    if not len(voice):
        return voice
    window = np.hanning(LOUDNESS_STEPS + 2)[1:-1]
    energies = []
    for one in (original, voice):
        padded = np.pad(one, (0, -len(one) % STEP)).reshape(-1, STEP)
        energies.append(np.convolve(np.einsum("ij,ij->i", padded, padded), window, "full"))
    half = (LOUDNESS_STEPS - 1) / 2
    gains = np.sqrt((energies[0] + INAUDIBLE) / (energies[1] + INAUDIBLE))
    middles = (np.arange(len(gains)) - half + 0.5) * STEP
    gains = np.minimum(gains, LARGEST_GAIN)
    out = np.empty_like(voice)
    for first, last in _pieces(len(voice), PIECE):
        out[first:last] = voice[first:last] * np.interp(np.arange(first, last), middles, gains)
    return out


def _respoken(samples: Waveform, own: Curve, ratio: float, warp: float) -> Waveform:
    """Return a recording at another pitch and with warped formants, piece by piece."""
    out = np.zeros(len(samples), dtype=np.float32)
    if not np.any(samples):
        return out
    ramp = np.linspace(0, 1, JOINT, dtype=np.float32)
    for first, last in _pieces(len(samples), PIECE):
        before = min(MARGIN, first)
        part = samples[first - before : last + MARGIN]
        curve = own[(first - before) // STEP :][: len(part) // STEP + 1]
        voice = _spoken(part, curve, ratio, warp)[before : before + last - first + JOINT]
        voice = voice[: len(out) - first]
        if first:
            fade = ramp[: len(voice)]
            voice[: len(fade)] *= fade
            out[first : first + len(fade)] *= 1 - fade
        out[first : first + len(voice)] += voice
    return out


def _spoken(part: Waveform, curve: Curve, ratio: float, warp: float) -> Waveform:
    world = _world()
    padded = _long_enough(part)
    frames = len(padded) // STEP + 1
    f0 = np.zeros(frames)
    f0[: len(curve)] = curve[:frames]
    at = np.arange(frames) * STEP / RATE
    envelope = world.cheaptrick(padded, f0, at, RATE)
    rough = world.d4c(padded, f0, at, RATE)
    voice = world.synthesize(f0 * ratio, warped(envelope, warp), rough, RATE)
    return np.asarray(voice[: len(part)], dtype=np.float32)


def warped(envelope: Curve, warp: float) -> Curve:
    """Return spectral envelopes (frames, bins) with every frequency multiplied by ``warp``.

    What would come from above the last bin is taken from it.
    """
    last = envelope.shape[1] - 1
    source = np.minimum(np.arange(last + 1) / warp, last)
    below = np.minimum(source.astype(int), last - 1)
    share = source - below
    return np.ascontiguousarray(envelope[:, below] * (1 - share) + envelope[:, below + 1] * share)


def _pieces(count: int, size: int) -> Iterator[tuple[int, int]]:
    """Yield the first and last sample of the pieces of a recording."""
    for first in range(0, count, size):
        yield first, min(first + size, count)


def _between(seconds: Curve) -> Curve:
    return (seconds[1:] + seconds[:-1]) / 2


def _long_enough(part: Waveform) -> Curve:
    """Return at least half a second, as WORLD needs some to look at."""
    padded = np.pad(part, (0, max(0, RATE // 2 - len(part))))
    return np.ascontiguousarray(padded, dtype=np.float64)


@cache
def _world() -> ModuleType:
    """Return pyworld, which looks its own version up in a way that is going out of use."""
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
            import pyworld  # noqa: PLC0415 - an extra
    except ImportError as fault:
        raise InputError(
            "voice/pseudo-voice needs pyworld: pip install 'mindveil[voice]'"
        ) from fault
    module: ModuleType = pyworld
    return module
