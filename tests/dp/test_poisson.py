"""Steps on random people: the noise keeps the budget, wastes little of it, and files cannot lie."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from mindveil.dp import poisson
from mindveil.dp.accounting import Budget
from mindveil.dp.conversion import advantage_of_mu, epsilon_of_mu
from mindveil.dp.poisson import (
    Training,
    advantage_of_training,
    epsilon_of_training,
    multiplier_of,
    training_statement,
)
from mindveil.errors import InputError

BUDGET = Budget(epsilon=3.0, delta=1e-5)
SHORT = Training(rate=0.3, steps=80)


def delta_of_one_step(rate, sigma, epsilon):
    """Solve one step on paper: (1 - q) N(0, s) + q N(1, s) against N(0, s), both directions.

    The likelihood ratio exceeds exp(e) above t = s**2 log((exp(e) - 1 + q) / q) + 1 / 2; the other
    way round, where (1 - q) + q exp(...) falls below exp(-e).
    """
    factor = math.exp(epsilon)
    t = sigma**2 * math.log((factor - 1 + rate) / rate) + 0.5
    mixture = (1 - rate) * norm.sf(t / sigma) + rate * norm.sf((t - 1) / sigma)
    added = mixture - factor * norm.sf(t / sigma)
    room = (1 / factor - 1 + rate) / rate
    if room <= 0:
        return added
    t = sigma**2 * math.log(room) + 0.5
    mixture = (1 - rate) * norm.cdf(t / sigma) + rate * norm.cdf((t - 1) / sigma)
    return max(added, norm.cdf(t / sigma) - factor * mixture)


@pytest.mark.parametrize("rate", [0.02, 0.3, 0.9])
@pytest.mark.parametrize("sigma", [0.7, 1.0, 3.0])
def test_one_step_is_right_on_paper(rate, sigma):
    for delta in (1e-2, 1e-4, 1e-6):
        found = epsilon_of_training(Training(rate=rate, steps=1), sigma, delta, "pld", 1e-3)
        if found > 0.0:
            assert delta_of_one_step(rate, sigma, found) <= delta * (1 + 1e-9)
            assert delta_of_one_step(rate, sigma, found * 0.99 - 1e-3) >= delta


def test_everybody_in_every_step_is_the_gaussian_curve():
    found = epsilon_of_training(Training(rate=1.0, steps=16), 8.0, 1e-5)
    assert found == pytest.approx(epsilon_of_mu(0.5, 1e-5), rel=0.002)
    assert advantage_of_training(Training(rate=1.0, steps=16), 8.0) == pytest.approx(
        advantage_of_mu(0.5), rel=0.01
    )


def test_published_noise_for_107_people():
    """Batch 32 of 107 people over 20 epochs: sigma about 3.0 at epsilon 3, delta 1e-3."""
    training = Training(rate=32 / 107, steps=67)
    small = Budget(epsilon=3.0, delta=1e-4)
    assert 2.5 < multiplier_of(small, training) < 4.0


def test_what_is_spent_beside_the_steps_is_composed():
    alone = epsilon_of_training(SHORT, 4.0, 1e-5)
    beside = Training(rate=0.3, steps=80, beside=0.3)
    both = epsilon_of_training(beside, 4.0, 1e-5)
    assert alone < both < alone + epsilon_of_mu(0.3, 5e-6)
    nothing = Training(rate=0.3, steps=0, beside=0.3)
    assert epsilon_of_training(nothing, 4.0, 1e-5) == pytest.approx(
        epsilon_of_mu(0.3, 1e-5), rel=0.01
    )


def test_no_steps_cost_nothing():
    assert epsilon_of_training(Training(rate=0.1, steps=0), 1.0, 1e-5) == 0.0
    assert advantage_of_training(Training(rate=0.1, steps=0), 1.0) == 0.0


@pytest.mark.parametrize("epsilon", [0.73, 3.0])
@pytest.mark.parametrize("steps", [800, 3000])
def test_the_noise_keeps_the_budget_and_wastes_less_than_a_hundredth(epsilon, steps):
    budget, training = Budget(epsilon=epsilon, delta=1e-5), Training(rate=0.05, steps=steps)
    found = multiplier_of(budget, training)
    assert 0.99 * epsilon <= epsilon_of_training(training, found, 1e-5) <= epsilon
    # Renyi divergences agree from above: a sixth, no more.
    renyi = epsilon_of_training(training, found, 1e-5, "rdp")
    assert epsilon * 0.99 < renyi < epsilon * 1.17


def test_many_small_steps_waste_no_more():
    """200,000 steps: the coarse search alone would waste more than a hundredth."""
    budget, training = Budget(epsilon=0.73, delta=1e-5), Training(rate=0.005, steps=200_000)
    found = multiplier_of(budget, training)
    assert 0.99 * 0.73 <= epsilon_of_training(training, found, 1e-5) <= 0.73


def test_what_is_stated_counts_and_not_the_search(monkeypatch):
    """Where the fine evaluation says more than the coarse one, noise is added until it agrees."""

    def spent(training, multiplier, delta, method="pld", interval=poisson.FINE):
        return (3.0 if interval == poisson.COARSE else 3.02) / multiplier

    monkeypatch.setattr(poisson, "epsilon_of_training", spent)
    found = multiplier_of(Budget(epsilon=1.5, delta=1e-7), Training(rate=0.7, steps=3))
    assert 1.4999 - 0.01 < 3.02 / found <= 1.5


@settings(max_examples=15)
@given(
    st.floats(0.02, 0.5),
    st.integers(1, 200),
    st.floats(1.0, 5.0),
    st.floats(1.1, 2.0),
)
def test_more_steps_rate_or_less_noise_cost_more(rate, steps, sigma, factor):
    def spent(rate, steps, sigma):
        return epsilon_of_training(Training(rate=rate, steps=steps), sigma, 1e-5, "pld", 1e-2)

    least = spent(rate, steps, sigma) * (1 - 1e-3)
    assert spent(min(1.0, rate * factor), steps, sigma) >= least
    assert spent(rate, math.ceil(steps * factor), sigma) >= least
    assert spent(rate, steps, sigma / factor) >= least


def test_an_ideal_attacker_stays_below_what_is_stated():
    """60 steps, a row of the full bound; the likelihood ratio of all steps is the attack."""
    rng = np.random.default_rng(3)
    training, sigma, runs = Training(rate=0.2, steps=60), 2.0, 4000
    inside = rng.normal(0, sigma, (runs, 60)) + (rng.random((runs, 60)) < 0.2)
    outside = rng.normal(0, sigma, (runs, 60))

    def score(seen):
        return np.log(0.8 + 0.2 * np.exp((seen - 0.5) / sigma**2)).sum(axis=1)

    reached = np.mean(score(inside) > 0) - np.mean(score(outside) > 0)
    permitted = advantage_of_training(training, sigma)
    assert 0.8 * permitted < reached < permitted + 3 / math.sqrt(runs)


def test_a_file_of_answers_is_used_only_where_it_is_right(tmp_path, monkeypatch):
    shelf = tmp_path / "noise.json"
    right = multiplier_of(BUDGET, SHORT, shelf)
    assert list(json.loads(shelf.read_text()).values()) == [right]

    def no_search(*_):
        raise AssertionError("searched again")

    with monkeypatch.context() as patch:
        patch.setattr(poisson, "_search", no_search)
        assert multiplier_of(BUDGET, SHORT, shelf) == right
    for wrong in (right * 0.9, right * 1.1, -1.0, "x", None, math.nan):
        shelf.write_text(json.dumps(dict.fromkeys(json.loads(shelf.read_text()), wrong)))
        assert multiplier_of(BUDGET, SHORT, shelf) == right
        assert list(json.loads(shelf.read_text()).values()) == [right]
    for damage in (b"{", b"[1]", b"\xff\xfe"):
        shelf.write_bytes(damage)
        assert multiplier_of(BUDGET, SHORT, shelf) == right


def test_statements_are_of_what_was_run():
    noise = multiplier_of(BUDGET, SHORT)
    made = training_statement(BUDGET, SHORT, noise, ("80 steps",), proved=True)
    assert made.label == "proved"
    assert 0.2 < made.advantage < 0.29
    assert training_statement(BUDGET, SHORT, noise, (), proved=False).label == "accounted"
    with pytest.raises(InputError, match="more than the 3"):
        training_statement(BUDGET, SHORT, noise * 0.9, (), proved=True)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Training(rate=0.0, steps=3),
        lambda: Training(rate=1.5, steps=3),
        lambda: Training(rate=0.1, steps=-1),
        lambda: Training(rate=0.1, steps=1, beside=math.inf),
        lambda: multiplier_of(BUDGET, Training(rate=0.1, steps=0)),
        lambda: epsilon_of_training(SHORT, 0.0, 1e-5),
        lambda: epsilon_of_training(SHORT, 1.0, 1.0),
        lambda: multiplier_of(BUDGET, Training(rate=0.1, steps=5, beside=2.0)),
    ],
)
def test_impossible_training_is_refused(call):
    with pytest.raises(InputError):
        call()
