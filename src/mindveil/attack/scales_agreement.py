"""How well a released value agrees with one that is known: the evidence of one field.

Every function returns a :class:`Agreement` between the distinct known and the distinct released
values of one field, as log-likelihood ratios (nats): what the pair says for "this is her record"
against "this is anybody's" (Fellegi & Sunter 1969). Spread over people and records, summed over
fields, it ranks the records for each person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.generalised import Coding, covering, gaps

_CHANGED = 0.1
"""What somebody who has learned nothing assumes: one value in ten was changed."""

_FARTHEST = 1.0
"""A number further off than this many mean distances says no more than one as far off."""

_STEPS = 8
"""Steps of distance that are told apart where values were changed."""

_SMALL = 30
"""Fields of up to this many values: single transitions are learned as well."""

_PRIOR = 10.0
"""How many people the general rule counts for beside those with one original value."""

_CONVINCED = 100
"""People of whom a field must never have lied before it is believed to contradict."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Evidence and contradiction; both of shape (distinct known, distinct released)."""

    evidence: Floats
    contradicts: Flags


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What became of a field: original and released value of other people, a row a person."""

    known: Coding
    released: Coding

    @classmethod
    def of(cls, known: Coding, before: Rows, released: Coding, after: Rows) -> Lesson:
        """Pair rows of two tables, without the people whose original is missing."""
        told = ~known.missing[known.codes[before]]
        return cls(
            known=replace(known, codes=known.codes[before][told]),
            released=replace(released, codes=released.codes[after][told]),
        )


def agree_raw(known: Coding, released: Coding) -> Agreement:
    """Return the evidence for somebody who takes every value as it stands.

    Equal values count by their rarity in the release; a generalised value says nothing to him.
    """
    same = covering(released, known).T & known.exact[:, None] & released.exact
    rarity = -np.log(np.maximum(released.shares(), 1e-12))
    evidence = np.where(same, rarity, 0.0)
    return Agreement(evidence=evidence, contradicts=np.zeros_like(same))


def agree_coded(known: Coding, released: Coding) -> Agreement:
    """Return the evidence for somebody who knows what bands and sets stand for.

    A value that covers the known one counts the more, the fewer people it covers; one that does
    not contradicts, and counts against by its distance on the scale, if the field has one.
    """
    covers = covering(released, known).T
    evidence = np.where(
        covers, _rarity(covers, known), np.log(_CHANGED) * _distance(known, released)
    )
    return _agreement(evidence, covers, known, released)


def agree_learned(lesson: Lesson, known: Coding, released: Coding) -> Agreement:
    """Return the evidence for somebody who has seen what became of other people's values.

    How often a value still covers its original, and how far it lies off where it does not, are
    counted in the lesson and compared with pairs of strangers; in fields of few values single
    transitions are counted too. A field that never lied in a long enough lesson contradicts.
    """
    covers = covering(released, known).T
    steps = _steps(lesson)
    taught = _relations(lesson.known, lesson.released, steps)
    own = taught[lesson.known.codes, lesson.released.codes]
    relation = _relations(known, released, steps)
    kinds = len(steps) + 4
    given = np.where(known.missing, 0.0, known.shares())
    given /= max(given.sum(), 1e-12)
    chance = np.array([given @ (relation == kind) @ released.shares() for kind in range(kinds)])
    counted = np.bincount(own, minlength=kinds)
    found = (counted + chance) / (len(own) + 1)
    ratio = np.log(np.maximum(found, 1e-9)) - np.log(np.maximum(chance, 1e-9))
    evidence = ratio[relation]
    evidence = np.where(covers, np.log(max(found[0], 1e-9)) + _rarity(covers, known), evidence)
    if max(len(known.distinct), len(released.distinct)) <= _SMALL and not _wide(released).any():
        evidence = _transitions(lesson, known, released, evidence)
    lied = counted[2:].sum() > 0 or len(own) < _CONVINCED
    silent = np.zeros_like(covers)
    agreed = _agreement(evidence, covers, known, released)
    return Agreement(evidence=agreed.evidence, contradicts=silent) if lied else agreed


def _agreement(evidence: Floats, covers: Flags, known: Coding, released: Coding) -> Agreement:
    """A known value that is missing says nothing; a released one does not contradict."""
    unknown = known.missing[:, None]
    return Agreement(
        evidence=np.where(unknown, 0.0, evidence),
        contradicts=~covers & ~unknown & ~released.missing,
    )


def _rarity(covers: Flags, known: Coding) -> Floats:
    """Return minus the log of the share of known people whom each released value covers."""
    people = max(1, len(known.codes))
    share = known.shares() @ covers
    return np.asarray(-np.log(np.maximum(share, 0.5 / people)), dtype=np.float64)


def _distance(known: Coding, released: Coding) -> Floats:
    """Return the distance in mean distances of strangers; 1 where there is no scale."""
    apart = gaps(known, released)
    placed = np.isfinite(apart)
    usual = known.shares() @ np.where(placed, apart, 0.0) @ released.shares()
    if usual <= 0:
        return np.ones_like(apart)
    return np.where(placed, np.minimum(apart / usual, _FARTHEST), 1.0)


def _wide(released: Coding) -> Flags:
    return np.asarray(~released.exact & ~released.missing, dtype=np.bool_)


def _steps(lesson: Lesson) -> Floats:
    """Return the distances that divide the changed values of the lesson into equal parts."""
    apart = gaps(lesson.known, lesson.released)[lesson.known.codes, lesson.released.codes]
    off = apart[np.isfinite(apart) & (apart > 0)]
    if not len(off):
        return np.zeros(0)
    return np.unique(np.quantile(off, np.arange(1, _STEPS + 1) / _STEPS, method="higher"))


def _relations(known: Coding, released: Coding, steps: Floats) -> NDArray[np.intp]:
    """Return 0 covered, 1 released as missing, 2 off the scale, 3... off by so many steps.

    The last step is further off than anybody in the lesson.
    """
    apart = gaps(known, released)
    placed = np.isfinite(apart)
    relation = np.where(placed, 3 + np.searchsorted(steps, np.where(placed, apart, 0.0)), 2)
    relation[:, released.missing] = 1
    relation[covering(released, known).T] = 0
    return np.asarray(relation, dtype=np.intp)


def _transitions(lesson: Lesson, known: Coding, released: Coding, general: Floats) -> Floats:
    """Refine the general rule by what single values became, where enough people had them."""
    row = {value: i for i, value in enumerate(known.distinct)}
    column = {value: i for i, value in enumerate(released.distinct)}
    counted = np.zeros_like(general)
    for old, new in zip(lesson.known.values, lesson.released.values, strict=True):
        if old in row and new in column:
            counted[row[old], column[new]] += 1
    shares = released.shares()
    expected = shares * np.exp(general)
    expected /= expected.sum(axis=1, keepdims=True)
    total = counted.sum(axis=1, keepdims=True)
    refined = (counted + _PRIOR * expected) / (total + _PRIOR)
    return np.asarray(np.log(np.maximum(refined, 1e-12)) - np.log(shares), dtype=np.float64)
