"""face/blur: blur every face, which hides it from people and not from machines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from mindveil.anonymise.face_series import Keeping
from mindveil.anonymise.face_work import FaceWork, Pixels, check_settings, hide_faces, window
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InputError
from mindveil.features.face_boxes import Box
from mindveil.features.tflite_model import load_opencv

LEAST_SHARE, MOST_SHARE = 0.05, 3.0

SPREAD = 12**-0.5
"""Standard deviation of the mean over a window, in widths of the window."""

NARROWEST = 0.75
"""Width over height of a face: one in profile, or cut off by the edge, counts as so wide."""

REACH = 3
"""Standard deviations beyond which a Gaussian is taken to be nothing."""

FINEST = 4
"""A blur of so many pixels is done on a picture that is smaller by what it exceeds this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceBlur:
    """Blur every face in stills and videos, bystanders' too: weak, and here to be compared with.

    A Gaussian as wide as the mean over ``share`` of the width of the face (of the same standard
    deviation), over the face made ``margin`` times as large. It hides a face from people, not from
    machines: whoever blurs a gallery of known faces alike finds 9 of 10 or more again. Of 120
    pictures of 15 people, the nearest among the others shows the same person for 99 % unblurred,
    and for 99 % and 97 % where even the standard deviation is 20 % and 30 % of the width, by light
    and shade of the face alone. Use ``face/mask`` to hide who it is.

    It fails closed as ``face/mask`` does: what is uncertain is blurred, up to the whole picture
    where no face is found. Videos lose their sound, landmarks and features of faces go, and
    series of expressions lose the mean of each session (``series``: centred, dropped, kept).

    Source: the usual blurring of faces in pictures; Newton, Sweeney & Malin 2005 (IEEE TKDE 17(2))
    show how it is undone.

    Limits: It does not hide a face from machines and is here to be compared with. Hair, body,
    clothes and room stay.

    Raises:
        InputError: a share outside .05-3, a margin outside 1-4, or an unknown word for series.
    """

    name: ClassVar[str] = "face/blur"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"face"})
    alone: ClassVar[bool] = True

    share: float = 0.5
    margin: float = 1.3
    series: Keeping = "centred"

    def __post_init__(self) -> None:
        check_settings(self.name, self.margin, self.series)
        if not LEAST_SHARE <= self.share <= MOST_SHARE:
            raise InputError(
                f"face/blur: share = {self.share}; give {LEAST_SHARE} to {MOST_SHARE:g} of the "
                "width of a face, 0.5 is usual"
            )

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus with all faces blurred."""
        _ = rng  # nothing is drawn
        return hide_faces(corpus, FaceWork(hide=self.hide, series=self.series))

    def hide(self, pixels: Pixels, boxes: Sequence[Box]) -> Pixels:
        """Return a picture with these faces blurred."""
        done = pixels.copy()
        height, width = pixels.shape[:2]
        for box in boxes:
            sigma = SPREAD * self.share * max(box.width, NARROWEST * box.height)
            rows, columns = window(box, self.margin, height, width)
            # what is around the face runs into it, so that its outline does not stay sharp
            further = math.ceil(REACH * sigma)
            top, left = max(rows.start - further, 0), max(columns.start - further, 0)
            patch = done[top : rows.stop + further, left : columns.stop + further]
            soft = blurred(patch, sigma)
            down, right = rows.start - top, columns.start - left
            done[rows, columns] = soft[
                down : down + rows.stop - rows.start, right : right + columns.stop - columns.start
            ]
        return done


def blurred(pixels: Pixels, sigma: float) -> Pixels:
    """Return a picture (height, width, 3) blurred by a Gaussian; edges are continued.

    A wide Gaussian is slow, and the mean of cells is half of one: the picture is made smaller by
    whole cells, blurred, and enlarged again. Means over ``cell`` pixels and lines between them
    have a variance of (cell^2 - 1) / 4 together, which the Gaussian is narrowed by.
    """
    cv2 = load_opencv()
    cell = max(int(sigma / FINEST), 1)
    height, width = pixels.shape[:2]
    whole = np.pad(pixels, ((0, -height % cell), (0, -width % cell), (0, 0)), mode="edge")
    size = (whole.shape[1], whole.shape[0])
    small = cv2.resize(whole, (size[0] // cell, size[1] // cell), interpolation=cv2.INTER_AREA)
    narrowed = math.sqrt(sigma**2 - (cell**2 - 1) / 4) / cell
    soft = cv2.GaussianBlur(small, (0, 0), narrowed, borderType=cv2.BORDER_REPLICATE)
    large: Pixels = cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR)
    return large[:height, :width]
