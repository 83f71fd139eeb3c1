"""Who is at which site."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.train.taught_people import cohort

from mindveil.errors import InputError
from mindveil.train.sites import Division


def rng(seed=3):
    return np.random.default_rng(seed)


def sizes(found, clients):
    return np.bincount(found, minlength=clients).tolist()


def test_even_and_unequal_shares():
    people = cohort(1, people=60)
    assert sizes(Division(clients=5).of(people, rng()), 5) == [12] * 5
    unequal = Division(clients=5, split="unequal").of(people, rng())
    assert sizes(unequal, 5) == [4, 8, 12, 16, 20]


def test_by_score_the_later_clients_are_iller_and_larger():
    people = cohort(2, people=300)
    found = Division(clients=5, split="by-score").of(people, rng())
    means = [people.totals[found == c].mean() for c in range(5)]
    assert means[-1] > means[0] + 5.0
    assert sizes(found, 5) == [20, 40, 60, 80, 100]


def test_with_people_everybody_is_a_client_in_an_order_by_lot():
    people = cohort(3, people=50)
    division = Division(clients=5, split="people")
    found = division.of(people, rng())
    assert sorted(found.tolist()) == list(range(50)) != found.tolist()
    assert division.number(50) == 50


def test_what_the_data_says_goes_before_any_division():
    people = replace(cohort(4, people=4), sites=(2, 0, 0, 1))
    assert Division(clients=3).of(people, rng()).tolist() == [2, 0, 0, 1]
    with pytest.raises(InputError, match=r"people of 3 sites .* 2 clients"):
        Division(clients=2).of(people, rng())


def test_a_federation_of_nobody_is_refused():
    with pytest.raises(InputError, match="0 clients"):
        Division(clients=0)


@given(st.integers(1, 80), st.integers(1, 9), st.sampled_from(["even", "unequal", "by-score"]))
def test_everybody_is_somewhere_once_and_a_seed_repeats_it(people, clients, split):
    division, taught = Division(clients=clients, split=split), cohort(5, people=people)
    found = division.of(taught, rng())
    assert found.shape == (people,)
    assert 0 <= found.min() <= found.max() < clients
    assert found.tolist() == division.of(taught, rng()).tolist()


def test_people_who_are_left_keep_their_sites():
    people = replace(cohort(6, people=4), sites=(2, 0, 0, 1))
    assert people.of(np.array([True, False, True, True])).sites == (2, 0, 1)
