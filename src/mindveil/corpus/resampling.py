"""Change the sampling rate of sound that comes in blocks, without holding all of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import ceil, gcd

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

_PERIODS = 10
"""Half length of the low-pass filter of ``scipy.signal.resample_poly``, in periods."""

_BLOCK = 1 << 21
"""Samples that are filtered at a time: two minutes at 16 kHz."""


def resample(blocks: Iterable[Samples], frames: int, rates: tuple[int, int]) -> Samples:
    """Return ``frames`` samples that come in blocks at ``rates[1]`` instead of ``rates[0]``.

    Blocks overlap by the length of the filter, so that the seams are not heard: the result is
    that of ``scipy.signal.resample_poly`` on the whole.

    >>> resample([np.ones(4, np.float32), np.ones(2, np.float32)], 6, (8000, 8000))
    array([1., 1., 1., 1., 1., 1.], dtype=float32)
    """
    own, rate = rates
    common = gcd(own, rate)
    up, down = rate // common, own // common
    result = np.empty(ceil(frames * up / down), dtype=np.float32)
    place = 0
    for part in _filtered(blocks, up, down) if up != down else blocks:
        result[place : place + len(part)] = part
        place += len(part)
    assert place == len(result), "the decoder promised another length"
    return result


def _filtered(blocks: Iterable[Samples], up: int, down: int) -> Iterator[Samples]:
    from scipy.signal import resample_poly  # noqa: PLC0415 - slow to load, and not always needed

    # Whole periods of the two rates, so that every window starts on a sample of the result.
    margin = ceil((_PERIODS * max(up, down) / up + 1) / down) * down
    step = ceil(_BLOCK / down) * down
    before = 0
    held: list[Samples] = []
    length = 0
    for block in blocks:
        held.append(block)
        length += len(block)
        while length >= before + step + margin:
            window = np.concatenate(held)
            part = resample_poly(window[: before + step + margin], up, down)
            yield _within(part[before * up // down : (before + step) * up // down])
            kept = before + step - margin
            held, length, before = [window[kept:]], length - kept, margin
    if length > before:
        part = resample_poly(np.concatenate(held), up, down)
        yield _within(part[before * up // down :])


def _within(part: Samples) -> Samples:
    # The filter may ring a little above full scale.
    return np.clip(part, -1.0, 1.0).astype(np.float32, copy=False)
