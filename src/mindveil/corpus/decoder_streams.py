"""How a decoder reads each kind of file: a stream of parts, each bounded.

The first part says what the header claims, after it was held against the limits; later parts
bring the samples, the rows of pixels, the frames or the columns.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mindveil.corpus import media_limits as most
from mindveil.corpus.decoder_limits import free_memory, limit_memory

if TYPE_CHECKING:
    from types import ModuleType

    from cv2 import VideoCapture
    from PIL.Image import Image
    from soundfile import SoundFile

Block = tuple[dict[str, object], bytes | memoryview]
Stream = Callable[[str, str], Iterator[Block]]
Bytes = npt.NDArray[np.uint8]

SAMPLES_A_PART = 1 << 18
BYTES_A_PART = 1 << 22
FORMATS = {"WAV": ("WAV", "WAVEX", "RF64"), "FLAC": ("FLAC",), "OGG": ("OGG",), "MP3": ("MP3",)}
_ORIENTATION = 0x0112
_FULL_SIXTEEN = 8
_NO_MEMORY = -4


class Fault(Exception):  # noqa: N818 - the name goes over the pipe
    """A file that is not read; ``name`` is a key of ``media_limits.SENTENCES``."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


_LIBRARIES = {
    "sound": "soundfile",
    "still": "PIL.Image",
    "video": "cv2",
    "table": "pyarrow.parquet",
}


@cache
def _library(shape: str) -> ModuleType:
    free_memory()
    try:
        library = import_module(_LIBRARIES[shape])
        if shape == "table":
            import_module("pyarrow.compute")
    except (ImportError, OSError) as missing:
        raise Fault("no-voice" if shape == "sound" else "no-face") from missing
    finally:
        limit_memory()
    if shape == "still":
        library.MAX_IMAGE_PIXELS = most.MOST_PIXELS  # type: ignore[attr-defined]
    if shape == "video":
        library.setNumThreads(1)
    return library


def sound(path: str, form: str) -> Iterator[Block]:
    """Yield rate, channels and frames; then the mean of the channels, float32."""
    library = _library("sound")
    try:
        file = library.SoundFile(path)
    except library.LibsndfileError as fault:
        raise Fault("broken") from fault
    with file:
        rate, channels, frames = _sound_claims(file, form)
        yield {"rate": rate, "channels": channels, "frames": frames}, b""
        decoded = 0
        while len(block := _samples(file)):
            decoded += len(block)
            if decoded > frames:
                raise Fault("truncated")
            if not np.isfinite(block).all():
                raise Fault("numbers")
            mono = block[:, 0] if channels == 1 else block.mean(axis=1, dtype=np.float32)
            np.clip(mono, -1.0, 1.0, out=mono)
            yield {}, np.ascontiguousarray(mono).data.cast("B")
        if decoded != frames:
            raise Fault("truncated")


def _samples(file: SoundFile) -> npt.NDArray[np.float32]:
    try:
        samples: npt.NDArray[np.float32] = file.read(
            SAMPLES_A_PART, dtype="float32", always_2d=True
        )
    except RuntimeError as fault:
        raise Fault("truncated") from fault
    return samples


def _sound_claims(file: SoundFile, form: str) -> tuple[int, int, int]:
    rate, channels, frames = file.samplerate, file.channels, file.frames
    if file.format not in FORMATS[form]:
        raise Fault("other")
    if not most.LEAST_RATE <= rate <= most.MOST_RATE:
        raise Fault("rate")
    if channels > most.MOST_CHANNELS:
        raise Fault("channels")
    if frames > most.MOST_SECONDS * rate:
        raise Fault("long")
    if frames <= 0:
        raise Fault("nothing")
    unpacked = 2 * frames * channels
    if unpacked > max(most.SMALL_UNPACKED, most.MOST_UNPACKED * os.path.getsize(file.name)):  # noqa: PTH202
        raise Fault("bomb")
    return rate, channels, frames


def sound_levels(path: str, form: str) -> Iterator[Block]:
    """Yield as above, then the loudest sample and the share at the end of the scale."""
    parts = sound(path, form)
    about, _ = next(parts)
    yield about, b""
    peak, full, n = 0.0, 0, 0
    for _, block in parts:
        level = np.abs(np.frombuffer(block, dtype=np.float32))
        peak = max(peak, float(level.max()))
        full += int((level >= most.FULL_SCALE).sum())
        n += len(level)
        yield {"peak": peak, "full": full / n}, b""


