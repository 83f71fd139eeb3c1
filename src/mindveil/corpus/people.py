"""participants.tsv and participants.json: who took part, and what each column discloses."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from mindveil.corpus.columns import described, is_generalised, is_number, kind_of, known
from mindveil.corpus.description import ColumnSheet, ColumnsSheet, read_sheet
from mindveil.corpus.findings import Finding, error, meant, shown, warning
from mindveil.corpus.generalised import value_text
from mindveil.corpus.model import Attribute, Column, Participant
from mindveil.corpus.paths import fault_of
from mindveil.corpus.tables import BLANK, Table, read_table, table_text

TABLE = "participants.tsv"
SHEET = "participants.json"
ID = "participant_id"
SESSION = "session_id"

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_PATH_COLUMNS = frozenset({"file", "filename", "filepath", "path"})


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Attributes of everybody by participant id, in the order of the table, and the columns."""

    attributes: Mapping[str, Mapping[str, Attribute]]
    columns: Mapping[str, Column]


def id_fault(identity: str) -> str:
    """Say what is wrong with a participant or session id; empty where nothing is.

    >>> id_fault("P-01_b"), id_fault("Ann Lee")
    ('', 'may hold letters A-Z, digits, - and _ only (64 at most); give people codes')
    """
    if _ID.fullmatch(identity):
        return ""
    if not identity or identity in BLANK:
        return "is missing; every row needs one"
    if ("/" in identity or "\\" in identity or ".." in identity) and fault_of(identity):
        return f"is {fault_of(identity)}, which would lead out of the corpus; give people codes"
    return "may hold letters A-Z, digits, - and _ only (64 at most); give people codes"


def bare(identity: str, prefix: str) -> str:
    """Return an id without the ``sub-`` or ``ses-`` that BIDS puts in front of it."""
    return identity.strip().removeprefix(prefix)


def read_people(root: Path) -> tuple[People, list[Finding]]:
    """Read who took part; nobody where the table cannot be read."""
    nobody = People(attributes={}, columns={})
    table, findings = read_table(root, TABLE)
    if table is None:
        return nobody, findings
    if ID not in table.header:
        near = [name for name in table.header if meant(ID, [name])]
        hint = f"; rename {near[0]!r}" if near else "; the first line names the columns"
        return nobody, [*findings, error("no-id-column", TABLE, f"no column {ID}{hint}", 1)]
    sheets, faults = _read_sheets(root, table)
    findings += faults
    ids, faults = _read_ids(table)
    findings += faults
    if not table.rows:
        findings.append(error("empty-table", TABLE, "nobody is listed; add one row a person"))
    columns: dict[str, Column] = {}
    cells: dict[str, list[Attribute]] = {}
    for name in table.header:
        if name != ID:
            columns[name], cells[name], faults = _read_column(table, name, sheets.get(name))
            findings += faults
    rows = zip(*cells.values(), strict=True) if cells else [()] * len(ids)
    attributes = {
        identity: dict(zip(cells, row, strict=True))
        for identity, row in zip(ids, rows, strict=True)
        if identity is not None
    }
    return People(attributes=attributes, columns=columns), findings


def _read_sheets(root: Path, table: Table) -> tuple[Mapping[str, ColumnSheet], list[Finding]]:
    if not (root / SHEET).exists():
        sentence = "the file is missing: no column has a role; say which columns identify people"
        return {}, [warning("no-roles", SHEET, sentence)]
    sheet, findings = read_sheet(ColumnsSheet, root, SHEET, under="columns")
    if sheet is None:
        return {}, findings
    sheets = dict(sheet.columns)
    sheets.pop(ID, None)
    for name in sheets:
        if name not in table.header:
            near = meant(name, table.header) or "; remove the entry or add the column"
            sentence = f"unknown key {name!r}: {TABLE} has no such column{near}"
            findings.append(error("unknown-column", SHEET, sentence))
    return sheets, findings


def _read_ids(table: Table) -> tuple[list[str | None], list[Finding]]:
    """Return the id of each row, None where it cannot be used."""
    findings: list[Finding] = []
    first: dict[str, int] = {}
    ids: list[str | None] = []
    for cell, line in zip(table.column(ID), table.lines, strict=True):
        identity = bare(cell, "sub-")
        fault = id_fault(identity)
        if fault:
            findings.append(error("id", TABLE, f"the {ID} {fault}", line))
        elif identity in first:
            sentence = (
                f"participant {identity} is listed in line {first[identity]} too; "
                "one row a person: merge or remove one"
            )
            findings.append(error("duplicate-person", TABLE, sentence, line))
        usable = not fault and identity not in first
        if usable:
            first[identity] = line
        ids.append(identity if usable else None)
    return ids, findings


