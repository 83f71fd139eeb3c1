"""When each word was said: ``*_words.tsv`` read, cut into stretches, and written without names.

One row a word: ``word, start, end``, times in seconds from the start of the recording. Rows are in
the order of speech. A word that was not found in the audio may lack its times.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import accumulate
from pathlib import Path

from mindveil.anonymise.text_replacements import Say, replace_spans, tag
from mindveil.anonymise.text_smoothing import TAG
from mindveil.anonymise.text_spans import IdentifierType, Span
from mindveil.corpus.columns import is_number
from mindveil.corpus.findings import error
from mindveil.corpus.generalised import value_text
from mindveil.corpus.model import Session, Turn
from mindveil.corpus.tables import BLANK, Table, read_table, table_text
from mindveil.corpus.workshop import new_file
from mindveil.errors import InputError

COLUMNS = ("word", "start", "end")
WORDS = "_words.tsv"
PAUSE = 1.5
"""Seconds of silence after which somebody else may be speaking, or of something else."""

LONGEST = 400
"""Words of one stretch: what the recognisers read in one go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedWord:
    """One word and when it was said, in seconds; None where that is not known."""

    text: str
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Words said in one go: the rows from ``first`` on of the file with this number."""

    file: int
    first: int
    words: tuple[TimedWord, ...]

    @property
    def text(self) -> str:
        """The words as a turn of a transcript."""
        return " ".join(word.text for word in self.words)

    def edges(self) -> list[tuple[int, int]]:
        """Return where in the text each word starts and ends."""
        ends = list(accumulate(len(word.text) + 1 for word in self.words))
        return [(end - 1 - len(w.text), end - 1) for end, w in zip(ends, self.words, strict=True)]

    def touched(self, spans: Sequence[Span]) -> list[tuple[int, int, tuple[Span, ...]]]:
        """Return which words [first, last) these disjoint spans touch; joined where they share one."""
        edges = self.edges()
        found: list[tuple[int, int, tuple[Span, ...]]] = []
        for span in spans:
            inside = [n for n, (a, b) in enumerate(edges) if a < span.end and span.start < b]
            if not inside:
                continue
            if found and inside[0] < found[-1][1]:
                first, _, before = found.pop()
                found.append((first, inside[-1] + 1, (*before, span)))
            else:
                found.append((inside[0], inside[-1] + 1, (span,)))
        return found


def read_words(path: Path) -> tuple[TimedWord, ...]:
    """Read the timed words of one recording.

    Raises:
        InputError: the table cannot be read, or a row is not a word with its times.
    """
    table, findings = read_table(path.parent, path.name)
    faults = [f for f in findings if f.severity == "error"]
    if table is None or faults:
        raise InputError(str(faults[0]))
    missing = [name for name in COLUMNS if name not in table.header]
    if missing:
        sentence = f"no column {missing[0]!r}; the columns are {', '.join(COLUMNS)}"
        raise InputError(str(error("columns", table.file, sentence, 1)))
    at = [table.header.index(name) for name in COLUMNS]
    return tuple(
        _word(table, line, *(row[place].strip() for place in at))
        for row, line in zip(table.rows, table.lines, strict=True)
    )


def stretches(session: Session) -> tuple[Stretch, ...]:
    """Return what the timed words of a session say, cut where speakers may have changed.

    That is after a long pause and, where one recording has a transcript with times, where a turn
    starts.
    """
    files = session.files("text", "words")
    starts = _turn_starts(session.transcript) if len(files) == 1 else []
    return tuple(
        stretch
        for number, file in enumerate(files)
        for stretch in _cut(read_words(file.path), number, starts)
    )


def rewritten(
    told: Iterable[tuple[Stretch, Sequence[Span]]], say: Say, finish: Callable[[str], str]
) -> tuple[TimedWord, ...]:
    """Return the words of one file with what the spans cover said otherwise.

    ``finish`` is applied to each word and to the whole, and what it takes out of the whole goes.
    What covers several words becomes one row over all their time. It is always a tag, also where
    the transcript has a surrogate or something coarser: nobody says that in the audio, and the
    tag tells the voice protections what to mute.
    """

    def say_tag(kind: IdentifierType, mention: str) -> str:
        said = say(kind, mention)
        return said if TAG.fullmatch(said) else tag(kind, mention)

    words: list[TimedWord] = []
    for stretch, spans in told:
        rows: list[TimedWord] = []
        at = 0
        for first, last, covered in stretch.touched(spans):
            rows += [*stretch.words[at:first], _replaced(stretch, first, last, covered, say_tag)]
            at = last
        words += _finished([*rows, *stretch.words[at:]], finish)
    return tuple(words)


def write_words(words: Iterable[TimedWord]) -> Path:
    """Write timed words to a new file of the workshop."""
    rows = [(w.text, value_text(w.start), value_text(w.end)) for w in words]
    path = new_file(WORDS)
    path.write_text(table_text(COLUMNS, rows), encoding="utf-8", newline="")
    return path


def _finished(words: Sequence[TimedWord], finish: Callable[[str], str]) -> list[TimedWord]:
    """Return words as they stand in the finished text; those that it leaves out are left out."""
    done = [replace(word, text=finish(word.text)) for word in words]
    own = [(n, piece) for n, word in enumerate(done) for piece in word.text.split()]
    whole = finish(" ".join(word.text for word in words)).split()
    same = SequenceMatcher(None, [piece for _, piece in own], whole, autojunk=False)
    kept = {own[n][0] for a, _, size in same.get_matching_blocks() for n in range(a, a + size)}
    return [word for n, word in enumerate(done) if n in kept]


def _replaced(
    stretch: Stretch, first: int, last: int, spans: Sequence[Span], say: Say
) -> TimedWord:
    """Return one row for several, over their time and with these spans replaced."""
    words = stretch.words[first:last]
    offset = stretch.edges()[first][0]
    text = " ".join(word.text for word in words)
    inside = [replace(s, start=s.start - offset, end=s.end - offset) for s in spans]
    return TimedWord(
        text=replace_spans(text, inside, say),
        start=next((w.start for w in words if w.start is not None), None),
        end=next((w.end for w in reversed(words) if w.end is not None), None),
    )


def _word(table: Table, line: int, text: str, *cells: str) -> TimedWord:
    """Return one row; a fault of its times is told by line, never by the word."""
    times: list[float | None] = []
    for name, cell in zip(COLUMNS[1:], cells, strict=True):
        if cell in BLANK:
            times.append(None)
        elif not is_number(cell) or float(cell) < 0:
            sentence = f"the {name} is not a time in seconds from 0 on; correct it or write n/a"
            raise InputError(str(error("time", table.file, sentence, line)))
        else:
            times.append(float(cell))
    start, end = times
    if start is not None and end is not None and end < start:
        sentence = f"it ends ({end:g} s) before it starts ({start:g} s); correct the times"
        raise InputError(str(error("time", table.file, sentence, line)))
    return TimedWord(text=text, start=start, end=end)


def _turn_starts(turns: Sequence[Turn]) -> list[float]:
    """Return when the turns after the first start, where all are timed and in order."""
    starts = [turn.start for turn in turns]
    timed = [start for start in starts if start is not None]
    return timed[1:] if len(timed) == len(starts) and timed == sorted(timed) else []


def _cut(words: Sequence[TimedWord], file: int, starts: Sequence[float]) -> Iterable[Stretch]:
    """Yield the stretches of one file."""
    first, turn, ended = 0, 0, None
    for number, word in enumerate(words):
        here = turn
        if word.start is not None:
            middle = (word.start + (word.end if word.end is not None else word.start)) / 2
            here = bisect_right(starts, middle)
        paused = ended is not None and word.start is not None and word.start - ended > PAUSE
        if number > first and (here != turn or paused or number - first >= LONGEST):
            yield Stretch(file=file, first=first, words=tuple(words[first:number]))
            first = number
        turn, ended = here, word.end if word.end is not None else ended
    if first < len(words):
        yield Stretch(file=file, first=first, words=tuple(words[first:]))
