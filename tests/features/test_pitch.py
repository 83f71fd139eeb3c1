"""The pitch track: known contours, no octave jumps, nothing where there is no voice."""

from __future__ import annotations

import numpy as np
import pytest
from tests.features.voices import FORMANTS, OPEN, audio, melody, noisy, perturbed, sung, vowel

from mindveil.features.pitch import PitchTrack, _strays, track_f0

RATE = 16_000
SECONDS = np.arange(2 * RATE) / RATE


def test_a_short_piece_that_leaps_away_is_a_stray_and_a_longer_one_is_not():
    hz = np.array([np.nan, 100, 101, 102, 101, 100, 99, 150, 151, np.nan, 100, 190, 190])
    assert np.flatnonzero(_strays(hz)).tolist() == [7, 8, 10]
    far = np.array([100.0] * 6 + [150.0] * 6)
    assert not _strays(far).any()


@pytest.mark.parametrize("rate", [16_000, 44_100])
@pytest.mark.parametrize("hz", [100, 220])
def test_a_known_melody_is_followed_within_two_percent(rate, hz):
    rng = np.random.default_rng(1)
    sound = noisy(vowel(rate, sung(hz, 3, 4), edge=0.1), 30, rng)
    track = track_f0(audio(sound, rate))
    truth = melody(hz, 3, track.seconds - 0.1)
    inside = (track.seconds > 0.13) & (track.seconds < 4.07)
    assert track.voiced[inside].all()
    assert np.abs(track.hz / truth - 1)[inside].max() < 0.02
    assert np.nanmedian(track.hz) == pytest.approx(np.median(truth[inside]), rel=0.005)
    spread = np.log2(track.hz[track.voiced]).std()
    assert spread == pytest.approx(np.log2(truth[inside]).std(), rel=0.02)


@pytest.mark.parametrize("hz", [70, 100, 440, 590])
def test_a_pure_tone_is_its_own_pitch(hz):
    track = track_f0(audio(0.3 * np.sin(2 * np.pi * hz * SECONDS), RATE))
    assert track.voiced.all()
    assert np.abs(track.hz / hz - 1).max() < 0.005
    assert np.median(track.strength) > 0.99


@pytest.mark.parametrize("second", [2, 3, 5])
def test_a_strong_second_harmonic_is_no_octave(second):
    parts = [np.sin(2 * np.pi * 120 * SECONDS), second * np.sin(2 * np.pi * 240 * SECONDS + 0.7)]
    sound = noisy(0.5 * sum(parts) / (1 + second), 40, np.random.default_rng(2))
    track = track_f0(audio(sound, RATE))
    assert track.voiced.mean() > 0.95
    assert np.nanmin(track.hz) > 115
    assert np.nanmax(track.hz) < 125


@pytest.mark.parametrize("formants", [FORMANTS, OPEN])
@pytest.mark.parametrize("hz", [90, 130, 150, 300])
def test_a_rough_voice_makes_no_octave_jumps(hz, formants):
    rng = np.random.default_rng(70)
    sound = noisy(vowel(RATE, perturbed(1 / hz, 3, 2 * hz, rng), formants=formants), 20, rng)
    track = track_f0(audio(sound, RATE))
    assert track.voiced.mean() > 0.75
    assert np.nanmax(np.abs(np.log2(track.hz / hz))) < 0.3


def test_a_man_and_then_a_woman_are_both_followed():
    sound = np.concatenate([vowel(RATE, sung(110, 1, 2)), vowel(RATE, sung(210, 1, 2))])
    track = track_f0(audio(sound, RATE))
    first, second = track.hz[track.seconds < 2], track.hz[track.seconds > 2.15]
    assert np.nanmedian(first) == pytest.approx(110, rel=0.03)
    assert np.nanmedian(second) == pytest.approx(210, rel=0.03)
    assert np.nanmax(first) < 140
    assert np.nanmin(second) > 160


@pytest.mark.parametrize("seed", range(3))
def test_white_noise_is_not_a_voice(seed):
    track = track_f0(audio(np.random.default_rng(seed).normal(0, 0.1, 3 * RATE), RATE))
    assert track.voiced.mean() < 0.05


@pytest.mark.parametrize("samples", [np.zeros(RATE), np.full(RATE, 0.25), np.zeros(0), [0.1, -0.1]])
def test_silence_has_no_pitch(samples):
    track = track_f0(audio(samples, RATE))
    assert isinstance(track, PitchTrack)
    assert not track.voiced.any()
    assert len(track.seconds) == len(track.hz) == len(track.strength) == len(samples) * 100 // RATE


def test_seconds_are_those_of_the_recording():
    sound = vowel(RATE, sung(150, 2, 1))
    plain = track_f0(audio(sound, RATE))
    late = track_f0(audio(np.concatenate([np.zeros(5_000), sound]), RATE))
    assert np.array_equal(late.hz, plain.hz, equal_nan=True)
    assert np.allclose(late.seconds - plain.seconds, 5_000 / RATE)


def test_the_same_sound_gives_the_same_bytes():
    sound = audio(noisy(vowel(RATE, sung(150, 2, 1)), 20, np.random.default_rng(4)), RATE)
    assert track_f0(sound).hz.tobytes() == track_f0(sound).hz.tobytes()
