"""Risk against the number of candidates and of recordings; calibration and decision curves."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from mindveil.evidence.dossier import Dossier
from mindveil.evidence.frontier import asked
from mindveil.evidence.scorecard import Row
from mindveil.report import figures, names
from mindveil.report.detectors import is_twin
from mindveil.report.plots import At, Axis, Plot, Series, Style, counts, plot, shares
from mindveil.report.tables import measures_of, pooled

MOST = 12
"""Releases that are drawn; of more than these the figures stand in the scorecard alone."""

_CANDIDATES = re.compile(r"\bN = (\d+)")
_THRESHOLD = re.compile(r"0?\.\d+")
_NETS = (-0.1, 0.0, 0.1, 0.2, 0.3, 0.4, 0.5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Album:
    """The charts of one attack or task, release by release."""

    name: str
    measure: str
    plots: tuple[Plot, ...]


def risk_curves(dossier: Dossier) -> tuple[Album, ...]:
    """Return how often the right person is found among few and among many candidates."""
    return _albums(dossier, "attack", partial(_by_candidates, limit=dossier.policy.max_match))


def recording_curves(dossier: Dossier) -> tuple[Album, ...]:
    """Return how often she is found by an attacker with few and with many of her recordings."""
    return _albums(dossier, "attack", partial(_by_recordings, limit=dossier.policy.max_match))


def calibrations(dossier: Dossier) -> tuple[Album, ...]:
    """Return how many are cases among people of about the same predicted risk."""
    return _albums(dossier, "utility", _calibration)


def decisions(dossier: Dossier) -> tuple[Album, ...]:
    """Return whether acting on a detector is better than treating everybody, or nobody."""
    return _albums(dossier, "utility", _decision)


def strongest(rows: Iterable[Row], figure: str) -> list[Row]:
    """Return the rows of the attacker who does best in a figure, or of all recordings together.

    Of one who was tried with several numbers of recordings, those with the number he did best with.
    """
    found = [r for r in rows if r.status == "ok" and r.estimate is not None]
    leading = [r for r in found if asked(r.metric).figure == figure]
    if not leading:
        return []
    top = max(leading, key=lambda r: (r.modality == "fused", r.value or 0.0, r.attacker))
    own = [r for r in found if (r.attacker, r.modality) == (top.attacker, top.modality)]
    return [r for r in own if pooled(r) in {None, pooled(top)}]


def _albums(
    dossier: Dossier, kind: str, draw: Callable[[str, Sequence[Row]], Plot | None]
) -> tuple[Album, ...]:
    releases = [r.name for r in dossier.releases if not is_twin(r.name)][:MOST]
    found = []
    for measure in measures_of(dossier.rows, kind):
        mine = [r for r in dossier.rows if (r.kind, r.measure) == (kind, measure)]
        drawn = [draw(name, [r for r in mine if r.release == name]) for name in releases]
        plots = tuple(p for p in drawn if p is not None)
        if plots:
            name = names.capitalised(names.measure_name(measure))
            found.append(Album(name=name, measure=measure, plots=plots))
    return tuple(found)


def _at(x: float, label: str, row: Row) -> At | None:
    seen = figures.figure_of(row)
    if row.estimate is None or seen is None or seen.withheld:
        return None
    return At(x=x, label=f"{label}: {seen.value} ({seen.interval})", seen=row.estimate, row=row)


def _series(name: str, style: Style, points: Iterable[At | None]) -> Series:
    return Series(name=name, style=style, points=tuple(p for p in points if p is not None))


def _by_candidates(release: str, rows: Sequence[Row], *, limit: float) -> Plot | None:
    mine = strongest(rows, "rank1-at")
    if not mine:
        return None
    lines = [
        _series(name, style, (_of_candidates(r) for r in mine if asked(r.metric).figure == figure))
        for name, style, figure in _LINES
    ]
    first, alone = lines
    if _heights(first) == _heights(alone):
        lines = [replace(first, name="Ranked first, and alone")]  # nobody is tied with her
    sizes = [p.x for line in lines for p in line.points]
    if not sizes:
        return None
    axes = (counts(sizes, "Candidates"), shares("Found"))
    who = f"{release} · {mine[0].attacker}" if mine[0].attacker else release
    return plot(who, lines, axes, limit=limit)


_LINES: tuple[tuple[str, Style, str], ...] = (
    ("Ranked first", "one", "rank1-at"),
    ("Stands out alone", "two", "singling-out"),
)


def _heights(line: Series) -> dict[float, float]:
    return {p.x: p.seen.value for p in line.points}


def _of_candidates(row: Row) -> At | None:
    setting = asked(row.metric).setting
    told = _CANDIDATES.search(row.note) if not setting else re.fullmatch(r"N=(\d+)", setting)
    return _at(float(told[1]), f"N = {told[1]}", row) if told else None


def _by_recordings(release: str, rows: Sequence[Row], *, limit: float) -> Plot | None:
    best = {r.attacker for r in strongest(rows, "rank1")}
    mine = [r for r in rows if r.metric == "rank1" and r.status == "ok" and r.attacker in best]
    told = [(float(many), r) for r in mine if (many := pooled(r)) is not None]
    if len({many for many, _ in told}) < 2:
        return None
    line = _series("Ranked first", "one", (_at(many, f"L = {many:g}", r) for many, r in told))
    axes = (counts([many for many, _ in told], "Recordings"), shares("Found"))
    return plot(release, [line], axes, limit=limit)


def _calibration(release: str, rows: Sequence[Row]) -> Plot | None:
    mine = [r for r in strongest(rows, "calibration") if asked(r.metric).figure == "calibration"]
    points = [
        _at(r.baseline, f"predicted {figures.number(r.baseline, 'rate')}", r)
        for r in mine
        if r.baseline is not None
    ]
    line = _series("Are cases", "one", points)
    return plot(release, [line], (shares("Predicted risk"), shares("Are cases")), equal=True)


def _decision(release: str, rows: Sequence[Row]) -> Plot | None:
    mine = strongest(rows, "net-benefit")
    acting = [r for r in mine if asked(r.metric).figure == "net-benefit"]
    lines = [
        _series("Detector", "one", (_of_threshold(r) for r in acting)),
        _series(
            "Treat everybody",
            "two",
            (_of_threshold(r) for r in mine if asked(r.metric).figure == "net-benefit-all"),
        ),
    ]
    seen = [p for line in lines for p in line.points]
    if not seen:
        return None
    top = max(0.1, *(p.seen.high for p in seen))
    high = min((v for v in _NETS if v >= top), default=1.0)
    ticks = tuple((v, f"{v:.1f}".replace("-", "\u2212")) for v in _NETS if v <= high)
    up = Axis(low=_NETS[0], high=high, ticks=ticks, name="Net benefit")
    at = sorted({p.x for p in seen})
    across = Axis(
        low=0.0, high=max(at), ticks=tuple((x, f"{x:.0%}") for x in at), name="Risk acted on"
    )
    return plot(release, lines, (across, up), limit=0.0)


def _of_threshold(row: Row) -> At | None:
    setting = asked(row.metric).setting
    if not _THRESHOLD.fullmatch(setting):
        return None
    return _at(float(setting), f"from {float(setting):.0%}", row)
