"""The frontier: what each release risks against what it still tells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate, people_needed, resolution
from mindveil.evidence.scorecard import Row

MATCH = frozenset({"rank1"})
NAMED = frozenset({"text/residual-identifiers"})
"""Measures whose ``success`` is a match: a readable name is the person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Risk:
    """The strongest attack of one kind on one release."""

    row: Row
    advantage: Estimate | None

    @property
    def estimate(self) -> Estimate:
        """Its headline: the probability of the right person, or the share singled out."""
        found = self.row.estimate
        if found is None:
            raise InvalidMeasurement("a risk without a figure")
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One release on the frontier; ``dominated_by`` names releases that are better for sure."""

    release: str
    risk: Estimate | None
    utility: Estimate | None
    worst: str
    task: str
    dominated_by: tuple[str, ...] = ()


def headlines(rows: Iterable[Row], release: str) -> list[Risk]:
    """Return, for each measure, the attacker that does best on this release, worst first.

    Ranked by upper bound: a wide interval is not a small risk.
    """
    mine = [r for r in rows if r.release == release and r.kind == "attack"]
    best: dict[tuple[str, str], Risk] = {}
    for row in mine:
        if row.status != "ok" or row.metric not in {"rank1", "success"}:
            continue
        gain = _advantage_of(row, mine)
        key = (row.measure, row.metric)
        if key not in best or row.estimate.high > best[key].estimate.high:  # type: ignore[union-attr]
            best[key] = Risk(row=row, advantage=gain)
    return sorted(best.values(), key=lambda r: (-r.estimate.high, r.row.measure))


def is_match(row: Row) -> bool:
    """Whether the figure is the probability that a named person is rightly matched."""
    return row.metric in MATCH or row.measure in NAMED


def strongest(rows: Sequence[Row], release: str) -> Estimate | None:
    """Return the largest advantage any attack has over its control on a release."""
    gains = [
        e
        for r in rows
        if r.release == release and r.metric == "advantage" and r.status == "ok"
        if (e := r.estimate) is not None
    ]
    return max(gains, key=lambda e: (e.value, e.high), default=None)


def draw(rows: Sequence[Row], releases: Sequence[str], task: str) -> tuple[Point, ...]:
    """Return every release as a point: worst match risk against the utility of one task."""
    points = [_point(rows, name, task) for name in releases]
    return tuple(
        Point(
            release=p.release,
            risk=p.risk,
            utility=p.utility,
            worst=p.worst,
            task=p.task,
            dominated_by=tuple(o.release for o in points if _dominates(o, p)),
        )
        for p in points
    )


def leading_task(rows: Iterable[Row]) -> str:
    """Return the utility measure that the frontier is drawn for: the first in the study."""
    for row in rows:
        if row.kind == "utility" and row.status == "ok":
            return row.measure
    return ""


def utility_of(rows: Iterable[Row], release: str, task: str, metric: str) -> Row | None:
    """Return a release's figure for a task: of all modalities together where there is one."""
    found = [
        r
        for r in rows
        if (r.release, r.measure, r.metric, r.status) == (release, task, metric, "ok")
    ]
    return next((r for r in found if r.modality == "fused"), found[0] if found else None)


def targets_needed(seen: Estimate, limit: float) -> int | None:
    """Return how many people would show a risk below the limit, at the rate that was seen.

    None where the rate itself is not below the limit.
    """
    if seen.value >= limit:
        return None
    if seen.value <= 0:
        return people_needed(limit)
    from mindveil.evidence.estimate import clopper_pearson  # noqa: PLC0415

    n = max(seen.n, 10)
    while clopper_pearson(seen.value * n, n).high > limit:
        n = int(n * 1.05) + 1
    return n


def resolutions(rows: Iterable[Row]) -> dict[str, tuple[int, float]]:
    """Return for each attack the people it had and the risk that zero hits would still allow."""
    found: dict[str, tuple[int, float]] = {}
    for row in rows:
        if row.kind == "attack" and row.metric in {"rank1", "success"} and row.n:
            found[row.measure] = (row.n, resolution(row.n))
    return dict(sorted(found.items()))


def _advantage_of(row: Row, rows: Iterable[Row]) -> Estimate | None:
    for other in rows:
        if other.metric == "advantage" and (other.measure, other.attacker, other.status) == (
            row.measure,
            row.attacker,
            "ok",
        ):
            return other.estimate
    return None


def _point(rows: Sequence[Row], release: str, task: str) -> Point:
    risks = [r for r in headlines(rows, release) if is_match(r.row)]
    kept = utility_of(rows, release, task, "ccc" if task.startswith("severity/") else "auroc")
    return Point(
        release=release,
        risk=risks[0].estimate if risks else None,
        utility=kept.estimate if kept else None,
        worst=risks[0].row.measure if risks else "",
        task=task,
    )


def _dominates(better: Point, worse: Point) -> bool:
    """Whether one release is no worse on both axes, and better for sure on one."""
    if not (better.risk and better.utility and worse.risk and worse.utility):
        return False
    no_worse = better.risk.value <= worse.risk.value and better.utility.value >= worse.utility.value
    surely = better.risk.high < worse.risk.low or better.utility.low > worse.utility.high
    return no_worse and surely
