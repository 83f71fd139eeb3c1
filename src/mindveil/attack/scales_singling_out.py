"""``scales/singling-out``: "there is exactly one person who ...", read off a released table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import (
    ATTACKERS,
    Attacker,
    Guesses,
    Holding,
    Knowledge,
    Predicate,
    Predicates,
    Tier,
)
from mindveil.attack.scales_trust import DOUBT, FEWEST, Trust, learn_trust
from mindveil.corpus.generalised import Coding, Value, band, code, covering, overlapping
from mindveil.corpus.model import Modality
from mindveil.errors import InputError, InvalidMeasurement, MindveilError
from mindveil.features.scales import Field, Table, latest_table, matches
from mindveil.release import DataRelease

_FADE = 0.1
"""How much less somebody who fails one more term counts while terms are chosen."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tactic:
    """How predicates are read: every other record fails more than ``margin`` of the terms.

    ``raw`` takes only values as they stand, and knows no bands; ``trust`` is what was learned
    of the fields, empty where nothing was.
    """

    margin: int
    raw: bool = False
    trust: Mapping[str, Trust] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalesSinglingOut:
    """Describe each released person so that nobody else fits.

    The attacker knows nobody. From each record he reads a conjunction of as few attributes and
    answers as set it apart from every other record, with a ``margin``: nobody else may fit all
    but that many of its terms, for he wants the only such person of the original people, not
    merely of the release. Success is that exactly one original person fits and that it is the
    person of the record; the control is the same event by chance, for people who are in no record
    (Article 29 Working Party, opinion 05/2014; the control after Giomi et al. 2023).

    The ignorant attacker reads raw values only; the lazy-informed one knows what bands and sets
    mean; the semi-informed one protects half of his reference people alike, learns how far each
    field can be believed, rehearses on them with the other half as control, and takes the
    tactic that isolates most.

    Source: Article 29 Working Party, opinion 05/2014; Giomi et al. 2023 (Anonymeter) for the
    control.

    Limits: Sentences of few terms that a person can check are tried, not every one that exists.
    That somebody is singled out does not yet say who she is; and that nobody is does not rule out
    linkage.
    """

    name: ClassVar[str] = "scales/singling-out"
    needs: ClassVar[AbstractSet[Modality]] = frozenset({"scales"})
    modality: ClassVar[str] = "scales"
    holding: ClassVar[Holding] = "nothing"
    attackers: ClassVar[tuple[Attacker, ...]] = ATTACKERS

    margin: int = 1

    def __post_init__(self) -> None:
        if self.margin < 0:
            raise InputError(
                f"scales/singling-out margin = {self.margin}: use 0 or more (1 is usual)"
            )

    def run(
        self, release: DataRelease, knowledge: Knowledge, rng: np.random.Generator
    ) -> tuple[Guesses, ...]:
        """Return at most one predicate a record.

        Raises:
            InvalidMeasurement: the release has no field to make a term of.
        """
        table = latest_table(release.corpus)
        if not table.fields:
            raise InvalidMeasurement("the release has neither attributes nor answers")
        tactic = Tactic(margin=self.margin, raw=knowledge.attacker == "ignorant")
        forming, rehearsing = rng.spawn(2)
        trained = False
        if knowledge.attacker == "semi-informed":
            rehearsed = rehearse(tactic, knowledge, rehearsing)
            tactic, trained = rehearsed or tactic, rehearsed is not None
        made = form(table, tactic, forming)
        tier: Tier = "trained" if trained else "light"
        return (Predicates(made=made, records=len(table.ids), tier=tier),)


def telling_fields(table: Table) -> tuple[Field, ...]:
    """Return the fields that terms are made of: not a total whose exact items stand beside it."""
    itemised = {
        f.tool for f in table.fields if f.source == "item" and table.columns[f.name].exact.any()
    }
    return tuple(f for f in table.fields if f.source != "total" or f.tool not in itemised)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """A field while predicates are formed, by distinct released value.

    ``terms`` is the term each value gives (``None``: no information); ``fits`` says which value
    may fit it, shape (distinct, distinct); ``cost`` is what a term costs, shape (distinct,).
    """

    name: str
    codes: NDArray[np.intp]
    terms: tuple[str | float | None, ...]
    fits: NDArray[np.bool_]
    cost: Floats


def form(table: Table, tactic: Tactic, rng: np.random.Generator) -> tuple[Predicate, ...]:
    """Return the predicates that can be formed, in the order of the records."""
    lines = [_line(table.columns[f.name], f, tactic) for f in telling_fields(table)]
    # Fields that serve equally well are not chosen by their order in the table.
    nudge = 1 + 0.01 * rng.random(len(lines))
    made: list[Predicate] = []
    for row, record in enumerate(table.ids):
        told = [(line, n) for line, n in zip(lines, nudge, strict=True) if _tells(line, row)]
        if not told:
            continue
        agree = np.stack([line.fits[line.codes[row]][line.codes] for line, _ in told])
        cost = np.array([line.cost[line.codes[row]] * n for line, n in told])
        chosen = _choose(agree, cost, row, tactic.margin)
        if chosen:
            made.append(Predicate(record=record, terms=_terms([told[i][0] for i in chosen], row)))
    return tuple(made)


