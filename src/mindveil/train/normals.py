"""Float Gaussian noise in bulk: for training in steps, where noise costs more than learning.

Sixty-four small networks take a quarter of a thousand million normal numbers. Box and Muller's
transform (1958) of the bits of a fast generator makes them in whole arrays: a radius from 31
bits, an angle from 32, no rejection. Every number is an independent standard normal to float
precision, up to 6.65 standard deviations (what lies beyond has a chance of 3 in 100,000 million).

This is noise in floats: it carries no proof. See ``dp.noise`` for what does. Where what is noised
is released, bits are not from a seed, and radius and angle take 53 bits each (``fine_normals``).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Singles = NDArray[np.float32]

BLOCK = 1 << 14
"""Pairs that are transformed at a time: they stay in a processor's cache."""

_BITS = np.uint64(11)
"""Bits of a word that a double has no room for."""

_RADIUS = np.float32(2.0**-31)
_ANGLE = np.float32(math.pi * 2.0**-31)


def standard_normals(sources: Sequence[np.random.SFC64], out: Singles) -> None:
    """Fill each row with standard normals from its own source; shape (sources, entries).

    A row depends on its own source alone, so that it is the same whoever stands beside it.

    >>> out = np.empty((2, 3), np.float32)
    >>> standard_normals([np.random.SFC64(1), np.random.SFC64(2)], out)
    >>> bool(np.isfinite(out).all())
    True
    """
    size = out.shape[1]
    pairs = (size + 1) // 2
    if pairs > BLOCK // 2:
        for source, row in zip(sources, out, strict=True):
            for first in range(0, size, 2 * BLOCK):
                part = row[None, first : first + 2 * BLOCK]
                _transformed(source.random_raw((part.size + 1) // 2)[None], part)
        return
    together = max(1, BLOCK // max(pairs, 1))
    for first in range(0, len(sources), together):
        some = sources[first : first + together]
        bits = np.empty((len(some), pairs), np.uint64)
        for row, source in zip(bits, some, strict=True):
            row[:] = source.random_raw(pairs)
        _transformed(bits, out[first : first + together])


def _transformed(bits: NDArray[np.uint64], out: Singles) -> None:
    """Turn each 64 bits into two numbers; a row's first half gives radii, the rest angles.

    The bits are used up: their memory is room for what is on the way.
    """
    size, pairs = out.shape[1], bits.shape[1]
    whole = bits.view(np.int32)
    low, high = whole[:, :pairs], whole[:, pairs:]
    room = bits.view(np.float32)
    radius, angle, other = out[:, :pairs], room[:, :pairs], room[:, pairs:]
    # One bit less for the radius: signed numbers are the ones that convert fast.
    np.bitwise_and(low, np.int32(0x7FFFFFFF), out=low)
    np.copyto(radius, low, casting="unsafe")
    np.copyto(angle, high, casting="unsafe")
    radius += np.float32(0.5)
    radius *= _RADIUS
    np.log(radius, out=radius)
    radius *= np.float32(-2.0)
    np.sqrt(radius, out=radius)
    angle *= _ANGLE
    np.sin(angle, out=other)
    other *= radius
    np.cos(angle, out=angle)
    radius *= angle
    out[:, pairs:] = other[:, : size - pairs]


def fine_normals(bits: NDArray[np.uint64]) -> NDArray[np.float64]:
    """Return two standard normals of double precision for each pair of words, bits (2, pairs).

    Uniform words give independent normals, up to 8.6 standard deviations: so far out that over
    millions of numbers the chance of anything beyond stays below 1e-10.

    >>> fine_normals(np.array([[1 << 63], [1 << 61]], np.uint64)).round(3).tolist()
    [0.833, 0.833]
    """
    radius, angle = ((bits >> _BITS).astype(np.float64) + 0.5) * 2.0**-53
    np.log(radius, out=radius)
    radius *= -2.0
    np.sqrt(radius, out=radius)
    angle *= 2.0 * math.pi
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle)])
