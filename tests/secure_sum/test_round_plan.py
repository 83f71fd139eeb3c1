from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mindveil.errors import InputError, RefusedError
from mindveil.secure_sum import RoundPlan, usual_threshold
from mindveil.secure_sum.round_plan import usual_degree

PLAN = RoundPlan(study="s", round_number=1, clients=100, threshold=67, entries=4)


@pytest.mark.parametrize(
    "change",
    [{"study": "t"}, {"round_number": 2}, {"threshold": 68}, {"entries": 5}, {"clients": 99}],
)
def test_any_change_of_the_plan_changes_its_context(change):
    assert replace(PLAN, **change).context() != PLAN.context()


def test_the_context_of_a_plan_never_changes():
    # Pinned: two versions that derive other contexts could not sum together.
    assert PLAN.context().hex() == (
        "59b80bf2caae5609a01548b0f986ce8c9cb7878232d8d1bf234a835b1392eaa1"
    )


@pytest.mark.parametrize("threshold", [1, 49, 50])
def test_half_of_the_clients_is_no_threshold(threshold):
    with pytest.raises(RefusedError, match="more than half"):
        replace(PLAN, threshold=threshold)
    assert replace(PLAN, threshold=51).threshold == 51


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"clients": 1, "threshold": 1}, "hides nothing"),
        ({"threshold": 101}, "cannot be met"),
        ({"entries": 0}, "entries"),
        ({"round_number": -1}, "rounds from 0"),
        ({"degree": 3}, "neighbours"),
        ({"degree": 100}, "neighbours"),
    ],
)
def test_plans_that_cannot_be_are_refused(change, words):
    with pytest.raises(InputError, match=words):
        replace(PLAN, **change)


@pytest.mark.parametrize("clients", [2, 3, 32])
def test_few_clients_are_all_neighbours(clients):
    plan = replace(PLAN, clients=clients, threshold=clients)
    assert plan.holders() == (tuple(range(clients)),) * clients
    assert plan.majority() == clients


@pytest.mark.parametrize("clients", [40, 64, 100, 333])
def test_many_clients_have_a_regular_ring_of_neighbours(clients):
    plan = replace(PLAN, clients=clients, threshold=usual_threshold(clients))
    holders = plan.holders()
    degree = usual_degree(clients)
    assert degree < clients - 1
    assert {len(set(near)) for near in holders} == {degree + 1}
    assert all(me in near and list(near) == sorted(near) for me, near in enumerate(holders))
    assert all(me in holders[other] for me, near in enumerate(holders) for other in near)
    assert 2 * plan.majority() > degree + 1
    assert replace(plan, round_number=2).holders() != holders


def test_neighbourhoods_keep_their_majority_when_a_third_drops_out():
    plan = replace(PLAN, clients=120, threshold=80)
    table = np.array(plan.holders())
    rng = np.random.default_rng(3)
    failed = 0
    for _ in range(2000):
        here = np.ones(120, np.bool_)
        here[rng.choice(120, 40, replace=False)] = False
        failed += bool((here[table].sum(axis=1) < plan.majority()).any())
    assert failed <= 8  # at most 1 in 1,000 is promised; 8 or more of 2,000 has odds of .001


def test_the_degree_grows_slowly():
    degrees = [usual_degree(n) for n in (100, 1000, 10_000)]
    assert degrees == sorted(degrees)
    assert degrees[2] < 2 * degrees[1]
