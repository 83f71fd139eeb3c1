"""What a mesh says of an expression: ratios of distances, after the head is turned straight.

Every ratio is the mean of both sides of the face and is measured in distances between the eyes,
so neither the size of the picture, nor where the face is, nor how the head is turned changes it;
what is left is the expression and the proportions of the person.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.features.face_mesh import LEFT_EYE, RIGHT_EYE

Floats = NDArray[np.float64]

RATIOS: tuple[str, ...] = (
    *("brow-height", "brow-gap", "mouth-width", "mouth-opening"),
    *("lip-corners", "lip-thickness", "jaw-drop", "cheek-height"),
)
ANGLES: tuple[str, ...] = ("head-yaw", "head-pitch", "head-roll")

SIDES = ((33, 263), (133, 362), (234, 454), (127, 356), (162, 389), (21, 251))
"""Points of the bone on the right and the left: corners of the eyes, temples, before the ears."""

FOREHEAD, NOSE_BASE, CHIN = 10, 2, 152
BROWS = ((63, 105, 66), (293, 334, 296))
BROW_ENDS = ((107, 336), (55, 285))
MOUTH_CORNERS = (61, 291)
UPPER_LIP, LOWER_LIP = (0, 13), (14, 17)
"""Outer and inner edge of the upper lip, inner and outer edge of the lower one, in the middle."""
CHEEKS = (205, 425)


def head_axes(points: Floats) -> Floats:
    """Return the head's own axes in the picture as rows: to its left, down, and into depth.

    To the left is the mean direction between points of the bone on both sides; down is from the
    hairline to the base of the nose, which neither brows nor jaw move.
    """
    right, left = np.array(SIDES).T
    across: Floats = (points[left] - points[right]).mean(axis=0)
    across /= max(float(np.linalg.norm(across)), 1e-12)
    down = points[NOSE_BASE] - points[FOREHEAD]
    down = down - (down @ across) * across
    down /= max(float(np.linalg.norm(down)), 1e-12)
    axes: Floats = np.stack([across, down, np.cross(across, down)])
    return axes


def head_angles(points: Floats) -> Floats:
    """Return yaw, pitch and roll of the head in degrees, shape (3,).

    The head is taken as turned by the pitch first, then by the yaw, then by the roll. Positive
    is: turned to its own right, looking down, tilted to its own left. A person's pitch of 0 is
    a forehead straight above the base of the nose, not a level look.
    """
    across, down, depth = head_axes(points)
    yaw = np.arcsin(np.clip(-across[2], -1, 1))
    pitch = np.arctan2(down[2], depth[2])
    roll = np.arctan2(across[1], across[0])
    angles: Floats = np.degrees(np.array([yaw, pitch, roll]))
    return angles


def ratios(points: Floats) -> Floats:
    """Return the measures of an expression, in the order of ``RATIOS``, shape (8,).

    ``points`` (468, 3) are a mesh. In words: brows above the eyes, inner ends of the brows
    apart, corners of the mouth apart, inner edges of the lips apart, corners of the mouth above
    its middle, both lips, base of the nose to chin, cheeks below the eyes.
    """
    straight = points @ head_axes(points).T
    right, left = (straight[list(eye)].mean(axis=0) for eye in (RIGHT_EYE, LEFT_EYE))
    unit = max(float(np.linalg.norm(left - right)), 1e-12)
    eyes = (right[1] + left[1]) / 2
    lips = straight[[UPPER_LIP[1], LOWER_LIP[0]]]
    measured = (
        eyes - straight[np.array(BROWS).ravel(), 1].mean(),
        np.mean([_apart(straight, ends) for ends in BROW_ENDS]),
        _apart(straight, MOUTH_CORNERS),
        lips[1, 1] - lips[0, 1],
        lips[:, 1].mean() - straight[list(MOUTH_CORNERS), 1].mean(),
        _apart(straight, UPPER_LIP) + _apart(straight, LOWER_LIP),
        straight[CHIN, 1] - straight[NOSE_BASE, 1],
        straight[list(CHEEKS), 1].mean() - eyes,
    )
    return np.array(measured, dtype=np.float64) / unit


def _apart(points: Floats, pair: tuple[int, int]) -> float:
    return float(np.linalg.norm(points[pair[0]] - points[pair[1]]))
