"""From moves back to rows: a quotient without noise, a posterior mean under it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.attack.update_rows import (
    Prior,
    common_numbers,
    exact_rows,
    likely_rows,
    ratio_rows,
    shrunk_rows,
)


def prior(seed=0, columns=3, people=400):
    rng = np.random.default_rng(seed)
    return Prior.of(0.2 + 0.3 * rng.standard_normal((people, columns)))


def test_the_unit_that_moved_most_gives_the_row():
    row = np.array([0.2, -0.4, 0.1, 1.0])
    layers = np.stack([np.outer([0.1, -3.0, 0.0], row), np.outer([2.0, 0.0, 1.0], row)])
    layers[0, 0] += 0.05  # what a weak unit says is not listened to
    assert np.allclose(exact_rows(layers), row[:3])


def test_without_its_constant_a_row_has_a_direction_only():
    found = ratio_rows(np.array([3.0, -4.0, 0.0]))
    assert found == pytest.approx([0.6, -0.8])


@given(st.floats(-5.0, 5.0).filter(lambda x: abs(x) > 1e-3), st.integers(0, 99))
def test_a_row_comes_back_whatever_it_was_multiplied_by(number, seed):
    row = np.append(np.random.default_rng(seed).uniform(-0.5, 0.5, 3), 1.0)
    assert np.allclose(exact_rows(number * row[None, None]), row[:3])


def test_a_prior_knows_the_mean_and_spread_of_reference_people():
    found = prior(people=4000)
    assert found.mean == pytest.approx([0.2] * 3, abs=0.03)
    assert found.spread == pytest.approx([0.09] * 3, rel=0.1)


def test_a_posterior_mean_is_the_row_without_noise_and_the_prior_mean_under_much():
    rng = np.random.default_rng(1)
    rows = 0.2 + 0.3 * rng.standard_normal((30, 3))
    numbers = rng.choice([-0.6, 0.8], (30, 1))
    layers = numbers[:, :, None] * np.column_stack([rows, np.ones(30)])[:, None, :]
    ways = common_numbers(numbers, np.ones((30, 1)))
    before = prior()
    quiet = likely_rows(layers + 1e-4 * rng.standard_normal(layers.shape), ways, before, 1e-4)
    assert np.abs(quiet - rows).max() < 0.05
    loud = likely_rows(layers + 1e3 * rng.standard_normal(layers.shape), ways, before, 1e3)
    assert np.allclose(loud, before.mean, atol=0.01)


def test_a_posterior_mean_is_nearer_than_the_quotient_and_than_the_prior():
    rng = np.random.default_rng(2)
    rows = 0.2 + 0.3 * rng.standard_normal((300, 3))
    numbers = rng.uniform(0.3, 0.9, (300, 1))
    layers = numbers[:, :, None] * np.column_stack([rows, np.ones(300)])[:, None, :]
    layers = layers + 0.2 * rng.standard_normal(layers.shape)
    before = prior()
    found = likely_rows(layers, common_numbers(numbers, np.ones((300, 1))), before, 0.2)

    def off(guess):
        return float(np.square(guess - rows).mean())

    assert off(found) < 0.9 * min(off(before.mean), off(exact_rows(layers)))


def test_more_units_tell_more():
    rng = np.random.default_rng(3)
    rows = 0.2 + 0.3 * rng.standard_normal((200, 3))
    numbers = np.outer(rng.uniform(0.3, 0.9, 200), np.ones(16))
    layers = numbers[:, :, None] * np.column_stack([rows, np.ones(200)])[:, None, :]
    layers = layers + 0.4 * rng.standard_normal(layers.shape)

    def off(units):
        ways = common_numbers(numbers[:, :units], np.ones((200, units)))
        found = likely_rows(layers[:, :units], ways, prior(), 0.4)
        return float(np.square(found - rows).mean())

    assert off(16) < 0.6 * off(1)


def test_a_sum_that_carries_nothing_but_noise_is_taken_for_the_mean_person():
    rng = np.random.default_rng(4)
    noise = rng.standard_normal((200, 4))
    noise[:, -1] *= 0.01
    before = prior()
    assert np.abs(shrunk_rows(noise, before, 1.0) - before.mean).max() < 0.01
    row = np.array([[0.3, 0.1, 0.5, 1.0]])
    assert np.allclose(shrunk_rows(1e4 * row, before, 1.0), row[:, :3], atol=1e-3)
    assert np.allclose(shrunk_rows(-7.0 * row, before, 0.0), row[:, :3])
