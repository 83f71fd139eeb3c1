"""Logistic regression finds its least, and its leave-one-out figures are those of refitting."""

from __future__ import annotations

import numpy as np
import pytest
from tests.train.taught_people import cohort

from mindveil.errors import InvalidMeasurement
from mindveil.train.logistic import (
    PlainLogistic,
    _compressed,
    _descended,
    _without_each,
    require_both,
)
from mindveil.train.ridge import line_through, probability_of


def strength(columns, value=2.0, heads=1):
    found = np.full((columns + 1, heads), value)
    found[-1] = 1e-6
    return found


def test_two_people_by_hand():
    # At the least, 2 x penalty x w = what is missed: w = 1 - chance at penalty 2, odds w.
    rows, labels = np.array([[1.0], [-1.0]]), np.array([1.0, 0.0])
    found = _descended(rows, labels, np.ones((2, 1)), strength(1))
    weight = found[0, 0]
    assert 2.0 * weight == pytest.approx(2.0 * (1.0 - probability_of(np.array([weight]))[0]))
    assert found[1, 0] == pytest.approx(0.0, abs=1e-6)


def test_no_gradient_is_left_and_heads_do_not_meet():
    people = cohort(1, 80, 4)
    inside = (np.random.default_rng(2).random((80, 3)) < 0.6).astype(float)
    given = strength(4, heads=3)
    found = _descended(people.rows, people.labels, inside, given)
    full = np.hstack([people.rows, np.ones((80, 1))])
    missed = inside * (probability_of(full @ found) - people.labels[:, None])
    assert np.abs(full.T @ missed + given * found).max() < 1e-6
    alone = _descended(people.rows, people.labels, inside[:, 1:2], given[:, 1:2])
    assert found[:, 1].tolist() == pytest.approx(alone[:, 0].tolist(), abs=1e-6)


def test_those_left_out_are_told_what_the_others_teach():
    people, given = cohort(3, 60, 3), strength(3)
    everybody = np.ones((60, 1))
    weights = _descended(people.rows, people.labels, everybody, given)
    told = _without_each(people.rows, people.labels, everybody, (weights, given))[:, 0]
    full = np.hstack([people.rows, np.ones((60, 1))])
    for person in range(0, 60, 7):
        others = everybody.copy()
        others[person] = 0.0
        refitted = full[person] @ _descended(people.rows, people.labels, others, given)[:, 0]
        assert told[person] == pytest.approx(refitted, abs=0.03)


def test_fewer_columns_hold_as_much():
    rows = np.random.default_rng(4).normal(size=(6, 20))
    less, back = _compressed(rows)
    assert less.shape[1] <= 6
    assert np.allclose(less @ less.T, rows @ rows.T)
    assert np.allclose(rows @ back, less)
    assert _compressed(rows.T)[0].shape == (20, 6)


def test_few_of_a_class_are_refused_in_any_head():
    labels = np.array([1.0] * 5 + [0.0] * 6)
    require_both(labels)
    with pytest.raises(InvalidMeasurement, match="4 people of one class"):
        require_both(labels, np.array([[0.0]] + [[1.0]] * 10))
    with pytest.raises(InvalidMeasurement):
        PlainLogistic().fit(cohort(5, 0), None, None)


def test_a_line_that_falls_is_flat():
    assert line_through(np.array([0.0, 1.0]), np.array([1.0, 0.0])).slope == 0.0
    assert line_through(np.array([2.0, 2.0]), np.array([1.0, 0.0])).intercept == 0.5
