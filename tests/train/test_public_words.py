"""What words are read along can be made again from people who do not exist."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from safetensors.numpy import load

from mindveil.features.text import ANCHORS, anchor_sentences
from mindveil.train.public_words import (
    Said,
    packed,
    principal_axes,
    speaks_only_of,
    steady_weights,
    symptoms_of,
    taught,
)
from mindveil.train.words import SYMPTOMS, WELL, Forecasts

COUNT = len(anchor_sentences())


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture
def said():
    """Return people whose scores follow how near their words come to the depression anchors."""
    rng = np.random.default_rng(5)
    centres = np.repeat(
        rng.standard_normal((len(ANCHORS), 96)), list(map(len, ANCHORS.values())), 0
    )
    anchors = unit(centres + 0.7 * rng.standard_normal((COUNT, 96)))
    visits = np.repeat(np.arange(400), 4)
    ill = np.repeat(rng.random(400), 4)
    ends = np.cumsum([0, *map(len, ANCHORS.values())])
    which = dict(zip(ANCHORS, pairwise(ends), strict=True))
    sick = rng.integers(which["depression"][0], which["anxiety"][1], len(visits))
    fine = rng.integers(*which[WELL], len(visits))
    chosen = np.where(rng.random(len(visits)) < ill, sick, fine)
    vectors = unit(anchors[chosen] + 0.05 * rng.standard_normal((len(visits), 96)))
    total = 20 * ill[::4]
    totals = np.column_stack([total, total])
    totals[0, 0] = np.nan
    return Said(vectors=vectors, visits=visits.astype(float), totals=totals, anchors=anchors)


def test_planted_scores_are_found_again(said):
    found = taught(said)
    assert found.weights.shape == (2 * COUNT, len(SYMPTOMS))
    expected = (symptoms_of(said) @ found.weights - found.middle) / found.reach
    assert np.corrcoef(expected[:, 1], said.totals[:, 1])[0, 1] > 0.8
    for domain, sign in (("depression", 1), ("anxiety", 1), (WELL, -1)):
        told = (speaks_only_of(domain, said.anchors) @ found.weights - found.middle) / found.reach
        assert (sign * told > 0).all()


def test_weights_are_those_of_a_ridge_regression_where_all_is_told():
    rng = np.random.default_rng(8)
    rows = rng.standard_normal((300, 5))
    truth = np.array([2.0, -1.0, 0.0, 0.5, 0.0])
    totals = rows @ truth + 4.0 + 0.1 * rng.standard_normal(300)
    np.testing.assert_allclose(steady_weights(rows, totals), truth, atol=0.1)


def test_weights_of_nothing_but_noise_are_small():
    rng = np.random.default_rng(9)
    found = steady_weights(rng.standard_normal((300, 40)), rng.standard_normal(300))
    assert np.linalg.norm(found) < 0.1


def test_symptoms_by_hand():
    anchors = np.eye(COUNT)
    vectors = np.array([anchors[0], anchors[1], anchors[0], anchors[0], anchors[2]])
    told = Said(
        vectors=vectors,
        visits=np.array([0.0, 0, 0, 0, 1]),
        totals=np.zeros((2, 2)),
        anchors=anchors,
    )
    found = symptoms_of(told)
    assert found[0, :3].tolist() == [0.75, 0.25, 0.0]  # the mean over passages
    np.testing.assert_allclose(found[0, COUNT : COUNT + 3], [1.0, 1 / 3, 0.0])  # of the nearest 3
    assert found[1, 2] == found[1, COUNT + 2] == 1.0


def test_nobody_is_compared_with_the_own_sentence():
    found = speaks_only_of("depression", np.eye(COUNT))
    np.testing.assert_array_equal(found, 0.0)


def test_axes_are_those_of_the_greatest_variance():
    rng = np.random.default_rng(1)
    rows = rng.standard_normal((500, 3)) * [5.0, 1.0, 0.1] + [1.0, 2.0, 3.0]
    found = principal_axes(rows, 2)
    np.testing.assert_allclose(np.abs(found.axes), [[1, 0], [0, 1], [0, 0]], atol=0.05)
    np.testing.assert_allclose(found.centre, rows.mean(axis=0))
    assert found.along == pytest.approx(np.sqrt(26 / 2), rel=0.1)
    assert found.spread == pytest.approx(np.sqrt(26 / 3), rel=0.1)


def test_the_file_holds_what_was_packed_and_the_same_bytes_for_the_same():
    found = principal_axes(np.random.default_rng(2).standard_normal((90, 70)))
    lines = Forecasts(weights=np.ones((4, 2)), middle=np.zeros(2), reach=np.ones(2))
    assert packed(found, lines) == packed(found, lines)
    stored = load(packed(found, lines))
    np.testing.assert_allclose(stored["axes"], found.axes, atol=1e-3)
    assert stored["weights"].shape == (4, 2)
