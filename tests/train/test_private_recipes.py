"""What all private recipes have in common: promises, signal where there is one, and none elsewhere."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.train.taught_people import PHQ9, auc, budget, cohort, table

from mindveil.dp.noise import os_noise, seeded
from mindveil.errors import RefusedError
from mindveil.train.adassp import AdaSSP
from mindveil.train.noisy_gradient import NoisyGradient
from mindveil.train.objective_perturbation import ObjectivePerturbation
from mindveil.train.output_perturbation import OutputPerturbation
from mindveil.train.pate import Pate
from mindveil.train.plain import PlainMlp, PlainRidge
from mindveil.train.sampled_gradient import SampledGradient


def network(**settings):
    return SampledGradient(hidden=8, **settings)


FULL = (AdaSSP, NoisyGradient, OutputPerturbation, ObjectivePerturbation, Pate)
SAMPLED = (SampledGradient, network)
MADE = (*FULL, *SAMPLED)
# How much noise sampled steps need takes seconds to work out for each new budget.
MADE_SLOWLY = (*FULL, *(pytest.param(made, marks=pytest.mark.slow) for made in SAMPLED))
PROVED = (AdaSSP, NoisyGradient, Pate)


def noise(seed=1):
    return seeded(np.random.default_rng(seed))


def rng(seed=1):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("make", MADE)
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(make):
    people, recipe = cohort(1), make(budget=budget())
    heads = [recipe.fit(people, noise(seed), rng(seed)).head for seed in (3, 3, 4)]
    said = [head.log_odds(people.rows).tobytes() for head in heads]
    assert said[0] == said[1] != said[2]
    inside = rng(5).random((240, 3)) < 0.5
    shadows = [recipe.shadows(people, inside, people.rows, rng(s)).tobytes() for s in (3, 3, 4)]
    assert shadows[0] == shadows[1] != shadows[2]


@pytest.mark.parametrize("make", MADE)
def test_only_whole_numbers_and_noise_of_the_system_are_called_proved(make):
    people, recipe = cohort(1), make(budget=budget())
    seeds = recipe.fit(people, noise(), rng()).guarantee
    system = recipe.fit(people, os_noise(), rng()).guarantee
    assert seeds.label == "accounted"
    assert system.label == ("proved" if make in PROVED else "accounted")
    assert (system.epsilon, system.delta, system.unit) == (3.0, 1e-4, "person")
    assert system.neighbour == "add-remove"
    assert 0.0 < system.advantage <= 1.0
    assert system.mechanisms


@pytest.mark.parametrize("make", MADE_SLOWLY)
def test_a_delta_that_gives_people_away_is_refused_unless_asked_for(make):
    people, promise = cohort(2), budget(3.0, 5e-3)
    with pytest.raises(RefusedError, match="too large"):
        make(budget=promise).fit(people, noise(), rng())
    asked = make(budget=promise, small_cohort=True).fit(people, noise(), rng())
    assert asked.guarantee.delta == 5e-3


@pytest.mark.parametrize("make", MADE_SLOWLY)
def test_many_people_teach_what_is_there(make):
    """Planted: 4,000 people at epsilon 8 come within .015 of what is lost to nobody."""
    people, others = cohort(3, 4000), cohort(4, 3000)
    recipe = make(budget=budget(8.0, 1e-6))
    if isinstance(recipe, SampledGradient):
        recipe = replace(recipe, people=4000)
    head = recipe.fit(people, noise(), rng()).head
    plain = PlainRidge().fit(people, noise(), rng()).head
    told = head.log_odds(others.rows)
    assert auc(told, others.labels) > auc(plain.log_odds(others.rows), others.labels) - 0.015
    # The threshold is the model's own, and probabilities mean what they say.
    chance = 1 / (1 + np.exp(-told))
    assert chance.mean() == pytest.approx(others.labels.mean(), abs=0.05)
    sure = chance > 0.8
    assert others.labels[sure].mean() == pytest.approx(chance[sure].mean(), abs=0.07)
    error = np.abs(head.severity(others.rows) - others.totals).mean()
    assert error < np.abs(others.totals - others.totals.mean()).mean() - 0.5


@pytest.mark.parametrize("make", MADE)
def test_nothing_is_learnt_where_nothing_is_told(make):
    """Null: over 40 cohorts whose columns tell nothing, heads order other people by chance."""
    recipe = make(budget=budget())
    found = []
    for seed in range(40):
        people, others = cohort(seed, 120, told=False), cohort(1000 + seed, 300, told=False)
        inside = np.ones((120, 1), np.bool_)
        said = recipe.shadows(people, inside, others.rows, rng(seed))
        found.append(auc(said[:, 0], others.labels))
    assert abs(np.mean(found) - 0.5) < 3.5 * np.std(found) / np.sqrt(len(found))


@pytest.mark.parametrize("make", MADE_SLOWLY)
def test_shadows_are_heads_of_the_same_kind(make):
    """Mean and spread over 60 shadows match those over 60 fits, at what is said of one person."""
    people, recipe = cohort(5, 150), make(budget=budget(3.0, 1e-4))
    inside = np.ones((150, 60), np.bool_)
    asked = people.rows[:3]
    fits = np.stack([recipe.fit(people, noise(s), rng(s)).head.log_odds(asked) for s in range(60)])
    if isinstance(recipe, SampledGradient):
        # Shadows share their batches: one at a time they are drawn as fits are.
        shadows = np.hstack(
            [recipe.shadows(people, inside[:, :1], asked, rng(s)) for s in range(60)]
        )
    else:
        shadows = recipe.shadows(people, inside, asked, rng(7))
    for one, other in zip(fits.T, shadows, strict=True):
        spread = np.hypot(one.std(), other.std())
        assert abs(one.mean() - other.mean()) < 4.0 * spread / np.sqrt(60)
        assert 0.6 < one.std() / other.std() < 1.7


@pytest.mark.parametrize("make", MADE)
def test_a_shadow_learns_from_those_inside_alone(make):
    people, recipe = cohort(6, 80), make(budget=budget(3.0, 1e-4))
    inside = rng(1).random((80, 4)) < 0.5
    said = recipe.shadows(people, inside, people.rows, rng(2))
    spoiled = people.rows.copy()
    spoiled[~inside[:, 2]] = -9.0
    other = recipe.shadows(replace(people, rows=spoiled), inside, people.rows, rng(2))
    assert said[:, 2].tolist() == pytest.approx(other[:, 2].tolist(), rel=1e-4, abs=1e-4)
    assert not np.allclose(said[:, 1], other[:, 1])


@pytest.mark.parametrize("make", MADE_SLOWLY)
@pytest.mark.parametrize("people", [0, 1, 2])
def test_hardly_anybody_gives_a_head_all_the_same(make, people):
    few = table(np.full((people, 3), 1e6), np.full(people, 27.0))
    recipe = make(budget=budget(1.0, 1e-3), small_cohort=True)
    head = recipe.fit(few, noise(), rng()).head
    rows = np.array([[0.0, 0.0, 0.0], [1e6, -1e6, 3.0]])
    assert np.isfinite(head.log_odds(rows)).all()
    assert np.all((head.severity(rows) >= 0.0) & (head.severity(rows) <= 27.0))


@pytest.mark.parametrize("make", MADE)
def test_a_head_comes_back_from_its_numbers(make):
    people = cohort(7, 60)
    head = make(budget=budget()).fit(people, noise(), rng()).head
    back = type(head).from_parts(dict(head.tensors()), dict(head.facts()))
    assert back.log_odds(people.rows).tobytes() == head.log_odds(people.rows).tobytes()
    assert back.severity(people.rows).tobytes() == head.severity(people.rows).tobytes()
    # Nothing in it is about one person: its numbers do not grow with the people.
    more = make(budget=budget()).fit(cohort(7, 90), noise(), rng()).head
    assert {k: v.shape for k, v in more.tensors().items()} == {
        k: v.shape for k, v in head.tensors().items()
    }


@pytest.mark.parametrize("make", MADE)
def test_the_twin_promises_nothing_and_reads_the_same_columns(make):
    recipe = make(budget=budget())
    twin = recipe.twin()
    assert isinstance(twin, PlainMlp if make is network else PlainRidge)
    taught = twin.fit(cohort(8), noise(), rng())
    assert (twin.budget, taught.guarantee) == (None, None)
    assert taught.head.log_odds(cohort(9).rows).shape == (240,)


def test_a_score_where_cases_are_below_the_edge_is_learnt_too():
    people = cohort(10, 2000)
    turned = table(people.rows, 27 - people.totals, scale=replace(PHQ9, edge=17.5, rising=False))
    head = AdaSSP(budget=budget(8.0, 1e-6)).fit(turned, noise(), rng()).head
    assert auc(head.log_odds(turned.rows), turned.labels) > 0.75
    assert np.corrcoef(head.severity(turned.rows), turned.totals)[0, 1] > 0.5


@pytest.mark.slow
@pytest.mark.parametrize(("epsilon", "most"), [(1.0, 0.025), (3.0, 0.015)])
@pytest.mark.parametrize("make", [AdaSSP, NoisyGradient, Pate])
def test_privacy_costs_little_at_three_hundred_people(make, epsilon, most):
    """240 teach, columns as the contrasts of words: mean loss of AUC over 20 cohorts x 16 draws."""
    losses = []
    for seed in range(20):
        people, others = cohort(seed, 240), cohort(500 + seed, 2000)
        inside = np.ones((240, 16), np.bool_)
        said = make(budget=budget(epsilon)).shadows(people, inside, others.rows, rng(seed))
        plain = PlainRidge().fit(people, noise(), rng()).head.log_odds(others.rows)
        losses += [auc(plain, others.labels) - auc(s, others.labels) for s in said.T]
    assert np.mean(losses) <= most
