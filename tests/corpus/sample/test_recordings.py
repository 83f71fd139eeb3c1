"""Pauses, pitch, vocal tract and loudness are changed by what was asked for."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.corpus.sample.lives import draw_persona
from mindveil.corpus.sample.recordings import bend_pitch, set_pauses, spread_loudness, warp
from mindveil.corpus.sample.synthesis import RATE
from mindveil.corpus.sample.voices import Delivery, deliver

TONE = 0.3 * np.sin(2 * np.pi * 200 * np.arange(RATE // 2) / RATE)


def _delivery(**changes: float) -> Delivery:
    made = deliver(draw_persona(1, 1).body, 1.0, (0.0,) * 5, np.random.default_rng(0))
    values = {name: getattr(made, name) for name in Delivery.__slots__} | changes
    return Delivery(**values)


def _two_words(gap: float) -> tuple[np.ndarray, tuple[tuple[float, float], ...]]:
    quiet = np.zeros(int(gap * RATE))
    edge = np.zeros(int(0.4 * RATE))
    return np.concatenate([edge, TONE, quiet, TONE, edge]), ((0.4, 0.9), (0.9 + gap, 1.4 + gap))


@pytest.mark.parametrize("gap", [0.0, 0.1, 0.6])
@pytest.mark.parametrize("pause", [0.1, 0.35, 1.0])
def test_a_pause_is_as_long_as_asked_for(gap: float, pause: float) -> None:
    samples, times = _two_words(gap)
    made, moved = set_pauses(samples, times, (0,), _delivery(pause=pause))
    loud = np.flatnonzero(np.abs(made) > 0.02) / RATE
    silent = float(np.diff(loud).max())
    assert silent == pytest.approx(pause, abs=0.03)
    assert moved[1][0] - moved[0][1] == pytest.approx(pause, abs=0.03)
    assert moved[0][0] == pytest.approx(loud[0], abs=0.03)
    assert moved[1][1] == pytest.approx(loud[-1], abs=0.03)


def test_pitch_moves_by_semitones_and_its_range_is_scaled() -> None:
    pitch = np.array([0.0, 100.0, 200.0, 400.0, 0.0])
    bent = bend_pitch(pitch, _delivery(pitch=12.0, pitch_range=0.5), np.zeros(5))
    # middle 200 Hz moves to 400; an octave up or down becomes half an octave
    np.testing.assert_allclose(bent, [0, 400 / 2**0.5, 400, 400 * 2**0.5, 0])


def test_silence_stays_silent() -> None:
    assert not bend_pitch(np.zeros(3), _delivery(), np.zeros(3)).any()


def test_a_longer_warp_moves_formants_up() -> None:
    spectrum = np.full((1, 513), 1e-6)
    spectrum[0, 100] = 1.0
    assert warp(spectrum, 1.1).argmax() == 110
    np.testing.assert_allclose(warp(spectrum, 1.0), spectrum)


@pytest.mark.parametrize("factor", [0.7, 1.0, 1.3])
def test_loudness_strays_by_the_factor(factor: float) -> None:
    loud, soft = TONE, 0.2 * TONE  # 14 dB apart
    made = spread_loudness(np.concatenate([loud, soft]), RATE, factor)
    power = [float(np.mean(part**2)) for part in (made[2400:9600], made[14400:21600])]
    assert 10 * np.log10(power[0] / power[1]) == pytest.approx(13.98 * factor, abs=0.5)


def test_a_pause_swallows_no_word_that_is_itself_still() -> None:
    samples, times = _two_words(0.1)
    still = np.where(np.arange(len(samples)) < times[1][0] * RATE, samples, 0.0)
    _, moved = set_pauses(still, times, (0,), _delivery(pause=0.3))
    assert all(end > start for start, end in moved)
    assert moved[1][0] >= moved[0][1]
