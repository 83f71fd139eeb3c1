"""The height of a voice over time: fundamental frequency, tracked twice.

A first pass looks for any human voice, 60 to 600 Hz; a second one looks again in the range that
this recording was found to use, from 0.75 times the lower quartile to 1.5 times the upper one
(De Looze & Hirst 2008, Speech Prosody), which leaves no room for most octave errors.

The first pass listens to the sound without its formants. Each takes the autocorrelation of windowed frames divided by that of the window, keeps its
best maxima as candidates, and finds the cheapest path through them (Boersma 1993, Proceedings of
the Institute of Phonetic Sciences 17, 97-110; the costs are the ones proposed there).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft
from scipy.ndimage import median_filter
from scipy.signal import fftconvolve, firwin

from mindveil.corpus.media import Audio
from mindveil.features.excitation import excitation
from mindveil.features.sound import RATE, STEP, Sound, trimmed_sound

Floats = NDArray[np.float64]

FLOOR, CEILING = 60.0, 600.0
"""Hz: what the first pass takes for a human voice."""

GUARD = 0.45
"""Octaves from its neighbours' median beyond which a value is an octave error."""

LEAP = 2 / 12
"""Octaves in 10 ms that no voice covers: the fastest change is about 100 semitones a second (Xu &
Sun 2002, Journal of the Acoustical Society of America 111, 1399-1413)."""

STRAY = 5
"""Frames: a piece of a track shorter than this that leaps away from a longer one is not believed."""

_CANDIDATES = 6
_CHUNK = 512
_PERIODS = 3.0
_USUAL = 150.0
_HIGHEST = 1_000.0
_JUMP, _VOICING, _SILENCE, _TURN = 0.35, 0.45, 0.03, 0.14


