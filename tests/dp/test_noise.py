"""Whole-number noise is drawn from exactly the distribution that the accountant assumes."""

from __future__ import annotations

import math
import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from mindveil.dp import noise as noise_module
from mindveil.dp.noise import (
    DISTANCE,
    LARGEST_SCALE,
    _below,
    _chosen,
    _exp,
    _gaussian,
    _half_square,
    _laplace,
    os_noise,
    seeded,
    short_fraction,
)
from mindveil.errors import InputError

SCALES = (0.4, 1.0, 3.7, 25.0, 1000.0)


def words_of(rng):
    return lambda count: rng.integers(0, 1 << 64, size=count, dtype=np.uint64)


def gaussian_mass(sigma):
    reach = math.ceil(12 * sigma) + 2
    support = np.arange(-reach, reach + 1)
    mass = np.exp(-(support**2) / (2 * sigma**2))
    return support, mass / mass.sum()


def rounded_mass(sigma):
    reach = math.ceil(12 * sigma) + 2
    support = np.arange(-reach, reach + 1)
    mass = stats.norm.cdf((support + 0.5) / sigma) - stats.norm.cdf((support - 0.5) / sigma)
    return support, mass


def laplace_mass(scale):
    reach = math.ceil(60 * scale) + 2
    support = np.arange(-reach, reach + 1)
    mass = np.exp(-np.abs(support) / scale)
    return support, mass / mass.sum()


def fit(draws, support, mass):
    """Return the p-values of chi-square (cells of at least 20 expected) and Kolmogorov-Smirnov."""
    cumulated = np.cumsum(mass)
    edges = np.unique(np.searchsorted(cumulated, np.linspace(0, 1, 60)[1:-1]))
    cell = np.searchsorted(edges, np.searchsorted(support, draws), side="left")
    seen = np.bincount(cell, minlength=edges.size + 1)
    expected = np.diff(np.concatenate([[0.0], cumulated[edges], [1.0]])) * draws.size
    keep = expected >= 20
    seen = np.append(seen[keep], seen[~keep].sum())
    expected = np.append(expected[keep], expected[~keep].sum())
    if expected[-1] < 1e-9 * draws.size:
        seen, expected = seen[:-1], expected[:-1]
    chi = stats.chisquare(seen, expected * seen.sum() / expected.sum()).pvalue
    empirical = np.searchsorted(np.sort(draws), support, side="right") / draws.size
    gap = np.max(np.abs(empirical - cumulated))
    # For whole numbers the Kolmogorov distribution is conservative: p is too large, never small.
    return chi, stats.kstwo.sf(gap, draws.size)


def test_rare_events_by_hand():
    """exp(-3/4) and exp(-1/8) from coins: 200,000 throws each."""
    rng = np.random.default_rng(3)
    throws = 200_000
    plain = _exp(words_of(rng), np.full(throws, 3), 4).mean()
    square = _exp(words_of(rng), np.full(throws, 1), 2, squared=True).mean()
    assert plain == pytest.approx(math.exp(-0.75), abs=4.5 * 0.5 / math.sqrt(throws))
    assert square == pytest.approx(math.exp(-0.125), abs=4.5 * 0.5 / math.sqrt(throws))


def test_certain_and_impossible_coins():
    rng = np.random.default_rng(3)
    assert _exp(words_of(rng), np.zeros(1000, np.int64), 7).all()
    assert not _half_square(words_of(rng), np.full(1000, 40), np.zeros(1000, np.int64), 5).any()
    assert _half_square(words_of(rng), np.zeros(9, np.int64), np.zeros(9, np.int64), 5).all()


