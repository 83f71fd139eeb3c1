"""What is found in one file of a release, by what kind of file it is."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from mindveil.attack.disguises import LeakKind, Sought
from mindveil.attack.file_headers import disk_kinds, header_kinds
from mindveil.attack.file_names import code_kinds, name_kinds, visit_kinds
from mindveil.attack.hidden_words import binary_in, bytes_in, kinds_in, spoken_in
from mindveil.attack.original_files import OriginalFiles
from mindveil.corpus.description import DatasetSheet
from mindveil.corpus.layout import DATASET
from mindveil.corpus.media_formats import FORMATS
from mindveil.corpus.people import ID, SESSION

LARGEST = 1 << 31
_MODALITY = re.compile(r"/(text|voice|face)/")
_NUMBERED = re.compile(r"unnamed.*|index|level_0|", re.IGNORECASE)
_SPOKEN = ("_transcript.tsv", "_words.tsv")
_LONGEST = 1 << 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Looks into the files of a release, each content once however many names it has."""

    originals: OriginalFiles
    changed: frozenset[str] = frozenset()
    seen: dict[tuple[int, int, str], frozenset[LeakKind]] = field(default_factory=dict)

    def kinds(self, path: Path, place: str) -> set[LeakKind]:
        """Return everything that a file gives away: its name, what the disk says, its content."""
        sought = self.originals.sought
        found = name_kinds(place, sought) | disk_kinds(path, sought, self.originals.numbers)
        if path.is_symlink():
            return found
        about = path.stat()
        if about.st_mtime_ns in self.originals.times:
            found.add("time")
        if about.st_size > LARGEST:
            return found | {"unreadable"}
        key = (about.st_dev, about.st_ino, path.suffix)
        if key not in self.seen:
            try:
                self.seen[key] = frozenset(self._content(path, place))
            except OSError:  # what cannot be read was not searched
                self.seen[key] = frozenset({"unreadable"})
        return found | self.seen[key]

    def _content(self, path: Path, place: str) -> set[LeakKind]:
        data, ending, sought = path.read_bytes(), path.suffix.lower(), self.originals.sought
        found = header_kinds(path, data)
        modality = _MODALITY.search(f"/{place}")
        recorded = ending in FORMATS and FORMATS[ending].shape != "table"
        due = modality is not None and modality[1] in self.changed
        if recorded and due and self.originals.holds(data):
            found.add("same bytes")
        if ending == ".tsv":
            found |= table_kinds(data, path.name, sought)
        elif ending == ".json":
            found |= json_kinds(data, path.name, sought)
        elif ending in FORMATS or ending == ".safetensors":
            found |= binary_in(data, sought)
        else:
            found |= bytes_in(data, sought)
        return found


def table_kinds(data: bytes, name: str, sought: Sought) -> set[LeakKind]:
    """Return what a table tells outside of what people said, and ids in what they said."""
    found: set[LeakKind] = set()
    try:
        rows = [row for row in csv.reader(io.StringIO(data.decode()), delimiter="\t") if row]
    except (UnicodeDecodeError, csv.Error):
        return bytes_in(data, sought) | found | {"unreadable"}
    header = rows[0] if rows else []
    spoken = name.endswith(_SPOKEN)
    said = [row.pop() for row in rows[1:] if spoken and len(row) == len(header)]
    due = len(header) - spoken
    if any(len(row) != due or row[0].startswith("#") for row in rows[1:]):
        found.add("comment")
    if any(_NUMBERED.fullmatch(column) for column in header):
        found.add("unexpected field")
    for column, kinds in ((ID, code_kinds), (SESSION, None)):
        if column in header and header.index(column) < due:
            at = header.index(column)
            cells = {row[at] for row in rows[1:] if len(row) > at}
            for cell in cells:
                found |= kinds(cell, sought) if kinds else visit_kinds(cell)
    found |= kinds_in("\n".join("\t".join(row) for row in rows), sought)
    return found | spoken_in("\n".join(said), sought)


def json_kinds(data: bytes, name: str, sought: Sought) -> set[LeakKind]:
    """Return what a JSON file tells, its names of fields included."""
    found = bytes_in(data, sought)
    try:
        told = json.loads(data)
    except (RecursionError, ValueError):
        return found | {"unreadable"}
    if name == DATASET and isinstance(told, dict) and told.keys() - DatasetSheet.model_fields:
        found.add("unexpected field")
    return found
