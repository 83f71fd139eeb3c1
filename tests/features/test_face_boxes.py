"""Boxes: sizes, overlaps and one box a face."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.features.face_boxes import Box, merge_boxes, overlap, whole_frame


def box(left, top, right, bottom, score=1.0):
    return Box(left=left, top=top, right=right, bottom=bottom, score=score)


@pytest.mark.parametrize(
    ("one", "other", "shared"),
    [
        ((0, 0, 2, 2), (0, 0, 2, 2), 1.0),
        ((0, 0, 2, 2), (1, 0, 3, 2), 2 / 6),
        ((0, 0, 2, 2), (1, 1, 3, 3), 1 / 7),
        ((0, 0, 2, 2), (2, 0, 4, 2), 0.0),
        ((0, 0, 4, 4), (1, 1, 2, 2), 1 / 16),
        ((0, 0, 0, 0), (0, 0, 0, 0), 0.0),
    ],
)
def test_overlap_by_hand(one, other, shared):
    assert overlap(box(*one), box(*other)) == pytest.approx(shared)


def test_boxes_of_one_face_are_averaged_by_their_scores():
    merged = merge_boxes([box(1, 0, 11, 10, 0.3), box(0, 0, 10, 10, 0.9), box(50, 0, 60, 10, 0.5)])
    # (.9 * 0 + .3 * 1) / 1.2 = .25
    assert [(b.left, b.right, b.score) for b in merged] == [
        (pytest.approx(0.25), pytest.approx(10.25), 0.9),
        (50.0, 60.0, 0.5),
    ]


def test_angles_are_averaged_as_directions():
    one = box(0, 0, 9, 9, 0.5)
    (merged,) = merge_boxes([replace(one, tilt=math.pi - 0.1), replace(one, tilt=0.1 - math.pi)])
    assert abs(merged.tilt) == pytest.approx(math.pi)


def test_equal_boxes_are_one_face():
    assert len(merge_boxes([box(0, 0, 9, 9, 0.7)] * 3)) == 1
    assert merge_boxes([]) == ()


def test_boxes_end_where_the_picture_does():
    clipped = box(-5, 10, 30, 90).clipped(40, 20)
    assert (clipped.left, clipped.top, clipped.right, clipped.bottom) == (0, 10, 20, 40)
    outside = box(30, 10, 40, 20).clipped(40, 20)
    assert outside.width == 0
    assert whole_frame(4, 7) == box(0, 0, 7, 4, 0.0)


sides = st.floats(0, 100)


@given(st.lists(st.tuples(sides, sides, st.floats(1, 50), st.floats(0.5, 1)), max_size=12))
def test_no_two_merged_boxes_show_the_same_winner(rows):
    boxes = [box(x, y, x + size, y + size, score) for x, y, size, score in rows]
    merged = merge_boxes(boxes)
    assert len(merged) <= len(boxes)
    assert bool(merged) == bool(boxes)
    assert [b.score for b in merged] == sorted((b.score for b in merged), reverse=True)
    assert all(any(overlap(m, b) > 0 or m.contains(b.centre) for b in boxes) for m in merged)


@given(sides, sides, st.floats(1, 50), st.floats(0, 2))
def test_a_grown_box_covers_what_it_covered(x, y, size, share):
    grown = box(x, y, x + size, y + size).grown(share)
    assert grown.left <= x
    assert grown.bottom >= y + size
    assert grown.width == pytest.approx(size * (1 + 2 * share))
