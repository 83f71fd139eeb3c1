"""voice/mcadams: move the formants of a voice by a random power of their angle."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, get_args

import numpy as np
import numpy.typing as npt

from mindveil.anonymise.voice_work import Draw, VoiceWork, Waveform, change_voices
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InputError

ORDER = 20
"""Poles of the vocal tract at 16 kHz: two for each kHz of bandwidth, and four for lips and glottis."""

FRAME = 480
"""30 ms at 16 kHz: a stretch in which the vocal tract stands still."""

HOP = FRAME // 2
BATCH = 2000
"""Frames whose poles are found together: 30 s of speech, so that long recordings fit in memory."""

FARTHEST = 0.999
"""A pole stays inside the unit circle: a filter with one outside would grow for ever."""

Frames = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class VoiceMcadams:
    """Change the timbre of a voice by McAdams' coefficient; words, rhythm and pitch stay.

    Each 30 ms are taken apart into the source and a filter of 20 poles (linear prediction); the
    angle of every complex pole is raised to the power alpha, which moves formants below 2.5 kHz up
    and those above down, and the source is sent through the new filter (Patino et al. 2021, Speaker
    Anonymisation Using the McAdams Coefficient; baseline B2 of the VoicePrivacy Challenges). Alpha
    is drawn evenly from ``lowest`` to ``highest`` for each session, or with ``draw = "person"``
    for each person once, which keeps the sessions of a person comparable and linkable. The
    loudness of each 30 ms is kept, and so is the fundamental frequency: the mean pitch of a
    speaker leaks. Attackers who are trained on such voices see through much of it.

    Identifiers are muted where words are timed (``*_words.tsv``); where they are not, names stay
    audible. Recordings come out at 16 kHz, one channel.

    Source: Patino et al. 2021, "Speaker anonymisation using the McAdams coefficient"; baseline B2
    of the VoicePrivacy Challenges.

    Limits: Pitch and rhythm stay and identify people to attackers who train on such voices. Names
    that are not timed stay audible.

    Raises:
        InputError: alpha outside 0.3-1, or another draw.
    """

    name: ClassVar[str] = "voice/mcadams"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"voice"})
    alone: ClassVar[bool] = True

    lowest: float = 0.5
    highest: float = 0.9
    draw: Draw = "session"

    def __post_init__(self) -> None:
        if not 0.3 <= self.lowest <= self.highest <= 1:
            raise InputError(
                f"voice/mcadams: alpha from lowest = {self.lowest} to highest = {self.highest};"
                " give 0.3 <= lowest <= highest <= 1 (1 changes nothing, 0.5-0.9 is usual)"
            )
        if self.draw not in get_args(Draw):
            raise InputError(f"voice/mcadams: draw is session or person, not {self.draw!r}")

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus with the formants of every voice moved."""
        work = VoiceWork(name=self.name, change=self.change, draw=self.draw)
        return change_voices(corpus, work, rng)

    def change(
        self, recordings: Sequence[Waveform], rng: np.random.Generator
    ) -> Sequence[Waveform]:
        """Return the recordings of one session with one alpha."""
        alpha = float(rng.uniform(self.lowest, self.highest))
        return [move_formants(samples, alpha) for samples in recordings]


def move_formants(samples: Waveform, alpha: float) -> Waveform:
    """Return a 16 kHz voice whose poles stand at their angle to the power alpha.

    As many samples as came in. With ``alpha = 1`` the voice is what it was.
    """
    window = np.hanning(FRAME + 1)[:-1]
    count = len(samples) // HOP + 2
    padded = np.zeros((count + 1) * HOP, dtype=np.float32)
    padded[HOP : HOP + len(samples)] = samples
    framed = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    out = np.zeros_like(padded)
    for first in range(0, len(framed), BATCH):
        frames = framed[first : first + BATCH] * window
        for number, frame in enumerate(_moved(frames, alpha), start=first):
            out[number * HOP : number * HOP + FRAME] += frame
    return out[HOP : HOP + len(samples)]


def _moved(frames: Frames, alpha: float) -> Frames:
    """Return windowed frames (n, FRAME) with their poles moved; silent ones stay."""
    from scipy.signal import lfilter  # noqa: PLC0415 - slow to load

    done = np.zeros_like(frames)
    energy = np.einsum("ij,ij->i", frames, frames)
    # Below half a step of 16 bits there is nothing to be heard and nothing to be predicted.
    heard = np.flatnonzero(energy > FRAME * (0.5 / 32768) ** 2 * 1e-2)
    old = linear_prediction(frames[heard])
    new = moved_poles(old, alpha)
    for row, before, after in zip(heard, old, new, strict=True):
        source = lfilter(before, [1.0], frames[row])
        done[row] = lfilter([1.0], after, source)
    after_energy = np.einsum("ij,ij->i", done[heard], done[heard])
    done[heard] *= np.sqrt(energy[heard] / np.maximum(after_energy, 1e-300))[:, None]
    return done


def linear_prediction(frames: Frames) -> Frames:
    """Return the prediction error filters (n, ORDER + 1) of frames, by the autocorrelation method.

    The recursion of Levinson and Durbin runs over all frames at once. A white noise 90 dB below
    the frame keeps it well posed.
    """
    size = 1 << (2 * frames.shape[1] - 1).bit_length()
    spectra = np.fft.rfft(frames, size)
    lags = np.fft.irfft(np.abs(spectra) ** 2, size)[:, : ORDER + 1]
    error = lags[:, 0] * (1 + 1e-9)
    filters = np.zeros((len(frames), ORDER + 1))
    filters[:, 0] = 1.0
    for order in range(1, ORDER + 1):
        overlap = np.einsum("ij,ij->i", filters[:, :order], lags[:, order:0:-1])
        reflection = -overlap / error
        filters[:, 1 : order + 1] += reflection[:, None] * filters[:, order - 1 :: -1][:, :order]
        error = error * (1 - reflection**2)
    return filters


def moved_poles(filters: Frames, alpha: float) -> Frames:
    """Return the filters (n, ORDER + 1) with the angle of every complex pole to the power alpha."""
    companions = np.zeros((len(filters), ORDER, ORDER))
    companions[:, 0, :] = -filters[:, 1:]
    below = np.arange(1, ORDER)
    companions[:, below, below - 1] = 1.0
    poles = np.linalg.eigvals(companions).astype(np.complex128)
    angles = np.abs(np.angle(poles))
    complex_ones = np.abs(poles.imag) > 1e-10
    moved = np.where(complex_ones, np.minimum(angles**alpha, np.pi), angles)
    radius = np.minimum(np.abs(poles), FARTHEST)
    poles = radius * np.exp(1j * np.where(poles.imag < 0, -moved, moved))
    made = np.zeros((len(filters), ORDER + 1), dtype=np.complex128)
    made[:, 0] = 1.0
    for n in range(ORDER):
        made[:, 1 : n + 2] -= poles[:, n, None] * made[:, : n + 1]
    return made.real
