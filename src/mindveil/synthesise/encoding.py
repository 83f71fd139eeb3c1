"""A corpus as a coded table and back: what a generator learns from, and what it draws.

The codebook is decided from what is public wherever something is: declared columns, the table of
instruments, bounds that everybody knows. What had to be read off the data is marked ``found``.
The design of the study counts as public: which columns there are and of which kind, which
questionnaires, and how many visits.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import TypeAdapter, ValidationError

from mindveil.corpus.model import Attribute, Corpus, Participant, Response, Session
from mindveil.errors import InputError
from mindveil.store.cache import Json
from mindveil.synthesise.codebook import MISSING, Codebook, Codes
from mindveil.synthesise.encoding_answers import (
    PRESENT,
    Ranges,
    answers_at,
    at_visit,
    form_answers,
    form_codes,
)
from mindveil.synthesise.encoding_columns import cells_of, field_codes, field_values, values_in
from mindveil.synthesise.encoding_layout import Layout, Reading, layout_of
from mindveil.synthesise.encoding_rules import Rule, follow, found_rules, public_rules

__all__ = ["Encoding", "Reading"]

_MOST_VISITS = 9999


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """The codebook of a corpus and how its cells map back to people; holds no row of anybody.

    ``rules`` is the skip logic.
    """

    layout: Layout
    rules: tuple[Rule, ...] = ()

    @classmethod
    def of(
        cls,
        corpus: Corpus,
        *,
        private: bool = False,
        readings: Sequence[Reading] = (),
        ranges: Ranges | None = None,
    ) -> Encoding:
        """Decide how a corpus is coded.

        With ``private``, nothing depends on anybody's data but what is marked ``found``: rare
        levels are not pooled, no rule is found, every value may be missing and whether numbers
        are whole is told by their bounds. Whoever answers for a guarantee refuses what is found
        or pays for it (``encoding_payment``).

        ``ranges`` says the lowest and highest answer of questionnaires that are in no table of
        instruments, where that is public.

        Raises:
            InputError: there is nothing to code, or two variables would have the same name.
        """
        layout = layout_of(corpus, readings, ranges, private=private)
        plain = cls(layout=layout)
        public = [rule for form in layout.forms for rule in public_rules(form)]
        if private:
            return cls(layout=layout, rules=tuple(public))
        return cls(layout=layout, rules=_rules(layout, public, plain.encode(corpus, readings)))

    @property
    def codebook(self) -> Codebook:
        """The variables of the coded table."""
        return self.layout.codebook

    def encode(self, corpus: Corpus, readings: Sequence[Reading] = ()) -> Codes:
        """Return the coded table, shape (people, variables), in the order of the corpus."""
        layout, variables = self.layout, self.codebook.variables
        people = corpus.participants
        codes = np.full((len(people), len(variables)), MISSING, dtype=np.int16)
        for field in layout.fields:
            if field.at >= 0:
                told = [p.attributes.get(field.name) for p in people]
                codes[:, field.at] = field_codes(field, variables[field.at], told)
        if layout.counted >= 0:
            visits = np.array([min(len(p.sessions), layout.visits) for p in people], dtype=np.int64)
            codes[:, layout.counted] = np.maximum(visits - layout.fewest_visits(), 0)
        for form in layout.forms:
            answers = answers_at(corpus, form.tool, form.visit)
            codes[:, form.all_members] = form_codes(form, self.codebook, answers)
        read = {at_visit(r.name, r.visit): r.values for r in readings}
        for slot in layout.slots:
            values = read.get(at_visit(slot.name, slot.visit))
            if values is not None:
                codes[:, slot.at] = cells_of(values, variables[slot.at].edges)
        for gate in layout.gates:
            recorded = read.get(at_visit(gate.name, gate.visit), np.zeros(len(people)))
            codes[:, gate.at] = recorded > 0
        return codes

    def consistent(self, codes: Codes) -> Codes:
        """Return the codes as one person can have them.

        Questions that are skipped are empty or lowest, a questionnaire that was not asked or a
        visit that did not take place has no answers, and who gave no answer at all was not asked.
        So it is with recordings.
        """
        layout = self.layout
        kept = follow(self.rules, self.codebook.checked(codes))
        there = self._visits(kept)
        if layout.counted >= 0:
            kept[:, layout.counted] = np.maximum(kept[:, layout.counted], 0)
        for form in layout.forms:
            here = there >= form.visit
            if form.present >= 0:
                here = here & (kept[:, form.present] == PRESENT)
            kept[~here, form.members] = MISSING
            if form.present >= 0:
                kept[:, form.present] = (kept[:, form.members] >= 0).any(axis=1)
        for slot in layout.slots:
            absent = there < slot.visit
            if slot.present >= 0:
                absent = absent | (kept[:, slot.present] != PRESENT)
            kept[absent, slot.at] = MISSING
        for gate in layout.gates:
            members = [slot.at for slot in layout.slots if slot.present == gate.at]
            kept[:, gate.at] = (kept[:, members] >= 0).any(axis=1)
        return kept

    def implied(self, codes: Codes) -> NDArray[np.bool_]:
        """Return which values are missing because others say so; shape (people, variables).

        :meth:`consistent` takes them out of whatever is drawn: questions that are skipped, visits
        that did not take place, recordings of people who were not recorded.
        """
        missing = codes < 0
        filled = self.consistent(np.where(missing, 0, codes).astype(np.int16))
        return np.asarray(missing & (filled < 0), dtype=np.bool_)

    def decode(self, codes: Codes, rng: np.random.Generator) -> Corpus:
        """Return a corpus of people who do not exist, with these codes once made consistent.

        Numbers are drawn evenly from their cells. Ids are new, and sessions are numbered.
        """
        kept = self.consistent(codes)
        attributes = self._attributes(kept, rng)
        sessions = self._sessions(kept, rng)
        rows = zip(*attributes.values(), strict=True) if attributes else ((),) * len(kept)
        digits = max(4, len(str(len(kept))))
        people = tuple(
            Participant(
                participant_id=f"SYN-{n:0{digits}d}",
                attributes=dict(zip(attributes, row, strict=True)),
                sessions=visits,
            )
            for n, (row, visits) in enumerate(zip(rows, sessions, strict=True), start=1)
        )
        about = self.layout.about
        return Corpus(
            name=about.name,
            participants=people,
            columns=self.layout.columns,
            language=about.language,
            licence=about.licence,
            consent=dict(about.consent),
            pseudo_sessions=about.pseudo_sessions,
            synthetic=True,
        )

    def readings(self, codes: Codes, rng: np.random.Generator) -> tuple[Reading, ...]:
        """Return the numbers that stand in no table of the corpus, drawn from their cells."""
        kept, variables = self.consistent(codes), self.codebook.variables
        return tuple(
            Reading(
                name=slot.name,
                values=values_in(kept[:, slot.at], variables[slot.at], rng),
                visit=slot.visit,
                block=variables[slot.at].block.partition("@")[0],
                low=variables[slot.at].edges[0],
                high=variables[slot.at].edges[-1],
            )
            for slot in self.layout.slots
        )

    def to_json(self) -> dict[str, Json]:
        """Return the encoding as plain data."""
        plain: dict[str, Json] = TypeAdapter(Encoding).dump_python(self, mode="json")
        return plain

    @classmethod
    def from_json(cls, stored: Mapping[str, object]) -> Encoding:
        """Return the encoding that :meth:`to_json` wrote.

        Raises:
            InputError: it is none, or nobody can be made with it.
        """
        try:
            made = TypeAdapter(Encoding).validate_python(dict(stored))
        except ValidationError as fault:
            where = ".".join(str(part) for part in fault.errors()[0]["loc"])
            raise InputError(f"the encoding cannot be used: {where} is wrong") from None
        _check(made)
        return made

    def _visits(self, codes: Codes) -> NDArray[np.int64]:
        """Return how many visits everybody has; shape (people,)."""
        layout = self.layout
        if layout.counted < 0:
            return np.full(len(codes), layout.visits, dtype=np.int64)
        steps = np.maximum(codes[:, layout.counted], 0).astype(np.int64)
        return steps + layout.fewest_visits()

    def _attributes(self, codes: Codes, rng: np.random.Generator) -> dict[str, list[Attribute]]:
        made: dict[str, list[Attribute]] = {}
        for field in self.layout.fields:
            made[field.name] = [None] * len(codes)
            if field.at >= 0:
                variable = self.codebook.variables[field.at]
                made[field.name] = field_values(field, variable, codes[:, field.at], rng)
        return made

    def _sessions(self, codes: Codes, rng: np.random.Generator) -> list[tuple[Session, ...]]:
        """Return the visits of everybody; one at which nothing was answered is an empty one."""
        answers: dict[int, dict[str, list[Response | None]]] = {}
        for form in self.layout.forms:
            at = answers.setdefault(form.visit, {})
            at[form.tool] = form_answers(form, self.codebook, codes, rng)
        made = [
            _one_visit(f"{visit:02d}", answers.get(visit, {}), len(codes))
            for visit in range(1, self.layout.visits + 1)
        ]
        people: list[tuple[Session, ...]] = list(zip(*made, strict=True)) or [()] * len(codes)
        counts = self._visits(codes).tolist()
        return [visits[:count] for visits, count in zip(people, counts, strict=True)]


def _one_visit(
    name: str, answers: Mapping[str, Sequence[Response | None]], people: int
) -> list[Session]:
    rows = zip(*answers.values(), strict=True) if answers else ((),) * people
    return [
        Session(
            session_id=name,
            responses={t: r for t, r in zip(answers, row, strict=True) if r is not None},
        )
        for row in rows
    ]


def _rules(layout: Layout, public: Sequence[Rule], codes: Codes) -> tuple[Rule, ...]:
    """Return the public rules that everybody follows, and those that are found."""
    kept = [rule for rule in public if not rule.broken(codes).any()]
    asked = [field.at for field in layout.fields if field.at >= 0]
    asked += [form.present for form in layout.forms if form.present >= 0]
    found = found_rules(codes, layout.codebook, sorted(asked))
    for form in layout.forms:
        members = range(form.members.start, form.members.stop)
        there = (codes[:, form.members] >= 0).any(axis=1)
        found += found_rules(codes[there], layout.codebook, members)
    # What is found says more: whether a skipped question is empty or 0.
    closer = {(rule.gates, rule.target) for rule in found}
    return (*(rule for rule in kept if (rule.gates, rule.target) not in closer), *found)


def _check(made: Encoding) -> None:
    """Refuse an encoding from a file that names what there is not, or cannot make a person."""
    layout, count = made.layout, len(made.codebook.variables)
    places = [
        *(field.at for field in layout.fields),
        *(place for form in layout.forms for place in (form.first, form.members.stop - 1)),
        *(form.present for form in layout.forms),
        *(place for slot in (*layout.slots, *layout.gates) for place in (slot.at, slot.present)),
        *(place for rule in made.rules for place in (*rule.gates, rule.target)),
        layout.counted,
    ]
    if any(not -1 <= place < count for place in places) or not 0 <= layout.visits <= _MOST_VISITS:
        raise InputError(f"the encoding names a variable beyond its {count}; save it again")
    try:
        made.decode(np.zeros((1, count), dtype=np.int16), np.random.default_rng(0))
    except (IndexError, TypeError, ValueError) as fault:
        raise InputError("the encoding makes no people; save it again") from fault
