"""A head that clients teach together."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from tests.train.federations import federated, noise, promise, rng, sites_of
from tests.train.taught_people import Silent, auc, budget, cohort, table

from mindveil.dp.conversion import epsilon_of_mu
from mindveil.dp.distinguish import distinguishable
from mindveil.dp.noise import os_noise, seeded
from mindveil.errors import InputError, RefusedError
from mindveil.train.adassp import AdaSSP
from mindveil.train.server_rules import Rule
from mindveil.train.site_answers import Request, noisy_answers, stack_of
from mindveil.train.stepped_head import seen_by

PEOPLE, OTHERS = cohort(1), cohort(2, people=400)


def said(recipe, people=PEOPLE, seed=5):
    return recipe.fit(people, noise(seed), rng(seed)).head.log_odds(OTHERS.rows)


@pytest.mark.parametrize(
    "recipe",
    [
        federated(),
        federated(regression=True),
        federated(privacy=promise(), rounds=20),
        federated(regression=True, privacy=promise()),
        federated(hidden=8, privacy=promise(8.0), rounds=20),
        federated(split="people", secure=False, privacy=promise(8.0)),
        federated(clients=40, privacy=promise(8.0, unit="client")),
    ],
)
def test_a_seed_repeats_it_and_something_is_learnt(recipe):
    found = said(recipe)
    assert found.tolist() == said(recipe).tolist()
    assert auc(found, OTHERS.labels) > 0.75


def test_the_sums_of_a_regression_teach_what_one_place_would_have_learnt():
    """AdaSSP with its noise left out: to the last whole number."""
    promised = promise()
    alone = AdaSSP(budget=promised.budget).fit(PEOPLE, Silent(), rng()).head
    settings = {"secure": True, "threshold": 4, "split": "by-score"}
    recipe = federated(4, regression=True, privacy=promised, **settings)
    together = recipe.fit(PEOPLE, Silent(), rng()).head
    assert np.allclose(alone.log_odds(OTHERS.rows), together.log_odds(OTHERS.rows), rtol=1e-6)


def test_what_is_promised_is_said():
    made = federated(privacy=promise(colluding=2)).fit(PEOPLE, noise(), rng()).guarantee
    assert (made.epsilon, made.unit, made.label) == (3.0, "person", "accounted")
    assert any("up to 2 of the clients" in m for m in made.mechanisms)
    assert any("8 Gaussian sums" in m for m in made.mechanisms)
    assert not any("tells all others the same" in m for m in made.mechanisms)
    many = federated(40, rounds=2, privacy=promise(colluding=2)).fit(PEOPLE, noise(), rng())
    assert any("tells all others the same" in m for m in many.guarantee.mechanisms)
    assert federated().fit(PEOPLE, noise(), rng()).guarantee is None


def test_only_sums_of_whole_numbers_with_all_noise_at_each_client_are_proved():
    def label(**settings):
        return federated(**settings).fit(PEOPLE, os_noise(), rng()).guarantee.label

    whole = promise(colluding=3)
    assert label(regression=True, privacy=whole) == "proved"
    assert label(regression=True, privacy=promise()) == "accounted"
    assert label(privacy=whole, rounds=2) == "proved"
    assert label(privacy=promise(), secure=False, rounds=2) == "proved"
    assert label(privacy=promise(), rounds=2) == "accounted"
    assert label(privacy=promise(unit="client"), secure=False, rounds=2) == "accounted"


def test_a_promise_to_whole_clients_permits_more_about_persons():
    """One person may replace what her client sends: twice as far as the client may come in."""
    to_client = federated(clients=40, privacy=promise(unit="client"), rounds=2)
    made = to_client.fit(PEOPLE, noise(), rng()).guarantee
    assert made.unit == "client"
    assert made.advantage > 1.5 * promise().budget.advantage
    assert any("what a client adds" in m for m in made.mechanisms)


def test_a_delta_that_gives_people_away_is_refused_unless_asked_for():
    loose = promise(budget=budget(3.0, 0.01))
    with pytest.raises(RefusedError, match="too large for"):
        federated(regression=True, privacy=loose).fit(PEOPLE, noise(), rng())
    for_clients = replace(loose, unit="client")  # 1 / (10 x 5 clients) is above it
    with pytest.raises(RefusedError, match="for 240 people"):
        federated(rounds=2, privacy=for_clients).fit(PEOPLE, noise(), rng())
    asked = replace(loose, small_cohort=True)
    assert federated(regression=True, privacy=asked).fit(PEOPLE, noise(), rng()).guarantee


def test_a_shadow_learns_from_those_inside_alone():
    inside = np.zeros((len(PEOPLE.ids), 2), bool)
    inside[:120, 0] = inside[120:, 1] = True
    recipe = federated(secure=False)
    made = recipe.shadows(PEOPLE, inside, OTHERS.rows, rng())
    assert made.shape == (400, 2)
    for head in range(2):
        alone = recipe.fit(PEOPLE.of(inside[:, head]), Silent(), rng()).head
        assert np.corrcoef(made[:, head], alone.log_odds(OTHERS.rows))[0, 1] > 0.99


def test_the_noise_of_shadows_is_that_of_the_release():
    recipe = federated(privacy=promise(1.0), regression=True)
    inside = np.ones((len(PEOPLE.ids), 60), bool)
    spread = recipe.shadows(PEOPLE, inside, OTHERS.rows, rng()).std(axis=1).mean()
    fits = np.stack([said(recipe, seed=s) for s in range(60)]).std(axis=0).mean()
    assert spread == pytest.approx(fits, rel=0.25)


def test_the_twin_hides_nothing():
    twin = federated(privacy=promise()).twin()
    assert (twin.secure, twin.privacy, twin.budget) == (False, None, None)
    assert twin.twin() == twin


@pytest.mark.parametrize("people", [0, 1, 2])
@pytest.mark.parametrize("regression", [False, True])
def test_hardly_anybody_gives_a_head_all_the_same(people, regression):
    few = PEOPLE.of(np.arange(len(PEOPLE.ids)) < people)
    asked = promise(1.0, small_cohort=True)
    recipe = federated(privacy=asked, regression=regression, rounds=3)
    assert np.isfinite(recipe.fit(few, noise(), rng()).head.log_odds(OTHERS.rows)).all()


# One of six people is as far out as can be; what she moves is looked for along her own direction.
SIX = table(
    [[9.0, 0.0], [0.1, -0.2], [0.05, 0.3], [-0.2, 0.1], [0.1, 0.05], [-0.1, -0.3]],
    [27.0, 8.0, 11.0, 9.0, 10.0, 7.0],
)
RUNS, EPSILON, DELTA = 20_000, 1.0, 1e-2


@pytest.mark.parametrize("kind", ["update", "line", "moments"])
@pytest.mark.parametrize(("kept", "alarm"), [(1.0, False), (0.3, True), (0.0, True)])
def test_nobody_can_tell_who_was_there_by_the_sum_of_one_answer(kind, kept, alarm):
    """A third of the noise, or none, is found out; ours is not."""
    asked = promise(budget=budget(EPSILON, DELTA), small_cohort=True, people=6)
    settings = {"regression": True} if kind == "moments" else {"rule": Rule(rounds=1)}
    recipe = federated(3, privacy=asked, **settings)
    terms = recipe.terms(2, 3)
    epsilon = epsilon_of_mu(math.sqrt(2.0 * terms.share(kind).rho), DELTA)
    here, there = (sums(recipe, SIX.of(np.arange(6) >= without), kind, kept) for without in (0, 1))
    toward = here.mean(axis=0) - there.mean(axis=0)
    toward /= np.linalg.norm(toward)
    assert distinguishable(here @ toward, there @ toward, epsilon, DELTA).alarm is alarm


def sums(recipe, people, kind, kept):
    """Return what the server sees of one request, many times, along what the first person adds."""
    sites = sites_of(recipe, people)
    terms = sites.terms
    sent = np.zeros(0) if kind == "moments" else np.array([0.3, -0.2, 0.1])
    request = Request(kind=kind, round_number=0, sent=sent, chosen=(0, 1, 2))
    still = noisy_answers(terms, request, sites.data, Silent()).sum(axis=0)
    chance = seeded(rng(11 + len(people.ids)))
    sigma = terms.part_of_noise(kind) * math.sqrt(terms.honest)
    drawn = chance.gaussian(sigma, (RUNS, still.size)) if kept else np.zeros((RUNS, still.size))
    return still + kept * drawn


def test_a_federation_of_one_client_under_masks_is_refused_in_a_sentence():
    with pytest.raises(InputError, match="client"):
        said(federated(clients=1, threshold=2))


def test_heads_are_seen_alike_with_and_without_people():
    """The line looks at weights alone."""
    terms = federated(secure=False).terms(3, 5)
    stack = stack_of(terms, np.array([1.0, -2.0, 0.5, 0.25]))
    empty, full = seen_by(stack, np.zeros((0, 3))), seen_by(stack, np.ones((2, 3)))
    assert empty.axes.tolist() == full.axes.tolist()
    assert empty.steep.tolist() == full.steep.tolist()
