"""``synthetic/linkage``: "one of these records is hers", said of a table that is nobody's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Attacker, Claims, Guesses, Holding, Knowledge, Tier
from mindveil.attack.scales_agreement import agree_coded, agree_raw
from mindveil.attack.scales_linkage import Known, Question, draw_known
from mindveil.attack.scales_singling_out import telling_fields
from mindveil.attack.table_pairs import Pairing, Sums, add_up, blocks, distances
from mindveil.corpus.model import Modality
from mindveil.errors import InputError, InvalidMeasurement, MindveilError
from mindveil.features.scales import Field, Table
from mindveil.features.visits import whole_table
from mindveil.release import DataRelease

HEADLINE = 7
"""Known answers of the question that counts, where it is asked."""

_FEWEST = 40
"""Reference people below whom nothing is rehearsed."""

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Way = Callable[[Table, Table, Field], Floats]
"""What the values of a field say for "this is her record", distinct known by distinct released."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticLinkage:
    """Claim one record of the table for each person of whom some things are known.

    A colleague, a relative or another data set tells the attacker the quasi-identifiers of a
    person and how she answered ``known_answers`` items, drawn at random for each person. He
    claims the record that agrees best: rare agreements count more than common ones, small
    differences less than large ones (Fellegi & Sunter 1969). Records that agree equally well are
    drawn from at random. Nobody is in a synthetic table, so that a claim is right when the
    claimed record is, over all fields, nearer to her than to anybody else: a generator that
    copies people hands them out all the same.

    The attacker who protects reference people the way the release was made rehearses on them
    which way of comparing finds people behind the table rather than others. The first question
    (7 answers, where they are asked for) is the headline.

    Source: Fellegi & Sunter 1969 (record linkage); Giomi et al. 2023 (Anonymeter) for people who
    took no part as control.

    Limits: A synthetic record is nobody's, so that only near copies can be found. What an attacker
    may know is drawn at random from the answers.
    """

    name: ClassVar[str] = "synthetic/linkage"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"scales"})
    modality: ClassVar[str] = "scales"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant", "semi-informed")

    known_answers: tuple[int, ...] = (0, 3, 7, 14)

    def __post_init__(self) -> None:
        if not self.known_answers or min(self.known_answers) < 0:
            raise InputError(
                f"synthetic/linkage known_answers = {list(self.known_answers)}: give at least one "
                "number of known answers, 0 or more"
            )

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return the record claimed for every known person, a set of claims a question.

        Raises:
            InvalidMeasurement: nothing that is known of anybody is in the release, or all
                records look alike to what is known.
        """
        drawing, breaking, rehearsing = rng.spawn(3)
        released = whole_table(release.corpus)
        known = draw_known(whole_table(knowledge.known), drawing)
        questions = self._questions(known, released)
        rehearsed = _rehearse(knowledge, questions, rehearsing)
        ways: Mapping[Question, Way] = rehearsed or dict.fromkeys(questions, _rarity)
        tier: Tier = "trained" if rehearsed else "light"
        claimed = claim(known, released, ways, breaking)
        return tuple(
            Claims(
                people=known.table.ids,
                records=tuple(released.ids[i] for i in claimed[question]),
                tier=tier,
                setting=str(question),
            )
            for question in questions
        )

    def _questions(self, known: Known, released: Table) -> tuple[Question, ...]:
        """Return what is asked, the headline first, then from most to fewest answers."""
        traits = any(name in released.columns for name in known.traits)
        answers = any(name in released.columns for name in known.answers)
        asked = {n for n in self.known_answers if (answers if n else traits)}
        if not asked or not released.ids or not known.table.ids:
            raise InvalidMeasurement(
                "the table holds neither quasi-identifiers nor answers that are known of anybody"
            )
        order = sorted(asked, key=lambda n: (n != HEADLINE, -n))
        return tuple(Question(answers=n, traits=traits) for n in order)


def claim(
    known: Known, released: Table, ways: Mapping[Question, Way], rng: np.random.Generator
) -> dict[Question, Rows]:
    """Return the row of the record that agrees best with each person, for each question.

    Raises:
        InvalidMeasurement: every record agrees equally well with everybody.
    """
    # The first of equals in a random order is one of them drawn at random.
    order = rng.permutation(len(released.ids))
    found = {question: np.zeros(len(known.table.ids), dtype=np.intp) for question in ways}
    told = dict.fromkeys(ways, False)
    for way in dict.fromkeys(ways.values()):
        asked = [question for question in ways if ways[question] is way]
        for question, rows, scores in _scored(known, released, way, asked):
            shuffled = scores[:, order]
            best = shuffled.argmax(axis=1)
            found[question][rows] = order[best]
            told[question] |= bool((shuffled.min(axis=1) < shuffled.max(axis=1)).any())
    blind = [str(question) for question in ways if not told[question]]
    if blind:
        raise InvalidMeasurement(
            f"{blind[0]}: every record agrees equally well with everybody; the attack saw nothing"
        )
    return found


def nearest(records: Table, originals: Table) -> Iterator[tuple[slice, NDArray[np.bool_]]]:
    """Return which originals are nearest to each record over all fields, ties included.

    In runs of records; each of shape (records of the run, originals). See
    :func:`mindveil.attack.table_pairs.distances`.

    Raises:
        InvalidMeasurement: the tables share no field.
    """
    shared = [f for f in telling_fields(originals) if f.name in records.columns]
    if not shared:
        raise InvalidMeasurement("the table shares no field with the originals")
    pairings = distances(records, originals, shared)
    for rows in blocks(len(records.ids)):
        apart = add_up(pairings, rows, len(originals.ids))
        yield rows, apart == apart.min(axis=1, keepdims=True)


def right_shares(records: Table, originals: Table, claimed: Rows, people: Rows) -> Floats:
    """Return how far each claim names the right person: 1, or her share of a tie, or 0.

    ``claimed`` are rows of ``records``, ``people`` the rows of ``originals`` they were claimed
    for.
    """
    right = np.zeros(len(claimed))
    for rows, near in nearest(records, originals):
        here = np.flatnonzero((claimed >= rows.start) & (claimed < rows.stop))
        mine = near[claimed[here] - rows.start]
        right[here] = mine[np.arange(len(here)), people[here]] / mine.sum(axis=1)
    return right


def _scored(
    known: Known, released: Table, way: Way, questions: Sequence[Question]
) -> Iterator[tuple[Question, slice, Sums]]:
    """Return the scores of every record, for each question and run of people.

    The answers that one question knows beyond another are added to what the other found.
    """
    ordered = sorted(questions, key=lambda question: question.answers)
    values = {
        name: way(known.table, released, known.table.field(name))
        for name in (*known.traits, *known.answers)
        if name in released.columns
    }
    steps = [-1 if ordered[0].traits else 0, *(q.answers for q in ordered)]
    added = [
        _pairings(known, released, values, (before, after)) for before, after in pairwise(steps)
    ]
    for rows in blocks(len(known.table.ids)):
        total = np.zeros((rows.stop - rows.start, len(released.ids)), dtype=np.float32)
        for question, pairings in zip(ordered, added, strict=True):
            total += add_up(pairings, rows, len(released.ids))
            yield question, rows, total


def _pairings(
    known: Known, released: Table, values: Mapping[str, Floats], between: tuple[int, int]
) -> list[Pairing]:
    """Return the answers that become known between two counts; traits come before any answer."""
    first, last = between
    made: list[Pairing] = []
    if first < 0:
        made += [
            Pairing(
                rows=known.table.columns[name].codes,
                columns=released.columns[name].codes,
                values=values[name],
            )
            for name in known.traits
            if name in values
        ]
    for j, name in enumerate(known.answers):
        told = (known.drawn[:, j] >= max(first, 0)) & (known.drawn[:, j] < last)
        if name in values and told.any():
            made.append(
                Pairing(
                    rows=known.table.columns[name].codes,
                    columns=released.columns[name].codes,
                    values=values[name],
                    known=told,
                )
            )
    return made


def _rarity(known: Table, released: Table, field: Field) -> Floats:
    """Agreement by its rarity; a difference counts against by its distance."""
    return agree_coded(known.columns[field.name], released.columns[field.name]).evidence


def _equality(known: Table, released: Table, field: Field) -> Floats:
    """Agreement by its rarity in the table; a difference is a difference."""
    return agree_raw(known.columns[field.name], released.columns[field.name]).evidence


def _nearness(known: Table, released: Table, field: Field) -> Floats:
    """Nothing but the distance, as in the count of right people."""
    (pairing,) = distances(released, known, [field])
    blank = known.columns[field.name].missing
    return np.where(blank[:, None], 0.0, -pairing.values.T)


_WAYS: tuple[Way, ...] = (_rarity, _nearness, _equality)
"""The usual way first."""


def _rehearse(
    knowledge: Knowledge, questions: Sequence[Question], rng: np.random.Generator
) -> dict[Question, Way] | None:
    """Return, for each question, the way that finds people behind a table rather than others.

    Half of the reference people are protected as the release was, the others are the control.
    The usual way gives place only to one that is better by two standard errors.
    """
    order = rng.permutation(len(knowledge.reference.ids))
    if knowledge.protect is None or len(order) < _FEWEST:
        return None
    inside = [knowledge.reference.ids[i] for i in order[: len(order) // 2]]
    try:
        made = whole_table(knowledge.protect(knowledge.reference.select(inside), rng))
    except MindveilError:
        return None
    people = whole_table(knowledge.reference)
    known = draw_known(people, rng)
    behind = np.isin(people.ids, inside)
    gains: dict[Question, list[float]] = {question: [] for question in questions}
    for way in _WAYS:
        try:
            claimed = claim(known, made, dict.fromkeys(questions, way), rng)
        except InvalidMeasurement:  # a way that sees nothing in such a table is not taken
            claimed = {}
        for question in questions:
            if question not in claimed:
                gains[question].append(-np.inf)
                continue
            right = right_shares(made, people, claimed[question], np.arange(len(people.ids)))
            gains[question].append(float(right[behind].mean() - right[~behind].mean()))
    clear = 2 * np.sqrt(0.5 / len(order))
    return {
        question: _WAYS[int(np.argmax(gain)) if max(gain) - gain[0] > clear else 0]
        for question, gain in gains.items()
    }
