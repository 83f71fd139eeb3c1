"""What is drawn: which risk stands on the axis, the limit it is held against, and who is better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.frontier import Point
from mindveil.evidence.operating_points import by_gain, placed
from mindveil.evidence.scorecard import Row
from mindveil.randomness import stream
from mindveil.report import cards, charts, detector_words, figures, names, words
from mindveil.report.attacks import is_of_nobody
from mindveil.report.detectors import is_detector, is_twin
from mindveil.report.traces import row_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The points of a study with the words of their axes."""

    points: tuple[Point, ...]
    goal: charts.Goal
    across: str
    up: str
    gains: bool
    """Whether risk is what the strongest attack gains, and not how often people are found."""
    detectors: bool = False

    @property
    def limit(self) -> str:
        """The limit beside the axis."""
        return f"{self.goal.limit * 100:g}%"


def drawing(dossier: Dossier) -> Drawing:
    """Return what is to be drawn of a study.

    A synthetic record is nobody's, so that no right person can be found by one. Where a release
    is synthetic, or a detector, which holds no record, all are drawn by what the strongest attack
    gains over its control.
    """
    task, metric = cards.leading_metric(dossier.rows)
    detectors = any(is_detector(dossier, r.name) for r in dossier.releases)
    gains = detectors or any(is_of_nobody(dossier, r.name) for r in dossier.releases)
    points = tuple(dossier.judgement.frontier)
    policy = dossier.policy
    return Drawing(
        points=_by_gain(dossier, points) if gains else points,
        goal=charts.Goal(
            limit=policy.max_advantage if gains else policy.max_match,
            floor=cards.floor_of(policy, task, metric),
            guess=0.0 if metric == "ccc" else 0.5,
            decisions={
                v.release: v.decision for v in dossier.judgement.releases if not is_twin(v.release)
            },
        ),
        across=words.TEXT["axis_gain"] if gains else words.TEXT["axis_across"],
        up=f"{names.metric_name(metric)}, {names.measure_name(task)}",
        gains=gains,
        detectors=detectors,
    )


def caption(shown: Drawing) -> str:
    """Return what a reader of the picture must know."""
    floor = "" if shown.goal.floor is None else figures.number(shown.goal.floor, "score")
    absent = [p.release for p in shown.points if not charts.drawable(p)]
    missing = [name for name in absent if charts.POINT not in name]
    if swept := len(absent) - len(missing):
        missing.append(f"{swept} {'point' if swept == 1 else 'points'} of a sweep")
    said = words.TEXT["frontier_caption"].format(
        limit=figures.number(shown.goal.limit, "rate"),
        least=floor and f" and above the least clinical use wanted, {floor}",
    )
    if shown.gains:
        said += " " + (detector_words.AXIS if shown.detectors else words.TEXT["frontier_gains"])
    if missing:
        said += f" Not drawn, because a figure is missing or withheld: {', '.join(missing)}."
    return said


def table_row(point: Point, drawn: Drawing, rows: Sequence[Row]) -> dict[str, object]:
    """Return a release in the table below the picture."""
    decisions = drawn.goal.decisions
    return {
        "release": point.release,
        "decision": decisions.get(
            point.release, detector_words.COMPARED if is_twin(point.release) else ""
        ),
        "risk": figures.figure(
            point.risk, "rate", row_of(rows, point.release, point.worst, point.risk)
        ),
        "utility": figures.figure(
            point.utility, "score", row_of(rows, point.release, point.task, point.utility)
        ),
        "worst": names.capitalised(names.measure_name(point.worst)) if point.worst else "",
        "better": ", ".join(point.dominated_by),
    }


def _by_gain(dossier: Dossier, points: Sequence[Point]) -> tuple[Point, ...]:
    moved = by_gain(dossier.rows, points)
    return placed(moved, stream(dossier.seed, "frontier"))[0]
