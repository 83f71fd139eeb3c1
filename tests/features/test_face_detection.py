"""Detectors: geometry of their outputs by hand, and no face where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.errors import MindveilError
from mindveil.features import face_detection, weights
from mindveil.features.face_boxes import Box
from mindveil.features.face_detection import (
    anchors,
    blaze_faces,
    centre_faces,
    decode_anchors,
    detect_faces,
    letterbox,
    main_face,
)


@pytest.fixture(scope="module")
def networks():
    pytest.importorskip("cv2", reason="the face extra is not installed")
    pytest.importorskip("ai_edge_litert", reason="the face extra is not installed")
    try:
        return [weights.locate(key) for key in ("blazeface", "centerface")]
    except MindveilError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize(
    ("cells", "side", "first", "last"),
    [(2304, 192, (2, 2), (190, 190)), (896, 128, (4, 4), (120, 120))],
)
def test_anchors_stand_in_the_middle_of_their_cells(cells, side, first, last):
    centres = anchors(cells, side)
    assert centres.shape == (cells, 2)
    assert tuple(centres[0]) == first
    assert tuple(centres[-1]) == last


def test_two_fine_anchors_and_six_coarse_ones_share_a_cell():
    centres = anchors(896, 128)
    assert (centres[:2] == (4, 4)).all()
    assert (centres[2:4] == (12, 4)).all()
    assert (centres[512:518] == (8, 8)).all()


def test_an_anchor_becomes_a_box_by_hand():
    places = np.zeros((2304, 16), dtype=np.float32)
    scores = np.full(2304, -9, dtype=np.float32)
    # the anchor at (6, 2): centre moved by (1, 2), 8 wide, 4 high, eyes level but 45 degrees
    places[1] = [1, 2, 8, 4, -2, -1, 2, 3, *[0] * 8]
    scores[1] = 0.0
    (found,) = decode_anchors(places, scores, 192, 10.0, (0.0, 3.0))
    assert found == Box(
        left=30.0, top=-10.0, right=110.0, bottom=30.0, score=0.5, tilt=pytest.approx(np.pi / 4)
    )


@pytest.mark.parametrize("shape", [(90, 160), (160, 90), (40, 40), (1, 300)])
def test_a_letterbox_can_be_undone(shape):
    pytest.importorskip("cv2", reason="the face extra is not installed")
    picture = np.full((*shape, 3), 200, dtype=np.uint8)
    square, scale, (left, top) = letterbox(picture, 64)
    assert square.shape == (64, 64, 3)
    rows, columns = np.nonzero(square[..., 0])
    assert (columns.min() - left) * scale == pytest.approx(0)
    assert (rows.min() - top) * scale == pytest.approx(0)
    assert (columns.max() + 1 - left) * scale == pytest.approx(shape[1], abs=scale)
    assert (rows.max() + 1 - top) * scale == pytest.approx(shape[0], abs=scale)


def test_nobody_is_found_where_nobody_is(networks):
    rng = np.random.default_rng(0)
    for picture in (
        np.zeros((120, 200, 3), dtype=np.uint8),
        rng.integers(0, 256, (200, 120, 3), dtype=np.uint8),
    ):
        assert detect_faces(picture, thorough=True) == ()
        assert main_face(picture) is None


def test_a_picture_of_one_pixel_is_no_face(networks):
    dot = np.zeros((1, 1, 3), dtype=np.uint8)
    assert blaze_faces(dot, "full") == blaze_faces(dot, "short") == centre_faces(dot) == ()


def test_a_face_at_the_edges_keeps_its_place(monkeypatch):
    seen = []

    def fake(pixels, *, thorough=False):
        seen.append(pixels.shape)
        wide = pixels.shape[1] > 90
        return (Box(left=40, top=50, right=80, bottom=90, score=0.8),) if wide else ()

    monkeypatch.setattr(face_detection, "detect_faces", fake)
    picture = np.zeros((60, 90, 3), dtype=np.uint8)
    picture[0] = 1  # one that is of one colour is not looked at
    found = main_face(picture)
    assert seen == [(60, 90, 3), (100, 150, 3)]
    assert found is not None
    assert (found.left, found.top, found.right, found.bottom) == (10, 30, 50, 70)


def test_nobody_is_looked_for_in_a_picture_of_one_colour(monkeypatch):
    def fail(*_):
        raise AssertionError("no network should be asked")

    monkeypatch.setattr(face_detection, "blaze_faces", fail)
    monkeypatch.setattr(face_detection, "centre_faces", fail)
    grey = np.full((60, 90, 3), 128, dtype=np.uint8)
    assert detect_faces(grey, thorough=True) == ()
    assert main_face(grey) is None
