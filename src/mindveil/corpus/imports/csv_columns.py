"""Columns of a table that become attributes of people."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mindveil.corpus.columns import described, is_generalised, is_number, kind_of, known
from mindveil.corpus.findings import shown
from mindveil.corpus.imports.csv_map import ColumnPart, CsvMap
from mindveil.corpus.imports.spreadsheet import place_of
from mindveil.corpus.model import Attribute, Column, Kind
from mindveil.corpus.people import ID
from mindveil.corpus.tables import Table
from mindveil.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A column that becomes an attribute: where from, what it is called, what the map says."""

    source: str
    name: str
    part: ColumnPart


def choose_fields(
    table: Table, settings: CsvMap, answered: Collection[str]
) -> tuple[list[Field], list[str]]:
    """Return the columns that become attributes, and those that are left out.

    ``answered`` are the columns that the questionnaires use.
    """
    for name in settings.columns:
        place_of(table, name, "[columns]")
    for name in settings.drop:
        place_of(table, name, "drop")
    text = settings.text.columns if settings.text else []
    for name in text:
        place_of(table, name, "[text] columns")
    used = {settings.id, settings.session, *text, *settings.drop, *answered}
    fields: dict[str, Field] = {}
    left_out = []
    for source in table.header:
        if source in settings.columns or (source not in used and known(source)):
            part = settings.columns.get(source, ColumnPart())
            name = part.rename or re.sub(r"\W+", "_", source).strip("_").lower()
            if not name or name in fields or name == ID:
                clash = f"{fields[name].source!r}" if name in fields else "the participant id"
                raise InputError(
                    f"columns {source!r} and {clash} would both be called {name!r}; "
                    f'say [columns."{source}"] rename = "..."'
                )
            fields[name] = Field(source=source, name=name, part=part)
        elif source not in used:
            left_out.append(source)
    return list(fields.values()), left_out


def read_field(
    table: Table, field: Field, blanks: frozenset[str]
) -> tuple[Column, list[Attribute], list[str]]:
    """Return what a column means, its values, and what the user should know of them."""
    part = field.part
    missing = blanks if part.blank is None else frozenset({"", *part.blank})
    stripped = [cell.strip() for cell in table.column(field.source)]
    cells = [None if cell in missing else cell for cell in stripped]
    usual = known(field.source)
    notes: list[str] = []
    if part.role is None and usual is None:
        notes.append(f"column {field.name}: no role is given; it is taken as other")
    role = part.role or (usual[0] if usual else "other")
    renamed = [_level(table, field, cell, n) for n, cell in enumerate(cells)]
    present = {cell for cell in renamed if cell is not None}
    kind = part.kind or _kind(part, present, usual[1] if usual else None)
    if kind != "number":
        column = described(role, kind, present, part.description)
        if part.levels:
            named = part.levels if isinstance(part.levels, list) else part.levels.values()
            levels = tuple(dict.fromkeys(named))
            column = Column(role=role, kind=kind, levels=levels, description=part.description)
        return column, list(renamed), notes
    values, outside = _numbers(table, field, renamed)
    if outside:
        low, high = (f"{x:g}" if x is not None else "any" for x in (part.min, part.max))
        lines = ", ".join(str(table.lines[n]) for n in outside[:3])
        what = "value" if len(outside) == 1 else "values"
        notes.append(
            f"column {field.name}: {len(outside)} {what} outside {low} to {high} set to missing "
            f"(line {lines}{' ...' if len(outside) > 3 else ''})"
        )
    column = Column(
        role=role, kind="number", description=part.description, low=part.min, high=part.max
    )
    return column, values, notes


def _kind(part: ColumnPart, present: set[str], usual: Kind | None) -> Kind:
    if part.levels:
        return "nominal"
    if part.min is not None or part.max is not None:
        return "number"
    # The usual kind of a column gives way to what stands in it, unless it is only coded.
    return usual if usual in ("nominal", "text") else kind_of(present)


def _level(table: Table, field: Field, cell: str | None, place: int) -> str | None:
    """Return the name of a level for its code; ``1.0`` is the code ``1``."""
    levels = field.part.levels
    if cell is None:
        return None
    whole = re.fullmatch(r"(-?[0-9]+)\.0+", cell)
    plain = whole[1] if whole else cell
    if not levels:
        return plain
    for code in (cell, plain):
        if code in levels:
            return levels[code] if isinstance(levels, dict) else code
    raise InputError(
        f"{table.file}, line {table.lines[place]}: column {field.source!r} holds {shown(cell)}, "
        f"which is not one of its {len(levels)} levels; add it to levels or blank"
    )


def _numbers(
    table: Table, field: Field, cells: Sequence[str | None]
) -> tuple[list[Attribute], list[int]]:
    """Return the numbers (bands stay text), and the places of those that were out of range."""
    low, high = field.part.min, field.part.max
    values: list[Attribute] = []
    outside = []
    for place, cell in enumerate(cells):
        if cell is None or (not is_number(cell) and is_generalised(cell)):
            values.append(cell)
            continue
        if not is_number(cell):
            raise InputError(
                f"{table.file}, line {table.lines[place]}: column {field.source!r} holds "
                f'{shown(cell)}, not a number; add it to blank, or set kind = "nominal"'
            )
        number = float(cell)
        if (low is not None and number < low) or (high is not None and number > high):
            values.append(None)
            outside.append(place)
        else:
            values.append(number)
    return values, outside
