"""The tables of the report: attacks by release, tasks by release, and every row there is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.faithfulness import has_own_conditions
from mindveil.evidence.frontier import Risk, asked, headlines, is_match
from mindveil.evidence.scorecard import Row
from mindveil.evidence.signals import is_signal
from mindveil.evidence.verdict import Policy
from mindveil.report import figures, names, words
from mindveil.report.cards import floor_of
from mindveil.report.charts import Bar, bar
from mindveil.report.figures import Figure, shown
from mindveil.report.records import note_of
from mindveil.study import ORIGINAL

_TIER = re.compile(r"tier: (\w+)")
_GUESS = re.compile(r"guessing reaches (-?\d+(?:\.\d+)?)")

Level = Literal[
    "met", "missed", "unknown", "hole", "withheld", "absent", "moot", "reference", "none"
]

OF_NOBODY = "synthetic/"
"""How the names of attacks begin that ask who is behind records which are nobody's."""
_MADE_UP = "synthesise/"


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


def is_of_nobody(dossier: Dossier, release: str) -> bool:
    """Whether the people of a release do not exist, so that no record is anybody's."""
    if release == ORIGINAL:
        return False
    steps = next((r.steps for r in dossier.releases if r.name == release), ())
    return any(step.startswith(_MADE_UP) for step in steps) or any(
        (r.release, r.kind) == (release, "attack") and r.measure.startswith(OF_NOBODY)
        for r in dossier.rows
    )


def attack_groups(dossier: Dossier) -> tuple[Group, ...]:
    """Return attacks by release; those on records apart from those on records of nobody."""
    lines = attack_lines(dossier)
    nobody = tuple(line for line in lines if line.measure.startswith(OF_NOBODY))
    somebody = tuple(line for line in lines if line not in nobody)
    if not nobody:
        return (Group(name="", measure="", rule="", lines=somebody),)
    groups = (
        (words.TEXT["attacks_records"], words.TEXT["attacks_records_rule"], somebody),
        (words.TEXT["attacks_nobody"], words.TEXT["attacks_nobody_rule"], nobody),
    )
    return tuple(Group(name=n, measure="", rule=r, lines=ls) for n, r, ls in groups if ls)


def attack_lines(dossier: Dossier) -> tuple[Line, ...]:
    """Return attacks by release: in each cell the attacker who does best."""
    rows, policy = dossier.rows, dossier.policy
    best = {r.name: headlines(rows, r.name) for r in dossier.releases}
    made_up = {r.name for r in dossier.releases if is_of_nobody(dossier, r.name)}
    lines = []
    for measure in _measures(rows, "attack"):
        match = any(is_match(r) for r in rows if r.measure == measure)
        limit = policy.max_match if match else policy.max_advantage
        judged = "people found" if match else "gain above the control"
        lines.append(
            Line(
                name=names.capitalised(names.measure_name(measure)),
                measure=measure,
                question=names.question(measure, dossier.questions),
                rule=f"Judged by {judged}; limit {figures.number(limit, 'rate')}",
                cells=tuple(
                    empty_cell(name, "moot", ())
                    if _is_moot(rows, measure, name, made_up=name in made_up)
                    else _attack_cell(rows, name, measure, risks, policy)
                    for name, risks in best.items()
                ),
            )
        )
    return tuple(lines)


def utility_groups(dossier: Dossier) -> tuple[Group, ...]:
    """Return tasks by release, a row for each kind of recording, the deciding one first."""
    groups = []
    for task in _measures(dossier.rows, "utility"):
        if is_signal(task) or has_own_conditions(task):
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


def _measures(rows: Sequence[Row], kind: str) -> tuple[str, ...]:
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
            _utility_cell(rows, r.name, metric, dossier.policy.margin) for r in dossier.releases
        ),
    )


