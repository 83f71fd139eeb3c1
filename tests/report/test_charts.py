"""Where releases lie in the picture."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.report.dossiers import PEOPLE

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.frontier import Point
from mindveil.report import charts
from mindveil.report.labels import Box

GOAL = charts.Goal(limit=0.09, floor=0.75, guess=0.5, decisions={})


def estimate(value, low=None, high=None, n=PEOPLE):
    return Estimate(
        value=value, low=value if low is None else low, high=value if high is None else high, n=n
    )


def point(name, risk, utility, better=()):
    return Point(
        release=name, risk=risk, utility=utility, worst="a", task="t", dominated_by=tuple(better)
    )


@pytest.mark.parametrize(
    ("risk", "place"), [(-0.2, 0), (0, 0), (0.01, 0.1), (0.09, 0.3), (0.25, 0.5), (1, 1), (1.2, 1)]
)
def test_risk_is_drawn_on_a_square_root_scale(risk, place):
    assert charts.along(risk) == pytest.approx(place)


def test_a_bar_shows_interval_value_and_limit():
    drawn = charts.bar(estimate(0.04, 0.01, 0.25), 0.09)
    assert (drawn.low, drawn.value, drawn.high, drawn.limit) == (10, 20, 50, 30)


def test_a_point_lies_where_it_should():
    size = charts.Size(width=148, height=134, left=24, right=24, top=14, bottom=20)
    drawn = charts.frontier([point("a", estimate(0.25), estimate(0.8))], GOAL, size)
    (mark,) = drawn.marks
    assert drawn.frame == Box(left=24, top=14, right=124, bottom=114)
    assert mark.x == 74  # half the way: the root of 0.25
    lowest, highest = float(drawn.up[0].label), float(drawn.up[-1].label)
    assert (lowest, highest) == (0.5, 0.9)
    assert mark.y == pytest.approx(114 - 100 * 0.3 / 0.4)


def test_the_shaded_corner_ends_at_the_limit_and_the_floor():
    drawn = charts.frontier([point("a", estimate(0.5), estimate(0.8))], GOAL, charts.WIDE)
    frame, zone = drawn.frame, drawn.zone
    assert zone.right == pytest.approx(frame.left + 0.3 * (frame.right - frame.left), abs=0.1)
    assert zone.bottom == drawn.floor < frame.bottom
    without = charts.Goal(limit=0.09, floor=None, guess=0.5, decisions={})
    assert charts.frontier(
        [point("a", estimate(0.5), estimate(0.8))], without, charts.WIDE
    ).zone.bottom == (frame.bottom)


def test_small_groups_and_missing_figures_are_not_drawn():
    points = [
        point("few", estimate(0.5, n=9), estimate(0.8)),
        point("none", None, estimate(0.8)),
        point("kept", estimate(0.5), estimate(0.8)),
    ]
    assert [m.name for m in charts.frontier(points, GOAL, charts.WIDE).marks] == ["kept"]
    assert charts.frontier(points[:2], GOAL, charts.WIDE) is None


def test_a_dominated_release_is_hollow():
    points = [
        point("a", estimate(0.1), estimate(0.8)),
        point("b", estimate(0.5), estimate(0.7), better=["a"]),
    ]
    assert [m.hollow for m in charts.frontier(points, GOAL, charts.WIDE).marks] == [False, True]


@given(
    values=st.lists(
        st.tuples(st.floats(0, 1), st.floats(0.3, 1)), min_size=2, max_size=8, unique=True
    )
)
def test_safer_is_further_left_and_more_useful_is_further_up(values):
    points = [point(f"r{i}", estimate(x), estimate(y)) for i, (x, y) in enumerate(values)]
    marks = charts.frontier(points, GOAL, charts.NARROW).marks
    for (risk, use), a in zip(values, marks, strict=True):
        for (other, less), b in zip(values, marks, strict=True):
            assert risk > other or a.x <= b.x
            assert use < less or a.y <= b.y


def test_ticks_do_not_run_into_each_other():
    for size in (charts.WIDE, charts.NARROW):
        drawn = charts.frontier([point("a", estimate(0.5), estimate(0.8))], GOAL, size)
        places = [t.at for t in drawn.across]
        assert {"0%", "100%"} <= {t.label for t in drawn.across}
        assert min(b - a for a, b in itertools.pairwise(places)) > 25
