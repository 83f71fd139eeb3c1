r"""Tab-separated tables: how every table of a corpus is written and read back exactly.

UTF-8, one line end ``\\n``, cells with tabs, line ends or quotation marks quoted as in RFC 4180,
``n/a`` for a missing value (BIDS). Two things are special:

- **Formulas.** A spreadsheet runs a cell that starts with ``=``, ``+``, ``-`` or ``@``. Such a
  cell (also behind spaces, or in full width) is written with one apostrophe in front, and reading
  takes one off again. Cells that already start with apostrophes and such a sign get one more, so
  that nothing is ambiguous; plain negative numbers stay as they are.
- **Faults are findings.** Reading names the line and goes on where it can.
"""

from __future__ import annotations

import csv
import io
import re
import stat
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mindveil.corpus.findings import Finding, error, warning
from mindveil.corpus.paths import inside
from mindveil.errors import RefusedError

MISSING = "n/a"
BLANK = frozenset({"", MISSING, "N/A"})
"""Cells of a corpus that mean that a value is missing."""

LARGEST_BYTES = 1 << 28
"""Of one table; a whole country's questionnaires are smaller."""

LONGEST_CELL = 131_072
"""Characters; what the csv module reads."""

_FORMULA = re.compile(r"'*\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"-[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_TO_QUOTE = re.compile(r'[\t\n\r"]')
_BOM = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table that was read: the header, the rows, and in which line each row ends."""

    file: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]

    def column(self, name: str) -> list[str]:
        """Return the cells of a column, top to bottom."""
        at = self.header.index(name)
        return [row[at] for row in self.rows]


def shield(cell: str) -> str:
    """Return the cell so that no spreadsheet takes it for a formula.

    >>> shield("=1+1"), shield("-3.5"), shield("- no"), shield("'tis")
    ("'=1+1", '-3.5', "'- no", "'tis")
    """
    if not cell or not _FORMULA.match(cell) or _NUMBER.fullmatch(cell):
        return cell
    return "'" + cell


def unshield(cell: str) -> str:
    """Take off the apostrophe that ``shield`` put in front: ``unshield(shield(x)) == x``."""
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def table_text(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    r"""Return a table as text, formulas shielded; ``n/a`` is left to the caller.

    >>> table_text(["a", "b"], [["1", "=x"]])
    "a\tb\n1\t'=x\n"
    """
    # A lone empty cell would be an empty line, which reading skips.
    lines = ["\t".join([_cell(cell) for cell in row]) or '""' for row in (header, *rows)]
    return "\n".join(lines) + "\n"


def _cell(cell: str) -> str:
    safe = shield(cell)
    # A mark of byte order at the start of a file would vanish on reading.
    if _TO_QUOTE.search(safe) or safe.startswith(_BOM):
        return '"' + safe.replace('"', '""') + '"'
    return safe


def read_table(root: Path, file: str) -> tuple[Table | None, list[Finding]]:
    """Read the table at ``file`` below ``root`` and say what is wrong with it.

    The table is None where nothing can be made of the file. Rows of a wrong width are left out.
    """
    text, findings = read_text(root, file)
    if text is None:
        return None, findings
    rows, lines, fault = _parse(text, file)
    findings += fault
    if not rows:
        if not fault:
            findings.append(error("empty-file", file, "the file is empty; export it again"))
        return None, findings
    header = tuple(unshield(name).strip() for name in rows[0])
    findings += _header_faults(header, text, file)
    if any(f.severity == "error" for f in findings):
        return None, findings
    kept_rows, kept_lines = [], []
    for row, line in zip(rows[1:], lines[1:], strict=True):
        if len(row) == len(header):
            kept_rows.append(tuple([unshield(c) if c[:1] == "'" else c for c in row]))
            kept_lines.append(line)
        else:
            findings.append(_width_fault(row, header, file, line))
    table = Table(file=file, header=header, rows=tuple(kept_rows), lines=tuple(kept_lines))
    return table, findings


def read_text(root: Path, file: str) -> tuple[str | None, list[Finding]]:
    """Read a UTF-8 text file of bounded size below ``root``, or say why it cannot be read."""
    try:
        path = inside(root, file)
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return None, [error("not-a-file", file, "this is not a file; put a file there")]
        if status.st_size > LARGEST_BYTES:
            size = f"{status.st_size >> 20} MB is more than the {LARGEST_BYTES >> 20} MB allowed"
            return None, [error("too-large", file, f"{size}; split or check the file")]
        data = path.read_bytes()
    except RefusedError as refusal:
        return None, [error("path", file, str(refusal))]
    except FileNotFoundError:
        return None, [error("missing-file", file, "the file is missing; add it")]
    except OSError as fault:
        reason = fault.strerror or "unknown reason"
        return None, [error("unreadable", file, f"cannot be read ({reason}); check its rights")]
    return _decode(data, file)


def _decode(data: bytes, file: str) -> tuple[str | None, list[Finding]]:
    remedy = "save it again as UTF-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, [error("encoding", file, f"the file is UTF-16, not UTF-8; {remedy}")]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        what = f"byte 0x{data[fault.start]:02x} is not UTF-8"
        return None, [error("encoding", file, f"{what}; {remedy}", line)]
    if "\x00" in text:
        line = text.count("\n", 0, text.index("\x00")) + 1
        return None, [
            error("encoding", file, f"a NUL character, so not plain text; {remedy}", line)
        ]
    if not text.startswith(_BOM):
        return text, []
    sentence = (
        "starts with a byte-order mark, which is read over here but not by every tool; "
        "save it as 'UTF-8 without BOM'"
    )
    return text[1:], [warning("byte-order-mark", file, sentence)]


def _parse(text: str, file: str) -> tuple[list[list[str]], list[int], list[Finding]]:
    """Split text into rows; a fault of quoting ends it, since all that follows is shifted."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t", strict=True)
    rows, lines = [], []
    try:
        for row in reader:
            if row:
                rows.append(row)
                lines.append(reader.line_num)
    except csv.Error as fault:
        if "limit" in str(fault):
            sentence = f"a cell of more than {LONGEST_CELL:,} characters; divide it into turns"
        else:
            sentence = (
                "a cell opens with a quotation mark that does not close before the next tab; "
                'double every quotation mark inside (") and put one at both ends'
            )
        first = (lines[-1] if lines else 0) + 1
        return rows, lines, [error("quoting", file, sentence, first)]
    return rows, lines, []


def _header_faults(header: tuple[str, ...], text: str, file: str) -> list[Finding]:
    first = text[: text.find("\n")] if "\n" in text else text
    for sign, name in ((",", "commas"), (";", "semicolons")):
        if len(header) == 1 and sign in first:
            sentence = (
                f"cells are separated by {name}; a .tsv needs tabs: export it again with tabs"
            )
            return [error("separator", file, sentence)]
    if "" in header:
        place = header.index("") + 1
        return [error("header", file, f"column {place} has no name; name or remove it", 1)]
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        places = [n for n, name in enumerate(header, start=1) if name == twice[0]][:2]
        sentence = f"columns {places[0]} and {places[1]} have the same name; rename or remove one"
        return [error("header", file, sentence, 1)]
    return []


def _width_fault(row: Sequence[str], header: Sequence[str], file: str, line: int) -> Finding:
    sentence = (
        f"{len(row)} cells where the header has {len(header)}; "
        "quote cells that hold tabs, write n/a for missing values"
    )
    return error("width", file, sentence, line)
