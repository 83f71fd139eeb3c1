"""What stands beside the recordings of the DAIC corpora: labels, turns and series of measures.

Both corpora come with tables by participant (PHQ-8, gender ...) whose columns are spelt in several
ways from release to release, so names are compared without case and signs.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mindveil.corpus.columns import is_number
from mindveil.corpus.imports.csv_answers import USUAL_BLANKS
from mindveil.corpus.imports.spreadsheet import read_spreadsheet
from mindveil.corpus.model import Attribute, Column, Response
from mindveil.errors import InputError

PHQ8_ITEMS = (
    *("phq8nointerest", "phq8depressed", "phq8sleep", "phq8tired"),
    *("phq8appetite", "phq8failure", "phq8concentrating", "phq8moving"),
)
"""Columns of the items in the order of the form (Kroenke et al. 2009), as folded names."""

CUTOFF = 10
"""A PHQ-8 total from here on counts as depression: Kroenke et al. 2009, J Affect Disord 114:163."""

SEX = Column(
    role="quasi",
    kind="nominal",
    levels=("female", "male"),
    description="sex as told in the tables of labels",
)
LARGEST_TRANSCRIPT = 1 << 24

_FOLDERS = (".", "labels", "labels/labels")
_IDS = ("participantid", "participant")
_TOTALS = ("phq8score", "phqscore", "phq8total")
_BINARIES = ("phq8binary", "phqbinary")
_SEXES = {
    "0": "female",
    "1": "male",
    "female": "female",
    "male": "male",
    "f": "female",
    "m": "male",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The cells of each participant by folded column name, from all tables; empty ones left out."""

    rows: Mapping[str, Mapping[str, str]]
    tables: tuple[str, ...]

    def cell(self, person: str, *names: str) -> str:
        """Return the first cell that is there under one of these names, or an empty text."""
        row = self.rows.get(person, {})
        return next((row[name] for name in names if name in row), "")

    def sex(self, person: str) -> Attribute:
        """Return the sex of a participant: 0 is female and 1 male in the older tables."""
        return _SEXES.get(_whole(self.cell(person, "gender", "sex")).lower())

    def number(self, person: str, low: float, high: float, *names: str) -> float | None:
        """Return a number from a range, or None where there is none that can be believed."""
        cell = self.cell(person, *names)
        number = float(cell) if is_number(cell) else math.nan
        return number if low <= number <= high else None


@dataclass(slots=True)
class Scored:
    """PHQ-8 answers by participant, and whose labels contradict themselves."""

    responses: dict[str, Response] = field(default_factory=dict)
    totals: list[str] = field(default_factory=list)
    binaries: list[str] = field(default_factory=list)

    def notes(self) -> Iterator[str]:
        """Say whose labels disagree, and what was done."""
        if self.totals:
            yield (
                "the PHQ-8 total disagrees with the items, whose sum is taken, of participants "
                f"{', '.join(self.totals)}"
            )
        if self.binaries:
            yield (
                f"the published yes/no label disagrees with a total of {CUTOFF} or more of "
                f"participants {', '.join(self.binaries)}; it is not imported, the total is"
            )


def read_labels(source: Path) -> Labels:
    """Read every table of participants that lies in the folder or in its folder ``labels``.

    Raises:
        InputError: there is none, or one cannot be read.
    """
    rows: dict[str, dict[str, str]] = {}
    names = []
    for path in (p for folder in _FOLDERS for p in sorted((source / folder).glob("*.csv"))):
        table = read_spreadsheet(path)
        folded = [_folded(name) for name in table.header]
        at = next((folded.index(name) for name in _IDS if name in folded), None)
        if at is None:
            continue
        names.append(path.name)
        for row in table.rows:
            own = rows.setdefault(_whole(row[at].strip()), {})
            for name, cell in zip(folded, row, strict=True):
                if cell.strip() not in USUAL_BLANKS:
                    own.setdefault(name, cell.strip())
    if not names:
        raise InputError(
            f"{source.name} holds no table of participants (a .csv with a column Participant_ID, "
            "as in train_split.csv); put those of the release there, or into a folder labels"
        )
    return Labels(rows=rows, tables=tuple(names))


def score_phq8(labels: Labels, people: Sequence[str]) -> Scored:
    """Return the PHQ-8 of each participant who has one.

    Complete items outweigh a total that disagrees with them; with missing items the published
    total is kept.
    """
    scored = Scored()
    for person in people:
        items = tuple(_answer(labels.number(person, 0, 3, name)) for name in PHQ8_ITEMS)
        total = labels.number(person, 0, 24, *_TOTALS)
        told = [item for item in items if item is not None]
        if len(told) == len(items):
            if total is not None and total != sum(told):
                scored.totals.append(person)
            total = float(sum(told))
        if told or total is not None:
            scored.responses[person] = Response(items=items if told else (), total=total)
        binary = labels.number(person, 0, 1, *_BINARIES)
        if total is not None and binary is not None and (total >= CUTOFF) != bool(binary):
            scored.binaries.append(person)
    return scored


def read_rows(path: Path, separator: str) -> list[dict[str, str]]:
    """Return the rows of a transcript by folded column name; a short row lacks its last cells.

    Tab-separated ones hold stray quotation marks, which mean nothing there.

    Raises:
        InputError: the file cannot be read as a table.
    """
    if path.stat().st_size > LARGEST_TRANSCRIPT:
        raise InputError(f"{path.name} has more than {LARGEST_TRANSCRIPT >> 20} MB; check the file")
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    lines = io.StringIO(text.replace("\x00", ""), newline="")
    try:
        if separator == "\t":
            cells = list(csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE))
        else:
            cells = list(csv.reader(lines, delimiter=separator))
    except csv.Error:
        raise InputError(f"{path.name} is not a regular table; download it again") from None
    header = [_folded(name) for name in cells[0]] if cells else []
    return [dict(zip(header, row, strict=False)) for row in cells[1:] if any(row)]


def seconds_of(cell: str) -> float | None:
    """Return a time in seconds, or None where the cell tells none.

    >>> seconds_of(" 36.588"), seconds_of("-1"), seconds_of("soon")
    (36.588, None, None)
    """
    text = cell.strip()
    return float(text) if is_number(text) and float(text) >= 0 else None


def _folded(name: str) -> str:
    """Return a column name without case and signs.

    >>> _folded("PHQ_8NoInterest"), _folded("PCL-C (PTSD)")
    ('phq8nointerest', 'pclcptsd')
    """
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _whole(cell: str) -> str:
    return re.sub(r"\.0+$", "", cell)


def _answer(number: float | None) -> int | None:
    return int(number) if number is not None and number.is_integer() else None
