"""Congruence of factors: the same people, other people of the same kind, and no factors left."""

from __future__ import annotations

import numpy as np
import pytest
from tests.utility.answers import answered, cohort, renamed, scattered, table

from mindveil.evidence.factor_figures import agreement, factor_levels
from mindveil.utility.psychometrics import Psychometrics


def told(release, original, tool="hads"):
    fold = Psychometrics(target=tool).compare(release, original, np.random.default_rng(1))
    sides = [
        factor_levels(fold, side, np.ones((1, len(side.ids))))
        for side in (fold.released, fold.original)
    ]
    assert all(s is not None for s in sides)
    return agreement(fold, *sides)


def test_the_same_people_have_the_same_factors():
    people = cohort(200, np.random.default_rng(1))
    found = told(renamed(people), people)
    assert set(found) == {"congruence", "congruence@anxiety", "congruence@depression"}
    assert all(v[0] == pytest.approx(1.0) for v in found.values())


def test_other_people_of_the_kind_have_nearly_the_same():
    draw = np.random.default_rng(2)
    assert told(cohort(900, draw, "R"), cohort(900, draw))["congruence"][0] > 0.97


def test_scattered_answers_have_none_of_them():
    draw = np.random.default_rng(3)
    people = cohort(900, draw)
    found = told(scattered(people, draw), people)
    assert found["congruence"][0] < 0.7
    assert found["congruence"][0] == min(v[0] for v in found.values())


def test_two_factors_that_nobody_published_are_turned_to_simple_structure():
    draw = np.random.default_rng(4)
    rows = np.hstack([answered(500, 5, draw), answered(500, 5, draw)]).tolist()
    people = table({"own": rows})
    found = told(renamed(people), people, "own")
    assert set(found) == {"congruence", "congruence@factor-1", "congruence@factor-2"}
    assert found["congruence"][0] == pytest.approx(1.0)


def test_weights_are_repeated_people_and_a_constant_item_is_no_fault():
    draw = np.random.default_rng(5)
    people = cohort(100, draw)
    fold = Psychometrics(target="hads").compare(people, people, draw)
    fold.released.items[:, 0] = 2.0
    weights = np.zeros((1, 100))
    weights[0, :50] = 2.0
    seen = factor_levels(fold, fold.released, weights)
    half = factor_levels(fold, fold.released, (weights > 0).astype(float))
    assert np.allclose(np.abs(seen), np.abs(half))
    assert np.abs(seen[0, 0]).max() < 0.2


def test_too_few_people_for_so_many_items():
    people = cohort(20, np.random.default_rng(6))
    fold = Psychometrics(target="hads").compare(people, people, np.random.default_rng(6))
    assert factor_levels(fold, fold.released, np.ones((1, 20))) is None
