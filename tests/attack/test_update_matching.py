"""Gradient matching: derivatives by differences, and people who are found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime

from mindveil.attack.update_matching import Network, matched, starts_from
from mindveil.attack.update_rows import ratio_rows
from mindveil.train.client_steps import ClientPeople, Local, begun, contributions
from mindveil.train.heads import Shape

SHAPE = Shape(columns=6, hidden=16)


def network(seed):
    sent = begun(SHAPE, np.random.default_rng(seed))
    return sent, Network.of(SHAPE, sent)


def taught(seed, people):
    rng = np.random.default_rng([seed, 9])
    return 0.3 * rng.standard_normal((people, SHAPE.columns)), rng.uniform(0.05, 0.95, people)


def starts(seed, people, tries=16):
    return 0.2 * np.random.default_rng([seed, 4]).standard_normal((tries, people, SHAPE.columns))


def cosines(found, rows):
    """How near the nearest found row comes to each person."""
    one = found / np.linalg.norm(found, axis=1, keepdims=True)
    other = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return (one @ other.T).max(axis=0)


def test_the_move_is_what_a_client_would_send():
    sent, own = network(1)
    rows, labels = taught(1, 3)
    people = ClientPeople.of(rows, labels, np.zeros(3, np.intp), 1)
    told = contributions(people, SHAPE, Local(learning_rate=1.0), sent, np.array([0]))
    assert np.allclose(own.moved(rows, labels), told[0, :-1], atol=1e-5)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 999))
def test_derivatives_agree_with_differences(seed):
    _, own = network(seed)
    rows, labels = taught(seed, 2)
    slope = np.random.default_rng(seed).standard_normal(own.first.size + own.last.size)
    by_rows, by_labels = own.uphill(rows, labels, slope)

    def cost(values):
        return float(slope @ own.moved(values[:12].reshape(2, 6), values[12:]))

    point = np.concatenate([rows.ravel(), labels])
    expected = approx_fprime(point, cost, 1e-7)
    assert np.allclose(np.concatenate([by_rows.ravel(), by_labels]), expected, atol=1e-4)


@pytest.mark.parametrize("withheld", [False, True])
def test_one_person_is_found_even_without_the_constants(withheld):
    for seed in range(4):
        _, own = network(seed)
        rows, labels = taught(seed, 1)
        move = own.moved(rows, labels)
        seen = np.ones(len(move), np.bool_)
        if withheld:
            seen[: own.first.size].reshape(own.first.shape)[:, -1] = False
        found = matched(own, 7.0 * move, seen, starts(seed, 1))
        assert found.alike > 0.999
        assert cosines(found.rows, rows).min() > 0.95


@pytest.mark.parametrize("people", [2, 3])
def test_a_few_people_are_found_together(people):
    near, alone = [], []
    for seed in range(4):
        _, own = network(seed)
        rows, labels = taught(seed, people)
        move = own.moved(rows, labels)
        units = move[: own.first.size].reshape(own.first.shape)
        units = ratio_rows(units[np.any(units, axis=1)])
        begin = starts_from(units, people, 12, np.random.default_rng(seed))
        found = matched(own, move, np.ones(len(move), np.bool_), begin)
        near.append(cosines(np.concatenate([found.rows, units]), rows))
        alone.append(cosines(found.rows, rows))
    assert np.mean(np.concatenate(alone) > 0.95) >= (0.75 if people == 2 else 0.5)
    assert np.median(np.concatenate(near)) > 0.95


def test_rows_to_begin_with_are_apart():
    units = np.repeat(np.eye(3), [20, 3, 3], axis=0)
    begin = starts_from(units, 2, 50, np.random.default_rng(0))
    assert begin.shape == (50, 2, 3)
    assert np.mean(np.any(begin[:, 0] != begin[:, 1], axis=1)) > 0.7


def test_a_move_that_is_nobodys_is_not_matched():
    _, own = network(5)
    move = np.random.default_rng(5).standard_normal(own.first.size + own.last.size)
    found = matched(own, move, np.ones(len(move), np.bool_), starts(5, 1))
    assert found.alike < 0.8
