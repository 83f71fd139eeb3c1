"""McAdams' coefficient: formants go where the power sends them, all else stays."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import solve_toeplitz
from tests.anonymise.voices import RATE, corpus, heard, melody, noise, person, recorded, vowel

from mindveil.anonymise.voice_mcadams import (
    FARTHEST,
    FRAME,
    ORDER,
    VoiceMcadams,
    linear_prediction,
    move_formants,
    moved_poles,
)
from mindveil.anonymise.voice_pseudo_voice import pitch
from mindveil.errors import InputError


def resonances(samples):
    """Return the frequencies of the sharp poles of a stretch of a vowel."""
    middle = samples[len(samples) // 2 :][:1600].astype(float) * np.hanning(1600)
    poles = np.roots(linear_prediction(middle[None])[0])
    return np.angle(poles[(poles.imag > 0) & (np.abs(poles) > 0.9)]) * RATE / (2 * np.pi)


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"lowest": 0.1}, "lowest = 0.1"),
        ({"lowest": 0.9, "highest": 0.8}, "highest = 0.8"),
        ({"highest": 1.2}, "highest = 1.2"),
        ({"draw": "word"}, "session or person"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, fault):
    with pytest.raises(InputError, match=fault):
        VoiceMcadams(**settings)


def test_prediction_filters_are_those_of_the_normal_equations():
    frames = np.random.default_rng(1).standard_normal((3, FRAME)) * np.hanning(FRAME)
    for frame, found in zip(frames, linear_prediction(frames), strict=True):
        lags = np.correlate(frame, frame, "full")[FRAME - 1 :][: ORDER + 1]
        wanted = -solve_toeplitz(lags[:ORDER], lags[1:])
        assert found[0] == 1
        assert found[1:] == pytest.approx(wanted, abs=1e-5)


def test_hand_table_two_poles():
    # Poles at radius .9 and angles +-.5, the rest at zero: the filter is 1 - 2r cos(a) z + r^2 z^2.
    filters = np.zeros((1, ORDER + 1))
    filters[0, :3] = 1, -2 * 0.9 * np.cos(0.5), 0.81
    moved = moved_poles(filters, 0.7)[0]
    assert moved[:3] == pytest.approx([1, -2 * 0.9 * np.cos(0.5**0.7), 0.81], abs=1e-4)
    assert moved[3:] == pytest.approx(0, abs=1e-4)


def test_real_poles_stay():
    filters = np.zeros((1, ORDER + 1))
    filters[0] = np.poly([0.9, -0.5, *([0.0] * (ORDER - 2))])
    assert moved_poles(filters, 0.5) == pytest.approx(filters, abs=1e-9)


def test_alpha_one_changes_nothing():
    voice = vowel(melody(2)) + 0.01 * noise(2)
    rest = voice - move_formants(voice, 1.0)
    assert 10 * np.log10(np.sum(voice**2) / np.sum(rest**2)) > 40


@pytest.mark.parametrize("alpha", [0.7, 0.8, 0.9])
def test_formants_move_as_predicted(alpha):
    voice = vowel(np.full(RATE, 110.0)) + 1e-4 * noise(1)
    after = resonances(move_formants(voice, alpha))
    for before in (700.0, 1220.0, 2600.0):
        wanted = RATE / (2 * np.pi) * (2 * np.pi * before / RATE) ** alpha
        assert np.min(np.abs(after - wanted)) / wanted < 0.04


def test_pitch_and_loudness_of_each_moment_stay():
    voice = vowel(melody(2)) * np.linspace(0.1, 1, 2 * RATE, dtype=np.float32)
    changed = move_formants(voice, 0.7)
    before, after = pitch(voice), pitch(changed)
    both = (before > 0) & (after > 0)
    assert np.mean(both) > 0.9
    assert np.median(np.abs(np.log2(after[both] / before[both]))) < 0.01
    levels = [np.sqrt(np.mean(v.reshape(20, -1) ** 2, axis=1)) for v in (voice, changed)]
    assert levels[1] == pytest.approx(levels[0], rel=0.15)


@pytest.mark.parametrize("count", [0, 1, 160, FRAME, 16_001])
def test_length_is_kept_and_silence_stays(count):
    assert len(move_formants(noise(2)[:count], 0.6)) == count
    assert not move_formants(np.zeros(count, dtype=np.float32), 0.6).any()


def test_silence_beside_speech_stays_silent():
    voice = np.concatenate([vowel(melody(1)), np.zeros(RATE, dtype=np.float32)])
    assert not move_formants(voice, 0.6)[RATE + FRAME :].any()


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    alpha=st.floats(0.3, 1),
    size=st.sampled_from([1e-6, 1e-3, 1.0]),
    tone=st.floats(0, 8000),
)
def test_filters_are_stable_and_voices_finite(seed, alpha, size, tone):
    rng = np.random.default_rng(seed)
    wave = np.sin(2 * np.pi * tone * np.arange(4 * FRAME) / RATE) + 1e-3 * rng.standard_normal(
        4 * FRAME
    )
    voice = (size * wave).astype(np.float32)
    filters = moved_poles(linear_prediction(voice.reshape(4, FRAME).astype(float)), alpha)
    assert np.all(np.isfinite(filters))
    assert max(np.max(np.abs(np.roots(f))) for f in filters) < 1 + 5 * (1 - FARTHEST)
    changed = move_formants(voice, alpha)
    assert np.all(np.isfinite(changed))
    assert np.sum(changed**2) < 10 * np.sum(voice**2)


def test_sessions_draw_apart_and_people_draw_alike_where_asked(tmp_path):
    voice = vowel(melody(0.5))
    one = person("A", *({"voice": (recorded(tmp_path, "v_voice.flac", voice),)} for _ in range(2)))
    by_session = heard(VoiceMcadams().apply(corpus(one), np.random.default_rng(1)))
    by_person = heard(VoiceMcadams(draw="person").apply(corpus(one), np.random.default_rng(1)))
    assert not np.array_equal(by_session["A", "1"][0], by_session["A", "2"][0])
    assert np.array_equal(by_person["A", "1"][0], by_person["A", "2"][0])
