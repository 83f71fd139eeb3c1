"""The tables of the report: their cells, lines and groups, and clinical questions by release."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.faithfulness import has_own_conditions
from mindveil.evidence.frontier import is_undefended
from mindveil.evidence.scorecard import Row
from mindveil.evidence.signals import is_signal
from mindveil.evidence.validity import is_validity
from mindveil.report import figures, names, words
from mindveil.report.cards import floor_of
from mindveil.report.charts import Bar
from mindveil.report.detectors import called, is_detector
from mindveil.report.figures import Figure, shown
from mindveil.report.records import note_of
from mindveil.study import ORIGINAL

_POOLED = re.compile(r"\bL = (\d+)")
_GUESS = re.compile(r"guessing reaches (-?\d+(?:\.\d+)?)")

LEAKS = "release/leaks"
"""The search of the files of a release, which no limit on people found applies to."""

Level = Literal[
    "met", "missed", "unknown", "hole", "withheld", "absent", "moot", "reference", "none"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One figure of a table of releases, how it stands, and what a reader must know of it."""

    release: str
    level: Level
    word: str
    figure: Figure | None = None
    bar: Bar | None = None
    second: Figure | None = None
    """What decides beside the figure: the gain above the control, the change."""
    second_word: str = ""
    rare: Figure | None = None
    """What is reached of the most unusual people."""
    rare_word: str = ""
    remarks: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()
    """What could not be measured, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One row of a table of releases: an attack or a task, its question and its rule."""

    name: str
    measure: str
    question: str
    rule: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The rows of one clinical question: one for each kind of recording."""

    name: str
    measure: str
    rule: str
    lines: tuple[Line, ...]


def utility_groups(dossier: Dossier) -> tuple[Group, ...]:
    """Return tasks by release, a row for each kind of recording, the deciding one first."""
    groups = []
    for task in measures_of(dossier.rows, "utility"):
        if is_signal(task) or has_own_conditions(task) or is_validity(task):
            continue
        metric = "ccc" if task.startswith("severity/") else "auroc"
        mine = [r for r in dossier.rows if r.measure == task and r.kind == "utility"]
        floor = floor_of(dossier.policy, task, metric)
        rule = f"{names.metric_name(metric)}; guessing reaches {_guess(mine, metric)}"
        if floor is not None:
            rule += f"; wanted: at least {figures.number(floor, 'score')}"
        kinds = sorted({r.modality for r in mine}, key=lambda m: (m != _leading(mine), m))
        groups.append(
            Group(
                name=names.capitalised(names.measure_name(task)),
                measure=task,
                rule=f"{rule}{_remark(task)}",
                lines=tuple(
                    _utility_line(dossier, [r for r in mine if r.modality == kind], metric)
                    for kind in kinds
                ),
            )
        )
    return tuple(groups)


def pooled(row: Row) -> int | None:
    """Return how many recordings of a person the attacker pooled, where the row says so.

    >>> pooled(Row(release="r", kind="attack", measure="m", modality="voice", note="N = 9; L = 6"))
    6
    """
    found = _POOLED.search(row.note)
    return int(found[1]) if found else None


def measures_of(rows: Sequence[Row], kind: str) -> tuple[str, ...]:
    """Return the measures of a kind, in the order of the study."""
    return tuple(dict.fromkeys(r.measure for r in rows if r.kind == kind))


def _leading(rows: Sequence[Row]) -> str:
    """Return the kind of recording that a task is judged by: all together where there is one."""
    kinds = [r.modality for r in rows if r.status == "ok"]
    return "fused" if "fused" in kinds or not kinds else kinds[0]


def _utility_line(dossier: Dossier, rows: Sequence[Row], metric: str) -> Line:
    return Line(
        name=names.capitalised(names.modality_name(rows[0].modality)),
        measure=rows[0].measure,
        question="",
        rule="",
        cells=tuple(
            answered(dossier, _utility_cell(rows, r.name, metric, dossier.policy.margin))
            for r in dossier.releases
        ),
    )


def answered(dossier: Dossier, cell: Cell) -> Cell:
    """Return a cell; a detector is asked its own question, and others do not apply to it."""
    if cell.level == "absent" and is_detector(dossier, cell.release):
        return empty_cell(cell.release, "moot", ())
    return cell


def columns(groups: Sequence[Group], releases: Sequence[str]) -> tuple[str, ...]:
    """Return the releases to which any row of a table applies."""
    there = {c.release for g in groups for li in g.lines for c in li.cells if c.level != "moot"}
    return tuple(name for name in releases if name in there) or tuple(releases)


def _remark(task: str) -> str:
    """Return what must be known of a question before its figures are read."""
    said = words.TASKS.get(task.partition("/")[0], "")
    return f". {said}" if said else ""


def level_of(judged: Estimate | None, limit: float) -> Level:
    """Return how a figure stands to its limit: by its whole interval."""
    if judged is None:
        return "unknown"
    if judged.high <= limit:
        return "met"
    return "missed" if judged.low > limit else "unknown"


def empty_cell(release: str, level: Level, gaps: tuple[str, ...]) -> Cell:
    """Return a cell without a figure, and why."""
    return Cell(release=release, level=level, word=words.LEVELS[level], gaps=gaps)


def faults_of(mine: Sequence[Row]) -> tuple[str, ...]:
    """Return which attackers gave no figure, and why."""
    faults = dict.fromkeys(
        f"{r.attacker + ' attacker ' if r.attacker else ''}{r.status}: {note_of(r).partition('; ')[0]}"
        for r in mine
        if r.status != "ok"
    )
    return tuple(faults)


def _utility_cell(rows: Sequence[Row], release: str, metric: str, margin: float) -> Cell:
    mine = [r for r in rows if r.release == release]
    good = [r for r in mine if r.status == "ok"]
    row = next((r for r in good if r.metric == metric), None)
    seen = row.estimate if row else None
    if seen is None:
        return empty_cell(release, "hole" if mine else "absent", faults_of(mine))
    if not shown(seen):
        return empty_cell(release, "withheld", (figures.WITHHELD,))
    changed = next((r for r in good if r.metric == f"{metric}-change"), None)
    change = changed.estimate if changed else None
    level: Level = "none" if change is None else level_of(change.map(lambda x: -x), margin)
    level = "reference" if is_undefended(release) else level
    compared = release != ORIGINAL
    lost = figures.figure(change, "change", changed) if compared else None
    return Cell(
        release=release,
        level=level,
        word=called(release) if level == "reference" else words.MARGINS[level],
        figure=figures.figure(seen, "score", row),
        second=lost if lost and not lost.withheld else None,
        second_word="change",
        gaps=faults_of(mine),
    )


def _guess(rows: Sequence[Row], metric: str) -> str:
    """Return what knowing only the training labels reaches."""
    for row in rows:
        found = _GUESS.search(row.note)
        if row.metric == metric and found:
            return figures.number(float(found[1]), "score")
    return figures.number(0.0 if metric == "ccc" else 0.5, "score")
