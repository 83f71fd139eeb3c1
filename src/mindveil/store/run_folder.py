"""The run folder: readable without the tool, private to its owner, one run at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from mindveil.errors import InputError
from mindveil.store.files import sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFolder:
    """Where everything of one study lies."""

    root: Path

    @property
    def cells(self) -> Path:
        """One JSON file a cell, named by its content address."""
        return self.root / "cells"

    @property
    def releases(self) -> Path:
        """What was attacked: the protected corpora, a folder a release."""
        return self.root / "releases"

    @property
    def sealed(self) -> Path:
        """Working files that tell who is who; never part of a release; may be deleted."""
        return self.root / "sealed"

    def prepare(self) -> None:
        """Make the folders, readable by their owner only, and sweep what a killed run left."""
        for folder in (self.root, self.cells, self.releases, self.sealed):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            sweep(folder)

    @contextmanager
    def claim(self) -> Iterator[None]:
        """Hold the folder for one run; a second run is told instead of mixing files."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(self.root / ".lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            raise InputError(
                f"another run is working in {self.root.name}; wait for it to end, "
                "or give [execute] another out"
            ) from None
        try:
            yield
        finally:
            os.close(handle)
