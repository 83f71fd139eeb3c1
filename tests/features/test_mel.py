"""Mel spectra: the scale by hand, bands of area one, and a tone in the band where it belongs."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.features.mel import Mel, mel_bands


def test_bands_by_hand():
    # below 1 kHz a mel is 200/3 Hz: 0 to 200 Hz is 0 to 3 mel, two bands peak at 1 and 2 mel
    bands = mel_bands(400, 12, 2)
    middle = np.array([200 / 3, 400 / 3])
    frequencies = np.arange(7) * 400 / 12
    expected = np.maximum(0, 1 - abs(frequencies[:, None] - middle) / (200 / 3)) / (200 / 3)
    np.testing.assert_allclose(bands, expected, atol=1e-9)


@pytest.mark.parametrize("count", [20, 40])
def test_each_band_has_area_one(count):
    bands = mel_bands(16_000, 16_384, count)
    np.testing.assert_allclose(bands.sum(axis=0) * 16_000 / 16_384, 1, atol=0.02)


def test_bands_are_even_below_1_khz_and_even_in_ratios_above():
    peaks = mel_bands(16_000, 1 << 16, 40).argmax(axis=0) * 16_000 / (1 << 16)
    low, high = peaks[peaks < 1000], peaks[peaks > 1000]
    assert np.ptp(np.diff(low)) < 1
    assert np.ptp(high[1:] / high[:-1]) < 0.002


def spectrum(*, centred: bool) -> Mel:
    return Mel(
        window=np.ones(400, dtype=np.float32),
        bands=mel_bands(16_000, 400, 40),
        hop=160,
        centred=centred,
    )


@settings(max_examples=30, deadline=None)
@given(st.floats(150, 7000))
def test_a_tone_is_loudest_in_the_band_around_it(pitch):
    tone = np.sin(2 * np.pi * pitch * np.arange(1600) / 16_000).astype(np.float32)
    found = spectrum(centred=False)(tone)
    loudest = int(found.mean(axis=0).argmax())
    peaks = mel_bands(16_000, 1 << 14, 40).argmax(axis=0) * 16_000 / (1 << 14)
    edges = np.concatenate([[0], peaks, [8000]])
    assert edges[loudest] - 40 <= pitch <= edges[loudest + 2] + 40


def test_the_power_of_a_long_sound_is_that_of_its_parts():
    sound = np.random.default_rng(1).normal(size=16_000 * 50).astype(np.float32)
    whole = spectrum(centred=False)(sound)
    assert whole.shape == ((len(sound) - 400) // 160 + 1, 40)
    late = spectrum(centred=False)(sound[160 * 4000 :])
    np.testing.assert_allclose(whole[4000:], late, rtol=1e-5)


def test_a_sound_shorter_than_a_frame():
    assert spectrum(centred=False)(np.ones(399, dtype=np.float32)).shape == (0, 40)
    assert spectrum(centred=True)(np.ones(399, dtype=np.float32)).shape == (3, 40)
