from __future__ import annotations

import numpy as np
import pytest
from tests.corpus.broken import sound as sound_corpus
from tests.corpus.hostile_media import quiet_flac, sound, wav
from tests.corpus.planted_metadata import CLEAN, PLANTED, SECRET

from mindveil.corpus import media_checks
from mindveil.corpus.checks import check_corpus
from mindveil.corpus.media_limits import media_fault

VOICE = "sub-P01/ses-01/voice/sub-P01_ses-01_voice"


def findings(tmp_path, **files):
    root = sound_corpus(tmp_path, **files)
    return [f for f in check_corpus(root) if f.kind != "consent"]


def test_recordings_without_fault_are_not_mentioned(tmp_path):
    files = {}
    for ending, build in CLEAN.values():
        if not ending.endswith("gif"):
            modality = "voice" if ending.startswith("_voice") else "face"
            files[f"sub-P01/ses-01/{modality}/sub-P01_ses-01{ending}"] = build()
    assert len(files) == 7
    assert findings(tmp_path, **files) == []


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("silence", quiet_flac(2, 16_000, 1), "silent"),
        ("hum below -80 dB", None, "silent"),
        ("a square wave", None, "clipped"),
    ],
)
def test_odd_recordings_are_warned_of(tmp_path, name, data, kind):
    ending = ".flac"
    if data is None:
        ending = ".wav"
        wave = np.sign(np.sin(np.arange(16_000) / 9)) * (3 if kind == "silent" else 32_767)
        data = wav(wave.astype("<i2").tobytes())
    (found,) = findings(tmp_path, **{VOICE + ending: data})
    assert (found.severity, found.kind, found.file) == ("warning", kind, VOICE + ending)
    assert "; " in found.sentence or "," in found.sentence


def test_one_percent_at_full_scale_is_no_clipping_and_more_is(tmp_path):
    for count, kinds in ((160, []), (161, ["clipped"])):
        wave = np.zeros(16_000, dtype="<i2")
        wave[:count] = 32_767
        found = findings(tmp_path / str(count), **{f"{VOICE}.wav": wav(wave.tobytes())})
        assert [f.kind for f in found] == kinds


def test_metadata_are_named_once_for_the_corpus(tmp_path):
    other = VOICE.replace("P01", "P02")
    files = {f"{VOICE}.mp3": PLANTED["mp3-tags"][1](), f"{other}.wav": PLANTED["wav-info"][1]()}
    (found,) = findings(tmp_path, **files)
    assert found.kind == "metadata"
    assert "(ID3v2/TPE1, ID3v2/GEOB, ID3v1, ...), as do 1 more" in found.sentence
    assert SECRET.decode() not in str(found)


def test_without_the_package_one_sentence_says_what_to_install(tmp_path, monkeypatch):
    def missing(path, what, form):
        raise media_fault(path, "no-voice")
        yield

    monkeypatch.setattr(media_checks, "decode", missing)
    other = VOICE.replace("P01", "P02")
    there = findings(tmp_path, **{f"{VOICE}.wav": sound("WAV"), f"{other}.wav": sound("WAV")})
    (found,) = (f for f in there if f.kind != "duplicate")
    assert found.severity == "warning"
    assert "pip install 'mindveil[voice]'" in found.sentence
