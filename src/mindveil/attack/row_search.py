"""Is somebody's row in this array? Whatever the order of rows and columns, and how cells are coded.

A row is somebody's if it agrees with hers in all cells but one at most, if nobody else known
agrees with her in all but two or fewer, and if chance would not make it: where the columns of the
array were drawn apart, the expected number of such rows is below 1 in 1,000, over all people looked
for. People for whom even an exact copy would not meet these rules (short tables, the commonest
answers) are not **tellable**. A fresh hold-out gives none; how many it gives is reported beside
what was found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.synthesise.codebook import MISSING, Codebook, Codes

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

SLACK = 1
"""Cells in which a stored row may differ from the row it is."""
GAP = 3
"""Cells in which a tellable person differs from everybody else, at least."""
CHANCE = 1e-3
"""Rows that chance may make in an array, expected over all people looked for."""
FEWEST_CELLS = 8
"""An array with fewer columns of a person tells nobody."""

_MOST_ROWS = 200_000
_SAMPLE = 400
_ROUNDS = 3
_FEWEST_ROWS = 20
_CHUNK = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose rows are looked for: coded rows of known people, of whom some may be stored."""

    codes: Codes
    codebook: Codebook

    @property
    def cells(self) -> Integers:
        """How many cells each variable has, a missing one not counted."""
        return np.array([v.cells for v in self.codebook.variables])

    def filled(self) -> Integers:
        """Return codes with those missing as a last cell."""
        return np.where(self.codes == MISSING, self.cells, self.codes).astype(np.int64)


def tellable(wanted: Wanted) -> Flags:
    """Return whose row would be known for hers if all the rows were in an array."""
    rows = wanted.filled()
    everything = np.arange(rows.shape[1])
    # A stored part of the people has other shares than all of them: hence the tighter limit.
    alone = _alone(wanted, everything, np.arange(len(rows)))
    return alone & (_by_chance(rows, rows, everything) < CHANCE / 10.0 / len(rows))


def found_in(array: NDArray[np.generic], wanted: Wanted) -> Flags:
    """Return whose row is in an array."""
    hit = np.zeros(len(wanted.codes), dtype=bool)
    for read, columns in readings(array, wanted):
        table = _plausible(read, wanted, columns)
        best = _nearest(table, wanted, columns)
        close = np.flatnonzero((best >= len(columns) - SLACK) & ~hit)
        if len(close):
            people = wanted.filled()[np.ix_(close, columns)]
            expected = _by_chance(people, table, columns, slack=best[close] < len(columns))
            close = close[expected < CHANCE / len(wanted.codes)]
            hit[close] = _alone(wanted, columns, close)
    return hit


def _alone(wanted: Wanted, columns: Integers, who: Integers) -> Flags:
    """Return who of these differs from everybody else in three of the columns or more."""
    rows, cells = wanted.filled()[:, columns], wanted.cells[columns] + 1
    everybody, found = _marks(rows, cells), np.empty(len(who), dtype=bool)
    for start in range(0, len(who), _CHUNK):
        part = who[start : start + _CHUNK]
        alike = everybody[part] @ everybody.T
        alike[np.arange(len(part)), part] = -1.0
        found[start : start + _CHUNK] = alike.max(axis=1) <= len(columns) - GAP
    return found


def _by_chance(
    people: Integers, table: Integers, columns: Integers, slack: Flags | None = None
) -> Floats:
    """Return how many rows like each person's would come up if columns were drawn apart.

    The chance to agree in all cells is the product of the shares of her cells; to agree in all
    but one, as much again times the odds against each of them (where ``slack``).
    """
    logs, odds = np.zeros(len(people)), np.ones(len(people))
    for column in range(len(columns)):
        here = people[:, column]
        stored = table[:, column]
        shares = (stored[:, None] == np.unique(here)).sum(axis=0) + 0.5
        share = np.minimum(
            shares[np.unique(here, return_inverse=True)[1]] / (len(table) + 1.0), 1.0
        )
        logs += np.log(share)
        odds += (1.0 - share) / share
    wrong = np.zeros(len(people), dtype=bool) if slack is None else slack
    return np.asarray(np.exp(logs) * np.where(wrong, odds, 1.0) * len(table))


def readings(array: NDArray[np.generic], wanted: Wanted) -> Iterator[tuple[Integers, Integers]]:
    """Give every way to read an array as rows of cells, and which variables its columns are."""
    everything = np.arange(len(wanted.cells))
    for matrix in _matrices(array, wanted):
        if not 1 <= len(matrix) <= _MOST_ROWS:
            continue
        yield from _coded(matrix, wanted)
        if matrix.shape[1] == len(everything) and _whole(matrix):
            plains = [matrix]
            # Differences fall below 0; sums of what does not only rise, and look like somebody.
            if matrix.min() < MISSING:
                plains += [np.cumsum(matrix, axis=0), np.cumsum(matrix, axis=1)]
            for plain in plains:
                rounded = np.rint(np.clip(plain, -1e6, 1e6)).astype(np.int64)
                yield np.where(rounded < 0, wanted.cells, rounded), everything


