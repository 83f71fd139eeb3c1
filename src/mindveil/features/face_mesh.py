"""468 points on a face, and the outline of the eyelids: where every part of the face is.

The mesh network (Kartynnik et al. 2019, arXiv 1907.06724) looks at 192 x 192 pixels, upright
along the line of the eyes and with a quarter of the face's size around it; the iris network
(Ablavatski et al. 2020, arXiv 2006.11341) looks at 64 x 64 pixels around one eye. Depth has the
scale of the picture's pixels, smaller towards the camera. Left and right are the person's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mindveil.features import weights
from mindveil.features.face_boxes import Box
from mindveil.features.face_detection import main_face
from mindveil.features.tflite_model import Pixels, load_opencv, load_tflite

if TYPE_CHECKING:
    from collections.abc import Callable

Floats = NDArray[np.float64]

POINTS = 468
MARGIN = 0.25
"""Share of the face's size that the network sees on each side of it."""

EYE_MARGIN = 0.65
"""The same for the eye: the crop is 2.3 times as wide as the eye."""

RIGHT_EYE = (33, 133)
LEFT_EYE = (263, 362)
"""Outer and inner corner of each eye, of the person."""

LEAST_SCORE = 0.5
"""Below this the network says that there is no face in the crop."""

LOWER_LID = (1, 2, 3, 4, 5, 6, 7)
UPPER_LID = (9, 10, 11, 12, 13, 14, 15)
LID_CORNERS = (0, 8)
"""Of the 71 points of the iris network: the eyelids, from one corner to the other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mesh:
    """A face as 468 points (x, y, depth) in pixels of the picture, and how sure one may be."""

    points: Floats
    score: float

    @property
    def seen(self) -> bool:
        """Whether there is a face at all."""
        return self.score >= LEAST_SCORE


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A turned square of a picture: its centre (x, y), its side and its angle."""

    centre: tuple[float, float]
    side: float
    tilt: float

    def axes(self) -> Floats:
        """Return the square's own x and y direction in the picture, as rows."""
        cosine, sine = np.cos(self.tilt), np.sin(self.tilt)
        return np.array([[cosine, sine], [-sine, cosine]])


def read_mesh(pixels: Pixels, box: Box) -> Mesh:
    """Return the mesh of the face in a box (.003 CPU-s); ``seen`` says if there is one.

    Raises:
        MissingWeights: "blazeface" is not installed.
        InputError: the face extra is not installed.
    """
    model = load_tflite(weights.locate("blazeface") / "face_landmark.tflite")
    crop = Crop(
        centre=box.centre,
        side=max(box.width, box.height, 1.0) * (1 + 2 * MARGIN),
        tilt=box.tilt,
    )
    picture = cut(pixels, crop, model.side)
    places, logit = model(picture.astype(np.float32) / np.float32(255))
    points = place(places.reshape(POINTS, 3).astype(np.float64), crop, model.side)
    score = 1 / (1 + np.exp(-np.clip(float(logit.reshape(-1)[0]), -80, 80)))
    return Mesh(points=points, score=float(score))


def follow_mesh(pixels: Pixels, before: Mesh | None = None) -> Mesh | None:
    """Return the mesh of the one person in a picture; ``None`` where no face is seen.

    ``before`` is the mesh in the picture just before: where it still fits, nothing else is
    looked for. Otherwise the face is detected, and its mesh read twice, because the second crop
    is the better for knowing the first mesh.
    """
    if before is not None:
        mesh = read_mesh(pixels, mesh_box(before))
        if mesh.seen:
            return mesh
    box = main_face(pixels)
    if box is None:
        return None
    mesh = read_mesh(pixels, box)
    if not mesh.seen:
        return None
    again = read_mesh(pixels, mesh_box(mesh))
    return again if again.seen else mesh


