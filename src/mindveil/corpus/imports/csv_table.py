"""A table with one row a person, or one row a person and session.

Only what the map names, and columns that are well known (age, gender, education ...), comes into
the corpus; sums, indices and notes that a file happens to hold stay out, and are listed. Names
become lower case with underscores.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from mindveil.corpus.imports.base import Imported, checked
from mindveil.corpus.imports.csv_answers import USUAL_BLANKS, Answers, read_questionnaire
from mindveil.corpus.imports.csv_columns import choose_fields, read_field
from mindveil.corpus.imports.csv_map import CsvMap
from mindveil.corpus.imports.spreadsheet import place_of, read_spreadsheet, side_by_side
from mindveil.corpus.model import (
    Attribute,
    Column,
    Corpus,
    Participant,
    Response,
    Session,
    Turn,
)
from mindveil.corpus.paths import inside
from mindveil.corpus.people import id_fault
from mindveil.corpus.tables import Table
from mindveil.errors import InputError

ONLY_SESSION = "01"


@dataclass(frozen=True, slots=True)
class CsvTable:
    """Read a CSV or TSV by a map of its columns (:mod:`mindveil.corpus.imports.csv_map`)."""

    kind: ClassVar[str] = "csv"

    def read(self, source: Path, options: Mapping[str, object]) -> Imported:
        """Return the corpus; see :class:`mindveil.corpus.imports.base.Importer`."""
        settings = checked(CsvMap, options)
        table = _read(source, settings)
        if not table.rows:
            raise InputError(f"{table.file} has a header and no rows; export it again")
        blanks = USUAL_BLANKS | frozenset(settings.blank)
        answers = {
            tool: read_questionnaire(table, tool, part, blanks)
            for tool, part in settings.questionnaires.items()
        }
        answered = frozenset[str]().union(*(a.used for a in answers.values()))
        fields, left_out = choose_fields(table, settings, answered)
        notes = _said_left_out(left_out)
        attributes: dict[str, list[Attribute]] = {}
        columns: dict[str, Column] = {}
        for field in fields:
            columns[field.name], values, said = read_field(table, field, blanks)
            attributes[field.name] = values
            notes += said
        rows = _grouped(table, settings, blanks)
        people, said = _people(table, settings, rows, attributes, answers)
        corpus = Corpus(
            name=settings.name or source.stem,
            participants=people,
            columns=columns,
            language=settings.language,
            licence=settings.licence,
            consent={str(m): scope for m, scope in settings.consent.items()},
            pseudo_sessions=_pseudo_sessions(settings),
            synthetic=settings.synthetic,
        )
        tools = {tool: a.sheet for tool, a in answers.items() if a.sheet is not None}
        return Imported(corpus=corpus, notes=(*notes, *said), tools=tools)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """A row of the table: its place, and whose and of which session it is."""

    place: int
    person: str
    session: str


def _read(source: Path, settings: CsvMap) -> Table:
    table = read_spreadsheet(source, settings.encoding, settings.separator)
    for name in settings.beside:
        path = inside(source.parent, name)
        other = read_spreadsheet(path, settings.encoding, settings.separator)
        table = side_by_side(table, other)
    return table


def _said_left_out(names: Sequence[str]) -> list[str]:
    if not names:
        return []
    remedy = "name those to keep under [columns], the others in drop"
    return [f"columns left out ({len(names)}): {', '.join(names)}; {remedy}"]


def _grouped(table: Table, settings: CsvMap, blanks: frozenset[str]) -> dict[str, list[_Row]]:
    """Return the rows of each person, in the order of the table."""
    if settings.id is None:
        width = max(4, len(str(len(table.rows))))
        people = [f"P{n:0{width}d}" for n in range(1, len(table.rows) + 1)]
    else:
        people = _identities(table, settings.id, "id", blanks)
    sessions = [ONLY_SESSION] * len(people)
    if settings.session is not None:
        sessions = _identities(table, settings.session, "session", blanks)
    grouped: dict[str, list[_Row]] = {}
    first: dict[tuple[str, str], int] = {}
    for place, (person, session) in enumerate(zip(people, sessions, strict=True)):
        if (person, session) in first:
            remedy = "two rows of one session: keep one"
            if settings.session is None:
                remedy = "name the column of the visit with session = ..., or keep one row"
            raise InputError(
                f"{table.file}, line {table.lines[place]}: participant {person} is in line "
                f"{table.lines[first[person, session]]} too; {remedy}"
            )
        first[person, session] = place
        row = _Row(place=place, person=person, session=session)
        grouped.setdefault(person, []).append(row)
    return grouped


def _identities(table: Table, name: str, option: str, blanks: frozenset[str]) -> list[str]:
    at = place_of(table, name, option)
    found = []
    for row, line in zip(table.rows, table.lines, strict=True):
        cell = re.sub(r"^(-?[0-9]+)\.0+$", r"\1", row[at].strip())
        fault = id_fault("" if cell in blanks else cell)
        if fault:
            raise InputError(f"{table.file}, line {line}: the {option} (column {name!r}) {fault}")
        found.append(cell)
    return found


def _people(
    table: Table,
    settings: CsvMap,
    grouped: Mapping[str, Sequence[_Row]],
    attributes: Mapping[str, Sequence[Attribute]],
    answers: Mapping[str, Answers],
) -> tuple[tuple[Participant, ...], list[str]]:
    people = []
    changing: dict[str, int] = {}
    for person, rows in grouped.items():
        own: dict[str, Attribute] = {}
        for name, values in attributes.items():
            told = [values[row.place] for row in rows if values[row.place] is not None]
            own[name] = told[0] if told else None
            changing[name] = changing.get(name, 0) + (len(set(told)) > 1)
        sessions = [s for row in rows for s in _sessions(table, settings, row.place, row, answers)]
        people.append(Participant(participant_id=person, attributes=own, sessions=tuple(sessions)))
    notes = [
        f"column {name}: rows of one person differ ({count} people); the first value is kept"
        for name, count in changing.items()
        if count
    ]
    return tuple(people), notes


def _sessions(
    table: Table, settings: CsvMap, place: int, row: _Row, answers: Mapping[str, Answers]
) -> list[Session]:
    """Return the sessions of one row: one, or one a group of text columns.

    Questionnaires were filled in once, so they go with the last group alone: answers repeated in
    every pseudo-session would link a person with themself.
    """
    given = {tool: a.responses[place] for tool, a in answers.items()}
    responses: dict[str, Response] = {t: r for t, r in given.items() if r is not None}
    groups: list[list[str]] = [[]]
    if settings.text is not None:
        groups = settings.text.pseudo_sessions or [settings.text.columns]
    made = []
    for number, group in enumerate(groups, start=1):
        name = f"{number:02d}" if len(groups) > 1 else row.session
        turns = tuple(_turn(table, column, place) for column in group)
        spoken = tuple(turn for turn in turns if turn.text not in USUAL_BLANKS)
        last = number == len(groups)
        if spoken or (last and (responses or len(groups) == 1)):
            made.append(
                Session(session_id=name, transcript=spoken, responses=responses if last else {})
            )
    return made


def _turn(table: Table, column: str, place: int) -> Turn:
    text = table.rows[place][table.header.index(column)].strip()
    return Turn(speaker="participant", text=text)


def _pseudo_sessions(settings: CsvMap) -> str:
    if settings.text is None or not settings.text.pseudo_sessions:
        return ""
    groups = [
        f"session {n:02d} holds {', '.join(group)}"
        for n, group in enumerate(settings.text.pseudo_sessions, start=1)
    ]
    return (
        f"texts of one sitting, divided by question: {'; '.join(groups)}; "
        "the questionnaires are with the last"
    )
