"""Where things lie in the pictures; the templates draw them as SVG without any script.

Risk is drawn on a square-root scale: what matters happens below ten percent, and a straight
scale from 0 to 100 % would hide it. Utility is drawn as it is. Coordinates are rounded, so that
the same study gives the same page.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.frontier import Point
from mindveil.evidence.verdict import Decision
from mindveil.report.figures import shown
from mindveil.report.labels import Box, Mark, place_labels

_RISK_TICKS = (0.0, 1.0, 0.25, 0.5, 0.01, 0.05, 0.1, 0.75)
"""The most wanted first: where there is no room, the later ones are left out."""
_LONGEST_LABEL = 26
POINT = "~"
"""What stands between the name of a release and what a sweep varied of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """An interval from 0 to 100 along a cell, with the limit it is held against."""

    low: float
    value: float
    high: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a picture is, and the room around its plot; in SVG units."""

    width: float
    height: float
    left: float = 46.0
    right: float = 24.0
    top: float = 14.0
    bottom: float = 34.0
    letter: float = 13.0


WIDE = Size(width=900, height=430)
NARROW = Size(width=350, height=360, left=36, right=22)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What a release must reach: the largest risk, the least utility if any, and guessing."""

    limit: float
    floor: float | None
    guess: float
    decisions: Mapping[str, Decision]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A labelled place on an axis."""

    at: float
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """The frontier, ready to be drawn."""

    size: Size
    frame: Box
    zone: Box
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    guess: float | None
    floor: float | None
    marks: tuple[Mark, ...]


def along(risk: float) -> float:
    """Return where a risk lies from 0 to 1 on the stretched scale.

    >>> along(0.25), along(-0.1), along(1.0)
    (0.5, 0.0, 1.0)
    """
    return math.sqrt(min(max(risk, 0.0), 1.0))


def bar(seen: Estimate, limit: float) -> Bar:
    """Return the interval of a risk against its limit."""
    low, value, high, at = (
        round(100 * along(x), 1) for x in (seen.low, seen.value, seen.high, limit)
    )
    return Bar(low=low, value=value, high=high, limit=at)


def drawable(point: Point) -> bool:
    """Whether a release has both figures and both may be shown."""
    return shown(point.risk) and shown(point.utility)


def frontier(points: Sequence[Point], goal: Goal, size: Size) -> Picture | None:
    """Return the picture of risk against utility; None where nothing can be drawn."""
    kept = [p for p in points if drawable(p)]
    if not kept:
        return None
    frame = Box(
        left=size.left,
        top=size.top,
        right=size.width - size.right,
        bottom=size.height - size.bottom,
    )
    lowest, highest, step = _range(kept, goal)

    def up(value: float) -> float:
        part = (min(max(value, lowest), highest) - lowest) / (highest - lowest)
        return round(frame.bottom - part * (frame.bottom - frame.top), 1)

    limit = _across(goal.limit, frame)
    marks = [
        _mark(p, goal, frame, tuple(up(x) for x in (use.value, use.high, use.low)))
        for p in kept
        for use in [_at(p.utility)]
    ]
    return Picture(
        size=size,
        frame=frame,
        zone=Box(
            left=frame.left,
            top=frame.top,
            right=limit,
            bottom=frame.bottom if goal.floor is None else up(goal.floor),
        ),
        across=_risk_ticks(goal.limit, frame, size),
        up=tuple(
            Tick(at=up(v), label=f"{v:.1f}".replace("-", "\u2212"))
            for v in _steps(lowest, highest, step)
        ),
        guess=up(goal.guess) if lowest <= goal.guess < highest else None,
        floor=None if goal.floor is None else up(goal.floor),
        marks=place_labels(marks, frame, limit, size.letter),
    )


def _at(seen: Estimate | None) -> Estimate:
    assert seen is not None
    return seen


def _across(risk: float, frame: Box) -> float:
    return round(frame.left + along(risk) * (frame.right - frame.left), 1)


def _range(points: Sequence[Point], goal: Goal) -> tuple[float, float, float]:
    lows = [_at(p.utility).low for p in points]
    highs = [_at(p.utility).high for p in points]
    floor = [] if goal.floor is None else [goal.floor]
    lowest = math.floor(min([*lows, goal.guess, *floor]) * 10 + 1e-9) / 10
    highest = min(1.0, math.ceil(max([*highs, *floor]) * 10 + 0.5) / 10)
    step = 0.1 if highest - lowest <= 0.75 else 0.2
    return lowest, max(highest, lowest + step), step


def _steps(lowest: float, highest: float, step: float) -> list[float]:
    count = int(round((highest - lowest) / step, 6))
    return [round(lowest + i * step, 6) for i in range(count + 1)]


def _risk_ticks(limit: float, frame: Box, size: Size) -> tuple[Tick, ...]:
    """Return ticks that do not run into each other; the limit has its own line and label."""
    ticks: list[Tick] = []
    for risk in _RISK_TICKS:
        at, label = _across(risk, frame), f"{risk:.0%}"
        room = 0.5 * size.letter * (len(label) + 1) + 12
        free = all(abs(at - t.at) >= room for t in ticks)
        if free and abs(at - _across(limit, frame)) >= room + 8:
            ticks.append(Tick(at=at, label=label))
    return tuple(sorted(ticks, key=lambda t: t.at))


def _mark(point: Point, goal: Goal, frame: Box, heights: tuple[float, ...]) -> Mark:
    risk, (y, top, bottom) = _at(point.risk), heights
    short = point.release if POINT not in point.release or point.knee else ""
    if len(short) > _LONGEST_LABEL:
        short = short[: _LONGEST_LABEL - 1] + "…"
    return Mark(
        name=point.release,
        label=short,
        decision=goal.decisions.get(point.release),
        hollow=bool(point.dominated_by),
        knee=point.knee,
        x=_across(risk.value, frame),
        y=y,
        reach=Box(
            left=_across(risk.low, frame),
            top=top,
            right=_across(risk.high, frame),
            bottom=bottom,
        ),
        label_x=0.0,
        label_y=0.0,
        anchor="start",
    )
