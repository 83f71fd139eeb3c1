"""What the parties of a federation agreed to."""

from __future__ import annotations

import math

import pytest
from tests.train.federations import federated, promise

from mindveil.dp.accounting import DRAWS
from mindveil.errors import InputError
from mindveil.train.server_rules import Rule


def terms(clients=5, columns=4, **settings):
    return federated(clients, **settings).terms(columns, clients)


def test_two_thirds_are_asked_for_by_default_and_never_half_or_less():
    assert [terms(clients=n).threshold for n in (2, 3, 5, 10)] == [2, 2, 4, 7]
    with pytest.raises(InputError, match="threshold of 3 to 5, not 2"):
        terms(threshold=2)
    with pytest.raises(InputError, match="not 6"):
        terms(threshold=6)


def test_masks_and_robust_rules_exclude_each_other():
    with pytest.raises(InputError, match="masks hide"):
        terms(rule=Rule(combine="median"))
    assert terms(rule=Rule(combine="median"), secure=False).threshold


def test_noise_is_divided_among_the_honest_who_must_answer():
    alone = terms(privacy=promise(), secure=False)
    together = terms(privacy=promise())
    betrayed = terms(privacy=promise(colluding=3))
    assert (alone.honest, together.honest, betrayed.honest) == (1, 4, 1)
    for kind in ("update", "line"):
        whole, part = alone.part_of_noise(kind), together.part_of_noise(kind)
        assert part * 2.0 == pytest.approx(whole)
        assert betrayed.part_of_noise(kind) == whole
        in_all = together.noise_in_all(kind) * together.grain(kind)
        assert in_all == pytest.approx(part * math.sqrt(5.0))
    with pytest.raises(InputError, match="give 0 to 3"):
        terms(privacy=promise(colluding=4))


def test_what_all_answers_spend_is_the_budget():
    """Costs in rho add up: steps, and the line."""
    made = terms(privacy=promise())
    spent = 8 * made.share("update").rho + made.share("line").rho
    assert spent == pytest.approx(promise().budget.rho)
    sums = terms(privacy=promise(), regression=True)
    assert sums.share("moments").rho == pytest.approx(promise().budget.rho)
    assert [made.paid(k) for k in ("update", "line", "moments")] == [8, 1, 0]
    assert [sums.paid(k) for k in ("update", "line", "moments")] == [0, 0, 1]


def test_rounding_a_mean_of_a_client_is_paid_for_and_a_persons_part_is_whole():
    """Each entry may be off by one grain, so that a client moves the sum by so much more."""
    for unit, more in (("client", math.sqrt(6.0)), ("person", 0.0)):
        made = terms(privacy=promise(unit=unit), secure=False)
        assert made.entries("update") == 6
        due = (made.grain("update") + more) / math.sqrt(2.0 * made.share("update").rho)
        assert made.part_of_noise("update") == pytest.approx(due, rel=1e-9)


@pytest.mark.parametrize(("clients", "threshold", "colluding"), [(5, 3, 1), (10, 6, 2), (9, 6, 3)])
def test_two_groups_that_collude_with_the_same_clients_are_never_enough(
    clients, threshold, colluding
):
    """So many honest answer each of two requests, together with those who answer both."""
    assert 2 * (threshold - colluding) <= clients - colluding
    settings = {"privacy": promise(colluding=colluding)}
    with pytest.raises(InputError, match=f"ask for {threshold + 1} or more"):
        terms(clients, threshold=threshold, **settings)
    assert terms(clients, threshold=threshold + 1, **settings).honest > 1


@pytest.mark.parametrize("settings", [{"clip": math.inf}, {"clip": 0.0}, {"people": 0}])
def test_a_promise_needs_a_limit_and_people(settings):
    with pytest.raises(InputError, match="promise nothing"):
        promise(**settings)


def test_a_promise_bounds_one_step_with_everybody():
    made = terms(privacy=promise(clip=0.25))
    assert (made.stepping.steps, made.stepping.clip) == (1, 0.25)
    whole_clients = terms(privacy=promise(unit="client"))
    assert (whole_clients.stepping.steps, whole_clients.stepping.clip) == (3, math.inf)


def test_more_numbers_than_a_promise_covers_are_refused():
    with pytest.raises(InputError, match=f"{DRAWS:,} that one promise covers"):
        terms(columns=4000, hidden=32, privacy=promise(), rounds=40)


def test_sums_of_a_regression_can_only_be_added():
    with pytest.raises(InputError, match="can only be added"):
        terms(regression=True, secure=False, rule=Rule(combine="median"))
