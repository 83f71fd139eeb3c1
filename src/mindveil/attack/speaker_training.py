"""Practising on other people: which comparison of voices survives a protection.

Reference people are protected the way the release was. Their last session plays the release and
what went before the known recordings. Every way of comparing is judged on people it has not
learned from, and a way that needs learning replaces the plain one only where it does better for
sure: a handful of people must not talk the attacker into something worse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mindveil.attack import back_ends
from mindveil.attack.back_ends import BackEnd, Spread, cosine, spread_of
from mindveil.attack.base import Knowledge
from mindveil.attack.score_fusion import (
    Block,
    both_ways,
    by_person,
    clearly_better,
    learn_weights,
    places,
)
from mindveil.attack.voices import PROSODY, Group, Heard, hear, pooled, recordings_of, strided
from mindveil.corpus.model import Corpus, Participant

Floats = NDArray[np.float64]
Side = Literal["protected", "original"]
"""What the attacker compares with: protected copies of what he has, or the thing itself."""

Learn = Callable[[Spread], BackEnd]
Chosen = tuple[Learn, float] | None
"""A back-end and how much the covariances that it learns are shrunk; None: the plain cosine."""

_LEAST_TEACHERS = 8
_LEAST_TOGETHER = 4
_MOST_PARTS = 5
_BACK_ENDS: tuple[Learn, ...] = (
    back_ends.centring,
    back_ends.wccn,
    back_ends.lda,
    back_ends.plda,
)
_SHRINKAGES = (1.0, 0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of comparing: a channel, what with, and a back-end (None: the plain cosine)."""

    channel: str
    side: Side
    back_end: BackEnd | None

    def rows(self, heard: Heard) -> Floats:
        """Return the rows that this way compares."""
        return heard.plain if self.back_end is None else heard.framed

    def score(self, queries: Floats, candidates: Floats) -> Floats:
        """Return how alike each query is to each candidate."""
        compare = cosine if self.back_end is None else self.back_end.score
        return compare(queries, candidates)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The ways that were learned, and their weights."""

    ways: tuple[Way, ...]
    weights: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _School:
    """Practice with one channel and side: ``probes`` of ``released``, ``enrolled`` of ``known``."""

    channel: str
    side: Side
    released: Heard
    known: Heard
    probes: tuple[Group, ...]
    enrolled: tuple[Group, ...]

    def lesson(self, people: frozenset[str], shrinkage: float) -> Spread | None:
        """Return what the recordings of these people teach."""
        sides = [self.released] if self.side == "protected" else [self.released, self.known]
        rows = np.concatenate([h.framed for h in sides])
        who = [p for h in sides for p in h.people]
        there = [i for i, p in enumerate(who) if p in people]
        return spread_of(rows[there], [who[i] for i in there], shrinkage)

    def way(self, learn: Learn | None, lesson: Spread | None) -> Way:
        """Return a way of comparing, as a lesson taught it."""
        back_end = None if learn is None or lesson is None else learn(lesson)
        return Way(channel=self.channel, side=self.side, back_end=back_end)

    def scores(self, way: Way, people: frozenset[str]) -> Floats:
        """Return the scores of these people's probes against these people."""
        probes = [g for g in self.probes if g.person in people]
        enrolled = [g for g in self.enrolled if g.person in people]
        return way.score(
            pooled(way.rows(self.released), probes), pooled(way.rows(self.known), enrolled)
        )


def train(
    knowledge: Knowledge, channels: Sequence[str], encoder: str, rng: np.random.Generator
) -> Trained | None:
    """Return the ways of comparing that work on protected people; None if too few teach it."""
    teachers = [p for p in knowledge.reference.participants if len(recordings_of(p)) > 1]
    if len(teachers) < _LEAST_TEACHERS or knowledge.protect is None:
        return None
    original = knowledge.reference.with_people(teachers)
    protected = knowledge.protect(original, rng)
    probes, copies = divide(protected, knowledge.recordings)
    _, originals = divide(original, knowledge.recordings)
    people = {g.person for g in copies} & {g.person for g in originals}
    if len(people) < _LEAST_TEACHERS:
        return None
    enrolled = {
        side: tuple(g for g in groups if g.person in people)
        for side, groups in (("protected", copies), ("original", originals))
    }
    probes = tuple(g for g in probes if g.person in people)
    parts = _parts(sorted(people), rng)
    schools = []
    for channel in channels:
        copy, first = hear(channel, protected, encoder), hear(channel, original, encoder)
        schools += [
            _School(
                channel=channel,
                side=side,
                released=copy,
                known=known,
                probes=probes,
                enrolled=enrolled[side],
            )
            for side, known in _sides(copy, first)
        ]
    with threadpool_limits(limits=1):  # matrices so small cost many threads more than one
        return _graduate(schools, parts)


