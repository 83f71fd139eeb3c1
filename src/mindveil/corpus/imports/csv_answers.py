"""Questionnaires in a table: find the columns of the items, recode, check the range."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mindveil.corpus.answers import Item
from mindveil.corpus.columns import is_number
from mindveil.corpus.description import ToolSheet
from mindveil.corpus.findings import meant, shown
from mindveil.corpus.imports.csv_map import QuestionnairePart
from mindveil.corpus.imports.spreadsheet import place_of
from mindveil.corpus.instruments import all_instruments, get, is_known, score_table
from mindveil.corpus.model import Response
from mindveil.corpus.shapes import Shape, shape_of
from mindveil.corpus.tables import Table
from mindveil.errors import InputError

USUAL_BLANKS = frozenset({"", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null"})
"""Signs of a missing value in tables as they come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """One questionnaire, read: a response a row, the columns used, its shape if not known."""

    responses: tuple[Response | None, ...]
    used: frozenset[str]
    sheet: ToolSheet | None


def read_questionnaire(
    table: Table, tool: str, part: QuestionnairePart, blanks: frozenset[str]
) -> Answers:
    """Return what every row of the table answered.

    Where the items are known the total is scored from them, by the rules of the instrument.

    Raises:
        InputError: a column is missing, the number of items is wrong, or an answer is outside
            its range after recoding.
    """
    names = _item_columns(table, tool, part)
    sheet = None if is_known(tool) else _sheet(tool, part, len(names))
    shape = shape_of(tool, sheet)
    assert shape is not None
    if names and len(names) not in shape.widths:
        expected = " or ".join(map(str, shape.widths))
        raise InputError(
            f"[questionnaires.{tool}] finds {len(names)} item columns, but {tool} has {expected}; "
            "correct items or the name of the questionnaire"
        )
    columns = [
        _item_column(table, name, _Coding.of(shape, part, n), blanks)
        for n, name in enumerate(names)
    ]
    items: list[tuple[Item, ...]] = [()] * len(table.rows)
    if columns:
        items = list(zip(*columns, strict=True))
    totals = _scored(tool, items) if names and is_known(tool) else [None] * len(items)
    if part.total is not None:
        given = _given_totals(table, part.total, shape, blanks)
        _compare(table, part.total, given, totals, items)
        totals = given if not names else totals
    responses = tuple(
        None if total is None and all(x is None for x in row) else Response(items=row, total=total)
        for row, total in zip(items, totals, strict=True)
    )
    used = frozenset([*names, *([part.total] if part.total else [])])
    return Answers(responses=responses, used=used, sheet=sheet)


def _sheet(tool: str, part: QuestionnairePart, items: int) -> ToolSheet:
    if part.low is None or part.high is None:
        near = meant(tool, [instrument.key for instrument in all_instruments()])
        raise InputError(
            f"[questionnaires.{tool}]: this questionnaire is not in the table of instruments{near}"
            "; say the range of an answer with low = ... and high = ..."
        )
    if part.low >= part.high:
        raise InputError(f"[questionnaires.{tool}]: low = {part.low} is not below {part.high}")
    return ToolSheet(items=items, low=part.low, high=part.high)


def _item_columns(table: Table, tool: str, part: QuestionnairePart) -> list[str]:
    """Return the names of the item columns in the order of the form."""
    option = f"[questionnaires.{tool}] items"
    if isinstance(part.items, list):
        for name in part.items:
            place_of(table, name, option)
        return part.items
    pattern = part.items or (f"{part.prefix}{{n}}" if part.prefix else "")
    if not pattern:
        return []
    before, after = pattern.split("{n}")
    number = re.compile(f"{_glob(before)}0*([0-9]{{1,3}}){_glob(after)}")
    found: dict[int, str] = {}
    for name in table.header:
        match = number.fullmatch(name)
        if match:
            if int(match[1]) in found:
                other = found[int(match[1])]
                raise InputError(f"{option}: {other!r} and {name!r} are both item {match[1]}")
            found[int(match[1])] = name
    if not found:
        raise InputError(f"{option}: {table.file} has no column like {pattern!r}; correct it")
    gaps = [n for n in range(1, max(found) + 1) if n not in found]
    if gaps:
        raise InputError(f"{option}: no column for item {gaps[0]} of {max(found)}; correct it")
    return [found[n] for n in sorted(found)]


