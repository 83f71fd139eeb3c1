"""One person never adds more than the bound, in whole numbers too."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from mindveil.dp import clipping
from mindveil.dp.clipping import clip_norm, exact_sum, whole
from mindveil.errors import InputError

NORMAL = st.floats(-1e300, 1e300, allow_subnormal=False)
TABLES = arrays.arrays(
    np.float64, arrays.array_shapes(min_dims=2, max_dims=2, max_side=7), elements=NORMAL
)


def lengths(rows):
    """Exact squared lengths, in fractions of floats."""
    return [math.sqrt(math.fsum((float(x) / 2.0**500) ** 2 for x in row)) for row in rows]


def test_three_people_by_hand():
    rows = np.array([[3.0, 4.0], [0.3, 0.4], [0.0, 0.0]])
    assert np.allclose(clip_norm(rows, 1.0), [[0.6, 0.8], [0.3, 0.4], [0.0, 0.0]], atol=1e-14)
    # 10 x (.6, .8) = (6, 8), of length 10; (3, 4) stays.
    assert whole(rows, 10.0, 10).tolist() == [[6, 8], [3, 4], [0, 0]]


def test_rounding_that_lengthens_a_row_is_undone():
    """(1.6, 1.6) has length 2.26 <= 2.4 but (2, 2) has 2.83: it becomes (1, 1)."""
    assert whole(np.array([[1.6, 1.6]]), 1.0, 2).tolist() == [[1, 1]]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 5e-324, -1e-310])
def test_what_is_no_ordinary_number_is_refused(bad):
    rows = np.array([[1.0, bad]])
    for refuse in (lambda: clip_norm(rows, 1.0), lambda: whole(rows, 4.0, 4)):
        with pytest.raises(InputError, match="contribution"):
            refuse()


@pytest.mark.parametrize("bound", [0.0, -1.0, math.nan, math.inf, 1e-310])
def test_bounds_that_bound_nothing_are_refused(bound):
    with pytest.raises(InputError, match="clipped"):
        clip_norm(np.ones((2, 2)), bound)


def test_shapes_scales_and_types_are_checked():
    with pytest.raises(InputError, match="dimensions"):
        clip_norm(np.ones(3), 1.0)
    for bound in (0, -3, 2**31):
        with pytest.raises(InputError, match="bound of whole rows"):
            whole(np.ones((1, 1)), 1.0, bound)
    for scale in (0.0, math.nan):
        with pytest.raises(InputError, match="scaled"):
            whole(np.ones((1, 1)), scale, 4)
    with pytest.raises(InputError, match="whole first"):
        exact_sum(np.ones((2, 2)))


def test_ten_thousand_rows_of_all_sizes_stay_within_their_bound():
    rng = np.random.default_rng(2)
    for bound in (1e-3, 1.0, 7.3, 1e5):
        rows = rng.normal(size=(2_500, 9)) * 10.0 ** rng.uniform(-8, 8, (2_500, 1))
        assert max(lengths(clip_norm(rows, bound))) <= bound / 2.0**500
        limit = math.ceil(bound)
        squares = (whole(rows, 1.0, limit).astype(object) ** 2).sum(axis=1)
        assert max(squares) <= limit**2


def test_a_row_that_stays_too_long_stops_everything(monkeypatch):
    """Should the float part ever fail, the exact check does not let the row through."""
    monkeypatch.setattr(clipping, "_shortened", lambda values, bound: values)
    with pytest.raises(AssertionError, match="longer than its bound"):
        whole(np.array([[30.0, 40.0]]), 1.0, 10)


def test_a_row_too_long_for_a_float_is_shortened_to_nothing():
    assert clip_norm(np.full((1, 4), 1.7e308), 1.0).tolist() == [[0.0] * 4]
    with pytest.raises(InputError, match="scale by less"):
        whole(np.full((1, 1), 1e300), 1e10, 5)


@settings(max_examples=1_000)
@given(TABLES, st.floats(1e-3, 1e6))
def test_no_row_is_longer_than_the_bound(rows, bound):
    clipped = clip_norm(rows, bound)
    assert max(lengths(clipped), default=0.0) <= bound / 2.0**500
    kept = np.array([length <= bound / 2.0**500 * (1 - 1e-12) for length in lengths(rows)])
    assert np.array_equal(clipped[kept], rows[kept])


@settings(max_examples=300)
@given(
    arrays.arrays(
        np.float64,
        arrays.array_shapes(min_dims=2, max_dims=2, max_side=9),
        elements=st.floats(-1e4, 1e4, allow_subnormal=False, width=32),
    ),
    st.floats(0.1, 1e3),
    st.integers(1, 10_000),
)
def test_no_whole_row_is_longer_than_the_bound(rows, scale, bound):
    counted = whole(rows, scale, bound)
    assert counted.dtype == np.int64
    assert all(sum(int(x) ** 2 for x in row) <= bound**2 for row in counted.tolist())


@given(TABLES, st.floats(1e-3, 1e6), st.integers(0, 6))
def test_a_row_does_not_depend_on_the_other_people(rows, bound, place):
    place %= rows.shape[0]
    alone = clip_norm(rows[place : place + 1], bound)
    assert np.array_equal(clip_norm(rows, bound)[place : place + 1], alone)
    assert np.array_equal(clip_norm(np.asfortranarray(rows), bound), clip_norm(rows, bound))


def test_sums_are_exact_and_do_not_overflow():
    rows = np.array([[2**61, 1], [2**61, -1]])
    assert exact_sum(rows).tolist() == [2**62, 0]
    with pytest.raises(InputError, match="64 bits"):
        exact_sum(np.full((4, 1), 2**61))
    with pytest.raises(InputError, match="64 bits"):
        exact_sum(np.full((1, 1), -(2**63)))
    assert exact_sum(np.zeros((0, 3), np.int64)).tolist() == [0, 0, 0]


@given(st.permutations(list(range(6))))
def test_the_order_of_people_does_not_matter(order):
    rows = np.random.default_rng(1).integers(-(10**12), 10**12, (6, 4))
    assert np.array_equal(exact_sum(rows[order]), exact_sum(rows))
