"""Folders of recordings: which file is whose, and which recordings make a session.

Shared by the importers of sound and of pictures. Names of files and folders are read for what
they say and then forgotten: sessions are numbered.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Literal

from pydantic import Field

from mindveil.corpus.imports.base import Options
from mindveil.corpus.imports.csv_map import ColumnPart
from mindveil.corpus.imports.file_patterns import (
    Pattern,
    Said,
    cleaned_id,
    cleaned_task,
    read_pattern,
)
from mindveil.corpus.imports.people_table import Described, read_people_table
from mindveil.corpus.layout import natural
from mindveil.corpus.model import Modality
from mindveil.corpus.paths import inside
from mindveil.errors import InputError

Sessions = Literal["file", "folder", "halves", "pattern"]

_HALVES = "first and second half of each person's files, in the order of their names"


class FolderOptions(Options):
    """What names of files and folders mean; see the page "Bring your data"."""

    name: str = ""
    language: str = "en"
    licence: str = ""
    consent: dict[Modality, str] = Field(default_factory=dict)
    pattern: str | None = None
    sessions: Sessions | None = None
    first: list[str] = Field(default_factory=list)
    ids: Literal["names", "numbers"] = "names"
    people: str | None = None
    id: str = "participant_id"
    columns: dict[str, ColumnPart] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One file of one person, and what its place below the source says."""

    place: str
    path: Path
    said: Said

    @property
    def task(self) -> str:
        """What was asked for, as a corpus may name it."""
        return cleaned_task(self.said.task)

    @property
    def order(self) -> tuple[tuple[tuple[int, int, str], ...], ...]:
        """Recordings of a person are in this order: by run, else by name."""
        return natural(self.said.run), natural(self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """The recordings of each person by session, both in order, and what is known of people."""

    people: Mapping[str, Mapping[str, Sequence[Recording]]]
    described: Described
    pseudo_sessions: str
    notes: tuple[str, ...]


def gather(
    source: Path, settings: FolderOptions, endings: Sequence[str], beside: str | None = None
) -> Gathered:
    """Find the recordings below a folder; ``beside`` is a file, or an ending, read elsewhere.

    Raises:
        InputError: there are none, or an option does not fit what is there.
    """
    pattern = read_pattern(settings.pattern) if settings.pattern is not None else None
    used = tuple(name for name in (settings.people, beside) if name)
    recordings, notes = find_recordings(source, endings, pattern, used)
    own = _by_person(recordings)
    how = _how(settings, pattern, own)
    people = {person: _sessions(files, how, settings.first) for person, files in own.items()}
    described = Described(attributes={}, columns={}, notes=())
    if settings.people is not None:
        table = inside(source, settings.people)
        described = read_people_table(table, settings.id, settings.columns, people)
    sessions = sum(map(len, people.values()))
    counted = f"{len(people)} people, {sessions} sessions, {len(recordings)} files"
    return Gathered(
        people=people,
        described=described,
        pseudo_sessions=_declared(how, settings.first),
        notes=(f"{counted}; sessions are made by {how}", *notes, *described.notes),
    )


def find_recordings(
    source: Path, endings: Sequence[str], pattern: Pattern | None, used: Sequence[str] = ()
) -> tuple[list[Recording], list[str]]:
    """Return the recordings below a folder, and notes of what was left out.

    Files whose places end like one of ``used`` are no recordings and not counted either.

    Raises:
        InputError: the folder is none, or holds no recording that is somebody's.
    """
    if not source.is_dir():
        raise InputError(f"{source} is not a folder; name the folder that holds the recordings")
    places = sorted(_places(source), key=natural)
    wanted = [p for p in places if p.lower().endswith(tuple(endings))]
    if not wanted:
        raise InputError(
            f"{source.name} holds no file that ends in {', '.join(endings)}; name another folder"
        )
    recordings, notes = _recordings(source, wanted, pattern)
    known = {*wanted, *(p for p in places if p.endswith(tuple(used)))}
    return recordings, [*notes, *_said_other([p for p in places if p not in known])]


def final_ids(people: Sequence[str], ids: Literal["names", "numbers"]) -> dict[str, str]:
    """Return what each person is called in the corpus.

    >>> final_ids(["Ann", "Ben"], "numbers")
    {'Ann': 'P001', 'Ben': 'P002'}
    """
    if ids == "names":
        return {person: person for person in people}
    width = max(3, len(str(len(people))))
    return {person: f"P{n:0{width}d}" for n, person in enumerate(people, start=1)}


def _places(source: Path) -> Iterator[str]:
    """Yield the paths of all files below a folder, but for hidden ones."""
    for folder, below, files in os.walk(source):
        below[:] = sorted(name for name in below if not _is_hidden(name))
        here = Path(folder).relative_to(source).as_posix()
        for name in files:
            if not _is_hidden(name):
                yield name if here == "." else f"{here}/{name}"


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name == "__MACOSX"


def _said_other(places: Sequence[str]) -> list[str]:
    """Count files of other types by their ending, which must not tell more than a type."""
    endings = Counter(
        suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else "other"
        for suffix in (PurePosixPath(place).suffix.lower() for place in places)
    )
    counted = ", ".join(f"{n} {ending}" for ending, n in sorted(endings.items()))
    return [f"files of other types left out: {counted}"] if counted else []


def _recordings(
    source: Path, places: Sequence[str], pattern: Pattern | None
) -> tuple[list[Recording], list[str]]:
    recordings = []
    unread = empty = 0
    for place in places:
        said = pattern.read(place) if pattern else _said_by_folder(place)
        path = inside(source, place)
        if said is None:
            unread += 1
        elif path.stat().st_size == 0:
            empty += 1
        else:
            recordings.append(Recording(place=place, path=path, said=said))
    why = "that the pattern does not fit" if pattern else "that lie in no folder of a person"
    if not recordings:
        remedy = "correct it" if pattern else 'say pattern = "{person}_{run}.wav" or the like'
        raise InputError(
            f"{source.name}: {unread} files {why} and {empty} of 0 bytes, and no other; {remedy}"
        )
    notes = [f"files {why}, left out: {unread}"] if unread else []
    return recordings, notes + ([f"files of 0 bytes left out: {empty}"] if empty else [])


def _said_by_folder(place: str) -> Said | None:
    """Without a pattern, the first folder is the person and those below it the session."""
    person, _, rest = place.partition("/")
    return Said(person=person, session=rest.rpartition("/")[0]) if rest else None


def _by_person(recordings: Sequence[Recording]) -> dict[str, list[Recording]]:
    names: dict[str, str] = {}
    own: dict[str, list[Recording]] = {}
    for recording in recordings:
        name = recording.said.person
        person = cleaned_id(name)
        if not person:
            raise InputError(
                "a folder or file names a person without letters A-Z and digits; rename it"
            )
        if names.setdefault(person, name) != name:
            raise InputError(f"two people would both be called {person}; rename one of them")
        own.setdefault(person, []).append(recording)
    return {
        person: sorted(own[person], key=lambda r: r.order) for person in sorted(own, key=natural)
    }


def _how(
    settings: FolderOptions, pattern: Pattern | None, own: Mapping[str, Sequence[Recording]]
) -> Sessions | Literal["task"]:
    """Return how sessions are made: as told, else by what names and folders show."""
    fields = pattern.fields if pattern else frozenset[str]()
    if settings.first:
        if settings.sessions is not None:
            raise InputError("sessions and first both say how sessions are made; keep one")
        tasks = {r.task for files in own.values() for r in files}
        unknown = [task for task in settings.first if cleaned_task(task) not in tasks]
        if unknown:
            known = ", ".join(sorted(tasks - {""})) or "none: the pattern needs {task}"
            raise InputError(f"first: nobody has a recording of {unknown[0]!r}; tasks are {known}")
        return "task"
    if settings.sessions == "pattern" and "session" not in fields:
        raise InputError('sessions = "pattern" needs {session} in the pattern; add it')
    if settings.sessions == "folder" and pattern:
        raise InputError('sessions = "folder" and pattern exclude each other; put {session} in it')
    if settings.sessions is not None:
        return settings.sessions
    if "session" in fields:
        return "pattern"
    deep = any(len({r.said.session for r in files}) > 1 for files in own.values())
    return "folder" if deep else "halves"


def _sessions(
    files: Sequence[Recording], how: Sessions | Literal["task"], first: Sequence[str]
) -> dict[str, list[Recording]]:
    groups: dict[object, list[Recording]] = {}
    if how == "task":
        opening = {cleaned_task(task) for task in first}
        parts = [[r for r in files if (r.task in opening) == early] for early in (True, False)]
        return {f"{n:02d}": part for n, part in enumerate(parts, start=1) if part}
    middle = (len(files) + 1) // 2
    for n, recording in enumerate(files):
        key: object = recording.said.session
        if how == "file":
            key = n
        elif how == "halves":
            key = n >= middle
        groups.setdefault(key, []).append(recording)
    ordered = list(groups.values())
    if how in ("folder", "pattern"):
        ordered = [groups[key] for key in sorted(groups, key=lambda key: natural(str(key)))]
    return {f"{n:02d}": part for n, part in enumerate(ordered, start=1)}


def _declared(how: str, first: Sequence[str]) -> str:
    if how == "task":
        opening = ", ".join(cleaned_task(task) for task in first)
        return f"recordings divided by task: session 01 holds {opening}; session 02 all others"
    return _HALVES if how == "halves" else ""
