"""Small federations of made-up people."""

from __future__ import annotations

import numpy as np
from tests.train.taught_people import budget

from mindveil.dp.noise import seeded
from mindveil.train.client_steps import Local
from mindveil.train.federated_recipe import Federated
from mindveil.train.federation_terms import Privacy
from mindveil.train.server_rules import Rule
from mindveil.train.sites import Division


def rng(seed=3):
    return np.random.default_rng(seed)


def noise(seed=5):
    return seeded(rng(seed))


def promise(epsilon=3.0, **settings):
    given = {"budget": budget(epsilon), "people": 240, **settings}
    return Privacy(**given)


def federated(clients=5, split="even", **settings):
    rule = settings.pop("rule", Rule(rounds=settings.pop("rounds", 8)))
    local = settings.pop("local", Local(steps=3, learning_rate=2.0))
    division = Division(clients=clients, split=split)
    return Federated(division=division, rule=rule, local=local, **settings)


def sites_of(recipe, people, seed=5):
    client = recipe.division.of(people, rng())
    return recipe.sites(people, client, noise(seed), rng(seed))
