"""Metadata of video: MP4 atoms that tell of the author, the device, the place or the time.

Source: ISO/IEC 14496-12 (movie, track and media headers; udta, meta, uuid), Apple QuickTime File
Format (user data).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from mindveil.corpus.field_names import field_name
from mindveil.corpus.media_formats import atoms

BOXES = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"dinf", b"moof", b"traf"})
"""Atoms that hold atoms."""

TIMED = frozenset({b"mvhd", b"tkhd", b"mdhd"})
"""Atoms that start with the time at which something was made and changed."""

TELLING = frozenset({b"udta", b"meta", b"uuid"})
"""Atoms that hold nothing but metadata."""

MOST_DEPTH = 12

_PADS = frozenset({b"free", b"skip", b"wide"})
_USUAL_NAMES = frozenset({b"", b"VideoHandler", b"SoundHandler"})
_MEDIA = frozenset({b"vide", b"soun"})


def mp4_fields(file: BinaryIO, size: int) -> Iterator[str]:
    """Yield what tells of author, device, place or time, by the path of its atom."""
    yield from _fields(file, (0, size), "", 0)


def _fields(file: BinaryIO, span: tuple[int, int], where: str, depth: int) -> Iterator[str]:
    for name, start, end in list(atoms(file, *span)):
        path = f"{where}{field_name(name)}"
        if name in BOXES and depth < MOST_DEPTH:
            yield from _fields(file, (start, end), f"{path}/", depth + 1)
        elif name in TELLING:
            yield path
        elif name in TIMED:
            file.seek(start)
            about = file.read(20)
            if any(about[4 : 20 if about[:1] == b"\x01" else 12]):
                yield f"{path} time"
        elif name in _PADS:
            if _filled(file, start, end):
                yield path
        elif name == b"hdlr" and where.endswith("mdia/"):
            yield from _handler(file, start, end, path)


def _handler(file: BinaryIO, start: int, end: int, path: str) -> Iterator[str]:
    file.seek(start)
    about = file.read(min(end - start, 4096))
    kind, maker, name = about[8:12], about[12:24], about[24:].strip(b"\0")
    # QuickTime writes the length of the name in front of it.
    if name[:1] and name[0] == len(name) - 1:
        name = name[1:]
    if kind not in _MEDIA:
        yield f"track of {field_name(kind)}"
    if any(maker) or name not in _USUAL_NAMES:
        yield f"{path} name"


def _filled(file: BinaryIO, start: int, end: int) -> bool:
    file.seek(start)
    while start < end:
        block = file.read(min(end - start, 1 << 20))
        if not block or any(block):
            return bool(block)
        start += len(block)
    return False
