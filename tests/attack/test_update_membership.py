"""Was she among those whose updates were added up?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr
from tests.attack.federations import attacked, people, recipe_of

from mindveil.attack.base import is_on_updates
from mindveil.attack.update_membership import UpdateMembership
from mindveil.attack.update_views import COLLUDING, CURIOUS, MASKED
from mindveil.dp.accounting import Budget
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.evidence.membership_figures import measure_scored
from mindveil.evidence.trials import Scored
from mindveil.train.client_steps import Local
from mindveil.train.federation_terms import Privacy
from mindveil.train.server_rules import Rule


def guessed(recipe, taught=40, columns=8, *, seed=0, world=None, **settings):
    """All guesses about people of whom the first half taught, by the name of the view."""
    world = world or people(3 * taught, columns, seed)
    release, knowledge = attacked(
        world,
        recipe,
        range(taught),
        known=range(2 * taught),
        reference=range(2 * taught, 3 * taught),
        seed=seed,
    )
    found = UpdateMembership(**settings).run(release, knowledge, np.random.default_rng(seed))
    assert all(guess.people == world.ids[: 2 * taught] for guess in found)
    return {guess.setting: guess.scores for guess in found}


def auc(scores):
    half = len(scores) // 2
    return float((np.sign(scores[:half, None] - scores[half:]) / 2 + 0.5).mean())


def measured(scores, seed=0):
    scored = Scored(
        people=tuple(f"p{i}" for i in range(len(scores))),
        scores=scores,
        member=np.arange(len(scores)) < len(scores) // 2,
    )
    found = measure_scored([scored], frozenset(), np.random.default_rng(seed))
    return next(m.estimate for m in found if m.metric == "auc")


def test_it_is_an_attack_on_updates():
    assert is_on_updates(UpdateMembership())


@pytest.mark.parametrize("hidden", [0, 4])
def test_whoever_sends_her_own_update_is_known_at_once(hidden):
    found = guessed(recipe_of(0, hidden=hidden))
    assert list(found) == [CURIOUS]
    assert auc(found[CURIOUS]) == 1.0


def of_all(clients, seed):
    """Scores from the sum over all clients, each of one person; ten candidates at least."""
    world = people(160, 4, seed)
    release, knowledge = attacked(
        world, recipe_of(0, rounds=1), range(clients), known=range(100), seed=seed
    )
    attack = UpdateMembership(aggregates=(clients,))
    scores = attack.run(release, knowledge, np.random.default_rng(seed))[1].scores
    return np.concatenate([scores[:clients], scores[100 - clients :]])


def test_the_more_people_are_in_a_sum_the_less_it_tells_of_each():
    # 4 columns, one round: there is little room for many people.
    sizes = (1, 4, 10, 20, 50)
    told = [np.mean([auc(of_all(k, seed)) for seed in range(10)]) for k in sizes]
    assert spearmanr(sizes, told).statistic <= -0.9
    assert told[0] == 1.0
    assert told[-1] < 0.7


def test_sums_of_fewer_clients_tell_more():
    sizes = (1, 2, 5, 10, 25, 50)
    found = guessed(recipe_of(0, rounds=2), 50, 12, aggregates=sizes)
    told = [auc(found[f"sum of {k} clients"]) for k in sizes]
    assert told[0] == 1.0
    assert told[1] > 0.9
    assert spearmanr(sizes, told).statistic <= -0.8
    assert told[-1] < 0.95


def test_where_there_is_room_for_all_even_the_sum_of_all_tells_everything():
    found = guessed(recipe_of(0, secure=True), 40, 60)
    assert auc(found[CURIOUS]) > 0.97


def test_under_masks_nothing_but_the_sum_counts():
    recipe = recipe_of(4, rounds=2)
    masked = guessed(replace(recipe, secure=True), aggregates=(4,))
    openly = guessed(recipe, aggregates=(4,))
    sums = [found["sum of 4 clients"] for found in (masked, openly)]
    assert spearmanr(*sums).statistic > 0.95
    assert auc(openly[CURIOUS]) > auc(masked[CURIOUS]) > 0.6
    assert 0.3 < auc(masked[MASKED]) < 0.7
    assert auc(masked[COLLUDING]) == pytest.approx(auc(openly[CURIOUS]), abs=0.05)


def test_sums_below_the_threshold_of_masks_are_not_guessed_at():
    found = guessed(recipe_of(6, secure=True), aggregates=(1, 3, 4, 6, 9))
    assert [name for name in found if name.startswith("sum")] == [
        "sum of 4 clients",
        "sum of 6 clients",
    ]


def test_single_people_under_masks_are_not_singled_out_one_by_one():
    assert list(guessed(recipe_of(0, secure=True), 24)) == [CURIOUS]


@pytest.mark.parametrize("secure", [True, False])
def test_the_sums_of_a_regression_tell_as_well(secure):
    found = guessed(recipe_of(4, regression=True, secure=secure), 40, 12)
    assert auc(found[CURIOUS]) > 0.95


def test_several_steps_of_clients_of_many_tell_as_well():
    found = guessed(recipe_of(2, local=Local(steps=4, learning_rate=2.0)), 40, 20)
    assert auc(found[CURIOUS]) > 0.8


@pytest.mark.parametrize("more", [{"dropout": 0.2}, {"rule": Rule(rounds=6, participation=0.8)}])
def test_rounds_of_other_clients_each_time_add_up(more):
    found = guessed(recipe_of(6, secure=True, threshold=4, **more), 40, 20)
    assert auc(found[CURIOUS]) > 0.6


def test_a_promise_to_people_brings_it_down():
    world = people(360, 20, 3)
    told = [
        auc(guessed(recipe_of(0, epsilon=e, people=120, rounds=8), 120, seed=2, world=world)[""])
        for e in (200.0, 30.0, 8.0, 3.0, 1.0)
    ]
    assert told[0] > 0.8 > told[2]
    assert spearmanr(range(5), told).statistic <= -0.8


def test_at_epsilon_1_chance_lies_within_the_interval():
    inside = 0
    for seed in range(10):
        found = guessed(recipe_of(0, epsilon=1.0, people=60, rounds=4), 60, seed=seed)
        estimate = measured(found[CURIOUS], seed)
        inside += estimate.low <= 0.5 <= estimate.high
    assert inside >= 8


def test_a_promise_to_clients_brings_it_down():
    budget = Budget(epsilon=3.0, delta=1e-5, accountant="gaussian")
    told = Privacy(budget=budget, unit="client", people=40)
    found = guessed(recipe_of(4, privacy=told, secure=True), 40)
    assert 0.3 < auc(found[CURIOUS]) < 0.7


@pytest.mark.parametrize("recipe", [recipe_of(0), recipe_of(3, regression=True, secure=True)])
def test_nobody_is_told_from_her_like_where_neither_taught(recipe):
    """Everybody in question is a stranger to the federation."""
    outside = 0
    for seed in range(40):
        world = people(70, 8, seed)
        release, knowledge = attacked(world, recipe, range(50, 70), known=range(50), seed=seed)
        scores = UpdateMembership().run(release, knowledge, np.random.default_rng(seed))[0].scores
        order = np.random.default_rng([seed, 9]).permutation(50)
        estimate = measured(scores[order], seed)
        outside += not estimate.low <= 0.5 <= estimate.high
    assert outside <= 5


def test_the_same_chance_gives_the_same_scores():
    one, two = (guessed(recipe_of(4), 20, seed=5, aggregates=(2,)) for _ in range(2))
    assert list(one) == list(two)
    for name, scores in one.items():
        np.testing.assert_array_equal(scores, two[name])


def test_too_few_people_are_no_measurement():
    world = people(40, 4, 0)
    release, knowledge = attacked(world, recipe_of(2), range(10), known=range(5))
    with pytest.raises(InvalidMeasurement, match="5 known people"):
        UpdateMembership().run(release, knowledge, np.random.default_rng(0))


def test_sums_of_nobody_are_refused():
    with pytest.raises(InputError, match="aggregates"):
        UpdateMembership(aggregates=(0,))
