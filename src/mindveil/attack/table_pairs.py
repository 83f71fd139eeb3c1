"""Every row of one table beside every row of another: what their fields say, added up.

People beside records, records beside originals: each pair of rows gets one number, the sum over
fields of what is looked up for its two values. Over fields of few values that sum is one matrix
product of one-hot codes. Looked-up values are whole multiples of a small grain, so that sums are
exact in single precision, in any order: equal rows are tied wherever they stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.generalised import Coding, centres, gaps, overlapping
from mindveil.features.scales import Field, Table

GRAIN = 1 / 256
"""What every looked-up value is rounded to."""

_FEW = 128
"""Fields of up to this many values on the side of the rows go into the matrix product."""

_BLOCK = 1024

Floats = NDArray[np.float64]
Sums = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairing:
    """One field of two tables.

    ``rows`` and ``columns`` say which distinct value each row has on either side; ``values`` has
    shape (distinct of the rows, distinct of the columns). Where ``known`` is given, shape
    (rows,), the field says nothing of the other rows.
    """

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    values: Floats
    known: NDArray[np.bool_] | None = None


def add_up(pairings: Sequence[Pairing], rows: slice, columns: int) -> Sums:
    """Return the sum over fields for some of the rows; shape (rows, columns).

    >>> here = Pairing(rows=np.array([0, 1]), columns=np.array([1, 1, 0]), values=np.eye(2))
    >>> add_up([here], slice(0, 2), 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 1.0, 0.0]]
    """
    size = len(range(rows.stop)[rows])
    total = np.zeros((size, columns), dtype=np.float32)
    few = [p for p in pairings if len(p.values) <= _FEW]
    if few and size:
        total += _one_hot(few, rows, size) @ np.concatenate([_spread(p) for p in few])
    for pairing in pairings:
        if len(pairing.values) > _FEW:
            said = _spread(pairing)[pairing.rows[rows]]
            total += said if pairing.known is None else said * pairing.known[rows, None]
    return total


def blocks(rows: int) -> Iterator[slice]:
    """Return the rows in runs that fit into memory beside every column."""
    return (slice(start, min(start + _BLOCK, rows)) for start in range(0, rows, _BLOCK))


def distances(rows: Table, columns: Table, fields: Sequence[Field]) -> list[Pairing]:
    """Return the distance of every pair of values, field by field; a difference is 1 on average.

    Values with a place on a scale lie apart by their gap, in mean gaps of two of ``columns`` who
    differ; names, and whatever is missing on one side only, by 1. Values that may be the same
    (a number within its band) do not differ. No field counts for more because it is written in
    larger numbers.
    """
    return [
        Pairing(
            rows=rows.columns[f.name].codes,
            columns=columns.columns[f.name].codes,
            values=_apart(rows.columns[f.name], columns.columns[f.name]),
        )
        for f in fields
    ]


def picked(table: Table, rows: NDArray[np.intp]) -> Table:
    """Return some rows of a table, without the values that none of them has."""
    columns = {name: _picked(column, rows) for name, column in table.columns.items()}
    return Table(ids=tuple(table.ids[i] for i in rows), fields=table.fields, columns=columns)


def _picked(column: Coding, rows: NDArray[np.intp]) -> Coding:
    kept, codes = np.unique(column.codes[rows], return_inverse=True)
    ends = np.append(column.starts[1:], len(column.names))
    sizes = (ends - column.starts)[kept]
    starts = np.cumsum(np.append(0, sizes))[:-1].astype(np.intp)
    parts = np.arange(sizes.sum()) + np.repeat(column.starts[kept] - starts, sizes)
    return Coding(
        codes=codes.reshape(-1).astype(np.intp),
        distinct=tuple(column.distinct[i] for i in kept),
        starts=starts,
        low=column.low[parts],
        high=column.high[parts],
        names=column.names[parts],
        place=column.place[parts],
    )


def _apart(one: Coding, other: Coding) -> Floats:
    apart = gaps(one, other)
    unit = _mean_gap(other)
    named = np.where(overlapping(one, other), 0.0, 1.0)
    return np.where(np.isnan(apart), named, apart / unit)


def _mean_gap(column: Coding) -> float:
    """Return the mean gap of two people who differ; 1 where nobody does.

    Values in ascending order lie above all before them: no pair has to be looked at.
    """
    place, share = centres(column), column.shares()
    known = ~np.isnan(place)
    order = np.argsort(place[known], kind="stable")
    place, share = place[known][order], share[known][order]
    below, summed = np.cumsum(share) - share, np.cumsum(share * place) - share * place
    apart = 2 * float(share @ (place * below - summed))
    differ = 2 * float(share @ below)
    return apart / differ if apart > 0 else 1.0


def _spread(pairing: Pairing) -> Sums:
    """Return what each distinct value of the rows says of every column."""
    grained = np.round(pairing.values / GRAIN) * GRAIN
    return np.asarray(grained.astype(np.float32)[:, pairing.columns])


def _one_hot(pairings: Sequence[Pairing], rows: slice, size: int) -> Sums:
    """Return the values of the rows as one column a value of each field, 1 where it is hers."""
    starts = np.cumsum([0, *(len(p.values) for p in pairings)])
    told = np.zeros((size, starts[-1]), dtype=np.float32)
    for start, pairing in zip(starts, pairings, strict=False):
        known = 1.0 if pairing.known is None else pairing.known[rows]
        told[np.arange(size), start + pairing.rows[rows]] = known
    return told