def _attack_cell(
    rows: Sequence[Row], release: str, measure: str, risks: Sequence[Risk], policy: Policy
) -> Cell:
    mine = [r for r in rows if (r.release, r.measure, r.kind) == (release, measure, "attack")]
    risk = next((r for r in risks if r.row.measure == measure), None)
    if not mine:
        return empty_cell(release, "absent", ())
    if risk is None:
        return empty_cell(
            release, "hole", faults_of(mine) or ("no figure that a limit applies to",)
        )
    if not shown(risk.estimate):
        return empty_cell(release, "withheld", (figures.WITHHELD,))
    match = is_match(risk.row)
    judged = risk.estimate if match else risk.advantage
    limit = policy.max_match if match else policy.max_advantage
    level = _level(judged, limit)
    gain = None if match or judged == risk.estimate else figures.figure(judged, "rate")
    return Cell(
        release=release,
        level=level,
        word=words.LEVELS[level],
        figure=figures.figure(risk.estimate, "rate"),
        bar=bar(judged, limit) if judged else None,
        second=gain if gain and not gain.withheld else None,
        second_word="gain",
        remarks=_circumstances(risk.row, mine),
        gaps=faults_of(mine),
    )


def _is_moot(rows: Sequence[Row], measure: str, release: str, *, made_up: bool) -> bool:
    """Whether an attack asks nothing of a release: whose is a record, where it is nobody's.

    The original is asked both, but for attacks on a generator, which it does not have.
    """
    if any((r.release, r.measure, r.kind) == (release, measure, "attack") for r in rows):
        return False
    of_nobody = measure.startswith(OF_NOBODY)
    return of_nobody if release == ORIGINAL else of_nobody != made_up


def _remark(task: str) -> str:
    """Return what must be known of a question before its figures are read."""
    said = words.TASKS.get(task.partition("/")[0], "")
    return f". {said}" if said else ""


def _level(judged: Estimate | None, limit: float) -> Level:
    if judged is None:
        return "unknown"
    if judged.high <= limit:
        return "met"
    return "missed" if judged.low > limit else "unknown"


def empty_cell(release: str, level: Level, gaps: tuple[str, ...]) -> Cell:
    """Return a cell without a figure, and why."""
    return Cell(release=release, level=level, word=words.LEVELS[level], gaps=gaps)


def _circumstances(row: Row, mine: Sequence[Row]) -> tuple[str, ...]:
    """Return who won and how, what chance reaches, his strength, and the most unusual people."""
    tier, setting = _TIER.search(row.note), asked(row.metric).setting
    chance = ", ".join(
        f"{word} {figures.number(value, 'rate')}"
        for word, value in (("control", row.control), ("guess", row.baseline))
        if value is not None
    )
    gain, worst = _most_unusual(row, mine)
    found = (
        f"{row.attacker} attacker" if row.attacker else "",
        setting,
        chance,
        f"strength: {tier[1]}" if tier else "",
        f"most unusual people: {'gain ' * gain}{worst.line}" if worst else "",
    )
    return tuple(f for f in found if f)


def _most_unusual(row: Row, mine: Sequence[Row]) -> tuple[bool, Figure | None]:
    """Return the worst figure of the most unusual people, and whether it is a gain.

    Of the figure that the attack is judged by; of its own where there is none of that.
    """
    rare = [r for r in mine if asked(r.metric).unusual and r.status == "ok" and r.estimate]
    own = asked(row.metric).figure
    for wanted in (own if is_match(row) else "advantage", own):
        found = [e for r in rare if asked(r.metric).figure == wanted and (e := r.estimate)]
        if found:
            worst = max(found, key=lambda e: e.high)
            return wanted == "advantage" != own, figures.figure(worst, "rate")
    return False, None


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
    change = next((r.estimate for r in good if r.metric == f"{metric}-change"), None)
    level: Level = "none" if change is None else _level(change.map(lambda x: -x), margin)
    level = "reference" if release == "original" else level
    lost = figures.figure(change, "change") if release != "original" else None
    return Cell(
        release=release,
        level=level,
        word=words.MARGINS[level],
        figure=figures.figure(seen, "score"),
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
