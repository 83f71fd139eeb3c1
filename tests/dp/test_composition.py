"""Several releases promise together at most their sum, and where rho is known less."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.dp.accounting import Budget
from mindveil.dp.composition import Cost, Spent, together
from mindveil.dp.conversion import epsilon_of
from mindveil.errors import InputError

COSTS = st.builds(
    lambda e, d, kind: (
        Cost(epsilon=e, delta=d)
        if kind == "none"
        else Cost.of(Budget(epsilon=e, delta=d, accountant=kind))
    ),
    st.floats(0.05, 5.0),
    st.floats(1e-8, 1e-4),
    st.sampled_from(["none", "zcdp", "gaussian"]),
)


def test_by_hand():
    assert together([]) == Spent(releases=0, epsilon=0.0, delta=0.0)
    one = Cost(epsilon=1.0, delta=1e-6, rho=0.02)
    # Two of rho .02 are one of .04, at delta 2e-6; training beside it is added as it is.
    training = Cost(epsilon=0.5, delta=1e-6)
    both = together([one, one, training])
    assert both.epsilon == pytest.approx(epsilon_of(0.04, 2e-6) + 0.5)
    assert both.delta == pytest.approx(3e-6)
    assert both.releases == 3


def test_one_release_is_what_it_promised():
    for kind in ("zcdp", "gaussian"):
        cost = Cost.of(Budget(epsilon=3.0, delta=1e-5, accountant=kind))
        assert together([cost]).epsilon == pytest.approx(3.0, rel=1e-6)


@given(st.lists(COSTS, min_size=1, max_size=6), COSTS)
def test_another_release_is_added_to_what_is_spent(costs, more):
    before, after = together(costs), together([*costs, more])
    assert before.epsilon <= math.fsum(c.epsilon for c in costs) + 1e-9
    assert after.delta > before.delta
    # What has no rho is added as it is; what has one may be hidden by a larger total delta.
    if more.rho is None:
        assert after.epsilon == pytest.approx(before.epsilon + more.epsilon)
    assert after.releases == before.releases + 1


def test_deltas_that_promise_nothing_any_more():
    assert together([Cost(epsilon=1.0, delta=0.6)] * 2).epsilon == math.inf


@pytest.mark.parametrize("rho", [0.0, -1.0, math.nan])
def test_impossible_costs_are_refused(rho):
    with pytest.raises(InputError, match="rho"):
        Cost(epsilon=1.0, delta=1e-5, rho=rho)
