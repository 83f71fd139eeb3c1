"""Small charts: lines, bands, ticks."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.evidence.estimate import Estimate
from mindveil.report import plots


def at(x, value, half=0.1):
    seen = Estimate(value=value, low=value - half, high=value + half, n=50)
    return plots.At(x=x, label=f"{x:g}: {value:g}", seen=seen)


def line(*points):
    return plots.Series(name="Found", style="one", points=points)


def numbers(path):
    return [float(x) for x in re.findall(r"-?[\d.]+", path)]


def test_a_point_lies_where_it_should():
    axes = (plots.counts([1, 100], "N"), plots.shares("Found"))
    drawn = plots.plot("a", [line(at(1, 0.0), at(10, 0.5), at(100, 1.0))], axes, limit=0.25)
    spots = drawn.curves[0].spots
    assert [s.x for s in spots] == [40.0, 164.0, 288.0]
    assert [s.y for s in spots] == [156.0, 83.0, 10.0]
    assert drawn.rule == 119.5


def test_ticks_stand_at_the_numbers_there_are():
    assert plots.counts([5, 10, 20], "N").ticks == ((5, "5"), (10, "10"), (20, "20"))
    assert len(plots.counts([10, 11, 100], "N").ticks) == 2


def test_one_number_alone_has_an_axis():
    axis = plots.counts([6], "L")
    assert axis.low < 6 < axis.high


def test_without_points_there_is_no_chart():
    assert plots.plot("a", [line()], (plots.shares("x"), plots.shares("y"))) is None


def test_the_same_is_told_in_words():
    drawn = plots.plot("a", [line(at(0.5, 0.25))], (plots.shares("x"), plots.shares("y")))
    assert drawn.words == "a. Found: 0.5: 0.25."


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(-0.5, 1.5)), min_size=1, max_size=9))
def test_nothing_leaves_the_frame(values):
    axes = (plots.shares("x"), plots.shares("y"))
    drawn = plots.plot("a", [line(*(at(x, y) for x, y in values))], axes, equal=True)
    for curve in drawn.curves:
        for path in (curve.path, curve.band):
            found = numbers(path)
            assert all(40 <= x <= 288 for x in found[::2])
            assert all(10 <= y <= 156 for y in found[1::2])


@pytest.mark.parametrize(("value", "part"), [(1, 0), (10, 0.5), (100, 1), (0.1, 0), (1000, 1)])
def test_equal_steps_are_equal_ratios(value, part):
    assert plots.counts([1, 100], "N").part(value) == pytest.approx(part)
