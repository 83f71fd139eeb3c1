"""Cosines of rows that were worked out: by hand, at chance, and where nothing can be believed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.attack.base import Reconstructions
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.reconstruction import Rebuilt, measure_reconstructions

RNG = np.random.default_rng


def fold(rows, released, absent=None, *, codes=(), person_of=None):
    rows, released = np.asarray(rows, float), np.asarray(released, float)
    absent = np.zeros((0, released.shape[1])) if absent is None else np.asarray(absent, float)
    there = tuple(f"p{i}" for i in range(len(released)))
    return Rebuilt(
        guesses=Reconstructions(rows=rows, codes=codes),
        released=released,
        released_ids=there,
        absent=absent,
        absent_ids=tuple(f"a{i}" for i in range(len(absent))),
        person_of=person_of if person_of is not None else dict(zip(codes, there, strict=False)),
    )


def figures(folds, seed=0):
    cosine, gained = measure_reconstructions(folds, RNG(seed))
    assert (cosine.metric, gained.metric) == ("cosine", "advantage")
    return cosine, gained


def test_own_rows_and_those_of_others_by_hand():
    released = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]
    rows = [[0.5, 0.0], [0.0, 0.1], [0.0, -1.0]]
    cosine, gained = figures([fold(rows, released, codes=("x", "y", "z"))])
    own = (1.0 + 1.0 - 0.8) / 3
    others = ((0.0 + 0.6) / 2 + (0.0 + 0.8) / 2 + (0.0 - 1.0) / 2) / 3
    assert cosine.estimate.value == pytest.approx(own)
    assert cosine.estimate.n == 3
    assert cosine.baseline == pytest.approx(others)
    assert gained.estimate.value == pytest.approx((own - others) / (1 - others))
    assert gained.estimate.low <= gained.estimate.value <= gained.estimate.high


def test_codes_say_whose_a_row_is_and_people_without_lessons_are_left_out():
    released = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    rows = [[0.0, 2.0], [1.0, 0.0], [3.0, 3.0]]
    crossed = fold(rows, released, codes=("x", "y", "z"), person_of={"x": "p1", "y": "p0"})
    cosine, _ = figures([crossed])
    assert cosine.estimate.value == pytest.approx(1.0)
    assert cosine.estimate.n == 2


def test_the_nearest_row_counts_where_none_has_a_name():
    released, absent = [[1.0, 0.0], [0.0, 1.0]], [[-1.0, 0.0], [0.6, 0.8]]
    rows = [[2.0, 0.0], [0.8, 0.6]]
    cosine, gained = figures([fold(rows, released, absent)])
    assert cosine.estimate.value == pytest.approx((1.0 + 0.6) / 2)
    assert cosine.control.value == pytest.approx((-0.8 + 0.96) / 2)
    against = (-0.8 + 0.96) / 2
    assert gained.estimate.value == pytest.approx((0.8 - against) / (1 - against))


def test_people_of_several_folds_count_once():
    rows = RNG(1).normal(size=(6, 4))
    codes = tuple("abcdef")
    once, _ = figures([fold(rows, rows, codes=codes)])
    twice, _ = figures([fold(rows, rows, codes=codes)] * 2)
    assert once.estimate.n == twice.estimate.n == 6
    assert twice.estimate.value == pytest.approx(1.0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_figures_stay_within_bounds(seed):
    rng = RNG(seed)
    released, absent = rng.normal(size=(8, 3)), rng.normal(size=(9, 3))
    named = fold(rng.normal(size=(8, 3)), released, codes=tuple("abcdefgh"))
    for folds in ([named], [fold(rng.normal(size=(5, 3)), released, absent)]):
        cosine, gained = measure_reconstructions(folds, RNG(0))
        assert -1.0 <= cosine.estimate.low <= cosine.estimate.high <= 1.0 + 1e-9
        assert gained.estimate.high <= 1.0 + 1e-9
    assert measure_reconstructions([named], RNG(0))[1].estimate.low >= 0.0


def test_planted_rows_are_found_and_chance_is_not_more_than_chance():
    rng = RNG(2)
    people = rng.normal(size=(60, 20))
    codes = tuple(f"c{i}" for i in range(60))
    near = people + 0.3 * rng.normal(size=people.shape)
    cosine, gained = figures([fold(near, people, codes=codes)])
    assert cosine.estimate.low > 0.9
    assert gained.estimate.low > 0.9
    cosine, gained = figures([fold(rng.normal(size=people.shape), people, codes=codes)])
    assert cosine.estimate.low <= cosine.baseline <= cosine.estimate.high
    assert gained.estimate.value < 0.1
    others = rng.normal(size=(60, 20))
    _, gained = figures([fold(near, people, others)])
    assert gained.estimate.low > 0.5
    _, gained = figures([fold(rng.normal(size=(30, 20)), people, others)])
    assert gained.estimate.low <= 0.0 <= gained.estimate.high


def test_a_row_that_is_the_mean_person_for_all_tells_nothing_of_anybody():
    rng = RNG(3)
    people = 0.5 + rng.normal(size=(50, 5))
    rows = people.mean(axis=0) + 1e-9 * rng.normal(size=people.shape)
    _, gained = figures([fold(rows, people, codes=tuple(f"c{i}" for i in range(50)))])
    assert gained.estimate.value < 1e-3


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (np.zeros((0, 2)), "no row"),
        (np.zeros((2, 2)), "zero"),
        ([[np.nan, 1.0], [0.0, 1.0]], "not numbers"),
        ([[0.3, 1.0], [0.3, 1.0]], "same row"),
    ],
)
def test_rows_that_cannot_be_believed_are_no_figure(rows, why):
    with pytest.raises(InvalidMeasurement, match=why):
        figures([fold(rows, np.eye(2), np.eye(2))])


def test_a_figure_needs_somebody_to_compare_with():
    rows = [[1.0, 0.1], [0.0, 1.0]]
    with pytest.raises(InvalidMeasurement, match="too few"):
        figures([fold(rows, np.eye(2), np.eye(2)[:1])])
    with pytest.raises(InvalidMeasurement, match="nobody behind a code"):
        figures([fold(rows, np.eye(2), codes=("x", "y"), person_of={})])
    with pytest.raises(InvalidMeasurement, match="no update"):
        figures([])
    with pytest.raises(InvalidMeasurement, match="some do not"):
        figures([fold(rows, np.eye(2), codes=("x", "y")), fold(rows, np.eye(2))])
    everything = np.vstack([np.eye(2), -np.eye(2)])
    with pytest.raises(InvalidMeasurement, match="too few to tell people apart"):
        figures([fold(everything, np.eye(2), -np.eye(2))])