@dataclass(frozen=True, slots=True, kw_only=True)
class PitchTrack:
    """Fundamental frequency every 10 ms; all of shape (frames,).

    ``seconds`` is the middle of each frame, ``hz`` the frequency (NaN where the voice does not
    sound), ``strength`` the normalised autocorrelation at that period (0 where unvoiced).
    """

    seconds: Floats
    hz: Floats
    strength: Floats

    @property
    def voiced(self) -> NDArray[np.bool_]:
        """Where the voice sounds."""
        return ~np.isnan(self.hz)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Where one pass looks: the range in Hz, the rate of its samples, seconds between frames.

    ``octave`` is how much more likeness it asks of a period twice as long.
    """

    floor: float
    ceiling: float
    rate: int
    step: float
    octave: float


def track_f0(audio: Audio) -> PitchTrack:
    """Return the fundamental frequency of a recording every 10 ms.

    A recording that is silent or holds no voice gives a track without voiced frames. Takes about
    0.01 CPU-seconds a second of audio.
    """
    sound = trimmed_sound(audio)
    if not len(sound.samples):
        return _unvoiced(len(audio.samples) / audio.rate)
    return track_sound(sound)


def track_sound(sound: Sound) -> PitchTrack:
    """Return the track of a sound that ``trimmed_sound`` made."""
    if not len(sound.samples):
        return _unvoiced(0.0)
    # Without the vocal tract no formant is taken for the pitch of a rough voice (Markel 1972,
    # IEEE Transactions on Audio and Electroacoustics 20, 367-377).
    low = firwin(129, _HIGHEST, fs=RATE)
    flat = np.asarray(fftconvolve(excitation(sound.samples, _USUAL), low, mode="same")[::4])
    # Rough voices repeat themselves after two periods nearly as well as after one.
    wide = Search(floor=FLOOR, ceiling=CEILING, rate=RATE // 4, step=2 * STEP, octave=0.05)
    first = _track(flat, wide)
    if not first.voiced.any():
        return _moved(_unvoiced(sound.seconds), sound.start)
    low, high = np.nanquantile(first.hz, (0.25, 0.75))
    narrow = Search(
        floor=max(FLOOR, 0.75 * float(low)),
        ceiling=min(CEILING, 1.5 * float(high)),
        rate=RATE,
        step=STEP,
        octave=0.01,
    )
    return _moved(_guarded(_track(sound.samples, narrow)), sound.start)


def _middles(count: int, step: float) -> Floats:
    return np.asarray((np.arange(count) + 0.5) * step, dtype=np.float64)


def _moved(track: PitchTrack, start: float) -> PitchTrack:
    return PitchTrack(seconds=track.seconds + start, hz=track.hz, strength=track.strength)


def _unvoiced(seconds: float) -> PitchTrack:
    middles = _middles(int(seconds / STEP), STEP)
    return PitchTrack(
        seconds=middles, hz=np.full(len(middles), np.nan), strength=np.zeros(len(middles))
    )


def _guarded(track: PitchTrack) -> PitchTrack:
    """Unvoice what lies nearly an octave off its neighbours, and stray ends of a voiced stretch."""
    voiced = np.flatnonzero(track.voiced)
    if not len(voiced):
        return track
    height = np.log2(track.hz[voiced])
    usual = median_filter(height, size=23, mode="nearest")
    wrong = np.zeros(len(track.hz), dtype=bool)
    wrong[voiced[np.abs(height - usual) > GUARD]] = True
    wrong |= _strays(np.where(wrong, np.nan, track.hz))
    return PitchTrack(
        seconds=track.seconds,
        hz=np.where(wrong, np.nan, track.hz),
        strength=np.where(wrong, 0.0, track.strength),
    )


def _strays(hz: Floats) -> NDArray[np.bool_]:
    """Return which frames belong to a short piece that leaps away from a longer one.

    Where a voice starts or stops, a frame holds one or two of its periods and the ringing of the
    vocal tract between them is taken for its pitch.
    """
    step = np.abs(np.diff(np.log2(hz), prepend=np.nan))
    piece = np.cumsum(~(step <= LEAP))
    length = np.bincount(piece)
    leaps = np.flatnonzero(step > LEAP)
    left, right = piece[leaps - 1], piece[leaps]
    stray = np.minimum(length[left], length[right]) < STRAY
    shorter = np.where(length[left] < length[right], left, right)
    found: NDArray[np.bool_] = np.isin(piece, shorter[stray])
    return found


def _track(samples: Floats, search: Search) -> PitchTrack:
    count = int(len(samples) / search.rate / search.step)
    if not count:
        return _unvoiced(0.0)
    chunks = zip(*_frames(samples, search, count), strict=True)
    hz, strength, peak = (np.concatenate(part) for part in chunks)
    quiet = (peak / peak.max()) / (_SILENCE / (1 + _VOICING))
    silence = _VOICING + np.maximum(0.0, 2.0 - quiet)
    path = _cheapest_path(hz, strength, silence, search)
    rows = np.arange(count)
    held = path < _CANDIDATES
    column = np.minimum(path, _CANDIDATES - 1)
    return PitchTrack(
        seconds=_middles(count, search.step),
        hz=np.where(held, hz[rows, column], np.nan),
        strength=np.where(held, strength[rows, column], 0.0),
    )


def _frames(samples: Floats, search: Search, count: int) -> Iterator[tuple[Floats, Floats, Floats]]:
    """Yield candidates (frames, candidates) in Hz, their strengths, and each frame's peak."""
    width = int(_PERIODS / search.floor * search.rate) | 1
    longest = int(search.rate / search.floor) + 2
    window = np.hanning(width + 2)[1:-1]
    size = next_fast_len(width + longest, real=True)
    own = irfft(np.abs(rfft(window, size)) ** 2, size)[:longest]
    own /= own[0]
    # The middle of frame i lies at (i + 1/2) steps.
    padded = np.pad(samples, (width // 2, width // 2 + 1))
    views = sliding_window_view(padded, width)
    middles = np.rint(_middles(count, search.step) * search.rate).astype(int)
    middles = np.minimum(middles, len(views) - 1)
    for first in range(0, count, _CHUNK):
        frames = views[middles[first : first + _CHUNK]]
        frames = frames - frames.mean(axis=1, keepdims=True)
        peak = np.abs(frames).max(axis=1)
        spectrum = rfft(frames * window, size, axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        lags = irfft(power, size, axis=1)[:, :longest]
        lags = lags / np.maximum(lags[:, :1], 1e-30) / own
        yield (*_candidates(lags, search), peak)


def _candidates(lags: Floats, search: Search) -> tuple[Floats, Floats]:
    shortest = max(2, int(search.rate / search.ceiling))
    middle, before, after = lags[:, 1:-1], lags[:, :-2], lags[:, 2:]
    bend = before - 2 * middle + after
    peaks = (middle > before) & (middle >= after) & (middle > _VOICING / 2)
    shift = np.where(peaks, 0.5 * (before - after) / np.where(peaks, bend, 1.0), 0.0)
    height = np.minimum(middle - 0.25 * (before - after) * shift, 1.0)
    period = (np.arange(1, lags.shape[1] - 1) + shift) / search.rate
    peaks[:, : shortest - 1] = False
    peaks &= (period >= 1 / search.ceiling) & (period <= 1 / search.floor)
    worth = np.where(peaks, height - search.octave * np.log2(search.floor * period), -np.inf)
    best = np.argpartition(worth, -_CANDIDATES, axis=1)[:, -_CANDIDATES:]
    rows = np.arange(len(lags))[:, None]
    found = peaks[rows, best]
    hz = np.where(found, 1 / period[rows, best], np.nan)
    return hz, np.where(found, height[rows, best], -np.inf)


def _cheapest_path(
    hz: Floats, strength: Floats, silence: Floats, search: Search
) -> NDArray[np.intp]:
    """Return the chosen candidate of each frame; ``_CANDIDATES`` stands for unvoiced."""
    height = np.log2(np.where(np.isnan(hz), 1.0, hz))
    worth = strength - search.octave * (np.log2(search.floor) - height)
    worth = np.column_stack([worth, silence])
    per_step = STEP / search.step
    cost = np.full((len(hz) - 1, _CANDIDATES + 1, _CANDIDATES + 1), _TURN * per_step)
    cost[:, -1, -1] = 0.0
    jump = np.abs(height[:-1, :, None] - height[1:, None, :])
    cost[:, :-1, :-1] = _JUMP * per_step * jump
    back = np.zeros((len(hz), _CANDIDATES + 1), dtype=np.intp)
    total, columns = worth[0], np.arange(_CANDIDATES + 1)
    for frame in range(1, len(hz)):
        choices = total[:, None] - cost[frame - 1]
        back[frame] = choices.argmax(axis=0)
        total = choices[back[frame], columns] + worth[frame]
    path = np.empty(len(hz), dtype=np.intp)
    path[-1] = total.argmax()
    for frame in range(len(hz) - 1, 0, -1):
        path[frame - 1] = back[frame, path[frame]]
    return path
