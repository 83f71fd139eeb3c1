"""The table of what can still be heard and seen: measures kept, emotions told, words understood."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.frontier import asked, is_undefended
from mindveil.evidence.scorecard import Row
from mindveil.evidence.signals import is_signal
from mindveil.report import figures, names, words
from mindveil.report.detectors import called
from mindveil.report.figures import Figure, shown
from mindveil.report.tables import Cell, Group, Level, Line, answered

_BETWEEN, _WITHIN = "between", "within"


def signal_groups(dossier: Dossier) -> tuple[Group, ...]:
    """Return questions about recordings by release: a row for each class or measure."""
    rows = [r for r in dossier.rows if r.kind == "utility" and is_signal(r.measure)]
    releases = [r.name for r in dossier.releases]
    return tuple(
        _for_detectors(
            dossier, _group(measure, [r for r in rows if r.measure == measure], releases)
        )
        for measure in dict.fromkeys(r.measure for r in rows)
    )


def _group(measure: str, rows: Sequence[Row], releases: Sequence[str]) -> Group:
    wanted = dict.fromkeys(_line_of(r.metric) for r in rows if r.status == "ok") or {"": None}
    return Group(
        name=names.capitalised(names.measure_name(measure)),
        measure=measure,
        rule=_rule(rows),
        lines=tuple(
            Line(
                name=names.signal_name(metric) if metric else "No figure",
                measure=measure,
                question="",
                rule="",
                cells=tuple(_cell(rows, release, metric) for release in releases),
            )
            for metric in wanted
        ),
    )


def _for_detectors(dossier: Dossier, group: Group) -> Group:
    """Return a group in which recordings are not missing where the release is a detector."""
    lines = tuple(
        replace(line, cells=tuple(answered(dossier, cell) for cell in line.cells))
        for line in group.lines
    )
    return replace(group, lines=lines)


def _line_of(metric: str) -> str:
    """Return the row in which a metric stands: agreement within people beside that between."""
    what = asked(metric)
    return f"{_BETWEEN}@{what.setting}" if what.figure == _WITHIN else metric


def _rule(rows: Sequence[Row]) -> str:
    baseline = next((r.baseline for r in rows if r.baseline is not None), None)
    family = rows[0].measure.partition("/")[0]
    said = words.SIGNALS.get(family, "")
    if baseline is None:
        return said
    return f"{said}; guessing reaches {figures.number(baseline, 'rate')}"


def _cell(rows: Sequence[Row], release: str, metric: str) -> Cell:
    mine = [r for r in rows if r.release == release]
    good = {r.metric: r for r in mine if r.status == "ok"}
    level: Level = "reference" if is_undefended(release) else "none"
    word = called(release) if level == "reference" else words.MEASURED
    second = _figure(good, f"{_WITHIN}@{asked(metric).setting}")
    first = _figure(good, metric)
    gaps = tuple(dict.fromkeys(r.note for r in mine if r.status != "ok"))
    if first is None and second is None:
        hole: Level = "hole" if mine else "absent"
        return Cell(release=release, level=hole, word=words.LEVELS[hole], gaps=gaps)
    return Cell(
        release=release,
        level=level,
        word=word,
        figure=first,
        second=second if asked(metric).figure == _BETWEEN else None,
        second_word="within people",
        gaps=gaps,
    )


def _figure(good: dict[str, Row], metric: str) -> Figure | None:
    seen = good[metric].estimate if metric in good else None
    if seen is None or not shown(seen):
        return None
    return figures.figure(seen, figures.scale_of(metric), good[metric])
