"""Float Gaussian noise in bulk: for sweeps and shadows, where noise costs more than learning.

Sixty-four small networks take a quarter of a thousand million normal numbers. Box and Muller's
transform (1958) of the bits of a fast generator makes them in whole arrays: a radius from 31
bits, an angle from 32, no rejection. Every number is an independent standard normal to float
precision, up to 6.65 standard deviations (what lies beyond has a chance of 3 in 100,000 million).

This is noise from a seed and in floats: it carries no proof. See ``dp.noise`` for what does.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

Singles = NDArray[np.float32]

BLOCK = 1 << 14
"""Pairs that are transformed at a time: they stay in a processor's cache."""

_RADIUS = np.float32(2.0**-31)
_ANGLE = np.float32(math.pi * 2.0**-31)


def standard_normals(sources: list[np.random.SFC64], out: Singles) -> None:
    """Fill each row with standard normals from its own source; shape (sources, entries).

    A row depends on its own source alone, so that it is the same whoever stands beside it.
    """
    size = out.shape[1]
    pairs = (size + 1) // 2
    together = max(1, BLOCK // max(pairs, 1))
    for first in range(0, len(sources), together):
        some = sources[first : first + together]
        bits = np.empty((len(some), pairs), np.uint64)
        for row, source in zip(bits, some, strict=True):
            row[:] = source.random_raw(pairs)
        _transformed(bits, out[first : first + together])


def _transformed(bits: NDArray[np.uint64], out: Singles) -> None:
    """Turn each 64 bits into two numbers: the first half of a row gives radii, the rest angles."""
    size, pairs = out.shape[1], bits.shape[1]
    halves = bits.view(np.int32)
    # One bit less for the radius: signed numbers are the ones that convert fast.
    radius = (halves[:, :pairs] & np.int32(0x7FFFFFFF)).astype(np.float32)
    radius += np.float32(0.5)
    radius *= _RADIUS
    np.log(radius, out=radius)
    radius *= np.float32(-2.0)
    np.sqrt(radius, out=radius)
    angle = halves[:, pairs:].astype(np.float32)
    angle *= _ANGLE
    np.multiply(np.cos(angle), radius, out=out[:, :pairs])
    np.sin(angle, out=angle)
    angle *= radius
    out[:, pairs:] = angle[:, : size - pairs]
