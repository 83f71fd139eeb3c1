"""Nearest rows and kernel densities, by hand and against the long way round."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import logsumexp

from mindveil.attack.table_distance import log_densities, nearest, whitening


def test_by_hand():
    rows, others = np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 1.0], [3.0, 4.0]])
    assert nearest(rows, others).tolist() == [1.0, 0.0]
    assert nearest(rows, rows, same=True).tolist() == [25.0, 25.0]
    found = log_densities(rows, others[:1], (0.5, 2.0))
    assert found == pytest.approx(np.array([[-1.0, -18.0], [-0.25, -4.5]]))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(2, 40))
def test_densities_are_means_of_kernels(seed, size, count):
    rng = np.random.default_rng(seed)
    rows, others = rng.normal(size=(size, 5)), rng.normal(size=(count, 5))
    squares = ((rows[:, None] - others) ** 2).sum(axis=2)
    exact = logsumexp(-squares / 2 / 0.7, axis=1) - np.log(count)
    assert log_densities(rows, others, (0.7,))[0] == pytest.approx(exact, abs=1e-3)
    assert nearest(rows, others) == pytest.approx(squares.min(axis=1), abs=1e-3)
    beside = np.delete(others, 0, axis=0)
    one = log_densities(others, others, (0.7,), same=True)[0, 0]
    assert one == pytest.approx(log_densities(others[:1], beside, (0.7,))[0, 0], abs=1e-3)


def test_a_copy_is_at_distance_nought_wherever_it_stands():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(300, 60)) * 7
    assert (nearest(rows, rows[::-1]) == 0).all()
    assert (nearest(rows, rows, same=True) > 0).all()


def test_whitened_people_vary_alike():
    rng = np.random.default_rng(1)
    people = rng.normal(size=(5000, 3)) @ np.diag([5.0, 2.0, 0.001]) + 4
    centre, turn = whitening(people, 3)
    placed = (people - centre) @ turn
    assert placed.mean(axis=0) == pytest.approx(0)
    assert placed.std(axis=0)[:2] == pytest.approx(1, abs=0.01)
    assert placed.std(axis=0)[2] < 0.01
    assert whitening(people, 2)[1].shape == (3, 2)
