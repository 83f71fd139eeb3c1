"""Does anything that a run writes for others to read name a participant, or quote one?

Reports, scorecards, verdicts and logs leave the building with a release, often by e-mail. None of
them may hold a participant's id, what an identifying column says of her, five words in a row that
only she said, or a path of the machine. The search opens what is packed, compressed, escaped
or cut up by tags, and says where and how much; never what.
"""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import pandas as pd

from mindveil.attack.stored_arrays import MOST_BYTES, contents
from mindveil.attack.word_sequences import held_in, speakers_of, transcripts
from mindveil.corpus.model import Corpus
from mindveil.errors import InputError, RefusedError

Kind = Literal["id", "identifier", "words", "path"]

PRIVATE: tuple[str, ...] = ("sealed", "releases")
"""Folders of a run that hold people on purpose: who is who, and what was released."""

_LEAST_LETTERS = 4
_LEAST_MARKED = 3
_LEAST_DIGITS = 6
_RUN = re.compile(r"[^\W_]+")
_TAG = re.compile(r"<[^<>]*>")
_ROOTS = "home|root|tmp|Users|mnt|media|data|work|workspace|var|srv|opt|private|scratch|Volumes"
_PATH = re.compile(
    rf"file://[^\s\"'<>]+|(?<![\w.<:/])/(?:{_ROOTS})/[^\s\"'<>]+|\b[A-Za-z]:\\+\w[^\s\"'<>]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """How many different things of one kind stand in one file, which they do not repeat."""

    file: str
    kind: Kind
    count: int


def leaks_in(folder: Path, corpus: Corpus) -> list[Leak]:
    """Return what the files of a run folder give away of the people of a corpus.

    Read is everything but the folders ``sealed`` and ``releases``. An id that is a short number
    or a syllable would be found everywhere and is not looked for (see ``told_by``).

    Raises:
        InputError: it is no folder, or a file is too large to be searched.
    """
    if not folder.is_dir():
        raise InputError(f"{folder} is no folder; name the folder of a run")
    names = told_by(corpus)
    quotes, files = speakers_of(transcripts(corpus)), frozenset(_file_names(corpus))
    found: list[Leak] = []
    for number, path in enumerate(_open_files(folder), start=1):
        place = path.relative_to(folder).as_posix()
        texts, called = _texts(path), place.casefold()
        everything = "\n".join([called, *texts])
        runs = frozenset(_RUN.findall(everything))
        counts: dict[Kind, int] = {
            # Most values are ruled out by their first letters and digits, which is quick to see.
            kind: sum(_first(value) in runs and _stands(everything, value) for value in values)
            for kind, values in names.items()
        }
        counts["words"] = sum(words in quotes for words in held_in([called, *texts]))
        counts["path"] = len(_paths("\n".join(texts), files))
        clean = not any(_stands(called, v) for values in names.values() for v in values)
        label = place if clean else f"file {number}, whose name is one of them"
        found += [Leak(file=label, kind=k, count=c) for k, c in counts.items() if c]
    return found


def require_no_leak(folder: Path, corpus: Corpus) -> None:
    """Refuse a run folder whose files name or quote somebody; a path that somebody set is his own.

    Raises:
        RefusedError: with the worst file, what kind of thing it holds, and how many.
    """
    found = [leak for leak in leaks_in(folder, corpus) if leak.kind != "path"]
    if not found:
        return
    worst = max(found, key=lambda leak: leak.count)
    what = {"id": "participant ids", "identifier": "identifying values", "words": "quotations"}
    raise RefusedError(
        f"{folder.name} may not be shared: {worst.file} holds {worst.count} {what[worst.kind]} "
        "of participants; look whether a name in the study file tells of somebody"
    )


def told_by(corpus: Corpus) -> dict[Kind, tuple[str, ...]]:
    """Return ids and identifying values that can be told from other words in a text, folded.

    >>> [_can_be_told(w) for w in ("12", "300", "P12", "ann", "Anna", "2024-05-01")]
    [False, False, True, False, True, True]
    """
    columns = [name for name, c in corpus.columns.items() if c.role == "identifier"]
    values = {
        str(p.attributes[c]) for p in corpus.participants for c in columns if p.attributes.get(c)
    }
    return {
        "id": tuple(sorted({i.casefold() for i in corpus.ids if _can_be_told(i)})),
        "identifier": tuple(sorted({v.casefold() for v in values if _can_be_told(v)})),
    }


def _can_be_told(word: str) -> bool:
    digits, letters = sum(map(str.isdigit, word)), sum(map(str.isalpha, word))
    if digits and letters:
        return len(word) >= _LEAST_MARKED
    return digits >= _LEAST_DIGITS if digits else letters >= _LEAST_LETTERS


def _open_files(folder: Path) -> Iterator[Path]:
    tops = (top for top in folder.iterdir() if top.name not in PRIVATE)
    for path in sorted(p for top in tops for p in (top, *top.rglob("*"))):
        if path.is_file():
            if path.stat().st_size > MOST_BYTES:
                raise InputError(
                    f"a file of {folder.name} is larger than {MOST_BYTES >> 20} MB "
                    "and was not searched"
                )
            yield path


def _texts(path: Path) -> list[str]:
    """Return everything in a file that can be read as text, in every way it may have been put."""
    data = path.read_bytes()
    streams = {part for part in contents(data, path.name) if isinstance(part, bytes)}
    if path.suffix == ".parquet":
        streams.add(pd.read_parquet(io.BytesIO(data)).to_csv().encode())
    read: dict[str, None] = {}
    for stream in sorted(streams):
        plain = stream.decode("utf-8", errors="replace")
        for text in (plain, *_told(plain)):
            shown = html.unescape(text)
            read.update(dict.fromkeys(t.casefold() for t in (text, shown, _TAG.sub("", shown))))
    return list(read)


def _told(text: str) -> Iterator[str]:
    """Give what JSON, whole or line by line, says once its escapes are taken out."""
    for line in (text, *text.splitlines()):
        if line.lstrip()[:1] in ("{", "[", '"'):
            try:
                told = json.loads(line)
            except (RecursionError, ValueError):
                continue
            yield "\n".join(_strings(told))


def _strings(told: object) -> Iterator[str]:
    if isinstance(told, str):
        yield told
    elif isinstance(told, dict):
        for name, inner in told.items():
            yield str(name)
            yield from _strings(inner)
    elif isinstance(told, list):
        for inner in told:
            yield from _strings(inner)


def _first(value: str) -> str:
    """Return the first letters and digits of a value, up to what is neither."""
    found = _RUN.search(value)
    return found.group() if found else ""


def _stands(text: str, value: str) -> bool:
    """Whether a value stands in a text as a word of its own; both are folded."""
    at = text.find(value)
    while at >= 0:
        around = text[max(at - 1, 0) : at] + text[at + len(value) : at + len(value) + 1]
        if not any(c.isalnum() for c in around):
            return True
        at = text.find(value, at + 1)
    return False


def _file_names(corpus: Corpus) -> Iterator[str]:
    """Give how the files of recordings are called."""
    for person in corpus.participants:
        for session in person.sessions:
            for files in session.media.values():
                yield from (f.path.name.casefold() for f in files)


def _paths(text: str, files: frozenset[str]) -> set[str]:
    """Return absolute paths of any machine, and names of recordings."""
    return {*_PATH.findall(text), *(name for name in files if _stands(text, name))}
