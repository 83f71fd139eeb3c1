"""What each person does to noisy heads."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mindveil.attack.model_influence import Influence


def heads(rng, noise, count=400, people=20, answers=6):
    moves = rng.normal(size=(people, answers))
    inside = rng.random((count, people)) < 0.5
    told = inside @ moves + noise * rng.normal(size=(count, answers))
    return told, inside, moves


def test_two_people_who_move_a_head_up_and_down():
    inside = np.array([[1, 0], [0, 1], [1, 1], [0, 0]] * 8, dtype=bool)
    told = inside @ np.array([[1.0], [-1.0]]) + np.tile([[0.1], [-0.1]], (16, 1))
    found = Influence.of(told, inside)
    up, down = found.moves[:, 0] * np.sign(found.axes[0, 0])
    assert up > 0 > down
    likelier = found.likelier(np.array([[1.0], [-1.0]]))
    assert likelier.argmax(axis=1).tolist() == [0, 1]


def test_the_one_who_is_missing_is_the_likeliest():
    rng = np.random.default_rng(1)
    told, inside, moves = heads(rng, 0.3)
    found = Influence.of(told, inside).likelier(moves)
    assert (found.argmax(axis=1) == np.arange(20)).all()
    assert (np.diag(found) > 0).all()


def test_noise_makes_it_less_sure():
    sure = []
    for noise in (0.3, 2.0, 20.0):
        told, inside, moves = heads(np.random.default_rng(2), noise)
        rng = np.random.default_rng(3)
        seen = moves + noise * rng.normal(size=moves.shape)
        found = Influence.of(told, inside).likelier(seen)
        sure.append(np.mean(found.argmax(axis=1) == np.arange(20)))
    assert sure[0] > sure[1] > sure[2] - 1e-9
    assert sure[0] > 0.9
    assert sure[2] < 0.3


@given(st.integers(0, 50))
def test_who_does_nothing_is_not_likelier_by_much(seed):
    rng = np.random.default_rng(seed)
    inside = rng.random((200, 5)) < 0.5
    told = rng.normal(size=(200, 3))
    found = Influence.of(told, inside).likelier(rng.normal(size=(4, 3)))
    assert np.isfinite(found).all()
    assert np.abs(found).max() < 3


def test_heads_that_say_one_thing_tell_of_nobody():
    inside = np.random.default_rng(0).random((30, 4)) < 0.5
    found = Influence.of(np.ones((30, 5)), inside).likelier(np.ones((2, 5)))
    assert (found == found[0, 0]).all()
