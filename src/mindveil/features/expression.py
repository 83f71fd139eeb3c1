"""PLACEHOLDER by the lead so that imports work: helper "faces", overwrite this whole file."""

from __future__ import annotations

EXPRESSIONS: tuple[str, ...] = ("brow-raise",)


def expression_rows(files):  # type: ignore
    raise NotImplementedError
