"""What people whom an adversary holds would have sent."""

from __future__ import annotations

import numpy as np
import pytest
from tests.attack.federations import attacked, people, recipe_of

from mindveil.attack.own_updates import (
    alone,
    each_alone,
    held_by,
    is_sum,
    moves_alone,
    moves_among_others,
)
from mindveil.errors import InvalidMeasurement
from mindveil.train.client_steps import Local
from mindveil.train.site_answers import Request


def asked(release, weights):
    everybody = tuple(range(release.terms.clients))
    kind = "moments" if release.terms.regression else "update"
    request = Request(kind=kind, round_number=0, sent=weights, chosen=everybody)
    return release.begin()(request)


def scene(recipe, count=24, seed=1):
    world = people(count, 5, seed)
    release, _ = attacked(world, recipe, range(count))
    lessons = world.lessons(world.corpus(range(count)))
    weights = np.float32(0.3) * np.random.default_rng(2).standard_normal(release.start.shape)
    return release, each_alone(lessons, recipe.reach), weights.astype(np.float32).astype(float)


@pytest.mark.parametrize("local", [Local(), Local(steps=4, learning_rate=1.0, proximal=0.1)])
@pytest.mark.parametrize("hidden", [0, 3])
def test_a_client_of_one_person_sends_what_is_computed_to_the_bit(local, hidden):
    release, data, weights = scene(recipe_of(0, local=local, hidden=hidden))
    sent = asked(release, weights).messages
    own = moves_alone(release.terms, data, weights)
    assert sorted(map(tuple, sent[:, :-1])) == sorted(map(tuple, own))


@pytest.mark.parametrize("hidden", [0, 3])
def test_one_step_of_a_client_of_many_is_the_sum_over_its_people(hidden):
    release, data, weights = scene(recipe_of(1, hidden=hidden))
    assert is_sum(release.terms)
    sent = asked(release, weights).messages[0, :-1]
    own = moves_among_others(release.terms, data, weights, np.zeros_like(weights))
    np.testing.assert_allclose(own.sum(axis=0), sent, rtol=1e-4, atol=1e-5)


def test_many_steps_nearly_add_up():
    recipe = recipe_of(1, local=Local(steps=5, learning_rate=2.0))
    release, data, weights = scene(recipe)
    assert not is_sum(release.terms)
    seen = asked(release, weights).messages[0]
    own = moves_among_others(release.terms, data, weights, seen[:-1] / seen[-1])
    wrong = np.linalg.norm(own.sum(axis=0) - seen[:-1]) / np.linalg.norm(seen[:-1])
    straight = moves_among_others(release.terms, data, weights, np.zeros_like(weights))
    at_start = np.linalg.norm(straight.sum(axis=0) - seen[:-1]) / np.linalg.norm(seen[:-1])
    assert wrong < 0.01 < at_start


def test_sums_of_a_regression_add_up():
    release, data, _ = scene(recipe_of(2, regression=True))
    request = Request(kind="moments", round_number=0, sent=np.zeros(0), chosen=())
    own = alone(release.terms, data, request)
    total = asked(release, np.zeros(0)).total
    np.testing.assert_allclose(own.sum(axis=0), total, rtol=1e-9)


def test_clipped_people_add_up_as_well():
    release, data, weights = scene(recipe_of(1, epsilon=8.0, people=24))
    clip = release.terms.longest("update")
    own = moves_among_others(release.terms, data, weights, np.zeros_like(weights))
    assert (np.linalg.norm(own, axis=1) <= clip * (1 + 1e-6)).all()
    np.testing.assert_array_equal(own, moves_alone(release.terms, data, weights))


def test_candidates_come_first_and_nobody_twice():
    world = people(40, 5, 1)
    release, knowledge = attacked(
        world, recipe_of(2), range(10), known=range(20), reference=range(15, 40)
    )
    held = held_by(release, knowledge)
    assert held.candidates == world.ids[:20]
    assert held.lessons.ids == world.ids
    first = held.first(20)
    assert first.lessons.ids == world.ids[:20]
    np.testing.assert_array_equal(first.data.people.given, held.data.people.given[:20])
    np.testing.assert_array_equal(first.data.severity, held.data.severity[:20])


def test_too_few_candidates_tell_nothing():
    world = people(40, 5, 1)
    release, knowledge = attacked(world, recipe_of(2), range(10), known=range(9))
    with pytest.raises(InvalidMeasurement, match="9 known people"):
        held_by(release, knowledge)
