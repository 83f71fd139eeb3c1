"""What a site answers a server."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.train.federations import federated, noise, promise, rng, sites_of
from tests.train.taught_people import Silent, cohort, table

from mindveil.errors import InputError
from mindveil.train.moments import SHARES, contributions
from mindveil.train.site_answers import (
    Request,
    SiteData,
    decoded,
    noisy_answers,
    plain_answers,
    under_masks,
)
from mindveil.train.unit_rows import unit_rows

REACH = 0.7


def data_of(people, client, clients):
    return SiteData.of(people, np.asarray(client), clients, REACH)


def request(kind, sent, chosen):
    return Request(kind=kind, round_number=0, sent=np.asarray(sent, float), chosen=tuple(chosen))


def test_one_step_of_one_person_by_hand():
    """From zero everybody is said .5: a person who is 1 moves weights by rate / 2 x her row."""
    recipe = federated(2, secure=False)
    person = table([[0.7, 0.0], [0.0, 0.0]], [27.0, 9.5])
    one = recipe.terms(2, 2)
    told = plain_answers(one, request("update", np.zeros(3), [0, 1]), data_of(person, [0, 1], 2))
    row = unit_rows(person.rows, REACH)[0]
    first = 2.0 * 0.5 * np.array([row[0], 0.0, 1.0])
    assert told[0, -1] == told[1, -1] == 1.0
    assert told[0, :3] @ first > 0.0
    assert told[0, 1] == 0.0
    assert np.abs(told[1]).max() == 1.0  # who is in the middle moves nothing
    assert told[0, 0] / told[0, 2] == pytest.approx(row[0], rel=1e-5)


def test_sums_of_moments_are_those_of_each_clients_people():
    people = cohort(1, people=30)
    client = np.arange(30) % 3
    terms = federated(3, regression=True, secure=False).terms(5, 3)
    told = plain_answers(terms, request("moments", [], [2, 0]), data_of(people, client, 3))
    each = contributions(
        unit_rows(people.rows, REACH), people.scale.severity(people.totals), SHARES
    )
    assert np.allclose(told, [each[client == 2].sum(axis=0), each[client == 0].sum(axis=0)])


@given(st.integers(0, 10_000), st.sampled_from(["update", "line", "moments"]))
@settings(max_examples=60)
def test_a_person_more_moves_no_answer_further_than_the_longest_contribution(seed, kind):
    """The largest move, in grains, with all noise left out: what the noise is made for."""
    chance = np.random.default_rng(seed)
    people = cohort(seed, people=12, columns=3)
    wild = table(
        np.vstack([people.rows, 100.0 * chance.normal(size=(1, 3))]), [*people.totals, 27.0]
    )
    terms = federated(1, privacy=promise(), regression=kind == "moments", secure=False).terms(3, 1)
    sent = [] if kind == "moments" else 2.0 * chance.normal(size=4)
    both = [
        noisy_answers(
            terms, request(kind, sent, [0]), data_of(p, np.zeros(len(p.ids), int), 1), Silent()
        )
        for p in (people, wild)
    ]
    assert np.square(both[1] - both[0]).sum() <= terms.grain(kind) ** 2


@pytest.mark.parametrize("kind", ["update", "line", "moments"])
def test_a_whole_client_moves_no_answer_further_than_the_longest_contribution(kind):
    recipe = federated(
        3, privacy=promise(unit="client"), regression=kind == "moments", secure=False
    )
    terms, people = recipe.terms(3, 3), cohort(9, people=60, columns=3)
    data = data_of(people, np.arange(60) % 3, 3)
    sent = [] if kind == "moments" else rng().normal(size=4)
    told = noisy_answers(terms, request(kind, sent, [0, 1, 2]), data, Silent())
    longest = np.linalg.norm(told.astype(float), axis=1)
    assert (longest <= terms.grain(kind) + np.sqrt(terms.entries(kind))).all()
    assert (longest > 0).all()


def test_without_noise_a_promise_only_bounds():
    """Nobody is beyond the bound, so that counted answers are the plain ones to a grain."""
    recipe = federated(3, privacy=promise(clip=50.0), secure=False)
    terms, people = recipe.terms(5, 3), cohort(2, people=30)
    data = data_of(people, np.arange(30) % 3, 3)
    asked = request("update", np.zeros(6), [0, 1, 2])
    counted = noisy_answers(terms, asked, data, Silent())
    told = decoded(terms, "update", counted)
    assert np.allclose(told, plain_answers(terms, asked, data), atol=1e-3)


def test_noise_is_as_loud_as_the_terms_say():
    recipe = federated(4, privacy=promise())
    terms, people = recipe.terms(5, 4), cohort(3, people=80)
    data = data_of(people, np.arange(80) % 4, 4)
    asked = request("update", np.zeros(6), [0, 1, 2, 3])
    silent = noisy_answers(terms, asked, data, Silent())
    heard = np.stack([noisy_answers(terms, asked, data, noise(s)) - silent for s in range(400)])
    assert heard.std() == pytest.approx(terms.part_of_noise("update"), rel=0.03)


def test_a_site_alone_answers_what_it_answers_among_others():
    """What is simulated is what a hospital computes, to the last bit."""
    recipe, people = federated(4, split="unequal", secure=False), cohort(4, people=90)
    sites = sites_of(recipe, people)
    asked = request("update", rng().normal(size=6).astype(np.float32), [0, 1, 2, 3])
    told = plain_answers(sites.terms, asked, sites.data)
    for one in range(4):
        there = np.isin(np.arange(90), sites.data.place[sites.data.client == one])
        alone = data_of(people.of(there), np.zeros(there.sum(), int), 1)
        mine = Request(kind="update", round_number=0, sent=asked.sent, chosen=(0,))
        assert plain_answers(sites.terms, mine, alone).tolist() == told[one : one + 1].tolist()


@pytest.mark.parametrize("unit", ["person", "client"])
@pytest.mark.parametrize("kind", ["update", "line"])
@pytest.mark.parametrize("size", [1e20, 3e38, 1e300])
def test_whatever_weights_are_sent_a_promise_is_kept_by_an_answer(unit, kind, size):
    """A refusal that depends on who is there would tell of people without any noise."""
    recipe = federated(3, hidden=4, privacy=promise(unit=unit), secure=False)
    terms = recipe.terms(5, 3)
    sent = size * np.sign(rng().normal(size=terms.entries("update") - 1))
    for seed in range(6):
        data = data_of(cohort(seed, people=6), np.zeros(6, int), 3)
        told = noisy_answers(terms, request(kind, sent, [0, 2]), data, Silent())
        length = np.linalg.norm(told.astype(float), axis=1)
        assert (length <= [6 * terms.grain(kind) + np.sqrt(terms.entries(kind)), 0]).all()


@pytest.mark.parametrize("unit", ["person", "client"])
def test_weights_that_fit_no_head_are_refused(unit):
    terms = federated(2, privacy=promise(unit=unit), secure=False).terms(5, 2)
    data = data_of(cohort(1, people=6), np.zeros(6, int), 2)
    with pytest.raises(InputError, match="weights"):
        noisy_answers(terms, request("update", np.zeros(4), [0, 1]), data, Silent())


def test_masks_count_finely_enough():
    scale = under_masks(federated(5).terms(4, 5))
    assert scale.error <= 1e-6
