"""Private sums: contributions are as short as was paid for, and a wrong bound is noticed."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.dp.accounting import Budget, sigma_of
from mindveil.dp.distinguish import distinguishable
from mindveil.dp.noise import seeded
from mindveil.synthesise import dp_sums
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.dp_sums import (
    UNITS,
    noisy_counts,
    noisy_products,
    noisy_squares,
    noisy_total,
    square_sensitivity,
)

EPSILON, DELTA = 1.0, 1e-2
RHO = Budget(epsilon=EPSILON, delta=DELTA, accountant="gaussian").rho
RUNS = 20_000

BOOK = Codebook(
    variables=tuple(
        Variable(name=f"q{i}", kind="ordinal", levels=("0", "1"), may_miss=True) for i in range(4)
    )
)


@dataclass
class Silent:
    """Adds nothing, and remembers how much noise was asked for."""

    proved: bool = False
    sigmas: list[float] = field(default_factory=list)

    def gaussian(self, sigma, shape):
        self.sigmas.append(sigma)
        return np.zeros(shape, np.int64)

    def laplace(self, scale, shape):
        raise AssertionError("only Gaussian noise is paid for")


def counts(people, noise):
    codes = np.zeros((people, 4), dtype=np.int16)
    return np.concatenate([c.values for c in noisy_counts(codes, BOOK, RHO, noise)])


def total(people, noise):
    # Everybody is at the corner: far beyond the bound in all entries.
    return noisy_total(np.full((people, 4), 9.0), 2.0, RHO, noise).values / (2.0 / UNITS)


def products(people, noise):
    rows = np.full((people, 3), 50.0), np.full((people, 2), -50.0)
    found = noisy_products((rows[0], 3.0), (rows[1], 2.0), RHO, noise).values
    return found.ravel() / (6.0 / UNITS**2)


def squares(people, noise):
    found = noisy_squares(np.full((people, 5), 9.0), 5.0, RHO, noise, diagonal=False).values
    return found[np.triu_indices(5, 1)] / (25.0 / UNITS**2)


def squares_of_one(people, noise):
    rows = np.zeros((people, 3))
    rows[:, 2] = 9.0
    found = noisy_squares(rows, 2.0, RHO, noise, diagonal=True).values
    return found[np.triu_indices(3)] / (4.0 / UNITS**2)


STEPS = (counts, total, products, squares, squares_of_one)


def told_apart(step, rng):
    """Run a step on three people, and on one more at the corner; the sharpest one number of it."""
    silent = Silent()
    here, there = step(3, silent), step(4, silent)
    apart = there - here
    toward = apart / np.linalg.norm(apart)
    # Noise is added to whole numbers, entry by entry: its sum along a direction is drawn here.
    noise = seeded(rng)
    drawn = [noise.gaussian(silent.sigmas[-1], (RUNS, len(toward))) @ toward for _ in range(2)]
    return distinguishable(here @ toward + drawn[0], there @ toward + drawn[1], EPSILON, DELTA)


@pytest.mark.parametrize("step", STEPS)
def test_one_person_at_the_corner_is_not_told_beyond_the_promise(step):
    assert not told_apart(step, np.random.default_rng(1)).alarm


@pytest.mark.parametrize("step", STEPS)
def test_one_person_at_the_corner_moves_the_sum_as_far_as_was_paid_for(step):
    silent = Silent()
    moved = np.linalg.norm(step(4, silent) - step(3, silent))
    paid = silent.sigmas[-1] * math.sqrt(2.0 * RHO)
    assert 0.97 * paid < moved <= paid * (1.0 + 1e-9)


WRONG = {
    # Forgets that a person is in a cell of every variable; that both rows were long; and so on.
    counts: lambda sensitivity: 1.0,
    total: lambda sensitivity: sensitivity / 2.0,
    products: lambda sensitivity: float(UNITS),
    squares: lambda sensitivity: sensitivity / math.sqrt(2.0),
    squares_of_one: lambda sensitivity: square_sensitivity(3, diagonal=False),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_wrong_sensitivity_is_noticed(step, monkeypatch):
    wrong = WRONG[step]
    monkeypatch.setattr(
        dp_sums, "sigma_of", lambda rho, s: sigma_of(rho, max(wrong(s), 1e-3)), raising=True
    )
    assert told_apart(step, np.random.default_rng(2)).alarm


def test_rows_that_are_not_clipped_are_noticed(monkeypatch):
    monkeypatch.setattr(
        dp_sums, "whole", lambda rows, scale, bound: np.rint(rows * scale).astype(np.int64)
    )
    for step in (total, products, squares):
        assert told_apart(step, np.random.default_rng(3)).alarm


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    entries=st.integers(2, 12),
    size=st.floats(0.01, 100.0),
    diagonal=st.booleans(),
)
def test_nobody_moves_products_within_a_row_further_than_paid(seed, entries, size, diagonal):
    row = np.random.default_rng(seed).standard_normal((1, entries)) * size
    silent = Silent()
    found = noisy_squares(row, 1.5, 1.0, silent, diagonal=diagonal).values
    upper = found[np.triu_indices(entries, 0 if diagonal else 1)] / (1.5 / UNITS) ** 2
    assert np.linalg.norm(upper) <= square_sensitivity(entries, diagonal=diagonal) * (1 + 1e-9)


def test_products_by_hand_and_their_noise():
    rows, right = np.array([[3.0, 4.0], [0.0, 1.0]]), np.array([[2.0], [1.0]])
    found = noisy_products((rows, 5.0), (right, 2.0), 0.5, Silent())
    assert found.values.ravel().tolist() == pytest.approx([6.0, 9.0], abs=0.02)
    assert found.noise == pytest.approx(10.0)
    square = noisy_squares(rows, 5.0, 0.5, Silent(), diagonal=True)
    assert square.values.tolist() == pytest.approx(np.array([[9.0, 12.0], [12.0, 17.0]]), abs=0.1)
    assert noisy_total(rows, 5.0, 0.5, Silent()).values.tolist() == pytest.approx([3, 5], abs=0.02)


def test_nobody_is_counted_as_nobody():
    found = noisy_counts(np.zeros((0, 4), dtype=np.int16), BOOK, 1.0, Silent())
    assert all(c.values.tolist() == [0.0, 0.0, 0.0] for c in found)
    assert noisy_products(
        (np.zeros((0, 2)), 1.0), (np.zeros((0, 3)), 1.0), 1.0, Silent()
    ).values.shape == (2, 3)
