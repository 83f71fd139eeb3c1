"""A corpus as a coded table and back: what a generator learns from, and what it draws.

The codebook is decided from what is public wherever something is: declared columns, the table of
instruments, bounds that everybody knows. What had to be read off the data is marked ``found``.
The study design is public too: which questionnaires were asked and how many visits there were.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Attribute, Column, Corpus, Participant, Response, Session
from mindveil.errors import InputError
from mindveil.synthesise.codebook import MISSING, Codebook, Codes, Variable
from mindveil.synthesise.encoding_answers import (
    PRESENT,
    Form,
    answers_at,
    at_visit,
    form_answers,
    form_codes,
    form_of,
    moved,
    questionnaires_of,
)
from mindveil.synthesise.encoding_columns import (
    Field,
    cells_of,
    field_codes,
    field_values,
    fields_of,
    number_variable,
    values_in,
)
from mindveil.synthesise.encoding_rules import Rule, follow, found_rules, public_rules

VISITS = "number of visits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A number of everybody at one visit that stands in no table of the corpus.

    ``values`` has shape (people,), NaN where missing; ``block`` names what it was read off:
    ``text``, ``voice`` or ``face``. ``low`` and ``high`` are its public bounds, if it has any.
    """

    name: str
    values: NDArray[np.float64]
    visit: int = 1
    block: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The place of a reading in the coded table."""

    name: str
    visit: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a synthetic corpus says of itself: what the original said."""

    name: str
    language: str = "en"
    licence: str = ""
    consent: Mapping[str, str]
    pseudo_sessions: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """The codebook of a corpus and how its cells map back to people; holds no row of anybody.

    ``visits`` is how many visits there are at most; ``counted`` is the variable that says how
    many a person has, -1 where all have the same number. ``rules`` is the skip logic.
    """

    about: About
    codebook: Codebook
    fields: tuple[Field, ...]
    forms: tuple[Form, ...]
    rules: tuple[Rule, ...] = ()
    slots: tuple[Slot, ...] = ()
    visits: int = 1
    counted: int = -1

    @classmethod
    def of(
        cls, corpus: Corpus, *, private: bool = False, readings: Sequence[Reading] = ()
    ) -> Encoding:
        """Decide how a corpus is coded.

        With ``private``, nothing depends on anybody's data but what is marked ``found``: levels
        are not pooled, no rule is found, every value may be missing and whether numbers are
        whole is told by their bounds; whoever answers for a guarantee pays for what is found, or
        refuses it.

        Raises:
            InputError: there is nothing to code, or two things have the same name.
        """
        return _Draft(corpus=corpus, private=private).encoding(readings)

    def encode(self, corpus: Corpus, readings: Sequence[Reading] = ()) -> Codes:
        """Return the coded table, shape (people, variables), in the order of the corpus."""
        people = corpus.participants
        codes = np.full((len(people), len(self.codebook.variables)), MISSING, dtype=np.int16)
        for field in self.fields:
            if field.at >= 0:
                values = [p.attributes.get(field.name) for p in people]
                codes[:, field.at] = field_codes(field, self.codebook.variables[field.at], values)
        if self.counted >= 0:
            first = int(self.codebook.variables[self.counted].levels[0])
            told = [min(len(p.sessions), self.visits) for p in people]
            codes[:, self.counted] = np.maximum(np.array(told, dtype=np.int16) - first, 0)
        for form in self.forms:
            begin = form.present if form.present >= 0 else form.first
            made = form_codes(form, self.codebook, answers_at(corpus, form.tool, form.visit))
            codes[:, begin : form.members.stop] = made
        by_name = {at_visit(r.name, r.visit): r.values for r in readings}
        for slot in self.slots:
            values = by_name.get(at_visit(slot.name, slot.visit))
            if values is not None:
                codes[:, slot.at] = cells_of(values, self.codebook.variables[slot.at].edges)
        return codes

    def consistent(self, codes: Codes) -> Codes:
        """Return the codes as one person can have them.

        Questions that are skipped are empty or lowest, a questionnaire that was not asked or a
        visit that did not take place has no answers, and who gave no answer at all was not asked.
        """
        kept = follow(self.rules, self.codebook.checked(codes))
        there = self._visits_of(kept)
        if self.counted >= 0:
            kept[:, self.counted] = np.maximum(kept[:, self.counted], 0)
        for form in self.forms:
            here = there >= form.visit
            if form.present >= 0:
                here = here & (kept[:, form.present] == PRESENT)
            kept[~here, form.members] = MISSING
            if form.present >= 0:
                kept[:, form.present] = (kept[:, form.members] >= 0).any(axis=1)
        for slot in self.slots:
            kept[there < slot.visit, slot.at] = MISSING
        return kept

    def decode(self, codes: Codes, rng: np.random.Generator) -> Corpus:
        """Return a corpus of people who do not exist, with these codes once made consistent.

        Numbers are drawn evenly from their cells. Everybody has new ids; sessions are numbered.
        """
        kept = self.consistent(codes)
        people = len(kept)
        columns: dict[str, list[Attribute]] = {}
        for field in self.fields:
            columns[field.name] = [None] * people
            if field.at >= 0:
                variable = self.codebook.variables[field.at]
                columns[field.name] = field_values(field, variable, kept[:, field.at], rng)
        sessions = self._sessions(kept, rng)
        rows = zip(*columns.values(), strict=True) if columns else ((),) * people
        digits = max(4, len(str(people)))
        participants = tuple(
            Participant(
                participant_id=f"SYN-{n:0{digits}d}",
                attributes=dict(zip(columns, row, strict=True)),
                sessions=visits,
            )
            for n, (row, visits) in enumerate(zip(rows, sessions, strict=True), start=1)
        )
        return Corpus(
            name=self.about.name,
            participants=participants,
            columns=self.columns,
            language=self.about.language,
            licence=self.about.licence,
            consent=dict(self.about.consent),
            pseudo_sessions=self.about.pseudo_sessions,
            synthetic=True,
        )

    def readings(self, codes: Codes, rng: np.random.Generator) -> tuple[Reading, ...]:
        """Return the numbers that stand in no table of the corpus, drawn from their cells."""
        kept = self.consistent(codes)
        variables = self.codebook.variables
        return tuple(
            Reading(
                name=slot.name,
                values=values_in(kept[:, slot.at], variables[slot.at], rng),
                visit=slot.visit,
                block=variables[slot.at].block.partition("@")[0],
                low=variables[slot.at].edges[0],
                high=variables[slot.at].edges[-1],
            )
            for slot in self.slots
        )

    @property
    def columns(self) -> dict[str, Column]:
        """The columns of a synthetic corpus."""
        return {field.name: field.column for field in self.fields}

    def _visits_of(self, codes: Codes) -> NDArray[np.int64]:
        if self.counted < 0:
            return np.full(len(codes), self.visits, dtype=np.int64)
        first = int(self.codebook.variables[self.counted].levels[0])
        return np.maximum(codes[:, self.counted], 0).astype(np.int64) + first

    def _sessions(self, codes: Codes, rng: np.random.Generator) -> list[tuple[Session, ...]]:
        answered: dict[int, dict[str, list[Response | None]]] = {}
        for form in self.forms:
            at = answered.setdefault(form.visit, {})
            at[form.tool] = form_answers(form, self.codebook, codes, rng)
        made: list[list[Session]] = []
        for visit in range(1, self.visits + 1):
            tools = answered.get(visit, {})
            name = f"{visit:02d}"
            rows = zip(*tools.values(), strict=True) if tools else ((),) * len(codes)
            made.append(
                [
                    Session(
                        session_id=name,
                        responses={t: r for t, r in zip(tools, row, strict=True) if r is not None},
                    )
                    for row in rows
                ]
            )
        counts = self._visits_of(codes).tolist()
        people: list[tuple[Session, ...]] = list(zip(*made, strict=True)) or [()] * len(codes)
        return [visits[:count] for visits, count in zip(people, counts, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Draft:
    """The making of an encoding."""

    corpus: Corpus
    private: bool

    def encoding(self, readings: Sequence[Reading]) -> Encoding:
        fields, variables = fields_of(self.corpus, private=self.private)
        visits = self._visits(readings)
        counted = self._count_visits(variables, visits)
        forms = self._forms(variables, visits)
        slots = self._slots(variables, readings)
        names = [v.name for v in variables]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise InputError(
                f"two variables would both be called {twice[0]!r}; rename the column of "
                "participants.tsv"
            )
        if not variables:
            raise InputError(
                f"corpus {self.corpus.name}: no columns and no answers to make people from; "
                "identifiers and free text are not used"
            )
        plain = Encoding(
            about=_about(self.corpus),
            codebook=Codebook(variables=tuple(variables)),
            fields=tuple(fields),
            forms=tuple(forms),
            slots=tuple(slots),
            visits=visits,
            counted=counted,
        )
        return self._with_rules(plain, readings)

    def _visits(self, readings: Sequence[Reading]) -> int:
        """Return the number of the last visit at which anything was answered or read."""
        answered = [
            n
            for p in self.corpus.participants
            for n, session in enumerate(p.sessions, start=1)
            if session.responses
        ]
        return max([*answered, *(r.visit for r in readings)], default=0)

    def _count_visits(self, variables: list[Variable], visits: int) -> int:
        counts = {min(len(p.sessions), visits) for p in self.corpus.participants}
        if visits == 0 or (visits == 1 if self.private else len(counts) < 2):
            return -1
        first = 1 if self.private else min(1, *counts)
        levels = tuple(str(n) for n in range(first, visits + 1))
        variables.append(Variable(name=VISITS, kind="ordinal", levels=levels))
        return len(variables) - 1

    def _forms(self, variables: list[Variable], visits: int) -> list[Form]:
        tools = questionnaires_of(self.corpus)
        forms = []
        for visit in range(1, visits + 1):
            came = sum(len(p.sessions) >= visit for p in self.corpus.participants)
            for tool in tools:
                responses = answers_at(self.corpus, tool.tool, visit)
                answered = sum(r is not None for r in responses)
                if not answered and not self.private:
                    continue
                gated = len(tools) > 1 if self.private else answered < came
                form, made = form_of(tool, visit, responses, gated=gated, private=self.private)
                forms.append(moved(form, len(variables)))
                variables += made
        return forms

    def _slots(self, variables: list[Variable], readings: Sequence[Reading]) -> list[Slot]:
        slots = []
        for reading in readings:
            name = at_visit(reading.name, reading.visit)
            column = Column(role="other", kind="number", low=reading.low, high=reading.high)
            block = at_visit(reading.block, reading.visit) if reading.block else ""
            variable = number_variable(
                name, reading.values, column, private=self.private, block=block
            )
            if variable is not None:
                slots.append(Slot(name=reading.name, visit=reading.visit, at=len(variables)))
                variables.append(variable)
        return slots

    def _with_rules(self, plain: Encoding, readings: Sequence[Reading]) -> Encoding:
        public = [rule for form in plain.forms for rule in public_rules(form)]
        if self.private:
            return _ruled(plain, public)
        codes = plain.encode(self.corpus, readings)
        kept = [rule for rule in public if not rule.broken(codes).any()]
        known = {(rule.gates, rule.target) for rule in kept}
        asked = [f.at for f in plain.fields if f.at >= 0]
        asked += [form.present for form in plain.forms if form.present >= 0]
        found = found_rules(codes, plain.codebook, sorted(asked))
        for form in plain.forms:
            members = range(form.members.start, form.members.stop)
            there = (codes[:, form.members] >= 0).any(axis=1)
            found += found_rules(codes[there], plain.codebook, members)
        return _ruled(plain, [*kept, *(r for r in found if (r.gates, r.target) not in known)])


def _ruled(plain: Encoding, rules: Sequence[Rule]) -> Encoding:
    return Encoding(
        about=plain.about,
        codebook=plain.codebook,
        fields=plain.fields,
        forms=plain.forms,
        rules=tuple(rules),
        slots=plain.slots,
        visits=plain.visits,
        counted=plain.counted,
    )


def _about(corpus: Corpus) -> About:
    return About(
        name=corpus.name,
        language=corpus.language,
        licence=corpus.licence,
        consent=dict(corpus.consent),
        pseudo_sessions=corpus.pseudo_sessions,
    )
