"""Recordings that are compared as one: whose they are, and what one channel makes of them.

A corpus lies before an attacker as one row a recording, people after people, each person's
recordings in the order they were made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.back_ends import unit
from mindveil.corpus.model import Corpus, Participant, Session

Floats = NDArray[np.float64]
Count = Callable[[Session], int]
"""How many recordings of a session there are to compare."""

OWN = "own"
"""The channel of an encoder of one's own."""

_CLIP = 3.0
_TINY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Recordings that are compared as one: whose they are, and which rows of a corpus."""

    person: str
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impression:
    """What one channel makes of all recordings of a corpus; shapes (recordings, d).

    ``plain`` is compared without learning; ``framed`` is seen from the middle of its corpus, so
    that what a protection does to everybody alike is taken out. ``people`` is whose each row is.
    """

    plain: Floats
    framed: Floats
    people: tuple[str, ...]


def by_direction(rows: Floats, people: Sequence[str]) -> Impression:
    """Return embeddings, of which the direction counts."""
    rows = unit(rows)
    there = ~np.isnan(rows).any(axis=1)
    middle = rows[there].mean(axis=0) if there.any() else np.zeros(rows.shape[1])
    return Impression(plain=rows, framed=rows - middle, people=tuple(people))


def by_measure(rows: Floats, people: Sequence[str]) -> Impression:
    """Return measures of many kinds, put on one scale; a missing one stands in the middle of it."""
    there = ~np.isnan(rows)
    count = np.maximum(there.sum(axis=0), 1)
    middle = np.where(there, rows, 0.0).sum(axis=0) / count
    gap = np.where(there, rows - middle, 0.0)
    spread = np.sqrt((gap**2).sum(axis=0) / count)
    scaled = np.clip(gap / (spread + _TINY), -_CLIP, _CLIP)
    scaled[~there.any(axis=1)] = np.nan
    return Impression(plain=scaled, framed=scaled, people=tuple(people))


def owners(corpus: Corpus, count: Count) -> tuple[str, ...]:
    """Return whose each recording is."""
    return tuple(name for name, rows in _rows_of(corpus, count) for _ in rows)


def whole(corpus: Corpus, count: Count) -> tuple[Group, ...]:
    """Return one group a person: everything that is known of her."""
    return tuple(Group(person=name, rows=rows) for name, rows in _rows_of(corpus, count))


def in_groups(corpus: Corpus, size: int, count: Count) -> tuple[Group, ...]:
    """Return groups of ``size`` recordings of one person; all of a person who has fewer."""
    return tuple(
        Group(person=name, rows=taken)
        for name, rows in _rows_of(corpus, count)
        for taken in strided(rows, size)
    )


def divide(corpus: Corpus, size: int, count: Count) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """Return probes of ``size`` recordings, and what was recorded of each person before.

    Where there are several sessions, the probes come from the last ones. People with a single
    recording are left out.
    """
    probes, enrolled = [], []
    people = {p.participant_id: p for p in corpus.participants}
    for name, rows in _rows_of(corpus, count):
        if len(rows) < 2:
            continue
        cut = len(rows) - _later(people[name], size, count)
        probes += [Group(person=name, rows=taken) for taken in strided(rows[cut:], size)]
        enrolled.append(Group(person=name, rows=rows[:cut]))
    return tuple(probes), tuple(enrolled)


def strided(rows: tuple[int, ...], size: int) -> list[tuple[int, ...]]:
    """Return as many groups of ``size`` as there are, each of rows far apart.

    Recordings that follow each other are often of one task; a group should hold several.

    >>> strided((0, 1, 2, 3, 4), 2), strided((7,), 3)
    ([(0, 2), (1, 3)], [(7,)])
    """
    times = max(1, len(rows) // size)
    return [rows[i::times][:size] for i in range(times)]


def pooled(rows: Floats, groups: Sequence[Group]) -> Floats:
    """Return the mean row of each group, over what could be measured in it."""
    found = np.full((len(groups), rows.shape[1]), np.nan)
    for i, group in enumerate(groups):
        mine = rows[list(group.rows)]
        there = ~np.isnan(mine)
        total, count = np.where(there, mine, 0.0).sum(axis=0), there.sum(axis=0)
        np.divide(total, count, out=found[i], where=count > 0)
    return found


def nearest(scores: Floats, queries: Sequence[Group], candidates: Sequence[Group]) -> Floats:
    """Return how alike groups are by the best match of each recording, over a query's mean.

    ``scores`` (released recordings, known recordings) holds single pairs; the result has shape
    (queries, candidates), -inf where nothing could be compared.
    """
    best = np.full((len(scores), len(candidates)), -np.inf)
    for column, group in enumerate(candidates):
        if group.rows:
            best[:, column] = scores[:, list(group.rows)].max(axis=1)
    there = np.isfinite(best)
    mean = pooled(np.where(there, best, np.nan), queries)
    return np.where(np.isnan(mean), -np.inf, mean)


def _rows_of(corpus: Corpus, count: Count) -> Iterator[tuple[str, tuple[int, ...]]]:
    start = 0
    for person in corpus.participants:
        stop = start + sum(count(s) for s in person.sessions)
        if stop > start:
            yield person.participant_id, tuple(range(start, stop))
        start = stop


def _later(person: Participant, size: int, count: Count) -> int:
    """Return how many of a person's last recordings stand for the release."""
    visits = [n for s in person.sessions if (n := count(s))]
    if len(visits) < 2:
        return max(1, min(size, visits[0] - 1))
    later = 0
    for visit in reversed(visits[1:]):
        later += visit
        if later >= size:
            break
    return later
