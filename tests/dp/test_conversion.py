"""Epsilon is never stated below the truth, and hardly above it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_ndtr
from scipy.stats import norm

from mindveil.dp.conversion import (
    advantage_of,
    advantage_of_mu,
    advantage_of_rho,
    delta_of_mu,
    epsilon_of,
    epsilon_of_mu,
    mu_of,
    rho_of,
)
from mindveil.errors import InputError

MUS = (0.05, 0.2, 0.7191, 1.5, 4.0)
DELTAS = (1e-3, 1e-5, 1e-7, 1e-10)
TIMES = (1, 10, 100)

EPSILONS = st.floats(0.01, 20.0)
SMALL = st.floats(1e-10, 1e-2)


def gaussian_epsilons(mu, times, delta):
    """Google's lower and upper estimate for ``times`` Gaussians of mu together."""
    from dp_accounting.pld import privacy_loss_distribution as pld  # noqa: PLC0415

    total = mu * math.sqrt(times)
    step = min(1e-3, total / 1e3)
    return [
        pld.from_gaussian_mechanism(
            1.0 / mu, pessimistic_estimate=upper, value_discretization_interval=step
        )
        .self_compose(times)
        .get_epsilon_for_delta(delta)
        for upper in (False, True)
    ]


def test_values_by_hand():
    # delta at epsilon 0 is the total variation, 2 Phi(mu / 2) - 1.
    assert delta_of_mu(1.0, 0.0) == pytest.approx(2 * norm.cdf(0.5) - 1, rel=1e-12)
    # Phi(-1/2) - e Phi(-3/2) at mu = 1, epsilon = 1.
    assert delta_of_mu(1.0, 1.0) == pytest.approx(0.30853754 - math.e * 0.06680720, abs=1e-7)
    # Published pairs: mu .72 for epsilon 3 and .27 for epsilon 1 at delta 1e-5.
    assert mu_of(3.0, 1e-5) == pytest.approx(0.72, abs=0.005)
    assert mu_of(1.0, 1e-5) == pytest.approx(0.27, abs=0.005)
    assert advantage_of_mu(mu_of(3.0, 1e-5)) == pytest.approx(0.28, abs=0.005)
    assert advantage_of_mu(mu_of(1.0, 1e-5)) == pytest.approx(0.11, abs=0.005)
    assert advantage_of_mu(mu_of(0.73, 1e-5)) == pytest.approx(0.08, abs=0.001)
    # Pure epsilon = log 3: (3 - 1) / (3 + 1).
    assert advantage_of(math.log(3.0), 1e-12) == pytest.approx(0.5, abs=1e-9)


def test_proposition_12_against_a_fine_grid_of_orders():
    less = np.exp(np.linspace(-9.0, 14.0, 200_001))
    for rho in (1e-5, 0.01, 0.2242, 2.0, 60.0):
        for delta in (1e-2, 1e-5, 1e-11):
            order = 1.0 + less
            bound = order * rho - (np.log(delta) + np.log(order)) / less + np.log(less / order)
            assert epsilon_of(rho, delta) == pytest.approx(max(0.0, bound.min()), abs=1e-7)


@pytest.mark.parametrize("times", TIMES)
@pytest.mark.parametrize("delta", DELTAS)
@pytest.mark.parametrize("mu", MUS)
def test_sixty_points_against_privacy_loss_distributions(mu, delta, times):
    """mu: never below the truth, at most 1 % above; rho: never below, and how far above."""
    lower, upper = gaussian_epsilons(mu / math.sqrt(times), times, delta)
    exact = epsilon_of_mu(mu, delta)
    assert lower * (1 - 1e-9) <= exact <= upper * (1 + 1e-6) + 1e-9
    # Google's upper estimate is the closer one: the truth is hardly below it.
    assert exact >= upper * 0.99 - 1e-6
    loose = epsilon_of(mu**2 / 2, delta)
    assert exact <= loose
    if exact > 0.0:
        # The price of a conversion that holds for every mechanism; .03 is where epsilon is ~ 0.
        assert loose <= 1.16 * exact + 0.03


