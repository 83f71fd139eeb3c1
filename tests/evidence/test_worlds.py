"""Figures whose unit is a model."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.attack.base import Worlds
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import clopper_pearson
from mindveil.evidence.worlds import measure_worlds


def worlds(truth, guessed):
    return Worlds(truth=np.array(truth, dtype=bool), guessed=np.array(guessed, dtype=bool))


def test_two_divisions_by_hand():
    """Three of four and all four are right: .875, and the divisions differ by a standard .177."""
    accuracy, advantage = measure_worlds(
        [worlds([[1, 1, 0, 0], [1, 0, 1, 0]], [[1, 1, 0, 1], [1, 0, 1, 0]])]
    )
    assert (accuracy.metric, advantage.metric) == ("accuracy", "advantage")
    assert accuracy.estimate.value == 0.875
    assert accuracy.baseline == 0.5
    assert advantage.estimate.value == 0.75
    assert accuracy.estimate.low == 0.0  # one degree of freedom: t = 12.7
    assert accuracy.estimate.high == 1.0
    assert accuracy.estimate.n == advantage.estimate.n == 8
    assert "models, not people; 2 divisions" in accuracy.note
    assert "models, not people" in advantage.note


def test_divisions_that_agree_have_the_exact_interval_over_models():
    truth = np.tile([True, False], (5, 4))
    guessed = truth.copy()
    guessed[:, :2] = [[False, True]]
    accuracy, _ = measure_worlds([worlds(truth, guessed)])
    exact = clopper_pearson(30, 40)
    assert (accuracy.estimate.low, accuracy.estimate.high) == (exact.low, exact.high)


def test_divisions_that_differ_widen_the_interval():
    truth = np.tile([True, False], (10, 10))
    turned = np.where(np.arange(10)[:, None] % 2 == 0, truth, ~truth)
    advantage = measure_worlds([worlds(truth, turned)])[1].estimate
    assert advantage.value == 0.0
    # t = 2.262 with 9 degrees; spread .527 * sqrt(1 / 10 + 1 / 3) = .347; twice for the advantage
    assert advantage.high == pytest.approx(1.0)
    alike = measure_worlds([worlds(truth, np.tile([True, False, False, True], (10, 5)))])[1]
    assert alike.estimate.high < 0.2


def test_folds_are_counted_together():
    one, two = worlds([1, 0], [1, 0]), worlds([1, 0], [0, 1])
    accuracy, advantage = measure_worlds([one, two])
    assert accuracy.estimate.n == 4
    assert accuracy.estimate.value == 0.5
    assert advantage.estimate.value == 0.0


@given(st.lists(st.booleans(), min_size=4, max_size=40))
def test_guesses_turned_round_turn_the_advantage_round(guessed):
    even = np.array(guessed[: len(guessed) // 4 * 4]).reshape(2, -1)
    if (even == even[:, :1]).all(axis=1).any():
        return
    truth = np.tile([True, False], (2, even.shape[1] // 2))
    right = measure_worlds([worlds(truth, even)])[1].estimate
    wrong = measure_worlds([worlds(truth, ~even)])[1].estimate
    assert right.value == pytest.approx(-wrong.value)
    assert right.low == pytest.approx(-wrong.high)


def test_guesses_by_a_coin_are_no_advantage():
    rng = np.random.default_rng(0)
    truth = np.tile([True, False], (10, 20))
    advantage = measure_worlds([worlds(truth, rng.random((10, 40)) < 0.5)])[1].estimate
    assert advantage.low <= 0 <= advantage.high


@pytest.mark.parametrize(
    ("given_worlds", "why"),
    [
        ([], "0 divisions"),
        ([worlds([1, 0], [1, 0])], "1 divisions"),
        ([worlds([1, 0], [1, 0]), worlds([1, 0, 1, 0], [1, 0, 0, 1])], "of one size"),
        ([worlds([1, 1, 0], [1, 0, 0])], "not half"),
        ([worlds([[1, 0], [1, 0]], [[1, 0], [1, 1]])], "saw nothing"),
        ([worlds([1, 0], [1])], "guesses of shape"),
    ],
)
def test_what_cannot_be_believed_is_said(given_worlds, why):
    with pytest.raises(InvalidMeasurement, match=why):
        measure_worlds(given_worlds)
