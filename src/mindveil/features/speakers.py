"""Who is heard in a recording: one row a recording, read once and kept on the shelf."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.digest import file_digest
from mindveil.corpus.media import read_audio
from mindveil.features.shelf import rows_of
from mindveil.features.speaker_encoders import SpeakerEncoder, load_speaker_encoder
from mindveil.store.cache import Json

Rows = NDArray[np.float64]

VERSION = "1"
"""Of how recordings are decoded and heard; another one makes every kept row worthless."""
TOGETHER = 20_000_000
"""Samples in memory together: 21 minutes, 80 MB."""


def embed_recordings(paths: Sequence[Path], key: str) -> Rows:
    """Return what a built-in encoder hears in each recording, shape (recordings, dimensions).

    A row has length one; it is NaN where nobody speaks for 0.3 s.

    Raises:
        InputError: there is no such encoder, or a recording cannot be read.
        MissingWeights: the encoder's weights are not installed.
    """
    return embed_with(load_speaker_encoder(key), paths)


def embed_with(encoder: SpeakerEncoder, paths: Sequence[Path]) -> Rows:
    """Return what an encoder, built-in or one's own, hears in each recording."""
    if not paths:
        return np.zeros((0, encoder.dimensions))

    def read(missing: Sequence[int]) -> Rows:
        clips = _groups([paths[i] for i in missing])
        return np.concatenate([encoder.embed(group) for group in clips])

    maker: Json = ["speaker", encoder.digest, VERSION]
    sources: list[Json] = [file_digest(path) for path in paths]
    return rows_of(sources, read, maker)


def _groups(paths: Sequence[Path]) -> Iterator[list[NDArray[np.float32]]]:
    """Yield the sounds of the recordings, as many together as memory allows."""
    group: list[NDArray[np.float32]] = []
    for path in paths:
        group.append(read_audio(path).samples)
        if sum(map(len, group)) >= TOGETHER:
            yield group
            group = []
    if group:
        yield group