def _tells(line: _Line, row: int) -> bool:
    return line.terms[line.codes[row]] is not None


def _terms(lines: Sequence[_Line], row: int) -> dict[str, str | float]:
    said = {line.name: line.terms[line.codes[row]] for line in lines}
    return {name: term for name, term in said.items() if term is not None}


def _choose(agree: NDArray[np.bool_], cost: Floats, row: int, margin: int) -> list[int]:
    """Return the fields of one predicate; none where the record cannot be told apart.

    ``agree`` has shape (fields, records): who else may fit the term. Greedy: the field that
    sets apart the most records per cost, records that fail fewer terms so far counting more.
    """
    weigh = agree.astype(np.float32)
    failed = np.zeros(agree.shape[1], dtype=np.int64)
    failed[row] = margin + 1
    chosen: list[int] = []
    while (failed <= margin).any():
        weight = np.where(failed <= margin, _FADE**failed, 0.0).astype(np.float32)
        total = float(weight.sum())
        apart = np.clip(1 - (weigh @ weight) / total, 0.0, 1.0)
        apart[chosen] = 0.0
        worth = -np.log(1 - (1 - _FADE) * apart) / cost
        best = int(np.argmax(worth))
        if agree[best, failed <= margin].all() or best in chosen:
            break
        chosen.append(best)
        failed += ~agree[best]
    return chosen if (failed > 0).all() else []


def _line(column: Coding, told: Field, tactic: Tactic) -> _Line:
    trust = tactic.trust.get(told.name, Trust())
    usable = column.exact if tactic.raw else ~(column.missing | _vague(column))
    terms = tuple(
        _term(value, trust.width) if use else None
        for value, use in zip(column.distinct, usable, strict=True)
    )
    asked = code(terms)
    meet = covering(asked, column) if tactic.raw else overlapping(asked, column)
    cost = np.array([DOUBT - np.log(trust.of(value)) for value in column.distinct])
    return _Line(name=told.name, codes=column.codes, terms=terms, fits=meet[asked.codes], cost=cost)


def _vague(column: Coding) -> NDArray[np.bool_]:
    """Return which distinct values cover everything that the column holds."""
    return np.asarray(covering(column, column).all(axis=1) & ~column.exact, dtype=np.bool_)


def _term(value: Value, width: float) -> str | float | None:
    if width and isinstance(value, (int, float)):
        return band(value - width, value + width)
    return value


def rehearse(tactic: Tactic, knowledge: Knowledge, rng: np.random.Generator) -> Tactic | None:
    """Return the tactic that isolates most reference people; ``None`` if nothing can be learned.

    Half of the reference people are protected as the release was, the others are the control.
    Where the protection keeps no link from a record to a person (a synthesiser), isolating
    anybody counts.
    """
    order = rng.permutation(len(knowledge.reference.ids))
    half = len(order) // 2
    if knowledge.protect is None or half < 2 * FEWEST:
        return None
    shadow, absent = (
        knowledge.reference.select([knowledge.reference.ids[i] for i in part])
        for part in (order[:half], order[half:])
    )
    try:
        protected = latest_table(knowledge.protect(shadow, rng))
    except MindveilError:
        return None
    people, others = latest_table(shadow), latest_table(absent)
    # What is believed of a field is tried on people from whom it was not learned.
    pupils, tried = people.ids[::2], frozenset(people.ids[1::2])
    some, no_trust = learn_trust(people, protected, pupils), dict[str, Trust]()
    tactics = [
        replace(tactic, margin=margin, raw=raw, trust=trust)
        for margin in sorted({tactic.margin, 0, 1, 2, 3}, key=lambda m: abs(m - tactic.margin))
        for raw, trust in ((False, no_trust), (False, some), (True, no_trust))
    ]
    # Records that keep no link to a person are all tried.
    tried |= frozenset(protected.ids) - frozenset(people.ids)
    gains = [_gain(form(protected, t, rng), people, others, tried) for t in tactics]
    # Two standard errors: luck among few people must not replace a sound tactic.
    clear = max(gains) - gains[0] > 1 / np.sqrt(max(1, len(tried)))
    best = tactics[int(np.argmax(gains)) if clear else 0]
    everything = learn_trust(people, protected, people.ids) if best.trust else no_trust
    return replace(best, trust=everything)


def _gain(
    made: Sequence[Predicate], people: Table, others: Table, tried: AbstractSet[str]
) -> float:
    """Return success above the control among the records that are tried."""
    place = {person: i for i, person in enumerate(people.ids)}
    hits = alone = 0
    for predicate in made:
        if predicate.record not in tried:
            continue
        fits = np.flatnonzero(matches(predicate.terms, people))
        hits += len(fits) == 1 and place.get(predicate.record, fits[0]) == fits[0]
        alone += int(matches(predicate.terms, others).sum()) == 1
    return (hits - alone) / max(1, len(tried) - alone)
