"""The course of a federation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.train.federations import federated, promise, rng, sites_of
from tests.train.taught_people import Silent, auc, cohort

from mindveil.errors import InvalidMeasurement
from mindveil.train.client_steps import Local, begun
from mindveil.train.draws import SeededDraws
from mindveil.train.federation_course import course, followed, mean_move
from mindveil.train.heads import Examples, Shape, Steps, train_heads
from mindveil.train.server_rules import Rule
from mindveil.train.simulated_sites import Failing, Seen
from mindveil.train.unit_rows import unit_rows

PEOPLE = cohort(1, people=90)


def learnt(recipe, people=PEOPLE, seed=5):
    sites = sites_of(recipe, people, seed)
    return followed(course(sites.terms, begun(sites.terms.shape, rng()), rng()), sites.ask)


def test_one_client_in_one_step_is_plain_descent():
    """Federated averaging of everybody in one place is what ``train_heads`` does."""
    one_step = federated(
        1, secure=False, rule=Rule(rounds=6), local=Local(steps=1, learning_rate=2.0)
    )
    rows = unit_rows(PEOPLE.rows, one_step.reach)
    answers = (1.0 + PEOPLE.scale.severity(PEOPLE.totals)) / 2.0
    steps = Steps(steps=6, people=90.0, learning_rate=2.0)
    central = train_heads(
        Examples(rows=rows, labels=answers), Shape(columns=5), steps, SeededDraws.of(1, rng()), 1
    )
    assert np.allclose(learnt(one_step).weights, central.tensors[0].ravel(), atol=1e-5)


def test_one_step_a_round_does_not_care_who_is_where():
    """The mean of clients' means, weighted by their people, is the mean of all."""
    local = Local(steps=1, learning_rate=2.0)
    alone, five = (learnt(federated(n, split="unequal", secure=False, local=local)) for n in (1, 5))
    assert np.allclose(alone.weights, five.weights, atol=1e-5)
    assert np.allclose(alone.sums, five.sums, atol=1e-3)


def test_masked_and_open_courses_end_alike():
    openly, masked = learnt(federated(secure=False)), learnt(federated())
    assert np.abs(openly.weights - masked.weights).max() <= 1e-6


def test_the_sums_of_a_regression_are_everybodys():
    one, five = (learnt(federated(n, regression=True)) for n in (3, 5))
    assert one.weights is None
    assert np.allclose(one.sums, five.sums)


def test_a_round_that_too_few_finish_teaches_nothing():
    recipe = federated(6, rounds=12)
    sites = sites_of(recipe, PEOPLE)
    sites.failing = Failing(rate=0.35, rng=rng(8))
    way = course(sites.terms, begun(sites.terms.shape, rng()), rng())
    asked, totals, request = [], [], next(way)
    while request.kind == "update":
        seen = sites.ask(request)
        asked.append(request.sent)
        totals.append(seen.total)
        request = way.send(seen)
    refused = [i for i, total in enumerate(totals) if total is None]
    assert 0 < len(refused) < 12
    for place in refused[:-1]:
        assert asked[place].tolist() == asked[place + 1].tolist()


def test_a_federation_that_never_meets_is_no_measurement():
    sites = sites_of(federated(6), PEOPLE)
    way = course(sites.terms, begun(sites.terms.shape, rng()), rng())
    with pytest.raises(InvalidMeasurement, match="in none of 8 rounds"):
        followed(way, lambda request: Seen(request=request, answered=(), total=None))


def test_the_last_request_is_repeated_where_nothing_was_promised():
    sites = sites_of(federated(), PEOPLE)
    way = course(sites.terms, begun(sites.terms.shape, rng()), rng())
    misses = iter([True, True, False])

    def ask(request):
        if request.kind == "line" and next(misses):
            return Seen(request=request, answered=(), total=None)
        return sites.ask(request)

    assert followed(way, ask).weights is not None


def test_a_promise_divides_by_public_numbers_alone():
    sites = sites_of(federated(privacy=promise(people=500)), PEOPLE)
    request = next(course(sites.terms, begun(sites.terms.shape, rng()), rng()))
    seen = sites.ask(request)
    assert mean_move(sites.terms, seen).tolist() == (seen.total[:-1] / 500.0).tolist()


def test_taking_part_by_lot_asks_about_as_many():
    recipe = federated(10, rule=Rule(rounds=200, participation=0.4), secure=False)
    sites = sites_of(recipe, PEOPLE)
    way = course(sites.terms, begun(sites.terms.shape, rng()), rng())
    asked, request = [], next(way)
    while request.kind == "update":
        asked.append(len(request.chosen))
        request = way.send(sites.ask(request))
    assert np.mean(asked) == pytest.approx(4.0, abs=0.4)
    assert min(asked) >= 1


@pytest.mark.parametrize("method", ["fedavg", "fedprox", "fedadam"])
def test_all_rules_learn_what_is_there_where_clients_differ(method):
    people, others = cohort(2, people=300), cohort(3, people=400)
    rate = 0.1 if method == "fedadam" else 1.0
    local = Local(steps=5, learning_rate=2.0, proximal=0.1 if method == "fedprox" else 0.0)
    recipe = federated(
        5, "by-score", secure=False, rule=Rule(method=method, rounds=30, rate=rate), local=local
    )
    pooled = replace(recipe, division=replace(recipe.division, clients=1))
    found = [
        auc(r.fit(people, Silent(), rng()).head.log_odds(others.rows), others.labels)
        for r in (recipe, pooled)
    ]
    assert found[0] > found[1] - 0.01
    assert found[1] > 0.75


@pytest.mark.parametrize("combine", ["median", "trimmed-mean"])
def test_a_robust_rule_survives_a_client_that_sends_anything(combine):
    people, others = cohort(2, people=300), cohort(3, people=400)
    recipe = federated(5, secure=False, rule=Rule(rounds=20, combine=combine))
    kept, lost = (
        auc(poisoned(r, people).log_odds(others.rows), others.labels)
        for r in (recipe, replace(recipe, rule=Rule(rounds=20)))
    )
    clean = auc(recipe.fit(people, Silent(), rng()).head.log_odds(others.rows), others.labels)
    assert kept > clean - 0.03
    assert lost < clean - 0.2


def poisoned(recipe, people):
    """Return the head where the first client sends ten times the opposite of what it should."""
    sites = sites_of(recipe, people)

    def ask(request):
        seen = sites.ask(request)
        messages = seen.messages.copy()
        messages[0, :-1] *= -10.0
        return replace(seen, messages=messages, total=messages.sum(axis=0))

    way = course(sites.terms, begun(sites.terms.shape, rng()), rng())
    return recipe.taught(sites.terms, followed(way, ask), people.scale, proved=False).head
