"""Pauses and syllables: by hand on tone bursts, then planted, then where there is nothing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.voices import audio

from mindveil.features.pauses import _without_short, find_pace
from mindveil.features.pitch import track_sound
from mindveil.features.sound import Sound, trimmed_sound

RATE = 16_000


def bursts(*seconds, level=0.3, background=0.0005):
    """Sound and silence in turn, starting with sound: a tone of 150 Hz with an overtone."""
    total = round(sum(seconds) * RATE)
    now = np.arange(total) / RATE
    tone = np.sin(2 * np.pi * 150 * now) + 0.5 * np.sin(2 * np.pi * 300 * now)
    edges = np.cumsum((0, *seconds))
    on = np.searchsorted(edges, now, side="right") % 2 == 1
    return level * tone * on + np.random.default_rng(1).normal(0, background, total)


def pace_of(samples):
    ready = trimmed_sound(audio(samples, RATE))
    ready = Sound(samples=ready.samples, start=0.0)
    return find_pace(ready, track_sound(ready))


@pytest.mark.parametrize(
    ("flags", "value", "answer"),
    [
        ("1001", False, "1111"),
        ("10001", False, "10001"),
        ("001100", False, "001100"),  # the ends are no inner stretches
        ("001100", True, "000000"),
        ("1100", True, "0000"),
        ("11100", True, "11100"),
    ],
)
def test_short_stretches_by_hand(flags, value, answer):
    found = _without_short(np.array([c == "1" for c in flags]), 3, value=value)
    assert "".join("01"[int(flag)] for flag in found) == answer


@pytest.mark.parametrize(
    ("seconds", "pauses"),
    [
        ((1.0,), []),
        ((0.5, 0.5, 0.5), [0.5]),
        ((0.5, 0.2, 0.5), []),  # the closure of a consonant, at most
        ((0.5, 0.27, 0.5), [0.27]),
        ((0.5, 0.3, 0.4, 1.2, 0.6), [0.3, 1.2]),
        ((0.5, 0.3, 0.03, 0.3, 0.5), [0.63]),  # a click in a pause
    ],
)
def test_pauses_by_hand(seconds, pauses):
    found = pace_of(bursts(*seconds))
    assert found.pauses == pytest.approx(pauses, abs=0.011)
    assert found.seconds == pytest.approx(sum(seconds), abs=0.011)
    assert found.speaking_seconds == pytest.approx(sum(seconds) - sum(pauses), abs=0.02)


@pytest.mark.parametrize("background", [0.0, 0.0005, 0.01, 0.03])
def test_the_background_does_not_hide_pauses(background):
    found = pace_of(bursts(0.8, 0.6, 0.7, 0.4, 0.9, background=background))
    assert found.pauses == pytest.approx([0.6, 0.4], abs=0.015)


@pytest.mark.parametrize("count", [1, 4, 9])
def test_every_swell_of_a_voice_is_a_syllable(count):
    now = np.arange(round(count * RATE / 4)) / RATE
    swell = 0.2 + 0.8 * np.sin(np.pi * 4 * now) ** 2
    assert pace_of(bursts(count / 4) * swell).syllables == count


def test_noise_swells_without_a_voice_are_no_syllables():
    now = np.arange(2 * RATE) / RATE
    hiss = np.random.default_rng(2).normal(0, 0.1, len(now))
    found = pace_of(hiss * (0.2 + 0.8 * np.sin(np.pi * 4 * now) ** 2))
    assert found.syllables == 0
    assert found.seconds > 1.9


def test_a_level_voice_has_no_pauses_and_one_syllable():
    found = pace_of(bursts(3.0))
    assert len(found.pauses) == 0
    assert found.syllables == 1


@pytest.mark.parametrize("samples", [np.zeros(RATE), np.zeros(0), np.full(20, 0.1)])
def test_silence_is_empty(samples):
    found = pace_of(samples)
    assert found.seconds == 0
    assert len(found.pauses) == len(found.decibels) == found.syllables == 0


@settings(max_examples=25, deadline=None)
@given(
    gain=st.floats(0.01, 3.0),
    before=st.integers(0, 9_000),
    after=st.integers(0, 9_000),
)
def test_gain_and_silence_around_change_nothing(gain, before, after):
    samples = bursts(0.4, 0.3, 0.3, background=0.002)
    plain = pace_of(samples)
    other = pace_of(np.pad(gain * samples, (before, after)))
    assert np.array_equal(plain.sounding, other.sounding)
    assert plain.pauses == pytest.approx(other.pauses)
    assert plain.syllables == other.syllables
    assert other.decibels - plain.decibels == pytest.approx(20 * np.log10(gain), abs=1e-3)
