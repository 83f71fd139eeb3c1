"""Where the name of each release stands in the picture, so that it hides nothing and misleads nobody."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from mindveil.evidence.verdict import Decision

_LETTER = 0.56
_HEIGHT_OF_TEXT = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def overlap(self, other: Box) -> float:
        """Return the area that two rectangles share."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(across, 0.0) * max(down, 0.0)

    def distance(self, x: float, y: float) -> float:
        """Return how far a point lies from the rectangle; 0 inside."""
        across = max(self.left - x, 0.0, x - self.right)
        down = max(self.top - y, 0.0, y - self.bottom)
        return math.hypot(across, down)

    def outside(self, frame: Box) -> float:
        """Return the area that sticks out of a frame."""
        whole = (self.right - self.left) * (self.bottom - self.top)
        return whole - self.overlap(frame)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """One release in the picture: its place, its intervals, its label."""

    name: str
    label: str
    decision: Decision | None
    hollow: bool
    x: float
    y: float
    reach: Box
    label_x: float
    label_y: float
    anchor: str
    knee: bool = False
    """Whether the frontier bends here."""
    leader: bool = False
    """Whether a thin line leads from the mark to a name that had to stand far away."""


def place_labels(
    marks: Sequence[Mark], frame: Box, limit: float, letter: float
) -> tuple[Mark, ...]:
    """Put each name where it hides the least and is nearest to its own mark."""
    taken = [_around(m) for m in marks]
    lines = [b for m in marks for b in _lines(m)]
    lines.append(Box(left=limit - 2, top=frame.top, right=limit + 2, bottom=frame.bottom))
    placed: list[Mark] = []
    for mark in marks:
        if not mark.label:
            placed.append(mark)
            continue
        options = [_place(mark, dx, dy, letter) for dx, dy in _PLACES]
        costs = [
            30 * box.outside(frame)
            + 10 * sum(box.overlap(o) for o in taken)
            + sum(box.overlap(o) for o in lines)
            + (100 if moved.leader else 1000) * _misleads(box, mark, marks)
            + 5 * rank
            for rank, (moved, box) in enumerate(options)
        ]
        best, box = options[costs.index(min(costs))]
        taken.append(box)
        placed.append(best)
    return tuple(placed)


_PLACES = tuple(
    (dx, dy) for dy in (-1, 1, -2, 2, -3, 3, -4, 4, -5, 5) for dx in (1, -1, 0)
)  # fmt: skip
"""Where a name may stand about its mark: right, left or centred; lines above or below."""


def _misleads(box: Box, mark: Mark, marks: Sequence[Mark]) -> int:
    """Return how many other marks a name is nearer to than to its own."""
    own = box.distance(mark.x, mark.y)
    return sum(box.distance(m.x, m.y) < own + 4 for m in marks if m is not mark)


def _place(mark: Mark, dx: int, dy: int, letter: float) -> tuple[Mark, Box]:
    wide = _LETTER * letter * len(mark.label)
    x = mark.x + dx * 9
    baseline = mark.y + dy * _HEIGHT_OF_TEXT + (letter * 0.35 if abs(dy) == 1 else 0)
    left = x - wide * (1 - dx) / 2
    box = Box(left=left, top=baseline - letter, right=left + wide, bottom=baseline + 3)
    moved = replace(
        mark,
        label_x=round(x, 1),
        label_y=round(baseline, 1),
        anchor={1: "start", 0: "middle", -1: "end"}[dx],
        leader=abs(dy) > 2,
    )
    return moved, box


def _around(mark: Mark) -> Box:
    return Box(left=mark.x - 8, top=mark.y - 8, right=mark.x + 8, bottom=mark.y + 8)


def _lines(mark: Mark) -> tuple[Box, Box]:
    reach = mark.reach
    return (
        Box(left=reach.left, top=mark.y - 2, right=reach.right, bottom=mark.y + 2),
        Box(left=mark.x - 2, top=reach.top, right=mark.x + 2, bottom=reach.bottom),
    )
