from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from tests.corpus.imports.layouts import sound, text

from mindveil.corpus.checks import check_corpus
from mindveil.corpus.imports.ravdess import Ravdess
from mindveil.corpus.imports.sources import IMPORTERS
from mindveil.corpus.manifest import load_corpus
from mindveil.errors import InputError

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the real data folder is missing")

KIDS, DOGS = "Kids are talking by the door", "Dogs are sitting by the door"


def actors(root: Path) -> Path:
    for actor in ("01", "02"):
        for name in ("01-01-01-01", "05-02-01-01", "05-02-01-02", "08-01-02-01"):
            sound(root / f"Actor_{actor}" / f"03-01-{name}-{actor}.wav")
    return root


def test_names_by_hand(tmp_path):
    made = Ravdess().read(actors(tmp_path / "in"), {})
    first, second = made.corpus.participants
    assert made.corpus.ids == ("01", "02")
    assert (first.attributes, second.attributes) == ({"sex": "male"}, {"sex": "female"})
    assert [[f.task for f in s.files("voice")] for s in first.sessions] == [
        ["neutral", "angry", "angry"],
        ["surprised"],
    ]
    assert [s.said() for s in first.sessions] == [(KIDS, KIDS, KIDS), (DOGS,)]
    assert "divided by sentence" in made.corpus.pseudo_sessions
    assert made.notes == ("2 actors, 8 recordings of speech",)
    made.save(tmp_path / "c")
    assert {f.kind for f in check_corpus(tmp_path / "c")} <= {"duplicate"}
    written = load_corpus(tmp_path / "c").participants[0].sessions[0]
    assert [f.path.name for f in written.files("voice")] == [
        "sub-01_ses-01_task-neutral_run-01_voice.wav",
        "sub-01_ses-01_task-angry_run-02_voice.wav",
        "sub-01_ses-01_task-angry_run-03_voice.wav",
    ]
    assert [f.task for f in written.files("voice")] == ["neutral", "angry", "angry"]


def test_sessions_by_repetition_and_without_words(tmp_path):
    options = {"sessions": "repetition", "transcripts": False}
    corpus = Ravdess().read(actors(tmp_path), options).corpus
    sessions = corpus.participants[0].sessions
    assert [[f.task for f in s.files("voice")] for s in sessions] == [
        ["neutral", "angry", "surprised"],
        ["angry"],
    ]
    assert corpus.modalities == {"voice"}
    assert "repetition" in corpus.pseudo_sessions


def test_what_is_no_speech_is_counted(tmp_path):
    actors(tmp_path)
    extra = tmp_path / "Actor_01"
    sound(extra / "03-02-01-01-01-01-01.wav")  # song
    sound(extra / "01-01-01-01-01-01-01.wav")  # sound of a film
    sound(extra / "03-01-09-01-01-01-01.wav")  # no such emotion
    sound(extra / "hello.wav")
    sound(tmp_path / "copy" / "Actor_01" / "03-01-01-01-01-01-01.wav")
    text(extra / "01-01-01-01-01-01-01.mp4", "x")
    made = Ravdess().read(tmp_path, {})
    assert sum(s.recordings("voice") for p in made.corpus.participants for s in p.sessions) == 8
    assert made.notes[1:] == (
        "recordings of song left out: 1",
        "recordings with pictures left out: 1",
        "files with other names left out: 2",
        "copies of a recording left out: 1",
        "files of other types left out: 1 .mp4",
    )


def test_a_folder_without_ravdess(tmp_path):
    sound(tmp_path / "Actor_01" / "hello.wav")
    with pytest.raises(InputError, match="name the folder that holds Actor_01"):
        Ravdess().read(tmp_path, {})
    with pytest.raises(InputError, match="sessions must be one of: statement or repetition"):
        Ravdess().read(tmp_path, {"sessions": "file"})
    assert isinstance(IMPORTERS["ravdess"], Ravdess)


@real
@pytest.mark.realdata
def test_the_published_recordings():
    corpus = Ravdess().read(DATA / "ravdess_speech_16k", {}).corpus
    assert len(corpus.participants) == 12
    assert {s.recordings("voice") for p in corpus.participants for s in p.sessions} == {30}
    files = [f for p in corpus.participants for s in p.sessions for f in s.files("voice")]
    tasks = Counter(f.task for f in files)
    assert tasks.pop("neutral") == 48  # neutral was asked for in one intensity only
    assert set(tasks.values()) == {96}
