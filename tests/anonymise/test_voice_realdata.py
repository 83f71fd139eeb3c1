"""Protected voices of real people: what stays and what goes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import spearmanr

from mindveil.anonymise.voice_anonymise import VoiceAnonymise
from mindveil.anonymise.voice_mcadams import VoiceMcadams
from mindveil.anonymise.voice_pseudo_voice import VoicePseudoVoice, pitch
from mindveil.corpus.media import read_audio

pytest.importorskip("soundfile")
pytestmark = [pytest.mark.realdata, pytest.mark.slow]

SECONDS = 6
FOLDER = Path(__file__).resolve().parents[3] / "shared" / "data" / "librispeech10"


@pytest.fixture(scope="module")
def voices():
    if not FOLDER.is_dir():
        pytest.skip(f"the real data folder {FOLDER} is not on this machine")
    files = sorted(FOLDER.glob("*/*.flac"))
    return [read_audio(path).samples[: SECONDS * 16_000] for path in files[::2]]


def spread(curve):
    return np.std(12 * np.log2(curve[curve > 0]))


@pytest.mark.parametrize(
    "protection",
    [VoiceMcadams(), VoicePseudoVoice(), VoiceAnonymise(level=2)],
    ids=lambda p: p.name,
)
def test_pitch_variability_and_timing_stay(voices, protection):
    changed = [
        protection.change([voice], np.random.default_rng(n))[0] for n, voice in enumerate(voices)
    ]
    before, after = ([pitch(v) for v in those] for those in (voices, changed))
    assert spearmanr([spread(p) for p in before], [spread(p) for p in after]).statistic > 0.75
    assert np.mean([np.mean((a > 0) == (b > 0)) for a, b in zip(before, after, strict=True)]) > 0.8


def test_the_own_mean_pitch_does_not_leak(voices):
    changed = [
        VoicePseudoVoice().change([voice], np.random.default_rng(n))[0]
        for n, voice in enumerate(voices)
    ]
    means = [[np.mean(np.log(p[p > 0])) for p in map(pitch, those)] for those in (voices, changed)]
    assert abs(spearmanr(*means).statistic) < 0.55
