"""What one client that lies does to what all of them learn."""

from __future__ import annotations

import numpy as np
import pytest
from tests.attack.federations import attacked, people, recipe_of

from mindveil.attack.base import OF_TRAINERS, is_on_updates
from mindveil.attack.update_poisoning import (
    KINDS,
    PoisonedSites,
    Poisoning,
    Trigger,
    mirrored,
)
from mindveil.dp.noise import seeded
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.evidence.sabotage import measure_sabotage
from mindveil.train.server_rules import Rule
from mindveil.train.simulated_sites import SimulatedSites
from mindveil.train.site_answers import Request, SiteData

JUDGES = 200


def sabotage(recipe, taught=150, *, seed=1, **settings):
    """What each kind of poison did, by its name."""
    world = people(taught + JUDGES, 20, seed)
    release, knowledge = attacked(
        world,
        recipe,
        range(10),
        known=range(taught),
        reference=range(taught, taught + JUDGES),
        seed=seed,
    )
    found = Poisoning(**settings).run(release, knowledge, np.random.default_rng(seed))
    assert tuple(one.setting for one in found) == KINDS
    return {one.setting: one for one in found}


def figures(one):
    return {m.metric: m.estimate for m in measure_sabotage([one], np.random.default_rng(0))}


def by(combine):
    return recipe_of(5, rule=Rule(rounds=15, combine=combine), secure=False)


def test_it_finds_nothing_out_about_anybody():
    assert is_on_updates(Poisoning())
    assert Poisoning.name in OF_TRAINERS


def test_one_client_that_shouts_breaks_the_mean():
    lost = figures(sabotage(by("mean"))["boosted"])["auroc-lost"]
    assert lost.low > 0.1


@pytest.mark.parametrize("combine", ["median", "trimmed-mean"])
def test_robust_rules_keep_it_out(combine):
    for seed in (1, 2):
        for kind, one in sabotage(by(combine), seed=seed).items():
            assert figures(one)["auroc-lost"].value < 0.03, (kind, seed)


def test_under_masks_nobody_can_look_and_the_mean_breaks():
    masked = sabotage(recipe_of(5, secure=True, rounds=15))
    assert figures(masked["boosted"])["auroc-lost"].low > 0.1
    np.testing.assert_allclose(
        masked["boosted"].poisoned,
        sabotage(recipe_of(5, secure=False, rounds=15))["boosted"].poisoned,
    )


def test_a_whisper_changes_little():
    assert figures(sabotage(by("mean"))["label flip"])["auroc-lost"].value < 0.1


def passing(combine):
    found = measure_sabotage([sabotage(by(combine))["backdoor"]], np.random.default_rng(0))
    told = {m.metric: m for m in found}
    return told["backdoor-success"], told["auroc-lost"].estimate.value


def test_a_trigger_opens_a_back_door():
    passed, lost = passing("mean")
    assert passed.estimate.low > 0.7
    assert passed.estimate.low > passed.control.high
    assert lost < 0.15


def test_a_median_keeps_the_back_door_shut():
    passed, _ = passing("median")
    assert passed.estimate.value <= passed.control.value + 0.05


@pytest.mark.parametrize("more", [{"regression": True}, {"hidden": 4}, {"epsilon": 8.0}])
def test_every_way_of_learning_can_be_poisoned(more):
    found = sabotage(
        recipe_of(5, people=150, **more) if "epsilon" in more else recipe_of(5, **more)
    )
    assert all(np.isfinite(one.poisoned).all() for one in found.values())
    assert figures(found["boosted"])["auroc-lost"].value > 0.02


def test_only_what_the_owned_client_sends_is_boosted():
    world = people(30, 4, 1)
    lessons = world.lessons(world.corpus(range(30)))
    recipe = recipe_of(3)
    terms = recipe.terms(4, 3)
    client = np.arange(30) % 3

    def sites():
        drawn = np.random.default_rng(1)
        data = SiteData.of(lessons, client, 3, recipe.reach)
        return SimulatedSites(
            terms=terms, data=data, noise=seeded(drawn), entropy=drawn.bytes, masks=False
        )

    weights = recipe.start(terms, np.random.default_rng(0))
    request = Request(kind="update", round_number=0, sent=weights, chosen=(0, 1, 2))
    plain = sites().ask(request)
    boosted = PoisonedSites(sites=sites(), owned=(1,), boost=3.0).ask(request)
    wanted = plain.messages.copy()
    wanted[1, :-1] *= 3.0  # how many people he has stays what it was
    np.testing.assert_allclose(boosted.messages, wanted)
    np.testing.assert_allclose(boosted.total, wanted.sum(axis=0))
    assert boosted.told is None
    absent = Request(kind="update", round_number=0, sent=weights, chosen=(0, 2))
    honest = PoisonedSites(sites=sites(), owned=(1,), boost=3.0).ask(absent)
    np.testing.assert_array_equal(honest.total, sites().ask(absent).total)


def test_the_mirrored_are_as_ill_as_they_were_well():
    world = people(6, 2, 1)
    lessons = world.lessons(world.corpus(range(6)))
    chosen = np.array([True, False, True, False, True, False])
    found = mirrored(lessons, chosen)
    before, after = (x.scale.severity(x.totals) for x in (lessons, found))
    np.testing.assert_allclose(after[chosen], -before[chosen], atol=0.05)  # the range has ends
    np.testing.assert_array_equal(after[~chosen], before[~chosen])
    np.testing.assert_array_equal(found.labels[chosen], 1.0 - lessons.labels[chosen])


def test_the_trigger_is_one_column_at_its_end():
    rows = np.array([[0.0, 0.3, 2.0], [0.0, 0.4, -2.0]])
    trigger = Trigger.of(rows)
    assert (trigger.column, trigger.end) == (1, 2.0)  # the first never differs
    assert trigger.shown(rows).tolist() == [[0.0, 2.0, 2.0], [0.0, 2.0, -2.0]]
    assert rows[0, 1] == 0.3


def test_harmless_heads_are_the_same_in_every_kind():
    found = sabotage(by("mean"))
    for one in found.values():
        np.testing.assert_array_equal(one.harmless, found["boosted"].harmless)


def test_half_of_the_clients_are_no_minority():
    with pytest.raises(InvalidMeasurement, match="3 of 5 clients"):
        sabotage(by("mean"), clients_poisoned=3)


def test_too_few_people_are_no_measurement():
    world = people(40, 4, 1)
    release, knowledge = attacked(world, recipe_of(2), range(10), known=range(20))
    with pytest.raises(InvalidMeasurement, match="0 reference people"):
        Poisoning().run(release, knowledge, np.random.default_rng(0))


def test_nobody_poisons_nothing():
    with pytest.raises(InputError, match="clients_poisoned"):
        Poisoning(clients_poisoned=0)