def test_numbers_below_a_limit_are_uniform_at_the_edge_of_64_bits():
    """A limit of 3 * 2**61 throws a quarter of all words away; the rest are even."""
    rng = np.random.default_rng(5)
    limit = 3 << 61
    drawn = _below(words_of(rng), np.full(60_000, limit, np.int64))
    assert drawn.min() >= 0
    assert drawn.max() < limit
    assert stats.chisquare(np.bincount(drawn // (1 << 59), minlength=12)).pvalue > 1e-4


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("count", [100_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_the_samplers_fit(scale, count):
    rng = np.random.default_rng([11, count, int(10 * scale)])
    exact = float(short_fraction(scale))
    drawn = {
        "discrete Gaussian": (_gaussian(words_of(rng), scale, count), gaussian_mass(exact)),
        "whole-number Gaussian": (seeded(rng).gaussian(scale, (count,)), rounded_mass(scale)),
        "discrete Laplace": (seeded(rng).laplace(scale, (count,)), laplace_mass(exact)),
    }
    for name, (draws, (support, mass)) in drawn.items():
        chi, gap = fit(draws, support, mass)
        assert chi > 1e-4, name
        assert gap > 1e-4, name


def test_a_wrong_sampler_does_not_fit():
    """The test of fit can fail: noise of 97 % of the scale, and a float Gaussian cut off."""
    rng = np.random.default_rng(2)
    draws = seeded(rng).gaussian(0.97 * 25, (100_000,))
    assert min(fit(draws, *rounded_mass(25.0))) < 1e-4
    cut = np.trunc(rng.normal(0, 3.7, 100_000)).astype(np.int64)
    assert min(fit(cut, *gaussian_mass(3.7))) < 1e-4


def test_far_proposals_keep_the_distribution(monkeypatch):
    """Where 64 bits would not do, whole numbers of any length give the same decisions."""
    steps = np.array([10**9 * 300, 3, 0], np.int64)

    def proposals(words, scale, tries):
        return np.resize(steps, tries), np.zeros(tries, np.bool_)

    monkeypatch.setattr(noise_module, "_two_sided", proposals)
    drawn = _gaussian(words_of(np.random.default_rng(1)), 1e8, 200)
    assert set(drawn.tolist()) == {0, 3}


@pytest.mark.parametrize("sigma", [4.0, 16.0])
def test_the_distance_to_real_noise_is_bounded(sigma):
    """1 / (12 s**2) bounds the total variation at s steps; the sampler has 2**26 or more."""
    _, grid = gaussian_mass(sigma)
    _, real = rounded_mass(sigma)
    distance = np.abs(grid - real).sum() / 2
    assert 0 < distance <= 1 / (12 * sigma**2)
    assert pytest.approx(1 / (12 * (2.0**26) ** 2)) == DISTANCE


@given(st.floats(1e-6, LARGEST_SCALE))
def test_a_scale_is_rounded_up_and_stays_short(scale):
    found = short_fraction(scale)
    assert Fraction(scale) <= found
    assert found - Fraction(scale) <= Fraction(max(scale, 1.0)) / 2**26
    assert found.numerator <= 2**27
    assert (math.floor(found) + 1) * found.denominator <= 2**28


@pytest.mark.parametrize("scale", [0.0, -1.0, math.nan, math.inf, 2.0**28])
def test_impossible_scales_are_refused(scale):
    with pytest.raises(InputError):
        os_noise().gaussian(scale, (2,))
    with pytest.raises(InputError):
        os_noise().laplace(scale, (2,))
    with pytest.raises(InputError):
        os_noise().gaussian(2.0**-21, (2,))


@pytest.mark.parametrize("shape", [(), (0,), (3,), (2, 0), (2, 3, 4)])
def test_shapes_and_whole_numbers(shape):
    for drawn in (os_noise().gaussian(3.0, shape), os_noise().laplace(3.0, shape)):
        assert drawn.shape == shape
        assert drawn.dtype == np.int64


def test_large_draws_come_in_batches():
    drawn = seeded(np.random.default_rng(8)).laplace(2.0, (300, 1000))
    assert drawn.shape == (300, 1000)
    assert abs(drawn.mean()) < 0.05


def test_a_poisson_sample_takes_each_person_at_the_rate():
    chosen = seeded(np.random.default_rng(4)).chosen(0.16, 200_000)
    assert chosen.mean() == pytest.approx(0.16, abs=4.5 * math.sqrt(0.16 * 0.84 / 200_000))
    assert os_noise().chosen(1.0, 50).all()
    assert os_noise().chosen(0.5, 0).shape == (0,)
    low = _chosen(lambda n: np.full(n, 1 << 63, np.uint64), 0.5, 3)
    assert not low.any(), "the word at the rate itself is out"
    with pytest.raises(InputError, match="chooses nobody"):
        os_noise().chosen(0.0, 3)


def test_the_same_seed_gives_the_same_noise_and_the_system_never_does():
    first = seeded(np.random.default_rng(1)).gaussian(50.0, (100,))
    again = seeded(np.random.default_rng(1)).gaussian(50.0, (100,))
    assert np.array_equal(first, again)
    assert not np.array_equal(os_noise().gaussian(50.0, (100,)), os_noise().gaussian(50.0, (100,)))


def test_what_may_be_called_proved_comes_from_the_operating_system(monkeypatch):
    """Every random bit of os_noise is asked of os.urandom; a seed is asked for nothing."""
    asked = []
    real = noise_module.os.urandom

    def urandom(count):
        asked.append(count)
        return real(count)

    monkeypatch.setattr(noise_module.os, "urandom", urandom)
    source = os_noise()
    assert source.proved
    source.gaussian(5.0, (100,))
    source.laplace(5.0, (100,))
    source.chosen(0.5, 100)
    assert sum(asked) > 300 * 8
    asked.clear()
    repeatable = seeded(np.random.default_rng(1))
    assert not repeatable.proved
    repeatable.gaussian(5.0, (100,))
    repeatable.laplace(5.0, (100,))
    repeatable.chosen(0.5, 100)
    assert not asked


def test_five_thousand_draws_cost_less_than_half_a_second():
    for scale in (0.3, 100.0, 1e6):
        start = time.process_time()
        os_noise().gaussian(scale, (5000,))
        os_noise().laplace(scale, (5000,))
        assert time.process_time() - start < 0.5


def unreachable(noise_of, count=4000):
    """Return the share of outputs on 1 that noise on 0 cannot give, for a finite set of draws."""
    drawn = noise_of(count)
    here = {float(1.0 + z) for z in drawn}
    # z is reachable from 0 only if some float z' = here has here - 0 among the sampler's values.
    return np.mean([not reachable_from_zero(y) for y in here])


def reachable_from_zero(value):
    """Whether a float Laplace -log(1 - u) can be exactly ``value``, for u of 53 bits."""
    size = abs(value)
    near = 1.0 - math.exp(-size)
    around = (near + k * 2.0**-53 for k in range(-8, 9))
    return any(0.0 <= u < 1.0 and -math.log(1.0 - u) == size for u in around)


def test_floats_leak_and_whole_numbers_do_not():
    """Mironov 2012: most outputs of a textbook Laplace mechanism on 1 are impossible on 0."""
    rng = np.random.default_rng(6)

    def textbook(count):
        sign = rng.choice([-1.0, 1.0], count)
        return [s * -math.log(1.0 - u) for s, u in zip(sign, rng.random(count), strict=True)]

    assert unreachable(textbook) > 0.5
    # On whole numbers every output has positive probability on both sides: the support is all
    # whole numbers. Seen: what noise on 1 gave within reach, noise on 0 gives as well.
    for draw in (seeded(rng).laplace, seeded(rng).gaussian):
        here = 1 + draw(2.0, (20_000,))
        there = set(draw(2.0, (400_000,)).tolist())
        common = here[np.abs(here) <= 5]
        assert np.mean([value not in there for value in common.tolist()]) == 0.0
        assert here.dtype == np.int64


def test_the_laplace_core_counts_zero_once():
    drawn = _laplace(words_of(np.random.default_rng(9)), 0.5, 50_000)
    share = (1 - math.exp(-2)) / (1 + math.exp(-2))
    assert np.mean(drawn == 0) == pytest.approx(share, abs=0.01)
