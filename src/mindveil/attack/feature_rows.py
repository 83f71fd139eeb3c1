"""Is somebody's row of numbers in this array? Up to a scale, and up to the scales of columns.

What a detector reads of a person are numbers, not answers: a stored copy may be rounded, scaled,
standardised column by column, turned round, or stand beside other columns. Two vectors are taken
for one row where they point the same way, more nearly than chance would have it once in a
hundred thousand such readings, and where nobody else known points so nearly the same way.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

FEWEST_COLUMNS = 3
"""A row whose length rests on fewer numbers tells nobody (normal ones: a third of them count)."""
CHANCE = 1e-5
"""Rows that chance may make in one reading of an array, expected over all people looked for."""

_SAME = 0.9995
_STANDARDISED = 0.95
_APART = 0.002
_BESIDE = 4
"""Columns that may stand beside a row: an intercept, a label, a total, a number."""
_FEWEST_ROWS = 8
_CHUNK = 4096
_MOST_ROWS = 400_000


def tellable_rows(rows: Floats) -> Flags:
    """Return whose row has enough in it, and is unlike everybody else's, to be known for hers."""
    unit = _unit(rows)
    alike = np.abs(unit @ unit.T)
    np.fill_diagonal(alike, 0.0)
    enough = _columns_that_matter(rows) >= FEWEST_COLUMNS
    return np.asarray(enough & (alike.max(axis=1, initial=0.0) < _SAME - _APART))


def rows_in(array: NDArray[np.generic], rows: Floats) -> Flags:
    """Return whose row is in an array; ``rows`` has shape (people, columns)."""
    found = np.zeros(len(rows), dtype=np.bool_)
    can = tellable_rows(rows)
    if not can.any():
        return found
    plain, scaled = _unit(rows), _unit(_standardised(rows))
    for table in _tables(array, rows.shape[1]):
        found |= can & _met(_unit(table), plain, _SAME)
        if len(table) >= _FEWEST_ROWS:
            found |= can & _met(_unit(_standardised(table)), scaled, _STANDARDISED)
    return found


def _met(stored: Floats, people: Floats, least: float) -> Flags:
    """Return to whom alone some stored direction comes near enough."""
    needed = max(least, _by_chance(people.shape[1], len(stored) * len(people)))
    found = np.zeros(len(people), dtype=np.bool_)
    for start in range(0, len(stored), _CHUNK):
        alike = np.abs(stored[start : start + _CHUNK] @ people.T) >= needed
        found |= alike[alike.sum(axis=1) == 1].any(axis=0)
    return found


def _by_chance(columns: int, pairs: int) -> float:
    """Return the cosine that random directions exceed in so many pairs once in 100,000 readings."""
    from scipy.special import betaincinv  # noqa: PLC0415 - slow to load

    tail = CHANCE / max(pairs, 1)
    return float(np.sqrt(1.0 - betaincinv((columns - 1) / 2.0, 0.5, tail)))


def _tables(array: NDArray[np.generic], columns: int) -> Iterator[Floats]:
    """Give an array as vectors as long as a row, both ways round."""
    if array.dtype.kind not in "iuf" or array.size < columns:
        return
    values = np.asarray(array, dtype=np.float64)
    if not np.isfinite(values).all() or array.size // columns > _MOST_ROWS:
        return
    if values.size % columns == 0:
        yield values.reshape(-1, columns)
        yield values.reshape(columns, -1).T
    sides = {(values.shape[0], values.size // values.shape[0])} if values.ndim > 1 else set()
    for height, width in sorted(sides):
        matrix = values.reshape(height, width)
        for table in (matrix, matrix.T):
            more = table.shape[1] - columns
            if 0 < more <= _BESIDE:
                for start in range(more + 1):
                    yield table[:, start : start + columns]


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Floats = np.zeros_like(rows)
    np.divide(rows, length, out=unit, where=length > 0)
    return unit


def _standardised(rows: Floats) -> Floats:
    gap = rows - rows.mean(axis=0)
    spread = gap.std(axis=0)
    scaled: Floats = np.zeros_like(gap)
    np.divide(gap, spread, out=scaled, where=spread > 0)
    return scaled


def _columns_that_matter(rows: Floats) -> Floats:
    """Return how many columns of equal weight each row is worth."""
    squares = rows**2
    fourth = (squares**2).sum(axis=1)
    total = squares.sum(axis=1) ** 2
    worth: Floats = np.zeros_like(total)
    np.divide(total, fourth, out=worth, where=fourth > 0)
    return worth
