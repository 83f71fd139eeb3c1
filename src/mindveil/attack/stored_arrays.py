"""Everything in a file that could be a table of people: arrays and texts, however they are packed.

An auditor who does not know how a model was saved tries what a careless or a cunning program
would have done: tensors of a safetensors file, arrays of a zip, JSON, lines of numbers, raw bytes
of any width, and the same inside base64 or a compressed stream, a few layers deep.
"""

from __future__ import annotations

import base64
import binascii
import bz2
import gzip
import io
import json
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load as read_tensors

Array = NDArray[np.generic]

MOST_BYTES = 1 << 28
"""What is unpacked from one stream at most: a bomb is no table."""

_LAYERS = 4
_LEAST_TEXT = 24
_RAW = ("uint8", "int16", "int32", "int64", "float32", "float64")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{24,}={0,2}")
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An array that was found, and how it was reached."""

    place: str
    values: Array


def contents(data: bytes, place: str, layer: int = 0) -> Iterator[Stored | bytes]:
    """Give every array in some bytes, and every stream of bytes on the way to them."""
    yield data
    if len(data) < 2:
        return
    tensors = _tensors(data)
    if tensors:
        yield from (Stored(place=f"{place}: {n}", values=t) for n, t in tensors.items())
        yield data[: 8 + int.from_bytes(data[:8], "little")]
        return
    told = _json(data)
    if told is not None:
        yield from _json_arrays(told, place, layer)
        return
    yield from _lines(data, place)
    yield from _raw(data, place)
    if layer < _LAYERS:
        for name, inner in _unpacked(data):
            yield from contents(inner, f"{place} > {name}", layer + 1)


def _tensors(data: bytes) -> dict[str, Array]:
    """Return the arrays of a safetensors or NumPy file; none where it is neither."""
    if data[:6] == b"\x93NUMPY":
        try:
            return {"array": np.load(io.BytesIO(data), allow_pickle=False)}
        except (OSError, ValueError):
            return {}
    if len(data) < 10 or data[8:9] != b"{":
        return {}
    try:
        return dict(read_tensors(data))
    except (SafetensorError, KeyError, TypeError, ValueError):
        return {}


def _json(data: bytes) -> object | None:
    if data.lstrip()[:1] not in (b"{", b"[", b'"'):
        return None
    try:
        told: object = json.loads(data)
    except (RecursionError, ValueError):
        return None
    return told


def _json_arrays(told: object, place: str, layer: int) -> Iterator[Stored | bytes]:
    """Give lists of numbers, tables of them, columns side by side, and what strings hold."""
    if isinstance(told, str):
        if len(told) >= _LEAST_TEXT and layer < _LAYERS:
            yield from contents(told.encode(), place, layer + 1)
        return
    if isinstance(told, dict):
        found = _array(list(told.values()))
        if found is not None:
            yield Stored(place=f"{place}: columns", values=found)
        for name, inner in told.items():
            yield from _json_arrays(inner, f"{place}: {name}"[:120], layer)
        return
    if isinstance(told, list):
        found = _array(told)
        if found is not None:
            yield Stored(place=place, values=found)
            return
        if told and all(isinstance(t, str) for t in told):
            yield from contents("\n".join(map(str, told)).encode(), place, layer + 1)
        for inner in told:
            yield from _json_arrays(inner, place, layer)


def _array(told: list[object]) -> Array | None:
    """Return nested lists of numbers as an array, missing ones as -1; none where they are not."""
    if not told:
        return None
    if all(isinstance(t, dict) for t in told):
        told = [list(t.values()) for t in told if isinstance(t, dict)]
    if all(isinstance(t, list) for t in told):
        told = [[-1 if c is None else c for c in t] for t in told if isinstance(t, list)]
    try:
        found = np.asarray(told)
    except ValueError:
        return None
    return found if found.dtype.kind in "iufb" and found.size >= _LEAST_TEXT else None


def _lines(data: bytes, place: str) -> Iterator[Stored]:
    """Give lines of numbers with anything between them, and lines of digits, as tables."""
    try:
        lines = [line for line in data.decode("utf-8").splitlines() if line.strip()]
    except UnicodeDecodeError:
        return
    rows: dict[int, list[list[float]]] = {}
    digits: dict[int, list[list[float]]] = {}
    for line in lines:
        numbers = [float(n) for n in _NUMBER.findall(line)]
        rows.setdefault(len(numbers), []).append(numbers)
        plain = [float(c) for c in line if c.isascii() and c.isdigit()]
        digits.setdefault(len(plain), []).append(plain)
    for name, tables in (("numbers", rows), ("digits", digits)):
        for width, table in tables.items():
            if width * len(table) >= _LEAST_TEXT:
                yield Stored(place=f"{place}: {name}", values=np.array(table))


def _raw(data: bytes, place: str) -> Iterator[Stored]:
    """Give the bytes as whole or floating numbers of every width."""
    for name in _RAW:
        width = np.dtype(name).itemsize
        if len(data) % width == 0 and len(data) >= _LEAST_TEXT:
            with np.errstate(invalid="ignore", over="ignore"):
                values = np.frombuffer(data, dtype=name)
                if (
                    bool(np.isfinite(values).all())
                    and float(np.abs(values.astype(float)).max()) < 1e6
                ):
                    yield Stored(place=f"{place}: raw {name}", values=values)
    bits = (
        np.unpackbits(np.frombuffer(data, dtype=np.uint8)) if len(data) < MOST_BYTES // 64 else None
    )
    if bits is not None:
        yield Stored(place=f"{place}: bits", values=bits)


def _deflate(data: bytes) -> bytes:
    return zlib.decompressobj().decompress(data, MOST_BYTES)


def _plain_deflate(data: bytes) -> bytes:
    return zlib.decompressobj(-15).decompress(data, MOST_BYTES)


def _gzip(data: bytes) -> bytes:
    return gzip.GzipFile(fileobj=io.BytesIO(data)).read(MOST_BYTES)


def _bzip2(data: bytes) -> bytes:
    return bz2.BZ2Decompressor().decompress(data, MOST_BYTES)


def _xz(data: bytes) -> bytes:
    return lzma.LZMADecompressor().decompress(data, MOST_BYTES)


_STREAMS: Mapping[str, Callable[[bytes], bytes]] = {
    "deflate": _deflate,
    "plain deflate": _plain_deflate,
    "gzip": _gzip,
    "bzip2": _bzip2,
    "xz": _xz,
}


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Give what the bytes are if they are compressed, an archive, or base64."""
    for name, opened in _STREAMS.items():
        try:
            inner = opened(data)
        except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError):
            continue
        if len(inner) >= _LEAST_TEXT:
            yield name, inner
    if data[:2] == b"PK":
        yield from _archive(data)
    for match in _BASE64.finditer(data):
        try:
            plain = match.group().translate(bytes.maketrans(b"-_", b"+/")).rstrip(b"=")
            inner = base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
        except (binascii.Error, ValueError):
            continue
        if len(inner) >= _LEAST_TEXT:
            yield "base64", inner


def _archive(data: bytes) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                if entry.file_size <= MOST_BYTES:
                    yield entry.filename, archive.read(entry)
    except (EOFError, OSError, RuntimeError, ValueError, zipfile.BadZipFile, zlib.error):
        return
