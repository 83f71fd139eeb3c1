"""What the sheet promises to be visible is what the noise leaves visible."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mindveil.dp.accounting import Budget
from mindveil.dp.clipping import exact_sum
from mindveil.dp.feasibility import sheet
from mindveil.dp.noise import seeded
from mindveil.errors import InputError, RefusedError

BUDGET = Budget(epsilon=3.0, delta=1e-5, accountant="gaussian")


def test_a_sheet_by_hand():
    """mu .7187 for everything; a quarter of mu**2 for tables: sigma = sqrt(60) / .359 = 21.6."""
    found = sheet(2455, 60, BUDGET)
    mu = math.sqrt(2 * BUDGET.rho)
    assert found.margin_sigma == pytest.approx(math.sqrt(60) / (mu / 2))
    assert found.margin_sigma == pytest.approx(21.56, abs=0.05)
    assert found.prevalence == pytest.approx(found.margin_sigma / 2455)
    assert found.correlation_sigma == pytest.approx(90 / (mu * math.sqrt(0.75)) / math.sqrt(2))
    assert found.advantage == pytest.approx(0.281, abs=0.001)
    assert found.sampling == pytest.approx(0.0202, abs=1e-4)


def test_advice_follows_the_number_of_people():
    few, some, many = (sheet(n, 60, BUDGET) for n in (300, 2455, 9_000))
    assert few.advice.startswith("Too few people")
    assert str(few.people_needed) in few.advice
    assert sheet(few.people_needed, 60, BUDGET).advice.startswith("Feasible")
    assert "weak ones will be lost" in some.advice
    assert sheet(2455, 10, BUDGET).advice.startswith("Feasible: the noise is smaller")
    assert few.prevalence > some.prevalence > many.prevalence


def test_more_variables_or_less_epsilon_need_more_people():
    base = sheet(1000, 30, BUDGET)
    assert sheet(1000, 60, BUDGET).people_needed > base.people_needed
    tight = Budget(epsilon=1.0, delta=1e-5, accountant="gaussian")
    assert sheet(1000, 30, tight).people_needed > base.people_needed
    assert sheet(1000, 1, BUDGET).people_needed < base.people_needed


def test_the_noise_on_a_real_table_is_what_the_sheet_said():
    """One-way tables of 500 people and 20 items, 400 times: the error of a prevalence."""
    rng = np.random.default_rng(5)
    found = sheet(500, 20, BUDGET)
    codes = rng.integers(0, 4, (500, 20))
    counts = exact_sum((codes[:, :, None] == np.arange(4)).astype(np.int64).reshape(500, -1))
    noise = seeded(rng).gaussian(found.margin_sigma, (400, counts.size))
    errors = (counts + noise) / 500 - counts / 500
    assert errors.std() == pytest.approx(found.prevalence, rel=0.03)


def test_hopeless_questions_are_refused():
    with pytest.raises(InputError, match="0 variables"):
        sheet(100, 0, BUDGET)
    with pytest.raises(RefusedError, match="too large for 20000 people"):
        sheet(20_000, 5, Budget(epsilon=1.0, delta=1e-5))
