"""The tester accuses mechanisms that break their promise, and no other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from mindveil.dp.accounting import Budget, sigma_of
from mindveil.dp.clipping import clip_norm, exact_sum, whole
from mindveil.dp.conversion import mu_of
from mindveil.dp.distinguish import distinguishable
from mindveil.dp.noise import seeded
from mindveil.dp.poisson import Training, multiplier_of
from mindveil.errors import InputError

EPSILON, DELTA = 1.0, 1e-2
BUDGET = Budget(epsilon=EPSILON, delta=DELTA, accountant="gaussian")
RUNS = 20_000
SCALE = 64
"""Whole numbers per unit of the data."""

TABLE = np.array([[9.0, 0.0], [0.2, -0.4], [0.1, 0.9], [-0.6, 0.3], [0.4, 0.1], [-0.3, -0.7]])
"""Six people; the first, who leaves, is far out."""


def sums_of(rows, rng, *, bound=SCALE, share=1.0, runs=RUNS):
    """Run our mechanism: clipped, whole, clipped again, exact sum, whole-number noise."""
    total = exact_sum(whole(clip_norm(rows, 1.0), SCALE, SCALE))
    sigma = share * sigma_of(BUDGET.rho, bound)
    return total[0] + seeded(rng).gaussian(sigma, (runs,)) if sigma else total[0] + np.zeros(runs)


def ours(rows, rng):
    return sums_of(rows, rng)


def laplace(rows, rng):
    total = exact_sum(whole(clip_norm(rows, 1.0), SCALE, SCALE))
    return total[0] + seeded(rng).laplace(SCALE / EPSILON, (RUNS,))


def no_noise(rows, rng):
    return sums_of(rows, rng, share=0.0)


def half_noise(rows, rng):
    return sums_of(rows, rng, share=0.5)


def noise_before_clipping(rows, rng):
    """Each row is made noisy, and then clipped, which takes the noise off again."""
    sigma = sigma_of(BUDGET.rho, 1.0)
    noisy = rows[None, :, 0] + rng.normal(0, sigma / math.sqrt(len(rows)), (RUNS, len(rows)))
    return np.clip(noisy, -1.0, 1.0).sum(axis=1)


def clip_per_batch(rows, rng):
    """The sum of a batch is clipped, not each person's row; noise is for one row's bound."""
    total = np.array([clip_norm(rows[i : i + 3].sum(axis=0)[None], 6.0)[0] for i in (0, 3)])
    return total.sum(axis=0)[0] + rng.normal(0, sigma_of(BUDGET.rho, 1.0), RUNS)


def count_in_the_normaliser(rows, rng):
    """A mean over n people with noise / n: the neighbour has another n, and finer noise."""
    clipped = np.clip(rows[:, 0], -1.0, 1.0) + 5.0  # scores from 4 to 6, sensitivity taken as 1 / n
    return clipped.mean() + rng.normal(0, sigma_of(BUDGET.rho, 1.0), RUNS) / len(rows)


def wrong_sensitivity(rows, rng):
    """Both entries are released with the noise for one of them, and compared along both."""
    both = exact_sum(whole(clip_norm(rows, 1.0) * [1.0, 0.0] + [[0.0, 1.0]], SCALE, 2 * SCALE))
    noise = seeded(rng).gaussian(sigma_of(BUDGET.rho, SCALE), (RUNS, 2))
    return (both + noise).sum(axis=1) / math.sqrt(2)


def shuffled_as_poisson(rows, rng):
    """An epoch of ten batches, everybody in exactly one, with the noise for batches by chance.

    Whoever knows in which batch the person was looks at that one: nothing hides the person there.
    """
    by_chance = Training(rate=0.1, steps=10)
    clipped = np.clip(rows[:1, 0], -1.0, 1.0) if len(rows) == len(TABLE) else np.zeros(1)
    return clipped.sum() + rng.normal(0, multiplier_of(BUDGET, by_chance), RUNS)


@pytest.mark.parametrize("mechanism", [ours, laplace])
@pytest.mark.parametrize("seed", range(10))
def test_our_mechanisms_raise_no_alarm(mechanism, seed):
    rng = np.random.default_rng([seed, 1])
    found = distinguishable(mechanism(TABLE, rng), mechanism(TABLE[1:], rng), EPSILON, DELTA)
    assert not found.alarm
    assert found.excess < 0.0
    assert found.epsilon <= EPSILON


@pytest.mark.parametrize(
    "mechanism",
    [
        no_noise,
        half_noise,
        noise_before_clipping,
        clip_per_batch,
        count_in_the_normaliser,
        wrong_sensitivity,
        shuffled_as_poisson,
    ],
)
@pytest.mark.parametrize("seed", range(3))
def test_seeded_bugs_raise_the_alarm(mechanism, seed):
    rng = np.random.default_rng([seed, 2])
    found = distinguishable(mechanism(TABLE, rng), mechanism(TABLE[1:], rng), EPSILON, DELTA)
    assert found.alarm
    assert found.epsilon > EPSILON


@pytest.mark.parametrize("people", [2, 5, 20])
@pytest.mark.parametrize("epsilon", [0.5, 1.0, 3.0])
def test_small_cohorts_keep_their_epsilon(people, epsilon):
    """10,000 outputs on few people: normalised by a public constant, nothing shows above epsilon."""
    rng = np.random.default_rng([people, int(10 * epsilon)])
    rows = rng.normal(size=(people, 3))
    rows[0] = [50.0, 0.0, 0.0]
    budget = Budget(epsilon=epsilon, delta=DELTA, accountant="gaussian")
    outputs = []
    for table in (rows, rows[1:]):
        total = exact_sum(whole(clip_norm(table, 1.0), SCALE, SCALE))
        noise = seeded(rng).gaussian(sigma_of(budget.rho, SCALE), (10_000, 3))
        outputs.append(((total + noise) / (100.0 * SCALE))[:, 0])
    found = distinguishable(*outputs, epsilon, DELTA)
    assert not found.alarm
    assert found.epsilon <= epsilon


@pytest.mark.parametrize(
    ("runs", "share", "delta"),
    [
        (20_000, 0.7, 1e-2),
        (200_000, 0.9, 1e-2),
        pytest.param(1_000_000, 0.9, 1e-2, marks=pytest.mark.slow),
        pytest.param(1_000_000, 0.7, 1e-5, marks=pytest.mark.slow),
    ],
)
def test_power_is_what_the_tester_claims(runs, share, delta):
    sigma = share / mu_of(1.0, delta)
    for seed in range(5):
        rng = np.random.default_rng(seed)
        pair = rng.normal(0, sigma, runs), rng.normal(1, sigma, runs)
        assert distinguishable(*pair, 1.0, delta).alarm


def test_exactly_private_outputs_hardly_ever_raise_an_alarm():
    """Randomised response at exactly epsilon, 200 times at alpha .1: fewer than 20 alarms."""
    rng = np.random.default_rng(9)
    truth = math.exp(1.0) / (1.0 + math.exp(1.0))
    alarms = 0
    for _ in range(200):
        yes, no = rng.random(4000) < truth, rng.random(4000) >= truth
        alarms += distinguishable(yes.astype(float), no.astype(float), 1.0, 1e-6, 0.1).alarm
    assert alarms < 20


def test_nothing_is_shown_where_nothing_differs():
    same = np.random.default_rng(1).normal(size=5000)
    found = distinguishable(same, same[::-1], 1.0, 1e-2)
    assert (found.alarm, found.epsilon) == (False, 0.0)


def halton(index, base):
    found, part = 0.0, 1.0
    while index:
        part /= base
        found += part * (index % base)
        index //= base
    return found


@pytest.mark.slow
def test_five_hundred_tables_of_all_kinds_keep_the_promise():
    """Wilson et al. 2020: tables from a Halton sequence, 20,000 outputs each; no violation."""
    for index in range(1, 501):
        people = 2 + int(5 * halton(index, 2))
        cells = [halton(index * 40 + i, base) for i in range(people) for base in (3, 5)]
        rows = 4.0 * np.array(cells).reshape(people, 2) - 2.0
        rng = np.random.default_rng([index, 3])
        leaver = int(people * halton(index, 7))
        outputs, neighbours = ours(rows, rng), ours(np.delete(rows, leaver, axis=0), rng)
        assert not distinguishable(outputs, neighbours, EPSILON, DELTA, 1e-4 / 500).alarm


def test_what_cannot_be_compared_is_refused():
    fine = np.zeros(1000)
    for bad in (np.zeros(999), np.zeros((1000, 2)), np.full(1000, np.nan)):
        with pytest.raises(InputError):
            distinguishable(fine, bad, 1.0, 1e-2)
