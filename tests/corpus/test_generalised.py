"""The language of generalised values: what each of them covers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.generalised import (
    band,
    centres,
    code,
    covered,
    covering,
    covers,
    gaps,
    number_text,
    overlapping,
    parts,
    pool,
    value_text,
)

names = st.sampled_from(["a", "b", "MY", "01", "Never married"])
values = st.one_of(
    st.none(),
    st.just("*"),
    names,
    st.integers(-3, 9),
    st.floats(-50, 50).map(lambda x: round(x, 2)),
    st.tuples(st.integers(-9, 9), st.integers(0, 9)).map(lambda e: band(e[0], e[0] + e[1])),
)
sets = st.lists(values, min_size=1, max_size=3).map(
    lambda members: members[0] if len(members) == 1 else pool(members)
)
columns = st.lists(sets, min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("released", "original", "expected"),
    [
        ("30-39", 30.0, True),  # both ends belong to the band
        ("30-39", 39, True),
        ("30-39", 39.5, False),
        ("30-39", "34", True),  # a number written as text
        ("30-39", None, False),
        ("30-39|n/a", None, True),
        ("-5--1", -3, True),  # a band of negative numbers
        ("0-1", 1, True),  # an answer to an item
        ("a|b", "a", True),
        ("a|b", "c", False),
        ("a|b|c", "c|a", True),  # generalised twice
        ("18-64", "30-39", True),
        ("30-39", "18-64", False),
        ("01", "1", False),  # leading zeros make a code, not a number
        ("2010-01", "2010-01", True),  # not a band: its own name
        ("*", None, True),
        ("*", "*", True),
        ("a", "*", False),
        (None, None, True),
        (None, math.nan, True),
        ("n/a", "", True),
        (30.0, "30", True),
    ],
)
def test_what_is_covered(released, original, expected):
    assert covers(released, original) is expected
    assert covered(released, code([original])).tolist() == [expected]


def test_pools_flatten_name_each_value_once_and_put_missing_last():
    assert pool(["US|CA", None, "MY", "CA"]) == "CA|MY|US|n/a"
    assert pool(["US", "*"]) == "*"
    assert parts("7|18-22|n/a")[0].high == 7


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_read_back_as_themselves(number):
    assert float(number_text(number)) == number
    assert covers(number_text(number), number)


@given(sets)
def test_everything_covers_itself_as_written(value):
    assert covers(value, value)
    assert covers(value_text(value), value)
    assert covers("*", value)


@given(sets, sets, sets)
def test_covering_is_transitive(wide, middle, narrow):
    if covers(wide, middle) and covers(middle, narrow):
        assert covers(wide, narrow)


@given(st.lists(values, min_size=1, max_size=4))
def test_a_pool_covers_its_members(members):
    assert all(covers(pool(members), member) for member in members)


@given(columns, columns)
def test_columns_are_compared_like_single_values(released, originals):
    one, other = code(released), code(originals)
    table = covering(one, other)[one.codes][:, other.codes]
    assert table.tolist() == [[covers(r, o) for o in originals] for r in released]
    for row, value in enumerate(released):
        assert covered(value, other)[other.codes].tolist() == table[row].tolist()


@given(columns, columns)
def test_overlap_is_symmetric_and_holds_wherever_something_is_covered(left, right):
    one, other = code(left), code(right)
    meet = overlapping(one, other)
    assert (meet == overlapping(other, one).T).all()
    assert (meet | ~covering(one, other)).all()


def test_a_coding_gives_its_values_back():
    column = code(["b", None, 3.0, "b", math.nan, "", "1-2", "*", "a|b"])
    assert column.values == ("b", None, 3.0, "b", None, None, "1-2", "*", "a|b")
    assert column.exact.tolist() == [True, False, True, False, False, False]
    assert column.missing.tolist() == [False, True, False, False, False, False]
    assert column.shares().sum() == pytest.approx(1)


def test_an_empty_column_compares_with_anything():
    nothing, something = code([]), code(["a", 1, None])
    assert covering(nothing, something).shape == (0, 3)
    assert overlapping(something, nothing).shape == (3, 0)
    assert gaps(nothing, something).shape == (0, 3)
    assert centres(nothing).shape == (0,)


def test_gaps_are_measured_on_the_scale_of_the_column():
    ranks = {"low": 0.0, "mid": 1.0, "high": 2.0}
    apart = gaps(code(["low", "mid|high"], ranks), code(["high", "low", None], ranks))
    assert apart[:, :2].tolist() == [[2.0, 0.0], [0.0, 1.0]]
    assert np.isnan(apart[:, 2]).all()
    assert centres(code(["low|high", "mid", "*"], ranks))[:2].tolist() == [1.0, 1.0]
