"""Cells of numbers: public ones by declaration, name or instrument, and those read off data."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mindveil.corpus.instruments import all_instruments
from mindveil.corpus.model import Column
from mindveil.synthesise.encoding_bounds import (
    FEWEST,
    MOST_CELLS,
    even_cells,
    found_edges,
    is_whole_by_name,
    public_edges,
    total_edges,
    with_youngest,
)


def number(low=None, high=None):
    return Column(role="quasi", kind="number", low=low, high=high)


@pytest.mark.parametrize(
    ("name", "column", "first", "last", "cells"),
    [
        ("children", number(), -0.5, 15.5, 16),  # by name
        ("Number of children", number(), -0.5, 15.5, 16),  # whatever its spelling
        ("children", number(high=3), -0.5, 3.5, 4),  # what is declared counts first
        ("shoes", number(0, 10), -0.5, 10.5, 11),
        ("age", number(), -0.5, 90.5, 35),  # 90 is 90 and more
        ("age", number(low=18), 17.5, 90.5, 29),
        ("age", number(18, 40), 17.5, 40.5, 23),  # a year each
        ("score", number(0, 100), -0.5, 100.5, 26),  # four points each
    ],
)
def test_whole_numbers_with_public_bounds(name, column, first, last, cells):
    edges = public_edges(name, column, whole=True)
    assert (edges[0], edges[-1], len(edges) - 1) == (first, last, cells)


def test_ages_that_most_studies_have_are_told_by_the_year():
    edges = public_edges("age", number(), whole=True)
    assert {17.5, 18.5, 19.5, 29.5, 31.5, 39.5, 59.5, 64.5, 89.5} <= set(edges)


@pytest.mark.parametrize(
    ("ages", "column", "private", "low"),
    [
        ([18.0, 50.0], number(), False, 18),
        ([17.0, 50.0], number(), False, None),  # somebody is a minor
        ([17.0, 50.0], number(), True, 18),  # nobody is looked at: not even how many minors
        ([18.0], number(low=12), True, 12),
        ([8.0] * 9, number(high=16), True, None),
    ],
)
def test_studies_of_adults(ages, column, private, low):
    assert with_youngest("Age", column, np.array(ages), private=private).low == low
    assert with_youngest("shoes", column, np.array(ages), private=private) == column


def test_body_mass_is_cut_where_the_world_health_organization_cuts():
    assert {18.5, 25.0, 30.0, 35.0, 40.0} <= set(public_edges("BMI", number(), whole=False))
    assert public_edges("bmi", number(18.5, 30.0), whole=False)[::11] == (18.5, 30.0)


@pytest.mark.parametrize("name", ["height", "weight", "income", "shoes"])
def test_a_column_whose_unit_nobody_knows_has_no_public_bounds(name):
    assert public_edges(name, number(), whole=True) == ()
    assert public_edges(name, number(low=0), whole=True) == ()


def test_whole_by_name_alone():
    assert is_whole_by_name("age", number())
    assert is_whole_by_name("points", number(0, 10))
    assert not is_whole_by_name("share", number(0, 0.5))
    assert not is_whole_by_name("bmi", number(10, 60))


@pytest.mark.parametrize("instrument", all_instruments(), ids=lambda i: i.key)
def test_no_cell_of_a_total_lies_across_a_cut_off_or_band(instrument):
    low, high = instrument.total_range()
    edges = total_edges(instrument.key, low, high)
    assert (edges[0], edges[-1]) == (low - 0.5, high + 0.5)
    cuts = {band.start for band in instrument.scale().bands} | {instrument.scale().cutoff or low}
    assert {cut - 0.5 for cut in cuts} <= set(edges)
    assert len(edges) - 1 <= MOST_CELLS + len(cuts)


def test_edges_read_off_a_table_by_hand():
    ages = np.array([18.0, 18, 19, 20, np.nan])
    assert found_edges(ages, whole=True) == (17.5, 18.5, 19.5, 20.5)
    assert found_edges(np.array([np.nan]), whole=True) == ()
    weights = np.array([50.5, 52.25, 61.0, 66.0, 70.0, 71.0, 77.0, 80.0, 81.5, 98.25])
    assert found_edges(weights, whole=False) == (50.0, 70.5, 100.0)


@given(
    hnp.arrays(np.float64, st.integers(1, 200), elements=st.floats(-1e6, 1e6)),
    st.booleans(),
)
def test_found_edges_hold_everybody_and_are_no_extreme_persons_value(values, whole):
    values = np.floor(values) if whole else values
    edges = np.array(found_edges(values, whole=whole))
    assert np.all(np.diff(edges) > 0)
    assert len(edges) - 1 <= MOST_CELLS
    assert edges[0] <= values.min()
    assert edges[-1] >= values.max()


@given(hnp.arrays(np.float64, st.integers(50, 300), elements=st.floats(0, 1e4), unique=True))
def test_found_cells_of_different_numbers_hold_a_few_people_each(values):
    edges = found_edges(values, whole=False)
    held, _ = np.histogram(values, edges)
    assert held.min() >= FEWEST - 1


@given(st.integers(-500, 500), st.integers(1, 4000))
def test_even_cells_cover_the_bounds(low, span):
    edges = even_cells(low, low + span, whole=True)
    assert (edges[0], edges[-1]) == (low - 0.5, low + span + 0.5)
    assert len(edges) - 1 <= MOST_CELLS
