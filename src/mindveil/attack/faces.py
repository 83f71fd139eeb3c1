"""What an attacker sees: pictures of people, by an encoder, by their pixels, by what a face does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.groups import OWN, Impression, by_direction, by_measure, owners
from mindveil.corpus.digest import file_digest
from mindveil.corpus.model import Corpus, MediaFile, Session
from mindveil.features import weights
from mindveil.features.expression import expression_rows
from mindveil.features.face_encoder import align_face, embed_faces, middle_square, spaced_frames
from mindveil.features.own_encoder import load_own
from mindveil.features.shelf import rows_of

Floats = NDArray[np.float64]
Pixels = NDArray[np.uint8]

EMBEDDING = "embedding"
FACE = "face"
PICTURE = "picture"
SHADES = "shades"
EXPRESSION = "expression"

PIXEL_CHANNELS: tuple[str, ...] = (FACE, PICTURE, SHADES)
"""The aligned face and the whole picture without the light; the whole picture in rough shades."""
CHANNELS: tuple[str, ...] = (EMBEDDING, *PIXEL_CHANNELS, EXPRESSION)

SIDES: Mapping[str, int] = MappingProxyType({FACE: 32, PICTURE: 32, SHADES: 18})
"""Cells along each side; few cells are what a blur leaves."""
MOVES: Mapping[str, int] = MappingProxyType({FACE: 1, PICTURE: 2, SHADES: 1})
"""Cells by which a picture may lie aside from another one of the same person, each way."""
VERSION = "1"
"""Of how pixels are read; another one makes every kept row worthless."""

_ROUGH = 6.0
"""Cells over which light is taken to be even: what changes more slowly is taken out."""
_FLAT = 2.0
"""Grey levels out of 255 that a picture must vary by for anything to be seen in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A picture or video, the series of expressions that was read off it, or both."""

    picture: MediaFile | None
    series: MediaFile | None


def recordings_of(session: Session) -> tuple[Recording, ...]:
    """Return the recordings of a face in a session; the first series is of the first picture."""
    pairs = zip_longest(
        session.files("face", "still", "video"), session.files("face", "expression")
    )
    return tuple(Recording(picture=one, series=two) for one, two in pairs)


def count(session: Session) -> int:
    """Return how many recordings of a face there are in a session."""
    return len(recordings_of(session))


def look(channel: str, corpus: Corpus, encoder: str = "") -> Impression:
    """Return what a channel makes of every recording, people after people."""
    there = [r for p in corpus.participants for s in p.sessions for r in recordings_of(s)]
    rows = read_rows(channel, there, encoder) if there else np.zeros((0, 1))
    people = owners(corpus, count)
    return by_measure(rows, people) if channel == EXPRESSION else by_direction(rows, people)


def read_rows(channel: str, recordings: Sequence[Recording], encoder: str = "") -> Floats:
    """Return the row of each recording; NaN where the channel has nothing to look at.

    Raises:
        InputError: a recording cannot be read, or the face extra is not installed.
        MissingWeights: the detectors or the encoder are not installed.
    """
    if channel == EXPRESSION:
        return _where_there(expression_rows, [r.series or r.picture for r in recordings])
    readers: dict[str, Callable[[Sequence[MediaFile]], Floats]] = {
        EMBEDDING: lambda files: embed_faces([f.path for f in files], fallback=True),
        **{c: partial(_pixel_rows, channel=c) for c in PIXEL_CHANNELS},
        OWN: partial(_own_rows, spec=encoder),
    }
    return _where_there(readers[channel], [r.picture for r in recordings])


def pixel_cells(channel: str, pixels: Pixels) -> Floats:
    """Return a picture as a channel sees it, shape (side * side,); NaN where nothing varies."""
    side = SIDES[channel]
    if channel == SHADES:
        return cells(_grey(pixels), side)
    return even_light(_grey(crop(pixels) if channel == FACE else pixels), side)


def moved(rows: Floats, channel: str) -> Iterator[Floats]:
    """Yield the rows of a channel of pixels as they are and moved a little each way.

    Faces do not stand in the same place of every picture, and a covered face cannot be aligned.

    >>> [len(row) for row in moved(np.ones((1, 324)), SHADES)]
    [1, 1, 1, 1, 1, 1, 1, 1, 1]
    """
    side, far = SIDES[channel], MOVES[channel]
    if rows.shape[1] != side * side:  # there is no picture
        yield rows
        return
    wider = np.pad(rows.reshape(-1, side, side), ((0, 0), (far, far), (far, far)), mode="edge")
    steps = range(2 * far + 1)
    for down in steps:
        for right in steps:
            yield wider[:, down : down + side, right : right + side].reshape(len(rows), -1)


def crop(pixels: Pixels) -> Pixels:
    """Return the aligned face (150, 150, 3), or the middle of the picture where none is found."""
    face = align_face(pixels)
    return middle_square(pixels) if face is None else face


def cells(grey: Floats, side: int) -> Floats:
    """Return a picture as ``side`` x ``side`` cells of mean 0 and variance 1; NaN where it is flat.

    >>> cells(np.full((64, 64), 7.0), 2).tolist()
    [nan, nan, nan, nan]
    """
    return _standard(_shrunk(grey, side))


def even_light(grey: Floats, side: int) -> Floats:
    """Return cells from which what changes slowly over the picture, the light, is taken out."""
    from scipy.ndimage import gaussian_filter  # noqa: PLC0415 - slow to load

    small = _shrunk(grey, side)
    if small.std() < _FLAT:
        return np.full(small.size, np.nan)
    return _standard(small - gaussian_filter(small, _ROUGH, mode="nearest"))


def _standard(small: Floats) -> Floats:
    spread = float(small.std())
    if spread < _FLAT:
        return np.full(small.size, np.nan)
    return np.asarray((small - small.mean()) / spread, dtype=np.float64).ravel()


def _shrunk(grey: Floats, side: int) -> Floats:
    from mindveil.features.tflite_model import load_opencv  # noqa: PLC0415 - an extra

    cv2 = load_opencv()
    small: Floats = cv2.resize(grey, (side, side), interpolation=cv2.INTER_AREA)
    return small


def _grey(pixels: Pixels) -> Floats:
    # Rec. ITU-R BT.601: what the eye takes for brightness
    return np.asarray(pixels @ np.array([0.299, 0.587, 0.114]), dtype=np.float64)


def _where_there(
    read: Callable[[Sequence[MediaFile]], Floats], files: Sequence[MediaFile | None]
) -> Floats:
    """Return a row each file, NaN where there is none."""
    there = [file for file in files if file is not None]
    if not there:
        return np.full((len(files), 1), np.nan)
    found = read(there)
    rows = np.full((len(files), found.shape[1]), np.nan)
    rows[[file is not None for file in files]] = found
    return rows


def _pixel_rows(files: Sequence[MediaFile], channel: str) -> Floats:
    def seen(file: MediaFile) -> Floats:
        rows = [pixel_cells(channel, frame.pixels) for frame in spaced_frames(file.path)]
        return _mean(rows, SIDES[channel] ** 2)

    networks = ("face-resnet", "blazeface", "centerface") if channel == FACE else ()
    return _kept(files, seen, ["pixels", channel, *(weights.digest(key) for key in networks)])


def _own_rows(files: Sequence[MediaFile], spec: str) -> Floats:
    encoder = load_own(spec, kind="face")

    def seen(file: MediaFile) -> Floats:
        chips = [crop(frame.pixels) for frame in spaced_frames(file.path)]
        return _mean(encoder.embed(chips), encoder.dimensions)

    return _kept(files, seen, ["own face encoder", encoder.digest])


def _kept(
    files: Sequence[MediaFile], seen: Callable[[MediaFile], Floats], maker: Sequence[str]
) -> Floats:
    """Return a row each file, from the shelf where it was seen before."""

    def read(missing: Sequence[int]) -> Floats:
        return np.stack([seen(files[i]) for i in missing])

    return rows_of([file_digest(f.path) for f in files], read, [*maker, VERSION])


def _mean(rows: Sequence[Floats] | Floats, size: int) -> Floats:
    """Return the mean over the frames in which there is something; frames average out noise."""
    seen = [row for row in rows if not np.isnan(row).any()]
    return np.mean(seen, axis=0) if seen else np.full(size, np.nan)
