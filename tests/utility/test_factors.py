"""Factors: how many, and whether two tables have the same; by hand and planted."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.utility.factors import congruence, factor_count, loadings, simple, turned_to


def planted(people, groups, rng, load=0.8):
    traits = rng.normal(size=(people, len(groups)))
    columns = [
        load * traits[:, [g]] + np.sqrt(1 - load**2) * rng.normal(size=(people, size))
        for g, size in enumerate(groups)
    ]
    return np.hstack(columns)


def test_congruence_by_hand():
    # Tucker's phi of (1, 0) and (1, 1) is 1 / sqrt(2); turned round it is -1
    one, two = np.array([[1.0], [0.0]]), np.array([[1.0], [1.0]])
    assert congruence(one, two)[0] == pytest.approx(1 / np.sqrt(2))
    assert congruence(-two, two)[0] == pytest.approx(-1)
    assert congruence(np.zeros((2, 1)), two)[0] == 0


def test_one_factor_of_equal_correlations():
    # all pairs at .5: communality is the squared multiple correlation, 1 - 1 / 1.5 = 1/3 of 3
    # items; the largest eigenvalue of (1/3 on the diagonal, .5 off) is 1/3 + 2 x .5 = 4/3
    found = loadings(np.full((3, 3), 0.5) + 0.5 * np.eye(3), 1)
    assert (found**2).sum() == pytest.approx(4 / 3, abs=0.01)
    assert np.ptp(np.abs(found)) < 1e-6


@pytest.mark.parametrize(("groups", "count"), [((6,), 1), ((6, 6), 2), ((5, 5, 5), 3)])
def test_as_many_factors_as_were_planted(groups, count):
    rng = np.random.default_rng(3)
    assert factor_count(planted(600, groups, rng), rng) == count


def test_noise_has_one_at_least_and_gaps_are_left_out():
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(300, 8))
    assert factor_count(rows, rng) in {1, 2}
    rows[:250, 0] = np.nan
    rows[:, 7] = 1.0
    assert factor_count(rows, rng) >= 1
    assert factor_count(np.full((4, 2), np.nan), rng) == 1


def test_planted_factors_are_turned_to_simple_structure():
    rng = np.random.default_rng(6)
    rows = planted(4000, (5, 5), rng)
    found = simple(loadings(np.corrcoef(rows.T), 2))
    pattern = np.repeat(np.eye(2), 5, axis=0)
    phi = np.abs(
        [[congruence(found[:, [i]], pattern[:, [j]])[0] for j in range(2)] for i in (0, 1)]
    )
    assert sorted(phi.max(axis=1)) > [0.98, 0.98]
    assert (found.sum(axis=0) > 0).all()


@given(st.integers(0, 10_000), st.integers(1, 4))
def test_a_turn_of_the_same_factors_is_undone(seed, factors):
    rng = np.random.default_rng(seed)
    original = rng.normal(size=(12, factors))
    turn = np.linalg.qr(rng.normal(size=(factors, factors)))[0]
    assert congruence(turned_to(original @ turn, original), original) == pytest.approx(1.0)
