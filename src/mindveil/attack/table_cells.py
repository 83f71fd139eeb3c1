"""Tables by cells: every column cut into a few values, and how often two of them go together."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.table_space import Space

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

_MOST_CELLS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """Where each field of a space is cut; made by :func:`cells_of`.

    A field has the columns ``starts[i]`` up to ``starts[i + 1]`` of the space. A nominal one
    (``cuts`` is None) has a cell a column and one for none of them, an ordered one a cell
    between cuts; the first cell of field i is number ``first[i]`` of all.
    """

    starts: tuple[int, ...]
    cuts: tuple[Floats | None, ...]
    first: Places

    @property
    def count(self) -> int:
        """How many cells there are in all."""
        return int(self.first[-1])

    def codes(self, rows: Floats) -> Places:
        """Return the cell of each row in each field, numbered through all fields."""
        found = np.empty((len(rows), len(self.cuts)), dtype=np.intp)
        for i, cuts in enumerate(self.cuts):
            block = rows[:, self.starts[i] : self.starts[i + 1]]
            if cuts is not None:
                found[:, i] = self.first[i] + np.searchsorted(cuts, block[:, 0])
            else:
                none = block.max(axis=1, initial=0.0) <= 0
                found[:, i] = self.first[i] + np.where(none, block.shape[1], block.argmax(axis=1))
        return found


def cells_of(space: Space, people: Floats) -> Cells:
    """Return cells that part these people (rows of the space), at most 12 of a number."""
    starts, cuts, sizes = [0], [], []
    for axis in space.axes:
        columns = len(axis.centre)
        blocks = [(columns, bool(axis.levels))] if columns else []
        if axis.width > columns:
            blocks.append((1, False))
        for width, nominal in blocks:
            edges = None if nominal else _cuts(people[:, starts[-1]])
            cuts.append(edges)
            sizes.append(width + 1 if edges is None else len(edges) + 1)
            starts.append(starts[-1] + width)
    return Cells(
        starts=tuple(starts),
        cuts=tuple(cuts),
        first=np.cumsum([0, *sizes]).astype(np.intp),
    )


def indicators_of(codes: Places, cells: Cells) -> Floats:
    """Return a column a cell, such that squared distances count the fields that differ."""
    found = np.zeros((len(codes), cells.count))
    found[np.arange(len(codes))[:, None], codes] = np.sqrt(0.5)
    return found


def pair_shares(codes: Places, cells: Cells, prior: Floats) -> Floats:
    """Return how often two cells go together, shape (cells, cells), drawn towards a prior.

    The prior counts as one person.
    """
    told = np.zeros((len(codes), cells.count), dtype=np.float32)
    told[np.arange(len(codes))[:, None], codes] = 1
    together = (told.T @ told).astype(np.float64)
    return np.asarray((together + prior) / (len(codes) + 1), dtype=np.float64)


def _cuts(column: Floats) -> Floats:
    distinct = np.unique(column)
    if len(distinct) > _MOST_CELLS:
        distinct = np.unique(np.quantile(column, np.linspace(0, 1, _MOST_CELLS)))
    return np.asarray((distinct[1:] + distinct[:-1]) / 2, dtype=np.float64)
