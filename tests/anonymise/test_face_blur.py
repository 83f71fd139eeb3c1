"""A blur: as wide as asked for, up to its own edge, over everything where nothing was found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.anonymise.faces import faces, is_red, scene, see_squares, seen, still
from tests.anonymise.voices import corpus, person

from mindveil.anonymise.face_blur import FaceBlur, blurred
from mindveil.errors import InputError
from mindveil.features.face_boxes import Box, whole_frame

pytest.importorskip("cv2")
EDGE = np.zeros((240, 320, 3), dtype=np.uint8)
EDGE[:, 160:] = 255


def box(left, top, right, bottom):
    return Box(left=left, top=top, right=right, bottom=bottom, score=0.9)


WINDOW = 12**-0.5
"""The standard deviation of a window of width 1."""


def width_of(row):
    """Return the standard deviation of the Gaussian that an edge was blurred by."""
    slope = np.diff(row.astype(np.float64))
    slope /= slope.sum()
    place = np.arange(len(slope))
    return np.sqrt(np.sum(slope * (place - np.sum(slope * place)) ** 2))


@pytest.mark.parametrize("sigma", [2, 7, 10, 16, 30])
def test_by_hand_an_edge_is_as_wide_as_the_gaussian(sigma):
    assert width_of(blurred(EDGE, sigma)[120, :, 0]) == pytest.approx(sigma, rel=0.04)
    assert width_of(blurred(EDGE.transpose(1, 0, 2), sigma)[:, 120, 1]) == pytest.approx(
        sigma, rel=0.04
    )


def test_by_hand_the_width_is_a_share_of_the_face():
    after = FaceBlur(share=0.1, margin=1.2).hide(EDGE, [box(60, 60, 260, 220)])
    assert width_of(after[140, 50:270, 0]) == pytest.approx(20 * WINDOW, rel=0.04)
    # a face cut off by the edge of the picture is as wide as its height says
    after = FaceBlur(share=0.1, margin=4).hide(EDGE, [box(130, 20, 190, 220)])
    assert width_of(after[120, 40:280, 0]) == pytest.approx(15 * WINDOW, rel=0.04)


def test_outside_nothing_changes_and_inside_nothing_is_sharp_up_to_the_edge():
    noise = np.random.default_rng(1).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    after = FaceBlur(margin=1.5, share=0.7).hide(noise, [box(100, 80, 180, 160)])
    inside = np.zeros((240, 320), dtype=bool)
    inside[60:180, 80:200] = True
    assert np.array_equal(after[~inside], noise[~inside])
    rim = np.concatenate([after[60, 80:200], after[179, 80:200], after[60:180, 80]])
    assert np.abs(np.diff(rim[:120].astype(int), axis=0)).max() < 10
    assert rim.std() < 0.1 * noise.std()


def test_around_a_face_runs_into_it():
    dark = np.zeros((240, 320, 3), dtype=np.uint8)
    dark[80:160, 120:200] = 255  # white exactly where the face is: its outline must go as well
    after = FaceBlur(margin=1.0, share=0.7).hide(dark, [box(120, 80, 200, 160)])
    assert after[80, 120, 0] < 100
    assert float(after[120, 120, 0]) == pytest.approx(128, abs=8)
    assert after[:80].max() == 0


def test_a_whole_picture_is_blurred_whole():
    noise = np.random.default_rng(1).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    assert FaceBlur().hide(noise, [whole_frame(240, 320)]).std() < 0.05 * noise.std()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.floats(0.5, 60), st.integers(0, 255))
def test_property_one_colour_stays_one_colour_at_any_size(height, width, sigma, level):
    flat = np.full((height, width, 3), level, dtype=np.uint8)
    assert np.array_equal(blurred(flat, sigma), flat)


def test_planted_faces_in_a_still_are_blurred(tmp_path, monkeypatch):
    see_squares(monkeypatch)
    media = (still(tmp_path, "a.png", scene((20, 20), (90, 50))),)
    release = FaceBlur(share=3).apply(
        corpus(person("A", {"face": media})), np.random.default_rng(1)
    )
    (after,) = seen(faces(release)[0])
    assert is_red(scene((20, 20), (90, 50))).sum() == 512
    assert not is_red(after).any()
    assert np.array_equal(after[:, 45:85], scene()[:, 45:85])


@pytest.mark.parametrize("wrong", [{"share": 0.01}, {"share": 3.1}, {"margin": 0.5}])
def test_settings_that_make_no_sense_are_refused(wrong):
    (value,) = wrong.values()
    with pytest.raises(InputError, match=f"face/blur: .*{value}"):
        FaceBlur(**wrong)
