"""What servers of each kind see: single clients, sums, and single clients all the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.federations import attacked, people, recipe_of, rows_of

from mindveil.attack.update_views import (
    COLLUDING,
    CRAFTED,
    CURIOUS,
    DIFFERENCED,
    MASKED,
    noise_of_one,
    views_of,
)
from mindveil.errors import InvalidMeasurement
from mindveil.train.client_steps import Local
from mindveil.train.server_rules import Rule

CLINIC = people(12, 3, 1)
ONE_STEP = Local(steps=1, learning_rate=2.0)


def seen(recipe, weights=None, victims=4, taught=range(12)):
    release, _ = attacked(CLINIC, recipe, taught)
    found = views_of(release, weights, victims, np.random.default_rng(3))
    return release, {view.setting: view for view in found}


def moves(recipe, people_of_codes):
    """What each person moves in one plain step from zeros: rate x (label - one half) x row."""
    lessons = CLINIC.lessons(CLINIC.corpus(people_of_codes))
    wanted = (1.0 + lessons.scale.severity(lessons.totals)) / 2.0 - 0.5
    rows = np.column_stack([rows_of(CLINIC, people_of_codes, recipe), np.ones(len(wanted))])
    return 2.0 * wanted[:, None] * rows


def places(release, clients):
    return [int(release.codes[client][1:]) for client in clients]


def test_a_server_without_masks_sees_what_every_client_moved():
    recipe = recipe_of(local=ONE_STEP, rounds=2)
    release, views = seen(recipe)
    assert list(views) == [CURIOUS]
    view = views[CURIOUS]
    assert view.signals.shape == (2, 12, 4)
    assert view.clients == tuple(range(12))
    expected = moves(recipe, places(release, view.clients))
    assert np.allclose(view.signals[0], expected, atol=1e-6)
    assert np.all(view.counts == 1.0)
    assert view.there.all()
    assert view.noise == 0.0
    assert not view.sent[0].any()
    assert view.sent[1].any()


def test_under_masks_the_curious_server_sees_the_sum_alone():
    recipe = recipe_of(local=ONE_STEP, rounds=2, secure=True)
    _, views = seen(recipe)
    view = views[CURIOUS]
    assert view.clients == ()
    assert view.signals.shape == (2, 1, 4)
    assert np.allclose(view.signals[0, 0], moves(recipe, range(12)).sum(axis=0), atol=1e-5)
    assert view.counts[0, 0] == pytest.approx(12.0)


@pytest.mark.parametrize("setting", [COLLUDING, DIFFERENCED])
def test_masks_alone_do_not_keep_a_victim_from_friends_or_from_two_sums(setting):
    recipe = recipe_of(local=ONE_STEP, rounds=2, secure=True)
    release, views = seen(recipe)
    view = views[setting]
    assert len(view.clients) == 4
    assert not view.masked
    expected = moves(recipe, places(release, view.clients))
    assert np.allclose(view.signals[0], expected, atol=1e-5)
    assert np.allclose(view.counts, 1.0, atol=1e-5)


def test_a_single_masked_message_is_far_from_what_it_hides():
    recipe = recipe_of(local=ONE_STEP, rounds=2, secure=True)
    release, views = seen(recipe)
    view = views[MASKED]
    assert view.masked
    expected = moves(recipe, places(release, view.clients))
    assert np.abs(view.signals[0] - expected).min() > 1.0


def test_the_same_crafted_weights_are_asked_as_often_as_a_promise_pays_for():
    weights = np.full(4, 0.5)
    _, plain = seen(recipe_of(), weights)
    assert plain[CRAFTED].signals.shape == (1, 12, 4)
    _, paid = seen(recipe_of(epsilon=3.0, rounds=3), weights)
    assert paid[CRAFTED].signals.shape == (3, 12, 4)
    assert np.all(paid[CRAFTED].sent == 0.5)
    _, hidden = seen(recipe_of(secure=True, rounds=3), np.stack([weights, -weights]))
    assert hidden[CRAFTED].signals.shape == (2, 1, 4)
    assert hidden[CRAFTED].clients == ()


def test_the_noise_of_a_view_is_that_of_what_is_in_it():
    recipe = recipe_of(epsilon=3.0, rounds=3, secure=True)
    release, views = seen(recipe)
    one = noise_of_one(release.terms, "update")
    assert views[CURIOUS].noise == pytest.approx(one * 12**0.5)
    assert views[COLLUDING].noise == pytest.approx(one)
    assert views[DIFFERENCED].noise == pytest.approx(one * 23**0.5)
    quiet = recipe_of(epsilon=3.0, rounds=3)
    release, views = seen(quiet)
    residue = views[CURIOUS].signals[0] - moves(quiet, places(release, views[CURIOUS].clients))
    assert np.std(residue) == pytest.approx(views[CURIOUS].noise, rel=0.35)


def test_who_drops_out_is_not_there():
    recipe = recipe_of(secure=True, rounds=5, dropout=0.2, local=ONE_STEP)
    release, views = seen(recipe, victims=12)
    view = views[COLLUDING]
    assert 0.5 < view.there.mean() < 1.0
    assert not view.signals[~view.there].any()
    first = view.there[0]
    expected = moves(recipe, places(release, np.array(view.clients)[first]))
    assert np.allclose(view.signals[0, first], expected, atol=1e-5)


def test_a_threshold_of_all_clients_leaves_nothing_to_difference():
    _, views = seen(recipe_of(secure=True, rounds=2, threshold=12))
    assert set(views) == {CURIOUS, MASKED, COLLUDING}


def test_the_sums_of_a_regression_are_seen_once():
    _, views = seen(recipe_of(secure=True, regression=True))
    view = views[CURIOUS]
    assert view.kind == "moments"
    assert view.sent.shape == (1, 0)
    assert view.signals.shape[2] == 3 + 6 + 6


def test_a_federation_that_never_has_enough_clients_shows_nothing():
    with pytest.raises(InvalidMeasurement, match="too few of 12 clients"):
        seen(replace(recipe_of(secure=True, dropout=0.9), rule=Rule(rounds=2)))


def test_of_two_clients_nobody_can_be_left_out():
    _, views = seen(recipe_of(secure=True, rounds=2), taught=range(2))
    assert set(views) == {CURIOUS, MASKED, COLLUDING}
