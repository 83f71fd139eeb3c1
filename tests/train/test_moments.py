"""What a person adds is as long as was paid for, exactly counted, and can be read back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.train.taught_people import Silent

from mindveil.dp.accounting import Share
from mindveil.dp.noise import os_noise, seeded
from mindveil.errors import InputError
from mindveil.train.moments import (
    SHARES,
    UNITS,
    Shares,
    contributions,
    moments_of,
    noisy_sum,
    sigma_in_people,
)

EVEN = Shares(count=1.0, rows=1.0, severity=1.0, within=1.0, together=1.0, square=1.0)


def test_one_person_by_hand():
    # Row (.6, .8) and severity -.5; each part has a sixth of the budget.
    found = contributions(np.array([[0.6, 0.8]]), np.array([-0.5]), EVEN)[0] * math.sqrt(6)
    rows, within = [0.6, 0.8], [0.36, 0.48 * math.sqrt(2), 0.64]
    assert found.tolist() == pytest.approx([1, *rows, -0.5, *within, -0.3, -0.4, 0.25])


def test_two_people_are_read_back_from_their_sum():
    rows, severity = np.array([[0.6, 0.8], [0.0, 0.5]]), np.array([-0.5, 1.0])
    sums = contributions(rows, severity, SHARES).sum(axis=0)[None]
    found = moments_of(sums, 2, SHARES, 2.0)
    assert found.count.tolist() == pytest.approx([2])
    assert found.rows[0].tolist() == pytest.approx([0.6, 1.3])
    assert found.severity.tolist() == pytest.approx([0.5])
    assert found.within[0].tolist() == pytest.approx(np.array([[0.36, 0.48], [0.48, 0.89]]))
    assert found.together[0].tolist() == pytest.approx([-0.3, 0.1])
    assert found.square.tolist() == pytest.approx([1.25])
    assert found.noise[0] == pytest.approx(2.0 / math.sqrt(SHARES.count))


def test_the_parts_of_the_budget_are_the_whole_of_it():
    assert math.fsum(r**2 for r in Shares(count=9.0).roots()) == pytest.approx(1.0)
    assert math.fsum(SHARES.roots()[i] ** 2 for i in range(6)) == pytest.approx(1.0)


@given(seed=st.integers(0, 5000), columns=st.integers(1, 9), far=st.booleans())
def test_nobody_adds_more_than_was_paid_for(seed, columns, far):
    rng = np.random.default_rng(seed)
    row = rng.normal(size=(1, columns))
    row /= np.linalg.norm(row) * (1.0 if far else 1.0 + rng.random())
    severity = np.array([rng.choice([-9.0, -1.0, 0.3, 1.0, 7.0])])
    found = contributions(row, severity, SHARES)
    assert np.linalg.norm(found) <= 1.0 + 1e-12
    if far and abs(severity[0]) >= 1.0:
        assert np.linalg.norm(found) == pytest.approx(1.0)
    counted = noisy_sum(found, Share(rho=0.5), Silent())
    assert int(np.sum(counted.astype(object) ** 2)) <= UNITS**2


def test_one_person_more_moves_the_whole_numbers_by_no_more_than_the_bound():
    rng = np.random.default_rng(4)
    rows = np.vstack([np.full((1, 3), 3**-0.5), rng.normal(size=(9, 3)) / 6])
    severity = np.append(1.0, rng.uniform(-1, 1, 9))
    told = contributions(rows, severity, SHARES)
    moved = noisy_sum(told, Share(rho=0.5), Silent()) - noisy_sum(
        told[1:], Share(rho=0.5), Silent()
    )
    assert 0.99 * UNITS < np.linalg.norm(moved) <= UNITS


def test_noise_is_whole_and_as_large_as_the_share_asks():
    silent, share = Silent(), Share(rho=0.02)
    noisy_sum(np.ones((3, 1)), share, silent)
    assert silent.sigmas == [pytest.approx(UNITS / math.sqrt(0.04))]
    assert sigma_in_people(share) * UNITS == pytest.approx(silent.sigmas[0])
    drawn = [noisy_sum(np.zeros((0, 50)), share, seeded(np.random.default_rng(i))) for i in (1, 1)]
    assert drawn[0].dtype == np.int64
    assert drawn[0].tobytes() == drawn[1].tobytes()
    assert 0.7 < drawn[0].std() / silent.sigmas[0] < 1.3


def test_every_output_of_a_table_can_come_from_its_neighbour():
    """Whole numbers plus whole-number noise: no output betrays by its last bits who was in."""
    rng = np.random.default_rng(5)
    told = contributions(rng.normal(size=(6, 2)) / 5, rng.uniform(-1, 1, 6), SHARES)
    away = noisy_sum(told[1:], Share(rho=0.02), Silent())
    unreachable = 0
    for _ in range(300):
        noise = noisy_sum(told, Share(rho=0.02), os_noise()) - away
        # Noise of this size has a positive chance everywhere within 20 standard deviations.
        unreachable += int(np.any(np.abs(noise) > 20 * UNITS / math.sqrt(0.04)))
        assert np.issubdtype(noise.dtype, np.integer)
    assert unreachable == 0


def test_what_is_next_to_nothing_is_nothing():
    """A product of two entries of 1e-155 is no full-precision number, and no reason to refuse."""
    told = contributions(np.array([[1e-155, 1e-155]]), np.array([0.5]), SHARES)
    assert np.any((told != 0.0) & (np.abs(told) < np.finfo(np.float64).tiny))
    nothing = contributions(np.zeros((1, 2)), np.array([0.5]), SHARES)
    sums = [noisy_sum(one, Share(rho=0.1), Silent()).tolist() for one in (told, nothing)]
    assert sums[0] == sums[1]


def test_what_is_no_number_is_refused():
    for bad in (np.nan, np.inf):
        with pytest.raises(InputError):
            noisy_sum(np.array([[bad]]), Share(rho=0.5), Silent())
