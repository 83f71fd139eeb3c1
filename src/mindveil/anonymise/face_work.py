"""Walk a corpus and hide the faces: every still and video of every session, in new files."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt

from mindveil.anonymise.face_series import Keeping, written_series
from mindveil.corpus.digest import file_digest
from mindveil.corpus.media import (
    Frame,
    probe,
    read_frames,
    write_still,
    write_video,
)
from mindveil.corpus.model import Corpus, MediaFile, Session
from mindveil.corpus.workshop import bench, new_file
from mindveil.errors import InputError
from mindveil.features.face_boxes import Box
from mindveil.features.face_tracking import track_faces

LEAST_MARGIN, MOST_MARGIN = 1.0, 4.0

Pixels = npt.NDArray[np.uint8]
Hide = Callable[[Pixels, Sequence[Box]], Pixels]
"""Returns a new picture in which nothing of these faces is seen; the given one stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceWork:
    """How a protection hides faces, and what becomes of measures that were read off them.

    With ``measured``, a session without series is given one for each picture, read off the
    original. Without ``looks``, no face is looked for and ``hide`` is given no boxes.
    """

    hide: Hide
    looks: bool = True
    series: Keeping = "centred"
    measured: bool = False


def hide_faces(corpus: Corpus, work: FaceWork) -> Corpus:
    """Return the corpus with every face in every picture hidden, bystanders' too.

    Faces are detected, and followed through videos; whatever is uncertain counts as a face, up
    to the whole picture where none is found. Stills become PNG and videos MP4
    without sound. Landmarks (``*_landmarks.parquet``) and features (``*_features.parquet``) of
    faces go: they hold the bones of a face. Order, number and tasks of recordings stay. Nothing
    is drawn, and nobody's copy hangs on others.

    Raises:
        InputError: a recording cannot be used; the sentence says which.
        MissingWeights: the detectors are not installed.
    """
    return corpus.map_sessions(lambda _, session: _hidden(session, work))


def window(box: Box, margin: float, height: int, width: int) -> tuple[slice, slice]:
    """Return the rows and columns of a box ``margin`` times as large, rounded up, in the picture.

    >>> window(Box(left=10, top=10, right=30, bottom=30, score=1), 1.5, 100, 33)
    (slice(5, 35, None), slice(5, 33, None))
    """
    area = box.grown((margin - 1) / 2).clipped(height, width)
    return (
        slice(math.floor(area.top), math.ceil(area.bottom)),
        slice(math.floor(area.left), math.ceil(area.right)),
    )


def check_settings(name: str, margin: float, series: str) -> None:
    """Refuse settings that every protection of faces has and that make no sense.

    Raises:
        InputError: a margin outside 1-4, or another word for what becomes of series.
    """
    if not LEAST_MARGIN <= margin <= MOST_MARGIN:
        raise InputError(
            f"{name}: margin = {margin}; give {LEAST_MARGIN:g} (the face as it is detected) to "
            f"{MOST_MARGIN:g} times its size, 1.3 is usual"
        )
    if series not in get_args(Keeping):
        raise InputError(
            f"{name}: series = {series!r}; choose one of: {', '.join(get_args(Keeping))}"
        )


def _hidden(session: Session, work: FaceWork) -> Session:
    """Return a session whose pictures show no face; what is not asked for is left out."""
    if not session.files("face"):
        return session
    pictures = session.files("face", "still", "video")
    there = session.files("face", "expression")
    copies = dict(zip(there, written_series(there, work.series), strict=False))
    copies |= {file: _without_faces(file, work) for file in pictures}
    kept = [copies[file] for file in session.files("face") if file in copies]
    # series beside those of the corpus would leave nobody to say which picture each is of
    if work.measured and not there:
        kept += written_series(pictures, work.series)
    return replace(session, media={**session.media, "face": tuple(kept)})


def _without_faces(file: MediaFile, work: FaceWork) -> MediaFile:
    return replace(file, path=_copy(file, file_digest(file.path), work, bench()))


@lru_cache(maxsize=20_000)
def _copy(file: MediaFile, digest: str, work: FaceWork, folder: Path) -> Path:
    """Write the copy of a picture once a folder: nothing is drawn, so that all copies are alike."""
    _ = digest, folder
    frames = _hide_all(file, work)
    if file.kind == "still":
        path = new_file("_face.png")
        write_still(path, next(frames).pixels)
    else:
        path = new_file("_face.mp4")
        write_video(path, frames, probe(file.path).rate)
    return path


def _hide_all(file: MediaFile, work: FaceWork) -> Iterator[Frame]:
    frames = read_frames(file.path)
    found = track_faces(frames) if work.looks else ((frame, ()) for frame in frames)
    for frame, boxes in found:
        yield replace(frame, pixels=work.hide(frame.pixels, boxes))
