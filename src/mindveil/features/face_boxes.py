"""Where a face is in a picture: a box, how sure the detector was, and how the head tilts.

Positions are in pixels from the top left corner, x to the right and y down.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A face, or where one may be.

    ``score`` is how sure the detector was, 0 to 1. It is 0 where nothing was seen and the box
    covers a guess: a lost face, or a whole frame in which no face was found. ``tilt`` is the
    angle of the line through the eyes, in radians, positive where the eye on the right of the
    picture is lower.

    >>> box = Box(left=10, top=20, right=30, bottom=60, score=0.9)
    >>> box.width, box.height, box.centre
    (20, 40, (20.0, 40.0))
    """

    left: float
    top: float
    right: float
    bottom: float
    score: float
    tilt: float = 0.0

    @property
    def width(self) -> float:
        """Pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Pixels from top to bottom."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """The middle (x, y)."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def grown(self, share: float) -> Box:
        """Return the box with this share of its size added on each side.

        >>> grown = Box(left=10, top=20, right=30, bottom=60, score=0.9).grown(0.5)
        >>> grown.left, grown.top, grown.right, grown.bottom
        (0.0, 0.0, 40.0, 80.0)
        """
        x, y = share * self.width, share * self.height
        return replace(
            self,
            left=self.left - x,
            top=self.top - y,
            right=self.right + x,
            bottom=self.bottom + y,
        )

    def clipped(self, height: int, width: int) -> Box:
        """Return the part of the box that lies inside a picture."""
        return replace(
            self,
            left=min(max(self.left, 0.0), float(width)),
            top=min(max(self.top, 0.0), float(height)),
            right=max(min(self.right, float(width)), 0.0),
            bottom=max(min(self.bottom, float(height)), 0.0),
        )

    def contains(self, point: tuple[float, float]) -> bool:
        """Whether a point (x, y) lies in the box."""
        return self.left <= point[0] <= self.right and self.top <= point[1] <= self.bottom


def whole_frame(height: int, width: int) -> Box:
    """Return the box that covers a whole picture, with score 0: nothing was seen."""
    return Box(left=0.0, top=0.0, right=float(width), bottom=float(height), score=0.0)


def overlap(one: Box, other: Box) -> float:
    """Return the area that two boxes share over the area that they cover together.

    >>> a = Box(left=0, top=0, right=2, bottom=2, score=1)
    >>> b = Box(left=1, top=0, right=3, bottom=2, score=1)
    >>> round(overlap(a, b), 3)
    0.333
    """
    across = min(one.right, other.right) - max(one.left, other.left)
    down = min(one.bottom, other.bottom) - max(one.top, other.top)
    if across <= 0 or down <= 0:
        return 0.0
    shared = across * down
    return float(shared / (one.width * one.height + other.width * other.height - shared))


def merge_boxes(boxes: Sequence[Box], *, least_overlap: float = 0.3) -> tuple[Box, ...]:
    """Return one box a face: boxes that overlap the surest one are averaged by their scores.

    Weighted non-maximum suppression (Bazarevsky et al. 2019, BlazeFace, arXiv 1907.05047,
    section 3.4): the mean trembles less from frame to frame than the winner does. The score is
    that of the surest box. Surest first.
    """
    left = sorted(boxes, key=lambda box: -box.score)
    merged: list[Box] = []
    while left:
        best = left[0]
        same = [box for box in left if box is best or overlap(best, box) >= least_overlap]
        left = [box for box in left if not any(box is one for one in same)]
        merged.append(_mean(same, best.score))
    return tuple(merged)


def _mean(boxes: Sequence[Box], score: float) -> Box:
    weights = np.array([box.score for box in boxes])
    corners = np.array([(b.left, b.top, b.right, b.bottom) for b in boxes])
    left, top, right, bottom = np.average(corners, axis=0, weights=weights)
    # angles are averaged as directions: -179 and 179 degrees are neighbours
    turns = np.exp(1j * np.array([box.tilt for box in boxes]))
    tilt = float(np.angle(np.average(turns, weights=weights)))
    return Box(
        left=float(left),
        top=float(top),
        right=float(right),
        bottom=float(bottom),
        score=score,
        tilt=tilt,
    )
