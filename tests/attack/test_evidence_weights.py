"""Evidence is believed by what it is worth: by hand, planted, and where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.attack.evidence_weights import Belief, believe
from mindveil.attack.score_fusion import Block, both_ways, places

OWN = np.arange(40)


def channels_of(strengths, rng, people=40):
    """Return scores of chance in which right pairs stand so far above."""
    scores = rng.normal(size=(len(strengths), people, people))
    for kind, strength in enumerate(strengths):
        scores[kind][np.arange(people), np.arange(people)] += strength
    return np.stack([both_ways(s) for s in scores])


def test_ratios_by_hand():
    """Two kinds, one pair: 2 (1.5 - 1) + 1 (0 - 0.5) = 0.5; what is missing says nothing."""
    belief = Belief(slopes=np.array([2.0, 1.0]), middles=np.array([1.0, 0.5]))
    both = np.array([[[1.5]], [[0.0]]])
    assert belief.ratios(both)[0, 0] == pytest.approx(0.5)
    assert belief.ratios(np.array([[[1.5]], [[-np.inf]]]))[0, 0] == pytest.approx(1.0)
    assert belief.ratios(np.full((2, 1, 1), -np.inf))[0, 0] == 0.0


@pytest.mark.parametrize("seed", range(5))
def test_what_tells_more_counts_more(seed):
    belief = believe(channels_of([4.0, 2.5], np.random.default_rng(seed)))
    assert belief.slopes[0] > belief.slopes[1] > 0


@pytest.mark.parametrize("seed", range(5))
def test_noise_beside_good_evidence_is_not_believed(seed):
    channels = channels_of([4.0, 0.0], np.random.default_rng(seed))
    belief = believe(channels)
    assert belief.slopes[1] < 0.15 * belief.slopes[0]
    alone = places(channels[0], OWN).mean()
    assert places(belief.ratios(channels), OWN).mean() >= alone - 0.005


@pytest.mark.parametrize("seed", range(5))
def test_two_together_do_better_than_each(seed):
    channels = channels_of([3.0, 3.0], np.random.default_rng(seed))
    first = [(places(c, OWN) == 1).mean() for c in channels]
    both = (places(believe(channels).ratios(channels), OWN) == 1).mean()
    assert both > max(first)


def test_people_whose_truth_is_known_settle_what_the_scores_leave_open():
    rng = np.random.default_rng(7)
    channels = channels_of([1.2, 0.0], rng)
    taught = [Block(channels=channels_of([1.2, 0.0], rng), own=OWN) for _ in range(4)]
    belief = believe(channels, taught)
    assert belief.slopes[0] > 5 * belief.slopes[1]


def test_where_nothing_is_believed_all_count_alike_or_by_their_answers():
    belief = believe(channels_of([0.0, 0.0], np.random.default_rng(1)))
    assert belief.slopes.sum() == pytest.approx(1.0)
    assert (belief.slopes >= 0).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 3), st.integers(2, 9))
def test_a_belief_is_finite_and_missing_pairs_are_0(seed, kinds, people):
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=(kinds, people, people))
    scores[0, rng.random((people, people)) < 0.5] = -np.inf
    scores[:, 0, :] = -np.inf
    ratios = believe(scores).ratios(scores)
    assert np.isfinite(ratios).all()
    assert (ratios[0] == 0).all()
