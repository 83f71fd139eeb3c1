"""The questionnaire side of a corpus as one table: a row a person, columns of mixed kinds.

Columns are the attributes of participants.tsv, the items of every questionnaire at the last
session that has it (``phq9_01``) and, where given, its total (``phq9_total``). A missing value
is a value of its own; a generalised one keeps what it covers (see
:mod:`mindveil.corpus.generalised`). Attackers and those who score them read the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.generalised import (
    MISSING,
    SUPPRESSED,
    Coding,
    Value,
    centres,
    code,
    covered,
    covering,
    value_text,
)
from mindveil.corpus.model import Column, Corpus, Kind, Response, Role
from mindveil.errors import InputError

Source = Literal["attribute", "item", "total"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One column of the table; items are ordinal, totals numbers, both of role ``other``."""

    name: str
    source: Source
    kind: Kind
    role: Role = "other"
    levels: tuple[str, ...] = ()
    tool: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """People by fields; ``columns`` holds every field of ``fields``, rows in the order of ``ids``."""

    ids: tuple[str, ...]
    fields: tuple[Field, ...]
    columns: Mapping[str, Coding]

    def named(self, source: Source) -> tuple[str, ...]:
        """Return the names of the fields that come from here."""
        return tuple(f.name for f in self.fields if f.source == source)

    def field(self, name: str) -> Field:
        """Return a field by its name."""
        for field in self.fields:
            if field.name == name:
                return field
        raise InputError(f"the table has no field {name!r}; it has {len(self.fields)} others")


def latest_table(corpus: Corpus) -> Table:
    """Return attributes and latest answers of everybody.

    Raises:
        InputError: an attribute has the name of an item or total of a questionnaire.
    """
    people = corpus.participants
    values: dict[str, list[Value]] = {}
    fields: list[Field] = []
    for name in attribute_names(corpus):
        column = corpus.columns.get(name) or _undeclared(corpus, name)
        fields.append(
            Field(
                name=name,
                source="attribute",
                kind=column.kind,
                role=column.role,
                levels=column.levels,
            )
        )
        values[name] = [p.attributes.get(name) for p in people]
    for tool in corpus.tools:
        answers = [p.latest(tool) or Response() for p in people]
        for field, column_values in _answer_fields(tool, answers):
            if field.name in values:
                raise InputError(
                    f"participants.tsv has a column {field.name!r}, which is also a field of the "
                    f"questionnaire {tool!r}; rename the column"
                )
            fields.append(field)
            values[field.name] = column_values
    columns = {f.name: code(values[f.name], _ranks(f)) for f in fields}
    return Table(ids=corpus.ids, fields=tuple(fields), columns=columns)


def attribute_names(corpus: Corpus) -> tuple[str, ...]:
    """Return the columns of participants.tsv: declared ones first, then any others, sorted."""
    found = {name for p in corpus.participants for name in p.attributes}
    return (*corpus.columns, *sorted(found - set(corpus.columns)))


def item_name(tool: str, index: int) -> str:
    """Return the field of an item, counted from 0.

    >>> item_name("phq9", 0)
    'phq9_01'
    """
    return f"{tool}_{index + 1:02d}"


def matches(terms: Mapping[str, Value], table: Table) -> NDArray[np.bool_]:
    """Return who fits every term of a predicate; shape (people,).

    A person fits a term when the term covers her value; nobody fits a field that the table does
    not have.
    """
    fit = np.ones(len(table.ids), dtype=np.bool_)
    for name, value in terms.items():
        column = table.columns.get(name)
        if column is None:
            return np.zeros(len(table.ids), dtype=np.bool_)
        fit &= covered(value, column)[column.codes]
    return fit


def numbers(table: Table, name: str) -> NDArray[np.float64]:
    """Return one field as numbers; NaN where missing, suppressed or without a place on a scale.

    A band is its middle, an ordinal name its rank (from 0), an item its answer.
    """
    column = table.columns[name]
    return np.asarray(centres(column)[column.codes], dtype=np.float64)


def indicators(table: Table, name: str) -> tuple[tuple[str, ...], NDArray[np.float64]]:
    """Return one field as a column a level, shape (people, levels): 1 where it is that level.

    A generalised value is shared evenly between the levels that it covers; a missing or
    suppressed one is 0 everywhere. Levels are the declared ones, else those that occur.
    """
    column = table.columns[name]
    declared = table.field(name).levels
    pieces = {piece for value in column.distinct for piece in value_text(value).split("|")}
    occurring = sorted(pieces - {MISSING, SUPPRESSED})
    levels = declared or tuple(occurring)
    told = covering(column, code(levels)).astype(np.float64)
    told[column.names[column.starts] == SUPPRESSED] = 0.0
    total = told.sum(axis=1, keepdims=True)
    shared = np.divide(told, total, out=np.zeros_like(told), where=total > 0)
    return levels, shared[column.codes]


def _undeclared(corpus: Corpus, name: str) -> Column:
    present = [p.attributes.get(name) for p in corpus.participants]
    number = all(isinstance(v, (int, float)) for v in present if v is not None)
    return Column(role="other", kind="number" if number else "nominal")


def _answer_fields(tool: str, answers: list[Response]) -> list[tuple[Field, list[Value]]]:
    made: list[tuple[Field, list[Value]]] = []
    for index in range(max((len(a.items) for a in answers), default=0)):
        field = Field(name=item_name(tool, index), source="item", kind="ordinal", tool=tool)
        made.append((field, [a.items[index] if index < len(a.items) else None for a in answers]))
    if any(a.total is not None for a in answers):
        field = Field(name=f"{tool}_total", source="total", kind="number", tool=tool)
        made.append((field, [a.total for a in answers]))
    return made


def _ranks(field: Field) -> dict[str, float]:
    if field.kind != "ordinal":
        return {}
    return {level: float(rank) for rank, level in enumerate(field.levels)}
