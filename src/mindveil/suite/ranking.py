"""Who is first: defences by the upper bound of the worst attacker, attackers by what they show.

A rank is no number without doubt either: its interval comes from drawing every figure anew within
its own interval and ranking again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import RESAMPLES, Estimate, risk_reduction
from mindveil.evidence.frontier import Risk, headlines, is_match
from mindveil.evidence.leaks import LEAKS_FOUND
from mindveil.evidence.risks import LEAKS
from mindveil.evidence.scorecard import Row
from mindveil.randomness import stream
from mindveil.suite.score_sheet import DefenceSheet, Figure, TrackSheet
from mindveil.suite.suite_file import NONE

NORMAL = 1.959964
"""Half-width of a 95 % interval in standard deviations."""

ALONE = "attacked at tier light only"


@dataclass(frozen=True, slots=True, kw_only=True)
class DefenceLine:
    """A defence in the table; without a rank where not all attackers could be sent or believed."""

    track: str
    defence: str
    risk: Estimate | None = None
    figure: str = ""
    best: str = ""
    reduction: Estimate | None = None
    utility: Estimate | None = None
    rank: int | None = None
    first: int | None = None
    last: int | None = None
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AttackerLine:
    """An attacker in the table: what he gains above his control where nothing is defended."""

    track: str
    measure: str
    attacker: str
    power: Estimate | None
    tier: str
    entered: bool
    rank: int | None = None
    first: int | None = None
    last: int | None = None


def rank_defences(sheet: TrackSheet) -> tuple[DefenceLine, ...]:
    """Return the defences of a track, best first; those without a rank follow."""
    lines = [_line(sheet, d) for d in sheet.defences]
    ranked = [x for x in lines if not x.remarks and x.risk]
    rest = [x for x in lines if x not in ranked]
    risks = [x.risk for x in ranked if x.risk]
    order = sorted(range(len(ranked)), key=lambda i: (risks[i].high, _lost(ranked[i]), i))
    places = _places(risks, [_lost(x) for x in ranked], _rng(sheet, "defences"))
    told = [
        replace(
            ranked[i],
            rank=place,
            first=min(place, int(places[0, i])),
            last=max(place, int(places[1, i])),
        )
        for place, i in enumerate(order, start=1)
    ]
    return (*told, *sorted(rest, key=lambda x: (x.risk is None, x.risk.high if x.risk else 0.0)))


def rank_attackers(sheet: TrackSheet) -> tuple[AttackerLine, ...]:
    """Return the attackers of a track by the lower bound of what they show, strongest first."""
    seen = dict.fromkeys(
        (f.measure, f.attacker) for f in sheet.figures if f.kind == "attack" and f.measure != LEAKS
    )
    lines = [_attacker(sheet, measure, attacker) for measure, attacker in seen]
    shown = [x for x in lines if x.power]
    powers = [x.power.map(lambda v: -v) for x in shown if x.power]
    order = sorted(range(len(shown)), key=lambda i: (powers[i].high, i))
    places = _places(powers, [0.0] * len(shown), _rng(sheet, "attackers"))
    told = [
        replace(
            shown[i],
            rank=place,
            first=min(place, int(places[0, i])),
            last=max(place, int(places[1, i])),
        )
        for place, i in enumerate(order, start=1)
    ]
    return (*told, *(x for x in lines if not x.power))


def _line(sheet: TrackSheet, defence: DefenceSheet) -> DefenceLine:
    mine = [f for f in sheet.figures if f.defence == defence.name]
    rows = [f.row() for f in mine]
    worst = _worst(rows, defence.name)
    remarks = _remarks(sheet, defence, mine)
    blank = DefenceLine(track=sheet.track, defence=defence.name, remarks=remarks)
    blank = replace(blank, utility=_utility(sheet, mine))
    if worst is None:
        return replace(blank, remarks=(*remarks, "no attack on it could be believed"))
    seen = _seen(worst)
    who = worst.row.attacker or worst.row.modality
    return replace(
        blank,
        risk=seen,
        figure=worst.row.metric if is_match(worst.row) or not worst.advantage else "advantage",
        best=f"{worst.row.measure}, {who}",
        reduction=_reduction(sheet, defence, rows),
    )


def _worst(rows: Sequence[Row], release: str) -> Risk | None:
    """Return the risk with the highest upper bound: matches as they are, the rest above control."""
    return max(headlines(rows, release), key=lambda r: _seen(r).high, default=None)


def _seen(risk: Risk) -> Estimate:
    return risk.estimate if is_match(risk.row) else risk.advantage or risk.estimate


def _reduction(sheet: TrackSheet, defence: DefenceSheet, rows: Sequence[Row]) -> Estimate | None:
    """Return how much of the strongest attack's gain is gone, by attackers that both have met."""
    if defence.name == NONE:
        return None
    bare = [f.row() for f in sheet.figures if f.defence == NONE]
    before = _most([r for r in bare if not r.attacker or r.attacker in defence.attackers])
    after = _most(rows)
    if before is None or after is None:
        return None
    try:
        return risk_reduction(after, before)
    except InvalidMeasurement:
        return None


