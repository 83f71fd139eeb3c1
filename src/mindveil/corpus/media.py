"""Recordings: sound, pictures and video, read within limits and written without metadata.

Strangers' bytes are decoded in a process of their own (``mindveil.corpus.decoder``) that has
little memory, no network and nothing to lose. What is written says what is heard and seen and
nothing else: no author, device, place or time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from mindveil.corpus.decoders import Part, decode
from mindveil.corpus.media_formats import Format, MediaShape, format_of
from mindveil.corpus.media_limits import MOST_BYTES_HELD, media_fault
from mindveil.corpus.media_metadata import metadata_of
from mindveil.corpus.media_writers import (
    write_columns,
    write_frames,
    write_pixels,
    write_samples,
)
from mindveil.corpus.resampling import resample
from mindveil.corpus.workshop import new_file
from mindveil.errors import InputError, RefusedError

__all__ = [
    "Audio",
    "Frame",
    "Probe",
    "checked",
    "clean_copy",
    "metadata_of",
    "probe",
    "read_audio",
    "read_columns",
    "read_frames",
    "read_still",
    "write_audio",
    "write_columns",
    "write_still",
    "write_video",
]

Samples = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]
Column = npt.NDArray[np.float64]

SPEECH_RATE = 16_000
"""Samples a second that speech models are made for."""

_STREAM: Mapping[MediaShape, str] = {
    "audio": "sound",
    "still": "still",
    "video": "video",
    "table": "table",
}
_CLEAN: Mapping[MediaShape, str] = {
    "audio": "_voice.flac",
    "still": "_face.png",
    "video": "_face.mp4",
}
_TABLES = ("_landmarks.parquet", "_expression.parquet", "_features.parquet")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audio:
    """One channel of sound: samples in [-1, 1], ``rate`` of them a second."""

    samples: Samples
    rate: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.samples) / self.rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture of a video: (rows, columns, red-green-blue), and seconds from the start."""

    pixels: Pixels
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """What the header of a recording claims; what does not apply is zero.

    ``rate`` is samples a second of sound, frames a second of video.
    """

    kind: Literal["audio", "still", "video"]
    seconds: float = 0.0
    rate: float = 0.0
    channels: int = 0
    width: int = 0
    height: int = 0


def probe(path: Path) -> Probe:
    """Return what the header of a recording claims, within the limits; little is decoded.

    Raises:
        InputError: the file cannot be read; the sentence names it and says what to do.
    """
    form = _expect(path, "audio", "still", "video")
    with closing(decode(path, _STREAM[form.shape], form.name)) as parts:
        about, _ = next(parts)
    rate = _number(about, "rate")
    width, height = int(_number(about, "width")), int(_number(about, "height"))
    if _number(about, "turn") in {5, 6, 7, 8}:
        width, height = height, width
    assert form.shape != "table"
    return Probe(
        kind=form.shape,
        seconds=_number(about, "frames") / rate if rate else 0.0,
        rate=rate,
        channels=int(_number(about, "channels")),
        width=width,
        height=height,
    )


def read_audio(path: Path, rate: int | None = SPEECH_RATE) -> Audio:
    """Return the sound of a recording as the mean of its channels, at ``rate`` or at its own.

    Resampled by a polyphase filter (``scipy.signal.resample_poly``), the same on every machine
    and whatever the length; a recording without a sound in it is returned as it is.

    Raises:
        InputError: the file cannot be read, is cut off, holds values that are not numbers, or
            is beyond the limits of ``media_limits``; it names the file and the remedy.
    """
    form = _expect(path, "audio")
    with closing(decode(path, "sound", form.name)) as parts:
        about, _ = next(parts)
        own, frames = int(_number(about, "rate")), int(_number(about, "frames"))
        if frames * ((rate or own) / own) * 4 > MOST_BYTES_HELD:
            raise media_fault(path, "held")
        blocks = (np.frombuffer(block, dtype=np.float32) for _, block in parts)
        return Audio(samples=resample(blocks, frames, (own, rate or own)), rate=rate or own)


def read_still(path: Path) -> Pixels:
    """Return a picture as (rows, columns, red-green-blue), turned upright as its EXIF says.

    Raises:
        InputError: the file cannot be read, is cut off, or claims more than 40 million pixels.
    """
    form = _expect(path, "still")
    with closing(decode(path, "still", form.name)) as parts:
        about, _ = next(parts)
        width, height = int(_number(about, "width")), int(_number(about, "height"))
        pixels = np.empty(height * width * 3, dtype=np.uint8)
        place = 0
        for _, block in parts:
            pixels[place : place + len(block)] = np.frombuffer(block, dtype=np.uint8)
            place += len(block)
    if place != len(pixels):
        raise media_fault(path, "truncated")
    return _upright(pixels.reshape(height, width, 3), int(_number(about, "turn")))


