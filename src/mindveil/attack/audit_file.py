"""A file about a model of somebody's own: what it answered of whom, and who had taught it.

Either a table (``.csv``), one row an answer, with the columns

- ``member`` (1 taught the model, 0 did not), ``label`` (1 case, 0 other),
- ``log_odds`` or ``probability`` of being a case,
- ``person``, if somebody has several rows: they count as one person,
- and, for stronger attacks, the answers of shadow models, trained in the same way on other
  halves of the people: ``shadow_01``, ``shadow_02`` ... beside ``shadow_01_inside`` ... (1 if the
  row was among those that the shadow learnt from),

or NumPy arrays of these names (``.npz``, no pickles).
"""

from __future__ import annotations

import csv
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.model_signals import confidence, log_odds_of, pooled
from mindveil.errors import InputError
from mindveil.train.base import Flags, Floats

Column = NDArray[np.str_] | NDArray[np.generic]

_SHADOW = re.compile(r"shadow_?\d+")
_PLAIN = ("member", "label", "log_odds", "probability")


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """What a model answered, one entry a person: confidence in the true class, and membership.

    ``groups`` (people,) is the class, ``shadows`` and ``inside`` have shape (people, heads), and
    no heads where there are no shadow models.
    """

    people: tuple[str, ...]
    groups: Floats
    sure: Floats
    member: Flags
    shadows: Floats
    inside: Flags


def audited(
    log_odds: Floats,
    labels: Floats,
    member: Flags,
    people: NDArray[np.str_] | None = None,
    shadows: tuple[Floats, Flags] | None = None,
) -> Audited:
    """Return answers row by row as answers person by person.

    ``log_odds``, ``labels``, ``member`` and ``people`` have shape (rows,), ``shadows`` are the
    log-odds of shadow models and whether they learnt from each row, (rows, heads). Nobody's rows
    may lie on both sides: a person is a member or is not.

    Raises:
        InputError: shapes differ, or a person is on both sides.
    """
    rows = len(log_odds)
    odds, inside = shadows or (np.zeros((rows, 0)), np.zeros((rows, 0), dtype=np.bool_))
    names = np.arange(rows).astype(np.str_) if people is None else people
    if {len(labels), len(member), len(names), len(odds), len(inside)} != {rows}:
        raise InputError(f"the model answered {rows} rows; give as many labels and members")
    if odds.shape != inside.shape:
        raise InputError(
            f"shadow models answered {odds.shape}, but who taught them is {inside.shape}"
        )
    ids, person = np.unique(names, return_inverse=True)
    sides = pooled(np.column_stack([member, inside]).astype(np.float64), person, len(ids))
    _require_one_side(sides)
    return Audited(
        people=tuple(str(name) for name in ids),
        groups=np.round(pooled(np.asarray(labels, dtype=np.float64), person, len(ids))),
        sure=pooled(confidence(log_odds, labels), person, len(ids)),
        member=sides[:, 0] > 0,
        shadows=pooled(confidence(odds, labels), person, len(ids)),
        inside=sides[:, 1:] > 0,
    )


def read_audit(path: Path) -> Audited:
    """Return what a file holds about a model.

    Raises:
        InputError: one sentence on what is wrong with it.
    """
    if not path.is_file():
        raise InputError(f"{path}: there is no such file")
    if path.suffix.lower() not in {".csv", ".npz"}:
        raise InputError(f"{path}: give a .csv or an .npz file")
    columns = _table(path) if path.suffix.lower() == ".csv" else _arrays(path)
    try:
        return _audited(columns)
    except InputError as why:
        raise InputError(f"{path}: {why}") from None