def test_far_tails_keep_their_digits():
    for mu, epsilon in ((0.05, 3.0), (0.2, 8.0), (1.0, 60.0), (0.01, 0.5)):
        low, high = epsilon / mu - mu / 2, epsilon / mu + mu / 2
        first, second = log_ndtr(-low), epsilon + log_ndtr(-high)
        if first < -700:
            continue
        truth = math.exp(first) * -math.expm1(second - first)
        assert delta_of_mu(mu, epsilon) == pytest.approx(truth, rel=1e-6)
    assert delta_of_mu(0.0, 1.0) == 0.0


@settings(max_examples=300)
@given(EPSILONS, SMALL)
def test_there_and_back(epsilon, delta):
    mu = mu_of(epsilon, delta)
    assert delta_of_mu(mu, epsilon) <= delta
    assert epsilon_of_mu(mu, delta) == pytest.approx(epsilon, rel=1e-6, abs=1e-9)
    rho = rho_of(epsilon, delta)
    assert epsilon_of(rho, delta) <= epsilon
    assert epsilon_of(rho * (1 + 1e-6), delta) > epsilon * (1 - 1e-6)
    # A Gaussian's own curve is never worse than what rho alone shows.
    assert mu >= math.sqrt(2 * rho)


@settings(max_examples=1000)
@given(st.floats(1e-4, 20.0), SMALL, st.floats(1.001, 3.0))
def test_more_spent_is_more_epsilon_and_more_advantage(rho, delta, factor):
    assert epsilon_of(rho * factor, delta) >= epsilon_of(rho, delta)
    assert epsilon_of(rho, delta / factor) >= epsilon_of(rho, delta)
    mu = math.sqrt(2 * rho)
    assert epsilon_of_mu(mu * factor, delta) >= epsilon_of_mu(mu, delta)
    assert advantage_of_rho(rho * factor) >= advantage_of_rho(rho)
    assert advantage_of_mu(mu) <= advantage_of_rho(rho) <= min(1.0, math.sqrt(rho / 2)) + 1e-12


@given(EPSILONS, SMALL)
def test_no_gaussian_beats_what_epsilon_and_delta_permit(epsilon, delta):
    assert advantage_of_mu(mu_of(epsilon, delta)) <= advantage_of(epsilon, delta)


def test_nothing_spent_is_nothing():
    assert epsilon_of(0.0, 1e-5) == 0.0
    assert epsilon_of_mu(0.0, 1e-5) == 0.0
    assert advantage_of_mu(0.0) == 0.0
    assert advantage_of_rho(0.0) == pytest.approx(0.0, abs=1e-12)


def test_an_attack_reaches_the_gaussian_advantage_and_not_more():
    """A likelihood-ratio attacker on a million outputs of mu = .7191."""
    rng = np.random.default_rng(1)
    mu = 0.7191
    reached = np.mean(rng.normal(mu, 1, 10**6) > mu / 2) - np.mean(rng.normal(0, 1, 10**6) > mu / 2)
    assert reached == pytest.approx(advantage_of_mu(mu), abs=0.003)


@pytest.mark.parametrize(
    "call",
    [
        lambda: epsilon_of(-1.0, 1e-5),
        lambda: epsilon_of(1.0, 0.0),
        lambda: epsilon_of_mu(math.inf, 1e-5),
        lambda: rho_of(0.0, 1e-5),
        lambda: rho_of(math.nan, 1e-5),
        lambda: mu_of(1.0, 1.0),
        lambda: advantage_of(-1.0, 0.1),
        lambda: advantage_of_rho(-0.1),
    ],
)
def test_impossible_promises_are_refused(call):
    with pytest.raises(InputError):
        call()
