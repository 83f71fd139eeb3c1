"""Write sound, pictures, video and tables so that nothing is said but their content.

A file is made under a temporary name beside its place and renamed, so that a killed run leaves
no half of one. The same content gives the same bytes with the same libraries.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from mindveil.corpus.media_formats import atoms
from mindveil.corpus.media_limits import SENTENCES
from mindveil.corpus.video_metadata import BOXES, TELLING, TIMED
from mindveil.errors import InputError

Samples = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

_HALF_SCALE = 32_768
"""Steps of 16 bits on either side of zero."""


def write_samples(path: Path, blocks: Iterable[Samples], rate: int) -> None:
    """Write blocks of sound as one FLAC of 16 bits; a read of it gives the same samples."""
    try:
        import soundfile  # noqa: PLC0415 - an extra
    except (ImportError, OSError) as missing:
        raise InputError(SENTENCES["no-voice"]) from missing
    with _in_place(path) as draft:
        about = {"samplerate": rate, "channels": 1, "format": "FLAC", "subtype": "PCM_16"}
        with soundfile.SoundFile(draft, "w", **about) as file:
            for block in blocks:
                steps = np.rint(np.asarray(block, dtype=np.float64) * _HALF_SCALE)
                file.write(np.clip(steps, -_HALF_SCALE, _HALF_SCALE - 1).astype(np.int16))


def write_pixels(path: Path, pixels: Pixels) -> None:
    """Write a picture as PNG with the chunks that it cannot do without."""
    from PIL import Image  # noqa: PLC0415 - slow to load

    with _in_place(path) as draft:
        Image.fromarray(np.ascontiguousarray(pixels)).save(draft, format="PNG", compress_level=4)


def write_frames(path: Path, frames: Iterable[Pixels], per_second: float) -> None:
    """Write pictures of one size as MPEG-4 video in MP4, without sound, tags or times.

    Raises:
        InputError: there is no frame, they differ in size, or video cannot be written here.
    """
    try:
        import cv2  # noqa: PLC0415 - an extra
    except ImportError as missing:
        raise InputError(SENTENCES["no-face"]) from missing
    with _in_place(path) as draft:
        writer, size = None, (0, 0)
        try:
            for frame in frames:
                even = _even(frame)
                if writer is None:
                    size = (even.shape[1], even.shape[0])
                    code = cv2.VideoWriter.fourcc(*"mp4v")
                    writer = cv2.VideoWriter(str(draft), cv2.CAP_FFMPEG, code, per_second, size)
                if not writer.isOpened():
                    raise InputError(
                        f"{path.name}: {size[0]} by {size[1]} pixels at {per_second:g} frames a "
                        "second cannot be written as MP4; use a common size and rate"
                    )
                if (even.shape[1], even.shape[0]) != size:
                    raise InputError(
                        f"{path.name}: the frames of a video differ in size; scale them alike"
                    )
                writer.write(np.ascontiguousarray(even[:, :, ::-1]))
        finally:
            if writer is not None:
                writer.release()
        if writer is None:
            raise InputError(f"{path.name}: a video without a frame cannot be written; remove it")
        _silence(draft)


def write_columns(path: Path, columns: Mapping[str, npt.NDArray[np.float64]]) -> None:
    """Write columns of numbers as Parquet, without metadata of the file or the columns."""
    import pyarrow as pa  # noqa: PLC0415 - slow to load
    import pyarrow.parquet as pq  # noqa: PLC0415 - the same

    table = pa.table({name: pa.array(values) for name, values in columns.items()})
    with _in_place(path) as draft:
        pq.write_table(table.replace_schema_metadata(None), draft, store_schema=False)


@contextmanager
def _in_place(path: Path) -> Iterator[Path]:
    # The encoders go by the ending of the name.
    draft = path.with_name(f".{uuid4().hex}{path.suffix}")
    try:
        draft.touch(mode=0o600, exist_ok=False)
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _even(frame: Pixels) -> Pixels:
    # The coding halves colours in both directions; a row or column is repeated where one lacks.
    down, right = frame.shape[0] % 2, frame.shape[1] % 2
    return np.pad(frame, ((0, down), (0, right), (0, 0)), mode="edge") if down or right else frame


def _silence(path: Path) -> None:
    """Overwrite what an encoder says of itself and of the time, in place: lengths stay."""
    with path.open("r+b") as file:
        size = path.stat().st_size
        todo = [(0, size)]
        while todo:
            start, end = todo.pop()
            for name, inner, stop in list(atoms(file, start, end)):
                if name in BOXES:
                    todo.append((inner, stop))
                elif name in TELLING:
                    file.seek(inner - 4)
                    file.write(b"free" + bytes(stop - inner))
                elif name in TIMED:
                    file.seek(inner)
                    wide = file.read(1) == b"\x01"
                    file.seek(inner + 4)
                    file.write(bytes(16 if wide else 8))
