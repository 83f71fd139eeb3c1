"""The choice of pairs: exact chances, the tree it must find, and what it may give away."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.dp.distinguish import distinguishable
from mindveil.dp.noise import seeded
from mindveil.synthesise import tree_selection
from mindveil.synthesise.tree_selection import exponential, rounds_of, scale_of, spanning_tree


def noise(seed=7):
    return seeded(np.random.default_rng(seed))


class QuickNoise:
    """The same discrete Laplace noise from NumPy: two geometric draws and their difference."""

    proved = False

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def laplace(self, scale, shape):
        chance = -math.expm1(-1.0 / scale)
        return self.rng.geometric(chance, shape) - self.rng.geometric(chance, shape)


def test_chances_are_those_of_the_exponential_mechanism():
    source, scores, scale = QuickNoise(3), np.array([0, 2, 4, 1, 4]), 2.0
    drawn = [exponential(scores, scale, source) for _ in range(4000)]
    due = np.exp(scores / scale) / np.exp(scores / scale).sum()
    found = np.bincount(drawn, minlength=5) / len(drawn)
    assert found == pytest.approx(due, abs=4.0 * np.sqrt(0.25 / len(drawn)))


def test_scale_by_hand():
    # rho .5 in one round: epsilon = sqrt(8 x .5) = 2, and a score moves by 1: scale 2 / 2 = 1.
    assert scale_of(0.5, 1) == pytest.approx(1.0)
    assert scale_of(0.5, 4) == pytest.approx(2.0)


def test_the_tree_of_a_chain_is_the_chain():
    scores = np.zeros((4, 4), dtype=np.int64)
    for one, other in ((0, 2), (2, 1), (1, 3)):
        scores[one, other] = scores[other, one] = 500
    edges = {frozenset(e) for e in spanning_tree(scores, 0, 2.0, noise())}
    assert edges == {frozenset(e) for e in ((0, 2), (2, 1), (1, 3))}


def test_variables_that_are_joined_already_are_not_joined_again():
    scores = np.full((4, 4), 1000, dtype=np.int64)
    scores[:, 3] = scores[3, :] = 0
    scores[2, 3] = scores[3, 2] = 500
    assert spanning_tree(scores, 3, 1.0, noise()) == [(2, 3)]
    assert rounds_of(4, 3) == 1
    assert (rounds_of(4, 0), rounds_of(1, 0), rounds_of(2, 2)) == (3, 0, 0)


@settings(max_examples=30, deadline=None)
@given(size=st.integers(1, 9), given_=st.integers(0, 3), seed=st.integers(0, 99))
def test_always_a_tree(size, given_, seed):
    given_ = min(given_, size)
    drawn = np.random.default_rng(seed).integers(0, 50, (size, size))
    edges = spanning_tree(drawn + drawn.T, given_, 5.0, noise(seed))
    assert len(edges) == rounds_of(size, given_)
    part = np.maximum(np.arange(size), given_ - 1)
    for one, other in edges:
        assert part[one] != part[other]
        part[part == part[other]] = part[one]
    assert len(set(part.tolist())) == 1


def first_chosen(scores, runs, seed):
    source, scale = QuickNoise(seed), scale_of(0.5, 1)
    return np.array([exponential(scores, scale, source) == 0 for _ in range(runs)], dtype=np.int64)


def test_a_scale_for_half_the_sensitivity_is_told_apart(monkeypatch):
    # The worst neighbours: one person raises one score by 1 and lowers forty others by 1.
    up, down = np.array([1, *[0] * 40]), np.array([0, *[1] * 40])
    epsilon = math.sqrt(8.0 * 0.5)

    def alarm():
        sides = (first_chosen(up, 4000, 1), first_chosen(down, 4000, 2))
        return distinguishable(*sides, epsilon, 1e-6).alarm

    assert not alarm()
    monkeypatch.setattr(tree_selection, "SCORE_SENSITIVITY", 0.5)
    assert alarm()
