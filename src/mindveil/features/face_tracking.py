"""Follow every face through a video so that no frame shows one uncovered.

Detectors miss faces, and one missed frame identifies. So faces are detected every ten frames
(and whenever one is lost) and followed by their mesh in between; the frames are held back until
the next detection, so that a face which appears between two detections is followed backwards to
where it came in. Whatever remains uncertain is covered: a lost face keeps a box that grows until
it is found again or the scene ends, and a scene in which no face is found is covered whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mindveil.corpus.media import Frame
from mindveil.features.face_boxes import Box, merge_boxes, overlap, whole_frame
from mindveil.features.face_detection import detect_faces
from mindveil.features.face_mesh import mesh_box, read_mesh
from mindveil.features.tflite_model import Pixels

EVERY = 10
"""Frames between two detections."""
SEARCH = 30
"""Once in so many frames the slow detector looks too, for small and turned faces."""
GROWTH = 0.03
"""A lost face's box grows by this share of its size, on each side, with each frame."""
START = 0.15
"""And by this at once: where a face is lost it is moving or turning."""
MOST_UNSURE = 1.0
"""A face that its mesh never confirmed may be no face: its box grows by this share at most."""
SAME = 0.2
"""Boxes that overlap more than this show the same face."""
CUT = 40.0
"""Mean difference of two frames, of 255 levels, that ends a scene."""
GRID = 32
STILL = 0.1
"""A face that moved by more than this share of its width is looked at again, where it went."""
MOST_LOOKS = 3

Detector = Callable[[Pixels, bool], tuple[Box, ...]]
"""Finds faces; ``True`` asks it to be thorough."""
Follower = Callable[[Pixels, Box], Box | None]
"""Looks again where a face was: where it is now, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One face: where it was last, for how many frames it has been lost, if a mesh ever fitted."""

    box: Box
    lost: int = 0
    confirmed: bool = False

    def cover(self) -> Box:
        """Return what must be covered; a lost face's box has grown and its score is 0."""
        if not self.lost:
            return self.box
        growth = START + GROWTH * self.lost
        if not self.confirmed:
            growth = min(growth, MOST_UNSURE)
        return replace(self.box.grown(growth), score=0.0)


def track_faces(frames: Iterable[Frame]) -> Iterator[tuple[Frame, tuple[Box, ...]]]:
    """Yield each frame with the boxes of all faces in it, in order (.008 CPU-s a 720p frame).

    A box whose score is 0 was not seen: it covers a lost face, or the whole frame where the
    scene has shown none so far. A frame therefore always has a box. Up to twenty frames are in
    memory. Boxes reach from the hairline to the chin.

    Raises:
        MissingWeights: "blazeface" or "centerface" is not installed.
        InputError: the face extra is not installed.
    """
    return follow(frames, _detect, _follow)


def follow(
    frames: Iterable[Frame], detect: Detector, again: Follower
) -> Iterator[tuple[Frame, tuple[Box, ...]]]:
    """Yield each frame with its boxes, by any detector and follower."""
    held: list[tuple[Frame, tuple[Box, ...]]] = []
    tracks: tuple[Track, ...] = ()
    before, number = None, 0
    for frame in frames:
        if before is not None and is_cut(before.pixels, frame.pixels):
            yield from _covered(held)
            held, tracks, number = [], (), 0
        tracks = tuple(_step(track, frame.pixels, again) for track in tracks)
        if number % EVERY == 0 or not tracks or any(track.lost for track in tracks):
            tracks, new = match(tracks, detect(frame.pixels, number % SEARCH == 0))
            new = _confirmed(new, frame.pixels, again)
            held = _look_back(held, new, again)
            tracks = (*_confirmed(tracks, frame.pixels, again), *new)
        held.append((frame, _boxes(tracks)))
        if len(held) > 2 * EVERY:
            yield from _covered(held[:EVERY])
            held = held[EVERY:]
        before, number = frame, number + 1
    yield from _covered(held)


