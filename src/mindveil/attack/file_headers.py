"""What a file says beside its content: tags, hidden bytes behind its end, attributes, links.

Bytes behind the end of a recording are seen by no decoder and by every thief. A FLAC file ends
with a frame whose checksum is right (RFC 9639, 9.3), a safetensors file where its header says, an
MP4 file with a whole atom, a Parquet file with its mark.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path

from mindveil.attack.disguises import LeakKind, Sought
from mindveil.attack.hidden_words import kinds_in
from mindveil.corpus.media_formats import FORMATS, atoms
from mindveil.corpus.media_metadata import metadata_of
from mindveil.errors import InputError

_FLAC_MAKER = b"reference libFLAC"
_PARQUET_MAKER = "parquet-cpp-arrow"
_BEHIND = "bytes behind"
_FREE_TEXT = "__metadata__"
_CANDIDATES = 64
_SYNC = (b"\xff\xf8", b"\xff\xf9")
_COMMENT = 4


def header_kinds(path: Path, data: bytes) -> set[LeakKind]:
    """Return what a recording or a table of measures says beside what is heard, seen or measured."""
    if path.suffix.lower() not in FORMATS:
        return _of_tensors(data) if path.suffix.lower() == ".safetensors" else set()
    try:
        fields = metadata_of(path)
    except InputError:
        return {"unreadable"}
    found: set[LeakKind] = set()
    for field in fields:
        found.add("appended bytes" if field.startswith(_BEHIND) else "metadata")
    if _is_longer(path, data):
        found.add("appended bytes")
    if path.suffix == ".flac" and not _flac_maker(data).startswith(_FLAC_MAKER):
        found.add("encoder")
    if path.suffix == ".parquet":
        found |= _columns(path)
    return found


def disk_kinds(path: Path, sought: Sought, originals: frozenset[tuple[int, int]]) -> set[LeakKind]:
    """Return what the disk says of a file: attributes, and that it is an original or leads to one.

    ``originals`` are the numbers (device, file) of the files of the originals.
    """
    if path.is_symlink():
        return {"link"}
    found: set[LeakKind] = set()
    about = path.stat()
    if (about.st_dev, about.st_ino) in originals:
        found.add("link")
    names = _attributes(path)
    if names:
        found.add("attribute")
        found |= kinds_in("\n".join(names), sought)
    return found


def length_ms(path: Path) -> int | None:
    """Return how long a FLAC, WAV or Ogg recording says it lasts, in milliseconds; else nothing."""
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(max(0, path.stat().st_size - 65_536))
        tail = file.read() if head.startswith(b"OggS") else b""
    samples, rate = 0, 0
    if head.startswith(b"fLaC") and len(head) >= 42:
        packed = int.from_bytes(head[18:26])
        rate, samples = packed >> 44, packed & (1 << 36) - 1
    elif head[:4] == b"RIFF" and b"fmt " in head and b"data" in head:
        at, data = head.index(b"fmt ") + 8, head.index(b"data") + 4
        rate = int.from_bytes(head[at + 8 : at + 12], "little")
        samples = int.from_bytes(head[data : data + 4], "little")
    elif b"OggS" in tail:
        last = tail.rindex(b"OggS")
        samples, rate = int.from_bytes(tail[last + 6 : last + 14], "little"), 48_000
        if (at := head.find(b"\x01vorbis")) >= 0:
            rate = int.from_bytes(head[at + 12 : at + 16], "little")
        elif (at := head.find(b"OpusHead")) >= 0:
            samples -= int.from_bytes(head[at + 10 : at + 12], "little")
    return round(1000 * samples / rate) if rate else None


def _attributes(path: Path) -> list[str]:
    """Return extended attributes of the user with what they say, where the disk has any."""
    if not hasattr(os, "listxattr"):
        return []
    try:
        names = [n for n in os.listxattr(path) if n.startswith("user.")]
        return [f"{n}\n{os.getxattr(path, n).decode('utf-8', errors='replace')}" for n in names]
    except OSError:
        return []


def _is_longer(path: Path, data: bytes) -> bool:
    """Whether anything stands behind the end of a file."""
    ending = path.suffix.lower()
    if ending == ".flac":
        return not _flac_ends(data)
    if ending == ".mp4":
        return not _mp4_ends(path, len(data))
    if ending == ".parquet":
        return not data.endswith(b"PAR1")
    return False


def _flac_ends(data: bytes) -> bool:
    """Whether the last bytes close a frame: the checksum over it and itself is then nothing."""
    place = len(data)
    for _ in range(_CANDIDATES):
        place = max(data.rfind(mark, 0, place) for mark in _SYNC)
        if place < 0:
            return False
        if _is_frame_head(data[place : place + 16]) and _crc16(data[place:]) == 0:
            return True
    return False


def _is_frame_head(head: bytes) -> bool:
    """Whether bytes begin a frame: its header is 5 to 15 bytes and ends with its own checksum."""
    return any(_crc8(head[:length]) == 0 for length in range(6, min(len(head), 16) + 1))


def _of_tensors(data: bytes) -> set[LeakKind]:
    try:
        start = 8 + int.from_bytes(data[:8], "little")
        told = json.loads(data[8:start])
        ends = [about["data_offsets"][1] for name, about in told.items() if name != _FREE_TEXT]
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return {"unreadable"}
    found: set[LeakKind] = {"metadata"} if _FREE_TEXT in told else set()
    return found | ({"appended bytes"} if len(data) != start + max(ends, default=0) else set())


def _mp4_ends(path: Path, size: int) -> bool:
    with path.open("rb") as file:
        ends = [end for _, _, end in atoms(file, 0, size)]
    return bool(ends) and ends[-1] == size


def _flac_maker(data: bytes) -> bytes:
    place, last = 4, False
    while not last and place + 8 <= len(data):
        last, kind = bool(data[place] & 0x80), data[place] & 0x7F
        length = int.from_bytes(data[place + 1 : place + 4])
        if kind == _COMMENT:
            size = int.from_bytes(data[place + 4 : place + 8], "little")
            return data[place + 8 : place + 8 + size]
        place += 4 + length
    return _FLAC_MAKER  # no comment at all says nothing


def _columns(path: Path) -> set[LeakKind]:
    """Return whether a table of measures holds texts, the numbers of rows, or another's mark."""
    import pyarrow.parquet as pq  # noqa: PLC0415 - slow to load

    about = pq.read_metadata(path)
    found: set[LeakKind] = set()
    if not str(about.created_by).startswith(_PARQUET_MAKER):
        found.add("encoder")
    schema = about.schema
    columns = [schema.column(i) for i in range(len(schema))]
    if any(c.name.startswith("__index") or c.physical_type == "BYTE_ARRAY" for c in columns):
        found.add("unexpected field")
    return found


def _table(polynomial: int, bits: int) -> Sequence[int]:
    top, mask = 1 << bits - 1, (1 << bits) - 1
    table = []
    for byte in range(256):
        value = byte << bits - 8
        for _ in range(8):
            value = (value << 1 ^ polynomial if value & top else value << 1) & mask
        table.append(value)
    return tuple(table)


_CRC8, _CRC16 = _table(0x07, 8), _table(0x8005, 16)
"""RFC 9639, 9.1.8 and 9.3."""


def _crc8(data: bytes) -> int:
    value = 0
    for byte in data:
        value = _CRC8[value ^ byte]
    return value


def _crc16(data: bytes) -> int:
    value = 0
    for byte in data:
        value = (value << 8 ^ _CRC16[value >> 8 ^ byte]) & 0xFFFF
    return value
