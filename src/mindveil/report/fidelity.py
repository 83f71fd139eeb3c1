"""The tables of what a released questionnaire still measures, and of what a release adds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.faithfulness import FAMILY
from mindveil.evidence.frontier import asked
from mindveil.evidence.policy import at_least, within
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import Policy
from mindveil.report import figures, names, words
from mindveil.report.figures import Scale, shown
from mindveil.report.tables import (
    Cell,
    Group,
    Level,
    Line,
    answered,
    empty_cell,
    faults_of,
)
from mindveil.study import ORIGINAL

ADDED = "augment/"

_FACTORS, _DETECTED = "congruence", "detectability"
_WHOLE = (_FACTORS, "margins-tv", "margins-tv-worst", _DETECTED)
"""Figures of a whole questionnaire, in the order of their rows after those of its scores."""

_SECOND = re.compile(r"real people shows (-?[\d.]+) to (-?[\d.]+)")


def fidelity_groups(dossier: Dossier) -> tuple[Group, ...]:
    """Return questionnaires by release: a row for each figure that the policy limits, and a few."""
    return tuple(
        Group(
            name=names.capitalised(names.measure_name(measure)),
            measure=measure,
            rule=_tolerances(dossier.policy),
            lines=tuple(_line(dossier, rows, metric) for metric in _metrics(rows, dossier.policy)),
        )
        for measure, rows in _by_measure(dossier, FAMILY)
    )


def addition_groups(dossier: Dossier) -> tuple[Group, ...]:
    """Return what releases add to real people, a row for each number of real people."""
    return tuple(
        Group(
            name=names.capitalised(names.measure_name(measure)),
            measure=measure,
            rule=words.ADDITION_RULE,
            lines=tuple(_added_line(dossier, rows, size) for size in _sizes(rows)),
        )
        for measure, rows in _by_measure(dossier, ADDED)
    )


def tolerances(policy: Policy) -> str:
    """Return by how much a released questionnaire may differ, as a line of the policy."""
    return f"A released questionnaire must measure the same: {_tolerances(policy)}."


def _by_measure(dossier: Dossier, family: str) -> Iterable[tuple[str, list[Row]]]:
    rows = [r for r in dossier.rows if r.kind == "utility" and r.measure.startswith(family)]
    for measure in dict.fromkeys(r.measure for r in rows):
        yield measure, [r for r in rows if r.measure == measure]


def _tolerances(policy: Policy) -> str:
    limits = [
        f"{names.metric_name(figure)} within {_limit(figure, limit)}"
        for figure, limit in policy.tolerances.items()
    ]
    limits.append(f"{names.metric_name(_FACTORS)} at least {policy.min_congruence:g}")
    return ", ".join(limits)


def _limit(figure: str, limit: float) -> str:
    scale = figures.scale_of(f"{figure}-change")
    return f"{100 * limit:g} points" if scale == "shift" else f"{limit:g}"


def _metrics(rows: Sequence[Row], policy: Policy) -> list[str]:
    """Return the rows of the table: limited figures score by score, then those of the whole."""
    there = dict.fromkeys(r.metric for r in rows if r.status == "ok")
    limited = [m for f in policy.tolerances for m in there if m.startswith(f"{f}@")]
    return [*limited, *(m for m in _WHOLE if m in there)] or [""]


def _line(dossier: Dossier, rows: Sequence[Row], metric: str) -> Line:
    what = asked(metric)
    named = names.metric_name(what.figure) if metric else "no figure"
    return Line(
        name=names.capitalised(names.scale_name(what.setting) if what.setting else named),
        measure=rows[0].measure,
        question=names.capitalised(named) if what.setting else words.FIDELITY.get(metric, ""),
        rule="",
        cells=tuple(
            answered(dossier, _cell(rows, r.name, metric, dossier.policy)) for r in dossier.releases
        ),
    )


def _cell(rows: Sequence[Row], release: str, metric: str, policy: Policy) -> Cell:
    mine = [r for r in rows if r.release == release]
    good = {r.metric: r for r in mine if r.status == "ok"}
    seen = good[metric].estimate if metric in good else None
    if seen is None:
        return empty_cell(release, "hole" if mine else "absent", faults_of(mine))
    if not shown(seen):
        return empty_cell(release, "withheld", (figures.WITHHELD,))
    what = asked(metric)
    changed = f"{what.figure}-change@{what.setting}"
    change = good[changed].estimate if changed in good else None
    level = _level(release, metric, change or seen, policy)
    judged = metric if change is None else changed
    moved = figures.figure_of(good.get(changed)) if release != ORIGINAL else None
    return Cell(
        release=release,
        level=level,
        word=words.SAME[level],
        figure=figures.figure_of(good[metric]),
        second=moved,
        second_word="change",
        remarks=_beside(good[judged], figures.scale_of(judged)) if release != ORIGINAL else (),
    )


def _level(release: str, metric: str, judged: Estimate, policy: Policy) -> Level:
    """Return how a figure stands to the policy, by the rule of the verdict."""
    if release == ORIGINAL:
        return "reference"
    figure = asked(metric).figure
    if figure in policy.tolerances:
        state = within(judged, policy.tolerances[figure], "").state
    elif figure == _FACTORS:
        state = at_least(judged, policy.min_congruence, "").state
    else:
        return "none"
    return "met" if state == "met" else "missed" if state == "missed" else "unknown"


def _beside(row: Row, scale: Scale) -> tuple[str, ...]:
    """Return what a second sample of as many real people would show, the control."""
    found = _SECOND.search(row.note)
    if found is None:
        return ()
    low, high = (figures.number(float(end), scale) for end in found.groups())
    return (f"another sample of real people: {low.removesuffix(' points')} to {high}",)


def _sizes(rows: Sequence[Row]) -> list[str]:
    found = [asked(r.metric) for r in rows if r.status == "ok"]
    return list(dict.fromkeys(a.setting for a in found if a.figure == "auroc")) or [""]


def _added_line(dossier: Dossier, rows: Sequence[Row], size: str) -> Line:
    people = "All real people" if size == "all" else f"{size} real people"
    return Line(
        name=people if size else "No figure",
        measure=rows[0].measure,
        question="",
        rule="",
        cells=tuple(answered(dossier, _added(rows, r.name, size)) for r in dossier.releases),
    )


def _added(rows: Sequence[Row], release: str, size: str) -> Cell:
    if release == ORIGINAL:
        return empty_cell(release, "moot", ())
    mine = [r for r in rows if r.release == release]
    good = {r.metric: r for r in mine if r.status == "ok"}
    gain = good.get(f"auroc-gain@{size}")
    reached = good.get(f"auroc@{size}")
    seen = reached.estimate if reached else None
    if gain is None or reached is None or seen is None:
        return empty_cell(release, "hole" if mine else "absent", faults_of(mine))
    if not shown(seen):
        return empty_cell(release, "withheld", (figures.WITHHELD,))
    level = _helps(gain.estimate)
    alone = reached.baseline
    return Cell(
        release=release,
        level=level,
        word=words.ADDS[level],
        figure=figures.figure(seen, "score", reached),
        second=figures.figure(gain.estimate, "change", gain),
        second_word="gain",
        remarks=() if alone is None else (f"alone {figures.number(alone, 'score')}",),
    )


def _helps(gain: Estimate | None) -> Level:
    if gain is None:
        return "unknown"
    if gain.low > 0:
        return "met"
    return "missed" if gain.high < 0 else "unknown"