def _read_column(
    table: Table, name: str, sheet: ColumnSheet | None
) -> tuple[Column, list[Attribute], list[Finding]]:
    cells = [cell.strip() for cell in table.column(name)]
    findings = _path_faults(table, name, cells)
    present = {cell for cell in cells if cell not in BLANK}
    usual = known(name)
    kind = (sheet.kind if sheet else None) or kind_of(present)
    if sheet and sheet.levels and not sheet.kind:
        kind = "nominal"
    role = sheet.role if sheet else None
    if role is None:
        # Not knowing is no reason to leave a column unprotected.
        role = "identifier" if usual and usual[0] == "identifier" else "quasi"
        sentence = (
            f"column {name!r} has no role in {SHEET} and is treated as {role}; "
            "give it one of identifier, quasi, sensitive, other"
        )
        findings.append(warning("no-role", TABLE, sentence, 1))
    column = described(role, kind, present, sheet.description if sheet else "")
    if sheet is not None and (sheet.levels or sheet.kind):
        column = Column(
            role=role,
            kind=kind,
            levels=tuple(sheet.levels),
            description=sheet.description,
            low=sheet.low,
            high=sheet.high,
            found=sheet.found,
        )
    values, faults = _values(table, name, cells, column)
    return column, values, findings + faults


def _values(
    table: Table, name: str, cells: Sequence[str], column: Column
) -> tuple[list[Attribute], list[Finding]]:
    meaning: dict[str, Attribute] = {cell: cell for cell in cells}
    meaning |= dict.fromkeys(BLANK, None)
    wrong: dict[str, str] = {}
    for cell in meaning.keys() - BLANK:
        if column.kind == "number":
            if is_number(cell):
                meaning[cell] = float(cell)
            elif not is_generalised(cell):
                wrong[cell] = "is not a number, a band such as 30-39, or *"
        elif column.levels and not _among(cell, column.levels):
            wrong[cell] = "is not one of the levels"
    findings = []
    if wrong:
        severe = column.kind == "number"
        for cell, line in zip(cells, table.lines, strict=True):
            if cell in wrong:
                sentence = f"column {name!r}: {shown(cell)} {wrong[cell]}"
                remedy = (
                    "write n/a if it is missing" if severe else f"add it to {SHEET}, or mend it"
                )
                make, kind = (error, "number") if severe else (warning, "level")
                findings.append(make(kind, TABLE, f"{sentence}; {remedy}", line))
    return [meaning[cell] for cell in cells], findings


def _among(cell: str, levels: Sequence[str]) -> bool:
    """Whether a cell is a level, several joined by ``|``, a band of numbers, or ``*``."""
    if cell in levels:
        return True
    known = {part for level in levels for part in level.split("|")}
    parts = cell.split("|")
    return all(p in known or p in BLANK or p == "*" or is_generalised(p) for p in parts)


def _path_faults(table: Table, name: str, cells: Sequence[str]) -> list[Finding]:
    if name.lower() not in _PATH_COLUMNS:
        return []
    return [
        error("path", TABLE, f"column {name!r}: {fault_of(cell)}; name a file below", line)
        for cell, line in zip(cells, table.lines, strict=True)
        if cell not in BLANK and fault_of(cell)
    ]


def people_text(participants: Sequence[Participant], columns: Sequence[str]) -> str:
    """Return participants.tsv."""
    rows = (
        [p.participant_id, *(value_text(p.attributes.get(name)) for name in columns)]
        for p in participants
    )
    return table_text([ID, *columns], rows)


def sheet_of(column: Column) -> dict[str, str | float | list[str]]:
    """Return the entry of a column in participants.json."""
    entry: dict[str, str | float | list[str]] = {"role": column.role, "kind": column.kind}
    if column.levels:
        entry["levels"] = list(column.levels)
    if column.found:
        entry["found"] = True
    entry |= {
        name: bound
        for name, bound in (("low", column.low), ("high", column.high))
        if bound is not None
    }
    if column.description:
        entry["description"] = column.description
    return entry
