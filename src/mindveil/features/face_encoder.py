"""Whose face it is: 128 numbers of a picture, near for the same person.

The network is the 29-layer residual network of dlib (King 2017, blog.dlib.net, after He et al.
2016), trained so that two pictures of one person lie nearer than 0.6. It sees 150 x 150 pixels
that are turned and sized by five points of the face.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.digest import file_digest
from mindveil.corpus.media import Frame, read_frames
from mindveil.errors import InputError
from mindveil.features import weights
from mindveil.features.face_boxes import Box
from mindveil.features.face_detection import is_flat, main_face
from mindveil.features.shelf import rows_of
from mindveil.features.tflite_model import FACE_EXTRA, Pixels, load_opencv
from mindveil.store.cache import Json

if TYPE_CHECKING:
    import dlib

Floats = NDArray[np.float64]

DIMENSIONS = 128
SIDE = 150
"""Pixels of the picture that the network sees, each way."""
LEAST_SIDE = 300
"""Smaller pictures are enlarged first: the five points are found better."""
MOST_FRAMES = 10
"""Frames of a video that are looked at, at least one second apart."""
VERSION = "1"
"""Of how faces are found and aligned; another one makes every kept row worthless."""

_NETWORK = "dlib_face_recognition_resnet_model_v1.dat"
_FIVE_POINTS = "shape_predictor_5_face_landmarks.dat"


def embed_faces(paths: Sequence[Path], *, fallback: bool = False) -> Floats:
    """Return who is seen in each still or video, shape (recordings, 128), kept on the shelf.

    The row of a video is the mean over up to ten frames, a second apart. A row is NaN where no
    face is found, unless ``fallback`` says that the whole picture then is the face: an attacker
    embeds what he is given, a masked face too.

    Raises:
        InputError: a recording cannot be read, or the face extra is not installed.
        MissingWeights: the detectors or the encoder are not installed.
    """
    if not paths:
        return np.zeros((0, DIMENSIONS))

    def read(missing: Sequence[int]) -> Floats:
        return np.stack([_recording(paths[i], fallback=fallback) for i in missing])

    digests = [weights.digest(key) for key in ("face-resnet", "blazeface", "centerface")]
    sources: list[Json] = [file_digest(path) for path in paths]
    return rows_of(sources, read, ["face", *digests, fallback, VERSION])


def embed_pixels(pixels: Pixels, *, fallback: bool = False) -> Floats:
    """Return who is seen in a picture (height, width, 3), shape (128,); NaN without a face."""
    chip = align_face(pixels)
    if chip is None and fallback:
        chip = middle_square(pixels)
    return np.full(DIMENSIONS, np.nan) if chip is None else embed_chip(chip)


def align_face(pixels: Pixels) -> Pixels | None:
    """Return the largest face upright, (150, 150, 3), as the encoder sees it; else ``None``.

    The face is found by BlazeFace, else by CenterFace, else by dlib's gradient histograms.
    """
    if is_flat(pixels):
        return None
    dlib = _dlib()
    pixels = enlarged(pixels)
    box = main_face(pixels)
    where = _rectangle(box) if box else _by_gradients(pixels)
    if where is None:
        return None
    shape = _five_points(weights.locate("face-resnet") / _FIVE_POINTS)(pixels, where)
    chip: Pixels = dlib.get_face_chip(pixels, shape, size=SIDE, padding=0.25)
    return chip


def embed_chip(chip: Pixels) -> Floats:
    """Return the embedding (128,) of a face that is aligned already, (150, 150, 3)."""
    network = _network(weights.locate("face-resnet") / _NETWORK)
    return np.array(network.compute_face_descriptor(np.ascontiguousarray(chip)))


def middle_square(pixels: Pixels) -> Pixels:
    """Return the middle of a picture as if it were an aligned face, (150, 150, 3)."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = np.ascontiguousarray(pixels[top : top + side, left : left + side])
    cv2 = load_opencv()
    mode = cv2.INTER_AREA if side > SIDE else cv2.INTER_LINEAR
    resized: Pixels = cv2.resize(square, (SIDE, SIDE), interpolation=mode)
    return resized


def enlarged(pixels: Pixels) -> Pixels:
    """Return a picture whose shorter side has at least 300 pixels."""
    height, width = pixels.shape[:2]
    share = LEAST_SIDE / min(height, width)
    if share <= 1:
        return np.ascontiguousarray(pixels)
    cv2 = load_opencv()
    size = (round(width * share), round(height * share))
    larger: Pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
    return larger


def _recording(path: Path, *, fallback: bool) -> Floats:
    rows = np.stack([embed_pixels(f.pixels, fallback=fallback) for f in spaced_frames(path)])
    seen = rows[np.isfinite(rows[:, 0])]
    return seen.mean(axis=0) if len(seen) else np.full(DIMENSIONS, np.nan)


def spaced_frames(path: Path) -> Iterator[Frame]:
    """Yield up to ten frames, at least a second apart, the first one first."""
    given, after = 0, 0.0
    for frame in read_frames(path):
        if frame.seconds >= after:
            yield frame
            given, after = given + 1, frame.seconds + 1
        if given == MOST_FRAMES:
            return


def _rectangle(box: Box) -> dlib.rectangle:
    return _dlib().rectangle(*(round(v) for v in (box.left, box.top, box.right, box.bottom)))


def _by_gradients(pixels: Pixels) -> dlib.rectangle | None:
    # Dalal & Triggs 2005; dlib's own detector comes with the package, without weights of ours
    found = _gradients()(pixels, 0)
    return max(found, key=lambda where: where.area(), default=None)


@cache
def _gradients() -> dlib.fhog_object_detector:
    return _dlib().get_frontal_face_detector()


@cache
def _five_points(path: Path) -> dlib.shape_predictor:
    try:
        return _dlib().shape_predictor(str(path))
    except RuntimeError as error:
        raise _unreadable(path) from error


@cache
def _network(path: Path) -> dlib.face_recognition_model_v1:
    try:
        return _dlib().face_recognition_model_v1(str(path))
    except RuntimeError as error:
        raise _unreadable(path) from error


def _unreadable(path: Path) -> InputError:
    return InputError(f"{path}: cannot be read; run: mindveil models install face-resnet")


def _dlib() -> ModuleType:
    try:
        import dlib  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise InputError(FACE_EXTRA) from error
    module: ModuleType = dlib
    return module
