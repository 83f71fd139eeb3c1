"""Choose what is heard in a recording: a few clauses of what somebody says at that visit.

A recording of four seconds holds up to four neighbouring clauses of one turn, more than one where
it can, so that there is a pause to hear and every word can be found in the transcript. One in
three recordings names something that identifies, so that muting can be tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from mindveil.corpus.model import Entity, Session

NAMING = 1 / 3
"""Share of recordings in which an identifier is spoken, where the visit has any."""

_SECONDS = 4.0
_TOLERANCE = 0.3
_CLAUSES = 4
_WORDS = (5, 17)
_MARKS = (",", ".", "?", "!", ";", ":")
_LINKS = frozenset("and but so plus then because which".split())
"""What starts a clause in a transcript without punctuation."""
_DIGITS = "oh one two three four five six seven eight nine".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Utterance:
    """Words of one turn as they stand there; ``breaks`` are the words that a pause follows."""

    turn: int
    words: tuple[str, ...]
    breaks: tuple[int, ...]
    entities: tuple[str, ...] = ()

    @property
    def spoken(self) -> tuple[str, ...]:
        """The words as they are read out, punctuation attached."""
        return tuple(read_out(word) for word in self.words)

    @property
    def written(self) -> tuple[str, ...]:
        """The words as a list of words has them, without punctuation around."""
        return tuple(word.strip("".join(_MARKS)) for word in self.words)


def read_out(word: str) -> str:
    """Return how a word is read out: long numbers digit by digit, addresses with dot and at.

    >>> read_out("07700"), read_out("jo.b68@example.net,"), read_out("38")
    ('oh seven seven oh oh', 'jo dot b six eight at example dot net,', '38')
    """
    if "@" in word:
        tail = word[-1] if word[-1] in _MARKS else ""
        word = word.rstrip("".join(_MARKS)).replace("@", " at ").replace(".", " dot ") + tail
        return re.sub(r"\d+", lambda found: " " + _digits(found.group()), word)
    return re.sub(r"\d{3,}", lambda found: _digits(found.group()), word)


def _digits(number: str) -> str:
    return " ".join(_DIGITS[int(digit)] for digit in number)


def choose(
    session: Session, duration: Callable[[Utterance], float], rng: np.random.Generator
) -> tuple[Utterance, ...]:
    """Return what could be said at a visit, the best first.

    What ``duration`` expects to last much longer or shorter than four seconds comes last, then
    what has no pause; utterances that name something are better than others in ``NAMING`` of the
    visits, and worse in the others.
    """
    found = tuple(utterances(session))
    wanted = bool(rng.random() < NAMING)
    places = rng.permutation(len(found))
    order = sorted(
        range(len(found)),
        key=lambda i: (
            int(abs(duration(found[i]) - _SECONDS) / _TOLERANCE),
            not found[i].breaks,
            bool(found[i].entities) != wanted,
            int(places[i]),
        ),
    )
    return tuple(found[i] for i in order)


def utterances(session: Session) -> Iterator[Utterance]:
    """Yield runs of neighbouring clauses of the participant that cut no identifier in two."""
    for number, turn in enumerate(session.transcript):
        if turn.speaker != "participant":
            continue
        entities = tuple(e for e in session.entities if e.turn == number)
        spans = [found.span() for found in re.finditer(r"\S+", turn.text)]
        words = tuple(turn.text[a:b] for a, b in spans)
        ends = _clause_ends(words)
        for first, start in enumerate([-1, *ends[:-1]]):
            for last in range(first, min(first + _CLAUSES, len(ends))):
                a, b = start + 1, ends[last] + 1
                if not _WORDS[0] <= b - a <= _WORDS[1]:
                    continue
                inside = _inside(entities, (spans[a][0], spans[b - 1][1]))
                if inside is not None:
                    yield Utterance(
                        turn=number,
                        words=words[a:b],
                        breaks=tuple(end - a for end in ends[first:last]),
                        entities=inside,
                    )


def _clause_ends(words: Sequence[str]) -> list[int]:
    """Return the indexes of the words that end a clause.

    >>> _clause_ends("i slept badly and i rang".split())
    [2, 5]
    """
    last = len(words) - 1
    return [
        i
        for i, word in enumerate(words)
        if i == last or word.endswith(_MARKS) or (words[i + 1] in _LINKS and i > 0)
    ]


def _inside(entities: Sequence[Entity], span: tuple[int, int]) -> tuple[str, ...] | None:
    """Return the things mentioned inside a span of characters, or nothing where one is cut."""
    touched = [e for e in entities if e.start < span[1] and e.end > span[0]]
    if any(e.start < span[0] or e.end > span[1] for e in touched):
        return None
    return tuple(e.entity for e in touched)