def _glob(pattern: str) -> str:
    """Return a shell pattern (``*``, ``?``, ``[abc]``) as a regular expression."""
    return fnmatch.translate(pattern).removeprefix("(?s:").removesuffix(r")\Z").removesuffix(r")\z")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coding:
    """How the cells of one item become answers from ``low`` to ``high``."""

    low: int
    high: int
    labels: dict[str, int]
    shift: int
    turned: bool

    @classmethod
    def of(cls, shape: Shape, part: QuestionnairePart, index: int) -> _Coding:
        low, high = shape.ranges[index] if index < len(shape.ranges) else (0, 0)
        recode = part.recode
        verb, _, number = recode.partition(" ") if isinstance(recode, str) else ("", "", "")
        shift = int(number) * (-1 if verb == "subtract" else 1) if number else 0
        return cls(
            low=low,
            high=high,
            labels={k.casefold(): v for k, v in recode.items()} if isinstance(recode, dict) else {},
            shift=shift,
            turned=(verb == "reverse") != (index + 1 in part.reverse),
        )

    def answer(self, cell: str) -> int | None:
        """Return the answer, or None where the cell is none."""
        if self.labels:
            number = self.labels.get(cell.casefold())
        elif is_number(cell) and float(cell).is_integer():
            number = int(float(cell)) + self.shift
        else:
            number = None
        if number is None:
            return None
        if self.turned:
            number = self.low + self.high - number
        return number if self.low <= number <= self.high else None


def _item_column(
    table: Table, name: str, coding: _Coding, blanks: frozenset[str]
) -> list[int | None]:
    cells = [cell.strip() for cell in table.column(name)]
    meaning: dict[str, int | None] = dict.fromkeys(set(cells) & blanks)
    wrong: set[str] = set()
    for cell in set(cells) - blanks:
        meaning[cell] = coding.answer(cell)
        if meaning[cell] is None:
            wrong.add(cell)
    if wrong:
        places = [n for n, cell in enumerate(cells) if cell in wrong]
        first = shown(cells[places[0]])
        raise InputError(
            f"{table.file}, line {table.lines[places[0]]}: column {name!r} holds {first}, which is "
            f"no answer from {coding.low} to {coding.high}{_more(places)}"
            f"{_hint(set(cells) - blanks, coding)}"
        )
    return [meaning[cell] for cell in cells]


def _more(places: Sequence[int]) -> str:
    return f" (and {len(places) - 1} more rows)" if len(places) > 1 else ""


def _hint(cells: set[str], coding: _Coding) -> str:
    numbers = [float(cell) + coding.shift for cell in cells if is_number(cell)]
    from_one = len(numbers) == len(cells) and not coding.shift
    if from_one and min(numbers) > coding.low and max(numbers) == coding.high + 1:
        return '; the answers look coded from 1: set recode = "subtract 1"'
    return "; set recode, or add the sign of a missing answer to blank"


def _scored(tool: str, items: Sequence[tuple[Item, ...]]) -> list[float | None]:
    answers = np.array(
        [[np.nan if x is None else x for x in row] for row in items], dtype=np.float64
    )
    totals = score_table(get(tool), answers).tolist()
    return [None if np.isnan(total) else float(total) for total in totals]


def _given_totals(
    table: Table, name: str, shape: Shape, blanks: frozenset[str]
) -> list[float | None]:
    at = place_of(table, name, f"[questionnaires.{shape.tool}] total")
    low, high = shape.total
    totals: list[float | None] = []
    for row, line in zip(table.rows, table.lines, strict=True):
        cell = row[at].strip()
        if cell in blanks:
            totals.append(None)
        elif is_number(cell) and low <= float(cell) <= high:
            totals.append(float(cell))
        else:
            raise InputError(
                f"{table.file}, line {line}: column {name!r} holds {shown(cell)}, which is no total "
                f"of {shape.tool} ({low:g} to {high:g}); correct it, or add it to blank"
            )
    return totals


def _compare(
    table: Table,
    name: str,
    given: Sequence[float | None],
    scored: Sequence[float | None],
    items: Sequence[tuple[Item, ...]],
) -> None:
    """Refuse totals that disagree with complete items: one of the two is coded otherwise."""
    wrong = [
        n
        for n, (total, score, row) in enumerate(zip(given, scored, items, strict=True))
        if total is not None and score is not None and None not in row and abs(total - score) > 1e-6
    ]
    if wrong:
        raise InputError(
            f"{table.file}, line {table.lines[wrong[0]]}: column {name!r} disagrees with the items"
            f"{_more(wrong)}; leave out total (it is scored from the items), or correct recode"
        )
