"""Ratios of a face that is known point by point; turning, moving and sizing change nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.features.face_ratios import (
    BROW_ENDS,
    BROWS,
    CHEEKS,
    CHIN,
    FOREHEAD,
    LOWER_LIP,
    MOUTH_CORNERS,
    NOSE_BASE,
    RATIOS,
    SIDES,
    UPPER_LIP,
    head_angles,
    head_axes,
    ratios,
)

PAIRS = (*SIDES, *zip(*BROWS, strict=True), *BROW_ENDS, MOUTH_CORNERS, CHEEKS)
KNOWN = {
    "brow-height": 0.4,
    "brow-gap": 0.5,
    "mouth-width": 0.8,
    "mouth-opening": 0.1,
    "lip-corners": 0.05,
    "lip-thickness": 0.2,
    "jaw-drop": 1.0,
    "cheek-height": 0.6,
}


def face():
    """A face of 10 pixels between the eyes, whose ratios are those in the table above."""
    points = np.zeros((468, 3))

    def both(pair, x, y, depth=0.0):
        points[pair[0]], points[pair[1]] = (-x, y, depth), (x, y, depth)

    both(SIDES[0], 7, 0)
    both(SIDES[1], 3, 0)  # eyes: corners at 3 and 7, so their middles are 10 apart
    for number, pair in enumerate(SIDES[2:]):
        both(pair, 8, number, 6)
    for pair in zip(*BROWS, strict=True):
        both(pair, 5, -4)
    for pair in BROW_ENDS:
        both(pair, 2.5, -3)
    points[FOREHEAD], points[NOSE_BASE], points[CHIN] = (0, -8, 1), (0, 5, 1), (0, 15, 1)
    both(MOUTH_CORNERS, 4, 7.5)
    both(CHEEKS, 4, 6)
    points[UPPER_LIP[0]], points[UPPER_LIP[1]] = (0, 6.5, 0), (0, 7.5, 0)
    points[LOWER_LIP[0]], points[LOWER_LIP[1]] = (0, 8.5, 0), (0, 9.5, 0)
    return points


def turned(points, yaw, pitch, roll):
    y, p, r = np.radians([yaw, pitch, roll])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    return points @ (about_z @ about_y @ about_x).T


def test_ratios_by_hand():
    assert dict(zip(RATIOS, ratios(face()), strict=True)) == pytest.approx(KNOWN)


@pytest.mark.parametrize(
    ("angles", "sentence"),
    [
        ((0, 0, 0), "straight"),
        ((30, 0, 0), "to its own right"),
        ((0, -20, 0), "up"),
        ((0, 0, 15), "tilted to its own left"),
        ((25, 10, -30), "all at once"),
    ],
)
def test_angles_by_hand(angles, sentence):
    np.testing.assert_allclose(head_angles(turned(face(), *angles)), angles, atol=1e-9)


def test_turning_right_brings_the_left_side_nearer():
    points = turned(face(), 20, 0, 0)
    right, left = SIDES[0]
    assert points[left, 2] < points[right, 2]


angle = st.floats(-60, 60)


@given(angle, angle, angle, st.floats(0.1, 30), st.floats(-500, 500))
def test_turning_moving_and_sizing_change_no_ratio(yaw, pitch, roll, size, place):
    seen = turned(face(), yaw, pitch, roll) * size + place
    np.testing.assert_allclose(ratios(seen), list(KNOWN.values()), atol=1e-9)
    np.testing.assert_allclose(head_angles(seen), (yaw, pitch, roll), atol=1e-6)


@given(angle, st.integers(0, 2**32 - 1))
def test_noise_of_a_pixel_turns_a_head_by_less_than_a_degree_on_average(yaw, seed):
    # 100 pixels between the eyes, 1 pixel of noise
    noise = np.random.default_rng(seed).standard_normal((40, 468, 3))
    seen = [head_angles(turned(face(), yaw, 0, 0) * 10 + one) for one in noise]
    np.testing.assert_allclose(np.mean(seen, axis=0), (yaw, 0, 0), atol=1)


@given(st.integers(0, 2**32 - 1))
def test_a_face_and_its_mirror_image_have_the_same_ratios(seed):
    points = face() + 0.3 * np.random.default_rng(seed).standard_normal((468, 3))
    mirror = points * (-1, 1, 1)
    for right, left in PAIRS:
        mirror[[right, left]] = mirror[[left, right]]
    np.testing.assert_allclose(ratios(mirror), ratios(points), atol=1e-9)


def test_a_face_without_size_has_no_infinite_ratio():
    assert np.isfinite(ratios(np.zeros((468, 3)))).all()
    assert np.isfinite(head_axes(np.zeros((468, 3)))).all()
