"""Metadata of pictures: text, EXIF, XMP, IPTC and comments in PNG, JPEG, GIF and PGM.

Sources: PNG (W3C, third edition), 11.3; ITU-T T.81, B.1 and CIPA DC-008 (EXIF) for JPEG;
GIF89a, 24-26; the netpbm page of PGM.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from mindveil.corpus.field_names import field_name

MOST_PARTS = 100_000

_PNG_NEEDS = frozenset(
    b"IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB sBIT bKGD pHYs acTL fcTL fdAT".split()
)
_PNG_TEXT = frozenset({b"tEXt", b"zTXt", b"iTXt"})
_JFIF, _ADOBE, _COM, _SCAN, _END = 0xE0, 0xEE, 0xFE, 0xDA, 0xD9
_GIF_BLOCKS = {0xFE: "comment", 0x01: "plain text"}


def png_fields(file: BinaryIO, size: int) -> Iterator[str]:
    """Yield every chunk that is not needed to see the picture; of texts, their keyword."""
    place = 8
    for _ in range(MOST_PARTS):
        file.seek(place)
        head = file.read(8)
        if len(head) < 8:
            return
        length, name = int.from_bytes(head[:4]), head[4:]
        if name in _PNG_TEXT:
            yield f"{field_name(name)}/{field_name(file.read(80).partition(bytes(1))[0])}"
        elif name not in _PNG_NEEDS:
            yield field_name(name)
        place += 12 + length
        if name == b"IEND":
            break
    if place < size:
        yield "bytes behind the picture"


def jpeg_fields(file: BinaryIO, size: int) -> Iterator[str]:
    """Yield every application segment but the plain header, and every comment."""
    place = 2
    for _ in range(MOST_PARTS):
        file.seek(place)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return
        mark, length = head[1], int.from_bytes(head[2:])
        if mark == 0xFF:
            place += 1
            continue
        if mark == _END:
            if place + 2 < size:
                yield "bytes behind the picture"
            return
        if mark == _SCAN:
            place = _behind_scan(file, place + 2 + length)
            continue
        label = file.read(min(max(length - 2, 0), 24))
        plain = (mark == _JFIF and label.startswith(b"JFIF\0")) or mark == _ADOBE
        if mark == _COM:
            yield "comment"
        elif 0xE0 <= mark <= 0xEF and not plain:
            maker = re.split(rb"[\x00 ]", label)[0]
            yield f"APP{mark - 0xE0}/{field_name(maker)}"
        place += 2 + length


def gif_fields(file: BinaryIO, size: int) -> Iterator[str]:
    """Yield comments, texts and applications other than the one that repeats the picture."""
    _ = size
    file.seek(10)
    flags = file.read(1)[0]
    place = 13 + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
    for _ in range(MOST_PARTS):
        file.seek(place)
        head = file.read(14)
        if not head or head[:1] not in {b"!", b","}:
            return
        if head[:1] == b",":
            local = head[9] if len(head) > 9 else 0
            place += 11 + (3 << (local & 7) + 1 if local & 0x80 else 0)
        else:
            if head[1] in _GIF_BLOCKS:
                yield _GIF_BLOCKS[head[1]]
            elif head[1] == 0xFF and head[3:14] != b"NETSCAPE2.0":
                yield f"application/{field_name(head[3:11])}"
            place += 2
        place = _behind_blocks(file, place)


def pgm_fields(file: BinaryIO, size: int) -> Iterator[str]:
    """Yield a comment in the header."""
    _ = size
    file.seek(0)
    # Magic, width, height and the largest value, parted by white space.
    if b"#" in re.split(rb"(?:[^\s#]+\s+){4}", file.read(4096), maxsplit=1)[0]:
        yield "comment"


def _behind_scan(file: BinaryIO, place: int) -> int:
    """Return where the coded picture ends: at a marker that is no stuffing and no restart."""
    while True:
        file.seek(place)
        block = file.read(1 << 16)
        for found in re.finditer(rb"\xff[^\x00\xd0-\xd7\xff]", block):
            return place + found.start()
        if len(block) < 1 << 16:
            return place + len(block)
        place += len(block) - 1


def _behind_blocks(file: BinaryIO, place: int) -> int:
    while True:
        file.seek(place)
        length = file.read(1)
        if not length or length == b"\0":
            return place + 1
        place += 1 + length[0]
