"""face/mask: cover every face with one colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Literal, get_args

import numpy as np
import numpy.typing as npt

from mindveil.anonymise.face_series import Keeping
from mindveil.anonymise.face_work import FaceWork, Pixels, check_settings, hide_faces, window
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InputError
from mindveil.features.face_boxes import Box

Shape = Literal["box", "ellipse", "whole"]
Colour = Literal["black", "grey", "white"]
Portraits = Literal["whole", "masked"]

LEVELS: Mapping[Colour, int] = MappingProxyType({"black": 0, "grey": 128, "white": 255})
"""Red, green and blue of each colour."""

AROUND = 2**0.5
"""An ellipse through the corners of a box is so many times as wide and high as the box."""


HEAD = 1.8
"""A head with its hair is so many times as wide and high as its face."""

PORTRAIT = 0.6
"""The share of a picture that a head takes in a portrait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceMask:
    """Cover every face in stills and videos with one colour, bystanders' too.

    A face is found from hairline to chin and covered ``margin`` times as wide and high. It fails
    closed: a face that is lost in a video is covered where it was, in a box that grows until it
    is found again; the ten to twenty frames before a face was found are looked at again,
    backwards; a picture in which no face is found is covered whole, and so is a scene of a video
    until one is found. Nothing of a covered face is left to be undone.

    What it does not hide: hair above the mask (``margin = 1.8`` covers most of it), body,
    clothes, room and text in the picture, where a head is and how it moves (the mask follows
    it), and a face that the detectors miss beside another that they find. This is
    much where a person's recordings were made in one sitting: of 15 people photographed so, what
    is around the head tells 8 of 10 pictures, and place and size of the mask alone 6 of 10. So a
    portrait, a picture of which a head takes 60 % or more, is covered whole: what is left around
    the head would be hair and the light of the room (``portraits = "masked"`` leaves it).
    ``shape = "whole"`` covers every picture whole, without looking for faces: what is left is
    how long a recording is, and series beside it.

    Videos lose their sound. Landmarks and features of faces go. Series of expressions
    (``*_expression.parquet``) lose the mean of each session, which is the resting face, and with
    it the person's own level; ``series = "dropped"`` leaves them out, ``"kept"`` leaves them as
    they are, and the resting face with them.

    Source: the usual covering of faces in pictures; how far a face that is gone still tells by what
    is around it, was measured by ourselves.

    Limits: A face that the detectors miss beside another stays visible, and so do body, clothes,
    room and text in the picture. Series of expressions that are released beside may still be
    linked.

    Raises:
        InputError: a margin outside 1-4, or an unknown shape, colour or word for portraits
            or series.
    """

    name: ClassVar[str] = "face/mask"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"face"})
    alone: ClassVar[bool] = True

    margin: float = 1.3
    shape: Shape = "box"
    colour: Colour = "grey"
    portraits: Portraits = "whole"
    series: Keeping = "centred"

    def __post_init__(self) -> None:
        check_settings(self.name, self.margin, self.series)
        if self.shape not in get_args(Shape):
            raise InputError(
                f"face/mask: shape is {', '.join(get_args(Shape))}, not {self.shape!r}"
            )
        if self.portraits not in get_args(Portraits):
            raise InputError(
                f"face/mask: portraits is {', '.join(get_args(Portraits))}, not {self.portraits!r}"
            )
        if self.colour not in LEVELS:
            raise InputError(f"face/mask: colour is {', '.join(LEVELS)}, not {self.colour!r}")

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus with all faces covered."""
        _ = rng  # nothing is drawn
        looks = self.shape != "whole"
        return hide_faces(corpus, FaceWork(hide=self.hide, looks=looks, series=self.series))

    def hide(self, pixels: Pixels, boxes: Sequence[Box]) -> Pixels:
        """Return a picture with these faces covered."""
        portrait = self.portraits == "whole" and any(_fills(box, pixels) for box in boxes)
        if self.shape == "whole" or portrait:
            return np.full_like(pixels, LEVELS[self.colour])
        done = pixels.copy()
        for box in boxes:
            rows, columns = window(box, self._growth, *pixels.shape[:2])
            if self.shape == "box":
                done[rows, columns] = LEVELS[self.colour]
            else:
                inside = _ellipse(box, self._growth, rows, columns)
                done[rows, columns][inside] = LEVELS[self.colour]
        return done

    @property
    def _growth(self) -> float:
        # an ellipse must not cut the corners of what was found, least of all of a whole picture
        return max(self.margin, AROUND) if self.shape == "ellipse" else self.margin


def _fills(box: Box, pixels: Pixels) -> bool:
    """Whether a head takes so much of a picture that little else is in it."""
    height, width = pixels.shape[:2]
    return bool(HEAD**2 * box.width * box.height >= PORTRAIT * height * width)


def _ellipse(box: Box, growth: float, rows: slice, columns: slice) -> npt.NDArray[np.bool_]:
    """Return which pixels of a window are touched by the ellipse inside the grown box."""
    x, y = box.centre
    # half a pixel's diagonal more: the corner of a pixel may be inside when its middle is not
    across, down = growth * box.width / 2 + AROUND / 2, growth * box.height / 2 + AROUND / 2
    to_right = (np.arange(columns.start, columns.stop) + 0.5 - x) / across
    to_bottom = (np.arange(rows.start, rows.stop) + 0.5 - y) / down
    return np.asarray(to_right[None, :] ** 2 + to_bottom[:, None] ** 2 <= 1)
