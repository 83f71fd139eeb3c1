"""What the server of a federation sees: each attack on updates, from every seat of a server."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from mindveil.evidence.attack_names import OF_TRAINERS, OF_UPDATES
from mindveil.evidence.dossier import Dossier
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.frontier import MATCH, asked
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import Policy
from mindveil.report import detector_words, figures, names, words
from mindveil.report import federation_words as told
from mindveil.report.charts import bar
from mindveil.report.detectors import is_twin
from mindveil.report.figures import shown
from mindveil.report.tables import Cell, Group, Line, empty_cell, level_of, measures_of

_SUM = re.compile(r"sum of (\d+) clients")
_LIKENESS = "cosine"
_GAIN = "advantage"


def seat_groups(dossier: Dossier) -> tuple[Group, ...]:
    """Return attacks on updates, a row for each seat that a server can take."""
    groups = []
    for measure in measures_of(dossier.rows, "attack"):
        mine = [r for r in dossier.rows if (r.kind, r.measure) == ("attack", measure)]
        mine = [r for r in mine if r.status == "ok" and not asked(r.metric).unusual]
        if not measure.startswith(OF_UPDATES) or measure in OF_TRAINERS:
            continue
        seats = [s for s in _seats(mine) if any(_judged(mine, s, r.release) for r in mine)]
        if seats:
            lines = tuple(_line(dossier, mine, seat) for seat in seats)
            name = names.capitalised(names.measure_name(measure))
            groups.append(Group(name=name, measure=measure, rule=told.RULE, lines=_marked(lines)))
    return tuple(groups)


def _seats(rows: Sequence[Row]) -> list[str]:
    """Return the seats that were taken, the most harmless first; sums of few clients come last."""
    taken = {asked(r.metric).setting for r in rows}
    sums = sorted((int(m[1]), s) for s in taken if (m := _SUM.fullmatch(s)))
    return [s for s in told.SEATS if s in taken] + [s for _, s in sums]


def _line(dossier: Dossier, rows: Sequence[Row], seat: str) -> Line:
    few = _SUM.fullmatch(seat)
    name, question = (told.SUMS.format(few[1]), told.SUMS_QUESTION) if few else told.SEATS[seat]
    return Line(
        name=name,
        measure="",
        question=question,
        rule="",
        cells=tuple(_cell(rows, seat, r.name, dossier.policy) for r in dossier.releases),
    )


def _judged(rows: Sequence[Row], seat: str, release: str) -> Row | None:
    """Return what a limit applies to: the right person found, else the most that is gained."""
    mine = [
        r
        for r in rows
        if r.release == release and asked(r.metric).setting == seat and r.estimate
        if asked(r.metric).figure in MATCH | {_GAIN}
    ]
    return max(mine, key=lambda r: (asked(r.metric).figure in MATCH, r.high or 0.0), default=None)


def _cell(rows: Sequence[Row], seat: str, release: str, policy: Policy) -> Cell:
    row = _judged(rows, seat, release)
    if row is None or row.estimate is None:
        return replace(empty_cell(release, "moot", ()), word=told.NOT_ASKED)
    seen = row.estimate
    if not shown(seen):
        return empty_cell(release, "withheld", (figures.WITHHELD,))
    match = asked(row.metric).figure in MATCH
    limit = policy.max_match if match else policy.max_advantage
    level = level_of(seen, limit)
    cell = Cell(
        release=release,
        level=level,
        word=words.LEVELS[level],
        figure=figures.figure(seen, "rate", row),
        bar=bar(seen, limit),
        remarks=_remarks(rows, row, match=match),
    )
    return _compared(cell, seen, row) if is_twin(release) else cell


def _compared(cell: Cell, seen: Estimate, row: Row) -> Cell:
    chance = row.control or row.baseline or 0.0
    return replace(cell, level="reference", word=detector_words.POWER[seen.low > chance])


def _remarks(rows: Sequence[Row], row: Row, *, match: bool) -> tuple[str, ...]:
    """Return what a figure is, and how like the rows are that were worked out."""
    said = [names.metric_name("rank1")] if match else []
    beside = (row.release, asked(row.metric).setting)
    for other in rows:
        what = asked(other.metric)
        if (other.release, what.setting, what.figure) != (*beside, _LIKENESS):
            continue
        chance = other.baseline if other.control is None else other.control
        if other.value is not None and other.n is not None and other.n >= figures.LEAST_SHOWN:
            of = "others" if other.control is None else "control"
            against = "" if chance is None else f", {of} {figures.number(chance, 'score')}"
            said.append(f"likeness {figures.number(other.value, 'score')}{against}")
    return tuple(said)


def _marked(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Return the rows, with the seat named at each release from which most is found."""
    most: dict[str, tuple[float, int]] = {}
    for i, line in enumerate(lines):
        for cell in line.cells:
            if cell.bar is not None and cell.level in {"missed", "unknown"}:
                best = most.get(cell.release, (-1.0, 0))
                most[cell.release] = max(best, (cell.bar.value, i), key=lambda pair: pair[0])
    return tuple(
        replace(
            line,
            cells=tuple(
                replace(c, remarks=(told.MOST, *c.remarks))
                if most.get(c.release, (0.0, -1))[1] == i
                else c
                for c in line.cells
            ),
        )
        for i, line in enumerate(lines)
    )
