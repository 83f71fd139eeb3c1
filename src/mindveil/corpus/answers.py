"""phenotype/<tool>.tsv: what people answered, one row a person and session.

Columns: participant_id, session_id, ``<tool>_01`` ... ``<tool>_NN``, ``<tool>_total``. The items
may be absent as a whole where only totals are known. An answer is a whole number, a band or
choice such as ``0-1`` in a release, or ``n/a``; a row without any answer is no response.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np

from mindveil.corpus.columns import is_number
from mindveil.corpus.description import ToolSheet, read_sheet
from mindveil.corpus.findings import Finding, error, meant, shown, warning
from mindveil.corpus.generalised import parts, value_text
from mindveil.corpus.instruments import all_instruments, get, score_table
from mindveil.corpus.model import Response
from mindveil.corpus.people import ID, SESSION, bare, id_fault
from mindveil.corpus.shapes import Shape, shape_of
from mindveil.corpus.tables import BLANK, Table, read_table, table_text

FOLDER = "phenotype"

Item = int | str | None
Row = tuple[str, str]
"""Participant and session."""


def read_answers(
    root: Path, people: Collection[str]
) -> tuple[dict[str, dict[Row, Response]], list[Finding]]:
    """Read every questionnaire of a corpus."""
    answers: dict[str, dict[Row, Response]] = {}
    tools, findings = _find_tools(root)
    for tool in tools:
        found, faults = _read_tool(root, tool, people)
        findings += faults
        if found:
            answers[tool] = found
    return answers, findings


def _find_tools(root: Path) -> tuple[list[str], list[Finding]]:
    """Return the questionnaires that have a table; any other file is pointed out."""
    folder = root / FOLDER
    if not folder.is_dir():
        return [], []
    try:
        paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    except OSError as fault:
        reason = fault.strerror or "unknown reason"
        return [], [error("unreadable", FOLDER, f"cannot be listed ({reason}); check its rights")]
    tools = [path.stem for path in paths if path.suffix == ".tsv"]
    sentence = "this file is not read; a questionnaire is a table <tool>.tsv, its shape <tool>.json"
    return tools, [
        warning("unread-file", f"{FOLDER}/{path.name}", sentence)
        for path in paths
        if path.suffix != ".tsv" and not (path.suffix == ".json" and path.stem in tools)
    ]


def _read_tool(
    root: Path, tool: str, people: Collection[str]
) -> tuple[dict[Row, Response], list[Finding]]:
    file, sheet_file = f"{FOLDER}/{tool}.tsv", f"{FOLDER}/{tool}.json"
    sheet: ToolSheet | None = None
    findings: list[Finding] = []
    if (root / sheet_file).exists():
        sheet, findings = read_sheet(ToolSheet, root, sheet_file)
    shape = shape_of(tool, sheet)
    if shape is None:
        return {}, findings or [error("unknown-tool", file, _unknown_tool(tool))]
    table, faults = read_table(root, file)
    findings += faults
    if table is None:
        return {}, findings
    width, faults = _check_header(table, shape)
    findings += faults
    if any(f.severity == "error" for f in faults):
        return {}, findings
    rows, faults = _read_rows(table, people)
    findings += faults
    items, totals, faults = _read_cells(table, shape, width)
    findings += faults
    findings += _total_faults(table, shape, items, totals)
    found = {
        row: Response(items=() if all(x is None for x in answers) else answers, total=total)
        for row, answers, total in zip(rows, items, totals, strict=True)
        if row is not None and (total is not None or any(x is not None for x in answers))
    }
    return found, findings


def _unknown_tool(tool: str) -> str:
    near = meant(tool, [instrument.key for instrument in all_instruments()])
    return (
        f"this questionnaire is not in the table of instruments{near}; rename the file, or say "
        f'its shape in {FOLDER}/{tool}.json: {{"items": 9, "low": 0, "high": 3}}'
    )


def _check_header(table: Table, shape: Shape) -> tuple[int, list[Finding]]:
    """Return how many items the table has (0: only totals), and what is wrong with its header."""
    findings = []
    for name in (ID, SESSION):
        if name not in table.header:
            near = [found for found in table.header if meant(name, [found])]
            remedy = f"rename {near[0]!r}" if near else "add it"
            if name == SESSION and not near:
                remedy = "add it (01 everywhere if people came once)"
            findings.append(error("no-id-column", table.file, f"no column {name}; {remedy}", 1))
    allowed = [*shape.items(max(shape.widths)), f"{shape.tool}_total", ID, SESSION]
    present = [name for name in shape.items(max(shape.widths)) if name in table.header]
    width = next((w for w in shape.widths if set(shape.items(w)) == set(present)), 0)
    if present and not width:
        missing = [n for n in shape.items(min(shape.widths)) if n not in present]
        missing = missing or [n for n in allowed[: max(shape.widths)] if n not in present]
        sentence = f"item columns are missing: {_list(missing)}; add them (n/a where not asked)"
        findings.append(error("item-columns", table.file, sentence, 1))
    elif not present and f"{shape.tool}_total" not in table.header:
        sentence = f"neither items ({shape.tool}_01 ...) nor {shape.tool}_total; add one of them"
        findings.append(error("item-columns", table.file, sentence, 1))
    for name in table.header:
        if name in allowed:
            continue
        number = name.removeprefix(f"{shape.tool}_")
        if name != number and number.isdecimal():
            expected = " or ".join(map(str, shape.widths))
            sentence = f"column {name!r} is too many: {shape.tool} has {expected} items, from "
            sentence += f"{shape.tool}_01 on; remove or rename it"
            findings.append(error("item-columns", table.file, sentence, 1))
        else:
            sentence = f"column {name!r} is not read{meant(name, allowed)}"
            findings.append(warning("unread-column", table.file, sentence, 1))
    return width, findings


def _list(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


def _read_rows(table: Table, people: Collection[str]) -> tuple[list[Row | None], list[Finding]]:
    """Return person and session of each row, None where the row cannot be used."""
    findings: list[Finding] = []
    first: dict[Row, int] = {}
    rows: list[Row | None] = []
    cells = zip(table.column(ID), table.column(SESSION), table.lines, strict=True)
    for person_cell, session_cell, line in cells:
        row = (bare(person_cell, "sub-"), bare(session_cell, "ses-"))
        fault = _row_fault(row, first, people)
        if fault:
            kind, sentence = fault
            findings.append(error(kind, table.file, sentence, line))
            rows.append(None)
        else:
            first[row] = line
            rows.append(row)
    return rows, findings


def _row_fault(
    row: Row, first: Mapping[Row, int], people: Collection[str]
) -> tuple[str, str] | None:
    for name, identity in zip((ID, SESSION), row, strict=True):
        if id_fault(identity):
            return "id", f"the {name} {id_fault(identity)}"
    if row in first:
        sentence = f"participant {row[0]}, session {row[1]} is in line {first[row]} too; keep one"
        return "duplicate-row", sentence
    if row[0] not in people:
        sentence = f"participant {row[0]} is not in participants.tsv; add the person there"
        return "unknown-person", sentence
    return None


def _read_cells(
    table: Table, shape: Shape, width: int
) -> tuple[list[tuple[Item, ...]], list[float | None], list[Finding]]:
    """Return the answers and the total of each row."""
    findings: list[Finding] = []
    columns: list[list[Item]] = []
    for name, bounds in zip(shape.items(width), shape.ranges, strict=False):
        meaning: dict[str, Item] = dict.fromkeys(BLANK)
        cells = [cell.strip() for cell in table.column(name)]
        for cell in set(cells) - BLANK:
            meaning[cell], fault = _answer(cell, bounds)
            if fault:
                lines = [n for c, n in zip(cells, table.lines, strict=True) if c == cell]
                findings += [error("answer", table.file, f"{name}: {fault}", n) for n in lines]
        columns.append([meaning[cell] for cell in cells])
    totals, faults = _read_totals(table, shape)
    items: list[tuple[Item, ...]] = [()] * len(table.rows)
    if columns:
        items = list(zip(*columns, strict=True))
    return items, totals, sorted(findings, key=lambda f: f.line) + faults


def _answer(cell: str, bounds: tuple[int, int]) -> tuple[Item, str]:
    """Return what an answer means, or a fault."""
    low, high = bounds
    if is_number(cell):
        number = float(cell)
        if not number.is_integer():
            return None, f"{shown(cell)} is not a whole number; answers are {low} to {high}"
        if low <= number <= high:
            return int(number), ""
        return None, f"answer {shown(cell)} is outside {low} to {high}; correct the coding"
    for part in parts(cell):
        if part.name not in ("", "*", "n/a"):
            return None, f"{shown(cell)} is not an answer ({low} to {high}); write n/a if missing"
        if not part.name and not low <= part.low <= part.high <= high:
            return None, f"{shown(cell)} is outside {low} to {high}; correct the coding"
    return cell, ""


def _read_totals(table: Table, shape: Shape) -> tuple[list[float | None], list[Finding]]:
    name = f"{shape.tool}_total"
    if name not in table.header:
        return [None] * len(table.rows), []
    low, high = shape.total
    totals: list[float | None] = []
    findings = []
    for padded, line in zip(table.column(name), table.lines, strict=True):
        cell = padded.strip()
        total = float(cell) if is_number(cell) else None
        fault = ""
        if total is None and cell not in BLANK:
            fault = f"{shown(cell)} is not a number; write n/a if it is missing"
        elif total is not None and not low <= total <= high:
            fault = f"total {shown(cell)} is outside {low:g} to {high:g}; score it again"
        if fault:
            findings.append(error("total", table.file, f"{name}: {fault}", line))
        totals.append(None if fault else total)
    return totals, findings


def _total_faults(
    table: Table, shape: Shape, items: Sequence[tuple[Item, ...]], totals: Sequence[float | None]
) -> list[Finding]:
    """Compare totals with the items where every item was answered and the scoring is known."""
    rows = [
        n
        for n, (answers, total) in enumerate(zip(items, totals, strict=True))
        if total is not None and answers and all(isinstance(x, int) for x in answers)
    ]
    if not rows or not shape.in_table:
        return []
    scored = score_table(
        get(shape.tool), np.array([items[n] for n in rows], dtype=np.float64).reshape(len(rows), -1)
    )
    findings = []
    for n, expected in zip(rows, scored.tolist(), strict=True):
        total = totals[n]
        if total is not None and abs(total - expected) > 1e-6:
            sentence = (
                f"{shape.tool}_total is {total:g} but the items give {expected:g}; "
                "score it again, or leave n/a"
            )
            findings.append(error("total", table.file, sentence, table.lines[n]))
    return findings


def answers_text(tool: str, rows: Sequence[tuple[Row, Response]]) -> str:
    """Return phenotype/<tool>.tsv; item columns only if somebody's items are known."""
    width = max(len(response.items) for _, response in rows)
    items = [f"{tool}_{n:02d}" for n in range(1, width + 1)]
    cells = (
        [*row, *_item_cells(response, width), value_text(response.total)] for row, response in rows
    )
    return table_text([ID, SESSION, *items, f"{tool}_total"], cells)


def _item_cells(response: Response, width: int) -> list[str]:
    blank = [""] * (width - len(response.items))
    return ["n/a" if x is None else str(x) for x in response.items] + [b or "n/a" for b in blank]
