"""A budget is split, spent and stated; what could give people away is refused."""

from __future__ import annotations

import math
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.dp.accounting import (
    DRAWS,
    RESERVE,
    Budget,
    check_delta,
    most_draws,
    sigma_of,
    statement,
)
from mindveil.dp.conversion import delta_of_mu, epsilon_of, mu_of, rho_of
from mindveil.dp.noise import DISTANCE
from mindveil.errors import InputError, RefusedError

PRIVATE = Budget(epsilon=3.0, delta=1e-5, accountant="gaussian")


def test_a_budget_by_hand():
    """A quarter of rho on a sum of sensitivity 2: sigma = 2 / sqrt(2 rho / 4)."""
    budget = Budget(epsilon=3.0, delta=1e-5)
    assert budget.rho == rho_of(3.0, 1e-5)
    assert budget.share(0.25).sigma(2.0) == pytest.approx(2.0 / math.sqrt(budget.rho / 2))
    assert budget.share(0.5).share(0.5) == budget.share(0.25)
    assert sigma_of(0.125, 3.0) == 6.0


def test_gaussian_accounting_needs_less_noise():
    plain = Budget(epsilon=3.0, delta=1e-5)
    saved = sigma_of(plain.rho, 1.0) / sigma_of(PRIVATE.rho, 1.0)
    assert saved == pytest.approx(1.074, abs=0.002)
    assert PRIVATE.advantage == pytest.approx(0.2807, abs=0.001)
    assert plain.advantage > 0.32


@given(st.floats(0.05, 10.0), st.floats(1e-9, 1e-3))
def test_what_is_set_aside_covers_the_whole_number_noise(epsilon, delta):
    """delta of the Gaussians + (1 + exp(epsilon)) x distance x draws stays within delta."""
    budget = Budget(epsilon=epsilon, delta=delta, accountant="gaussian")
    of_mu = delta_of_mu(math.sqrt(2 * budget.rho), epsilon)
    draws = most_draws(epsilon, delta)
    assert of_mu + (1 + math.exp(epsilon)) * DISTANCE * draws <= delta * (1 + 1e-9)
    if draws >= DRAWS:
        assert math.sqrt(2 * budget.rho) >= 0.999 * mu_of(epsilon, delta)
    else:
        # What is set aside would not do for all draws: the conversion that needs none is used.
        assert budget.rho == rho_of(epsilon, delta)
    assert RESERVE < 0.01


@given(st.lists(st.floats(0.01, 1.0), min_size=1, max_size=8))
def test_shares_that_add_up_to_one_spend_the_budget(parts):
    budget = Budget(epsilon=2.0, delta=1e-6)
    spent = sum(budget.share(part / sum(parts)).rho for part in parts)
    assert epsilon_of(spent, 1e-6) == pytest.approx(2.0, rel=1e-6)


def test_a_statement_says_what_was_done():
    made = statement(PRIVATE, ["one-way tables", "correlations"], True, people=2455)
    assert (made.epsilon, made.delta, made.unit, made.neighbour) == (
        3.0,
        1e-5,
        "person",
        "add-remove",
    )
    assert made.label == "proved"
    assert made.mechanisms == ("one-way tables", "correlations")
    assert "Dong" in made.accountant
    seeded = statement(Budget(epsilon=3.0, delta=1e-5), [], False)
    assert seeded.label == "accounted"
    assert "Canonne" in seeded.accountant


def test_a_delta_that_could_give_people_away_is_refused():
    # 1 / (10 x 107) = 9.3e-4
    check_delta(9e-4, 107)
    with pytest.raises(RefusedError, match="107 people") as refused:
        check_delta(1e-3, 107)
    assert refused.value.exit_code == 4
    small = Budget(epsilon=1.0, delta=1e-2)
    with pytest.raises(RefusedError, match="small cohort"):
        statement(small, [], True, people=20)
    assert statement(small, [], True, people=20, small_cohort=True).delta == 1e-2
    with pytest.raises(InputError, match="at least one"):
        check_delta(1e-3, 0)


@pytest.mark.parametrize(
    "call",
    [
        lambda: Budget(epsilon=0.0, delta=1e-5),
        lambda: Budget(epsilon=math.inf, delta=1e-5),
        lambda: Budget(epsilon=1.0, delta=0.0),
        lambda: PRIVATE.share(0.0),
        lambda: PRIVATE.share(1.1),
        lambda: PRIVATE.share(0.5).share(math.nan),
        lambda: sigma_of(0.0, 1.0),
        lambda: sigma_of(1.0, math.inf),
    ],
)
def test_impossible_budgets_are_refused(call):
    with pytest.raises(InputError):
        call()


def test_the_slow_accountant_is_not_imported_for_the_rest():
    code = (
        "import mindveil.dp.accounting, mindveil.dp.poisson, mindveil.dp.ledger, sys;"
        "print('dp_accounting' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"
