"""Write recordings as Opus in Ogg: small, without a tag, the same bytes for the same sound.

The library puts its name and a random stream number into the file; both are taken out, and the
check sums of the pages made anew. Sources: RFC 3533 (Ogg), RFC 7845 (Opus in Ogg).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from functools import cache
from importlib import import_module

from mindveil.corpus.sample.recordings import Take

_QUALITY = 0.85
"""Compression level of libsndfile: about 44 kbit a second."""
_STREAM = 1
_HEADER = struct.Struct("<4sBBqIIIB")
_NO_TAGS = b"OpusTags" + struct.pack("<II", 0, 0)


def ogg_bytes(take: Take) -> bytes:
    """Return a recording as the bytes of an Ogg Opus file without tags."""
    memory = io.BytesIO()
    import_module("soundfile").write(
        memory,
        take.samples,
        take.rate,
        format="OGG",
        subtype="OPUS",
        compression_level=_QUALITY,
    )
    return untagged(memory.getvalue())


def untagged(content: bytes) -> bytes:
    """Return an Ogg Opus file with stream number 1 and an empty comment header."""
    made = b""
    for number, (kind, granule, lacing, payload) in enumerate(_pages(content)):
        if payload.startswith(b"OpusTags"):
            sizes, body = bytes([len(_NO_TAGS)]), _NO_TAGS
        else:
            sizes, body = lacing, payload
        made += _page((kind, granule, number), sizes, body)
    return made


def _pages(content: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    at = 0
    while at < len(content):
        _, _, kind, granule, _, _, _, segments = _HEADER.unpack_from(content, at)
        at += _HEADER.size
        lacing = content[at : at + segments]
        at += segments
        yield kind, granule, lacing, content[at : at + sum(lacing)]
        at += sum(lacing)


def _page(head: tuple[int, int, int], lacing: bytes, payload: bytes) -> bytes:
    kind, granule, number = head

    def written(check: int) -> bytes:
        fields = (b"OggS", 0, kind, granule, _STREAM, number, check, len(lacing))
        return _HEADER.pack(*fields) + lacing + payload

    return written(_checksum(written(0)))


@cache
def _table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        value = byte << 24
        for _ in range(8):
            value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
        table.append(value & 0xFFFFFFFF)
    return tuple(table)


def _checksum(content: bytes) -> int:
    """Return the check sum of a page: CRC-32 of polynomial 04c11db7, not reflected, from 0."""
    table, value = _table(), 0
    for byte in content:
        value = ((value << 8) & 0xFFFFFFFF) ^ table[(value >> 24) ^ byte]
    return value
