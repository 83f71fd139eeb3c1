"""Which formats are read, and what the first and last bytes of a file say about the whole.

Small readers of our own look at lengths that a header claims, before any decoder sees the file:
decoders are forgiving, and a recording that is cut off should not pass for a shorter one.
"""

from __future__ import annotations

import os
import re
import stat
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Literal

from mindveil.corpus.media_limits import MOST_BYTES, media_fault

MediaShape = Literal["audio", "still", "video", "table"]

MOST_ATOMS = 10_000
"""Parts of a container that are walked before it counts as broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One format: its decoder's name for it, and the bytes that it starts with."""

    shape: MediaShape
    name: str
    starts: tuple[bytes, ...]
    offset: int = 0


_JPEG = Format(shape="still", name="JPEG", starts=(b"\xff\xd8\xff",))

FORMATS: Mapping[str, Format] = MappingProxyType(
    {
        ".wav": Format(shape="audio", name="WAV", starts=(b"RIFF", b"RF64")),
        ".flac": Format(shape="audio", name="FLAC", starts=(b"fLaC",)),
        ".ogg": Format(shape="audio", name="OGG", starts=(b"OggS",)),
        ".mp3": Format(
            shape="audio",
            name="MP3",
            starts=(b"ID3", *(bytes((0xFF, second)) for second in (0xFB, 0xFA, 0xF3, 0xF2, 0xE3))),
        ),
        ".png": Format(shape="still", name="PNG", starts=(b"\x89PNG\r\n\x1a\n",)),
        ".jpg": _JPEG,
        ".jpeg": _JPEG,
        ".gif": Format(shape="still", name="GIF", starts=(b"GIF87a", b"GIF89a")),
        ".pgm": Format(shape="still", name="PPM", starts=(b"P5", b"P2")),
        ".mp4": Format(shape="video", name="MP4", starts=(b"ftyp",), offset=4),
        ".parquet": Format(shape="table", name="PARQUET", starts=(b"PAR1",)),
    }
)
"""What is read, by the ending of the name; gif and pgm are met by importers only."""


def format_of(path: Path) -> Format:
    """Return the format of a file, after a look at its size, first bytes and claimed lengths.

    Raises:
        InputError: the file is missing, empty, too large, cut off or not what its ending says.
    """
    form = FORMATS.get(path.suffix.lower())
    if form is None:
        raise media_fault(path, "unread-ending")
    try:
        with open(path, "rb", opener=_without_waiting) as file:
            fault = _fault(file, form)
    except OSError as missing:
        raise media_fault(path, "missing") from missing
    if fault:
        raise media_fault(path, fault)
    return form


def _without_waiting(path: str, flags: int) -> int:
    # A pipe with nobody at its other end would keep us here for ever.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _fault(file: BinaryIO, form: Format) -> str:
    about = os.fstat(file.fileno())
    if not stat.S_ISREG(about.st_mode):
        return "not-a-file"
    if about.st_size == 0:
        return "empty"
    if about.st_size > MOST_BYTES:
        return "large"
    head = file.read(64)
    if not head[form.offset :].startswith(form.starts):
        return "other" if len(head) >= form.offset + 8 else "truncated"
    check = _WHOLE.get(form.name)
    return "" if check is None or check(file, about.st_size) else "truncated"


def _wav_is_whole(file: BinaryIO, size: int) -> bool:
    """Whether the data chunk is as long as it says (Microsoft RIFF; EBU Tech 3306 for RF64)."""
    wide = 0
    for name, start, length in riff_chunks(file, size):
        if name == b"ds64":
            file.seek(start + 8)
            wide = int.from_bytes(file.read(8), "little")
        elif name == b"data":
            claimed = wide if length == 0xFFFFFFFF and wide else length
            return claimed > 0 and start + claimed <= size
    return False


