"""What whoever kept the originals knows of their files: names, sizes, times, lengths, order."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from mindveil.attack.disguises import Sought
from mindveil.attack.file_headers import length_ms
from mindveil.corpus.model import Corpus

SOUNDS = frozenset({".flac", ".wav", ".ogg"})
"""Endings of recordings that say how long they last."""

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
    )


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
    """Return in whose folder a file lies; nothing where it is nobody's."""
    owner = next((part for part in path.parts if part.startswith("sub-")), "")
    return owner.removeprefix("sub-")


def _orders(ids: tuple[str, ...], by_time: Mapping[str, float]) -> tuple[Mapping[str, float], ...]:
    table = {person: float(place) for place, person in enumerate(ids)}
    by_id = {person: float(place) for place, person in enumerate(sorted(ids))}
    return tuple(order for order in (table, by_id if by_id != table else {}, by_time) if order)
