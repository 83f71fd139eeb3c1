"""PLACEHOLDER by the lead so that imports work: helper "prosody", overwrite this whole file."""

from __future__ import annotations

MEASURES: tuple[str, ...] = ("f0-level",)


def prosody_rows(paths):  # type: ignore
    raise NotImplementedError
