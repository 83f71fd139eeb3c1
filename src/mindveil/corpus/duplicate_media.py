"""Recordings that are the same sound or picture, whatever they were encoded as.

A sound is known by whether each of its bands grows or falls from moment to moment, 32 bits each
time (Haitsma & Kalker 2002, "A highly robust audio fingerprinting system", ISMIR), a picture by
how much brighter it becomes to the right and down on a coarse grid. Loudness, light, another
encoding and a few milliseconds more at the start change little of either.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.media import SPEECH_RATE, read_audio, read_frames
from mindveil.errors import InputError

Bits = NDArray[np.bool_]

_WINDOW, _HOP, _BANDS = 4096, 512, 33
_LOWEST, _HIGHEST = 300.0, 3000.0
_MOST_SECONDS = 60
_FEWEST_MOMENTS = 20
_SHARED, _MOST_HOLDING = 3, 20
_WRONG_BITS = 0.30
"""Bits that may differ; of two different recordings half do, give or take a few of a hundred."""

_GRID = 16
_ALIKE = 0.985
"""Cosine of two pictures' slopes: 0.990 and more after another encoding or size; at most 0.978 of
two photographs of the same person in the ORL faces, 0.862 of two people in the Yale faces."""
_FRAMES, _EVERY = 3, 12


def alike_sounds(paths: Sequence[Path]) -> dict[tuple[int, int], bool]:
    """Return pairs of recordings of the same sound; True where every sample is the same."""
    prints, wholes = [], []
    for path in paths:
        samples = _samples(path)
        prints.append(moments(samples))
        wholes.append(_digest(samples))
    found = dict.fromkeys(_equal(wholes), True)
    for (one, other), shift in _candidates(prints).items():
        if (one, other) not in found and _differing(
            prints[one], prints[other], shift
        ) < _WRONG_BITS:
            found[one, other] = False
    return found


def alike_pictures(paths: Sequence[Path]) -> dict[tuple[int, int], bool]:
    """Return pairs of pictures or videos that show the same; True where every pixel is the same."""
    slopes, wholes = [], []
    for path in paths:
        frames = _frames(path)
        slopes.append(np.concatenate([slope(f) for f in frames]) if frames else np.empty(0))
        wholes.append(_digest(*frames))
    found = dict.fromkeys(_equal(wholes), True)
    sizes: dict[int, list[int]] = {}
    for number, mine in enumerate(slopes):
        if mine.any():
            sizes.setdefault(len(mine), []).append(number)
    for numbers in sizes.values():
        table = np.array([slopes[n] / np.linalg.norm(slopes[n]) for n in numbers])
        for i, j in np.argwhere(np.triu(table @ table.T >= _ALIKE, k=1)).tolist():
            found.setdefault((numbers[i], numbers[j]), False)
    return found


def moments(samples: NDArray[np.float32]) -> Bits:
    """Return whether each band grows against its neighbour, shape (moments, 32)."""
    count = (len(samples) - _WINDOW) // _HOP + 1
    if count < _FEWEST_MOMENTS:
        return np.empty((0, _BANDS - 1), dtype=np.bool_)
    starts = np.arange(count)[:, None] * _HOP
    window = np.hanning(_WINDOW).astype(np.float32)
    edges = np.geomspace(_LOWEST, _HIGHEST, _BANDS + 1) * _WINDOW / SPEECH_RATE
    cuts = np.round(edges).astype(np.int64)
    power = []
    for block in np.array_split(starts, max(1, count // 256)):
        spectrum = np.abs(np.fft.rfft(samples[block + np.arange(_WINDOW)] * window)) ** 2
        power.append(np.add.reduceat(spectrum, cuts, axis=1)[:, :_BANDS])
    slope = np.diff(np.concatenate(power), axis=1)
    grows: Bits = np.diff(slope, axis=0) > 0
    return grows


def slope(pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Return how much brighter a picture becomes to the right and down, on a coarse grid."""
    from PIL import Image  # noqa: PLC0415 - slow to load

    size = (_GRID + 1, _GRID + 1)
    small = Image.fromarray(pixels).convert("L").resize(size, Image.Resampling.BOX)
    bright = np.asarray(small, dtype=np.float64)
    right, down = np.diff(bright, axis=1)[:-1], np.diff(bright, axis=0)[:, :-1]
    return np.concatenate([right.ravel(), down.ravel()])


def _samples(path: Path) -> NDArray[np.float32]:
    try:
        return read_audio(path).samples[: _MOST_SECONDS * SPEECH_RATE]
    except InputError:
        return np.empty(0, dtype=np.float32)  # what cannot be read is named by those who check it


def _frames(path: Path) -> list[NDArray[np.uint8]]:
    try:
        return [f.pixels for f in islice(read_frames(path), 0, _FRAMES * _EVERY, _EVERY)]
    except InputError:
        return []


def _digest(*arrays: NDArray[np.generic]) -> bytes:
    total = hashlib.sha256()
    for array in arrays:
        total.update(np.ascontiguousarray(array).tobytes())
    return total.digest() if any(a.size for a in arrays) else b""


def _equal(wholes: Sequence[bytes]) -> list[tuple[int, int]]:
    first: dict[bytes, list[int]] = {}
    for number, whole in enumerate(wholes):
        if whole:
            first.setdefault(whole, []).append(number)
    return [(a, b) for held in first.values() for i, a in enumerate(held) for b in held[i + 1 :]]


def _candidates(prints: Sequence[Bits]) -> Mapping[tuple[int, int], int]:
    """Return pairs that share moments bit by bit, and by how many moments the second is later."""
    holders: dict[int, list[tuple[int, int]]] = {}
    weights = 1 << np.arange(_BANDS - 1, dtype=np.int64)
    for number, bits in enumerate(prints):
        for moment, word in enumerate((bits @ weights).tolist()):
            holders.setdefault(word, []).append((number, moment))
    shared: Counter[tuple[int, int, int]] = Counter()
    for held in holders.values():
        if 1 < len(held) <= _MOST_HOLDING:
            for at, (one, first) in enumerate(held):
                for other, second in held[at + 1 :]:
                    if one != other:
                        shared[one, other, second - first] += 1
    best: dict[tuple[int, int], tuple[int, int]] = {}
    for (one, other, shift), count in shared.items():
        best[one, other] = max(best.get((one, other), (0, 0)), (count, shift))
    return {pair: shift for pair, (count, shift) in best.items() if count >= _SHARED}


def _differing(one: Bits, other: Bits, shift: int) -> float:
    """Return the share of bits that differ where both recordings lie over each other."""
    first, second = one[max(0, -shift) :], other[max(0, shift) :]
    length = min(len(first), len(second))
    if length < max(_FEWEST_MOMENTS, 0.8 * max(len(one), len(other))):
        return 1.0
    return float(np.mean(first[:length] != second[:length]))