def mesh_box(mesh: Mesh) -> Box:
    """Return the box around a mesh, with the mesh's score and the tilt of its eyes.

    It reaches from the hairline to the chin. It is where to look in the next frame.
    """
    low, high = mesh.points[:, :2].min(axis=0), mesh.points[:, :2].max(axis=0)
    across = mesh.points[LEFT_EYE[0], :2] - mesh.points[RIGHT_EYE[0], :2]
    return Box(
        left=float(low[0]),
        top=float(low[1]),
        right=float(high[0]),
        bottom=float(high[1]),
        score=mesh.score,
        tilt=float(np.arctan2(across[1], across[0])),
    )


def eye_openings(pixels: Pixels, mesh: Mesh) -> tuple[float, float]:
    """Return how far the right and the left eye are open: gap between lids over eye width.

    The eyelids of the mesh barely follow a blink; the iris network was made for them.
    """
    model = load_tflite(weights.locate("blazeface") / "iris_landmark.tflite")

    def network(picture: NDArray[np.float32]) -> Floats:
        return model(picture)[0].reshape(-1, 3).astype(np.float64)

    right = _opening(pixels, mesh.points[list(RIGHT_EYE)], model.side, network)
    left = _opening(pixels, mesh.points[list(LEFT_EYE)], model.side, network)
    return right, left


def _opening(
    pixels: Pixels, corners: Floats, side: int, network: Callable[[NDArray[np.float32]], Floats]
) -> float:
    # the network knows the person's left eye, whose outer corner is on the right of the picture
    left_of_it, right_of_it = sorted(corners[:, :2].tolist())
    across = np.subtract(right_of_it, left_of_it)
    crop = Crop(
        centre=(
            (left_of_it[0] + right_of_it[0]) / 2,
            (left_of_it[1] + right_of_it[1]) / 2,
        ),
        side=max(float(np.hypot(*across)), 1.0) * (1 + 2 * EYE_MARGIN),
        tilt=float(np.arctan2(across[1], across[0])),
    )
    picture = cut(pixels, crop, side).astype(np.float32) / np.float32(255)
    if corners[0, 0] < corners[1, 0]:
        picture = np.ascontiguousarray(picture[:, ::-1])
    return lid_gap(network(picture))


def lid_gap(outline: Floats) -> float:
    """Return the mean gap between the eyelids over the distance of the eye's corners.

    ``outline`` (71, 2 or more) is what the iris network returns. The gap of an upper point is
    measured across the line of the corners, to the lower lid below it.
    """
    corners = outline[list(LID_CORNERS), :2]
    across = corners[1] - corners[0]
    width = max(float(np.hypot(*across)), 1e-9)
    along = across / width
    frame = np.stack([along, [-along[1], along[0]]])
    lower = (outline[[LID_CORNERS[0], *LOWER_LID, LID_CORNERS[1]], :2] - corners[0]) @ frame.T
    upper = (outline[list(UPPER_LID), :2] - corners[0]) @ frame.T
    order = np.argsort(lower[:, 0], kind="stable")
    below = np.interp(upper[:, 0], lower[order, 0], lower[order, 1])
    return float(np.mean(below - upper[:, 1]) / width)


def cut(pixels: Pixels, crop: Crop, side: int) -> Pixels:
    """Return the turned square as an upright picture (side, side, 3); black outside."""
    cv2 = load_opencv()
    # the affine map wants pixel centres: place() below is the map that it undoes
    matrix = np.zeros((2, 3))
    matrix[:, :2] = crop.axes().T * crop.side / side
    middle = (side - 1) / 2
    matrix[:, 2] = np.subtract(crop.centre, 0.5) - matrix[:, :2] @ [middle, middle]
    picture: Pixels = cv2.warpAffine(
        pixels, matrix, (side, side), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    return picture


def place(points: Floats, crop: Crop, side: int) -> Floats:
    """Return points (n, 3) of a cut picture as points of the picture that it was cut from."""
    scale = crop.side / side
    moved = points * scale
    moved[:, :2] = (points[:, :2] - side / 2) * scale @ crop.axes() + crop.centre
    return moved
