"""What is wrong with a corpus, in sentences that say where and what to do.

Readers collect findings instead of stopping at the first fault, so that a user mends a file once.
A finding names files, lines, columns and numbers; never what a person said, nor a cell that
could hold a name.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]

SHOWN_PER_KIND = 5
"""Findings of one kind in one file that are spelt out; the rest are counted."""

# Short enough to be no telephone number, date of birth or record number.
_NUMBER_LIKE = re.compile(r"-?[0-9]{1,4}(?:\.[0-9]{1,4})?(?:[-|][0-9]{1,4})?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing to mend (error) or to know (warning); ``str`` is the whole sentence.

    ``kind`` is a fixed name for scripts. ``file`` is relative to the corpus; ``line`` counts from
    1, the header being line 1, and is 0 where the whole file is meant.
    """

    severity: Severity
    kind: str
    file: str
    sentence: str
    line: int = 0

    @property
    def where(self) -> str:
        """The file and the line, as a reader would say it."""
        return f"{self.file}, line {self.line}" if self.line else self.file

    def __post_init__(self) -> None:
        # Names on disk are a stranger's: a terminal must not obey them.
        object.__setattr__(self, "file", _printable(self.file))
        object.__setattr__(self, "sentence", _printable(self.sentence))

    def __str__(self) -> str:
        return f"{self.where}: {self.sentence}"


def error(kind: str, file: str, sentence: str, line: int = 0) -> Finding:
    """Return a finding that keeps the corpus from being used."""
    return Finding(severity="error", kind=kind, file=file, sentence=sentence, line=line)


def warning(kind: str, file: str, sentence: str, line: int = 0) -> Finding:
    """Return a finding that the user should know of."""
    return Finding(severity="warning", kind=kind, file=file, sentence=sentence, line=line)


def condense(findings: Iterable[Finding]) -> list[Finding]:
    """Return errors first, and of each kind in each file the first few and how many more.

    >>> [str(f) for f in condense(error("range", "a.tsv", "too high", n) for n in range(2, 9))][-1]
    'a.tsv: 2 more like this (range), down to line 8'
    """
    found = list(dict.fromkeys(findings))
    seen: Counter[tuple[Severity, str, str]] = Counter()
    kept: list[Finding] = []
    last: dict[tuple[Severity, str, str], Finding] = {}
    for finding in found:
        key = (finding.severity, finding.kind, finding.file)
        seen[key] += 1
        last[key] = finding
        if seen[key] <= SHOWN_PER_KIND:
            kept.append(finding)
    for key, count in seen.items():
        if count > SHOWN_PER_KIND:
            severity, kind, file = key
            end = f", down to line {last[key].line}" if last[key].line else ""
            sentence = f"{count - SHOWN_PER_KIND} more like this ({kind}){end}"
            kept.append(Finding(severity=severity, kind=kind, file=file, sentence=sentence))
    return [f for f in kept if f.severity == "error"] + [f for f in kept if f.severity != "error"]


def meant(word: str, known: Iterable[str]) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known word, or nothing.

    >>> meant("Licens", ["licence", "language"])
    "; did you mean 'licence'?"
    """
    names = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower()[:100], sorted(names), n=1, cutoff=0.6)
    return f"; did you mean {names[near[0]]!r}?" if near else ""


def shown(cell: str) -> str:
    """Return a cell for a message: a short number as it is, all else by its length alone.

    >>> shown("4"), shown("Mary Brown")
    ('4', 'a text of 10 characters')
    """
    return cell if _NUMBER_LIKE.fullmatch(cell) else f"a text of {len(cell)} characters"


def _printable(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else "?" for c in text)
