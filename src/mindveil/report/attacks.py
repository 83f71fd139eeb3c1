"""The table of attacks by release: on people's records, on records of nobody, on detectors."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Literal

from mindveil.evidence.attack_names import ANSWER_ALONE, OF_MEASURES, OF_TRAINERS, OF_UPDATES
from mindveil.evidence.dossier import Dossier
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.frontier import GUESSING, Risk, asked, headlines, is_match
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import Policy
from mindveil.report import detector_words, federation_words, figures, names, words
from mindveil.report.charts import bar
from mindveil.report.detectors import asks_detectors, is_detector, is_twin
from mindveil.report.figures import Figure, shown
from mindveil.report.tables import (
    LEAKS,
    Cell,
    Group,
    Line,
    empty_cell,
    faults_of,
    level_of,
    measures_of,
)
from mindveil.study import ORIGINAL

_TIER = re.compile(r"tier: (\w+)")
_OF_NOBODY = "synthetic/"
"""How the names of attacks begin that ask who is behind records which are nobody's."""
_MADE_UP = "synthesise/"

Holds = Literal["records", "nobody", "detector", "updates"]
"""What is released: records of people, records of nobody, or a detector, perhaps by updates."""


def is_of_nobody(dossier: Dossier, release: str) -> bool:
    """Whether the people of a release do not exist, so that no record is anybody's."""
    if release == ORIGINAL:
        return False
    steps = next((r.steps for r in dossier.releases if r.name == release), ())
    return any(step.startswith(_MADE_UP) for step in steps) or any(
        (r.release, r.kind) == (release, "attack") and r.measure.startswith(_OF_NOBODY)
        for r in dossier.rows
    )


def attack_groups(dossier: Dossier) -> tuple[Group, ...]:
    """Return attacks by release: on records, on records of nobody, on detectors, on updates."""
    lines, held = attack_lines(dossier), _held(dossier)
    of: dict[Holds, list[Line]] = {"records": [], "nobody": [], "detector": [], "updates": []}
    for line in lines:
        of[_asks(dossier.rows, line.measure, held)].append(line)
    if len(of["records"]) == len(lines):
        return (Group(name="", measure="", rule="", lines=lines),) if lines else ()
    groups: tuple[tuple[str, str, Holds], ...] = (
        (words.TEXT["attacks_records"], words.TEXT["attacks_records_rule"], "records"),
        (words.TEXT["attacks_nobody"], words.TEXT["attacks_nobody_rule"], "nobody"),
        (detector_words.GROUP, detector_words.GROUP_RULE, "detector"),
        (federation_words.GROUP, federation_words.GROUP_RULE, "updates"),
    )
    return tuple(
        Group(name=name, measure="", rule=rule, lines=tuple(of[kind]))
        for name, rule, kind in groups
        if of[kind]
    )


def attack_lines(dossier: Dossier) -> tuple[Line, ...]:
    """Return attacks by release: in each cell the attacker who does best.

    Tests of how detectors are made and the search of files stand apart: their unit is no person.
    """
    rows, policy = dossier.rows, dossier.policy
    best = {r.name: headlines(rows, r.name) for r in dossier.releases}
    held = _held(dossier)
    lines = []
    for measure in measures_of(rows, "attack"):
        if measure in OF_TRAINERS or measure == LEAKS:
            continue
        lines.append(
            Line(
                name=names.capitalised(names.measure_name(measure)),
                measure=measure,
                question=names.question(measure, dossier.questions),
                rule=_rule([r for r in rows if r.measure == measure], policy),
                cells=tuple(
                    empty_cell(name, "moot", ())
                    if _is_moot(rows, measure, name, held)
                    else _attack_cell(rows, name, measure, risks, policy)
                    for name, risks in best.items()
                ),
            )
        )
    return tuple(lines)


def _rule(mine: Sequence[Row], policy: Policy) -> str:
    """Return what an attack is judged by; where single people are clients, it may find one."""
    match = any(is_match(r) for r in mine)
    found = f"people found; limit {figures.number(policy.max_match, 'rate')}"
    gained = f"gain above the control; limit {figures.number(policy.max_advantage, 'rate')}"
    counted = {r.release for r in mine if is_match(r)}
    if match and mine[0].measure.startswith(OF_UPDATES) and {r.release for r in mine} - counted:
        return f"Judged by {found}. Where clients have many people: by {gained}"
    return f"Judged by {found if match else gained}"


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
    level = level_of(judged, limit)
    first, second, said = _shown(risk, judged, _gain_row(risk, mine))
    gained, rare = _most_unusual(risk.row, mine)
    cell = Cell(
        release=release,
        level=level,
        word=words.LEVELS[level],
        figure=first,
        bar=bar(judged, limit) if judged else None,
        second=second if second and not second.withheld else None,
        second_word=said,
        remarks=_circumstances(risk.row),
        rare=rare,
        rare_word=f"most unusual people{': gain' * gained}",
        gaps=faults_of(mine),
    )
    return _compared(cell, risk) if is_twin(release) else cell


