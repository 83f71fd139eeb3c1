"""Fusing channels: one scale, missing channels, and weights that only replace what they beat."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.attack.score_fusion import Block, both_ways, clearly_better, fuse, learn_weights, sure


def test_normalising_both_ways_by_hand():
    seen = both_ways(np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert seen == pytest.approx(np.array([[1.0, -1.0], [-1.0, 1.0]]))
    silent = both_ways(np.array([[1.0, 0.0], [0.0, 1.0], [-np.inf, -np.inf]]))
    assert silent[:2] == pytest.approx(seen)
    assert (silent[2] == -np.inf).all()


def test_a_channel_that_heard_nothing_says_nothing():
    channels = np.array([[[1.0, -1.0], [-np.inf, -np.inf]], [[0.0, 2.0], [3.0, -np.inf]]])
    seen = fuse(channels, np.array([0.5, 0.5]))
    assert seen.tolist() == [[0.5, 0.5], [1.5, -np.inf]]
    assert fuse(channels, np.array([1.0, 0.0])).tolist() == [[1.0, -1.0], [-np.inf, -np.inf]]


def test_a_gain_must_be_larger_than_its_own_doubt():
    assert clearly_better(np.array([0.2, 0.3, 0.1]))
    assert not clearly_better(np.array([0.5, -0.4, 0.0]))
    assert not clearly_better(np.zeros(5))
    assert not clearly_better(np.array([1.0]))


def test_the_channel_that_works_gets_the_weight():
    rng = np.random.default_rng(0)
    blocks = []
    for _ in range(3):
        good, noise = rng.normal(size=(8, 8)) + 4 * np.eye(8), rng.normal(size=(8, 8))
        channels = np.stack([both_ways(noise), both_ways(good)])
        blocks.append(Block(channels=channels, own=np.arange(8)))
    weights, learned = learn_weights(blocks, [np.array([1.0, 0.0])])
    assert learned
    assert weights[1] > 0.7
    assert weights.sum() == pytest.approx(1.0)


def test_noise_leaves_the_safe_choice_alone():
    kept = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        blocks = [Block(channels=rng.normal(size=(2, 8, 8)), own=np.arange(8)) for _ in range(3)]
        weights, _ = learn_weights(blocks, [np.array([1.0, 0.0])])
        kept += weights.tolist() == [1.0, 0.0]
    assert kept >= 13


def test_a_channel_that_knows_people_counts_and_one_that_guesses_does_not():
    rng = np.random.default_rng(3)
    guesses = rng.normal(size=(40, 40))
    knows = rng.normal(size=(40, 40)) + 6 * np.eye(40)
    channels = np.stack([both_ways(knows), both_ways(guesses)])
    weights = sure(channels, np.array([0.5, 0.5]))
    assert weights[0] > 0.95
    assert sure(channels, np.array([0.0, 1.0])).tolist() == [0.0, 1.0]


def test_where_all_guess_or_nothing_is_heard_the_weights_stay():
    rng = np.random.default_rng(4)
    equal = np.array([0.5, 0.5])
    silent = np.full((2, 20, 20), -np.inf)
    assert sure(silent, equal).tolist() == equal.tolist()
    assert sure(silent[:, :, :1], equal).tolist() == equal.tolist()
    stayed = 0
    for _ in range(40):
        noise = np.stack([both_ways(rng.normal(size=(30, 30))) for _ in range(2)])
        stayed += sure(noise, equal).max() < 0.95
    assert stayed >= 20, "chance alone seldom makes one channel the only one"
