"""``scales/linkage``: "I know a few things about her; which record is hers?"."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import ATTACKERS, Attacker, Guesses, Holding, Knowledge, LinkScores, Tier
from mindveil.attack.scales_agreement import (
    Agreement,
    Lesson,
    agree_coded,
    agree_learned,
    agree_raw,
)
from mindveil.corpus.generalised import Coding
from mindveil.corpus.model import Modality
from mindveil.errors import InputError, InvalidMeasurement, MindveilError
from mindveil.features.scales import Table, latest_table
from mindveil.release import DataRelease

_CERTAIN = 1_000.0
"""Records that contradict nothing that is known come before all others."""

_FEWEST = 40
"""Reference people below whom nothing is learned."""

Floats = NDArray[np.float64]
Compare = Callable[[str, Coding, Coding], Agreement]
"""The evidence between the known and the released values of a field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is known of everybody: traits, or so many answers, or both."""

    answers: int
    traits: bool

    def __str__(self) -> str:
        if not self.answers:
            return "demographics alone"
        return f"known answers: {self.answers} {'+ demographics' if self.traits else 'alone'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the attacker holds of people, and which of their answers he knows.

    ``drawn`` has shape (people, answers): the order in which each answer of a person becomes
    known, from 0; -1 where there is none.
    """

    table: Table
    traits: tuple[str, ...]
    answers: tuple[str, ...]
    drawn: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalesLinkage:
    """Find the record of each person of whom some things are known.

    A colleague, a relative or another data set tells the attacker the quasi-identifiers of a
    person (age, country, ...) and how she answered ``known_answers`` items of any questionnaire,
    drawn at random for each person. He scores every record: those that contradict nothing come
    first, then by weight of evidence, a rare agreement counting more than a common one and a
    small difference less than a large one (probabilistic record linkage: Fellegi & Sunter 1969).
    Equal records stay tied.

    The ignorant attacker compares values as they stand; the lazy-informed one knows what bands
    and sets stand for; the semi-informed one protects reference people the way the release was
    made, learns what becomes of each value, rehearses on others of them, and uses whatever
    found most. The first question (most answers, with demographics) is the headline.

    Source: Fellegi & Sunter 1969 (probabilistic record linkage).

    Limits: What an attacker may know is drawn at random from the answers; a partner or a nurse may
    know the telling ones. Free text and dates are not used.
    """

    name: ClassVar[str] = "scales/linkage"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"scales"})
    modality: ClassVar[str] = "scales"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ATTACKERS

    known_answers: tuple[int, ...] = (0, 7)
    demographics: bool = True

    def __post_init__(self) -> None:
        if not self.known_answers or min(self.known_answers) < 0:
            raise InputError(
                f"scales/linkage known_answers = {list(self.known_answers)}: give at least one "
                "number of known answers, 0 or more"
            )

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return how well every record fits every known person, a set of scores a question.

        Raises:
            InvalidMeasurement: the release has no field of which anything is known.
        """
        released = latest_table(release.corpus)
        known = draw_known(latest_table(knowledge.known), rng)
        questions = self._questions(known, released)
        ways: dict[Question, Compare] = dict.fromkeys(questions, _coded)
        tier: Tier = "light"
        if knowledge.attacker == "ignorant":
            ways = dict.fromkeys(questions, _raw)
        elif knowledge.attacker == "semi-informed":
            rehearsed = self._rehearse(knowledge, questions, rng)
            ways, tier = rehearsed or ways, "trained" if rehearsed else "light"
        scored = score_ways(known, released, ways)
        return tuple(
            LinkScores(
                queries=known.table.ids,
                candidates=released.ids,
                scores=scored[question],
                queries_are="people",
                whole_table=True,
                tier=tier,
                setting=str(question),
            )
            for question in questions
        )

    def _questions(self, known: Known, released: Table) -> tuple[Question, ...]:
        traits = self.demographics and any(name in released.columns for name in known.traits)
        answers = any(name in released.columns for name in known.answers)
        most = sorted({n for n in self.known_answers if n and answers}, reverse=True)
        made = [Question(answers=n, traits=True) for n in most if traits]
        if traits and 0 in self.known_answers:
            made.append(Question(answers=0, traits=True))
        made += [Question(answers=n, traits=False) for n in most]
        if not made:
            raise InvalidMeasurement(
                "the release has neither quasi-identifiers nor answers that are known of anybody"
            )
        return tuple(made)

    def _rehearse(
        self, knowledge: Knowledge, questions: Sequence[Question], rng: np.random.Generator
    ) -> dict[Question, Compare] | None:
        """Return, for each question, the way of comparing that found most reference people."""
        if knowledge.protect is None or len(knowledge.reference.ids) < _FEWEST:
            return None
        people = latest_table(knowledge.reference)
        try:
            protected = latest_table(knowledge.protect(knowledge.reference, rng))
        except MindveilError:
            return None
        pairs = _pairs(people, protected, rng)
        if len(pairs) < _FEWEST:
            return None
        half = len(pairs) // 2
        known = draw_known(people, rng)
        tried = [_learned(_lessons(people, protected, pairs[:half])), _coded, _raw]
        found: dict[Question, list[float]] = {question: [] for question in questions}
        for way in tried:
            scored = score_ways(known, protected, dict.fromkeys(questions, way))
            for question in questions:
                found[question].append(_right(scored[question], pairs[half:]))
        final = [_learned(_lessons(people, protected, pairs)), _coded, _raw]
        return {question: final[int(np.argmax(found[question]))] for question in questions}


def draw_known(table: Table, rng: np.random.Generator) -> Known:
    """Return what is known of the people of a table: for each one, answers in random order.

    Answers are items, and the totals of questionnaires of which there are no items.
    """
    itemised = {f.tool for f in table.fields if f.source == "item"}
    answers = tuple(
        f.name
        for f in table.fields
        if f.source == "item" or (f.source == "total" and f.tool not in itemised)
    )
    traits = tuple(f.name for f in table.fields if f.source == "attribute" and f.role == "quasi")
    given = np.ones((len(table.ids), len(answers)), dtype=np.bool_)
    for j, name in enumerate(answers):
        column = table.columns[name]
        given[:, j] = ~column.missing[column.codes]
    luck = np.where(given, rng.random(given.shape), np.inf)
    drawn = np.argsort(np.argsort(luck, axis=1), axis=1)
    return Known(
        table=table,
        traits=traits,
        answers=answers,
        drawn=np.where(given, drawn, -1),
    )


def score_ways(
    known: Known, released: Table, ways: Mapping[Question, Compare]
) -> dict[Question, Floats]:
    """Return the score of every record for every person; shape (people, records) a question."""
    sums: dict[tuple[Compare, int], _Sum] = {}
    scored: dict[Question, Floats] = {}
    for question, way in ways.items():
        wanted = {0} if question.traits else set()
        evidence, contradicted = np.zeros(()), np.zeros((), dtype=np.bool_)
        for answers in sorted(wanted | ({question.answers} - {0})):
            if (way, answers) not in sums:
                sums[way, answers] = _gather(known, released, way, answers)
            evidence = evidence + sums[way, answers].evidence
            contradicted = contradicted | sums[way, answers].contradicted
        total = np.where(contradicted, evidence, evidence + _CERTAIN)
        # Rounded, so that the order in which fields were added up cannot break a tie.
        scored[question] = np.round(total, 6, out=total)
    return scored


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sum:
    """Evidence added up over fields; both of shape (people, records)."""

    evidence: Floats
    contradicted: NDArray[np.bool_]


def _gather(known: Known, released: Table, way: Compare, answers: int) -> _Sum:
    """Add up the traits (``answers = 0``) or so many answers of each person."""
    shape = (len(known.table.ids), len(released.ids))
    evidence, contradicted = np.zeros(shape), np.zeros(shape, dtype=np.bool_)
    for j, name in enumerate(known.answers if answers else known.traits):
        if name not in released.columns:
            continue
        column, theirs = known.table.columns[name], released.columns[name]
        rows = np.arange(shape[0])
        if answers:
            rows = np.flatnonzero((known.drawn[:, j] >= 0) & (known.drawn[:, j] < answers))
        agreement = way(name, column, theirs)
        evidence[rows] += agreement.evidence[:, theirs.codes][column.codes[rows]]
        contradicted[rows] |= agreement.contradicts[:, theirs.codes][column.codes[rows]]
    return _Sum(evidence=evidence, contradicted=contradicted)


def _raw(_: str, known: Coding, released: Coding) -> Agreement:
    return agree_raw(known, released)


def _coded(_: str, known: Coding, released: Coding) -> Agreement:
    return agree_coded(known, released)


def _learned(lessons: Mapping[str, Lesson]) -> Compare:
    def compare(name: str, known: Coding, released: Coding) -> Agreement:
        if name not in lessons:
            return agree_coded(known, released)
        return agree_learned(lessons[name], known, released)

    return compare


def _pairs(people: Table, protected: Table, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return rows of the same people in both tables, in random order; shape (pairs, 2)."""
    row_of = {person: i for i, person in enumerate(people.ids)}
    shared = [(row_of[p], i) for i, p in enumerate(protected.ids) if p in row_of]
    return rng.permutation(np.array(shared, dtype=np.intp).reshape(-1, 2))


def _lessons(people: Table, protected: Table, pairs: NDArray[np.intp]) -> dict[str, Lesson]:
    return {
        name: Lesson.of(people.columns[name], pairs[:, 0], column, pairs[:, 1])
        for name, column in protected.columns.items()
        if name in people.columns
    }


def _right(scores: Floats, pairs: NDArray[np.intp]) -> float:
    """Return how often the right record comes first, ties shared."""
    own = scores[pairs[:, 0], pairs[:, 1]]
    best = scores[pairs[:, 0]]
    first = own == best.max(axis=1)
    return float(np.mean(first / np.maximum(1, (best == own[:, None]).sum(axis=1))))
