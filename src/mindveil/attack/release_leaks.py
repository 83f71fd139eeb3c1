"""Do the files of a release, as they lie on the disk, tell who somebody is?

The dullest attacker reads file names, headers and tags, looks at times and order, and searches
tables for ids that he knows, plain or in a disguise that needs no key. He needs no model and no
luck: one file that was forgotten undoes every protection. Searched is what lies in the folder of
a release, and not what a corpus in memory holds.

Before a search its power is shown: ids and tags are planted in copies of the release's own files
and must be found, else finding nothing would mean nothing.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import numpy as np

from mindveil.attack.base import Attacker, Guesses, Holding, Knowledge
from mindveil.attack.disguises import LeakKind
from mindveil.attack.file_headers import length_ms
from mindveil.attack.file_order import following
from mindveil.attack.original_files import SOUNDS, OriginalFiles
from mindveil.attack.released_files import Reader
from mindveil.attack.released_order import orders_in
from mindveil.corpus.media_formats import FORMATS
from mindveil.corpus.model import Modality
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.release import DataRelease

LEAKS = "release/leaks"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLeak:
    """One file of a release, by its path in it, and what kinds of things it gives away."""

    file: str
    kinds: tuple[LeakKind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a search came to: how many files there were, and those that give something away.

    ``lengths_kept`` counts recordings as long as an original, to the millisecond, of ``recordings``:
    protections that keep pauses and pace keep lengths on purpose, so that it is told and no leak.
    """

    files: int
    leaks: tuple[FileLeak, ...]
    recordings: int = 0
    lengths_kept: int = 0

    @property
    def counts(self) -> dict[LeakKind, int]:
        """How many files give away each kind of thing, most first."""
        return dict(Counter(kind for leak in self.leaks for kind in leak.kinds).most_common())


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """A folder that is to be searched: which modalities its steps changed, and who is who.

    ``person_of`` gives for each part of the release (the folder of a fold, or ``""``) the person
    behind each code, by which orders are compared; nothing where records are nobody's.
    """

    folder: Path
    changed: frozenset[str] = frozenset()
    person_of: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLeaks:
    """Search every file of a release for what tells who somebody is.

    Source: the file-level checks of HIPAA Safe Harbor (45 CFR 164.514(b)(2): file names, serial
    numbers, dates) and of the DICOM de-identification profiles (PS3.15).

    Limits: It looks in names, headers, tables and packed members for what it knows: identifiers,
    codes and dates of the corpus, and traces of devices. Something that was written in another way
    or drawn into a picture is not found.
    """

    name: ClassVar[str] = LEAKS
    needs: ClassVar[AbstractSet[Modality]] = frozenset()
    modality: ClassVar[str] = "files"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant",)

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Refuse a release in memory: it has no files.

        Raises:
            InvalidMeasurement: always; ``search`` looks at a folder.
        """
        _ = knowledge, rng
        raise InvalidMeasurement(
            f"release {release.name!r} is in memory: there are no files to search for leaks"
        )

    def search(self, wanted: Search, known: OriginalFiles, rng: np.random.Generator) -> Searched:
        """Return what the files of a folder give away.

        Raises:
            InputError: there is no such folder.
            InvalidMeasurement: there is no file in it, or decoys were not found.
        """
        if not wanted.folder.is_dir():
            raise InputError(f"{wanted.folder.name} is no folder; name the folder of a release")
        files = {p.relative_to(wanted.folder).as_posix(): p for p in _files(wanted.folder)}
        if not files:
            raise InvalidMeasurement("the release has no file: there is nothing to search")
        show_power(_readable(files), known, rng)
        return _searched(files, wanted, known)


def show_power(files: Mapping[str, Path], known: OriginalFiles, rng: np.random.Generator) -> None:
    """Plant decoys in copies of up to three files and find them again.

    Raises:
        InvalidMeasurement: one was missed.
    """
    whole = [(name, path) for name, path in files.items() if not path.is_symlink()]
    of_kind: dict[str, list[tuple[str, Path]]] = {}
    for name, path in whole:
        kind = "media" if path.suffix in FORMATS else path.suffix
        of_kind.setdefault(kind, []).append((name, path))
    with tempfile.TemporaryDirectory(prefix="mindveil-") as scratch:
        reader = Reader(originals=known)
        for kind in sorted(of_kind.keys() & _DECOYS.keys())[:3]:
            name, path = of_kind[kind][int(rng.integers(len(of_kind[kind])))]
            person = known.ids[int(rng.integers(len(known.ids)))]
            decoy = Path(scratch) / f"{kind.strip('.')}{path.suffix}"
            decoy.write_bytes(_planted(kind, path.read_bytes(), person))
            if not _DECOYS[kind] & reader.kinds(decoy, name):
                raise InvalidMeasurement(
                    f"a decoy in a copy of a {path.suffix} file was not found: "
                    "finding nothing would mean nothing"
                )
        person = known.ids[int(rng.integers(len(known.ids)))]
        decoy = Path(scratch) / "decoy.tsv"
        decoy.write_text("word\n")
        place = f"sub-{person}/ses-01/text/sub-{person}_ses-01_words.tsv"
        if "id" not in reader.kinds(decoy, place):
            raise InvalidMeasurement("an id in the name of a file was not found")


_DECOYS: Mapping[str, set[LeakKind]] = {
    ".json": {"hidden id"},
    ".tsv": {"hidden id"},
    "media": {"appended bytes", "unreadable"},
    ".safetensors": {"appended bytes"},
}
"""Any of which gives a decoy away; a table whose end is gone cannot be read."""


def _planted(kind: str, data: bytes, person: str) -> bytes:
    digest = hashlib.sha256(person.encode()).hexdigest().encode()
    if kind == ".json":
        return data + b'\n{"source": "' + digest + b'"}\n'
    if kind == ".tsv":
        return data + b"# " + digest + b"\n"
    return data + digest


def _searched(files: Mapping[str, Path], wanted: Search, known: OriginalFiles) -> Searched:
    reader = Reader(originals=known, changed=wanted.changed)
    found: dict[str, set[LeakKind]] = {name: {"stray file", "unreadable"} for name in files}
    files = _readable(files)
    found |= {name: reader.kinds(path, name) for name, path in files.items()}
    for order in following(orders_in(files, wanted.person_of), known.orders):
        for name in order.files:
            found[name].add("time" if order.by_time else "order")
    sounds = [p for p in files.values() if p.suffix in SOUNDS and not p.is_symlink()]
    lengths = [ms for p in sounds if (ms := length_ms(p)) is not None]
    return Searched(
        files=len(found),
        leaks=tuple(
            FileLeak(file=name, kinds=tuple(sorted(kinds)))
            for name, kinds in found.items()
            if kinds
        ),
        recordings=len(lengths),
        lengths_kept=sum(ms in known.lengths for ms in lengths),
    )


def _readable(files: Mapping[str, Path]) -> dict[str, Path]:
    """Return files and links; a pipe or a device would be read for ever."""
    return {name: path for name, path in files.items() if path.is_symlink() or path.is_file()}


def _files(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            yield path
