"""Made-up pictures for the tests of face protections: a red square is a face."""

from __future__ import annotations

import numpy as np

from mindveil.anonymise import face_work
from mindveil.corpus.media import Frame, read_frames, write_still, write_video
from mindveil.corpus.model import MediaFile
from mindveil.features.expression import EXPRESSIONS, Series, write_series
from mindveil.features.face_boxes import Box
from mindveil.features.face_tracking import follow

RED = (230, 20, 20)
BLUE = (20, 20, 230)
HEIGHT, WIDTH = 96, 128


def scene(*corners, side=16, blind=False, seed=1):
    """Return a picture with a square at each (left, top); blind ones show the detector nothing."""
    rng = np.random.default_rng(seed)
    pixels = np.repeat(rng.integers(60, 120, (HEIGHT, WIDTH, 1), dtype=np.uint8), 3, axis=2)
    for left, top in corners:
        pixels[top : top + side, left : left + side] = RED
    if blind:
        pixels[:8, :8] = BLUE
    return pixels


def is_red(pixels):
    return (pixels[..., 0] > 170) & (pixels[..., 1] < 90) & (pixels[..., 2] < 90)


def find(pixels, thorough):
    """Find red squares that lie apart in x; nothing where the corner is blue."""
    _ = thorough
    if pixels[2:6, 2:6, 2].mean() > 170:
        return ()
    rows, columns = np.nonzero(is_red(pixels))
    # coding frays the edges of a square: what is near belongs to it, a few pixels are none
    apart = np.flatnonzero(np.diff(np.unique(columns)) > 8) + 1
    found = []
    for part in np.split(np.unique(columns), apart):
        high = rows[np.isin(columns, part)]
        if len(high) > 50:
            places = (part[0], high.min(), part[-1] + 1, high.max() + 1)
            left, top, right, bottom = map(float, places)
            found.append(Box(left=left, top=top, right=right, bottom=bottom, score=0.9))
    return tuple(found)


def again(pixels, box):
    near = [found for found in find(pixels, False) if box.grown(0.5).contains(found.centre)]
    return near[0] if near else None


def see_squares(monkeypatch):
    """Let protections track red squares in place of faces."""
    monkeypatch.setattr(face_work, "track_faces", lambda frames: follow(frames, find, again))


def still(folder, name, pixels, task=""):
    write_still(folder / name, pixels)
    return MediaFile(path=folder / name, task=task)


def video(folder, name, pictures, task="", rate=25):
    frames = (Frame(pixels=p, seconds=n / rate) for n, p in enumerate(pictures))
    write_video(folder / name, frames, rate)
    return MediaFile(path=folder / name, task=task)


def stored(folder, name, values, task=""):
    """Write a series whose measures all have these values."""
    wide = np.repeat(np.asarray(values, dtype=np.float64)[:, None], len(EXPRESSIONS), axis=1)
    write_series(folder / name, Series(seconds=np.arange(len(wide)) / 25, values=wide))
    return MediaFile(path=folder / name, task=task)


def seen(file):
    """Return all frames of a still or video (frames, height, width, 3)."""
    return np.stack([frame.pixels for frame in read_frames(file.path)])


def faces(release, person=0, session=0):
    return release.participants[person].sessions[session].media["face"]
