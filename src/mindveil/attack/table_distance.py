"""How far apart the rows of tables lie: nearest rows, and kernel densities of several widths."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_CELLS = 2_000_000
_NO_SPREAD = 0.02
"""Of the variance of an ordinary column: directions that vary less than this count for little."""


def whitening(people: Floats, most: int) -> tuple[Floats, Floats]:
    """Return centre and (columns, components) that give each component of people spread 1.

    At most so many components, those that vary most; weak ones are not blown up.
    """
    centre = people.mean(axis=0)
    centred = people - centre
    variances, vectors = np.linalg.eigh(centred.T @ centred / max(1, len(people)))
    first = np.argsort(-variances)[:most]
    return centre, vectors[:, first] / np.sqrt(np.maximum(variances[first], 0) + _NO_SPREAD)


def nearest(rows: Floats, others: Floats, *, same: bool = False) -> Floats:
    """Return the squared distance of each row to the nearest of the others, shape (rows,).

    ``same``: the others are the very rows, none of which is its own neighbour.
    """
    found = np.empty(len(rows))
    for part, squares in _squares(rows, others, same=same):
        found[part] = squares.min(axis=1)
    return found


def log_densities(
    rows: Floats, others: Floats, widths: Sequence[float], *, same: bool = False
) -> Floats:
    """Return the logarithm of Gaussian kernel densities of others at rows: (widths, rows).

    A width is the variance of the kernel; the constant that depends on it alone is left out.
    """
    found = np.empty((len(widths), len(rows)))
    for part, squares in _squares(rows, others, same=same):
        least = squares.min(axis=1)
        beyond = squares - least[:, None]
        for index, width in enumerate(widths):
            total = np.exp(beyond * np.float32(-0.5 / width)).sum(axis=1, dtype=np.float64)
            found[index, part] = np.log(total) - least / (2 * width)
    return np.asarray(found - np.log(max(1, len(others) - same)), dtype=np.float64)


def _squares(
    rows: Floats, others: Floats, *, same: bool
) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Yield squared distances, some rows at a time; rounding makes no copy look different."""
    one, two = rows.astype(np.float32), others.astype(np.float32)
    lengths, other = (one * one).sum(axis=1), (two * two).sum(axis=1)
    step = max(1, _CELLS // max(1, len(two)))
    rounding = np.float32(1e-5) * max(lengths.max(initial=0), other.max(initial=0))
    for start in range(0, len(one), step):
        part = slice(start, min(start + step, len(one)))
        squares = one[part] @ two.T
        squares *= -2
        squares += lengths[part, None]
        squares += other
        squares[squares < rounding] = 0
        if same:
            squares[np.arange(part.stop - part.start), np.arange(part.start, part.stop)] = np.inf
        yield part, squares
