"""Many settings of one release: its points in one table, apart from the releases themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.frontier import Point
from mindveil.evidence.verdict import Decision
from mindveil.report import figures, names
from mindveil.report.charts import POINT
from mindveil.report.figures import Figure, shown
from mindveil.report.traces import row_of

MOST = 120
"""Points of one release that are listed; those on the frontier come first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One point of a sweep."""

    name: str
    decision: Decision | None
    risk: Figure | None
    use: Figure | None
    attack: str
    frontier: str
    bend: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """The points of one release, those on the frontier first, then the safest."""

    base: str
    settings: tuple[Setting, ...]
    left_out: int


def is_point(release: str) -> bool:
    """Whether a release is one point of a sweep.

    >>> is_point("strong~text/anonymise.level=2"), is_point("strong")
    (True, False)
    """
    return POINT in release


def without_points(dossier: Dossier) -> Dossier:
    """Return the study without the points of its sweeps."""
    if not any(is_point(r.name) for r in dossier.releases):
        return dossier
    judged = dossier.judgement
    return replace(
        dossier,
        releases=tuple(r for r in dossier.releases if not is_point(r.name)),
        rows=tuple(r for r in dossier.rows if not is_point(r.release)),
        judgement=replace(
            judged, releases=tuple(v for v in judged.releases if not is_point(v.release))
        ),
    )


def sweeps(dossier: Dossier, points: Sequence[Point]) -> tuple[Sweep, ...]:
    """Return one table for each release of which settings were varied."""
    decided = {v.release: v.decision for v in dossier.judgement.releases}
    found = []
    for base in dict.fromkeys(p.release.partition(POINT)[0] for p in points if is_point(p.release)):
        mine = [p for p in points if p.release.startswith(f"{base}{POINT}")]
        mine.sort(key=lambda p: (not p.on_frontier, p.risk.value if p.risk else 2.0, p.release))
        found.append(
            Sweep(
                base=base,
                settings=tuple(_setting(dossier, p, decided.get(p.release)) for p in mine[:MOST]),
                left_out=max(len(mine) - MOST, 0),
            )
        )
    return tuple(found)


def hypervolume(dossier: Dossier) -> str:
    """Return the area between the frontier and the worst there could be, as text."""
    seen = dossier.judgement.hypervolume
    if seen is None or not shown(seen):
        return ""
    told = figures.figure(seen, "score")
    return f"{told.value} ({told.interval})" if told else ""


def _setting(dossier: Dossier, point: Point, decision: Decision | None) -> Setting:
    chance = point.frontier_chance
    risk = row_of(dossier.rows, point.release, point.worst, point.risk)
    use = row_of(dossier.rows, point.release, point.task, point.utility)
    often = "" if chance is None else f"in {figures.number(chance, 'rate')} of draws"
    return Setting(
        name=point.release.partition(POINT)[2],
        decision=decision,
        risk=figures.figure(point.risk, "rate", risk),
        use=figures.figure(point.utility, "score", use),
        attack=names.capitalised(names.measure_name(point.worst)) if point.worst else "",
        frontier=", ".join(part for part in ("yes" if point.on_frontier else "no", often) if part),
        bend=point.knee,
    )