def _upright(pixels: Pixels, turn: int) -> Pixels:
    """Undo the eight orientations of EXIF 2.32 (tag 274; 1 is upright)."""
    if turn in {5, 6, 7, 8}:
        pixels = pixels.transpose(1, 0, 2)
    if turn in {2, 3, 6, 7}:
        pixels = pixels[:, ::-1]
    if turn in {3, 4, 7, 8}:
        pixels = pixels[::-1]
    return np.ascontiguousarray(pixels)


def read_frames(path: Path) -> Iterator[Frame]:
    """Yield the frames of a video one by one as they are asked for; a still is one frame.

    Only one frame is held at a time, so a long video costs no more memory than a short one.

    Raises:
        InputError: the file cannot be read or is beyond the limits; a video that ends before
            its header says so is found out at its last frame.
    """
    form = _expect(path, "video", "still")
    if form.shape == "still":
        yield Frame(pixels=read_still(path), seconds=0.0)
        return
    with closing(decode(path, "video", form.name)) as parts:
        about, _ = next(parts)
        shape = (int(_number(about, "height")), int(_number(about, "width")), 3)
        for part, block in parts:
            pixels = np.frombuffer(block, dtype=np.uint8).reshape(shape)
            yield Frame(pixels=pixels, seconds=_number(part, "seconds"))


def read_columns(path: Path) -> dict[str, Column]:
    """Return the columns of numbers of a Parquet file, in order; a missing value is NaN.

    Raises:
        InputError: the file cannot be read, or claims more rows than a recording has frames.
    """
    form = _expect(path, "table")
    with closing(decode(path, "table", form.name)) as parts:
        about, _ = next(parts)
        names = about["columns"]
        assert isinstance(names, list)
        values = [np.frombuffer(block, dtype=np.float64) for _, block in parts]
    return dict(zip(names, values, strict=True))


def write_audio(path: Path, audio: Audio) -> None:
    """Write sound as FLAC of 16 bits without tags; the same samples give the same bytes."""
    write_samples(path, [audio.samples], audio.rate)


def write_still(path: Path, pixels: Pixels) -> None:
    """Write a picture as PNG of nothing but pixels; the same pixels give the same bytes."""
    write_pixels(path, pixels)


def write_video(path: Path, frames: Iterable[Frame], per_second: float) -> None:
    """Write frames as MP4 without sound or tags; an odd side is lengthened by one pixel.

    Raises:
        InputError: there is no frame, or they differ in size.
    """
    write_frames(path, (frame.pixels for frame in frames), per_second)


def clean_copy(path: Path) -> Path:
    """Return a copy in the workshop that holds what is heard, seen or measured and no more.

    Sound becomes one channel of FLAC at its own rate, a picture PNG, a video MP4 without sound;
    of a table the columns of numbers remain. The result is read again to see that no metadata
    did.

    Raises:
        InputError: the file cannot be read.
        RefusedError: metadata remained.
    """
    form = _expect(path, "audio", "still", "video", "table")
    known = next((e for e in _TABLES if path.name.lower().endswith(e)), _TABLES[-1])
    copy = new_file(_CLEAN.get(form.shape, known))
    if form.shape == "still":
        write_still(copy, read_still(path))
    elif form.shape == "table":
        write_columns(copy, read_columns(path))
    else:
        with closing(decode(path, _STREAM[form.shape], form.name)) as parts:
            _rewrite(copy, parts, form)
    checked(copy)
    return copy


def checked(path: Path) -> Path:
    """Return the path of a file that holds no metadata.

    Raises:
        RefusedError: it does; the fields are named, what they say is not.
    """
    left = metadata_of(path)
    if left:
        raise RefusedError(
            f"{path.suffix or path.name}: a recording that was to be released still holds metadata "
            f"({', '.join(left)}); report this, and do not release it"
        )
    return path


def _rewrite(copy: Path, parts: Iterator[Part], form: Format) -> None:
    about, _ = next(parts)
    if form.shape == "audio":
        blocks = (np.frombuffer(block, dtype=np.float32) for _, block in parts)
        write_samples(copy, blocks, int(_number(about, "rate")))
        return
    shape = (int(_number(about, "height")), int(_number(about, "width")), 3)
    frames = (np.frombuffer(block, dtype=np.uint8).reshape(shape) for _, block in parts)
    write_frames(copy, frames, _number(about, "rate"))


def _expect(path: Path, *shapes: MediaShape) -> Format:
    form = format_of(path)
    if form.shape not in shapes:
        raise InputError(
            f"{path.name}: this is {_SAID[form.shape]} where {_SAID[shapes[0]]} is due; "
            "put it where such files belong"
        )
    return form


_SAID: Mapping[MediaShape, str] = {
    "audio": "a sound file",
    "still": "a picture",
    "video": "a video",
    "table": "a table",
}


def _number(about: Mapping[str, object], name: str) -> float:
    value = about.get(name, 0)
    assert isinstance(value, int | float)
    return float(value)
