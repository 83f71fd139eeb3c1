"""Five words in a row that only one person said: what a text has to hold to be quoting her."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Corpus

Flags = NDArray[np.bool_]
Words = tuple[str, ...]

LENGTH = 5
"""Words in a row that are a quotation; shorter ones are said by many."""

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


def sequences(text: str) -> Iterator[Words]:
    """Give every five words in a row, whatever stands between them.

    >>> next(sequences("I have not, really, SLEPT well"))
    ('i', 'have', 'not', 'really', 'slept')
    """
    words = _WORD.findall(text.replace("’", "'").lower())
    return zip(*(words[start:] for start in range(LENGTH)), strict=False)


def held_in(texts: Iterable[str]) -> set[Words]:
    """Return every five words in a row that some of the texts hold."""
    return {words for text in texts for words in sequences(text)}


def transcripts(corpus: Corpus) -> list[tuple[str, ...]]:
    """Return what each person said, turn by turn."""
    return [tuple(t for s in p.sessions for t in s.said()) for p in corpus.participants]


def quoted(texts: Iterable[str], said: Sequence[Sequence[str]]) -> Flags:
    """Return of whom a text holds five words in a row that nobody else said, shape (people,)."""
    held = held_in(texts)
    found = np.zeros(len(said), dtype=np.bool_)
    if held:
        speaker = speakers_of(said)
        found[[speaker[words] for words in held if words in speaker]] = True
    return found


def speakers_of(said: Sequence[Sequence[str]]) -> dict[Words, int]:
    """Return who said each sequence that nobody else did: the place of the person in ``said``."""
    speaker: dict[Words, int] = {}
    several: set[Words] = set()
    for person, turns in enumerate(said):
        for words in held_in(turns):
            if speaker.setdefault(words, person) != person:
                several.add(words)
    return {words: person for words, person in speaker.items() if words not in several}
