"""face/anonymise: the dial for faces, from a blur to a covered head with what the face did."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np

from mindveil.anonymise.face_blur import FaceBlur
from mindveil.anonymise.face_mask import HEAD, FaceMask
from mindveil.anonymise.face_work import FaceWork, Pixels, hide_faces
from mindveil.corpus.model import Corpus, Modality
from mindveil.errors import InputError
from mindveil.features.face_boxes import Box

Level = Literal[1, 2]
LEVELS: tuple[Level, ...] = (1, 2)

SHARE = 1.0
"""Of the width of a face that level 1 blurs over: friends do not recognise it, machines may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceAnonymise:
    """Hide whose face it is, the more the higher the level; what the face does is kept beside.

    Level 1 blurs faces strongly: it hides them from people, not from machines, which find most
    of them in a gallery that is blurred alike. Level 2 covers the whole head with one colour, and the
    whole picture where the head takes most of it. At
    both levels the measures of each picture's main face are read off the original and released
    as ``*_expression.parquet``, one series for each picture, with its task and in its order; the
    mean of each session, which is the resting face, is taken out of them. So what a face did
    stays, and how far a person's own level is from others' does not: a clinician loses a level
    that is always high or low. How much a face moves remains, and may tell a person apart.
    Single methods can be set finer under their own names.

    A picture without a found face is hidden whole. Videos lose their sound, landmarks and
    features of faces go. Body, clothes, room, and where the head is stay in the picture and can
    identify, above all where all recordings of a person come from one sitting (``face/mask`` has
    figures, and ``shape = "whole"`` against it).

    Source: Newton, Sweeney & Malin 2005 (IEEE TKDE 17(2)) on why a blur does not hide a face from
    machines; the levels are our own.

    Limits: At level 1 machines still recognise most people. At both levels body, clothes and room
    stay where a picture is not covered whole, and how a face moves may tell a person apart. Who
    knows a person well may need no face at all.

    Raises:
        InputError: a level that does not exist.
    """

    name: ClassVar[str] = "face/anonymise"
    changes: ClassVar[AbstractSet[Modality]] = frozenset({"face"})
    alone: ClassVar[bool] = True

    level: int = 2

    def __post_init__(self) -> None:
        if self.level not in LEVELS:
            raise InputError(
                f"face/anonymise: level {self.level!r} does not exist here; choose 1 (blurred "
                "faces) or 2 (covered heads), or leave the faces out of the release"
            )

    def apply(self, corpus: Corpus, rng: np.random.Generator) -> Corpus:
        """Return the corpus with its faces protected at this level."""
        _ = rng  # nothing is drawn
        return hide_faces(corpus, FaceWork(hide=self.hide, measured=True))

    def hide(self, pixels: Pixels, boxes: Sequence[Box]) -> Pixels:
        """Return a picture with these faces hidden."""
        way = FaceBlur(share=SHARE) if self.level == 1 else FaceMask(margin=HEAD)
        return way.hide(pixels, boxes)
