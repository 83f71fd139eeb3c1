from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.errors import InputError
from mindveil.secure_sum import fixed_point
from mindveil.secure_sum.fixed_point import LARGEST_ERROR


def test_three_numbers_counted_by_hand():
    scale = fixed_point(2, 1.0, fraction_bits=20)
    # 0.5 is 2**19 steps; -2**-20 is one step below 0, that is 2**64 - 1; 0.3 * 2**20 = 314572.8
    counted = scale.encode(np.array([0.5, -(2.0**-20), 0.3]))
    assert counted.tolist() == [2**19, 2**64 - 1, 314573]
    assert scale.decode(counted).tolist() == [0.5, -(2.0**-20), 314573 / 2**20]


@given(
    st.integers(1, 5000),
    st.floats(1e-3, 1e5),
    st.integers(0, 2**32),
)
def test_sums_of_bounded_vectors_are_right_to_a_millionth(clients, bound, seed):
    scale = fixed_point(clients, bound)
    values = np.random.default_rng(seed).uniform(-bound, bound, size=(min(clients, 40), 9))
    values[0] = bound  # the corners
    values[-1] = -bound
    total = scale.encode(values).sum(axis=0, dtype=np.uint64)
    exact = np.array([float(sum(map(_fraction, column))) for column in values.T])
    assert np.max(np.abs(scale.decode(total) - exact)) <= scale.error + 1e-9 <= LARGEST_ERROR + 1e-9


def _fraction(value):
    return Fraction(float(value))


@pytest.mark.parametrize(("clients", "bound"), [(1000, 1e6), (3, 2.0**38), (2, 2.0**39)])
def test_the_largest_sum_does_not_overflow(clients, bound):
    scale = fixed_point(clients, bound)
    for sign in (1.0, -1.0):
        one = scale.encode(np.array([sign * bound]))
        assert scale.decode(one * np.uint64(clients))[0] == sign * bound * clients


def test_a_bound_without_room_is_refused():
    with pytest.raises(InputError, match="clip lower"):
        fixed_point(1000, 1e12)
    with pytest.raises(InputError, match="overflow"):
        fixed_point(1000, 1e6, fraction_bits=40)
    with pytest.raises(InputError, match="wrong by"):
        fixed_point(1000, 1.0, fraction_bits=10)


@pytest.mark.parametrize("bound", [0.0, -1.0, float("nan"), float("inf")])
def test_a_bound_that_is_none_is_refused(bound):
    with pytest.raises(InputError, match="bound"):
        fixed_point(3, bound)


def test_no_clients_are_refused():
    with pytest.raises(InputError, match="nothing to add"):
        fixed_point(0, 1.0)


@pytest.mark.parametrize("value", [1.0001, -2.0, float("nan"), float("-inf")])
def test_entries_beyond_the_bound_are_refused(value):
    with pytest.raises(InputError, match="beyond the bound"):
        fixed_point(3, 1.0).encode(np.array([0.0, value]))
