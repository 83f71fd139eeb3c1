"""Where changed recordings are put while a release is made: files of our own, never originals."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from uuid import uuid4

from mindveil.store.files import temporary_folder

_WORKSHOP: ContextVar[Path | None] = ContextVar("workshop", default=None)


@contextmanager
def workshop(folder: Path) -> Iterator[Path]:
    """Put new files of this block into a folder, which is made if need be and left to the caller."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    token = _WORKSHOP.set(folder)
    try:
        yield folder
    finally:
        _WORKSHOP.reset(token)


@contextmanager
def bench_beside(place: Path) -> Iterator[Path]:
    """Put new files of this block on the disk of a folder to be, and remove them after it.

    What is saved there shares their bytes; what was not saved is gone.
    """
    with temporary_folder(place.parent) as folder, workshop(folder) as bench:
        yield bench


def new_file(ending: str) -> Path:
    """Return the path of a file that does not exist yet, as in ``new_file("_voice.flac")``.

    Outside of any ``workshop`` it lies in a private temporary folder that goes with the process.
    The name is random and says nothing; the layout of a corpus names it when it is saved.
    """
    return bench() / f"{uuid4().hex}{ending}"


def bench() -> Path:
    """Return the folder in which new files are put now."""
    return _WORKSHOP.get() or _bench()


def is_new(path: Path) -> bool:
    """Whether a file was made in the workshop that is open: such a file never changes again."""
    folder = _WORKSHOP.get()
    return folder is not None and path.parent == folder


@cache
def _bench() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="mindveil-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
