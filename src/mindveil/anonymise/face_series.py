"""Measures of a face over time, without the resting face that tells whose they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

import numpy as np

from mindveil.corpus.model import MediaFile
from mindveil.corpus.workshop import new_file
from mindveil.features.expression import Series, read_series, write_series

Keeping = Literal["centred", "dropped", "kept"]
"""What becomes of series: the session's mean goes, they go altogether, or they stay."""


def centred(series: Sequence[Series]) -> tuple[Series, ...]:
    """Return the series of one session less the mean over all its frames; gaps stay gaps.

    The mean of the distances in a face is its bone structure: a person at rest. It is known only
    when everything has been read, so the first pass finds the mean and the second takes it away;
    a mean that runs along would leave the resting face in the first seconds. One mean serves all
    recordings of the session, so that what differs between them (a smile, a frown) stays. Of a
    session that is a single still nothing is left but zeros.

    >>> one = Series(seconds=np.zeros(2), values=np.array([[1.0], [3.0]]))
    >>> centred([one])[0].values.ravel().tolist()
    [-1.0, 1.0]
    """
    if not series:
        return ()
    values = np.concatenate([one.values for one in series])
    there = np.isfinite(values)
    total = np.where(there, values, 0.0).sum(axis=0)
    mean = total / np.maximum(there.sum(axis=0), 1)
    return tuple(replace(one, values=one.values - mean) for one in series)


def written_series(files: Sequence[MediaFile], keeping: Keeping) -> tuple[MediaFile, ...]:
    """Return one new series for each recording of a session, in order and with its task.

    A recording is a still, a video or a series.

    Raises:
        InputError: a recording cannot be read.
        MissingWeights: "blazeface" or "centerface" is not installed (pictures only).
    """
    if keeping == "dropped":
        return ()
    series: Sequence[Series] = [read_series(file) for file in files]
    if keeping == "centred":
        series = centred(series)
    return tuple(_written(file, one) for file, one in zip(files, series, strict=True))


def _written(file: MediaFile, series: Series) -> MediaFile:
    path = new_file("_expression.parquet")
    write_series(path, series)
    return replace(file, path=path)