def _most(rows: Sequence[Row]) -> Estimate | None:
    """Return the largest gain of any attack over its control."""
    found = [
        r.estimate
        for r in rows
        if r.kind == "attack" and r.status == "ok" and r.metric.partition("@")[0] == "advantage"
    ]
    return max((e for e in found if e), key=lambda e: (e.value, e.high), default=None)


def _utility(sheet: TrackSheet, mine: Sequence[Figure]) -> Estimate | None:
    return next(
        (
            f.row().estimate
            for f in mine
            if (f.kind, f.measure, f.metric) == ("utility", sheet.headline, sheet.metric)
            and f.status == "ok"
        ),
        None,
    )


def _remarks(sheet: TrackSheet, defence: DefenceSheet, mine: Sequence[Figure]) -> tuple[str, ...]:
    """Say why a defence has no rank: nobody may stand above others for want of an attacker."""
    told = []
    most = max((d.attackers for d in sheet.defences), key=len)
    if len(defence.attackers) < len(most):
        told.append(ALONE)
    if any(f.metric == LEAKS_FOUND and (f.value or 0) > 0 for f in mine):
        told.append("its files tell who somebody is")
    for measure in sheet.attacks:
        cells = [f for f in mine if f.kind == "attack" and f.measure == measure]
        lost = cells and all(f.status != "ok" for f in cells)
        if lost and (_has_power(sheet, measure) or cells[0].status == "failed"):
            told.append(f"{measure} could not be believed: {cells[0].status}")
            continue
        told += [
            f"{measure} by the {who} attacker could not be believed"
            for who in _lost_attackers(sheet, defence, cells)
        ]
    return tuple(told)


def _lost_attackers(sheet: TrackSheet, defence: DefenceSheet, cells: Sequence[Figure]) -> list[str]:
    """Return the attackers of one attack that gave a figure of the originals and none of a defence.

    A defence that fails wherever an attacker protects people of his own with it would else be
    judged by those who do not know it.
    """
    believed = {f.attacker for f in cells if f.status == "ok"}
    there = [
        f.attacker
        for f in sheet.figures
        if f.defence == NONE and f.kind == "attack" and f.status == "ok" and cells
        if f.measure == cells[0].measure and f.attacker in defence.attackers
    ]
    return [who for who in dict.fromkeys(there) if who not in believed]


def _has_power(sheet: TrackSheet, measure: str) -> bool:
    """Whether an attack could be believed where nothing is defended.

    One that could not (of so few people) tells nothing of any defence. A search for leaks is
    not sent at originals.
    """
    bare = [f for f in sheet.figures if (f.defence, f.measure) == (NONE, measure)]
    return measure == LEAKS or any(f.status == "ok" for f in bare)


def _attacker(sheet: TrackSheet, measure: str, attacker: str) -> AttackerLine:
    mine = [
        f
        for f in sheet.figures
        if (f.defence, f.kind, f.measure, f.attacker) == (NONE, "attack", measure, attacker)
    ]
    found = [f.row().estimate for f in mine if f.metric == "advantage" and f.status == "ok"]
    return AttackerLine(
        track=sheet.track,
        measure=measure,
        attacker=attacker,
        power=next(iter(found), None),
        tier=next((f.tier for f in mine if f.tier), ""),
        entered=measure in sheet.entered_attacks,
    )


def _lost(line: DefenceLine) -> float:
    """Return what is ranked by where risks are the same: less lost utility comes first."""
    return -line.utility.value if line.utility else 0.0


def _places(
    seen: Sequence[Estimate], ties: Sequence[float], rng: np.random.Generator
) -> NDArray[np.float64]:
    """Return the ends of the interval of each one's rank, shape (2, figures); 1 is the least.

    Each figure is drawn from a normal distribution on each side of its value, as wide as that side
    of its interval. Figures of the same people are taken for independent, which widens the
    interval of a rank and never narrows it.
    """
    if not seen:
        return np.zeros((2, 0))
    value, low, high = (np.array([getattr(e, k) for e in seen]) for k in ("value", "low", "high"))
    drawn = rng.standard_normal((RESAMPLES, len(seen)))
    reach = np.where(drawn < 0, value - low, high - value) / NORMAL
    figures = value + drawn * reach
    order = np.argsort(figures + 1e-12 * np.asarray(ties), axis=1, kind="stable")
    places = np.argsort(order, axis=1, kind="stable") + 1.0
    return np.asarray(np.quantile(places, [0.025, 0.975], axis=0, method="nearest"))


def _rng(sheet: TrackSheet, what: str) -> np.random.Generator:
    return stream(sheet.seed, "benchmark ranks", sheet.track, what)