def riff_chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and claimed length of each chunk of a WAV file."""
    place = 12
    for _ in range(MOST_ATOMS):
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            return
        name, length = struct.unpack("<4sI", head)
        yield name, place + 8, length
        place += 8 + length + length % 2
        if place >= size:
            return


def _flac_is_whole(file: BinaryIO, size: int) -> bool:
    """Whether no frame starts beyond the claimed end: a decoder would stop there in silence."""
    file.seek(8)
    about = file.read(18)
    block, claimed = int.from_bytes(about[2:4]), int.from_bytes(about[13:18]) & (1 << 36) - 1
    if claimed == 0:  # a stream whose length was not known when it began
        return True
    file.seek(max(42, size - (1 << 17)))
    tail = file.read()
    return not any(
        start >= claimed and _crc(tail[place:], 16, 0x8005) == 0
        for place, start in flac_frames(tail, block)
    )


def flac_frames(data: bytes, block: int) -> Iterator[tuple[int, int]]:
    """Yield place and first sample of what looks like the head of a frame (RFC 9639, 9.1).

    One in 256 stray syncs does so by chance; the check sum of the whole frame tells.
    """
    for found in re.finditer(rb"\xff[\xf8\xf9]", data):
        head = data[found.start() : found.start() + 16]
        lead = 8 - (head[4] ^ 0xFF).bit_length() if len(head) == 16 else 8
        if lead in {1, 8}:
            continue
        more = max(lead, 1) - 1
        number = head[4] & 0x7F >> lead
        for byte in head[5 : 5 + more]:
            number = number << 6 | byte & 0x3F
        end = (
            6
            + more
            + {6: 1, 7: 2}.get(head[2] >> 4, 0)
            + {12: 1, 13: 2, 14: 2}.get(head[2] & 15, 0)
        )
        if _crc(head[:end], 8, 0x07) == 0:
            yield found.start(), number if head[1] & 1 else number * block


def _crc(data: bytes, bits: int, polynomial: int) -> int:
    """Return the remainder of data that ends in its own check sum: 0 where it fits."""
    value, top, mask = 0, 1 << bits - 1, (1 << bits) - 1
    for byte in data:
        value ^= byte << bits - 8
        for _ in range(8):
            value = (value << 1 ^ polynomial) & mask if value & top else value << 1
    return value


def _ogg_is_whole(file: BinaryIO, size: int) -> bool:
    """Whether the last page is there to its end and marked as the last (RFC 3533, 6)."""
    file.seek(max(0, size - (1 << 16) - 512))
    tail = file.read()
    place = tail.rfind(b"OggS")
    if place < 0 or len(tail) < place + 27:
        return False
    segments = tail[place + 27 : place + 27 + tail[place + 26]]
    whole = place + 27 + len(segments) + sum(segments) <= len(tail)
    return whole and bool(tail[place + 5] & 0x04)


def _png_is_whole(file: BinaryIO, size: int) -> bool:
    file.seek(max(0, size - 4096))
    return b"IEND" in file.read()


def _parquet_is_whole(file: BinaryIO, size: int) -> bool:
    file.seek(max(0, size - 8))
    length, magic = struct.unpack("<I4s", file.read(8).ljust(8, b"\0"))
    return bool(magic == b"PAR1" and 0 < length <= size - 12)


def _mp4_is_whole(file: BinaryIO, size: int) -> bool:
    """Whether the atoms fill the file, the table of contents and the frames among them."""
    names, place = set(), 0
    for name, start, end in atoms(file, 0, size):
        if end > size:
            return False
        names.add(name)
        place = end
        _ = start
    return place == size and {b"moov", b"mdat"} <= names


def atoms(file: BinaryIO, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of the content of each atom between two places (ISO 14496-12)."""
    for _ in range(MOST_ATOMS):
        file.seek(start)
        head = file.read(16)
        if start + 8 > end or len(head) < 8:
            return
        length, name, header = int.from_bytes(head[:4]), head[4:8], 8
        if length == 1 and len(head) == 16:
            length, header = int.from_bytes(head[8:16]), 16
        elif length == 0:
            length = end - start
        if length < header:
            return
        yield name, start + header, start + length
        start += length


_WHOLE: Mapping[str, Callable[[BinaryIO, int], bool]] = MappingProxyType(
    {
        "WAV": _wav_is_whole,
        "FLAC": _flac_is_whole,
        "OGG": _ogg_is_whole,
        "PNG": _png_is_whole,
        "MP4": _mp4_is_whole,
        "PARQUET": _parquet_is_whole,
    }
)
