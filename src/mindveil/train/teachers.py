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
    full = np.rint(with_constant(rows) * STEPS)
    target = np.rint(np.clip(severity, -1.0, 1.0) * STEPS)
    at_once = max(1, _ENTRIES // (teachers * (len(full) + full.shape[1] ** 2)))
    for first in range(0, lots.shape[1], at_once):
        some = slice(first, first + at_once)
        there = lots[:, some].T[:, None, :] == np.arange(teachers)[:, None]
        there &= inside[:, some].T[:, None, :]
        yield _solved(there.astype(np.float64), full, target, penalty)


def _solved(there: Floats, full: Floats, target: Floats, penalty: float) -> Floats:
    """Return ridges of those who are ``there`` (heads, teachers, people), from exact sums."""
    columns = full.shape[1]
    within = np.empty((*there.shape[:2], columns, columns))
    for column in range(columns):
        products = there @ (full[:, column : column + 1] * full[:, column:])
        within[..., column, column:] = within[..., column:, column] = products / STEPS**2
    within += penalty * np.eye(columns)
    together = (there @ (full * target[:, None])) / STEPS**2
    return np.asarray(np.linalg.solve(within, together[..., None])[..., 0], dtype=np.float64)