def divide(corpus: Corpus, size: int) -> tuple[tuple[Group, ...], tuple[Group, ...]]:
    """Return probes of ``size`` recordings, and what was recorded of each person before.

    Where there are several sessions, the probes come from the last ones.
    """
    probes, enrolled, start = [], [], 0
    for person in corpus.participants:
        many = len(recordings_of(person))
        rows = tuple(range(start, start + many))
        start += many
        if many < 2:
            continue
        cut = many - _later(person, size)
        name = person.participant_id
        probes += [Group(person=name, rows=taken) for taken in strided(rows[cut:], size)]
        enrolled.append(Group(person=name, rows=rows[:cut]))
    return tuple(probes), tuple(enrolled)


def _later(person: Participant, size: int) -> int:
    """Return how many of a person's last recordings stand for the release."""
    visits = [n for s in person.sessions if (n := len(s.files("voice", "audio")))]
    if len(visits) < 2:
        return max(1, min(size, visits[0] - 1))
    later = 0
    for visit in reversed(visits[1:]):
        later += visit
        if later >= size:
            break
    return later


def _sides(copy: Heard, first: Heard) -> tuple[tuple[Side, Heard], ...]:
    return ("protected", copy), ("original", first)


def _parts(people: Sequence[str], rng: np.random.Generator) -> tuple[frozenset[str], ...]:
    """Return the people in parts that are left out in turn, each with somebody to be mistaken for."""
    count = min(_MOST_PARTS, len(people) // _LEAST_TOGETHER)
    order = rng.permutation(len(people))
    return tuple(frozenset(people[i] for i in order[part::count]) for part in range(count))


def _graduate(schools: Sequence[_School], parts: Sequence[frozenset[str]]) -> Trained:
    """Return each school's best way, learned from everybody, and the weights of all."""
    everybody = frozenset[str]().union(*parts)
    ways, practice = [], []
    for school in schools:
        chosen, scores = _best(school, parts)
        learn, lesson = None, None
        if chosen is not None:
            learn, lesson = chosen[0], school.lesson(everybody, chosen[1])
        ways.append(school.way(learn, lesson))
        practice.append([both_ways(s) for s in scores])
    blocks = [
        Block(channels=np.stack([p[i] for p in practice]), own=_own(schools[0], part))
        for i, part in enumerate(parts)
    ]
    return Trained(ways=tuple(ways), weights=learn_weights(blocks, _plain_weights(schools)))


def _best(school: _School, parts: Sequence[frozenset[str]]) -> tuple[Chosen, list[Floats]]:
    """Return the way that does best on people it has not learned from, and its scores of them."""
    everybody = frozenset[str]().union(*parts)
    best: Chosen = None
    found = _practise(school, None, [None] * len(parts), parts)
    for shrinkage in _SHRINKAGES:
        lessons = [school.lesson(everybody - part, shrinkage) for part in parts]
        for learn in _BACK_ENDS:
            tried = _practise(school, learn, lessons, parts)
            if clearly_better(_places(school, tried, parts) - _places(school, found, parts)):
                best, found = (learn, shrinkage), tried
    return best, found


def _practise(
    school: _School,
    learn: Learn | None,
    lessons: Sequence[Spread | None],
    parts: Sequence[frozenset[str]],
) -> list[Floats]:
    """Return the scores of each part by what the other parts taught."""
    return [
        school.scores(school.way(learn, lesson), part)
        for lesson, part in zip(lessons, parts, strict=True)
    ]


def _places(school: _School, scores: Sequence[Floats], parts: Sequence[frozenset[str]]) -> Floats:
    found = []
    for seen, part in zip(scores, parts, strict=True):
        own = _own(school, part)
        found.append(by_person(places(both_ways(seen), own), own))
    return np.concatenate(found)


def _own(school: _School, people: frozenset[str]) -> NDArray[np.intp]:
    """Return the column of each probe's own person, among these people."""
    columns = [g.person for g in school.enrolled if g.person in people]
    place = {p: i for i, p in enumerate(columns)}
    return np.array([place[g.person] for g in school.probes if g.person in people], dtype=np.intp)


def _plain_weights(schools: Sequence[_School]) -> list[Floats]:
    """Return what needs no learning: the encoders on protected copies, on originals, everything."""
    encoders = np.array([s.channel != PROSODY for s in schools])
    copies = np.array([s.side == "protected" for s in schools])
    chosen = [encoders & copies, encoders & ~copies, copies, np.ones(len(schools), dtype=bool)]
    return [c / c.sum() for c in chosen]
