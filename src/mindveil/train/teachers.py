"""Teachers of a student: sites, or groups of people by lot, each with a ridge of its own.

Everybody teaches one teacher alone, and which one depends on nobody else: a person more or less
changes one teacher, and the others not in their last bit. For that, rows are rounded to whole
numbers before they are summed, and such sums are exact in whatever order they are taken.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mindveil.train.base import Flags, Floats
from mindveil.train.unit_rows import with_constant

Lots = NDArray[np.int64]

STEPS = 1 << 16
"""A unit row in whole numbers: products of two million people still add up exactly in floats."""

_ENTRIES = 4_000_000
"""Numbers that the teachers who learn at once may need."""


def lots_of(ids: Sequence[str], teachers: int, rng: np.random.Generator) -> Lots:
    """Return everybody's teacher by lot, shape (people,).

    A lot is a keyed hash of one's own name: whoever else is there, and whoever knows the key, it
    stays the same. Lots drawn in a row would move on where somebody is left out.

    >>> rng = np.random.default_rng
    >>> lots_of(["a", "b", "c"], 9, rng(1))[1:].tolist() == lots_of(["b", "c"], 9, rng(1)).tolist()
    True
    """
    key = rng.bytes(32)
    drawn = (hashlib.blake2b(name.encode(), key=key, digest_size=8).digest() for name in ids)
    return np.array([int.from_bytes(lot) % teachers for lot in drawn], dtype=np.int64)


def taught_teachers(
    people: tuple[Floats, Floats], lots: Lots, inside: Flags, teachers: int, penalty: float
) -> Iterator[Floats]:
    """Yield the weights of all teachers of some heads, shape (heads, teachers, columns + 1).

    ``people`` are unit rows (people, columns) and severities (people,); ``lots`` (people, heads)
    says who teaches which teacher of a head, ``inside`` (people, heads) who is there at all.
    Weights are for rows ``with_constant``; a teacher of nobody has weights of exactly 0.
    """
    rows, severity = people
    told, columns = _products(rows, severity), rows.shape[1] + 1
    at_once = max(1, _ENTRIES // (teachers * (len(rows) + columns**2)))
    for first in range(0, lots.shape[1], at_once):
        some = slice(first, first + at_once)
        there = lots[:, some].T[:, None, :] == np.arange(teachers)[:, None]
        summed = ((there & inside[:, some].T[:, None, :]).astype(np.float64) @ told) / STEPS**2
        yield _solved(summed, columns, penalty)


def _products(rows: Floats, severity: Floats) -> Floats:
    """Return products within rows (the upper triangle) and with severity, in whole numbers."""
    full = np.rint(with_constant(rows) * STEPS)
    first, second = np.triu_indices(full.shape[1])
    target = np.rint(np.clip(severity, -1.0, 1.0) * STEPS)
    return np.hstack([full[:, first] * full[:, second], full * target[:, None]])


def _solved(summed: Floats, columns: int, penalty: float) -> Floats:
    first, second = np.triu_indices(columns)
    within = np.empty((*summed.shape[:2], columns, columns))
    within[..., first, second] = within[..., second, first] = summed[..., : len(first)]
    within += penalty * np.eye(columns)
    solved = np.linalg.solve(within, summed[..., len(first) :, None])
    return np.asarray(solved[..., 0], dtype=np.float64)
