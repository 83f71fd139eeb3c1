"""Bounds of epsilon and bits of exposure from planted people, worked by hand and simulated."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.attack.canaries import Canaries, Exposures
from mindveil.dp.conversion import mu_of
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.canaries import measure_canaries, measure_exposures, ranks
from mindveil.evidence.one_run import epsilon_lower_bound


def rng(seed=7):
    return np.random.default_rng(seed)


def canaries(included, scores, epsilon=1.0, delta=1e-5):
    return Canaries(
        included=np.asarray(included, dtype=bool),
        scores=np.asarray(scores, dtype=float),
        epsilon=epsilon,
        delta=delta,
        people=100,
    )


def gaussian(epsilon, size, source, factor=1.0):
    """Return what an ideal attacker sees of a trainer that spends ``factor`` times the noise."""
    inside = source.random(size) < 0.5
    mu = mu_of(epsilon, 1e-5) / factor
    return canaries(inside, mu * (inside - 0.5) + source.standard_normal(size), epsilon)


def measured(folds, **more):
    return {m.metric: m for m in measure_canaries([(f, None) for f in folds], rng(), **more)}


def test_all_right_of_sixty_by_hand():
    inside = np.arange(60) % 2 == 0
    found = measured([canaries(inside, inside - 0.5, epsilon=None, delta=0.0)])
    bound = found["epsilon-lower"]
    # Guesses about everybody, the better of two tries: each has half of the error.
    assert bound.estimate.value == epsilon_lower_bound(60, 60, 60, 0.0, 0.975)
    assert bound.estimate.low == epsilon_lower_bound(60, 60, 60, 0.0, 0.9995)
    assert bound.estimate.high == bound.estimate.value
    assert bound.note.startswith("60 of 60 guesses about 60 canaries are right; delta 0; nothing")
    assert set(found) == {"epsilon-lower"}


def test_folds_are_one_audit():
    inside = np.arange(40) % 2 == 0
    one = measured([canaries(inside, inside - 0.5)])
    many = measured([canaries(inside, inside - 0.5)] * 3)
    assert many["epsilon-lower"].estimate.n == 120
    assert many["epsilon-lower"].estimate.value > one["epsilon-lower"].estimate.value + 0.5


def test_more_claims_tested_make_it_harder_to_refute_one():
    inside = np.arange(40) % 2 == 0
    alone = measured([canaries(inside, inside - 0.5)])["claim-refuted"]
    among = measured([canaries(inside, inside - 0.5)], cells=10_000)["claim-refuted"]
    assert (alone.estimate.value, among.estimate.value) == (1.0, 0.0)
    assert "refuted: epsilon is above" in alone.note
    assert "cannot refute epsilon 1" in among.note


@pytest.mark.parametrize("epsilon", [1.0, 3.0])
def test_an_honest_claim_is_refuted_almost_never(epsilon):
    source = rng(2)
    for _ in range(12):
        found = measured([gaussian(epsilon, 100, source)])
        assert found["claim-refuted"].estimate.value == 0
        assert found["epsilon-lower"].estimate.low <= found["epsilon-lower"].estimate.value


def test_a_tenth_of_the_noise_is_seen():
    found = measured([gaussian(1.0, 300, rng(), factor=0.1)])
    assert found["claim-refuted"].estimate.value == 1


def test_the_share_of_bounds_above_the_truth_is_small():
    """At epsilon 0 (scores of noise) a bound above 0 is wrong: 5 % of audits at most."""
    source = rng(3)
    wrong = 0
    for _ in range(60):
        inside = source.random(80) < 0.5
        found = measured([canaries(inside, source.standard_normal(80), None)])
        wrong += found["epsilon-lower"].estimate.value > 0
    assert wrong <= 8  # P(more | 5 %) = .3 %


@pytest.mark.parametrize(
    ("folds", "why"),
    [
        ([], "no training"),
        ([canaries([1, 0], [np.nan, 1.0])], "not numbers"),
        ([canaries([1, 0], [1.0, 1.0])], "same score"),
        ([canaries([1, 0], [1.0, 0.0]), canaries([1, 0], [1.0, 0.0], 2.0)], "different epsilons"),
    ],
)
def test_what_cannot_be_believed_is_invalid(folds, why):
    with pytest.raises(InvalidMeasurement, match=why):
        measured(folds)


def exposures(bits, candidates=3):
    return Exposures(bits=np.asarray(bits, float), repeats=(1, 10), candidates=candidates)


def test_exposures_by_hand():
    folds = [(exposures([[2.0, 0.0], [2.0, 2.0]]), None), (exposures([[1.0, 1.0], [2, 2]]), None)]
    once, often = measure_exposures(folds, rng())
    assert (once.metric, often.metric) == ("exposure@1", "exposure@10")
    assert once.estimate.value == 1.0
    assert once.estimate.low < 1.0 < once.estimate.high
    assert once.estimate.n == 4
    # Ranks 1 to 4 of four: 2 bits less the mean of 0, 1, log2(3) and 2.
    assert once.baseline == pytest.approx(2 - (3 + np.log2(3)) / 4)
    assert (often.estimate.low, often.estimate.high) == (2.0, 2.0)
    assert ranks(3).tolist() == [1, 2, 3, 4]


def test_exposures_that_are_no_numbers_are_invalid():
    with pytest.raises(InvalidMeasurement):
        measure_exposures([(exposures([[np.nan, 1.0], [1.0, 1.0]]), None)], rng())
