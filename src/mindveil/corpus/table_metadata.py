"""Metadata of tables: the keys that programs leave in the footer of a Parquet file.

The footer is read by a small reader of Thrift's compact protocol, so that no more than its own
bytes are ever looked at. Sources: parquet-format, ``parquet.thrift`` (FileMetaData,
ColumnMetaData); Thrift, "compact protocol encoding".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mindveil.corpus.field_names import field_name

Value = bytes | int | bool | list["Value"] | dict[int, "Value"]

MOST_FOOTER = 1 << 24
MOST_DEPTH = 16

_KEYS, _GROUPS, _COLUMNS, _CHUNK, _CHUNK_KEYS, _KEY = 5, 4, 1, 3, 8, 1


def parquet_fields(file: BinaryIO, size: int) -> Iterator[str]:
    """Yield every key of the file and of its columns."""
    file.seek(max(0, size - 8))
    length = int.from_bytes(file.read(4), "little")
    if length > min(MOST_FOOTER, size - 12):
        yield "footer beyond reading"
        return
    file.seek(size - 8 - length)
    try:
        footer = _Reader(data=file.read(length)).structure(0)
    except (IndexError, ValueError):
        yield "footer beyond reading"
        return
    for pair in _list(footer.get(_KEYS)):
        yield f"key/{_key(pair)}"
    for group in _list(footer.get(_GROUPS)):
        for column in _list(_at(group, _COLUMNS)):
            for pair in _list(_at(_at(column, _CHUNK), _CHUNK_KEYS)):
                yield f"column key/{_key(pair)}"


def _list(value: Value | None) -> list[Value]:
    return value if isinstance(value, list) else []


def _at(value: Value | None, number: int) -> Value | None:
    return value.get(number) if isinstance(value, dict) else None


def _key(pair: Value) -> str:
    name = _at(pair, _KEY)
    return field_name(name) if isinstance(name, bytes) else "nameless"


@dataclass(slots=True)
class _Reader:
    """Thrift's compact protocol, from the start of ``data``."""

    data: bytes
    place: int = 0

    def structure(self, depth: int) -> dict[int, Value]:
        if depth > MOST_DEPTH:
            raise ValueError("too deep")
        fields: dict[int, Value] = {}
        number = 0
        while (head := self._byte()) != 0:
            number = number + (head >> 4) if head >> 4 else self._signed()
            fields[number] = self._value(head & 0x0F, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Value:
        match kind:
            case 1 | 2:
                value: Value = kind == 1
            case 3:
                value = self._byte()
            case 4 | 5 | 6:
                value = self._signed()
            case 7:
                value = self._bytes(8)
            case 8:
                value = self._bytes(self._unsigned())
            case 9 | 10:
                value = self._several(depth)
            case 12:
                value = self.structure(depth + 1)
            case _:
                raise ValueError("no such kind")
        return value

    def _several(self, depth: int) -> list[Value]:
        head = self._byte()
        count = head >> 4 if head >> 4 != 15 else self._unsigned()
        if count > len(self.data):
            raise ValueError("more than there are bytes")
        kind = head & 0x0F
        # In a list a truth value takes a byte; a field holds it in its head.
        return [
            self._byte() == 1 if kind in {1, 2} else self._value(kind, depth + 1)
            for _ in range(count)
        ]

    def _byte(self) -> int:
        self.place += 1
        return self.data[self.place - 1]

    def _bytes(self, length: int) -> bytes:
        if self.place + length > len(self.data):
            raise ValueError("cut off")
        self.place += length
        return self.data[self.place - length : self.place]

    def _unsigned(self) -> int:
        value, shift = 0, 0
        while (byte := self._byte()) & 0x80:
            value |= (byte & 0x7F) << shift
            shift += 7
            if shift > 63:
                raise ValueError("too long a number")
        return value | byte << shift

    def _signed(self) -> int:
        value = self._unsigned()
        return value >> 1 ^ -(value & 1)
