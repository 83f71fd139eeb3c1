"""Columns of participants.tsv as variables of a coded table, and back.

Identifiers and free text never enter. Levels that participants.json declares are public; levels
that were read off the data are not, and without a guarantee those that fewer than a few people
have become one: other.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.columns import described, kind_of, known
from mindveil.corpus.generalised import centres, code, value_text
from mindveil.corpus.model import Attribute, Column, Corpus, Role
from mindveil.synthesise.codebook import MISSING, Variable
from mindveil.synthesise.encoding_bounds import (
    FEWEST,
    even_cells,
    found_edges,
    is_whole_by_name,
    public_edges,
    with_youngest,
)
from mindveil.synthesise.encoding_dates import (
    FIRST_YEAR,
    LAST_YEAR,
    WHOLE,
    DateForm,
    date_form,
    dates_of,
    days_of,
    has_form,
    years_of,
)

OTHER = "other"
_SAYS_NOTHING = frozenset({"", "*", "n/a"})
Column16 = NDArray[np.int16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """How one column of participants.tsv is coded.

    ``column`` is its description in a synthetic corpus. ``at`` is the place of its variable; a
    column of which nothing is known has none and stays empty. ``date`` is the form of a column
    of dates. ``pool`` is the level that takes in whatever is not listed.
    """

    name: str
    column: Column
    at: int = -1
    date: DateForm | Literal[""] = ""
    pool: str = ""


def fields_of(corpus: Corpus, *, private: bool) -> tuple[list[Field], list[Variable]]:
    """Return how each usable column is coded, with its variable, in the order of the corpus."""
    fields: list[Field] = []
    variables: list[Variable] = []
    for name, column in _columns(corpus).items():
        values = [p.attributes.get(name) for p in corpus.participants]
        made = _field(name, column, values, private=private)
        if made is None:
            continue
        field, variable = made
        if variable is not None:
            field = replace(field, at=len(variables))
            variables.append(variable)
        fields.append(field)
    return fields, variables


def field_codes(field: Field, variable: Variable, values: Sequence[Attribute]) -> Column16:
    """Return the cell of everybody in one column; a value that has no cell is missing."""
    if variable.kind == "number":
        return cells_of(number_values(values, field.date), variable.edges)
    named = [plain_level(v) for v in values]
    place = {level: n for n, level in enumerate(variable.levels)}
    rest = place.get(field.pool, MISSING)
    return np.array([MISSING if v is None else place.get(v, rest) for v in named], dtype=np.int16)


def field_values(
    field: Field, variable: Variable, codes: Column16, rng: np.random.Generator
) -> list[Attribute]:
    """Return the value of everybody in one column, drawn evenly from the cell of a number."""
    if variable.kind != "number":
        names = np.array([*variable.levels, None], dtype=np.object_)
        levels: list[Attribute] = names[codes].tolist()
        return levels
    if field.date:
        exact = field.date not in WHOLE
        return list(dates_of(values_in(codes, variable, rng, exact=exact), field.date))
    drawn = values_in(codes, variable, rng)
    return [None if gone else x for x, gone in zip(drawn.tolist(), np.isnan(drawn), strict=True)]


def cells_of(values: NDArray[np.float64], edges: Sequence[float]) -> Column16:
    """Return the cell of each number; beyond the outermost edges it is the outermost cell.

    >>> cells_of(np.array([-1.0, 0.5, 2.0, 9.0, np.nan]), (0, 1, 2)).tolist()
    [0, 0, 1, 1, -1]
    """
    inside = np.searchsorted(np.asarray(edges[1:-1]), values, side="right")
    return np.where(np.isnan(values), MISSING, inside).astype(np.int16)


def values_in(
    codes: Column16, variable: Variable, rng: np.random.Generator, *, exact: bool = False
) -> NDArray[np.float64]:
    """Return a number of each cell, drawn evenly; NaN where the code is missing.

    Whole numbers are whole; others have the digits that tell a thousandth of the range apart,
    or all of them where ``exact``.
    """
    edges = np.asarray(variable.edges, dtype=np.float64)
    cell = np.maximum(codes, 0)
    low, high = edges[cell], edges[cell + 1]
    part = rng.random(len(codes))
    if variable.whole:
        first, last = np.ceil(low), np.ceil(high) - 1
        drawn = first + np.floor(part * (last - first + 1))
    else:
        drawn = low + part * (high - low)
        # Rounding in floats may reach the next cell.
        drawn = np.where(drawn < high, drawn, low)
        if not exact:
            scale = 10.0 ** _digits(float(edges[-1] - edges[0]))
            rounded = np.floor(drawn * scale) / scale
            drawn = np.where((rounded >= low) & (rounded < high), rounded, low)
    return np.where(codes < 0, np.nan, drawn)


def _digits(span: float) -> int:
    """Return how many decimals tell a thousandth of a range apart.

    >>> _digits(50.0), _digits(0.2), _digits(5000.0)
    (2, 4, 0)
    """
    return min(12, max(0, math.ceil(3 - math.log10(span))))


def number_variable(
    name: str,
    values: NDArray[np.float64],
    column: Column,
    *,
    private: bool,
    whole: bool | None = None,
) -> Variable | None:
    """Return a number as a variable: cells between public bounds, else read off the data.

    Unless ``whole`` says whether its values are, that is read off its bounds or its values.
    """
    told = values[~np.isnan(values)]
    if whole is None:
        whole = is_whole_by_name(name, column) if private else bool((told == np.floor(told)).all())
    bounded = with_youngest(name, column, values, private=private)
    edges = public_edges(name, bounded, whole=whole)
    found = not edges
    edges = edges or found_edges(values, whole=whole)
    if not edges:
        return None
    return Variable(
        name=name,
        kind="number",
        edges=edges,
        whole=whole,
        found=found,
        may_miss=private or len(told) < len(values),
    )


def plain_level(value: Attribute) -> str | None:
    """Return a value of a choice as the name of its level; ``None`` where it says nothing.

    >>> plain_level("red"), plain_level(2.0), plain_level("*")
    ('red', '2', None)
    """
    if isinstance(value, str):
        return None if value in _SAYS_NOTHING else value
    return None if value is None or math.isnan(value) else value_text(value)


def _columns(corpus: Corpus) -> dict[str, Column]:
    """Return the columns that may enter: neither identifiers nor free text that is no date."""
    declared = dict(corpus.columns)
    names = {name for p in corpus.participants for name in p.attributes}
    for name in sorted(names - set(declared)):
        declared[name] = _undeclared(corpus, name)
    return {name: column for name, column in declared.items() if column.role != "identifier"}


def _undeclared(corpus: Corpus, name: str) -> Column:
    usual = known(name)
    texts = {value_text(p.attributes.get(name)) for p in corpus.participants} - {"n/a"}
    role: Role = "identifier" if usual and usual[0] == "identifier" else "quasi"
    return described(role, kind_of(texts), texts)


def _field(
    name: str, column: Column, values: Sequence[Attribute], *, private: bool
) -> tuple[Field, Variable | None] | None:
    """Return how a column is coded; nothing where it may not enter."""
    texts = [v for v in values if plain_level(v) is not None]
    if not texts and not private and column.kind != "text":
        return Field(name=name, column=column), None
    declared = column.kind != "text" and column.levels and not column.found
    if column.kind == "number":
        numbers = number_values(values, "")
        return Field(name=name, column=column), number_variable(
            name, numbers, column, private=private
        )
    form = None if declared else date_form([v for v in texts if isinstance(v, str)])
    if form and all(isinstance(v, str) for v in texts):
        plain = replace(column, kind="text", levels=(), found=False)
        days = _date_variable(name, values, column, form, private=private)
        return Field(name=name, column=plain, date=form), days
    if column.kind == "text":
        return None
    return _choice(name, column, values, private=private)


def _choice(
    name: str, column: Column, values: Sequence[Attribute], *, private: bool
) -> tuple[Field, Variable | None]:
    counts = Counter(level for level in map(plain_level, values) if level is not None)
    kind: Literal["ordinal", "nominal"] = "ordinal" if column.kind == "ordinal" else "nominal"
    missing = private or sum(counts.values()) < len(values)
    if column.levels and not column.found:
        beyond = any(level not in column.levels for level in counts)
        variable = Variable(name=name, kind=kind, levels=column.levels, may_miss=missing or beyond)
        return Field(name=name, column=column), variable
    listed = [level for level in column.levels if level in counts]
    levels = (*listed, *sorted(counts.keys() - set(listed)))
    if kind == "ordinal":
        # Levels read off a table are sorted as texts: 10-14 before 5-9.
        levels = tuple(sorted(levels, key=_place))
    pool = ""
    if kind == "nominal" and not private and any(counts[level] < FEWEST for level in levels):
        pool = next((level for level in levels if level.lower() == OTHER), OTHER)
        levels = (*(x for x in levels if counts[x] >= FEWEST and x != pool), pool)
    described_as = replace(column, levels=levels, found=bool(levels))
    field = Field(name=name, column=described_as, pool=pool)
    if not levels:
        return field, None
    return field, Variable(name=name, kind=kind, levels=levels, found=True, may_miss=missing)


def _date_variable(
    name: str, values: Sequence[Attribute], column: Column, form: DateForm, *, private: bool
) -> Variable | None:
    days = number_values(values, form)
    whole, bounds = form in WHOLE, years_of(column, form)
    edges = even_cells(*bounds, whole=True) if bounds else found_edges(days, whole=True)
    furthest = years_of(replace(column, low=FIRST_YEAR, high=LAST_YEAR), form)
    if not edges or furthest is None:
        return None
    # Rounded outwards, a bound may have more than four digits of a year.
    edges = tuple(sorted(set(np.clip(edges, furthest[0] - 0.5, furthest[1] + 0.5).tolist())))
    if len(edges) < 2:
        return None
    if not whole:
        # Cells of times end at midnight.
        edges = tuple(edge + 0.5 for edge in edges)
    return Variable(
        name=name,
        kind="number",
        edges=edges,
        whole=whole,
        found=bounds is None,
        may_miss=private or bool(np.isnan(days).any()),
    )


def number_values(values: Sequence[Attribute], form: DateForm | Literal[""]) -> NDArray[np.float64]:
    """Return numbers, dates as days; a band is its middle, NaN where there is no number."""
    if form:
        texts = [v if isinstance(v, str) and has_form(v, form) else None for v in values]
        try:
            return days_of(texts, form)
        except ValueError:  # a day that is in no calendar
            return days_of([t if t and date_form([t]) else None for t in texts], form)
    if all(v is None or isinstance(v, (int, float)) for v in values):
        return np.array([math.nan if v is None else v for v in values], dtype=np.float64)
    column = code(values)
    return np.asarray(centres(column)[column.codes], dtype=np.float64)


def _place(level: str) -> tuple[float, str]:
    middle = float(centres(code([level]))[0])
    return (np.inf if np.isnan(middle) else middle, level)
