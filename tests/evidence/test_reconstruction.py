"""Cosines of rows that were worked out: by hand, at chance, and where nothing can be believed."""

from __future__ import annotations

from dataclasses import replace

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


def figures(folds, seed=0, unusual=frozenset()):
    return {m.metric: m for m in measure_reconstructions(folds, unusual, RNG(seed))}


def named(rows, released, **more):
    found = figures([fold(rows, released, **more)])
    assert set(found) == {"cosine"}
    return found["cosine"]


def test_own_rows_and_those_of_others_by_hand():
    released = [[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]]
    rows = [[0.5, 0.0], [0.0, 0.1], [0.0, -1.0]]
    cosine = named(rows, released, codes=("x", "y", "z"))
    own = (1.0 + 1.0 - 0.8) / 3
    others = ((0.0 + 0.6) / 2 + (0.0 + 0.8) / 2 + (0.0 - 1.0) / 2) / 3
    assert cosine.estimate.value == pytest.approx(own)
    assert cosine.estimate.n == 3
    assert cosine.baseline == pytest.approx(others)


def test_codes_say_whose_a_row_is_and_people_without_lessons_are_left_out():
    released = [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]
    rows = [[0.0, 2.0], [1.0, 0.0], [3.0, 3.0]]
    cosine = named(rows, released, codes=("x", "y", "z"), person_of={"x": "p1", "y": "p0"})
    assert cosine.estimate.value == pytest.approx(1.0)
    assert cosine.estimate.n == 2


def around(people):
    """Directions that follow each other: people who are there, and absent ones between them."""
    angle = np.arange(2 * people) * np.pi / people
    rows = np.column_stack([np.cos(angle), np.sin(angle)])
    return rows[::2], rows[1::2]


def test_the_nearest_row_counts_where_none_has_a_name():
    released, absent = around(12)
    found = figures([fold(2.0 * released, released, absent)])
    assert found["cosine"].estimate.value == pytest.approx(1.0)
    assert found["cosine"].control.value == pytest.approx(np.cos(np.pi / 12))
    assert found["advantage"].estimate.value == 1.0  # everybody is found, and nobody else
    assert found["auc"].estimate.value == pytest.approx(1.0)


def test_who_is_found_is_a_share_of_people_whatever_the_cosines_are():
    """A quarter of people to the digit: the limit on people found applies to a quarter."""
    rng = RNG(5)
    released, absent = rng.normal(size=(200, 6)), rng.normal(size=(200, 6))
    found = figures([fold(released[:50], released, absent)])
    assert found["advantage"].estimate.low < 0.25 < found["advantage"].estimate.high
    alike = 0.98 * np.ones(6) + 0.1 * released, 0.98 * np.ones(6) + 0.1 * absent
    found = figures([fold(alike[0], *alike)])
    assert found["cosine"].control.value > 0.95
    assert found["advantage"].estimate.low > 0.9


def test_the_most_unusual_stand_apart():
    rng = RNG(6)
    released, absent = rng.normal(size=(60, 6)), rng.normal(size=(60, 6))
    folds = [fold(released[:30], released, absent), fold(absent[:30], absent, released)]
    folds[1] = replace(folds[1], released_ids=folds[0].absent_ids, absent_ids=folds[0].released_ids)
    rare = {f"{side}{i}" for i in range(30) for side in "pa"}
    found = figures(folds, unusual=rare)
    assert found["advantage-unusual"].estimate.low > found["advantage"].estimate.high


def test_people_of_several_folds_count_once():
    rows = RNG(1).normal(size=(6, 4))
    once = figures([fold(rows, rows, codes=tuple("abcdef"))])["cosine"]
    twice = figures([fold(rows, rows, codes=tuple("abcdef"))] * 2)["cosine"]
    assert once.estimate.n == twice.estimate.n == 6
    assert twice.estimate.value == pytest.approx(1.0)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_figures_stay_within_bounds(seed):
    rng = RNG(seed)
    released, absent = rng.normal(size=(12, 3)), rng.normal(size=(13, 3))
    own = fold(rng.normal(size=(12, 3)), released, codes=tuple("abcdefghijkl"))
    for folds in ([own], [fold(rng.normal(size=(5, 3)), released, absent)]):
        for found in figures(folds).values():
            assert -1.0 <= found.estimate.low <= found.estimate.high <= 1.0 + 1e-9


def test_planted_rows_are_found_and_chance_is_not_more_than_chance():
    rng = RNG(2)
    people, others = rng.normal(size=(60, 20)), rng.normal(size=(60, 20))
    codes = tuple(f"c{i}" for i in range(60))
    near = people + 0.3 * rng.normal(size=people.shape)
    assert named(near, people, codes=codes).estimate.low > 0.9
    cosine = named(rng.normal(size=people.shape), people, codes=codes)
    assert cosine.estimate.low <= cosine.baseline <= cosine.estimate.high
    assert figures([fold(near, people, others)])["advantage"].estimate.low > 0.5


def test_rows_of_nobody_find_nobody_over_many_draws():
    rng, covered = RNG(7), 0
    for seed in range(20):
        people, others = rng.normal(size=(40, 10)), rng.normal(size=(40, 10))
        found = figures([fold(rng.normal(size=(30, 10)), people, others)], seed)["advantage"]
        covered += found.estimate.low <= 0.0 <= found.estimate.high
    assert covered >= 17


def test_a_row_that_is_the_mean_person_for_all_tells_nothing_of_anybody():
    rng = RNG(3)
    people = 0.5 + rng.normal(size=(50, 5))
    rows = people.mean(axis=0) + 1e-9 * rng.normal(size=people.shape)
    cosine = named(rows, people, codes=tuple(f"c{i}" for i in range(50)))
    assert abs(cosine.estimate.value - cosine.baseline) < 1e-3


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
