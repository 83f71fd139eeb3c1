"""Real faces: found, recognised, their expressions told apart, and followed through a video."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from mindveil.corpus.media import Frame
from mindveil.errors import MindveilError
from mindveil.features import weights
from mindveil.features.expression import EXPRESSIONS, measure_pixels
from mindveil.features.face_detection import main_face
from mindveil.features.face_encoder import embed_pixels
from mindveil.features.face_tracking import track_faces

pytestmark = pytest.mark.realdata

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
SHOWN = ("happy", "sad", "sleepy", "surprised", "wink", "normal")


@pytest.fixture(scope="module", autouse=True)
def networks():
    for package in ("cv2", "dlib", "ai_edge_litert"):
        pytest.importorskip(package, reason="the face extra is not installed")
    try:
        return [weights.locate(key) for key in ("face-resnet", "blazeface", "centerface")]
    except MindveilError as missing:
        pytest.skip(str(missing))


def picture(path):
    with Image.open(path) as image:
        return np.array(image.convert("RGB"))


@pytest.fixture(scope="module")
def yale():
    folder = DATA / "yale_faces"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    names = [path.name.split(".") for path in sorted(folder.glob("subject*.*.gif"))]
    return {(who, what): picture(folder / f"{who}.{what}.gif") for who, what, _ in names}


def nearest(queries, candidates):
    return ((queries[:, None] - candidates[None]) ** 2).sum(axis=2).argmin(axis=1)


def test_faces_are_found_under_all_lights_and_expressions(yale):
    found = [main_face(pixels) is not None for pixels in yale.values()]
    assert len(found) > 150
    assert np.mean(found) >= 0.98


def test_expressions_of_people_never_seen_are_told_apart(yale):
    keys = [key for key in yale if key[1] in SHOWN]
    rows = np.array([measure_pixels(yale[key]) for key in keys])
    who, what = np.array(keys).T
    assert rows.shape == (90, len(EXPRESSIONS))
    assert np.isfinite(rows).all()
    people = np.unique(who)
    for person in people:
        rows[who == person] -= rows[who == person].mean(axis=0)
    right = np.zeros(len(rows), dtype=bool)
    for fold in range(5):
        held = np.isin(who, people[fold::5])
        spread = rows[~held].std(axis=0)
        model = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1)
        model.fit(rows[~held] / spread, what[~held])
        right[held] = model.predict(rows[held] / spread) == what[held]
    assert right.mean() >= 0.75


def test_people_are_recognised_whatever_their_expression(yale):
    people = sorted({who for who, what in yale if what == "normal"})
    known = np.array([embed_pixels(yale[who, "normal"]) for who in people])
    shown = ("happy", "sleepy", "surprised", "wink")
    probes = [(i, (who, what)) for i, who in enumerate(people) for what in shown]
    rows = np.array([embed_pixels(yale[key]) for _, key in probes])
    truth = np.array([i for i, _ in probes])
    assert len(truth) == 60
    assert (nearest(rows, known) == truth).mean() >= 0.90


@pytest.mark.slow
def test_forty_people_are_recognised_from_small_pictures():
    folder = DATA / "orl_faces"
    if not folder.is_dir():
        pytest.skip(f"{folder} is not there")
    rows = np.array(
        [
            [embed_pixels(picture(folder / f"s{who}" / f"{shot}.pgm")) for shot in range(1, 11)]
            for who in range(1, 41)
        ]
    )
    known = rows[:, :5].mean(axis=1)
    told = nearest(rows[:, 5:].reshape(200, -1), known)
    assert (told == np.repeat(np.arange(40), 5)).mean() >= 0.90


def moving(pixels, frames):
    """Yield 1280 x 720 frames in which a photograph moves, turns and changes its size."""
    import cv2  # noqa: PLC0415 - an extra

    height, width = pixels.shape[:2]
    for number in range(frames):
        phase = number / 25
        turn = cv2.getRotationMatrix2D(
            (width / 2, height / 2), 20 * np.sin(1.1 * phase), 1 + 0.4 * np.sin(0.7 * phase)
        )
        turn[:, 2] += (640 + 300 * np.sin(phase) - width / 2, 360 + 80 * np.cos(phase) - height / 2)
        frame = cv2.warpAffine(pixels, turn, (1280, 720), borderValue=(90, 110, 100))
        yield Frame(pixels=frame, seconds=phase), turn


def test_no_frame_of_a_moving_face_is_missed_and_it_is_quick(yale):
    still = yale["subject02", "normal"]
    box = main_face(still)
    assert box is not None
    truth = list(moving(still, 120))
    start = time.process_time()
    out = list(track_faces(frame for frame, _ in truth))
    spent = (time.process_time() - start) / len(truth)
    corners = [(x, y, 1) for x in (box.left, box.right) for y in (box.top, box.bottom)]
    for (_, boxes), (_, turn) in zip(out, truth, strict=True):
        middle = np.array(corners) @ turn.T
        low, high = middle.min(axis=0), middle.max(axis=0)
        inner_low, inner_high = low + 0.2 * (high - low), high - 0.2 * (high - low)
        assert any(
            b.left <= inner_low[0]
            and b.top <= inner_low[1]
            and b.right >= inner_high[0]
            and b.bottom >= inner_high[1]
            for b in boxes
        )
    assert np.mean([boxes[0].score > 0 for _, boxes in out]) > 0.95
    assert spent <= 0.02
