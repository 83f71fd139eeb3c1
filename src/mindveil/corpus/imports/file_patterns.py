"""What a file's place says of a recording: who, which session, what was asked for.

A pattern is a path with fields in braces, as in ``{person}_{session}_{task}_{run}.wav``. A field
stands for one or more characters up to the sign that follows it, never for a ``/``. So a path is
read from left to right in one pass, and no pattern can make that slow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mindveil.corpus.people import bare
from mindveil.errors import InputError

FIELDS = ("person", "session", "task", "run", "any")
LONGEST_PATTERN = 200
LONGEST_TASK = 40

_PIECES = re.compile(r"(\{[^{}]*\})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the place of a file says; empty where it says nothing."""

    person: str
    session: str = ""
    task: str = ""
    run: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """A pattern, ready to be compared; without a ``/`` only the file's name is."""

    compiled: re.Pattern[str]
    fields: frozenset[str]
    whole_path: bool

    def read(self, place: str) -> Said | None:
        """Return what a path below the source says, or None where the pattern does not fit.

        >>> read_pattern("subject{person}.{task}.gif").read("faces/subject01.happy.gif")
        Said(person='01', session='', task='happy', run='')
        """
        match = self.compiled.fullmatch(place if self.whole_path else place.rpartition("/")[2])
        if match is None:
            return None
        found = match.groupdict()
        return Said(
            person=found["person"],
            session=found.get("session", ""),
            task=found.get("task", ""),
            run=found.get("run", ""),
        )


def read_pattern(text: str) -> Pattern:
    """Return the pattern that a text spells.

    Raises:
        InputError: a field is unknown, double or touches another, or nobody is named.
    """
    if not text or len(text) > LONGEST_PATTERN:
        raise InputError(f"pattern: give 1 to {LONGEST_PATTERN} characters, not {len(text)}")
    pieces = [piece for piece in _PIECES.split(text) if piece]
    seen: list[str] = []
    parts: list[str] = []
    for piece, after in zip(pieces, [*pieces[1:], ""], strict=True):
        if not _PIECES.fullmatch(piece):
            parts.append(re.escape(piece))
            continue
        name = piece[1:-1]
        _check_field(name, seen, after)
        seen.append(name)
        # The sign behind a field ends it: one way to read a path, and nothing to go back to.
        named = f"?P<{name}>" if name != "any" else "?:"
        parts.append(f"({named}[^/{re.escape(after[:1])}]++)")
    if "person" not in seen:
        raise InputError("pattern: {person} is missing; it says whose recording a file is")
    compiled = re.compile("".join(parts), re.IGNORECASE)
    return Pattern(compiled=compiled, fields=frozenset(seen), whole_path="/" in text)


def _check_field(name: str, seen: list[str], after: str) -> None:
    if name not in FIELDS:
        known = ", ".join(f"{{{field}}}" for field in FIELDS)
        raise InputError(f"pattern: unknown field {{{name[:20]}}}; known are {known}")
    if name in seen and name != "any":
        raise InputError(f"pattern: {{{name}}} occurs twice; write {{any}} for one of them")
    if _PIECES.fullmatch(after):
        raise InputError(f"pattern: {{{name}}} and {after} touch; put the sign between them there")


def cleaned_id(name: str) -> str:
    """Return a name as a participant id: what an id may not hold is left out.

    >>> cleaned_id("sub-01"), cleaned_id("Speaker 7 (new)")
    ('01', 'Speaker7new')
    """
    return re.sub(r"[^A-Za-z0-9_-]", "", bare(name, "sub-"))[:64]


def cleaned_task(name: str) -> str:
    """Return what was asked for as a task: letters and digits alone.

    >>> cleaned_task("left-light")
    'leftlight'
    """
    return re.sub(r"[^A-Za-z0-9]", "", name)[:LONGEST_TASK]
