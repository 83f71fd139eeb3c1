"""Features that were read once are kept: one small file a person, named by what it was read from.

What was read off a person is as sensitive as the person's words, so the shelf stands in the
sealed folder of a run; without one, nothing is kept.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mindveil.store.cache import Json, digest
from mindveil.store.files import write_bytes

Floats = NDArray[np.float64]

_SHELF: ContextVar[Path | None] = ContextVar("shelf", default=None)


@contextmanager
def shelf(folder: Path) -> Iterator[None]:
    """Keep what is read inside this block in a folder."""
    token = _SHELF.set(folder)
    try:
        yield
    finally:
        _SHELF.reset(token)


def rows_of(
    sources: Sequence[Json], read: Callable[[Sequence[int]], Floats], maker: Json
) -> Floats:
    """Return one row a source: from the shelf, else as ``read(indices)`` makes them, in one go.

    ``sources`` is what each row depends on, ``maker`` what all depend on (which weights, which
    version); ``read`` takes the indices that are missing and returns their rows.
    """
    folder = _SHELF.get()
    paths = [folder / f"{digest([maker, s])}.npy" if folder else None for s in sources]
    found = [_take(path) for path in paths]
    missing = [i for i, row in enumerate(found) if row is None]
    if missing:
        for i, row in zip(missing, read(missing), strict=True):
            found[i] = row
            _put(paths[i], row)
    return np.stack([row for row in found if row is not None])


def _take(path: Path | None) -> Floats | None:
    if path is None or not path.is_file():
        return None
    row: Floats = np.load(io.BytesIO(path.read_bytes()), allow_pickle=False)
    return row


def _put(path: Path | None, row: Floats) -> None:
    if path is not None:
        page = io.BytesIO()
        np.save(page, row, allow_pickle=False)
        write_bytes(path, page.getvalue())