def _compared(cell: Cell, risk: Risk) -> Cell:
    """Return the cell of a detector without a promise: held against no limit, shown for power."""
    works = risk.advantage is not None and risk.advantage.low > 0
    return replace(cell, level="reference", word=detector_words.POWER[works])


def _held(dossier: Dossier) -> dict[str, Holds]:
    return {
        r.name: "nobody"
        if is_of_nobody(dossier, r.name)
        else "detector"
        if is_detector(dossier, r.name)
        else "records"
        for r in dossier.releases
    }


def federations(rows: Sequence[Row]) -> frozenset[str]:
    """Return the releases whose updates were attacked."""
    return frozenset(
        r.release for r in rows if r.kind == "attack" and r.measure.startswith(OF_UPDATES)
    )


def _asks(rows: Sequence[Row], measure: str, held: Mapping[str, Holds]) -> Holds:
    """Return of what an attack asks: by its name, or by the releases that it ran on."""
    if measure.startswith(OF_UPDATES):
        return "updates"
    if any(r.measure == measure and asks_detectors(r) for r in rows):
        return "detector"
    met = {held.get(r.release) for r in rows if (r.kind, r.measure) == ("attack", measure)}
    return "nobody" if measure.startswith(_OF_NOBODY) or "nobody" in met else "records"


def _is_moot(rows: Sequence[Row], measure: str, release: str, held: Mapping[str, Holds]) -> bool:
    """Whether an attack asks nothing of a release: whose is a record, where it is nobody's.

    The original is asked both, but for attacks on a generator or a detector, which it does not
    have; what is rebuilt from measures is asked only where measures alone are left.
    """
    if any((r.release, r.measure, r.kind) == (release, measure, "attack") for r in rows):
        return False
    asks = _asks(rows, measure, held)
    if asks == "updates":
        # What an update says of one person is asked only where single people are clients.
        return release not in federations(rows) or measure.endswith(GUESSING)
    if release == ORIGINAL:
        return asks != "records" or measure in OF_MEASURES
    return asks != held[release] or measure in OF_MEASURES


def _gain_row(risk: Risk, mine: Sequence[Row]) -> Row | None:
    """Return the line that holds what an attack gains."""
    same = [r for r in mine if r.status == "ok" and r.estimate == risk.advantage]
    return next((r for r in same if asked(r.metric).figure == "advantage"), None)


def _shown(
    risk: Risk, judged: Estimate | None, gained: Row | None
) -> tuple[Figure | None, Figure | None, str]:
    """Return the large figure of a cell, the small one, and its word.

    Where records are nobody's, what is gained stands first: much is guessed rightly of people
    who are in no data at all.
    """
    found = figures.figure(risk.estimate, "rate", risk.row)
    gain = figures.figure(judged, "rate", gained)
    if is_match(risk.row) or judged is None or judged == risk.estimate:
        return found, None, ""
    if risk.row.measure.startswith(_OF_NOBODY):
        return gain, found, "right"
    return found, gain, "gain"


def _circumstances(row: Row) -> tuple[str, ...]:
    """Return who won and how, what chance reaches, and his strength."""
    tier, setting = _TIER.search(row.note), names.setting_name(asked(row.metric).setting)
    # What is gained above a control has no chance of its own to be held against.
    gained = asked(row.metric).figure == "advantage"
    chance = ", ".join(
        f"{word} {figures.number(value, 'rate')}"
        for word, value in (("control", row.control), ("guess", row.baseline))
        if value is not None and not gained
    )
    found = (
        f"{row.attacker} attacker" if row.attacker else "",
        setting,
        chance,
        f"strength: {tier[1]}" if tier else "",
    )
    return tuple(f for f in found if f)


def _most_unusual(row: Row, mine: Sequence[Row]) -> tuple[bool, Figure | None]:
    """Return the worst figure of the most unusual people, and whether it is a gain.

    Of the figure that the attack is judged by; of its own where there is none of that.
    """
    rare = [
        r
        for r in mine
        if asked(r.metric).unusual and r.status == "ok" and r.estimate
        if asked(r.metric).setting != ANSWER_ALONE
    ]
    own = asked(row.metric).figure
    for wanted in (own if is_match(row) else "advantage", own):
        found = [(e, r) for r in rare if asked(r.metric).figure == wanted and (e := r.estimate)]
        if found:
            worst, of = max(found, key=lambda pair: pair[0].high)
            return wanted == "advantage" != own, figures.figure(worst, "rate", of)
    return False, None
