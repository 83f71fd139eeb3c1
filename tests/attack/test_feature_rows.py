"""Rows of numbers in arrays: copies are found however they are scaled, and chance finds nobody."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.attack.feature_rows import rows_in, tellable_rows

COLUMNS = 30


def rng(seed=7):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def people():
    """Rows of 160 people who have much in common; the first 80 taught."""
    source = rng()
    common = source.standard_normal(COLUMNS)
    return 0.5 * common + 0.5 * source.standard_normal((160, COLUMNS))


def test_who_can_be_told_by_hand():
    rows = rng().standard_normal((5, 10))
    rows[1] = -2 * rows[0]  # the same but for its scale
    rows[2, 2:] = 0.0  # two numbers are too few
    rows[3] = 0.0
    assert tellable_rows(rows).tolist() == [False, False, False, False, True]
    assert rows_in(rows, rows).tolist() == [False, False, False, False, True]


WAYS = {
    "as they are": lambda r: r,
    "turned round": lambda r: r.T,
    "flat": np.ravel,
    "three axes": lambda r: r.reshape(-1, 5, COLUMNS),
    "one by one another scale": lambda r: r * rng(1).uniform(-3, 3, (len(r), 1)),
    "columns standardised": lambda r: (r - r.mean(axis=0)) / r.std(axis=0),
    "columns between 0 and 1": lambda r: (r - r.min(axis=0)) / np.ptp(r, axis=0),
    "eight bits": lambda r: np.rint(r / np.abs(r).max() * 127).astype(np.int8),
    "beside an intercept and a label": lambda r: np.c_[np.ones(len(r)), r, r[:, 0] > 0],
    "single": lambda r: r.astype(np.float32),
    "centred": lambda r: r - r.mean(axis=0),
}


@pytest.mark.parametrize("way", WAYS)
def test_copies_are_found_and_nobody_else(people, way):
    found = rows_in(np.asarray(WAYS[way](people[:80])), people)
    assert found[:80].mean() > 0.95
    assert not found[80:].any()


def test_chance_finds_nobody():
    found = 0
    for seed in range(150):
        source = rng(seed)
        height, rows = int(source.integers(1, 60)), source.standard_normal((50, 12))
        found += int(rows_in(source.standard_normal((height, 12)), rows).sum())
        found += int(rows_in(source.standard_normal((13, height)), rows).sum())
    assert found == 0  # .03 are expected


@given(seed=st.integers(0, 10_000), scale=st.floats(0.01, 100), row=st.integers(0, 19))
@settings(max_examples=25)
def test_one_row_among_noise_is_found_on_any_scale(seed, scale, row):
    source = rng(seed)
    rows, noise = source.standard_normal((20, 40)), source.standard_normal((9, 40))
    noise[4] = -scale * rows[row]
    assert np.flatnonzero(rows_in(noise, rows)).tolist() == [row]


def test_what_is_learnt_from_all_of_them_is_nobodys(people):
    taught = people[:80]
    mean, spread = taught.mean(axis=0), taught.std(axis=0)
    cross = np.linalg.lstsq(taught, taught[:, 0] + rng().standard_normal(80), rcond=None)[0]
    axes = np.linalg.svd(taught - mean, full_matrices=False)[2]
    for array in (mean, spread, cross, axes, np.cov(taught.T), np.zeros((4, COLUMNS))):
        assert not rows_in(array, people).any()


def test_arrays_that_are_no_numbers_hold_nobody(people):
    assert not rows_in(np.full((3, COLUMNS), np.nan), people).any()
    assert not rows_in(np.array(["a"] * 60), people).any()
    assert not rows_in(np.zeros(3), people).any()
