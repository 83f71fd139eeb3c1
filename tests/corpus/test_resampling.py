from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.signal import resample_poly

from mindveil.corpus import resampling
from mindveil.corpus.resampling import resample


def blocks(samples, size):
    return [samples[start : start + size] for start in range(0, len(samples), size)]


def test_the_same_rate_changes_nothing():
    samples = np.linspace(-1, 1, 10, dtype=np.float32)
    assert (resample(blocks(samples, 3), 10, (16_000, 16_000)) == samples).all()


def test_a_tone_keeps_its_pitch_and_its_height():
    t = np.arange(48_000) / 48_000
    tone = (0.5 * np.sin(2 * np.pi * 440 * t)).astype(np.float32)
    slow = resample([tone], len(tone), (48_000, 16_000))
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(16_000) / 16_000)
    assert len(slow) == 16_000
    assert np.abs(slow - expected)[100:-100].max() < 1e-3


def test_what_is_too_high_for_the_new_rate_is_gone():
    t = np.arange(48_000) / 48_000
    hiss = np.sin(2 * np.pi * 12_000 * t).astype(np.float32)
    assert np.abs(resample([hiss], len(hiss), (48_000, 16_000)))[100:-100].max() < 0.01


def test_full_scale_does_not_ring_over():
    square = np.sign(np.sin(np.arange(8_000) / 20)).astype(np.float32)
    assert np.abs(resample([square], len(square), (8_000, 16_000))).max() <= 1.0


@pytest.mark.parametrize("rates", [(44_100, 16_000), (8_000, 16_000), (48_000, 16_000)])
@settings(max_examples=20, deadline=None)
@given(length=st.integers(1, 9_000), size=st.integers(1, 2_000), seed=st.integers(0, 99))
def test_seams_are_not_heard(rates, length, size, seed):
    samples = np.random.default_rng(seed).uniform(-0.5, 0.5, length).astype(np.float32)
    common = np.gcd(*rates)
    whole = np.clip(resample_poly(samples, rates[1] // common, rates[0] // common), -1, 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(resampling, "_BLOCK", 1_000)
        pieces = resample(blocks(samples, size), length, rates)
    assert pieces.dtype == np.float32
    np.testing.assert_allclose(pieces, whole, atol=2e-6)
