"""What ids, identifying values, dates and file names become where somebody hides them without a key.

Another case, zeros left out or put in, backwards, rotated by 13 letters, hexadecimal, base 64, and
digests of common functions: SHA-256 of an eight-digit record number falls in four minutes.
"""

from __future__ import annotations

import base64
import codecs
import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

LeakKind = Literal[
    "appended bytes",
    "attribute",
    "comment",
    "date",
    "encoder",
    "file name",
    "hidden id",
    "id",
    "identifier",
    "link",
    "metadata",
    "order",
    "path",
    "same bytes",
    "stray file",
    "time",
    "unexpected field",
    "unreadable",
]
"""What kind of thing a released file gives away."""

PREFIX = 8
"""Signs of a digest by which it is looked up; a shorter one is not told from chance."""

_LEAST_LETTERS, _LEAST_MARKED, _LEAST_DIGITS = 4, 3, 6
_DATE = 8
_RUN = re.compile(r"[^\W_]+")
_DIGESTS = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "blake2b", "blake2s", "sha3_256")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What is looked for, by its first run of letters and digits; all but ``coded`` folded.

    ``words`` maps that run to the whole phrases that begin with it; ``coded`` are encodings in
    which case counts; ``digests`` are hexadecimal digests by their first eight signs; ``codes``
    are all ids in every form, which may not be the name of a record.
    """

    words: Mapping[str, tuple[tuple[str, LeakKind], ...]]
    spoken: frozenset[str]
    coded: frozenset[str]
    digests: Mapping[str, tuple[str, ...]]
    codes: Mapping[str, LeakKind]

    @classmethod
    def of(
        cls,
        ids: Iterable[str],
        identifiers: Iterable[str] = (),
        sessions: Iterable[str] = (),
        files: Iterable[str] = (),
        common: AbstractSet[str] = frozenset(),
    ) -> Sought:
        """Return everything that ids, values, sessions and file names may have become.

        ``common`` are words that stand in every release, folded: an id that is one of them is
        looked for in codes and digests alone.
        """
        people, values = sorted(set(ids)), sorted(set(identifiers))
        phrases: dict[str, LeakKind] = {}
        codes: dict[str, LeakKind] = {}
        for name in people:
            for form in _forms(name):
                codes[form.casefold()] = "id"
            for form in _disguised(name):
                codes.setdefault(form.casefold(), "hidden id")
        phrases |= {form: kind for form, kind in codes.items() if can_be_told(form)}
        for value in filter(can_be_told, values):
            phrases.setdefault(value.casefold(), "identifier")
        phrases = {phrase: kind for phrase, kind in phrases.items() if phrase not in common}
        for session in set(sessions):
            for form in _dates(session):
                phrases.setdefault(form.casefold(), "date")
        for name in files:
            phrases.setdefault(name.casefold(), "file name")
        return cls(
            words=_by_first(phrases),
            spoken=frozenset(p.casefold() for p in people if _is_marked(p)),
            coded=frozenset(c for n in (*people, *values) for c in _based(n.encode(), n)),
            digests=_digests([*people, *(v for v in values if can_be_told(v))]),
            codes=codes,
        )


def can_be_told(word: str) -> bool:
    """Whether a word can be told from other words in a text: no short number or syllable.

    >>> [can_be_told(w) for w in ("12", "P12", "ann", "Anna", "2024-05-01")]
    [False, True, False, True, True]
    """
    digits, letters = sum(map(str.isdigit, word)), sum(map(str.isalpha, word))
    if digits and letters:
        return len(word) >= _LEAST_MARKED
    return digits >= _LEAST_DIGITS if digits else letters >= _LEAST_LETTERS


def _forms(name: str) -> Iterator[str]:
    """Give an id as it is and with fewer or more zeros."""
    bare = re.sub(r"(?<!\d)0+(?=\d)", "", name)
    padded = [_widened(bare, width) for width in range(2, 7)]
    yield from dict.fromkeys((name, bare, *padded))


def _widened(name: str, width: int) -> str:
    return re.sub(r"\d+", lambda m: m.group().zfill(width), name)


def _disguised(name: str) -> Iterator[str]:
    yield name[::-1]
    yield codecs.encode(name, "rot13")


def _based(data: bytes, name: str) -> Iterator[str]:
    """Give short codings whole; longer runs are decoded and read."""
    if not can_be_told(name):
        return
    for text in (data, data.lower(), data.upper()):
        yield base64.b64encode(text).decode().rstrip("=")
        yield base64.urlsafe_b64encode(text).decode().rstrip("=")
        for digest in _DIGESTS[:4]:
            whole = hashlib.new(digest, text, usedforsecurity=False).digest()
            yield base64.b64encode(whole).decode().rstrip("=")
            yield base64.urlsafe_b64encode(whole).decode().rstrip("=")


def _digests(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return hexadecimal codings and digests of names, by their first eight signs."""
    found: dict[str, list[str]] = {}
    for name in names:
        for form in dict.fromkeys((name, name.lower(), name.upper(), f"sub-{name}", f"{name}\n")):
            data = form.encode()
            told = [hashlib.new(d, data, usedforsecurity=False).hexdigest() for d in _DIGESTS]
            told += [f"{zlib.crc32(data):08x}", data.hex()] if can_be_told(name) else []
            for full in told:
                if len(full) >= PREFIX:
                    found.setdefault(full[:PREFIX], []).append(full)
    return {start: tuple(full) for start, full in found.items()}


def _dates(session: str) -> Iterator[str]:
    """Give a session that is a date, or has a long number, in the ways in which it is written."""
    digits = "".join(c for c in session if c.isdigit())
    if len(digits) < _LEAST_DIGITS:
        return
    yield session
    if len(digits) == _DATE:
        year, month, day = digits[:4], digits[4:6], digits[6:]
        yield digits
        for mark in ("-", "/", ".", "_"):
            yield mark.join((year, month, day))
            yield mark.join((day, month, year))
            yield mark.join((month, day, year))


def _is_marked(name: str) -> bool:
    return any(map(str.isdigit, name)) and any(map(str.isalpha, name)) and can_be_told(name)


def _by_first(
    phrases: Mapping[str, LeakKind],
) -> dict[str, tuple[tuple[str, LeakKind], ...]]:
    found: dict[str, list[tuple[str, LeakKind]]] = {}
    for phrase, kind in phrases.items():
        first = _RUN.search(phrase)
        if first:
            found.setdefault(first.group(), []).append((phrase, kind))
    return {run: tuple(held) for run, held in found.items()}
