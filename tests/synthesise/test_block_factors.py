"""Factors of scales come back from what is measured of them; noise makes none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.synthesise.block_factors import (
    further_factors,
    membership,
    positive,
    shrunk,
    solved,
)

MEMBER = membership((tuple(range(6)), tuple(range(6, 12))), np.arange(12))


def planted(rng, cross=0.1):
    """Return a covariance of 12 items with a factor a scale, and items that load on both."""
    weights = MEMBER * rng.uniform(0.5, 0.8, (12, 1)) + (1 - MEMBER) * rng.normal(0, cross, (12, 1))
    common = np.array([[1.0, 0.5], [0.5, 1.0]])
    found = weights @ common @ weights.T
    np.fill_diagonal(found, 1.0)
    return found


def moments(covariance):
    means = MEMBER / MEMBER.sum(axis=0)
    return covariance @ means, means.T @ covariance @ means


def test_two_items_by_hand():
    # Correlation .49: both load .7; z has variance (1 + .49) / 2, an item's covariance with it too.
    member = np.ones((2, 1))
    found = solved(member, np.full((2, 1), 0.745), np.array([[0.745]]), np.zeros((2, 0)))
    assert found.covariance()[0, 1] == pytest.approx(0.49, abs=1e-3)


def test_loadings_and_cross_loadings_come_back():
    due = planted(np.random.default_rng(1))
    found = solved(MEMBER, *moments(due), np.zeros((12, 0))).covariance()
    assert np.abs(found - due).max() < 0.01


def test_a_variable_beside_the_items_is_placed_by_its_covariance_with_the_scales():
    due = planted(np.random.default_rng(2), cross=0.0)
    factors = solved(MEMBER, *moments(due), np.zeros((12, 0)))
    # A variable that is a copy of the first scale's factor has its loadings as covariances.
    beside = factors.beside(np.array([[0.3, 0.2]]))
    means = MEMBER / MEMBER.sum(axis=0)
    assert (beside @ means).ravel().tolist() == pytest.approx([0.3, 0.2], abs=0.05)


def test_factors_within_a_scale_are_found_above_the_noise():
    rng = np.random.default_rng(3)
    member = np.ones((24, 1))
    inner = np.repeat(np.eye(3), 8, axis=0) * 0.7
    due = inner @ inner.T
    np.fill_diagonal(due, 1.0)
    means = member / 24
    factors = solved(member, due @ means, means.T @ due @ means, np.zeros((24, 0)))
    centring = np.eye(24) - 1.0 / 24
    noise = np.triu(rng.normal(0.0, 0.02, (24, 24)), 1)
    products = centring @ due @ centring
    found = further_factors(products + noise + noise.T, 0.02, factors.covariance(), member)
    assert found.shape == (24, 2)
    whole = solved(member, due @ means, means.T @ due @ means, found).covariance()
    assert np.abs(whole - due)[np.triu_indices(24, 1)].mean() < 0.05


@pytest.mark.parametrize("seed", range(10))
def test_noise_alone_makes_no_factor(seed):
    due = planted(np.random.default_rng(seed), cross=0.0)
    sizes = MEMBER.sum(axis=0)
    centring = np.eye(12) - (MEMBER / sizes) @ MEMBER.T
    noise = np.triu(np.random.default_rng(100 + seed).normal(0.0, 0.1, (12, 12)), 1)
    products = centring @ due @ centring + noise + noise.T
    assert further_factors(products, 0.1, due, MEMBER).shape == (12, 0)


def test_deviations_that_noise_explains_are_drawn_to_nothing():
    rng = np.random.default_rng(4)
    groups = membership((tuple(range(50)), tuple(range(50, 100))), np.arange(100))
    noise = rng.normal(0.0, 0.1, (100, 1))
    assert np.abs(shrunk(noise, 0.1, groups)).mean() < 0.35 * np.abs(noise).mean()
    large = rng.normal(0.0, 1.0, (100, 1))
    assert shrunk(large, 0.1, groups) == pytest.approx(large, rel=0.03)


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10_000), spread=st.floats(0.0, 2.0))
def test_whatever_the_noise_variances_are_one_and_communalities_below(seed, spread):
    rng = np.random.default_rng(seed)
    with_blocks, between = moments(planted(rng))
    noisy = between + rng.normal(0.0, spread, (2, 2))
    found = solved(
        MEMBER,
        with_blocks + rng.normal(0.0, spread, (12, 2)),
        positive(noisy, 0.02),
        np.zeros((12, 0)),
    )
    covariance = found.covariance()
    assert np.isfinite(covariance).all()
    assert np.diag(covariance).tolist() == [1.0] * 12
