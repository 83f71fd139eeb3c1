"""Metadata of sound files: tags of WAV, FLAC, Ogg and MP3, and those that hang on at the end.

Sources: Microsoft RIFF 1.0 and EBU Tech 3285 (bext); RFC 9639 (FLAC); RFC 3533 and 7845 (Ogg,
Opus); the Vorbis I specification, 5; id3.org, ID3v2.2 to 2.4; the APEv2 specification.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from mindveil.corpus.field_names import field_name
from mindveil.corpus.media_formats import riff_chunks

MOST_TAG_BYTES = 1 << 24
MOST_FIELDS = 1_000

_WAV_NEEDS = frozenset({b"fmt ", b"data", b"fact", b"ds64"})
_PADS = frozenset({b"JUNK", b"junk", b"PAD ", b"FLLR"})
_FLAC_NAMES = {1: "PADDING", 2: "APPLICATION", 5: "CUESHEET", 6: "PICTURE"}
_STREAMINFO, _PADDING, _SEEKTABLE, _COMMENT = 0, 1, 3, 4


def wav_fields(file: BinaryIO, size: int) -> Iterator[str]:
    """Yield every chunk that is not sound or padding of zeros; of lists, their kind."""
    end = 12
    for name, start, length in riff_chunks(file, size):
        end = start + length + length % 2
        if name == b"LIST":
            file.seek(start)
            yield f"LIST/{field_name(file.read(4))}"
        elif name in _PADS:
            file.seek(start)
            if any(file.read(min(length, MOST_TAG_BYTES))):
                yield field_name(name)
        elif name not in _WAV_NEEDS:
            yield field_name(name)
    if end < size:
        yield "bytes behind the sound"


def flac_fields(file: BinaryIO, size: int) -> Iterator[str]:
    """Yield every comment by its name, pictures, cue sheets, applications, filled padding."""
    _ = size
    place, last = 4, False
    for _ in range(MOST_FIELDS):
        if last:
            return
        file.seek(place)
        head = file.read(4)
        if len(head) < 4:
            return
        last, kind, length = bool(head[0] & 0x80), head[0] & 0x7F, int.from_bytes(head[1:])
        place += 4 + length
        if kind == _COMMENT:
            yield from _comments(file.read(length), "VORBIS_COMMENT")
        elif kind == _PADDING:
            if any(file.read(length)):
                yield "PADDING"
        elif kind not in {_STREAMINFO, _SEEKTABLE}:
            yield _FLAC_NAMES.get(kind, f"block {kind}")


def ogg_fields(file: BinaryIO, size: int) -> Iterator[str]:
    """Yield every comment of every stream in the file by its name, and streams without sound."""
    for number, packet in _ogg_headers(file, size):
        if packet.startswith((b"\x03vorbis", b"OpusTags")):
            yield from _comments(packet[7 if packet[0] == 3 else 8 :], "comment")
        elif packet.startswith(b"\x7fFLAC") or (packet[:1] and packet[0] & 0x7F == _COMMENT):
            if number > 0:
                yield from _comments(packet[4:], "comment")
        elif number == 0 and not packet.startswith((b"\x01vorbis", b"OpusHead")):
            yield f"stream {field_name(packet[:8])}"


def mp3_fields(file: BinaryIO, size: int) -> Iterator[str]:
    """Yield the frames of ID3v2 tags at the start by name; a tag without frames is one too."""
    place = 0
    while place < size:
        file.seek(place)
        head = file.read(10)
        if len(head) < 10 or head[:3] != b"ID3":
            return
        length = _sevens(head[6:10])
        names = list(_id3_frames(file.read(min(length, MOST_TAG_BYTES)), head[3]))
        yield from names or ["ID3v2"]
        place += 10 + length


def tail_fields(file: BinaryIO, size: int) -> Iterator[str]:
    """Yield tags that players look for at the end of any file: ID3v1, APE, Lyrics3."""
    file.seek(max(0, size - 4096))
    tail = file.read()
    if len(tail) >= 128 and tail[-128:-125] == b"TAG":
        yield "ID3v1"
    for mark, name in ((b"APETAGEX", "APE"), (b"LYRICS200", "Lyrics3"), (b"3DI", "ID3v2 footer")):
        ends = (tail[-32:], tail[-160:-128], tail[-9:], tail[-137:-128], tail[-10:])
        if any(end.startswith(mark) for end in ends):
            yield name


def _comments(block: bytes, where: str) -> Iterator[str]:
    vendor = int.from_bytes(block[:4], "little")
    place = 8 + vendor
    count = int.from_bytes(block[4 + vendor : place], "little")
    for _ in range(min(count, MOST_FIELDS)):
        length = int.from_bytes(block[place : place + 4], "little")
        text = block[place + 4 : place + 4 + length]
        place += 4 + length
        yield f"{where}/{field_name(text.partition(b'=')[0].upper())}"
        if place >= len(block):
            return


def _ogg_headers(file: BinaryIO, size: int) -> Iterator[tuple[int, bytes]]:
    """Yield the first packets of each stream with their number: headers are at most three."""
    streams: dict[bytes, tuple[int, bytes]] = {}
    place = 0
    while place < min(size, MOST_TAG_BYTES):
        file.seek(place)
        head = file.read(27)
        if len(head) < 27 or head[:4] != b"OggS":
            return
        lengths = file.read(head[26])
        body = file.read(sum(lengths))
        place += 27 + len(lengths) + len(body)
        number, packet = streams.get(head[14:18], (0, b""))
        start = 0
        for length in lengths:
            packet += body[start : start + length]
            start += length
            if length < 255:
                if number < 3:
                    yield number, packet
                number, packet = number + 1, b""
        streams[head[14:18]] = (number, packet)
        if streams and all(n >= 3 for n, _ in streams.values()):
            return


def _id3_frames(tag: bytes, version: int) -> Iterator[str]:
    letters, head = (3, 6) if version == 2 else (4, 10)
    place = 0
    for _ in range(MOST_FIELDS):
        name = tag[place : place + letters]
        if len(name) < letters or not name.strip(b"\0"):
            return
        raw = tag[place + letters : place + letters + (3 if version == 2 else 4)]
        length = _sevens(raw) if version >= 4 else int.from_bytes(raw)
        yield f"ID3v2/{field_name(name)}"
        place += head + length


def _sevens(raw: bytes) -> int:
    """Return a number of seven bits a byte (ID3v2.4, 6.2)."""
    value = 0
    for byte in raw:
        value = value << 7 | byte & 0x7F
    return value
