"""Figures whose unit is a model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.attack.base import Worlds
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.worlds import measure_worlds


def worlds(truth, guessed):
    return Worlds(truth=np.array(truth, dtype=bool), guessed=np.array(guessed, dtype=bool))


def test_three_of_four_worlds_by_hand():
    accuracy, advantage = measure_worlds([worlds([1, 1, 0, 0], [1, 1, 0, 1])])
    assert (accuracy.metric, advantage.metric) == ("accuracy", "advantage")
    assert accuracy.estimate.value == 0.75
    assert accuracy.baseline == 0.5
    assert advantage.estimate.value == 0.5
    assert advantage.estimate.low == pytest.approx(2 * 0.1941204 - 1)
    assert advantage.estimate.high == pytest.approx(2 * 0.9936905 - 1)
    assert accuracy.estimate.n == advantage.estimate.n == 4
    assert "models, not people" in accuracy.note
    assert "models, not people" in advantage.note


def test_folds_are_counted_together():
    one, two = worlds([1, 0], [1, 0]), worlds([1, 0], [0, 1])
    accuracy, advantage = measure_worlds([one, two])
    assert accuracy.estimate.n == 4
    assert accuracy.estimate.value == 0.5
    assert advantage.estimate.value == 0.0


@given(st.lists(st.booleans(), min_size=2, max_size=40))
def test_guesses_turned_round_turn_the_advantage_round(guessed):
    if len(guessed) % 2 or len(set(guessed)) < 2:
        return
    truth = np.arange(len(guessed)) % 2 == 0
    right = measure_worlds([worlds(truth, guessed)])[1].estimate
    wrong = measure_worlds([worlds(truth, ~np.array(guessed))])[1].estimate
    assert right.value == pytest.approx(-wrong.value)
    assert right.low == pytest.approx(-wrong.high)


def test_guesses_by_a_coin_are_no_advantage():
    rng = np.random.default_rng(0)
    truth = np.arange(400) % 2 == 0
    advantage = measure_worlds([worlds(truth, rng.random(400) < 0.5)])[1].estimate
    assert advantage.low <= 0 <= advantage.high


@pytest.mark.parametrize(
    ("given_worlds", "why"),
    [
        ([], "half of them"),
        ([worlds([1, 1, 0], [1, 0, 0])], "2 of 3 models"),
        ([worlds([1, 0], [1, 1])], "saw nothing"),
        ([worlds([1, 0], [1])], "1 guesses of 2"),
    ],
)
def test_what_cannot_be_believed_is_said(given_worlds, why):
    with pytest.raises(InvalidMeasurement, match=why):
        measure_worlds(given_worlds)
