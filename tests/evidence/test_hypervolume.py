"""Areas worked out by hand, and what must hold of every frontier."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.hypervolume import (
    DRAWS,
    covered,
    drawn_again,
    knee,
    non_dominated,
    shares_at_knee,
    shares_on_front,
)

POINTS = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0.5, 1)), min_size=1, max_size=8, unique=True
)


def arrays(points):
    return np.array([p[0] for p in points]), np.array([p[1] for p in points])


@pytest.mark.parametrize(
    ("points", "area"),
    [
        ([(1.0, 1.0)], 0.0),  # everybody found
        ([(0.0, 0.5)], 0.0),  # no use
        ([(0.0, 1.0)], 0.5),  # nobody found, all use: the whole room
        ([(0.5, 0.9)], 0.2),
        ([(0.5, 0.9), (0.0, 0.7)], 0.3),  # 0.5 x 0.2 and 0.5 x 0.4
        ([(0.5, 0.9), (0.6, 0.8), (0.2, 0.4)], 0.2),  # what is worse adds nothing
    ],
)
def test_the_area_of_points_worked_out_by_hand(points, area):
    assert covered(*arrays(points), 0.5) == pytest.approx(area)


@given(POINTS)
def test_one_more_point_never_covers_less_and_what_is_dominated_adds_nothing(points):
    risk, use = arrays(points)
    whole = covered(risk, use, 0.5)
    best = non_dominated(risk, use)
    assert best.any()
    assert covered(risk[best], use[best], 0.5) == pytest.approx(float(whole))
    assert covered(risk[:1], use[:1], 0.5) <= whole + 1e-12


@given(POINTS, st.randoms())
def test_the_order_of_points_does_not_matter(points, random):
    other = list(points)
    random.shuffle(other)
    assert covered(*arrays(points), 0.5) == pytest.approx(float(covered(*arrays(other), 0.5)))


@pytest.mark.parametrize(
    ("points", "at"),
    [
        ([(0.0, 0.5), (0.1, 0.9), (1.0, 1.0)], 1),
        ([(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)], None),  # on the chord
        ([(0.0, 0.5), (0.5, 0.6), (1.0, 1.0)], None),  # below it
        ([(0.0, 0.5), (1.0, 1.0)], None),
        ([(0.0, 0.5), (0.2, 0.9), (0.3, 0.7), (1.0, 1.0)], 1),  # the third is dominated
    ],
)
def test_the_knee_is_farthest_above_the_chord(points, at):
    assert knee(*arrays(points)) == at


def test_draws_follow_the_intervals_and_what_is_tied_moves_together():
    wide = Estimate(value=0.5, low=0.3, high=0.9, n=50)
    drawn = drawn_again([wide, wide], np.array([1.0, 1.0]), np.random.default_rng(1))
    assert drawn.shape == (DRAWS, 2)
    assert np.allclose(drawn[:, 0], drawn[:, 1])
    assert np.mean((drawn[:, 0] > 0.3) & (drawn[:, 0] < 0.9)) == pytest.approx(0.95, abs=0.03)
    apart = drawn_again([wide, wide], np.zeros(2), np.random.default_rng(1))
    assert abs(np.corrcoef(apart.T)[0, 1]) < 0.15


def test_a_point_that_is_surely_best_always_is_and_equals_share():
    rng = np.random.default_rng(2)
    risk = np.column_stack([np.full(400, 0.1), np.full(400, 0.5) + rng.normal(0, 0.01, 400)])
    use = np.column_stack([np.full(400, 0.9), np.full(400, 0.6)])
    assert shares_on_front(risk, use).tolist() == [1.0, 0.0]
    same = rng.normal(0.5, 0.1, (400, 2))
    told = shares_on_front(same, np.full((400, 2), 0.7))
    assert told == pytest.approx([0.5, 0.5], abs=0.1)
    assert told.sum() == pytest.approx(1.0)


def test_the_knee_of_every_draw_is_counted():
    risk = np.tile([0.0, 0.1, 1.0], (10, 1))
    use = np.tile([0.5, 0.9, 1.0], (10, 1))
    use[:4, 1] = 0.52  # no bend in four of ten
    assert shares_at_knee(risk, use).tolist() == [0.0, 0.6, 0.0]
