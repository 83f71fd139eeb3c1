"""Pseudo-voices: the drawn pitch and vocal tract arrive, the melody and the timing stay."""

from __future__ import annotations

import numpy as np
import pytest
from tests.anonymise.voices import RATE, melody, noise, vowel

from mindveil.anonymise.voice_pseudo_voice import (
    PIECE,
    VoicePseudoVoice,
    as_loud,
    pitch,
    speak_as,
    warped,
)
from mindveil.errors import InputError

pytest.importorskip("soundfile")


def semitones(curve):
    return 12 * np.log2(curve[curve > 0])


def mean_hertz(curve):
    return float(np.exp(np.mean(np.log(curve[curve > 0]))))


@pytest.mark.parametrize(
    ("settings", "fault"),
    [
        ({"lowest_hertz": 20.0}, "lowest_hertz = 20.0"),
        ({"lowest_hertz": 200.0, "highest_hertz": 100.0}, "highest_hertz = 100.0"),
        ({"least_warp": 0.2, "most_warp": 0.1}, "most_warp = 0.1"),
        ({"most_warp": 0.9}, "most_warp = 0.9"),
    ],
)
def test_settings_that_cannot_be_are_refused(settings, fault):
    with pytest.raises(InputError, match=fault):
        VoicePseudoVoice(**settings)


def test_hand_table_warping_an_envelope():
    ramp = np.array([[0.0, 1, 2, 3, 4]])
    assert warped(ramp, 2.0).tolist() == [[0, 0.5, 1, 1.5, 2]]
    assert warped(ramp, 0.5).tolist() == [[0, 2, 4, 4, 4]]
    assert warped(ramp, 1.0).tolist() == ramp.tolist()


@pytest.mark.parametrize("level", [95.0, 150.0, 240.0])
@pytest.mark.parametrize("own", [100.0, 200.0])
def test_the_level_is_the_drawn_one_and_the_melody_stays(own, level):
    voice = vowel(melody(3, level=own))
    before = pitch(voice)
    after = pitch(speak_as([voice], level, 1.1)[0])
    assert mean_hertz(before) == pytest.approx(own, rel=0.02)
    assert mean_hertz(after) == pytest.approx(level, rel=0.03)
    assert np.std(semitones(after)) == pytest.approx(np.std(semitones(before)), rel=0.1)
    both = (before > 0) & (after > 0)
    assert np.mean(both) > 0.9
    assert np.corrcoef(np.log(before[both]), np.log(after[both]))[0, 1] > 0.97


def test_differences_between_recordings_of_a_session_stay():
    low, high = speak_as([vowel(melody(2, level=h)) for h in (110.0, 140.0)], 180.0, 1.1)
    assert mean_hertz(pitch(high)) / mean_hertz(pitch(low)) == pytest.approx(140 / 110, rel=0.03)


@pytest.mark.parametrize("warp", [0.85, 1.15])
def test_formants_are_multiplied_by_the_warp(warp):
    voice = vowel(np.full(2 * RATE, 110.0), formants=((1200.0, 80.0),))
    (changed,) = speak_as([voice], 110.0, warp)
    peaks = []
    for one in (voice, changed):
        spectrum = np.abs(np.fft.rfft(one[RATE // 2 :][:RATE] * np.hanning(RATE))) ** 2
        hertz = np.arange(len(spectrum))
        near = (hertz > 600) & (hertz < 2000)
        peaks.append(np.sum(hertz[near] * spectrum[near]) / np.sum(spectrum[near]))
    assert peaks[1] / peaks[0] == pytest.approx(warp, rel=0.04)


def test_timing_stays():
    voice = np.concatenate([vowel(melody(1)), np.zeros(RATE, dtype=np.float32), vowel(melody(1))])
    (changed,) = speak_as([voice], 200.0, 1.1)
    loud = [np.mean(v.reshape(-1, 800) ** 2, axis=1) > 1e-5 for v in (voice, changed)]
    assert np.mean(loud[0] == loud[1]) > 0.95


def test_hand_table_loudness_of_each_moment():
    steady = np.full(RATE, 0.2, dtype=np.float32)
    swell = np.linspace(0.05, 0.4, RATE, dtype=np.float32)
    assert as_loud(steady, steady) == pytest.approx(steady, rel=1e-5)
    assert as_loud(steady, swell) == pytest.approx(swell, rel=0.05)
    assert as_loud(steady, 9 * steady) == pytest.approx(4 * steady, rel=1e-5)
    assert as_loud(steady, 0 * steady) == pytest.approx(0 * steady, abs=2e-5)


def test_loudness_of_each_moment_stays():
    voice = vowel(melody(2)) * np.linspace(0.1, 1, 2 * RATE, dtype=np.float32)
    (changed,) = speak_as([voice], 200.0, 1.1)
    levels = [np.sqrt(np.mean(v.reshape(20, -1) ** 2, axis=1)) for v in (voice, changed)]
    assert levels[1] == pytest.approx(levels[0], rel=0.15)


@pytest.mark.parametrize("count", [0, 1, 160, 8_000, 16_001])
def test_length_is_kept_and_silence_stays(count):
    (changed,) = speak_as([noise(2)[:count]], 150.0, 1.1)
    assert len(changed) == count
    assert np.all(np.isfinite(changed))
    assert not speak_as([np.zeros(count, dtype=np.float32)], 150.0, 1.1)[0].any()


@pytest.mark.parametrize("rest", [1, 4_000])
def test_pieces_of_a_long_recording_join_without_a_gap(rest):
    voice = vowel(melody(PIECE / RATE + 0.5))[: PIECE + rest]
    (changed,) = speak_as([voice], 150.0, 1.1)
    assert len(changed) == len(voice)
    around = changed[PIECE - 1600 : PIECE + 1600]
    before = changed[PIECE - 4800 : PIECE - 1600]
    assert np.sqrt(np.mean(around**2)) == pytest.approx(np.sqrt(np.mean(before**2)), rel=0.4)
    assert np.max(np.abs(np.diff(around))) <= 1.5 * np.max(np.abs(np.diff(before)))
    assert np.mean(pitch(changed)[PIECE // 80 - 20 : PIECE // 80 + rest // 80] > 0) > 0.8


def test_what_is_drawn_does_not_depend_on_the_speaker():
    voices = [vowel(melody(1, level=h)) for h in (100.0, 220.0)]
    means = [
        mean_hertz(pitch(VoicePseudoVoice().change([v], np.random.default_rng(5))[0]))
        for v in voices
    ]
    assert means[0] == pytest.approx(means[1], rel=0.03)


def test_draws_cover_their_range():
    voice = vowel(melody(1))
    rngs = [np.random.default_rng(seed) for seed in range(8)]
    levels = [mean_hertz(pitch(VoicePseudoVoice().change([voice], rng)[0])) for rng in rngs]
    assert all(87 < level < 258 for level in levels)
    assert max(levels) / min(levels) > 1.4
