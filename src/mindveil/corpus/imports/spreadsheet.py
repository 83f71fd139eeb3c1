"""A table as it comes out of a spreadsheet or a statistics package: CSV in many dialects."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from mindveil.corpus.findings import meant
from mindveil.corpus.tables import LARGEST_BYTES, LONGEST_CELL, Table
from mindveil.errors import InputError

Encoding = Literal["utf-8", "utf-16", "latin-1", "cp1252"]
Separator = Literal[",", ";", "\t", "|"]

SEPARATORS: tuple[str, ...] = (",", ";", "\t", "|")


def read_spreadsheet(
    path: Path, encoding: Encoding = "utf-8", separator: Separator | None = None
) -> Table:
    """Read a table; without a separator, the one that divides the header most often is taken.

    Raises:
        InputError: the file is missing, of another encoding, or not a regular table.
    """
    text = _read(path, encoding)
    first = text[: text.find("\n")] if "\n" in text else text
    likely: str = max(SEPARATORS, key=first.count)
    rows, lines = _split(text, separator or likely, path.name)
    if not rows:
        raise InputError(f"{path.name} is empty; export it again")
    header = tuple(name.strip() for name in rows[0])
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        raise InputError(f"{path.name}: column {twice[0]!r} occurs twice; rename one of them")
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) != len(header):
            raise InputError(
                f"{path.name}, line {line}: {len(row)} cells where the header has {len(header)}; "
                "quote cells that hold the separator, or name it with separator = ..."
            )
    return Table(
        file=path.name,
        header=header,
        rows=tuple(tuple(row) for row in rows[1:]),
        lines=tuple(lines[1:]),
    )


def side_by_side(left: Table, right: Table) -> Table:
    """Return one table of two that hold the same people in the same order.

    Raises:
        InputError: the numbers of rows differ, or a column of both says different things.
    """
    names = f"{left.file} and {right.file}"
    if len(left.rows) != len(right.rows):
        raise InputError(
            f"{names} have {len(left.rows)} and {len(right.rows)} rows; "
            "tables side by side hold the same people in the same order"
        )
    shared = [name for name in right.header if name in left.header]
    for name in shared:
        cells = zip(left.column(name), right.column(name), left.lines, strict=True)
        differing = [line for mine, yours, line in cells if mine.strip() != yours.strip()]
        if differing:
            raise InputError(
                f"{names} differ in column {name!r}, line {differing[0]}; sort both in the same "
                "way, or rename the column in one of them"
            )
    new = [n for n, name in enumerate(right.header) if name not in shared]
    pairs = zip(left.rows, right.rows, strict=True)
    return Table(
        file=left.file,
        header=(*left.header, *(right.header[n] for n in new)),
        rows=tuple((*mine, *(yours[n] for n in new)) for mine, yours in pairs),
        lines=left.lines,
    )


def place_of(table: Table, name: str, wanted_by: str) -> int:
    """Return where a column stands; ``wanted_by`` says which option names it.

    Raises:
        InputError: there is no such column; names the nearest one.
    """
    if name not in table.header:
        raise InputError(
            f"{wanted_by}: {table.file} has no column {name!r}{meant(name, table.header)}"
        )
    return table.header.index(name)


def _read(path: Path, encoding: Encoding) -> str:
    if not path.is_file():
        raise InputError(f"{path} is not a file; name the table to import")
    if path.stat().st_size > LARGEST_BYTES:
        raise InputError(f"{path.name} has more than {LARGEST_BYTES >> 20} MB; split it")
    try:
        text = path.read_bytes().decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except (UnicodeDecodeError, OSError) as fault:
        what = f"is not {encoding}" if isinstance(fault, UnicodeError) else "cannot be read"
        raise InputError(
            f'{path.name} {what}; save it as UTF-8, or say encoding = "cp1252"'
        ) from None
    if "\x00" in text:
        raise InputError(f'{path.name} holds NUL characters; save it as UTF-8, or say "utf-16"')
    return text


def _split(text: str, sign: str, name: str) -> tuple[Sequence[list[str]], Sequence[int]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    try:
        for row in reader:
            if row:
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as fault:
        cause = "a quotation mark is not closed or not doubled"
        if "limit" in str(fault):
            cause = f"a cell has more than {LONGEST_CELL:,} characters"
        where = (lines[-1] if lines else 0) + 1
        raise InputError(f"{name}, line {where}: {cause}; correct it") from None
    return rows, lines
