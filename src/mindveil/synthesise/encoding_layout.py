"""Where everything stands in the coded table of a corpus: columns, visits, questionnaires.

Attributes come first, then how many visits a person has, then the questionnaires of each visit in
turn, then numbers that were read off recordings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Column, Corpus
from mindveil.errors import InputError
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.encoding_answers import (
    Form,
    Questionnaire,
    Ranges,
    answers_at,
    at_visit,
    form_of,
    moved,
    questionnaires_of,
)
from mindveil.synthesise.encoding_columns import Field, fields_of, number_variable

VISITS = "number of visits"
_ABSENT_OR_PRESENT = ("no", "yes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A number of everybody at one visit that stands in no table of the corpus.

    ``values`` has shape (people,), NaN where missing; ``block`` names what it was read off:
    ``text``, ``voice`` or ``face``. ``low`` and ``high`` are its bounds, if it has any; they are
    public unless ``found``.
    One called ``<block> present`` says who was recorded (1) or not (0); it stands before the
    readings that it is a gate of.
    """

    name: str
    values: NDArray[np.float64]
    visit: int = 1
    block: str = ""
    low: float | None = None
    high: float | None = None
    found: bool = False

    @property
    def is_gate(self) -> bool:
        """Whether it says who was recorded at all."""
        return bool(self.block) and self.name == presence(self.block)


def presence(block: str) -> str:
    """Return the name of the reading that says who was recorded.

    >>> presence("voice")
    'voice present'
    """
    return f"{block} present"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """The place of a reading in the coded table.

    ``present`` is the variable that says who was recorded, where that is not everybody.
    """

    name: str
    visit: int
    at: int
    present: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a synthetic corpus says of itself: what the original said."""

    name: str
    consent: Mapping[str, str]
    language: str = "en"
    licence: str = ""
    pseudo_sessions: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The variables of a coded table and what each stands for; holds no row of anybody.

    ``visits`` is how many visits there are at most; ``counted`` is the variable that says how
    many a person has, -1 where all have the same number. ``gates`` say who was recorded.
    """

    about: About
    codebook: Codebook
    fields: tuple[Field, ...]
    forms: tuple[Form, ...]
    slots: tuple[Slot, ...] = ()
    gates: tuple[Slot, ...] = ()
    visits: int = 0
    counted: int = -1

    @property
    def columns(self) -> dict[str, Column]:
        """The columns of participants.tsv in a synthetic corpus."""
        return {field.name: field.column for field in self.fields}

    def fewest_visits(self) -> int:
        """Return the number of visits that the lowest cell of the count stands for."""
        return int(self.codebook.variables[self.counted].levels[0])


def layout_of(
    corpus: Corpus, readings: Sequence[Reading], ranges: Ranges | None = None, *, private: bool
) -> Layout:
    """Decide the variables of a corpus; ``ranges`` as in :func:`questionnaires_of`.

    Raises:
        InputError: there is nothing to code, or two variables would have the same name.
    """
    fields, variables = fields_of(corpus, private=private)
    visits = _last_visit(corpus, readings)
    count = _visit_count(corpus, visits, private=private)
    counted = -1 if count is None else len(variables)
    variables += [] if count is None else [count]
    forms: list[Form] = []
    tools = questionnaires_of(corpus, ranges)
    for form, made in _forms(corpus, tools, visits, private=private):
        forms.append(moved(form, len(variables)))
        variables += made
    slots: list[Slot] = []
    gates: dict[tuple[str, int], Slot] = {}
    for reading in readings:
        variable = _reading_variable(reading, private=private)
        if variable is None:
            continue
        place, at = (reading.block, reading.visit), len(variables)
        present = gates[place].at if place in gates else -1
        slot = Slot(name=reading.name, visit=reading.visit, at=at, present=present)
        if reading.is_gate:
            gates[place] = slot
        else:
            slots.append(slot)
        variables.append(variable)
    _check(corpus, variables)
    return Layout(
        about=_about(corpus),
        codebook=Codebook(variables=tuple(variables)),
        fields=tuple(fields),
        forms=tuple(forms),
        slots=tuple(slots),
        gates=tuple(gates.values()),
        visits=visits,
        counted=counted,
    )


def _last_visit(corpus: Corpus, readings: Sequence[Reading]) -> int:
    """Return the number of the last visit at which anything was answered or read."""
    answered = [
        n
        for p in corpus.participants
        for n, session in enumerate(p.sessions, start=1)
        if session.responses
    ]
    return max([*answered, *(r.visit for r in readings)], default=0)


def _visit_count(corpus: Corpus, visits: int, *, private: bool) -> Variable | None:
    """Return the variable that says how many visits a person has, where that is a question.

    With ``private`` it is one wherever the study has several visits, and whoever never came is
    somebody of whom everything is missing.
    """
    counts = {min(len(p.sessions), visits) for p in corpus.participants}
    if visits == 0 or (visits == 1 if private else len(counts) < 2):
        return None
    first = 1 if private else min(1, *counts)
    levels = tuple(str(n) for n in range(first, visits + 1))
    return Variable(name=VISITS, kind="ordinal", levels=levels)


def _forms(
    corpus: Corpus, tools: Sequence[Questionnaire], visits: int, *, private: bool
) -> list[tuple[Form, list[Variable]]]:
    made = []
    for visit in range(1, visits + 1):
        came = sum(len(p.sessions) >= visit for p in corpus.participants)
        for tool in tools:
            responses = answers_at(corpus, tool.tool, visit)
            answered = sum(r is not None for r in responses)
            if answered or private:
                gated = len(tools) > 1 if private else answered < came
                made.append(form_of(tool, visit, responses, gated=gated, private=private))
    return made


def _reading_variable(reading: Reading, *, private: bool) -> Variable | None:
    column = Column(role="other", kind="number", low=reading.low, high=reading.high)
    name = at_visit(reading.name, reading.visit)
    if reading.is_gate:
        return Variable(name=name, kind="ordinal", levels=_ABSENT_OR_PRESENT)
    variable = number_variable(name, reading.values, column, private=private, whole=False)
    block = at_visit(reading.block, reading.visit) if reading.block else ""
    if variable is None:
        return None
    return replace(variable, block=block, found=variable.found or reading.found)


def _check(corpus: Corpus, variables: Sequence[Variable]) -> None:
    if not variables:
        raise InputError(
            f"corpus {corpus.name}: no columns and no answers to make people from; identifiers "
            "and free text are not used"
        )
    name, times = Counter(v.name for v in variables).most_common(1)[0]
    if times > 1:
        raise InputError(
            f"two variables would be called {name!r}; rename the column of participants.tsv"
        )


def _about(corpus: Corpus) -> About:
    return About(
        name=corpus.name,
        consent=dict(corpus.consent),
        language=corpus.language,
        licence=corpus.licence,
        pseudo_sessions=corpus.pseudo_sessions,
    )
