"""Crafted weights: sums that come apart, through a logistic head and through a network."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.attack.update_bins import crafted_weights, isolated_rows
from mindveil.attack.update_rows import Prior
from mindveil.train.client_steps import ClientPeople, Local, contributions, parameters_of
from mindveil.train.federation_terms import Terms
from mindveil.train.heads import Shape
from mindveil.train.server_rules import Rule


def terms_of(hidden, local):
    return Terms(
        shape=Shape(columns=5, hidden=hidden), local=local, rule=Rule(), clients=1, secure=False
    )


def rows_of(people, seed):
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((people, 5))
    return 0.8 * rows / np.linalg.norm(rows, axis=1, keepdims=True)


def found_in(people, hidden, local, bins=64):
    """The rows that a site of so many people gives away, and theirs, as unit rows."""
    terms, rng = terms_of(hidden, local), np.random.default_rng(2)
    rows, beside = rows_of(people, 1), rows_of(200, 7)
    labels = rng.uniform(0.05, 1.0, people)
    taught = ClientPeople.of(rows, labels, np.zeros(people, np.intp), 1)
    asked = crafted_weights(terms, beside, bins, rng)
    moves = [contributions(taught, terms.shape, local, one, np.array([0]))[0] for one in asked]
    found = isolated_rows(terms.shape, np.stack(moves)[:, :-1], Prior.of(beside), 0.0)
    return found, rows


@pytest.mark.parametrize("hidden", [0, 16])
@pytest.mark.parametrize("steps", [1, 5])
def test_most_people_of_a_site_come_out_alone(hidden, steps):
    found, rows = found_in(20, hidden, Local(steps=steps, learning_rate=2.0))
    apart = np.linalg.norm(found[:, None] - rows[None], axis=2).min(axis=0)
    assert np.mean(apart < 0.02) >= 0.6
    assert len(found) <= 20


@pytest.mark.parametrize("hidden", [0, 16])
def test_thresholds_rise_and_are_as_many_as_wished(hidden):
    terms = terms_of(hidden, Local())
    asked = crafted_weights(terms, rows_of(99, 3), 32, np.random.default_rng(0))
    assert asked.shape == (2 if hidden else 33, parameters_of(terms.shape))
    edges = asked[:, :96].reshape(-1, 6)[:, -1] if hidden else asked[:, -1]
    assert np.all(np.diff(edges) < 0.0)


def test_fewer_thresholds_isolate_fewer_people():
    fine, rows = found_in(40, 0, Local(), bins=64)
    coarse, _ = found_in(40, 0, Local(), bins=4)

    def alone(found):
        return int((np.linalg.norm(found[:, None] - rows[None], axis=2).min(axis=0) < 0.02).sum())

    assert alone(fine) > alone(coarse) + 5


def test_nobody_between_two_thresholds_is_no_row():
    found, rows = found_in(1, 16, Local())
    assert np.abs(found - rows).max() < 1e-3
    assert len(found) == 1
