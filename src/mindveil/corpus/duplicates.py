"""Sessions that are in a corpus twice: under one person, or under two, which spoils every split.

Somebody who stands on both sides of a split makes attackers look strong and detectors look good.
Texts are compared by their words in rows of five (Broder 1997, "On the resemblance and
containment of documents"), answers where equal ones are not to be expected by chance, sounds
and pictures by fingerprints that outlive another encoding (``duplicate_media``).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from mindveil.corpus.duplicate_media import alike_pictures, alike_sounds
from mindveil.corpus.model import Corpus, Modality, Response, Session

Place = tuple[str, str]
"""A participant and one of his sessions."""

FEWEST_WORDS = 20
"""Texts with fewer words are too short to be somebody's own."""

FEWEST_ITEMS = 15
"""Answers to fewer items are equal by chance too often."""

_ROW = 5
_ALIKE = 0.5
_MOST_SAYING = 20
_FEWEST_READERS = 5
_CHANCE = 1e-3
_LIKE_HIM = 40
_UNSPACED = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
"""Signs of Japanese and Chinese, which are written without spaces: about two of them are a word."""
_LETTER = rf"(?:(?![{_UNSPACED}])[^\W_])"
_WORD = re.compile(rf"[{_UNSPACED}]{{1,2}}|{_LETTER}+(?:'{_LETTER}+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Duplicate:
    """Two sessions that hold the same, of one person or of two; the earlier in the corpus first."""

    modality: Modality
    first: Place
    second: Place
    exact: bool

    @property
    def is_own(self) -> bool:
        """Whether both are of the same person."""
        return self.first[0] == self.second[0]


def holds(session: Session, modality: Modality) -> bool:
    """Whether a session has something of a modality that can be compared with another's."""
    if modality == "text":
        return bool(session.said())
    if modality == "scales":
        return bool(session.responses)
    return bool(session.files(modality, "audio", "still", "video"))


def duplicates_in(corpus: Corpus, modality: Modality) -> tuple[Duplicate, ...]:
    """Return every pair of sessions that hold the same text, voice, face or answers."""
    found: Mapping[tuple[int, int], bool]
    places = [(p, s) for p in corpus.participants for s in p.sessions]
    if modality == "text":
        found = alike_texts(
            [" ".join(s.said()) for _, s in places], [p.participant_id for p, _ in places]
        )
    elif modality == "scales":
        found = alike_answers([_answers(corpus.tools, s.responses) for _, s in places])
    elif modality == "voice":
        files = [[f.path for f in s.files("voice", "audio")] for _, s in places]
        found = _by_session(files, alike_sounds)
    else:
        files = [[f.path for f in s.files("face", "still", "video")] for _, s in places]
        found = _by_session(files, alike_pictures)
    names = [(p.participant_id, s.session_id) for p, s in places]
    return tuple(
        Duplicate(modality=modality, first=names[i], second=names[j], exact=exact)
        for (i, j), exact in sorted(found.items())
    )


def alike_texts(texts: Sequence[str], whose: Sequence[str] = ()) -> dict[tuple[int, int], bool]:
    """Return pairs of texts that share at least half of their rows of five words; True if all.

    What half of the people say, and at least five, was read to them or by them: it is a script,
    and tells nobody from anybody. ``whose`` names who said each text; without it all are others.

    >>> said = " ".join(map(str, range(30)))
    >>> alike_texts([said, said.replace("12", "dozen"), "Yes.", "Yes."])
    {(0, 1): False}
    """
    rows: list[frozenset[tuple[str, ...]]] = []
    said: list[tuple[str, ...]] = []
    for text in texts:
        words = tuple(_WORD.findall(text.casefold()))
        said.append(words)
        long = len(words) >= FEWEST_WORDS
        starts = (words[at:] for at in range(_ROW))
        rows.append(frozenset(zip(*starts, strict=False)) if long else frozenset())
    holders: dict[tuple[str, ...], list[int]] = {}
    for number, mine in enumerate(rows):
        for row in mine:
            holders.setdefault(row, []).append(number)
    names = [*whose] or [*map(str, range(len(texts)))]
    speakers = len({name for name, mine in zip(names, rows, strict=True) if mine})
    readers = max(_FEWEST_READERS, (speakers + 1) // 2)
    shared: Counter[tuple[int, int]] = Counter()
    for held in holders.values():
        # what many say is a phrase, and no text
        if 1 < len(held) <= _MOST_SAYING and len({names[i] for i in held}) < readers:
            shared.update(combinations(held, 2))
    return {
        pair: said[pair[0]] == said[pair[1]]
        for pair, both in shared.items()
        if both >= _ALIKE * (len(rows[pair[0]]) + len(rows[pair[1]]) - both)
    }


def alike_answers(rows: Sequence[Mapping[str, int]]) -> dict[tuple[int, int], bool]:
    """Return pairs of sessions with equal answers that chance does not explain.

    How likely answers are is told from the people who are about as ill: their share of each
    answer, item by item, times how common that total is. Nothing but zeros is common.
    """
    groups: dict[tuple[tuple[str, int], ...], list[int]] = {}
    for number, row in enumerate(rows):
        if len(row) >= FEWEST_ITEMS:
            groups.setdefault(tuple(sorted(row.items())), []).append(number)
    found: dict[tuple[int, int], bool] = {}
    for answers, held in groups.items():
        if len(held) > 1 and _by_chance(dict(answers), held, rows) < _CHANCE:
            found |= dict.fromkeys(combinations(held, 2), True)
    return found


def _by_chance(
    answers: Mapping[str, int], held: Sequence[int], rows: Sequence[Mapping[str, int]]
) -> float:
    """Return how many of the people who are about as ill are to be expected to answer just so."""
    items = sorted(answers)
    mine = np.array([answers[i] for i in items])
    if len(set(mine.tolist())) == 1:
        return 1.0  # the same answer to everything is a way of answering, and many have it
    others = np.array(
        [
            [row[i] for i in items]
            for number, row in enumerate(rows)
            if number not in held and row.keys() == answers.keys()
        ]
    ).reshape(-1, len(items))
    distance = np.abs(others.sum(axis=1) - mine.sum())
    near = others[np.argsort(distance, kind="stable")[:_LIKE_HIM]]
    shares = ((near == mine).sum(axis=0) + 0.5) / (len(near) + 1)
    return float(max(len(near), 1) * np.prod(shares))


def _answers(tools: Sequence[str], responses: Mapping[str, Response]) -> dict[str, int]:
    """Return every answer of a session by questionnaire and item."""
    return {
        f"{tool}_{number:03d}": item
        for tool in tools
        if tool in responses
        for number, item in enumerate(responses[tool].items)
        if isinstance(item, int)
    }


def _by_session(
    files: Sequence[Sequence[Path]],
    alike: Callable[[Sequence[Path]], Mapping[tuple[int, int], bool]],
) -> dict[tuple[int, int], bool]:
    """Return pairs of sessions of which two files are alike."""
    owner = [session for session, mine in enumerate(files) for _ in mine]
    found: dict[tuple[int, int], bool] = {}
    for (one, other), exact in alike([path for mine in files for path in mine]).items():
        pair = owner[one], owner[other]
        if pair[0] != pair[1]:
            found[pair] = found.get(pair, False) or exact
    return found
