"""Names stand beside their marks, inside the picture, and apart."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.dossiers import study

from mindveil.report import charts
from mindveil.report.labels import Box

GOAL = charts.Goal(limit=0.09, floor=0.75, guess=0.5, decisions={})
EDGES = st.floats(-100, 100)


def test_overlap_and_distance_of_boxes_by_hand():
    box = Box(left=0, top=0, right=4, bottom=2)
    assert box.overlap(Box(left=3, top=1, right=9, bottom=9)) == 1
    assert box.overlap(Box(left=4, top=0, right=9, bottom=9)) == 0
    assert box.outside(Box(left=1, top=0, right=9, bottom=9)) == 2
    assert box.distance(2, 1) == 0
    assert box.distance(7, 6) == 5


@given(x=EDGES, y=EDGES, wide=st.floats(0, 50), high=st.floats(0, 50))
def test_a_box_lies_inside_itself(x, y, wide, high):
    box = Box(left=x, top=y, right=x + wide, bottom=y + high)
    assert box.outside(box) == 0
    assert box.distance(x, y) == 0


@pytest.mark.parametrize("size", [charts.WIDE, charts.NARROW], ids=["wide", "narrow"])
def test_names_stay_inside_and_apart(size):
    drawn = charts.frontier(study().judgement.frontier, GOAL, size)
    boxes = []
    for mark in drawn.marks:
        wide = 0.56 * size.letter * len(mark.label)
        left = mark.label_x - {"start": 0, "middle": wide / 2, "end": wide}[mark.anchor]
        boxes.append(
            Box(left=left, top=mark.label_y - 11, right=left + wide, bottom=mark.label_y + 2)
        )
        assert left >= 0
        assert left + wide <= size.width
    for i, box in enumerate(boxes):
        assert not any(box.overlap(o) for o in boxes[i + 1 :])


@pytest.mark.parametrize("size", [charts.WIDE, charts.NARROW], ids=["wide", "narrow"])
def test_a_name_is_nearest_to_its_own_mark_or_led_to_it(size):
    marks = charts.frontier(study().judgement.frontier, GOAL, size).marks
    for mark in marks:
        wide = 0.56 * size.letter * len(mark.label)
        left = mark.label_x - {"start": 0, "middle": wide / 2, "end": wide}[mark.anchor]
        box = Box(left=left, top=mark.label_y - 13, right=left + wide, bottom=mark.label_y + 3)
        nearest = min(marks, key=lambda m: box.distance(m.x, m.y))
        assert nearest.name == mark.name or mark.leader