def _matrices(array: NDArray[np.generic], wanted: Wanted) -> Iterator[Floats]:
    """Give an array as tables as wide as a row is, or near it, both ways round."""
    if array.dtype.kind not in "iufb" or array.size < FEWEST_CELLS:
        return
    values = np.asarray(array, dtype=np.float64)
    if not np.isfinite(values).all():
        return
    size, widths = values.size, _widths(wanted)
    shapes = {
        (int(np.prod(values.shape[:i])), int(np.prod(values.shape[i:])))
        for i in range(1, values.ndim)
    }
    most = 2 * len(wanted.cells)
    tables = [values.reshape(s) for s in sorted(shapes)]
    tables = [t for table in tables for t in (table, table.T)]
    yield from (t for t in tables if t.shape[1] in widths or FEWEST_CELLS <= t.shape[1] <= most)
    for width in widths:
        if size % width == 0 and (size // width, width) not in shapes:
            yield values.reshape(-1, width)
        if size % width == 0 and (width, size // width) not in shapes:
            yield values.reshape(width, -1).T


def _widths(wanted: Wanted) -> list[int]:
    """Return how wide a row is: plain, one-hot and thermometer, without and with missing."""
    cells = wanted.cells
    return sorted({len(cells), int(cells.sum()), int((cells + 1).sum()), int((cells - 1).sum())})


def _coded(matrix: Floats, wanted: Wanted) -> Iterator[tuple[Integers, Integers]]:
    """Give the cells that a table of numbers can stand for."""
    cells, everything = wanted.cells, np.arange(len(wanted.cells))
    width = matrix.shape[1]
    for sizes, thermometer in ((cells, False), (cells + 1, False), (cells - 1, True)):
        if width == sizes.sum() and (sizes > 0).all():
            yield _grouped(matrix, sizes, thermometer=thermometer), everything
    if FEWEST_CELLS <= width <= 2 * len(cells) and len(matrix) >= FEWEST_CELLS:
        yield from _valued(matrix, wanted)


def _grouped(matrix: Floats, sizes: Integers, *, thermometer: bool) -> Integers:
    """Return the highest of each group of columns, or how many of them are up."""
    parts = np.split(matrix, np.cumsum(sizes)[:-1], axis=1)
    if thermometer:
        middle = (matrix.min() + matrix.max()) / 2.0
        return np.column_stack([(p > middle).sum(axis=1) for p in parts])
    return np.column_stack([p.argmax(axis=1) for p in parts])


def _whole(matrix: Floats) -> bool:
    return bool(np.abs(matrix - np.rint(matrix)).max() < 1e-3)


def _valued(matrix: Floats, wanted: Wanted) -> Iterator[tuple[Integers, Integers]]:
    """Give columns in another order, or on another scale, or coded anew.

    Values are numbered in even steps from the lowest on, so that a scale and a shift do not
    matter. A first guess (columns in order; or told by how often each value comes) is bettered by
    what it finds: rows are laid beside the people they are nearest to, and which variable a
    column is, and which cell its lowest value, is read anew from there. So little is read off
    the people that it cannot make up a row.
    """
    most = int(wanted.cells.max()) + 1
    steps = [_steps(column) for column in matrix.T]
    kept = [s for s in steps if s.max() <= most]
    if len(kept) < max(FEWEST_CELLS, len(wanted.cells) / 2):
        return
    values = np.unique(np.column_stack(kept), axis=0)
    if len(values) < _FEWEST_ROWS:
        return
    for guess in _guesses(values, wanted):
        reading: tuple[Integers, Integers] | None = guess
        for _ in range(_ROUNDS):
            reading = _reread(values, reading, wanted) if reading else None
        if reading:
            yield reading


def _steps(column: Floats) -> Integers:
    """Number values in even steps from the lowest on; the smallest gap is a step."""
    values = np.unique(np.round(column, 6))
    step = np.diff(values).min() if len(values) > 1 else 1.0
    counted = np.rint(np.clip((column - values[0]) / step, 0, 1e6))
    return np.asarray(counted, dtype=np.int64)


def _guesses(values: Integers, wanted: Wanted) -> Iterator[tuple[Integers, Integers]]:
    """Give first readings: columns in order, then columns told by how often each value comes."""
    rows, cells = wanted.filled(), wanted.cells
    shares = [np.bincount(c, minlength=n + 1) / len(c) for c, n in zip(rows.T, cells, strict=True)]
    lowest = np.array([np.flatnonzero(s)[0] for s in shares])
    if values.shape[1] == len(cells):
        yield values + lowest, np.arange(len(cells))
    most = max(int(values.max()), int(cells.max())) + 1
    mine = np.stack([np.bincount(v, minlength=most) / len(v) for v in values.T])
    theirs = np.stack(
        [np.pad(s[i:], (0, most - len(s) + i)) for s, i in zip(shares, lowest, strict=True)]
    )
    apart = np.abs(mine[:, None, :] - theirs[None, :, :]).sum(axis=2)
    here, there = _paired(apart)
    yield values[:, here] + lowest[there], np.asarray(there)


def _reread(
    values: Integers, reading: tuple[Integers, Integers], wanted: Wanted
) -> tuple[Integers, Integers] | None:
    """Read columns anew from the people that rows were nearest to; none where these are few."""
    table, variables = reading
    rows, cells = wanted.filled(), wanted.cells + 1
    some = np.linspace(0, len(table) - 1, min(len(table), _SAMPLE)).astype(np.int64)
    beside = _marks(rows[:, variables], cells[variables])
    alike = _marks(table[some], cells[variables]) @ beside.T
    best = alike.max(axis=1)
    clear = best >= np.quantile(best, 0.5)
    people, some = alike.argmax(axis=1)[clear], some[clear]
    if len(np.unique(people)) < max(len(people) / 2, _FEWEST_ROWS / 4):
        return None
    sizes = values.max(axis=0) + 1
    seen = _marks(values[some], sizes).T @ _marks(rows[people], cells)
    shared = _information(seen, np.cumsum(sizes) - sizes, np.cumsum(cells) - cells)
    here, there = _paired(-shared)
    read = []
    for column, variable in zip(here, there, strict=True):
        shifts = rows[people, variable] - values[some, column]
        low = shifts.min()
        shift = int(np.bincount(shifts - low).argmax() + low)
        cell = values[:, column] + shift
        read.append(np.where(cell < 0, cells[variable] - 1, cell))
    return np.column_stack(read), np.asarray(there)


def _paired(apart: Floats) -> tuple[Integers, Integers]:
    """Return columns and variables laid together so that they are least apart in all."""
    from scipy.optimize import linear_sum_assignment  # noqa: PLC0415 - slow to load

    here, there = linear_sum_assignment(apart)
    return np.asarray(here), np.asarray(there)


def _information(seen: NDArray[np.float32], rows: Integers, columns: Integers) -> Floats:
    """Return the mutual information of each stored column with each variable, from joint counts."""
    joint = np.asarray(seen, dtype=np.float64)
    joint = joint / max(joint[: rows[1] if len(rows) > 1 else None, : columns[1]].sum(), 1.0)
    terms = joint * np.log(np.maximum(joint, 1e-12))
    both = np.add.reduceat(np.add.reduceat(terms, rows, axis=0), columns, axis=1)
    mine = np.add.reduceat(joint, columns, axis=1)[:, :1]
    theirs = np.add.reduceat(joint, rows, axis=0)[:1]
    own = np.add.reduceat(mine * np.log(np.maximum(mine, 1e-12)), rows, axis=0)
    other = np.add.reduceat(theirs * np.log(np.maximum(theirs, 1e-12)), columns, axis=1)
    return np.asarray(both - own - other)


def _plausible(table: Integers, wanted: Wanted, columns: Integers) -> Integers:
    """Return each row once that has a cell of its variable in most columns."""
    inside = ((table >= 0) & (table <= wanted.cells[columns])).mean(axis=1) > 0.5
    return np.unique(table[inside], axis=0)


def _nearest(rows: Integers, wanted: Wanted, columns: Integers) -> Floats:
    """Return in how many cells the nearest row agrees with each person."""
    cells = wanted.cells[columns] + 1
    people = _marks(wanted.filled()[:, columns], cells)
    best = np.zeros(len(people))
    for start in range(0, len(rows), _CHUNK):
        alike = people @ _marks(rows[start : start + _CHUNK], cells).T
        best = np.maximum(best, alike.max(axis=1))
    return best


def _marks(rows: Integers, cells: Integers) -> NDArray[np.float32]:
    """Return rows as one column a cell, 1 where it holds: products count agreements."""
    starts = np.concatenate([[0], np.cumsum(cells)[:-1]])
    marks = np.zeros((len(rows), int(cells.sum()) + 1), dtype=np.float32)
    valid = (rows >= 0) & (rows < cells)
    people = np.repeat(np.arange(len(rows)), rows.shape[1])
    marks[people, np.where(valid, rows + starts, cells.sum()).ravel()] = 1.0
    return marks[:, :-1]
