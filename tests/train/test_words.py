"""Words as numbers whose constants are public: directions, contrasts, forecasts."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.errors import MissingWeights
from mindveil.features import weights
from mindveil.features.blocks import text_rows
from mindveil.features.text import ANCHORS, anchor_sentences
from mindveil.train.words import (
    PROJECTED,
    contrasts,
    directions,
    domain_means,
    forecasts,
    word_parts,
    word_rows,
    words_digest,
)

INPUTS = ("contrasts", "anchors", "components", "projection", "all")
ILL = (
    "Everything is grey and I cry most evenings, I cannot see a way out.",
    "I am worn out from worrying and my chest is tight with fear all day long.",
)
WELL = (
    "We had a lovely week by the sea and I slept like a baby.",
    "Work is going nicely, I feel calm and I look forward to the weekend.",
)
PLAIN = ("The bus to town leaves at nine from the stop beside the church.",)


@pytest.fixture(scope="module")
def _encoder():
    try:
        weights.locate("minilm")
    except MissingWeights:
        pytest.skip("the sentence encoder is not installed")


def test_the_mean_of_each_domain_by_hand():
    cosines = np.concatenate(
        [np.full(len(own), place) for place, own in enumerate(ANCHORS.values())]
    )
    np.testing.assert_allclose(domain_means(cosines[None]), [list(range(len(ANCHORS)))])


def test_directions_are_orthonormal_and_finite():
    found = directions()
    assert found.axes.shape == (384, PROJECTED)
    np.testing.assert_allclose(found.axes.T @ found.axes, np.eye(PROJECTED), atol=2e-3)
    assert 0 < found.spread < found.along < 1


def test_forecasts_know_ill_from_well():
    found = forecasts()
    assert found.weights.shape == (2 * len(anchor_sentences()), 2)
    assert (found.reach > 0).all()


@pytest.mark.usefixtures("_encoder")
@pytest.mark.parametrize("inputs", INPUTS)
def test_rows_are_as_wide_as_their_parts_and_depend_on_nobody_else(inputs):
    rows = word_rows([ILL, (), WELL], inputs)
    assert rows.shape == (3, sum(p.width for p in word_parts(inputs)))
    assert np.isnan(rows[1]).all()
    assert np.isfinite(rows[[0, 2]]).all()
    np.testing.assert_array_equal(word_rows([WELL], inputs)[0], rows[2])
    assert (np.abs(rows[[0, 2]]) < 1).mean() > 0.6  # most entries lie within -1..1


@pytest.mark.usefixtures("_encoder")
def test_whoever_sounds_ill_is_above_whoever_sounds_well():
    ill, plain, well = word_rows([ILL, PLAIN, WELL], "contrasts")
    assert (ill > 0.2).all()
    assert (well < -0.2).all()
    assert (well[:2] < plain[:2]).all()  # a forecast takes whoever speaks of buses to be well
    assert (plain < ill).all()
    assert np.abs([ill, plain, well]).max() <= 1


@pytest.mark.usefixtures("_encoder")
def test_our_own_sentences_are_what_they_say_they_are():
    depressed, anxious, well = (ANCHORS[d] for d in ("depression", "anxiety", "wellbeing"))
    rows = word_rows([depressed, anxious, well], "contrasts")
    assert rows[0, 0] > 0.9
    assert rows[1, 1] > 0.9
    assert (rows[2] < -0.7).all()


def test_contrasts_never_leave_their_bounds():
    wild = np.random.default_rng(3).standard_normal((50, 2 * len(anchor_sentences()))) * 100
    try:
        found = contrasts(wild)
    except MissingWeights:
        pytest.skip("the sentence encoder is not installed")
    assert (np.abs(found) <= 1).all()


@pytest.mark.usefixtures("_encoder")
def test_the_name_of_all_that_words_are_read_with_is_steady():
    assert words_digest() == words_digest()
    assert len(words_digest()) == 32


@pytest.mark.usefixtures("_encoder")
def test_everything_is_meaning_and_anchors_moved_and_stretched_alike():
    assert [(p.name, p.width) for p in word_parts("all")] == [("meaning", 384), ("anchors", 110)]
    meaning, symptoms = text_rows([ILL, WELL])
    both = word_rows([ILL, WELL], "all")
    raw = (meaning[1] - meaning[0]) / (both[1, :384] - both[0, :384])
    np.testing.assert_allclose(raw, directions().spread)
    np.testing.assert_allclose((symptoms[1] - symptoms[0]) / (both[1, 384:] - both[0, 384:]), 0.1)
