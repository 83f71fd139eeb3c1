"""Released weights are believed as far as the noise permits, and keep their direction."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.train.taught_people import Silent

from mindveil.dp.accounting import Share
from mindveil.dp.noise import seeded
from mindveil.train.corrected_line import (
    STEEPEST,
    Scored,
    corrected,
    corrected_shadows,
    scored,
    times,
)

SURE = Share(rho=1e9)


def on_a_line(seed=1, people=2000, steep=0.8, middle=0.1):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(people, 2)) / 4
    severity = middle + steep * rows[:, 0] + 0.2 * rng.normal(size=people)
    return rows, np.clip(severity, -1, 1)


def weights(length, middle=0.0):
    return np.array([[length], [0.0]]), np.array([middle])


def test_two_people_are_seen_by_hand():
    # Weights of length 5 count as 4: the first scores .6 x .6 + .8 x .8 = 1, the second .6.
    rows = np.array([[0.6, 0.8], [1.0, 0.0]])
    seen = scored(rows, (np.array([[3.0], [4.0]]), np.array([-7.0])))
    assert seen.scores[:, 0].tolist() == pytest.approx([1.0, 0.6])
    assert (seen.steep[0], seen.middle[0], STEEPEST) == (4.0, -1.0, 4.0)
    assert seen.axes[:, 0].tolist() == pytest.approx([0.6, 0.8])


@pytest.mark.parametrize("length", [0.4, 0.8, 1.4])
def test_a_line_that_is_off_is_corrected(length):
    rows, severity = on_a_line()
    lines = corrected(scored(rows, weights(length, -0.2)), severity, SURE, Silent())
    assert lines.weights[0].tolist() == pytest.approx([0.8, 0.0], abs=0.05)
    assert lines.middle[0] == pytest.approx(0.1, abs=0.02)
    assert lines.spread[0] == pytest.approx(0.2, abs=0.02)
    assert lines.count[0] == 2000.0


def test_a_direction_is_never_turned_round_nor_given_up():
    rows, severity = on_a_line()
    lines = corrected(scored(rows, weights(1.0)), -severity, SURE, Silent())
    assert lines.weights[0].tolist() == pytest.approx([0.25, 0.0])
    noise = seeded(np.random.default_rng(3))
    for _ in range(20):
        lines = corrected(scored(rows[:5], weights(1.0)), severity[:5], Share(rho=1e-4), noise)
        assert 0.25 <= lines.weights[0, 0] <= 3.0
        assert lines.weights[0, 1] == 0.0


def test_under_much_noise_the_released_slope_stays():
    rows, severity = on_a_line(people=50)
    noise = seeded(np.random.default_rng(4))
    found = [
        corrected(scored(rows, weights(1.6)), severity, Share(rho=1e-5), noise).weights[0, 0]
        for _ in range(30)
    ]
    assert found == pytest.approx([1.6] * 30, abs=0.5)
    assert np.mean(found) == pytest.approx(1.6, abs=0.1)


def test_weights_of_nothing_say_the_middle_to_everybody():
    rows, severity = on_a_line()
    lines = corrected(scored(rows, weights(0.0)), severity, SURE, Silent())
    assert lines.weights.tolist() == [[0.0, 0.0]]
    assert lines.middle[0] == pytest.approx(0.1, abs=0.02)


def test_many_at_once_are_the_same_as_one_by_one():
    rng = np.random.default_rng(7)
    rows, severity = rng.normal(size=(60, 3)) / 4, rng.uniform(-1, 1, 60)
    axes, middles = rng.normal(size=(3, 4)), rng.normal(size=4) / 3
    inside = rng.random((60, 4)) < 0.5
    teaching = severity, inside.astype(float)
    many = corrected_shadows(scored(rows, (axes, middles)), teaching, SURE, rng)
    for head in range(4):
        mine = inside[:, head]
        seen = scored(rows[mine], (axes[:, head : head + 1], middles[head : head + 1]))
        one = corrected(seen, severity[mine], SURE, Silent())
        assert many.weights[head].tolist() == pytest.approx(one.weights[0].tolist(), abs=2e-3)
        assert many.middle[head] == pytest.approx(one.middle[0], abs=2e-3)
        assert many.spread[head] == pytest.approx(one.spread[0], abs=2e-3)


def test_scores_and_residuals_out_of_range_count_as_its_ends():
    severity = np.array([9.0, -9.0] * 20)
    found = []
    for size in (1.0, 7.0):
        scores = np.array([[size], [-size]] * 20)
        seen = Scored(
            scores=scores, middle=np.zeros(1), steep=np.full(1, 0.5), axes=np.ones((1, 1))
        )
        found.append(corrected(seen, severity, SURE, Silent()).weights[0, 0])
    assert found[0] == found[1] <= 1.5


@given(seed=st.integers(0, 1000), people=st.integers(1, 30))
def test_times_is_a_product_in_which_nobody_depends_on_another(seed, people):
    rng = np.random.default_rng(seed)
    rows, given_ = rng.normal(size=(people, 9)), rng.normal(size=(9, 2))
    found = times(rows, given_)
    assert np.allclose(found, rows @ given_)
    assert times(rows[-1:], given_).tobytes() == found[-1:].tobytes()
