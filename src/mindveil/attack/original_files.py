"""What whoever kept the originals knows of their files: names, sizes, times, lengths, order."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from mindveil.attack.disguises import Sought
from mindveil.attack.file_headers import length_ms
from mindveil.corpus.answers import FOLDER
from mindveil.corpus.description import ColumnSheet, DatasetSheet, ToolSheet
from mindveil.corpus.layout import DATASET, ORDER
from mindveil.corpus.model import MODALITIES, Corpus, Kind, Role
from mindveil.corpus.people import ID, SESSION, SHEET, TABLE
from mindveil.corpus.recordings import ENDINGS
from mindveil.corpus.transcripts import TRANSCRIPT

SOUNDS = frozenset({".flac", ".wav", ".ogg"})
"""Endings of recordings that say how long they last."""

_RUN = re.compile(r"[^\W_]+")
_LAYOUT = (
    *(DATASET, TABLE, SHEET, ORDER, FOLDER, TRANSCRIPT, ID, SESSION),
    *(ending for endings in ENDINGS.values() for ending in endings),
    *("sub ses task run fold model release key guarantees", "turn speaker text start end total"),
    *("participant interviewer", "true false null", *MODALITIES, *get_args(Role), *get_args(Kind)),
    *(f for sheet in (DatasetSheet, ColumnSheet, ToolSheet) for f in sheet.model_fields),
)
"""Texts with the words that stand in the names and tables of every release."""

_FEW = 3
"""Files of the originals that may share a time for it to be theirs, and people a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalFiles:
    """The people, and the files that lie in their folder.

    ``numbers`` are those by which the disk knows the files, ``times`` when they were written (in
    ns), ``sizes`` which files have how many bytes, ``lengths`` how long recordings last (in ms);
    ``orders`` are the places of people in the table, by id and by the time of their files.
    """

    sought: Sought
    ids: tuple[str, ...]
    numbers: frozenset[tuple[int, int]]
    times: frozenset[int]
    sizes: Mapping[int, tuple[Path, ...]]
    lengths: frozenset[int]
    orders: tuple[Mapping[str, float], ...]

    @classmethod
    def of(cls, corpus: Corpus, folder: Path | None = None) -> OriginalFiles:
        """Return what is known of a corpus, and of the folder it lies in where there is one."""
        files = tuple(_files(corpus, folder))
        stats = [path.stat() for path in files]
        times = Counter(about.st_mtime_ns for about in stats)
        sizes: dict[int, list[Path]] = {}
        for path, about in zip(files, stats, strict=True):
            sizes.setdefault(about.st_size, []).append(path)
        written = {p: t for p, t in zip(map(_person, files), stats, strict=True) if p}
        by_time = {p: float(about.st_mtime_ns - min(times)) for p, about in written.items()}
        return cls(
            sought=sought_of(corpus),
            ids=corpus.ids,
            numbers=frozenset((about.st_dev, about.st_ino) for about in stats),
            times=frozenset(time for time, count in times.items() if count <= _FEW),
            sizes={size: tuple(paths) for size, paths in sizes.items()},
            lengths=frozenset(ms for p in _sounds(corpus) if (ms := length_ms(p)) is not None),
            orders=_orders(corpus.ids, by_time),
        )

    def holds(self, data: bytes) -> bool:
        """Whether some bytes are those of an original, from the first to the last."""
        alike = self.sizes.get(len(data), ())
        mine = hashlib.sha256(data).digest() if alike else b""
        return any(hashlib.sha256(path.read_bytes()).digest() == mine for path in alike)


def sought_of(corpus: Corpus) -> Sought:
    """Return the words by which people of a corpus could be told."""
    columns = [name for name, c in corpus.columns.items() if c.role == "identifier"]
    values = Counter(
        str(p.attributes[c]) for p in corpus.participants for c in columns if p.attributes.get(c)
    )
    return Sought.of(
        ids=corpus.ids,
        identifiers=[value for value, count in values.items() if count <= _FEW],
        sessions=[s.session_id for p in corpus.participants for s in p.sessions],
        files=[path.name for path in _media(corpus)],
        common=common_words(corpus),
    )


def common_words(corpus: Corpus) -> frozenset[str]:
    """Return the words, folded, that a release shows whoever is in it.

    They are the layout's own, the names of columns and questionnaires, and values that more than
    a few people share. Who is called so cannot be told from them. What was written freely is not
    among them: a description may name somebody.
    """
    told = [*_LAYOUT, *corpus.tools, *corpus.columns]
    for name, column in corpus.columns.items():
        if column.role != "identifier":
            values = Counter(str(p.attributes.get(name, "")) for p in corpus.participants)
            told += [v for v, count in values.items() if count > _FEW]
    words = {run for text in told for run in _RUN.findall(text.casefold())}
    return frozenset(words | {text.casefold() for text in told})


def _files(corpus: Corpus, folder: Path | None) -> Iterator[Path]:
    there = sorted(folder.rglob("*")) if folder is not None else list(_media(corpus))
    yield from (path for path in there if path.is_file() and not path.is_symlink())


def _media(corpus: Corpus) -> Iterator[Path]:
    for person in corpus.participants:
        for session in person.sessions:
            for files in session.media.values():
                yield from (file.path for file in files)


def _sounds(corpus: Corpus) -> list[Path]:
    return [path for path in _media(corpus) if path.suffix in SOUNDS and path.is_file()]


def _person(path: Path) -> str:
    """Return in whose folder a file lies; nothing where it is nobody's.

    The innermost counts: the corpus itself may lie in a folder of such a name.
    """
    owner = next((part for part in reversed(path.parent.parts) if part.startswith("sub-")), "")
    return owner.removeprefix("sub-")


def _orders(ids: tuple[str, ...], by_time: Mapping[str, float]) -> tuple[Mapping[str, float], ...]:
    table = {person: float(place) for place, person in enumerate(ids)}
    by_id = {person: float(place) for place, person in enumerate(sorted(ids))}
    return tuple(order for order in (table, by_id if by_id != table else {}, by_time) if order)
