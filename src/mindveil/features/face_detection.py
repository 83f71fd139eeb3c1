"""Find faces in a picture: BlazeFace first, which is fast, CenterFace where it must be thorough.

BlazeFace (Bazarevsky et al. 2019, arXiv 1907.05047) is a single-shot detector: one anchor a cell
of a grid, and for each anchor a score, a box and six points. Its full-range network looks at
192 x 192 pixels and finds faces down to about a twentieth of the picture; its short-range
network looks at 128 x 128 pixels and finds the ones that fill the picture. CenterFace (Xu et al.
2020, arXiv 1911.03599) looks at the picture itself: ten times slower, and it finds small and
turned faces that the first two miss.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError
from mindveil.features import weights
from mindveil.features.face_boxes import Box, merge_boxes
from mindveil.features.tflite_model import Floats, Pixels, load_opencv, load_tflite

if TYPE_CHECKING:
    from cv2.dnn import Net

Range = Literal["full", "short"]

FILES: dict[Range, str] = {
    "full": "face_detection_full_range.tflite",
    "short": "face_detection_short_range.tflite",
}
LEAST_SCORE = 0.5
CENTERFACE_SIDE = 640
"""CenterFace sees pictures whose longer side is brought to this many pixels."""
CENTERFACE_STRIDE = 4
CENTERFACE_STEP = 32
"""Its input is a multiple of 32 pixels, its output has one cell for 4 x 4 of them."""
CENTERFACE_OUTPUTS = ("537", "538", "539", "540")
"""Names in the file: score, log size, offset of the centre, five points."""


def detect_faces(pixels: Pixels, *, thorough: bool = False) -> tuple[Box, ...]:
    """Return the faces in a picture (height, width, 3), surest first.

    Without ``thorough``, the short-range network is asked only where the full-range one finds
    nothing (together .006 CPU-s). With it, all three are asked and what any finds is a face.
    Boxes reach from the brows to the chin; a mask should grow them.

    Raises:
        MissingWeights: "blazeface" or "centerface" is not installed.
        InputError: the face extra is not installed.
    """
    if is_flat(pixels):
        return ()
    found = blaze_faces(pixels, "full")
    if thorough or not found:
        found += blaze_faces(pixels, "short")
    if thorough:
        found += centre_faces(pixels)
    return merge_boxes(found)


def main_face(pixels: Pixels) -> Box | None:
    """Return the largest face of a picture of one person; ``None`` where none is found.

    A face that fills the picture is looked for again with its edges continued around it, then
    with CenterFace.

    Raises:
        MissingWeights: "blazeface" or "centerface" is not installed.
        InputError: the face extra is not installed.
    """
    if is_flat(pixels):
        return None
    found = detect_faces(pixels) or _with_margin(pixels) or centre_faces(pixels)
    return max(found, key=lambda box: box.width * box.height, default=None)


def is_flat(pixels: Pixels) -> bool:
    """Whether a picture is of one colour: nobody need look for a face in it."""
    return bool(np.ptp(pixels) == 0)


def _with_margin(pixels: Pixels) -> tuple[Box, ...]:
    down, across = (size // 3 for size in pixels.shape[:2])
    wider = np.pad(pixels, ((down, down), (across, across), (0, 0)), mode="edge")
    return tuple(
        replace(
            box,
            left=box.left - across,
            top=box.top - down,
            right=box.right - across,
            bottom=box.bottom - down,
        )
        for box in detect_faces(wider)
    )


def blaze_faces(pixels: Pixels, reach: Range) -> tuple[Box, ...]:
    """Return the faces that one of the BlazeFace networks finds, surest first."""
    model = load_tflite(weights.locate("blazeface") / FILES[reach])
    picture, scale, shift = letterbox(pixels, model.side)
    places, scores = model(picture.astype(np.float32) / np.float32(127.5) - 1)
    return merge_boxes(tuple(decode_anchors(places, scores[:, 0], model.side, scale, shift)))


def letterbox(pixels: Pixels, side: int) -> tuple[Pixels, float, tuple[float, float]]:
    """Return the picture in the middle of a black square, with what undoes it.

    A point of the square is at ``(point - shift) * scale`` in the picture.
    """
    cv2 = load_opencv()
    height, width = pixels.shape[:2]
    scale = max(height, width) / side
    rows, columns = max(round(height / scale), 1), max(round(width / scale), 1)
    square = np.zeros((side, side, 3), dtype=np.uint8)
    top, left = (side - rows) // 2, (side - columns) // 2
    mode = cv2.INTER_AREA if scale > 1 else cv2.INTER_LINEAR
    square[top : top + rows, left : left + columns] = cv2.resize(
        pixels, (columns, rows), interpolation=mode
    )
    return square, scale, (float(left), float(top))


@cache
def anchors(cells: int, side: int) -> NDArray[np.float64]:
    """Return the centres of the anchors, in pixels of the network's square, shape (cells, 2).

    The full-range network has one anchor for each 4 x 4 pixels of 192 x 192: 2,304. The
    short-range one has two for each 8 x 8 pixels of 128 x 128 and six for each 16 x 16: 896.

    >>> anchors(2304, 192)[1].tolist()
    [6.0, 2.0]
    """
    grids = {2304: ((4, 1),), 896: ((8, 2), (16, 6))}[cells]
    centres: list[NDArray[np.float64]] = []
    for stride, each in grids:
        middles = (np.arange(side // stride) + 0.5) * stride
        x, y = np.meshgrid(middles, middles)
        centres.append(np.repeat(np.column_stack([x.ravel(), y.ravel()]), each, axis=0))
    return np.concatenate(centres)


def decode_anchors(
    places: Floats, scores: Floats, side: int, scale: float, shift: tuple[float, float]
) -> Iterator[Box]:
    """Yield a box for each anchor that is sure enough.

    ``places`` (cells, 16) are the centre and the size of the box and then six points (the eye
    on the left of the picture first, the other eye second), relative to the anchor's centre, in
    pixels of the square; ``scores`` (cells,) are log odds.
    """
    sure = 1 / (1 + np.exp(-np.clip(scores.astype(np.float64), -80, 80)))
    centres = anchors(len(scores), side)
    for place in np.flatnonzero(sure >= LEAST_SCORE):
        x, y, width, height, *points = places[place].astype(np.float64)
        x, y = (
            (x + centres[place, 0] - shift[0]) * scale,
            (y + centres[place, 1] - shift[1]) * scale,
        )
        across, down = abs(width) * scale / 2, abs(height) * scale / 2
        yield Box(
            left=float(x - across),
            top=float(y - down),
            right=float(x + across),
            bottom=float(y + down),
            score=float(sure[place]),
            tilt=float(np.arctan2(points[3] - points[1], points[2] - points[0])),
        )


def centre_faces(pixels: Pixels) -> tuple[Box, ...]:
    """Return the faces that CenterFace finds, surest first (.06 CPU-s for a 16:9 frame)."""
    cv2 = load_opencv()
    network = _centerface(weights.locate("centerface") / "centerface.onnx")
    height, width = pixels.shape[:2]
    share = CENTERFACE_SIDE / max(height, width)
    columns, rows = (
        max(round(size * share / CENTERFACE_STEP), 1) * CENTERFACE_STEP for size in (width, height)
    )
    picture = cv2.resize(pixels, (columns, rows), interpolation=cv2.INTER_AREA)
    network.setInput(np.ascontiguousarray(picture.transpose(2, 0, 1)[None], dtype=np.float32))
    heat, size, offset, points = (
        np.asarray(output)[0] for output in network.forward(list(CENTERFACE_OUTPUTS))
    )
    boxes: list[Box] = []
    stretch = (width / columns, height / rows)
    for row, column in np.argwhere(heat[0] >= LEAST_SCORE):
        down, across = np.exp(size[:, row, column].astype(np.float64)) * CENTERFACE_STRIDE
        y, x = (np.array([row, column]) + offset[:, row, column] + 0.5) * CENTERFACE_STRIDE
        eyes = points[:4, row, column].astype(np.float64)
        boxes.append(
            Box(
                left=float((x - across / 2) * stretch[0]),
                top=float((y - down / 2) * stretch[1]),
                right=float((x + across / 2) * stretch[0]),
                bottom=float((y + down / 2) * stretch[1]),
                score=float(heat[0, row, column]),
                tilt=float(np.arctan2((eyes[2] - eyes[0]) * down, (eyes[3] - eyes[1]) * across)),
            )
        )
    return merge_boxes(boxes)


@cache
def _centerface(path: Path) -> Net:
    cv2 = load_opencv()
    try:
        network: Net = cv2.dnn.readNetFromONNX(str(path))
    except cv2.error as error:
        raise InputError(
            f"{path}: the detector cannot be read; run: mindveil models install centerface"
        ) from error
    return network
