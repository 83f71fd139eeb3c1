"""Person by person: how the risk is spread, for a fair mean can hide who is found every time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.frontier import asked
from mindveil.evidence.scorecard import Row
from mindveil.report import figures, names
from mindveil.report.charts import along
from mindveil.report.detectors import is_twin
from mindveil.report.figures import Figure
from mindveil.report.records import few_of

_RISK = "person-risk"
_QUANTILES = ("median", "p95", "worst")


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One quantile of people's own chances, from 0 to 100 along the picture."""

    name: str
    at: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How the risk of one release is spread over its people, by the attack that hurts most."""

    release: str
    attack: str
    attacker: str
    dots: tuple[Dot, ...]
    limit: float
    median: Figure | None
    high: Figure | None
    worst: Figure | None
    above: Figure | None
    exposed: Figure | None
    exposed_by: str
    """The attack that names people with certainty, where it is another than ``attack``."""
    unusual: Figure | None


def spreads(dossier: Dossier) -> tuple[Spread, ...]:
    """Return the spread of every release of which it is known."""
    found = (_spread(dossier, r.name) for r in dossier.releases if not is_twin(r.name))
    return tuple(s for s in found if s is not None)


def _spread(dossier: Dossier, release: str) -> Spread | None:
    mine = [
        r
        for r in dossier.rows
        if (r.release, r.kind, r.status) == (release, "attack", "ok") and r.estimate is not None
    ]
    top = _widest(mine)
    if top is None:
        return None
    own = [r for r in mine if (r.measure, r.attacker) == (top.measure, top.attacker)]
    by = {r.metric: r for r in own}
    limit = dossier.policy.max_match
    certain = _worst(r for r in mine if asked(r.metric).figure == "people-exposed")
    sure = names.attack_by(certain.measure, certain.attacker) if certain is not None else ""
    shown = [(name, by.get(f"{_RISK}@{name}")) for name in _QUANTILES]
    return Spread(
        release=release,
        attack=names.measure_name(top.measure),
        attacker=f"{top.attacker} attacker" if top.attacker else "",
        dots=tuple(
            _dot(name, r) for name, r in shown if r is not None and figures.shown(r.estimate)
        ),
        limit=round(100 * along(limit), 1),
        median=figures.figure_of(by.get(f"{_RISK}@median")),
        high=figures.figure_of(top),
        worst=figures.figure_of(by.get(f"{_RISK}@worst")),
        above=counted(by.get("people-above@limit") or by.get(f"people-above@{limit:g}")),
        exposed=counted(certain),
        exposed_by=sure if sure != names.attack_by(top.measure, top.attacker) else "",
        unusual=figures.figure_of(by.get("rank1-unusual")),
    )


def _widest(rows: Iterable[Row]) -> Row | None:
    """Return what the 5% at most risk face by the attack that hurts most.

    Of attacks that name these for sure, it is the one that threatens most people, and then the one
    by which the person in the middle fares worst: else a few people would stand for everybody.
    """
    listed = list(rows)
    of = {(r.measure, r.attacker, asked(r.metric)): r.value or 0.0 for r in listed}

    def hurts(row: Row) -> tuple[float, ...]:
        told = (f"{_RISK}@p95", "people-above@limit", f"{_RISK}@median")
        return (*(of.get((row.measure, row.attacker, asked(m)), 0.0) for m in told), row.n or 0)

    return max((r for r in listed if r.metric == f"{_RISK}@p95"), key=hurts, default=None)


def _worst(rows: Iterable[Row]) -> Row | None:
    return max(rows, key=lambda r: (r.value or 0.0, r.high or 0.0), default=None)


def _dot(name: str, row: Row) -> Dot:
    low, value, high = (round(100 * along(x or 0.0), 1) for x in (row.low, row.value, row.high))
    return Dot(name=name, at=value, low=low, high=high)


def counted(row: Row | None) -> Figure | None:
    """Return a share that counts people at risk; of fewer than ten that they are few."""
    seen = figures.figure_of(row)
    if row is None or seen is None or seen.withheld:
        return seen
    few = few_of(row)
    if not few:
        return seen
    return Figure(value=few, interval="", people="", row=row)
