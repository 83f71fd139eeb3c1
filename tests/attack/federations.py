"""Federations of made-up people, as the adversary in the server's seat meets them."""

from __future__ import annotations

import numpy as np
from tests.attack.taught import World

from mindveil.attack.base import ModelKnowledge
from mindveil.dp.accounting import Budget
from mindveil.dp.noise import seeded
from mindveil.train.client_steps import Local
from mindveil.train.federated_recipe import Federated
from mindveil.train.federation_terms import Privacy
from mindveil.train.server_rules import Rule
from mindveil.train.sites import Division
from mindveil.train.unit_rows import unit_rows
from mindveil.train.update_release import UpdateRelease


def people(count, columns, seed, *, told=0.25):
    """People whose rows say something of their severity; ids are P0000 and so on."""
    rng = np.random.default_rng([seed, 5])
    ill = rng.standard_normal(count)
    rows = 0.5 * rng.standard_normal((count, columns)) + told * ill[:, None] + 0.1
    rows += 0.2 * rng.standard_normal((count, 1))
    totals = np.clip(np.rint(9.2 + 6 * ill), 0, 27)
    return Answered(
        ids=tuple(f"P{i:04d}" for i in range(count)),
        rows=rows,
        labels=(totals > 9.5).astype(float),
        totals=totals,
    )


class Answered(World):
    """A world whose people have scores beside their class."""

    def __init__(self, *, totals, **more):
        super().__init__(**more)
        object.__setattr__(self, "totals", totals)

    def lessons(self, corpus):
        found = super().lessons(corpus)
        place = {name: i for i, name in enumerate(self.ids)}
        object.__setattr__(found, "totals", self.totals[[place[i] for i in found.ids]])
        return found


def recipe_of(clients=0, *, hidden=0, epsilon=0.0, rounds=6, **more):
    """A federation of so many clients, or (0) of single persons, with plain updates."""
    terms = {"secure": False, "rule": Rule(rounds=rounds), "local": Local(learning_rate=2.0)}
    if epsilon:
        budget = Budget(epsilon=epsilon, delta=1e-5, accountant="gaussian")
        terms["privacy"] = Privacy(budget=budget, people=more.pop("people", 100))
    division = Division(clients=clients or 1, split="even" if clients else "people")
    return Federated(division=division, hidden=hidden, **(terms | more))


def release_of(recipe, lessons, seed=0, reader=None):
    """The federation of these people; ``begin`` starts it again with fresh masks and noise."""
    rng = np.random.default_rng([seed, 11])
    clients = recipe.division.number(len(lessons.ids))
    terms = recipe.terms(lessons.rows.shape[1], clients)
    start = recipe.start(terms, rng)
    client = recipe.division.of(lessons, rng)

    def begin(*, masks=True):
        sites = recipe.sites(lessons, client, seeded(rng), rng)
        sites.masks = masks
        return sites.ask

    return UpdateRelease(
        name="federation",
        reader=reader,
        recipe=recipe,
        terms=terms,
        start=start,
        codes=codes_of(recipe, client, clients),
        begin=begin,
    )


def codes_of(recipe, client, clients):
    """The name of each client: of a single person, her place among the lessons."""
    if recipe.division.split != "people":
        return tuple(f"site-{i}" for i in range(clients))
    return tuple(f"c{i:03d}" for i in np.argsort(client))


def attacked(world, recipe, taught, *, known=(), reference=(), seed=0):
    """The release of some of a world's people, and what its attacker knows; all are places."""
    release = release_of(recipe, world.lessons(world.corpus(taught)), seed, world)
    knowledge = ModelKnowledge(
        attacker="semi-informed",
        known=world.corpus(known),
        reference=world.corpus(reference),
        recipe=recipe,
    )
    return release, knowledge


def rows_of(world, places, recipe):
    """The rows that these people's clients compute with."""
    return unit_rows(world.lessons(world.corpus(places)).rows, recipe.reach)
