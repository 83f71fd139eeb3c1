"""The mesh: a turned square is cut out and its points go back to where they were."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import MindveilError
from mindveil.features import face_mesh, weights
from mindveil.features.face_boxes import Box
from mindveil.features.face_mesh import (
    LEFT_EYE,
    LID_CORNERS,
    LOWER_LID,
    POINTS,
    RIGHT_EYE,
    UPPER_LID,
    Crop,
    Mesh,
    cut,
    follow_mesh,
    lid_gap,
    mesh_box,
    place,
    read_mesh,
)


@pytest.fixture(scope="module")
def networks():
    pytest.importorskip("cv2", reason="the face extra is not installed")
    pytest.importorskip("ai_edge_litert", reason="the face extra is not installed")
    try:
        return weights.locate("blazeface"), weights.locate("centerface")
    except MindveilError as missing:
        pytest.skip(str(missing))


def mesh_of(points, score=1.0):
    full = np.zeros((POINTS, 3))
    full[: len(points)] = points
    full[len(points) :] = np.mean(points, axis=0)
    return Mesh(points=full, score=score)


def test_points_go_back_by_hand():
    crop = Crop(centre=(100.0, 50.0), side=20.0, tilt=np.pi / 2)
    # a square of 10: the middle, and one to its right, which is downwards in the picture
    found = place(np.array([[5.0, 5, 1], [10, 5, 0]]), crop, 10)
    np.testing.assert_allclose(found, [[100, 50, 2], [100, 60, 0]], atol=1e-12)


@settings(max_examples=25, deadline=None)
@given(st.floats(90, 130), st.floats(90, 130), st.floats(40, 90), st.floats(-3, 3))
def test_what_is_cut_out_is_found_where_it_was(x, y, side, tilt):
    pytest.importorskip("cv2", reason="the face extra is not installed")
    columns, rows = np.meshgrid(np.arange(220) + 0.5, np.arange(220) + 0.5)
    spot = (x + 5.0, y - 3.0)
    light = 255 * np.exp(-((columns - spot[0]) ** 2 + (rows - spot[1]) ** 2) / 18)
    picture = np.repeat(light[..., None], 3, axis=2).astype(np.uint8)
    crop = Crop(centre=(x, y), side=side, tilt=tilt)
    seen = cut(picture, crop, 96)[..., 0].astype(float)
    across, down = np.meshgrid(np.arange(96) + 0.5, np.arange(96) + 0.5)
    middle = np.array([[(seen * across).sum(), (seen * down).sum(), 0]]) / seen.sum()
    np.testing.assert_allclose(place(middle, crop, 96)[0, :2], spot, atol=0.3)


def test_the_box_of_a_mesh_is_tilted_like_its_eyes():
    mesh = mesh_of([[0.0, 0, 0], [40, 60, 0]])
    mesh.points[RIGHT_EYE[0]] = [10, 20, 0]
    mesh.points[LEFT_EYE[0]] = [30, 40, 0]
    box = mesh_box(mesh)
    assert (box.left, box.top, box.right, box.bottom) == (0, 0, 40, 60)
    assert box.tilt == pytest.approx(np.pi / 4)


def eye(gap, turn=0.0):
    outline = np.zeros((71, 3))
    across = np.linspace(0, 1, 9)
    outline[LID_CORNERS[0], :2], outline[LID_CORNERS[1], :2] = (0, 0), (1, 0)
    outline[list(LOWER_LID), 0] = across[1:-1]
    outline[list(LOWER_LID), 1] = gap / 4
    outline[list(UPPER_LID), 0] = across[1:-1]
    outline[list(UPPER_LID), 1] = -gap * 3 / 4
    cosine, sine = np.cos(turn), np.sin(turn)
    outline[:, :2] = outline[:, :2] @ np.array([[cosine, sine], [-sine, cosine]])
    return outline * 40 + 12


@pytest.mark.parametrize("gap", [0.0, 0.1, 0.3])
def test_the_gap_between_lids_by_hand(gap):
    assert lid_gap(eye(gap)) == pytest.approx(gap)


@given(st.floats(0, 0.5), st.floats(-3, 3))
def test_the_gap_does_not_depend_on_the_tilt(gap, turn):
    assert lid_gap(eye(gap, turn)) == pytest.approx(gap, abs=1e-9)


def test_lids_that_fall_together_are_closed():
    assert lid_gap(np.zeros((71, 3))) == 0


def test_a_grey_wall_has_no_mesh(networks):
    wall = np.full((200, 200, 3), 128, dtype=np.uint8)
    mesh = read_mesh(wall, Box(left=50, top=50, right=150, bottom=150, score=1.0))
    assert mesh.points.shape == (POINTS, 3)
    assert not mesh.seen
    assert follow_mesh(wall) is None


@pytest.mark.parametrize(
    ("scores", "looked", "kept"),
    [
        ((0.9,), 0, 0.9),  # the mesh before still fits: nothing is detected
        ((0.1, 0.8, 0.7), 1, 0.7),  # lost, detected, read again
        ((0.1, 0.8, 0.2), 1, 0.8),  # the second look fails: the first one counts
        ((0.1, 0.3), 1, None),  # detected, but no mesh fits
    ],
)
def test_a_mesh_is_followed_or_found_again(monkeypatch, scores, looked, kept):
    given_scores, looks = iter(scores), []
    monkeypatch.setattr(
        face_mesh, "read_mesh", lambda pixels, box: mesh_of([[0.0, 0, 0]], next(given_scores))
    )

    def look(pixels):
        looks.append(1)
        return Box(left=0, top=0, right=1, bottom=1, score=1.0)

    monkeypatch.setattr(face_mesh, "main_face", look)
    found = follow_mesh(np.zeros((4, 4, 3), dtype=np.uint8), mesh_of([[1.0, 1, 1]]))
    assert len(looks) == looked
    assert (found.score if found else None) == kept
