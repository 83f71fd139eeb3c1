"""Speech and pauses: planted words between silences, and recordings in which nobody speaks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.features.speech import STRETCH, levelled, spoken


def noise(seconds: float, level: float, seed: int = 0) -> np.ndarray:
    """Return noise at a level in dBFS."""
    sound = np.random.default_rng(seed).normal(size=int(16_000 * seconds))
    return (sound * 10 ** (level / 20)).astype(np.float32)


def test_a_long_pause_is_taken_out_and_the_words_stay():
    words = noise(1.2, -20)
    sound = np.concatenate([words, noise(3, -75), words])
    found = spoken(sound)
    # three stretches of 30 ms are kept around each word
    assert 2.4 <= len(found) / 16_000 <= 2.4 + 4 * 0.03 * 4
    assert np.array_equal(found[: len(words)], words)


def test_a_short_pause_belongs_to_the_words():
    sound = np.concatenate([noise(1.2, -20), noise(0.15, -75), noise(1.2, -20)])
    assert len(spoken(sound)) == len(sound) // STRETCH * STRETCH


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, dtype=np.float32),
        np.zeros(100, dtype=np.float32),
        np.zeros(48_000, dtype=np.float32),
        noise(3, -80),
        noise(0.27, -20),
    ],
)
def test_where_nobody_speaks_nothing_is_left(sound):
    assert spoken(sound).size == 0


def test_a_third_of_a_second_is_enough():
    assert spoken(noise(0.33, -20)).size > 0


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-90, -10), min_size=1, max_size=12), st.floats(0.3, 1))
def test_what_is_kept_was_said_and_does_not_depend_on_loudness(levels, gain):
    sound = np.concatenate([noise(0.3, level, seed) for seed, level in enumerate(levels)])
    found = spoken(sound)
    assert len(found) % STRETCH == 0
    assert len(found) <= len(sound)
    if max(levels) > -50:
        assert len(found) == len(spoken(sound * np.float32(gain)))


@pytest.mark.parametrize("level", [-60, -26, -10])
def test_every_recording_is_brought_to_one_level(level):
    found = 10 * np.log10(np.mean(levelled(noise(1, level)) ** 2))
    assert found == pytest.approx(-26, abs=0.01)
    assert not levelled(np.zeros(9, dtype=np.float32)).any()
    assert not levelled(np.zeros(0, dtype=np.float32)).size
