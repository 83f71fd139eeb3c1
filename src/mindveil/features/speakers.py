"""PLACEHOLDER by the lead so that imports work: helper "encoders", overwrite this whole file."""

from __future__ import annotations


def embed_recordings(paths, key):  # type: ignore
    raise NotImplementedError