def still(path: str, form: str) -> Iterator[Block]:
    """Yield width, height and how it must be turned; then rows of red, green and blue."""
    library = _library("still")
    warnings.simplefilter("error", library.DecompressionBombWarning)
    try:
        image = library.open(path, formats=(form,))
    except library.UnidentifiedImageError as fault:
        raise Fault("other") from fault
    except (library.DecompressionBombError, library.DecompressionBombWarning) as fault:
        raise Fault("pixels") from fault
    with image:
        if image.width * image.height > most.MOST_PIXELS:
            raise Fault("pixels")
        yield {"width": image.width, "height": image.height, "turn": _turn(image)}, b""
        try:
            image.load()
        except OSError as fault:
            raise Fault("truncated") from fault
        # Band by band: no second copy of a large picture is held.
        step = max(1, BYTES_A_PART // (4 * image.width))
        for top in range(0, image.height, step):
            band = image.crop((0, top, image.width, min(top + step, image.height)))
            yield {}, np.ascontiguousarray(_colours(band)).data.cast("B")


def _turn(image: Image) -> int:
    # A damaged EXIF block is no reason to lose the picture; it is dropped anyway. Asking the
    # picture itself would decode it, and swallow what is wrong with it.
    exif = _library("still").Exif()
    try:
        exif.load(image.info.get("exif", b""))
        return int(exif.get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - anything may stand in there
        return 1


def _colours(band: Image) -> Bytes:
    if band.mode.startswith("I"):
        grey = (np.asarray(band) >> _FULL_SIXTEEN).clip(0, 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    return np.asarray(band if band.mode == "RGB" else band.convert("RGB"))


def video(path: str, form: str) -> Iterator[Block]:
    """Yield width, height, frames a second and frames; then each frame and its time."""
    return _film(path, form, pixels=True)


def video_length(path: str, form: str) -> Iterator[Block]:
    """Yield as above, but no pixels: whether every frame that is claimed is there."""
    return _film(path, form, pixels=False)


@dataclass(frozen=True, slots=True)
class _Claims:
    width: int
    height: int
    rate: float
    frames: int


def _film(path: str, form: str, *, pixels: bool) -> Iterator[Block]:
    _ = form
    # Other demuxers follow play lists to other files, and to the network.
    os.environ["OPENCV_FFMPEG_CAPTURE_OPTIONS"] = (
        "format_whitelist;mov,mp4,m4a,3gp,3g2,mj2|protocol_whitelist;file|threads;1"
    )
    library = _library("video")
    capture = library.VideoCapture(path, library.CAP_FFMPEG, [library.CAP_PROP_N_THREADS, 1])
    try:
        if not capture.isOpened():
            raise Fault("broken")
        claims = _film_claims(capture, library)
        if claims.frames * most.LEAST_FRAME_BYTES > os.path.getsize(path):  # noqa: PTH202
            raise Fault("bomb")
        yield asdict(claims), b""
        decoded, limit = 0, int(claims.frames * 1.05) + 3
        while decoded < limit and capture.grab():
            seconds = max(0.0, capture.get(library.CAP_PROP_POS_MSEC) / 1000)
            yield {"seconds": seconds}, _frame(capture, library, claims) if pixels else b""
            decoded += 1
        if decoded == 0:
            raise Fault("broken")
        # An edit list may leave out what came before the first whole picture: up to a second.
        if not claims.frames * 0.95 - 3 - claims.rate <= decoded < limit:
            raise Fault("truncated")
    finally:
        capture.release()


def _film_claims(capture: VideoCapture, library: ModuleType) -> _Claims:
    claims = _Claims(
        int(capture.get(library.CAP_PROP_FRAME_WIDTH)),
        int(capture.get(library.CAP_PROP_FRAME_HEIGHT)),
        float(capture.get(library.CAP_PROP_FPS)),
        int(capture.get(library.CAP_PROP_FRAME_COUNT)),
    )
    if not 0 < claims.rate <= most.MOST_FRAMES_A_SECOND:
        raise Fault("frames")
    if min(claims.width, claims.height, claims.frames) < 1:
        raise Fault("nothing")
    long_side = max(claims.width, claims.height)
    if long_side > most.MOST_SIDE or claims.width * claims.height > most.MOST_PIXELS:
        raise Fault("side")
    if claims.frames > most.MOST_SECONDS * claims.rate:
        raise Fault("long")
    return claims


def _frame(capture: VideoCapture, library: ModuleType, claims: _Claims) -> memoryview:
    try:
        whole, blue_first = capture.retrieve()
        if not whole or blue_first.shape != (claims.height, claims.width, 3):
            raise Fault("broken")
        red_first: Bytes = library.cvtColor(blue_first, library.COLOR_BGR2RGB)
    except library.error as fault:
        raise Fault("memory" if fault.code == _NO_MEMORY else "broken") from fault
    return red_first.data.cast("B")


def table(path: str, form: str) -> Iterator[Block]:
    """Yield the names of the columns of numbers and the rows; then each column, float64."""
    _ = form
    library = _library("table")
    file = library.ParquetFile(path, memory_map=False, pre_buffer=False)
    with file:
        schema, rows = file.schema_arrow, file.metadata.num_rows
        if rows > most.MOST_ROWS or rows * len(schema) > most.MOST_VALUES:
            raise Fault("rows")
        if rows < 1:
            raise Fault("nothing")
        import pyarrow.types as kinds  # noqa: PLC0415 - heavy, loaded when it is needed

        names = [
            field.name
            for field in schema
            if any(is_kind(field.type) for is_kind in (kinds.is_integer, kinds.is_floating))
            or kinds.is_boolean(field.type)
        ]
        if not names:
            raise Fault("columns")
        yield {"columns": names, "rows": rows}, b""
        for name in names:
            column = file.read(columns=[name], use_threads=False).column(0)
            values = column.cast("float64").to_numpy()
            if len(values) != rows:
                raise Fault("truncated")
            yield {}, np.ascontiguousarray(values, dtype=np.float64).data.cast("B")


STREAMS: Mapping[str, Stream] = MappingProxyType(
    {
        "sound": sound,
        "sound-levels": sound_levels,
        "still": still,
        "video": video,
        "video-length": video_length,
        "table": table,
    }
)
