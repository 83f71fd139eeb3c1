"""In which order people stand in the files of a release: rows, codes, times, numbered columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from mindveil.attack.file_order import Ordered
from mindveil.corpus.people import ID, TABLE

_OWNER = re.compile(r"sub-([^/_]+)/ses-[^/]+/(text|voice|face)/")


def orders_in(
    files: Mapping[str, Path], person_of: Mapping[str, Mapping[str, str]]
) -> list[Ordered]:
    """Return every order of people that a release shows, by part of it."""
    found: list[Ordered] = []
    for part, behind in person_of.items():
        start = f"{part}/" if part else ""
        mine = {n: p for n, p in files.items() if n.startswith(start) and not p.is_symlink()}
        for name, path in mine.items():
            if path.suffix == ".tsv" and not _OWNER.search(name):
                found += _orders_of_table(name, path, behind)
        if behind:
            codes = {person: float(n) for n, (_, person) in enumerate(sorted(behind.items()))}
            table = f"{start}{TABLE}"
            found.append(Ordered(files=(table,) if table in mine else (), places=codes))
        found += _times(mine, behind)
    return [order for order in found if order.files]


def _orders_of_table(name: str, path: Path, behind: Mapping[str, str]) -> Iterator[Ordered]:
    """Give the order of rows, and that of columns in which everybody has another whole number."""
    try:
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8")), delimiter="\t"))
    except (UnicodeDecodeError, csv.Error):
        return
    if not rows or ID not in rows[0]:
        return
    at = rows[0].index(ID)
    body = [row for row in rows[1:] if len(row) > at and row[at] in behind]
    places: dict[str, float] = {}
    for line, row in enumerate(body):
        places.setdefault(behind[row[at]], float(line))
    yield Ordered(files=(name,), places=places)
    if len(places) < len(body):
        return
    for column in range(len(rows[0])):
        cells = [row[column] for row in body if len(row) > column]
        if column != at and len(set(cells)) == len(body) and all(map(str.isdecimal, cells)):
            values = {behind[row[at]]: float(row[column]) for row in body}
            yield Ordered(files=(name,), places=values)


def _times(files: Mapping[str, Path], behind: Mapping[str, str]) -> Iterator[Ordered]:
    """Give for each modality when the first file of each person was written."""
    first: dict[str, dict[str, int]] = {}
    names: dict[str, list[str]] = {}
    for name, path in files.items():
        owner = _OWNER.search(name)
        if owner is None or owner[1] not in behind:
            continue
        times, person = first.setdefault(owner[2], {}), behind[owner[1]]
        written = path.stat().st_mtime_ns
        times[person] = min(written, times.get(person, written))
        names.setdefault(owner[2], []).append(name)
    for modality, times in first.items():
        start = min(times.values())
        since = {person: float(time - start) for person, time in times.items()}
        yield Ordered(files=tuple(names[modality]), places=since, by_time=True)
