"""What each person teaches in one step under a promise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.train.federations import federated, promise, rng

from mindveil.train.bounded_steps import bounded_sums, seen_alone
from mindveil.train.client_steps import ClientPeople, contributions
from mindveil.train.site_answers import stack_of
from mindveil.train.stepped_head import seen_by

ROWS = 0.3 * rng(1).normal(size=(60, 3))
ANSWERS = rng(2).uniform(size=60)
CLIENT = np.arange(60) % 4


def people_of(some=slice(None)):
    return ClientPeople.of(ROWS[some], ANSWERS[some], CLIENT[some], 4)


def terms_of(hidden=0, clip=0.25):
    return federated(4, hidden=hidden, privacy=promise(clip=clip), secure=False).terms(3, 4)


def weights_of(terms, seed=3, size=1.0):
    return size * rng(seed).normal(size=terms.entries("update") - 1)


def test_one_person_by_hand():
    """At weights of zero everybody is said .5: a case moves weights by half of her row."""
    people = ClientPeople.of(np.array([[0.6, 0.0, 0.0]]), np.ones(1), np.zeros(1, int), 1)
    terms = terms_of(clip=2.0)
    found = bounded_sums(people, terms, np.zeros(4), np.zeros(1, np.intp))
    grain = terms.grain("update")
    assert found.tolist() == [[round(0.15 * grain), 0, 0, round(0.25 * grain), 0]]


@pytest.mark.parametrize("hidden", [0, 5])
def test_sums_are_those_of_the_fast_steps(hidden):
    terms = terms_of(hidden)
    sent, asked = weights_of(terms), np.array([3, 0])
    fast = contributions(people_of(), terms.shape, terms.stepping, sent, asked)
    grains = terms.grain("update") / terms.longest("update")
    found = bounded_sums(people_of(), terms, sent, asked)
    assert np.abs(found - fast * grains).max() <= 15 + 2e-5 * terms.grain("update")


@given(st.integers(0, 59), st.sampled_from([0, 5]), st.sampled_from([1.0, 1e8, 1e300]))
@settings(max_examples=40, deadline=None)
def test_a_person_less_takes_away_her_own_part_and_nothing_else(person, hidden, size):
    """To the last whole number, whatever the weights: sums are exact, and rows stand alone."""
    terms = terms_of(hidden)
    sent, everybody = weights_of(terms, person, size), np.arange(4)
    others = np.arange(60) != person
    parts = [
        bounded_sums(people_of(some), terms, sent, everybody) for some in (slice(None), others)
    ]
    own = bounded_sums(people_of(~others), terms, sent, everybody)
    assert (parts[0] - parts[1]).tolist() == own.tolist()
    assert 0 < np.square(own).sum() <= terms.grain("update") ** 2


def test_many_alike_move_a_sum_no_further_each_than_a_whole_person():
    """In single precision the last of 3,000 would move it by more than her limit."""
    terms = terms_of()
    sent, asked = np.array([0.0, 0.0, 0.0, -50.0]), np.zeros(1, np.intp)
    rows = np.full((3000, 3), 0.3) + rng(1).uniform(-0.01, 0.01, (3000, 3))
    two = [ClientPeople.of(rows[:n], np.ones(n), np.zeros(n, int), 1) for n in (2999, 3000)]
    less, more = (bounded_sums(people, terms, sent, asked) for people in two)
    assert np.square(more - less).sum() <= terms.grain("update") ** 2


def test_a_network_sees_people_alone_as_it_sees_them_together():
    terms = terms_of(5)
    sent = weights_of(terms)
    alone, together = seen_alone(terms.shape, sent, ROWS), seen_by(stack_of(terms, sent), ROWS)
    assert np.allclose(alone.scores, together.scores, atol=1e-5)
    assert (alone.middle, alone.steep) == (together.middle, together.steep)
    assert seen_alone(terms.shape, sent, ROWS[7:8]).scores[0] == alone.scores[7]
