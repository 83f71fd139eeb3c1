"""The face encoder: pictures of nobody, pictures sized for it, rows that are kept."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.corpus.media import Frame, write_still
from mindveil.errors import MindveilError
from mindveil.features import face_encoder, weights
from mindveil.features.face_encoder import (
    DIMENSIONS,
    LEAST_SIDE,
    MOST_FRAMES,
    SIDE,
    align_face,
    embed_faces,
    embed_pixels,
    enlarged,
    middle_square,
)
from mindveil.features.shelf import shelf


@pytest.fixture(scope="module")
def networks():
    for package in ("cv2", "dlib", "ai_edge_litert"):
        pytest.importorskip(package, reason="the face extra is not installed")
    try:
        return [weights.locate(key) for key in ("face-resnet", "blazeface", "centerface")]
    except MindveilError as missing:
        pytest.skip(str(missing))


@pytest.mark.parametrize("shape", [(112, 92), (400, 90), (10, 10)])
def test_small_pictures_are_enlarged_in_proportion(shape):
    pytest.importorskip("cv2", reason="the face extra is not installed")
    larger = enlarged(np.zeros((*shape, 3), dtype=np.uint8))
    assert min(larger.shape[:2]) == LEAST_SIDE
    assert larger.shape[0] / larger.shape[1] == pytest.approx(shape[0] / shape[1], rel=0.01)


def test_large_pictures_stay_as_they_are():
    picture = np.arange(300 * 400 * 3, dtype=np.uint32).astype(np.uint8).reshape(300, 400, 3)
    np.testing.assert_array_equal(enlarged(picture), picture)


def test_the_middle_square_is_in_the_middle():
    pytest.importorskip("cv2", reason="the face extra is not installed")
    picture = np.zeros((SIDE, 3 * SIDE, 3), dtype=np.uint8)
    picture[:, SIDE : 2 * SIDE] = 7
    square = middle_square(picture)
    assert square.shape == (SIDE, SIDE, 3)
    assert (square == 7).all()


def test_nobody_has_no_embedding_unless_the_picture_counts_as_the_face(networks):
    wall = np.full((90, 70, 3), 120, dtype=np.uint8)
    assert align_face(wall) is None
    assert np.isnan(embed_pixels(wall)).all()
    row = embed_pixels(wall, fallback=True)
    assert row.shape == (DIMENSIONS,)
    assert np.isfinite(row).all()


def test_rows_are_kept_apart_by_what_counts_as_a_face(networks, tmp_path, monkeypatch):
    write_still(tmp_path / "wall.png", np.full((90, 70, 3), 120, dtype=np.uint8))
    paths = [tmp_path / "wall.png"] * 2
    (tmp_path / "shelf").mkdir()
    with shelf(tmp_path / "shelf"):
        strict, lenient = embed_faces(paths), embed_faces(paths, fallback=True)
        monkeypatch.setattr(face_encoder, "embed_pixels", None)
        np.testing.assert_array_equal(embed_faces(paths, fallback=True), lenient)
    assert np.isnan(strict).all()
    assert np.isfinite(lenient).all()
    np.testing.assert_array_equal(lenient[0], lenient[1])
    assert embed_faces([]).shape == (0, DIMENSIONS)


def test_a_video_is_the_mean_of_frames_a_second_apart(monkeypatch, tmp_path):
    def frames(path):
        for number in range(25 * 30):
            level = np.full((2, 2, 3), number // 25, dtype=np.uint8)
            yield Frame(pixels=level, seconds=number / 25)

    seen = []

    def fake(pixels, *, fallback):
        level = int(pixels[0, 0, 0])
        seen.append(level)
        return np.full(DIMENSIONS, np.nan if level == 9 else float(level))

    monkeypatch.setattr(face_encoder, "read_frames", frames)
    monkeypatch.setattr(face_encoder, "embed_pixels", fake)
    row = face_encoder._recording(tmp_path / "a.mp4", fallback=False)
    assert seen == list(range(MOST_FRAMES))
    np.testing.assert_allclose(row, 4.0)  # the mean of 0 to 8; nobody is seen in the last one
