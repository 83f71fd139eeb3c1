"""Many federations at once."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.train.federations import federated, promise, rng
from tests.train.taught_people import auc, cohort

from mindveil.train.server_rules import Rule

PEOPLE, OTHERS = cohort(1), cohort(2, people=300)


def halves(heads):
    return np.random.default_rng(4).random((len(PEOPLE.ids), heads)) < 0.5


@pytest.mark.parametrize(
    "recipe",
    [
        federated(),
        federated(secure=False, split="by-score", rule=Rule(method="fedadam", rate=0.1)),
        federated(regression=True),
        federated(hidden=6),
    ],
)
def test_heads_taught_together_are_what_each_is_alone(recipe):
    """By lot others are at a client, which moves a head little; who teaches it moves it much."""
    inside = halves(6)
    together = recipe.shadows(PEOPLE, inside, OTHERS.rows, rng())
    alone = recipe._one_by_one(PEOPLE, inside, OTHERS.rows, rng())
    if not recipe.hidden:
        assert np.abs(together - alone).mean() < 0.1 * alone.std()
    for head in range(6):
        assert np.corrcoef(together[:, head], alone[:, head])[0, 1] > (
            0.9 if recipe.hidden else 0.99
        )


@pytest.mark.parametrize("regression", [False, True])
def test_noise_is_as_loud_as_in_a_federation_alone(regression):
    recipe = federated(regression=regression, privacy=promise(1.0))
    inside = np.ones((len(PEOPLE.ids), 80), bool)
    spread = [
        how(PEOPLE, inside, OTHERS.rows, rng()).std(axis=1).mean()
        for how in (recipe.shadows, recipe._one_by_one)
    ]
    assert spread[0] == pytest.approx(spread[1], rel=0.25)


@pytest.mark.parametrize(
    "recipe",
    [
        federated(secure=False, rule=Rule(rounds=8, combine="median")),
        federated(rule=Rule(rounds=8, participation=0.8), clients=10),
        federated(privacy=promise(8.0, unit="client"), clients=30),
    ],
)
def test_what_needs_each_client_is_taught_head_by_head(recipe):
    found = recipe.shadows(PEOPLE, halves(2), OTHERS.rows, rng())
    assert all(auc(found[:, head], OTHERS.labels) > 0.7 for head in range(2))


def test_heads_in_small_parts_are_the_same(monkeypatch):
    recipe, inside = federated(), halves(5)
    whole = recipe.shadows(PEOPLE, inside, OTHERS.rows, rng())
    monkeypatch.setattr("mindveil.train.federated_shadows.TOGETHER", 1)
    parts = recipe.shadows(PEOPLE, inside, OTHERS.rows, rng())
    assert np.allclose(whole, parts, atol=1e-5)
    assert replace(recipe).shadows(PEOPLE, inside, OTHERS.rows, rng()).tolist() == parts.tolist()
