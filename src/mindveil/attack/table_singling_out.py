"""``synthetic/singling-out``: "there is exactly one person who ...", read off nobody's table."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import (
    Attacker,
    Guesses,
    Holding,
    Knowledge,
    Predicate,
    Predicates,
    Tier,
)
from mindveil.attack.scales_singling_out import telling_fields
from mindveil.corpus.generalised import covered
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InputError, InvalidMeasurement, MindveilError
from mindveil.features.scales import Table
from mindveil.features.visits import whole_table
from mindveil.release import DataRelease

_FADE = 0.1
"""How much less somebody who fails one more term counts while terms are chosen."""

_FEWEST = 80
"""Reference people below whom nothing is rehearsed."""

_MARGINS = (0, 1, 2)
_REHEARSED = 400
"""Records of which a rehearsal reads predicates."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Cells = NDArray[np.integer]


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticSinglingOut:
    """Describe people whom nobody else resembles by what a table of nobody says.

    From each record the attacker reads a conjunction of as few attributes and answers as set it
    apart from every other record, with a ``margin``: none of them may fit all but that many of
    its terms. A person is singled out when some predicate fits her alone in her group; the
    control is how often that happens to people of whom the table was not made, in groups of the
    same size (Article 29 Working Party, opinion 05/2014; a control group after Giomi et al.
    2023).

    The attacker who protects reference people the way the release was made rehearses on them
    which margin isolates people behind the table rather than others.

    Source: Article 29 Working Party, opinion 05/2014; Giomi et al. 2023 (Anonymeter).

    Limits: Sentences of few terms are tried, not every one that exists. With a table of few records
    chance alone singles people out, which the control takes away together with small effects.
    """

    name: ClassVar[str] = "synthetic/singling-out"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"scales"})
    modality: ClassVar[str] = "scales"
    holding: ClassVar[Holding] = "same-records"
    attackers: ClassVar[tuple[Attacker, ...]] = ("ignorant", "semi-informed")

    margin: int = 1

    def __post_init__(self) -> None:
        if self.margin < 0:
            raise InputError(
                f"synthetic/singling-out margin = {self.margin}: use 0 or more (1 is usual)"
            )

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return at most one predicate a record.

        Raises:
            InvalidMeasurement: the release has no record, or no field to make a term of.
        """
        describing, rehearsing = rng.spawn(2)
        if not release.corpus.ids:
            raise InvalidMeasurement("the table holds no record: nobody can be described")
        rehearsed = _rehearse(knowledge, self.margin, rehearsing)
        margin = self.margin if rehearsed is None else rehearsed
        people = whole_table(people_of(knowledge.known, knowledge.reference))
        made = describe(whole_table(release.corpus), margin, describing, asked_of=people)
        tier: Tier = "light" if rehearsed is None else "trained"
        return (Predicates(made=made, records=len(release.corpus.ids), tier=tier, of_nobody=True),)


def describe(
    table: Table, margin: int, rng: np.random.Generator, asked_of: Table | None = None
) -> tuple[Predicate, ...]:
    """Return the predicates that set a record apart from all others, in the order of the records.

    Records that are the same in every field count as one: a table that is printed twice says as
    much as once. None where a record cannot be told from another. Values are taken as they stand, which they
    do in a table of nobody, and a missing one makes no term; for bands, and for what becomes of
    a person's own record, see :func:`mindveil.attack.scales_singling_out.form`. Fields that
    ``asked_of`` does not have (another visit, a number of the record) fit nobody and make none.

    Raises:
        InvalidMeasurement: the records have neither attributes nor answers.
    """
    fields = [f.name for f in telling_fields(table)]
    if asked_of is not None:
        fields = [name for name in fields if name in asked_of.columns]
    if not fields:
        raise InvalidMeasurement("the table has neither attributes nor answers")
    columns = [table.columns[name] for name in fields]
    cells: Cells = np.stack([c.codes for c in columns], axis=1)
    cells = cells.astype(np.min_scalar_type(int(cells.max())))  # the smaller, the faster compared
    told = np.stack([~c.missing[c.codes] for c in columns], axis=1)
    shares = np.stack([c.shares()[c.codes] for c in columns], axis=1)
    # Fields that serve equally well are not chosen by their order in the table.
    nudge = 1 + 0.01 * rng.random(len(fields))
    made: list[Predicate] = []
    first = np.sort(np.unique(cells, axis=0, return_index=True)[1])
    cells = cells[first]
    for place, row in enumerate(first):
        worth = np.where(told[row], nudge, 0.0)
        chosen = _choose(cells, place, worth, 1 - shares[row], margin)
        if chosen:
            values = {fields[i]: columns[i].distinct[cells[place, i]] for i in chosen}
            terms = {name: value for name, value in values.items() if value is not None}
            made.append(Predicate(record=table.ids[row], terms=terms))
    return tuple(made)


def fitting(made: Sequence[Predicate], table: Table) -> Flags:
    """Return who fits which predicate; shape (predicates, people).

    Nobody fits a field that the table does not have.
    """
    told: dict[tuple[str, str | float], Flags] = {}
    fits = np.ones((len(made), len(table.ids)), dtype=np.bool_)
    for i, predicate in enumerate(made):
        for term in predicate.terms.items():
            if term not in told:
                told[term] = _fits(term, table)
            fits[i] &= told[term]
    return fits


def alone(fits: Flags, size: int, rng: np.random.Generator) -> Floats:
    """Return who is alone in a group with some predicate, 0 or 1; shape (people,).

    People fall into groups of ``size`` at random. Where the last group is too small, others fill
    it up, who are not scored there.

    >>> fits = np.array([[True, False, False], [False, True, True]])
    >>> alone(fits, 3, np.random.default_rng(0)).tolist()
    [1.0, 0.0, 0.0]
    """
    people = fits.shape[1]
    order = rng.permutation(people)
    found = np.zeros(people)
    for start in range(0, people, size):
        own = order[start : start + size]
        filled = np.concatenate([own, rng.permutation(order[:start])[: size - len(own)]])
        here = fits[:, filled]
        single = here[here.sum(axis=1) == 1]
        found[own] = single.any(axis=0)[: len(own)]
    return found


def people_of(*corpora: Corpus) -> Corpus:
    """Return everybody of several corpora, described as in the first, in order."""
    return corpora[0].with_people([p for corpus in corpora for p in corpus.participants])


def _fits(term: tuple[str, str | float], table: Table) -> Flags:
    column = table.columns.get(term[0])
    if column is None:
        return np.zeros(len(table.ids), dtype=np.bool_)
    return np.asarray(covered(term[1], column)[column.codes], dtype=np.bool_)


def _choose(cells: Cells, row: int, worth: Floats, apart: Floats, margin: int) -> list[int]:
    """Return the fields of one predicate; none where the record cannot be told apart.

    Greedy: the field that sets apart the most people, those who fail fewer terms so far counting
    more. ``apart`` is the share of people that each field sets apart at first, ``worth`` what it
    is worth, 0 where it cannot be used.
    """
    left = np.delete(np.arange(len(cells)), row)
    failed = np.zeros(len(left), dtype=np.int64)
    chosen: list[int] = []
    usable = worth.copy()
    fade = (_FADE ** np.arange(margin + 1)).astype(np.float32)
    while True:
        best = int(np.argmax(-np.log1p((_FADE - 1) * apart) * usable))
        differs = cells[left, best] != cells[row, best]
        if usable[best] <= 0 or not differs.any():
            break
        chosen.append(best)
        usable[best] = 0.0
        failed += differs
        kept = failed <= margin
        left, failed = left[kept], failed[kept]
        if not len(left):
            return chosen
        weight = fade[failed]
        agree = (cells[left] == cells[row]).astype(np.float32)
        apart = np.clip(1 - weight @ agree / weight.sum(), 0.0, 1.0)
    return chosen if (failed > 0).all() else []


def _rehearse(knowledge: Knowledge, usual: int, rng: np.random.Generator) -> int | None:
    """Return the margin that isolates people behind a table rather than others.

    Half of the reference people are protected as the release was, the others are the control.
    The usual margin gives place only to one that is better by two standard errors.
    """
    reference = knowledge.reference
    order = rng.permutation(len(reference.ids))
    if knowledge.protect is None or len(order) < _FEWEST:
        return None
    half = len(order) // 2
    inside, outside = (
        reference.select([reference.ids[i] for i in part])
        for part in (order[:half], order[half : 2 * half])
    )
    try:
        made = knowledge.protect(inside, rng)
    except MindveilError:
        return None
    records = whole_table(made.with_people(made.participants[:_REHEARSED]))
    people = whole_table(people_of(inside, outside))
    margins = sorted({usual, *_MARGINS}, key=lambda margin: (margin != usual, margin))
    gains = []
    for margin in margins:
        fits = fitting(describe(records, margin, rng, asked_of=people), people)
        hit, missed = (
            alone(fits[:, s], half, rng).mean() for s in (slice(half), slice(half, None))
        )
        gains.append((hit - missed) / max(1 - missed, 1 / half))
    clear = 2 * np.sqrt(0.5 / half)
    return margins[int(np.argmax(gains)) if max(gains) - gains[0] > clear else 0]
