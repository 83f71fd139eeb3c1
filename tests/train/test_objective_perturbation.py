"""What a tilted sum costs: the bound in the docstring, checked against the exact densities."""

from __future__ import annotations

import math

import numpy as np
import pytest
from tests.train.taught_people import Silent, budget, table

from mindveil.dp.conversion import delta_of_mu
from mindveil.dp.noise import seeded
from mindveil.train.minimum import pulls_of
from mindveil.train.objective_perturbation import INEXACT, LINE, ObjectivePerturbation


@pytest.mark.parametrize(("epsilon", "delta"), [(0.5, 1e-4), (1.0, 1e-2), (3.0, 1e-5), (8.0, 1e-4)])
def test_what_is_paid_adds_up_to_the_budget(epsilon, delta):
    recipe = ObjectivePerturbation(budget=budget(epsilon, delta))
    cost = math.log1p(1.0 / recipe.penalty)
    assert cost == pytest.approx(recipe.cost)
    assert recipe.cost <= recipe.bending * epsilon
    mu = math.sqrt(2.0 * recipe.paid.rho)
    assert 2.0 * delta_of_mu(mu, epsilon - cost) <= delta
    assert 2.0 * delta_of_mu(mu * 1.01, epsilon - cost) > 0.99 * delta


@pytest.mark.parametrize("severity", [1.0, -1.0, 0.2])
def test_the_exact_privacy_loss_in_one_column_is_within_the_bound(severity):
    """One person or nobody: weights and densities are known in closed form, both ways round."""
    recipe = ObjectivePerturbation(budget=budget(1.0, 1e-2))
    left = recipe.paid.share(1.0 - LINE - INEXACT)
    sigma, penalty, pull = left.sigma(recipe.pull), recipe.penalty, recipe.pull
    weights = np.linspace(-60, 60, 2_000_001)
    step = weights[1] - weights[0]
    missed = weights - severity
    bend = np.hypot(1.0, missed / pull) ** -3
    nobody = -penalty * weights
    one = nobody - pulls_of(missed, pull)

    def density(tilt, slope):
        return np.exp(-((tilt / sigma) ** 2) / 2) / sigma / math.sqrt(2 * math.pi) * slope

    without, with_one = density(nobody, penalty), density(one, penalty + bend)
    assert without.sum() * step == pytest.approx(1.0, abs=1e-6)
    assert with_one.sum() * step == pytest.approx(1.0, abs=1e-6)
    most = 2.0 * delta_of_mu(math.sqrt(2.0 * left.rho), 1.0 - recipe.bending)
    for here, there in ((with_one, without), (without, with_one)):
        assert np.maximum(here - math.e * there, 0.0).sum() * step <= most <= 1e-2
        advantage = np.abs(here - there).sum() * step / 2.0
        assert advantage <= recipe._guarantee(2, 5).advantage


@pytest.mark.parametrize("epsilon", [20.0, 100.0, 700.0])
@pytest.mark.parametrize("people", [0, 5, 60])
def test_a_large_budget_asks_for_no_weaker_penalty_and_fails_for_nobody(epsilon, people):
    """With next to no penalty the least was not always found, and that told who was there."""
    rng = np.random.default_rng(5)
    rows = rng.normal(size=(people, 3))
    taught = table(rows, 9.5 + 8.0 * np.tanh(2.0 * rows[:, 0]))
    recipe = ObjectivePerturbation(budget=budget(epsilon, 1e-4), small_cohort=True)
    head = recipe.fit(taught, seeded(rng), rng).head
    assert recipe.penalty == pytest.approx(1.0)
    if people == 60:
        asked = rng.normal(size=(200, 3))
        assert np.corrcoef(head.log_odds(asked), np.tanh(2.0 * asked[:, 0]))[0, 1] > 0.95


def test_nobody_and_noise_of_nothing_leave_the_middle():
    nobody = table(np.zeros((0, 2)), np.zeros(0))
    recipe = ObjectivePerturbation(budget=budget(1.0, 1e-3), small_cohort=True)
    head = recipe.fit(nobody, Silent(), np.random.default_rng(1)).head
    assert head.weights.tolist() == [0.0, 0.0]
    assert head.intercept == 0.0
