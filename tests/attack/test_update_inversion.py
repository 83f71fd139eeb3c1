"""Rows of people from what their clients sent: found where nothing hides them, and not by chance."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from tests.attack.federations import attacked, people, recipe_of, rows_of

from mindveil.attack.base import Attack, LinkScores, Reconstructions, UpdateAttack, is_on_updates
from mindveil.attack.update_inversion import GradientInversion, averaged
from mindveil.attack.update_views import COLLUDING, CRAFTED, CURIOUS, DIFFERENCED, MASKED, views_of
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.evidence.reconstruction import Rebuilt, measure_reconstructions
from mindveil.train.client_steps import Local

CLINIC = people(160, 4, 1)
THERE, KNOWN, BESIDE = range(30), range(60), range(60, 160)


def run(recipe, world=CLINIC, there=THERE, **settings):
    release, knowledge = attacked(world, recipe, there, known=KNOWN, reference=BESIDE)
    attack = GradientInversion(**settings)
    return attack.run(release, knowledge, np.random.default_rng(0))


def figures(recipe, world=CLINIC, truth=None, there=THERE, **settings):
    """The measured figures of each setting: the cosine, then who is found by rows without names."""
    truth, found = truth or world, {}
    ids = world.corpus(there).ids
    absent = [i for i in KNOWN if i not in there]
    for guesses in run(recipe, world, there, **settings):
        if not isinstance(guesses, Reconstructions):
            continue
        fold = Rebuilt(
            guesses=guesses,
            released=rows_of(truth, there, recipe),
            released_ids=ids,
            absent=rows_of(truth, absent, recipe),
            absent_ids=world.corpus(absent).ids,
            person_of={code: ids[int(code[1:])] for code in guesses.codes},
        )
        found[guesses.setting] = measure_reconstructions(
            [fold], frozenset(), np.random.default_rng(1)
        )
    return found


def gained(cosine):
    """How far a cosine is above its baseline, as a share of what there is above it."""
    return max((cosine.estimate.value - cosine.baseline) / (1.0 - cosine.baseline), 0.0)


def ranked_first(recipe, **settings):
    """The share of clients whose person is ranked first, by setting."""
    ids = CLINIC.corpus(THERE).ids
    found = {}
    for guesses in run(recipe, **settings):
        if isinstance(guesses, LinkScores):
            best = [guesses.candidates[i] for i in guesses.scores.argmax(axis=1)]
            right = [who == ids[int(c[1:])] for who, c in zip(best, guesses.queries, strict=True)]
            found[guesses.setting] = float(np.mean(right))
    return found


def test_it_is_an_attack_on_updates():
    attack: Attack | UpdateAttack = GradientInversion()
    assert is_on_updates(attack)
    with pytest.raises(InputError, match="at least 2"):
        GradientInversion(victims=1)


@pytest.mark.parametrize("hidden", [0, 16])
@pytest.mark.parametrize("steps", [1, 5])
def test_what_single_people_send_is_their_row(hidden, steps):
    recipe = recipe_of(hidden=hidden, local=Local(steps=steps, learning_rate=2.0), rounds=2)
    (cosine,) = figures(recipe)[CURIOUS]
    assert cosine.estimate.low >= 0.95
    assert gained(cosine) >= 0.95
    assert ranked_first(recipe)[CURIOUS] >= 0.95


@pytest.mark.parametrize("hidden", [0, 16])
def test_masks_hide_a_message_but_not_from_friends_or_differences(hidden):
    recipe = recipe_of(hidden=hidden, secure=True, rounds=2)
    found = figures(recipe, there=range(20), victims=20, bins=32)
    for setting in (COLLUDING, DIFFERENCED):
        assert found[setting][0].estimate.low >= 0.95
    assert found[CRAFTED][1].estimate.low > 0.0
    first = ranked_first(recipe, victims=20, bins=2)
    assert min(first[COLLUDING], first[DIFFERENCED]) >= 0.95


@pytest.mark.parametrize("hidden", [0, 16])
def test_single_masked_messages_of_many_federations_tell_nothing(hidden):
    recipe, folds, right = recipe_of(hidden=hidden, secure=True, rounds=1), [], []
    for seed in range(6):
        there = range(20 * seed, 20 * seed + 20)
        release, knowledge = attacked(
            CLINIC, recipe, there, known=range(120), reference=range(120, 160), seed=seed
        )
        made = GradientInversion(victims=20, bins=2).run(
            release, knowledge, np.random.default_rng(seed)
        )
        ids = CLINIC.corpus(there).ids
        ranks, rows = (g for g in made if g.setting == MASKED)
        best = [ranks.candidates[i] for i in ranks.scores.argmax(axis=1)]
        person = {code: ids[int(code[1:])] for code in rows.codes}
        right += [who == person[code] for who, code in zip(best, ranks.queries, strict=True)]
        folds.append(
            Rebuilt(
                guesses=rows,
                released=rows_of(CLINIC, there, recipe),
                released_ids=ids,
                absent=np.zeros((0, 4)),
                absent_ids=(),
                person_of=person,
            )
        )
    (cosine,) = measure_reconstructions(folds, frozenset(), np.random.default_rng(1))
    assert cosine.estimate.n == 120
    assert cosine.estimate.low <= cosine.baseline <= cosine.estimate.high
    assert np.mean(right) <= 0.05


@pytest.mark.parametrize("hidden", [0, 8])
def test_a_promise_to_people_brings_it_down(hidden):
    told = []
    for epsilon in (1000.0, 100.0, 8.0, 3.0, 1.0):
        recipe = recipe_of(hidden=hidden, epsilon=epsilon, rounds=8)
        told.append(gained(figures(recipe)[CURIOUS][0]))
    assert told[0] > 0.7
    assert all(more >= less - 0.05 for more, less in itertools.pairwise(told))
    assert told[0] - told[2] > 0.4
    assert told[-1] < 0.2


def test_the_rows_of_others_tell_nothing_of_anybody():
    """The rows that people teach are dealt out anew before the truth is told."""
    order = np.random.default_rng(4).permutation(160)
    shuffled = people(160, 4, 1)
    object.__setattr__(shuffled, "rows", CLINIC.rows[order])
    (cosine,) = figures(recipe_of(rounds=2), truth=shuffled)[CURIOUS]
    assert cosine.estimate.low <= cosine.baseline <= cosine.estimate.high


@pytest.mark.parametrize("hidden", [0, 16])
@pytest.mark.parametrize("secure", [False, True])
def test_crafted_weights_take_sites_of_many_people_apart(hidden, secure):
    world, there = people(160, 12, 3), range(40)
    found = figures(recipe_of(2, hidden=hidden, secure=secure, rounds=2), world, there=there)
    cosine, advantage, *_ = found[CRAFTED]
    assert cosine.estimate.low > cosine.control.high
    assert advantage.metric == "advantage"
    assert advantage.estimate.low > 0.0
    assert cosine.estimate.value > found[CURIOUS][0].estimate.value + 0.1


def test_what_friends_of_all_clients_give_away_is_what_a_plain_server_sees():
    """Every client is singled out, however few victims: people at others would pass as safe."""
    plain = figures(recipe_of(12, rounds=1), victims=2, bins=2)[CURIOUS]
    friends = figures(recipe_of(12, rounds=1, secure=True), victims=2, bins=2)[COLLUDING]
    for one, other in zip(plain[:2], friends[:2], strict=True):
        assert one.estimate.value == pytest.approx(other.estimate.value, abs=0.05)


def test_few_people_at_a_client_of_a_network_are_found():
    world, there = people(160, 12, 3), range(12)
    cosine, *_ = figures(recipe_of(6, hidden=16, rounds=1), world, there=there)[CURIOUS]
    assert cosine.estimate.value > 0.95


def test_the_sums_of_a_regression_hold_the_row_of_a_single_person():
    found = figures(recipe_of(secure=True, regression=True), victims=20)
    assert found[COLLUDING][0].estimate.low >= 0.95
    assert set(found) == {CURIOUS, MASKED, COLLUDING}


def test_rounds_of_the_same_weights_are_averaged():
    recipe = recipe_of(epsilon=3.0, rounds=9)
    release, _ = attacked(CLINIC, recipe, THERE)
    weights = np.full((1, 5), 0.25)
    view = views_of(release, weights, 2, np.random.default_rng(0))[-1]
    mean = averaged(view)
    assert mean.signals.shape == (1, 30, 5)
    assert mean.noise == pytest.approx(view.noise / 3.0)
    assert np.allclose(mean.signals[0], view.signals.mean(axis=0))
    assert averaged(replace(view, noise=0.0)).signals.shape == view.signals.shape


def test_the_same_chance_gives_the_same_rows():
    first, second = (run(recipe_of(hidden=8, rounds=2)) for _ in range(2))
    assert np.array_equal(first[1].rows, second[1].rows)
    assert first[0].queries == first[1].codes


def test_hardly_anybody_known_is_refused():
    release, knowledge = attacked(CLINIC, recipe_of(), THERE, known=range(5), reference=BESIDE)
    with pytest.raises(InvalidMeasurement, match="known people"):
        GradientInversion().run(release, knowledge, np.random.default_rng(0))
