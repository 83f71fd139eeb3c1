"""A table beside recordings that says who the people are: age, gender and the like."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from mindveil.corpus.imports.csv_answers import USUAL_BLANKS
from mindveil.corpus.imports.csv_columns import choose_fields, read_field
from mindveil.corpus.imports.csv_map import ColumnPart, CsvMap
from mindveil.corpus.imports.file_patterns import cleaned_id
from mindveil.corpus.imports.spreadsheet import place_of, read_spreadsheet
from mindveil.corpus.model import Attribute, Column
from mindveil.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """Attributes by participant id, what their columns mean, and what the user should know."""

    attributes: Mapping[str, Mapping[str, Attribute]]
    columns: Mapping[str, Column]
    notes: tuple[str, ...]


def read_people_table(
    path: Path, identity: str, parts: Mapping[str, ColumnPart], people: Collection[str]
) -> Described:
    """Read the rows of the people who were recorded; a person may have several rows.

    ``identity`` is the column that says who; ``parts`` say what columns mean, as in the map of
    `mindveil import csv`. Columns that are neither named nor well known stay out.

    Raises:
        InputError: the table cannot be used, or nobody in it was recorded.
    """
    table = read_spreadsheet(path)
    at = place_of(table, identity, "id")
    settings = CsvMap(id=identity, columns=dict(parts))
    fields, left_out = choose_fields(table, settings, ())
    rows: dict[str, list[int]] = {}
    for place, row in enumerate(table.rows):
        rows.setdefault(cleaned_id(re.sub(r"\.0+$", "", row[at].strip())), []).append(place)
    if not rows.keys() & set(people):
        raise InputError(
            f"{table.file}: column {identity!r} names nobody who was recorded; "
            "write the ids there as the folders or the pattern give them"
        )
    notes = [f"columns of {table.file} left out: {', '.join(left_out)}"] if left_out else []
    attributes: dict[str, dict[str, Attribute]] = {person: {} for person in people}
    columns: dict[str, Column] = {}
    for field in fields:
        columns[field.name], values, said = read_field(table, field, USUAL_BLANKS)
        notes += said
        told = {
            person: [v for n in rows.get(person, ()) if (v := values[n]) is not None]
            for person in attributes
        }
        for person, own in attributes.items():
            own[field.name] = told[person][0] if told[person] else None
        notes += _said_differing(field.name, sum(len(set(own)) > 1 for own in told.values()))
    notes += _strangers(table.file, rows, people)
    return Described(attributes=attributes, columns=columns, notes=tuple(notes))


def _said_differing(column: str, people: int) -> list[str]:
    what = f"column {column}: rows of one person differ ({people} people); the first value is kept"
    return [what] if people else []


def _strangers(file: str, rows: Collection[str], people: Collection[str]) -> list[str]:
    unknown = len(set(people) - set(rows))
    unheard = len(set(rows) - set(people))
    notes = [f"recorded people who are not in {file}: {unknown}"] if unknown else []
    return notes + (
        [f"people of {file} of whom nothing was recorded: {unheard}"] if unheard else []
    )
