"""Small line charts: where their lines, bands and points lie; the templates draw them as SVG."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.scorecard import Row

WIDTH, HEIGHT = 300, 190
_LEFT, _RIGHT, _TOP, _BOTTOM = 40.0, 12.0, 10.0, 34.0

Style = Literal["one", "two", "plain"]
"""How a line is drawn: full with its band, dashed, or thin for what it is compared with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class At:
    """One figure of a line: where along the chart, what it is, and the row that holds it."""

    x: float
    label: str
    seen: Estimate
    row: Row | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line of a chart."""

    name: str
    style: Style
    points: tuple[At, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """The range of an axis, its ticks as numbers with words, and what it is called."""

    low: float
    high: float
    ticks: tuple[tuple[float, str], ...]
    name: str
    stretched: bool = False
    """Whether equal steps are equal ratios, as for numbers of candidates."""

    def part(self, value: float) -> float:
        """Return where a value lies from 0 to 1.

        >>> Axis(low=1, high=100, ticks=(), name="", stretched=True).part(10)
        0.5
        """
        kept = min(max(value, self.low), self.high)
        if self.stretched:
            return math.log(kept / self.low) / math.log(self.high / self.low)
        return (kept - self.low) / (self.high - self.low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One figure in the picture."""

    x: float
    y: float
    title: str
    row: Row | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One line in the picture."""

    name: str
    style: Style
    path: str
    band: str
    spots: tuple[Spot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A tick of an axis in the picture."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """A chart, ready to be drawn, and the same in words."""

    title: str
    words: str
    across: tuple[Mark, ...]
    up: tuple[Mark, ...]
    across_name: str
    up_name: str
    curves: tuple[Curve, ...]
    rule: float | None
    """Height of the limit, where there is one."""
    slope: str
    """The line on which both axes are equal, where that means something."""


def plot(
    title: str,
    lines: Iterable[Series],
    axes: tuple[Axis, Axis],
    *,
    limit: float | None = None,
    equal: bool = False,
) -> Plot | None:
    """Return a chart of the lines that have a point; None where none has."""
    across, up = axes
    kept = [s for s in lines if s.points]
    if not kept:
        return None
    corner = (
        f"M{_x(across, across.low)} {_y(up, up.low)}L{_x(across, across.high)} {_y(up, up.high)}"
    )
    return Plot(
        title=title,
        words=_words(title, kept),
        across=tuple(Mark(at=_x(across, v), label=w) for v, w in across.ticks),
        up=tuple(Mark(at=_y(up, v), label=w) for v, w in up.ticks),
        across_name=across.name,
        up_name=up.name,
        curves=tuple(_curve(s, across, up) for s in kept),
        rule=None if limit is None else _y(up, limit),
        slope=corner if equal else "",
    )


def shares(name: str) -> Axis:
    """Return the axis of a share, from none to all."""
    ticks = ((0.0, "0%"), (0.25, "25%"), (0.5, "50%"), (0.75, "75%"), (1.0, "100%"))
    return Axis(low=0.0, high=1.0, ticks=ticks, name=name)


def counts(values: Sequence[float], name: str) -> Axis:
    """Return a stretched axis of whole numbers with a tick at each, where there is room."""
    there = sorted(set(values))
    low, high = min(there), max(there)
    if low == high:
        low, high = max(low / 2, 0.5), 2 * high
    whole = Axis(low=low, high=high, ticks=(), name=name, stretched=True)
    ticks: list[tuple[float, str]] = []
    for value in there:
        if not ticks or whole.part(value) - whole.part(ticks[-1][0]) > 0.09:
            ticks.append((value, f"{value:g}"))
    return Axis(low=low, high=high, ticks=tuple(ticks), name=name, stretched=True)


def _curve(series: Series, across: Axis, up: Axis) -> Curve:
    points = sorted(series.points, key=lambda p: p.x)
    xs = [_x(across, p.x) for p in points]
    middle = [_y(up, p.seen.value) for p in points]
    low, high = (
        [_y(up, v) for v in ends]
        for ends in zip(*((p.seen.low, p.seen.high) for p in points), strict=True)
    )
    around = [*zip(xs, high, strict=True), *reversed(list(zip(xs, low, strict=True)))]
    return Curve(
        name=series.name,
        style=series.style,
        path=_path(zip(xs, middle, strict=True)),
        band=f"{_path(around)}Z" if series.style == "one" else "",
        spots=tuple(
            Spot(x=x, y=y, title=f"{series.name}, {p.label}", row=p.row)
            for x, y, p in zip(xs, middle, points, strict=True)
        ),
    )


def _words(title: str, lines: Iterable[Series]) -> str:
    told = [f"{s.name}: {'; '.join(p.label for p in s.points)}" for s in lines]
    return f"{title}. {'. '.join(told)}."


def _path(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)


def _x(axis: Axis, value: float) -> float:
    return round(_LEFT + axis.part(value) * (WIDTH - _LEFT - _RIGHT), 1)


def _y(axis: Axis, value: float) -> float:
    return round(HEIGHT - _BOTTOM - axis.part(value) * (HEIGHT - _TOP - _BOTTOM), 1)