def is_cut(before: Pixels, after: Pixels) -> bool:
    """Whether a scene ends between two frames: most of the picture changed at once."""
    if before.shape != after.shape:
        return True
    rows, columns = (max(size // GRID, 1) for size in before.shape[:2])
    one, other = (p[::rows, ::columns].astype(np.int16) for p in (before, after))
    return bool(np.abs(one - other).mean() > CUT)


def match(
    tracks: Sequence[Track], found: Sequence[Box]
) -> tuple[tuple[Track, ...], tuple[Track, ...]]:
    """Return the tracks, moved to where their faces were found, and tracks of new faces.

    A face that is followed keeps its place. A lost one moves to the unclaimed box that overlaps
    what it covers most or lies inside that.
    """
    free = [box for box in found if not any(not t.lost and _is_same(t.box, box) for t in tracks)]
    kept: list[Track] = []
    # the least grown cover first: it says the most about where its face can be
    for track in sorted(tracks, key=lambda t: t.lost):
        cover = track.cover()
        near = [box for box in free if _is_same(cover, box)]
        if track.lost and near:
            best = max(near, key=lambda box: (overlap(cover, box), box.score))
            free = [box for box in free if box is not best]
            kept.append(Track(box=best, confirmed=track.confirmed))
        else:
            kept.append(track)
    return tuple(kept), tuple(Track(box=box) for box in free)


def _is_same(cover: Box, box: Box) -> bool:
    return overlap(cover, box) >= SAME or cover.contains(box.centre)


def _step(track: Track, pixels: Pixels, again: Follower) -> Track:
    """Return the track one frame on: followed by the mesh, else lost for one frame more."""
    box = again(pixels, track.box)
    # after a long loss the mesh at the old place is a guess; detection decides
    if box is not None and track.lost < EVERY:
        return Track(box=box, confirmed=True)
    return replace(track, lost=track.lost + 1)


def _confirmed(tracks: Sequence[Track], pixels: Pixels, again: Follower) -> tuple[Track, ...]:
    """Return the tracks with the mesh's box where a face was just detected and the mesh fits."""
    fitted = [(track, None if track.lost else again(pixels, track.box)) for track in tracks]
    return tuple(
        Track(box=_joined(track.box, box), confirmed=True) if box else track
        for track, box in fitted
    )


def _joined(detected: Box, mesh: Box) -> Box:
    # the mesh may slip at first; what the detector saw must stay covered
    if overlap(detected, mesh) >= SAME:
        return mesh
    return replace(
        mesh,
        left=min(detected.left, mesh.left),
        top=min(detected.top, mesh.top),
        right=max(detected.right, mesh.right),
        bottom=max(detected.bottom, mesh.bottom),
    )


def _look_back(
    held: Sequence[tuple[Frame, tuple[Box, ...]]], new: Sequence[Track], again: Follower
) -> list[tuple[Frame, tuple[Box, ...]]]:
    """Return the frames held back with the new faces added: followed backwards, then guessed."""
    tracks = tuple(new)
    back: list[tuple[Frame, tuple[Box, ...]]] = []
    for frame, boxes in reversed(held):
        tracks = tuple(_step(track, frame.pixels, again) for track in tracks)
        back.append((frame, (*boxes, *_boxes(tracks))))
    return back[::-1]


def _boxes(tracks: Sequence[Track]) -> tuple[Box, ...]:
    return tuple(track.cover() for track in tracks)


def _covered(
    held: Sequence[tuple[Frame, tuple[Box, ...]]],
) -> Iterator[tuple[Frame, tuple[Box, ...]]]:
    for frame, boxes in held:
        height, width = frame.pixels.shape[:2]
        inside = [box.clipped(height, width) for box in boxes]
        shown = tuple(box for box in inside if box.width > 0 and box.height > 0)
        yield frame, shown or (whole_frame(height, width),)


def _detect(pixels: Pixels, thorough: bool) -> tuple[Box, ...]:  # noqa: FBT001 - a Detector
    # BlazeFace boxes end at the brows; a face that no mesh confirms needs the forehead as well
    found = detect_faces(pixels, thorough=thorough)
    return merge_boxes([box.grown(START) for box in found])


def _follow(pixels: Pixels, box: Box) -> Box | None:
    for _ in range(MOST_LOOKS):
        mesh = read_mesh(pixels, box)
        if not mesh.seen:
            return None
        before, box = box, mesh_box(mesh)
        # near the edge of its crop a mesh lags behind the face: look again where it points
        if float(np.hypot(*np.subtract(before.centre, box.centre))) < STILL * box.width:
            return box
    return box
