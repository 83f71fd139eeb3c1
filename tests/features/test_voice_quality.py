"""Jitter, shimmer and harmonics-to-noise against what was planted."""

from __future__ import annotations

import numpy as np
import pytest
from tests.features.voices import audio, local_change, noisy, perturbed, vowel

from mindveil.features.pitch import track_sound
from mindveil.features.sound import trimmed_sound
from mindveil.features.voice_quality import (
    Periods,
    find_periods,
    harmonics_to_noise,
    local_jitter,
    local_shimmer,
)

CASES = [(rate, hz) for rate in (16_000, 44_100) for hz in (100, 220)]


def periods_of(sound, rate):
    ready = trimmed_sound(audio(sound, rate))
    return find_periods(ready, track_sound(ready))


def by_hand(seconds, amplitude=None, run=None, noise=0.0):
    count = len(seconds)
    return Periods(
        seconds=np.array(seconds, dtype=float),
        amplitude=np.array(amplitude or np.ones(count), dtype=float),
        likeness=np.full(count, 0.5),
        length_noise=np.full(count, noise),
        amplitude_noise=np.full(count, noise),
        run=np.array(run or [0] * count),
    )


@pytest.mark.parametrize(
    ("seconds", "run", "answer"),
    [
        ([10, 11, 10], None, 100 * 1 / 10.5),
        ([10, 10, 10], None, 0.0),
        # The leap from 11 to 20 is over a factor of 1.3 and not compared.
        ([10, 11, 20, 22], None, 100 * 1.5 / 15.75),
        # Nothing is compared across a gap.
        ([10, 11, 12, 13], [0, 0, 1, 1], 100 * 1 / 11.5),
        ([10, np.nan, 10, 11], None, 100 * 1 / 10.5),
        ([10], None, np.nan),
    ],
)
def test_jitter_by_hand(seconds, run, answer):
    assert local_jitter(by_hand(seconds, run=run)) == pytest.approx(answer, nan_ok=True)


def test_noise_comes_off_by_its_square_and_never_more_than_three_quarters():
    noise = 0.2
    expected = 100 * np.sqrt(1 - 2 / np.pi * 3 * noise**2) / 10.5
    assert local_jitter(by_hand([10, 11, 10], noise=noise)) == pytest.approx(expected)
    assert local_jitter(by_hand([10, 11, 10], noise=9.0)) == pytest.approx(100 * 0.5 / 10.5)


def test_shimmer_and_ratio_by_hand():
    assert local_shimmer(by_hand([1, 1, 1], [2, 3, 2])) == pytest.approx(40)
    assert local_shimmer(by_hand([1, 1], [1, 2])) != local_shimmer(by_hand([1, 1], [1, 1.5]))
    assert np.isnan(local_shimmer(by_hand([1, 1], [1, 2])))
    assert harmonics_to_noise(by_hand([1, 1])) == pytest.approx(0)
    assert np.isnan(harmonics_to_noise(by_hand([])))


@pytest.mark.parametrize("percent", [1, 3])
@pytest.mark.parametrize(("rate", "hz"), CASES)
def test_planted_jitter_is_found_within_two_percent(rate, hz, percent):
    # Two recordings of 400 periods: the error of one is 0.5 % (standard deviation) around it.
    errors = []
    for seed in range(2):
        rng = np.random.default_rng(seed)
        planted = perturbed(1 / hz, percent, 400, rng)
        found = periods_of(noisy(vowel(rate, planted), 30, rng), rate)
        assert len(found.seconds) == pytest.approx(400, abs=4)
        assert np.nanmean(found.seconds) == pytest.approx(planted.mean(), rel=0.001)
        errors.append(local_jitter(found) / local_change(planted) - 1)
    assert abs(np.mean(errors)) < 0.02


@pytest.mark.parametrize("percent", [4, 8])
@pytest.mark.parametrize(("rate", "hz"), CASES)
def test_planted_shimmer_is_found_within_a_fifth(rate, hz, percent):
    rng = np.random.default_rng(percent)
    planted = perturbed(1.0, percent, 401, rng)
    sound = vowel(rate, perturbed(1 / hz, 0.5, 400, rng), planted)
    found = local_shimmer(periods_of(noisy(sound, 30, rng), rate))
    assert found == pytest.approx(local_change(planted), rel=0.2)


@pytest.mark.parametrize(("rate", "hz"), CASES)
def test_a_perfect_voice_has_hardly_any_jitter_or_shimmer(rate, hz):
    sound = noisy(vowel(rate, np.full(300, 1 / hz)), 30, np.random.default_rng(3))
    found = periods_of(sound, rate)
    assert local_jitter(found) < 0.1
    assert local_shimmer(found) < 1.5


@pytest.mark.parametrize("decibels", [10, 20, 30])
@pytest.mark.parametrize("hz", [100, 220])
def test_the_ratio_is_that_of_the_noise_within_one_and_a_half_decibels(hz, decibels):
    sound = noisy(vowel(16_000, np.full(300, 1 / hz), edge=0), decibels, np.random.default_rng(4))
    found = harmonics_to_noise(periods_of(sound, 16_000))
    assert found == pytest.approx(decibels, abs=1.5)


def test_a_click_in_the_voice_costs_a_few_periods_and_no_more():
    rng = np.random.default_rng(5)
    planted = perturbed(1 / 120, 1, 300, rng)
    sound = noisy(vowel(16_000, planted), 40, rng)
    sound[20_000:20_003] += [1.0, -1.0, 0.5]
    found = periods_of(sound, 16_000)
    assert len(found.seconds) > 280
    assert local_jitter(found) == pytest.approx(local_change(planted), rel=0.1)


def test_noise_and_silence_have_no_periods():
    for sound in (np.random.default_rng(6).normal(0, 0.1, 16_000), np.zeros(16_000)):
        found = periods_of(sound, 16_000)
        assert len(found.seconds) == 0
        assert np.isnan([local_jitter(found), local_shimmer(found)]).all()
