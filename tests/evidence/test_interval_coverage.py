"""Do the intervals hold what they promise? Exact sums where they exist, else simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from mindveil.evidence.detection import auroc
from mindveil.evidence.estimate import (
    Estimate,
    advantage,
    bootstrap,
    clopper_pearson,
    difference,
    resolution,
    risk_reduction,
    share,
    wilson,
)
from mindveil.evidence.linkage import Linked, compare

pytestmark = pytest.mark.slow

SIZES = (10, 11, 15, 20, 30, 40, 50, 75, 100, 150, 189, 250, 400)
RATES = np.unique(np.concatenate([np.geomspace(1e-4, 0.5, 150), np.linspace(0.001, 0.5, 250)]))


def coverage(interval, n, hits=None):
    """Return the exact chance at every rate that the interval of a count holds the rate.

    Shape (rates,); of all counts, or of these only.
    """
    counts = np.arange(n + 1) if hits is None else hits
    found = [interval(int(k), n) for k in counts]
    low, high = (np.array([getattr(e, end) for e in found]) for end in ("low", "high"))
    chance = stats.binom.pmf(counts, n, RATES[:, None])
    inside = (low <= RATES[:, None]) & (RATES[:, None] <= high)
    return (chance * inside).sum(axis=1)


@pytest.mark.parametrize("n", SIZES)
def test_clopper_pearson_covers_everywhere(n):
    assert coverage(clopper_pearson, n).min() >= 0.95 - 1e-12


@pytest.mark.parametrize("n", SIZES)
def test_wilson_has_the_coverage_of_the_textbook(n):
    z = stats.norm.ppf(0.975)

    def textbook(k, n):
        centre = (k + z * z / 2) / (n + z * z)
        half = z / (n + z * z) * math.sqrt(k * (n - k) / n + z * z / 4)
        return Estimate(value=k / n, low=centre - half, high=centre + half, n=n)

    # Where nobody or everybody was hit ours is the exact one; everywhere else the textbook's.
    inner = np.arange(1, n)
    seen, wanted = coverage(wilson, n, inner), coverage(textbook, n, inner)
    assert np.abs(seen - wanted).max() <= 0.005
    for end in (0, n):
        assert wilson(end, n) == clopper_pearson(end, n)
    assert coverage(wilson, n).mean() == pytest.approx(coverage(textbook, n).mean(), abs=0.005)


def held(truth, draw, interval, times):
    """Return how often an interval over drawn people held the truth."""
    return np.mean([(e := interval(draw(i))).low <= truth <= e.high for i in range(times)])


@pytest.mark.parametrize(("n", "p"), [(50, 0.5), (100, 0.15), (200, 0.06), (300, 0.5)])
def test_the_bootstrap_of_a_mean_covers(n, p):
    assert n * p * (1 - p) >= 10
    rng = np.random.default_rng(n)

    def interval(people):
        return bootstrap(lambda w: w @ people / n, n, rng)

    seen = held(p, lambda _: (rng.random(n) < p).astype(float), interval, 800)
    assert 0.93 - 0.009 <= seen <= 0.975 + 0.006  # one standard error of 800 draws


@pytest.mark.parametrize(("n", "cases"), [(100, 50), (160, 40)])
def test_the_bootstrap_of_an_area_covers(n, cases):
    rng = np.random.default_rng(n)
    truth = np.repeat([1.0, 0.0], [cases, n - cases])
    area = stats.norm.cdf(1 / math.sqrt(2))

    def interval(score):
        return bootstrap(lambda w: auroc(truth, score, w), n, rng)

    seen = held(area, lambda _: truth + rng.normal(size=n), interval, 500)
    assert 0.93 - 0.01 <= seen <= 0.975 + 0.007


@pytest.mark.parametrize("n", [50, 100, 189, 1000])
def test_zero_hits_hold_every_risk_that_is_likely_to_give_none(n):
    assert (1 - resolution(n)) ** n == pytest.approx(0.025, abs=1e-12)


@pytest.mark.parametrize("folds", [2, 3, 5])
@pytest.mark.parametrize("p", [0.02, 0.1, 0.4])
def test_the_share_of_means_over_folds_is_conservative(folds, p):
    rng = np.random.default_rng(folds)
    # People differ (beta), and the folds of a person are alike.
    own = rng.beta(p, 1 - p, size=(4000, 80))
    outcomes = rng.binomial(folds, own) / folds
    seen = held(p, lambda i: outcomes[i], share, 4000)
    assert seen >= 0.94


@pytest.mark.parametrize(("one", "two"), [(0.3, 0.1), (0.05, 0.02), (0.6, 0.5)])
def test_the_difference_of_two_groups_covers(one, two):
    rng = np.random.default_rng(7)
    n = 120

    def interval(hits):
        return difference(wilson(int(hits[0]), n), wilson(int(hits[1]), n))

    seen = held(one - two, lambda _: rng.binomial(n, [one, two]), interval, 4000)
    assert 0.93 <= seen <= 0.985


@pytest.mark.parametrize(
    ("attack", "control", "n", "m"), [(0.5, 0.02, 150, 150), (0.1, 0.03, 200, 60)]
)
def test_the_advantage_covers(attack, control, n, m):
    rng = np.random.default_rng(11)
    truth = (attack - control) / (1 - control)

    def interval(hits):
        return advantage(clopper_pearson(hits[0], n), clopper_pearson(hits[1], m))

    seen = held(truth, lambda _: rng.binomial([n, m], [attack, control]), interval, 3000)
    assert seen >= 0.94


@pytest.mark.parametrize(
    ("released", "original", "control", "n"),
    [
        (0.10, 0.70, 0.02, 150),
        (0.20, 0.50, 0.05, 150),
        (0.05, 0.90, 0.01, 300),
        (0.3, 0.6, 0.1, 400),
    ],
)
def test_the_risk_reduction_covers(released, original, control, n):
    rng = np.random.default_rng(13)
    gain = [(rate - control) / (1 - control) for rate in (released, original)]
    truth = 1 - gain[0] / gain[1]

    def interval(hits):
        chance = clopper_pearson(hits[2], n)
        return risk_reduction(
            advantage(clopper_pearson(hits[0], n), chance),
            advantage(clopper_pearson(hits[1], n), chance),
        )

    seen = held(truth, lambda _: rng.binomial(n, [released, original, control]), interval, 3000)
    assert 0.93 <= seen <= 0.98


@pytest.mark.parametrize(("one", "two"), [(0.5, 0.5), (0.3, 0.1), (0.05, 0.05)])
def test_attackers_who_find_different_people_are_compared_with_their_true_doubt(one, two):
    rng = np.random.default_rng(17)
    size = 100
    names = tuple(f"p{i}" for i in range(size))

    def attacker(found):
        scores = np.where(np.eye(size, dtype=bool), np.where(found, 2.0, 0.0)[:, None], 1.0)
        return [Linked(rows=names, columns=names, scores=scores, absent=(), whole_table=True)]

    def draw(_):
        luck = rng.random(size)
        return attacker(luck < one), attacker(luck >= 1 - two)  # never the same person

    seen = held(one - two, draw, lambda pair: compare(*pair, size), 400)
    assert seen >= 0.94
