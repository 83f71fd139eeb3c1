"""What a face does in a recording: eight ratios, how far the eyes are open, how the head turns.

Read off a still or a video, or out of an ``_expression.parquet`` that a release may hold in place
of the pictures. Measures of this kind carry clinical signal (flatness, smiles, blinks, movement
of the head) and identity too: a face at rest has proportions of its own, which is why recognition
of expressions works on differences from a person's own mean.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.digest import file_digest
from mindveil.corpus.media import read_columns, read_frames
from mindveil.corpus.model import MediaFile
from mindveil.errors import InputError
from mindveil.features import weights
from mindveil.features.face_mesh import Mesh, eye_openings, follow_mesh
from mindveil.features.face_ratios import ANGLES, RATIOS, head_angles, ratios
from mindveil.features.shelf import rows_of
from mindveil.features.tflite_model import Pixels
from mindveil.store.cache import Json
from mindveil.store.files import write_bytes

Floats = NDArray[np.float64]

EXPRESSIONS: tuple[str, ...] = (*RATIOS, "eye-opening", *ANGLES)
"""Columns of a series: ratios in distances between the eyes, eye opening in eye widths, degrees."""

VERSION = "1"
"""Of how faces are measured; another one makes every kept row worthless."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Measures over time: ``seconds`` (t,) and ``values`` (t, measures); NaN where no face is."""

    seconds: Floats
    values: Floats


def read_series(file: MediaFile) -> Series:
    """Return the measures of the person in a recording, one row a frame.

    Raises:
        InputError: the file cannot be read, is neither pictures nor a series, or lacks a column.
        MissingWeights: "blazeface" or "centerface" is not installed (pictures only).
    """
    if file.kind == "expression":
        return _stored(file)
    if file.kind not in {"still", "video"}:
        raise InputError(
            f"{file.path.name}: no expression can be read off a file of this kind "
            f"({file.kind}); give a picture, a video or an _expression.parquet"
        )
    seconds: list[float] = []
    rows: list[Floats] = []
    mesh: Mesh | None = None
    for frame in read_frames(file.path):
        mesh = follow_mesh(frame.pixels, mesh)
        rows.append(measure_mesh(frame.pixels, mesh) if mesh else _nothing())
        seconds.append(frame.seconds)
    return Series(seconds=np.array(seconds), values=np.array(rows).reshape(-1, len(EXPRESSIONS)))


def measure_pixels(pixels: Pixels) -> Floats:
    """Return the measures of the face in one picture, shape (measures,); NaN without a face."""
    mesh = follow_mesh(pixels)
    return measure_mesh(pixels, mesh) if mesh else _nothing()


def measure_mesh(pixels: Pixels, mesh: Mesh) -> Floats:
    """Return the measures of a face whose mesh was read off these pixels, shape (measures,)."""
    opening = float(np.mean(eye_openings(pixels, mesh)))
    return np.concatenate([ratios(mesh.points), [opening], head_angles(mesh.points)])


def expression_rows(files: Sequence[MediaFile]) -> Floats:
    """Return one row a recording: the mean of each measure, then its standard deviation.

    Shape (files, 2 measures), kept on the shelf. Frames without a face are left out; a row is
    NaN where no frame has one. The deviation of a still is 0.

    Raises:
        InputError: a recording cannot be read.
        MissingWeights: "blazeface" or "centerface" is not installed (pictures only).
    """
    if not files:
        return np.zeros((0, 2 * len(EXPRESSIONS)))

    def read(missing: Sequence[int]) -> Floats:
        return np.stack([summary(read_series(files[i])) for i in missing])

    seen = any(file.kind != "expression" for file in files)
    networks = [weights.digest(key) for key in ("blazeface", "centerface")] if seen else []
    sources: list[Json] = [
        [file_digest(file.path), *([] if file.kind == "expression" else networks)] for file in files
    ]
    return rows_of(sources, read, ["expression", list(EXPRESSIONS), VERSION])


def summary(series: Series) -> Floats:
    """Return mean and standard deviation of each measure over time, shape (2 measures,)."""
    row = np.full((2, series.values.shape[1]), np.nan)
    for column, values in enumerate(series.values.T):
        known = values[np.isfinite(values)]
        if known.size:
            row[:, column] = known.mean(), known.std()
    return row.ravel()


def write_series(path: Path, series: Series) -> None:
    """Write a series as Parquet: ``seconds`` and the measures as 32-bit numbers, no metadata."""
    import pyarrow as pa  # noqa: PLC0415 - slow to load
    import pyarrow.parquet as pq  # noqa: PLC0415 - the same

    columns = {"seconds": series.seconds} | dict(zip(EXPRESSIONS, series.values.T, strict=True))
    table = pa.table({name: pa.array(v.astype(np.float32)) for name, v in columns.items()})
    page = io.BytesIO()
    pq.write_table(table, page, store_schema=False)
    write_bytes(path, page.getvalue())


def _stored(file: MediaFile) -> Series:
    columns = read_columns(file.path)
    if absent := [name for name in ("seconds", *EXPRESSIONS) if name not in columns]:
        raise InputError(
            f"{file.path.name}: column {absent[0]} is missing; a series of expressions has: "
            f"seconds, {', '.join(EXPRESSIONS)}"
        )
    values = np.column_stack([columns[name] for name in EXPRESSIONS])
    return Series(seconds=np.asarray(columns["seconds"]), values=values)


def _nothing() -> Floats:
    return np.full(len(EXPRESSIONS), np.nan)
