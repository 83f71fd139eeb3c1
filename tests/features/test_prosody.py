"""All voice measures together: known answers, invariances, and real voices."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.voices import Script, audio, noisy, sung, vowel

from mindveil.corpus.media import Audio, read_audio, write_audio
from mindveil.features import prosody
from mindveil.features.prosody import MEASURES, VOICE_MEASURES, measure_voice, prosody_rows
from mindveil.features.shelf import shelf

RATE = 16_000


def named(sound):
    return dict(zip(MEASURES, measure_voice(sound), strict=True))


def test_the_table_says_what_every_measure_is():
    assert len(set(MEASURES)) == len(MEASURES) == 15
    assert all(m.unit and m.description and m.source for m in VOICE_MEASURES)


@pytest.mark.parametrize("syllable_rate", [3.0, 5.0])
@pytest.mark.parametrize(
    ("rate", "hz"), [(16_000, 100), (16_000, 220), (44_100, 100), (44_100, 220)]
)
def test_pitch_pauses_and_pace_are_found_within_two_percent(rate, hz, syllable_rate):
    script = Script(hz=hz, syllable_rate=syllable_rate)
    sound, truth = script.spoken(rate, np.random.default_rng(1))
    found = named(sound)
    assert {name: found[name] for name in truth} == pytest.approx(truth, rel=0.02)


def test_a_slower_speaker_with_longer_pauses_is_told_from_a_faster_one():
    rng = np.random.default_rng(2)
    lively, _ = Script(depth=4, syllable_rate=5, pauses=(0.3, 0.3, 0.3)).spoken(RATE, rng)
    slow, _ = Script(depth=1, syllable_rate=3, pauses=(0.9, 1.2, 1.0)).spoken(RATE, rng)
    lively, slow = named(lively), named(slow)
    for name in ("f0-variability", "f0-range", "speech-rate", "articulation-rate"):
        assert lively[name] > 1.3 * slow[name]
    for name in ("pause-share", "pause-length"):
        assert slow[name] > 1.3 * lively[name]


def test_energy_level_is_the_power_and_tilt_the_ratio_of_two_bands():
    now = np.arange(2 * RATE) / RATE
    low, high = np.sin(2 * np.pi * 200 * now), np.sin(2 * np.pi * 2_000 * now)
    found = named(audio(0.4 * low + 0.04 * high, RATE))
    assert found["energy-level"] == pytest.approx(10 * np.log10(0.08 + 0.0008), abs=0.1)
    assert found["spectral-tilt"] == pytest.approx(-20, abs=0.2)
    assert found["energy-variability"] < 0.5


@pytest.mark.parametrize("samples", [np.zeros(RATE), np.zeros(0), np.full(RATE, 0.5), np.zeros(7)])
def test_silence_has_no_measures(samples):
    assert np.isnan(measure_voice(audio(samples, RATE))).all()


def test_noise_has_an_energy_but_no_voice():
    found = named(audio(np.random.default_rng(3).normal(0, 0.1, 2 * RATE), RATE))
    assert found["energy-level"] == pytest.approx(-20, abs=0.3)
    assert found["voiced-share"] < 0.05
    assert found["speech-rate"] == 0
    assert np.isnan([found["jitter"], found["pause-length"]]).all()


@pytest.fixture(scope="module")
def spoken():
    script = Script(hz=170, syllables=3, pauses=(0.4, 0.5))
    return script.spoken(RATE, np.random.default_rng(4))[0].samples * np.float32(0.5)


@settings(max_examples=15, deadline=None)
@given(gain=st.floats(0.01, 1.9))
def test_gain_changes_the_energy_level_and_nothing_else(spoken, gain):
    plain, louder = named(audio(spoken, RATE)), named(audio(np.float64(spoken) * gain, RATE))
    moved = louder.pop("energy-level") - plain.pop("energy-level")
    assert moved == pytest.approx(20 * np.log10(gain), abs=0.01)
    assert louder == pytest.approx(plain, rel=1e-3, abs=1e-3)


@settings(max_examples=15, deadline=None)
@given(before=st.integers(0, 40_000), after=st.integers(0, 40_000))
def test_silence_around_a_recording_changes_not_a_bit(spoken, before, after):
    padded = measure_voice(audio(np.pad(spoken, (before, after)), RATE))
    assert padded.tobytes() == measure_voice(audio(spoken, RATE)).tobytes()


def test_a_row_a_recording_kept_on_the_shelf(tmp_path, spoken):
    paths = [tmp_path / f"{name}.flac" for name in "ab"]
    write_audio(paths[0], audio(spoken, RATE))
    write_audio(
        paths[1], audio(noisy(vowel(RATE, sung(120, 2, 1)), 30, np.random.default_rng(5)), RATE)
    )
    with shelf(tmp_path / "kept"):
        rows = prosody_rows(paths)
        again = prosody_rows(paths[::-1])
        assert len(list((tmp_path / "kept").iterdir())) == 2
    assert rows.shape == (2, 15)
    assert np.array_equal(rows, again[::-1], equal_nan=True)
    assert np.array_equal(rows[1], measure_voice(read_audio(paths[1])), equal_nan=True)
    assert prosody_rows([]).shape == (0, 15)


@pytest.mark.realdata
def test_anger_is_louder_and_livelier_than_sadness(real_data):
    rows, cost = {"04": [], "05": []}, []
    for actor in sorted((real_data / "ravdess_speech_16k").iterdir())[:10]:
        for emotion, found in rows.items():
            for path in sorted(actor.glob(f"03-01-{emotion}-02-*.flac"))[:2]:
                sound = read_audio(path)
                start = time.process_time()
                found.append((actor.name, *measure_voice(sound)))
                cost.append((time.process_time() - start) / sound.seconds)
    people = sorted({row[0] for row in rows["04"]})
    better = {}
    for name in ("energy-level", "f0-variability"):
        column = MEASURES.index(name) + 1
        sad, angry = (
            np.array([np.mean([r[column] for r in rows[e] if r[0] == who]) for who in people])
            for e in ("04", "05")
        )
        better[name] = (angry > sad).sum()
    # Sign tests over ten people: 9 of 10 has p = .011, 7 is a majority.
    assert better["energy-level"] >= 9
    assert better["f0-variability"] >= 7
    assert np.median(cost) < 0.1, "CPU-seconds a second of audio; .02 on an idle machine"


def test_a_long_recording_is_the_mean_of_its_minutes(monkeypatch):
    monkeypatch.setattr(prosody, "PIECE_SECONDS", 4.0)
    monkeypatch.setattr(prosody, "LONGEST_SECONDS", 8.0)
    minute, other = (np.tile(vowel_like(hertz=hz), 2) for hz in (120.0, 180.0))
    parts = [measure_voice(Audio(samples=m, rate=RATE)) for m in (minute, other, minute)]
    whole = measure_voice(Audio(samples=np.concatenate([minute, other, minute]), rate=RATE))
    assert whole == pytest.approx(np.nanmean(parts, axis=0), nan_ok=True)


def vowel_like(hertz: float) -> np.ndarray:
    """Return 1.5 s of voice and 0.5 s of nothing."""
    seconds = np.arange(int(1.5 * RATE)) / RATE
    waves = [np.sin(2 * np.pi * hertz * n * seconds) / n for n in range(1, 12)]
    voice = 0.2 * np.sum(waves, axis=0) * np.minimum(1, 20 * seconds)
    return np.concatenate([voice, np.zeros(RATE // 2)]).astype(np.float32)