def _audited(columns: Mapping[str, Column]) -> Audited:
    missing = [name for name in ("member", "label") if name not in columns]
    if missing:
        raise InputError(f"there is no column {missing[0]}")
    given = [name for name in ("log_odds", "probability") if name in columns]
    if len(given) != 1:
        raise InputError("give a column log_odds or a column probability, and not both")
    if not len(columns["member"]):
        raise InputError("there is no row")
    shadows = sorted(name for name in columns if _SHADOW.fullmatch(name))
    for name in shadows:
        if f"{name}_inside" not in columns:
            raise InputError(f"{name} has no column {name}_inside: who taught it?")
    strange = set(columns) - {*_PLAIN, "person", *shadows, *(f"{n}_inside" for n in shadows)}
    if strange:
        raise InputError(f"the column {min(strange)} is none of an audit")
    answers = [_answers(columns, name, given[0]) for name in (given[0], *shadows)]
    inside = [_flags(columns, f"{name}_inside") for name in shadows]
    return audited(
        answers[0],
        _flags(columns, "label").astype(np.float64),
        _flags(columns, "member"),
        columns["person"].astype(np.str_) if "person" in columns else None,
        (np.column_stack(answers[1:]), np.column_stack(inside)) if shadows else None,
    )


def _answers(columns: Mapping[str, Column], name: str, kind: str) -> Floats:
    """Return a column of answers as log-odds."""
    values = _numbers(columns, name)
    if kind == "log_odds":
        return values
    wrong = np.flatnonzero((values < 0) | (values > 1))
    if wrong.size:
        raise InputError(f"{name}, row {wrong[0] + 1}: {values[wrong[0]]:g} is no probability")
    return log_odds_of(values)


def _flags(columns: Mapping[str, Column], name: str) -> Flags:
    values = _numbers(columns, name)
    wrong = np.flatnonzero((values != 0) & (values != 1))
    if wrong.size:
        raise InputError(f"{name}, row {wrong[0] + 1}: {values[wrong[0]]:g} is neither 0 nor 1")
    return np.asarray(values == 1, dtype=np.bool_)


def _numbers(columns: Mapping[str, Column], name: str) -> Floats:
    column = columns[name]
    try:
        values = column.astype(np.float64)
    except (ValueError, TypeError):
        wrong = next(i for i, cell in enumerate(column.tolist()) if not _is_number(cell))
        raise InputError(f"{name}, row {wrong + 1}: not a number") from None
    wrong_rows = np.flatnonzero(np.isnan(values))
    if wrong_rows.size:
        raise InputError(f"{name}, row {wrong_rows[0] + 1}: not a number")
    return values


def _is_number(cell: object) -> bool:
    try:
        float(str(cell))
    except ValueError:
        return False
    return True


def _table(path: Path) -> dict[str, Column]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = [line for line in csv.reader(file) if line]
    except (UnicodeDecodeError, csv.Error):
        raise InputError(f"{path}: not a table in UTF-8") from None
    if not lines:
        raise InputError(f"{path}: the file is empty")
    head = [name.strip() for name in lines[0]]
    if len(set(head)) < len(head):
        raise InputError(f"{path}: two columns have the same name")
    for number, line in enumerate(lines[1:], start=1):
        if len(line) != len(head):
            raise InputError(f"{path}: row {number} has {len(line)} cells, not {len(head)}")
    cells = np.array(lines[1:], dtype=np.str_).reshape(len(lines) - 1, len(head))
    return {name: cells[:, i] for i, name in enumerate(head)}


def _arrays(path: Path) -> dict[str, Column]:
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = {name: np.asarray(stored[name]) for name in stored.files}
    except (ValueError, OSError, EOFError, zipfile.BadZipFile):
        raise InputError(f"{path}: not arrays that numpy.savez wrote without pickles") from None
    for name, array in arrays.items():
        if array.ndim != 1:
            raise InputError(f"{path}: {name} has {array.ndim} axes; one is wanted")
    if len({len(array) for array in arrays.values()}) > 1:
        raise InputError(f"{path}: the arrays differ in length")
    return arrays


def _require_one_side(sides: Floats) -> None:
    """Refuse people some of whose rows are members and some not."""
    split = (sides > 0) & (sides < 1)
    if split[:, 0].any():
        raise InputError(
            f"{int(split[:, 0].sum())} people have rows among members and among others; "
            "all rows of a person belong on one side"
        )
    if split.any():
        raise InputError(
            f"{int(split.any(axis=1).sum())} people have some rows inside a shadow model and "
            "some outside; all rows of a person belong on one side"
        )
