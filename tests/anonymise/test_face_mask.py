"""A mask: one colour inside, nothing changed outside, and whole where nothing was found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.anonymise.faces import faces, scene, see_squares, seen, still
from tests.anonymise.voices import corpus, person

from mindveil.anonymise.face_mask import FaceMask
from mindveil.errors import InputError
from mindveil.features.face_boxes import Box, whole_frame

pytest.importorskip("cv2")
NOISE = np.random.default_rng(1).integers(130, 250, (60, 80, 3), dtype=np.uint8)


def box(left, top, right, bottom):
    return Box(left=left, top=top, right=right, bottom=bottom, score=0.9)


def covered(protection, *boxes, pixels=NOISE):
    after = protection.hide(pixels, boxes)
    level = {"black": 0, "grey": 128, "white": 255}[protection.colour]
    inside = np.all(after == level, axis=2)
    assert np.array_equal(after[~inside], pixels[~inside])
    return inside


def test_by_hand_a_box_grows_by_its_margin():
    inside = covered(FaceMask(margin=1.5), box(20, 20, 40, 30))
    expected = np.zeros((60, 80), dtype=bool)
    expected[17:33, 15:45] = True  # 30 x 15, from 17.5 to 32.5 down, rounded outwards
    assert np.array_equal(inside, expected)


def test_by_hand_two_faces_and_one_at_the_edge():
    inside = covered(FaceMask(margin=1), box(-10, -10, 5, 5), box(70, 50, 90, 70))
    assert inside.sum() == 25 + 100
    assert inside[:5, :5].all()
    assert inside[50:, 70:].all()


@pytest.mark.parametrize("colour", ["black", "grey", "white"])
def test_each_colour_is_one_level(colour):
    pixels = np.full((60, 80, 3), 77, dtype=np.uint8)
    assert covered(FaceMask(margin=1, colour=colour), box(0, 0, 8, 8), pixels=pixels).sum() == 64


def test_an_ellipse_holds_the_face_and_spares_the_corners():
    inside = covered(FaceMask(shape="ellipse", margin=1.0), box(30, 20, 50, 40))
    assert inside[20:40, 30:50].all()
    assert not inside[16, 26]
    assert inside.sum() < 1.15 * np.pi * (20 / 2**0.5) ** 2
    assert covered(FaceMask(shape="ellipse"), whole_frame(60, 80)).all()


@given(
    st.floats(-20, 90),
    st.floats(-20, 70),
    st.floats(1, 60),
    st.floats(1, 60),
    st.sampled_from(["box", "ellipse"]),
)
def test_property_no_pixel_of_a_face_is_left(left, top, width, height, shape):
    inside = covered(FaceMask(shape=shape), box(left, top, left + width, top + height))
    across, down = np.arange(80) + 0.5, np.arange(60) + 0.5
    face = ((across > left) & (across < left + width))[None] & (
        (down > top) & (down < top + height)
    )[:, None]
    assert inside[face].all()


def test_a_whole_cover_looks_for_nothing_and_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("mindveil.anonymise.face_work.track_faces", None)
    media = (still(tmp_path, "a.png", scene((20, 20))),)
    release = FaceMask(shape="whole", colour="black").apply(
        corpus(person("A", {"face": media})), np.random.default_rng(1)
    )
    assert not seen(faces(release)[0]).any()


def test_the_given_picture_stays():
    before = NOISE.copy()
    FaceMask().hide(NOISE, [whole_frame(60, 80)])
    assert np.array_equal(NOISE, before)


def test_planted_faces_are_covered_and_a_still_without_one_is_covered_whole(tmp_path, monkeypatch):
    see_squares(monkeypatch)
    two, none = scene((20, 20), (90, 50)), scene((20, 20), blind=True)
    media = (still(tmp_path, "a.png", two, "happy"), still(tmp_path, "b.png", none, "sad"))
    release = FaceMask().apply(corpus(person("A", {"face": media})), np.random.default_rng(1))
    first, second = faces(release)
    assert (first.task, second.task) == ("happy", "sad")
    masked = np.all(seen(first)[0] == 128, axis=2)
    assert masked[18:38, 18:38].all()
    assert masked[48:68, 88:108].all()
    assert masked.sum() == pytest.approx(2 * 22**2, abs=100)
    assert np.array_equal(seen(first)[0][~masked], two[~masked])
    assert np.all(seen(second) == 128)


@pytest.mark.parametrize(
    "settings",
    [{"margin": 0.9}, {"margin": 5}, {"shape": "star"}, {"colour": "red"}, {"series": "some"}],
)
def test_settings_that_make_no_sense_are_refused(settings):
    (value,) = settings.values()
    with pytest.raises(InputError, match=f"face/mask: .*{value}"):
        FaceMask(**settings)


def test_a_portrait_is_covered_whole_and_a_face_in_a_room_is_not():
    # a head is 1.8 times its face: 16 x 16 of 80 x 60 are 17 % of the picture, 30 x 30 are 61 %
    assert covered(FaceMask(), box(20, 20, 36, 36)).sum() == 22 * 22
    assert covered(FaceMask(), box(20, 20, 50, 50)).all()
    assert covered(FaceMask(portraits="masked"), box(20, 20, 50, 50)).sum() < 0.4 * 60 * 80
    with pytest.raises(InputError, match="portraits is whole, masked, not 'some'"):
        FaceMask(portraits="some")
