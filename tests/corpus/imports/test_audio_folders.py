from __future__ import annotations

from pathlib import Path

import pytest
from tests.corpus.imports.layouts import sound, text

from mindveil.corpus.checks import check_corpus
from mindveil.corpus.imports.audio_folders import AudioFolders
from mindveil.corpus.imports.sources import IMPORTERS
from mindveil.corpus.manifest import load_corpus
from mindveil.errors import InputError

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the real data folder is missing")


def libri(root: Path) -> Path:
    """Lay out a part of LibriSpeech: speaker, chapter, utterances."""
    for speaker, chapter, n in ((61, 70, 0), (61, 70, 1), (61, 8, 0), (121, 5, 0)):
        sound(root / f"{speaker}/{chapter}/{speaker}-{chapter}-{n:04d}.wav", hertz=100 + speaker)
    return root


def test_folders_by_hand(tmp_path):
    made = AudioFolders().read(libri(tmp_path / "test-clean"), {})
    assert made.corpus.name == "test-clean"
    assert made.corpus.ids == ("61", "121")
    sessions = made.corpus.participants[0].sessions
    names = [[f.path.name for f in s.files("voice", "audio")] for s in sessions]
    assert names == [["61-8-0000.wav"], ["61-70-0000.wav", "61-70-0001.wav"]]
    assert made.corpus.pseudo_sessions == ""


def test_bytes_are_kept_and_names_forgotten(tmp_path):
    source = libri(tmp_path / "in")
    AudioFolders().read(source, {"consent": {"voice": "research"}, "ids": "numbers"}).save(
        tmp_path / "c"
    )
    written = load_corpus(tmp_path / "c")
    assert written.ids == ("P001", "P002")
    assert written.consent == {"voice": "research"}
    (only,) = written.participants[1].sessions[0].files("voice")
    assert only.path.name == "sub-P002_ses-01_voice.wav"
    assert only.path.read_bytes() == (source / "121/5/121-5-0000.wav").read_bytes()
    assert {f.kind for f in check_corpus(tmp_path / "c")} - {"duplicate"} == {"one-session"}
    for path in (tmp_path / "c").rglob("*"):
        assert "121" not in path.name
        assert path.is_dir() or str(tmp_path).encode() not in path.read_bytes()


def test_words_beside_the_recordings(tmp_path):
    for n in (1, 2, 3):
        sound(tmp_path / "a" / f"{n}.wav")
    text(tmp_path / "a" / "1.txt", "\ufeffone\n  two\n")
    text(tmp_path / "a" / "3.txt", "three")
    made = AudioFolders().read(tmp_path, {"transcripts": ".txt"})
    first, second = made.corpus.participants[0].sessions
    assert [t.text for t in first.transcript] == ["one two"]
    assert [t.text for t in second.transcript] == ["three"]
    assert made.notes[1:] == ("recordings with a transcript: 2 of 3",)


def test_words_in_a_table(tmp_path):
    for n in (1, 2):
        sound(tmp_path / "a" / f"{n}.wav")
    text(tmp_path / "said.csv", "utt,words\n1,one\nx/2.wav,two\n3,three\n")
    options = {"transcripts": "said.csv", "transcript_columns": ["utt", "words"]}
    made = AudioFolders().read(tmp_path, options)
    assert [s.said() for s in made.corpus.participants[0].sessions] == [("one",), ("two",)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"transcripts": ".lab"}, "there are no words for any recording"),
        ({"transcripts": ".bad"}, "is not UTF-8"),
        ({"transcripts": "none.csv"}, "is not a file"),
        ({"transcripts": "t.csv"}, "no column 'file'"),
        ({"transcripts": "t.csv", "transcript_columns": ["a"]}, "transcript_columns"),
        ({"session": "file"}, "did you mean 'sessions'"),
        ({"sessions": "half"}, "sessions must be"),
    ],
)
def test_options_that_do_not_fit(tmp_path, options, words):
    sound(tmp_path / "a" / "1.wav")
    (tmp_path / "a" / "1.bad").write_bytes(b"\xff\xfe\xfa")
    text(tmp_path / "t.csv", "a,b\n1,2\n")
    with pytest.raises(InputError) as raised:
        AudioFolders().read(tmp_path, options)
    assert words in str(raised.value)
    assert isinstance(IMPORTERS["audio-folders"], AudioFolders)


@real
@pytest.mark.realdata
def test_speechocean(tmp_path):
    options = {
        "people": "utterances.csv",
        "id": "speaker",
        "transcripts": "utterances.csv",
        "transcript_columns": ["utterance", "text"],
    }
    made = AudioFolders().read(DATA / "speechocean", options)
    people = made.corpus.participants
    assert len(people) == 39
    assert {s.recordings("voice") for p in people for s in p.sessions} == {5}
    assert {p.attributes["gender"] for p in people} == {"f", "m"}
    assert min(float(str(p.attributes["age"])) for p in people) >= 18
    made.save(tmp_path / "c")
    assert check_corpus(tmp_path / "c") == []
    assert [p.participant_id for p in load_corpus(tmp_path / "c").participants] == list(
        made.corpus.ids
    )


@real
@pytest.mark.realdata
def test_librispeech():
    made = AudioFolders().read(DATA / "librispeech10", {})
    assert len(made.corpus.participants) == 10
    assert made.notes == ("10 people, 20 sessions, 100 files; sessions are made by halves",)
