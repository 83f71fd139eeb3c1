"""Practising on other people: which comparison of recordings survives a protection.

Reference people are protected the way the release was. Their last session plays the release and
what went before the known recordings. Every way of comparing is judged on people it has not
learned from, and a way that needs learning replaces the plain one only where it does better for
sure: a handful of people must not talk the attacker into something worse.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mindveil.attack import back_ends
from mindveil.attack.back_ends import BackEnd, Spread, spread_of
from mindveil.attack.base import Knowledge
from mindveil.attack.groups import Group, Impression, divide
from mindveil.attack.score_fusion import (
    Block,
    both_ways,
    by_person,
    clearly_better,
    learn_weights,
    places,
)
from mindveil.attack.senses import Sense, Side, Way

Floats = NDArray[np.float64]
Learn = Callable[[Spread], BackEnd]
Chosen = tuple[Learn, float] | None
"""A back-end and how much the covariances that it learns are shrunk; None: the plain cosine."""

LEAST_TEACHERS = 8
_LEAST_TOGETHER = 4
_MOST_PARTS = 5
_MOST_NUMBERS = 300
_MOST_AXES = 60
"""A row of more numbers than the first is brought to this many principal axes before learning."""

_NEXT_TO_NONE = 1e-6
_BACK_ENDS: tuple[Learn, ...] = (
    back_ends.centring,
    back_ends.wccn,
    back_ends.lda,
    back_ends.plda,
)
_SHRINKAGES = (1.0, 0.1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """The ways that were learned, and their weights; ``learned`` says whether these were, too."""

    ways: tuple[Way, ...]
    weights: Floats
    learned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _School:
    """Practice with one channel and side: ``probes`` of ``released``, ``enrolled`` of ``known``."""

    sense: Sense
    channel: str
    side: Side
    released: Impression
    known: Impression
    probes: tuple[Group, ...]
    enrolled: tuple[Group, ...]
    axes: Axes | None

    def lesson(self, people: frozenset[str], shrinkage: float) -> Lesson | None:
        """Return what the recordings of these people teach."""
        sides = [self.released] if self.side == "protected" else [self.released, self.known]
        rows = np.concatenate([h.framed for h in sides])
        who = [p for h in sides for p in h.people]
        there = [i for i, p in enumerate(who) if p in people]
        return lesson_of(rows[there], [who[i] for i in there], shrinkage, self.axes)

    def way(self, learn: Learn | None, lesson: Lesson | None) -> Way:
        """Return a way of comparing, as a lesson taught it."""
        back_end = None if learn is None or lesson is None else lesson.back_end(learn)
        return self.sense.way(self.channel, self.side, back_end)

    def scores(self, way: Way, people: frozenset[str]) -> Floats:
        """Return the scores of these people's probes against these people."""
        probes = [g for g in self.probes if g.person in people]
        enrolled = [g for g in self.enrolled if g.person in people]
        return way.score(self.released, probes, self.known, enrolled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Axes:
    """The principal axes of rows that have more numbers than people can teach: (d, k)."""

    middle: Floats
    turn: Floats

    @classmethod
    def of(cls, rows: Floats) -> Axes | None:
        """Return the axes of long rows (n, d), learned without knowing whose they are.

        Of some thousand numbers a handful of people teach a few dozen directions at most
        (Belhumeur et al. 1997, "Fisherfaces"). None where rows are short.
        """
        rows = rows[~np.isnan(rows).any(axis=1)]
        if rows.shape[1] <= _MOST_NUMBERS or len(rows) < 2:
            return None
        middle = rows.mean(axis=0)
        _, size, axes = np.linalg.svd(rows - middle, full_matrices=False)
        there = int((size > size[0] * _NEXT_TO_NONE).sum())
        return cls(middle=middle, turn=axes[: max(min(_MOST_AXES, there), 1)].T)

    def back(self, short: BackEnd) -> BackEnd:
        """Return a back-end for long rows that does what this one does along the axes."""
        centre = self.middle + self.turn @ short.centre
        return replace(short, centre=centre, matrix=self.turn @ short.matrix)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """How rows differ within people and between them, along their principal axes if they are long."""

    spread: Spread
    axes: Axes | None

    def back_end(self, learn: Learn) -> BackEnd:
        """Return a back-end for the rows as they are."""
        short = learn(self.spread)
        return short if self.axes is None else self.axes.back(short)


def lesson_of(
    rows: Floats, people: Sequence[str], shrinkage: float, axes: Axes | None = None
) -> Lesson | None:
    """Return what rows (n, d) teach; None where nobody has two of them."""
    if axes is not None:
        rows = (rows - axes.middle) @ axes.turn
    spread = spread_of(rows, people, shrinkage)
    return None if spread is None else Lesson(spread=spread, axes=axes)


def practise(knowledge: Knowledge, sense: Sense, rng: np.random.Generator) -> Trained | None:
    """Return the ways of comparing that work on protected people; None if too few teach it."""
    teachers = [
        p for p in knowledge.reference.participants if sum(sense.count(s) for s in p.sessions) > 1
    ]
    if len(teachers) < LEAST_TEACHERS:
        return None
    original = knowledge.reference.with_people(teachers)
    protected = knowledge.protected(original, rng)
    if protected is None:
        return None
    probes, copies = divide(protected, knowledge.recordings, sense.count)
    _, originals = divide(original, knowledge.recordings, sense.count)
    people = frozenset(g.person for g in copies) & frozenset(g.person for g in originals)
    if len(people) < LEAST_TEACHERS:
        return None
    seen = {c: sense.read(c, protected) for c in sense.channels}
    channels = [c for c in sense.channels if np.isfinite(seen[c].plain).any()]
    if not channels:
        return None
    axes = {c: Axes.of(seen[c].framed) for c in channels}
    sides: tuple[tuple[Side, tuple[Group, ...]], ...]
    sides = ("protected", copies), ("original", originals)
    schools = [
        _School(
            sense=sense,
            channel=channel,
            side=side,
            released=seen[channel],
            known=seen[channel] if side == "protected" else sense.read(channel, original),
            probes=tuple(g for g in probes if g.person in people),
            enrolled=tuple(g for g in enrolled if g.person in people),
            axes=axes[channel],
        )
        for channel in channels
        for side, enrolled in sides
    ]
    safe = sense.safe & {*channels} or {*channels}
    with threadpool_limits(limits=1):  # matrices so small cost many threads more than one
        return _graduate(schools, _parts(sorted(people), rng), safe)


def _parts(people: Sequence[str], rng: np.random.Generator) -> tuple[frozenset[str], ...]:
    """Return the people in parts that are left out in turn, each with somebody to be mistaken for."""
    count = min(_MOST_PARTS, len(people) // _LEAST_TOGETHER)
    order = rng.permutation(len(people))
    return tuple(frozenset(people[i] for i in order[part::count]) for part in range(count))


def _graduate(
    schools: Sequence[_School], parts: Sequence[frozenset[str]], safe: AbstractSet[str]
) -> Trained:
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
    weights, learned = learn_weights(blocks, _plain_weights(schools, safe))
    return Trained(ways=tuple(ways), weights=weights, learned=learned)


def _best(school: _School, parts: Sequence[frozenset[str]]) -> tuple[Chosen, list[Floats]]:
    """Return the way that does best on people it has not learned from, and its scores of them."""
    everybody = frozenset[str]().union(*parts)
    best: Chosen = None
    found = [school.scores(school.way(None, None), part) for part in parts]
    for shrinkage in _SHRINKAGES:
        lessons = [school.lesson(everybody - part, shrinkage) for part in parts]
        for learn in _BACK_ENDS:
            ways = (school.way(learn, lesson) for lesson in lessons)
            tried = [school.scores(way, part) for way, part in zip(ways, parts, strict=True)]
            if clearly_better(_places(school, tried, parts) - _places(school, found, parts)):
                best, found = (learn, shrinkage), tried
    return best, found


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


def _plain_weights(schools: Sequence[_School], safe: AbstractSet[str]) -> list[Floats]:
    """Return what needs no learning: the safe ones on protected copies, on originals, everything."""
    sure = np.array([s.channel in safe for s in schools])
    copies = np.array([s.side == "protected" for s in schools])
    chosen = [sure & copies, sure & ~copies, copies, np.ones(len(schools), dtype=bool)]
    return [c / c.sum() for c in chosen]
