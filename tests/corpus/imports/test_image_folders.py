from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.corpus.imports.layouts import grey, text

from mindveil.corpus.checks import check_corpus
from mindveil.corpus.imports.image_folders import ImageFolders
from mindveil.corpus.imports.sources import IMPORTERS
from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.media import metadata_of, read_still, write_still
from mindveil.errors import InputError

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the real data folder is missing")
YALE = {"pattern": "subject{person}.{task}.gif", "first": ["normal", "no-glasses"]}


def gif(path: Path, shade: int) -> None:
    Image.fromarray(np.full((8, 6), shade, dtype=np.uint8)).save(path)


def test_grey_pictures_become_png(tmp_path):
    for n in range(1, 11):
        grey(tmp_path / "orl" / "s1" / f"{n}.pgm", 10 * n)
    made = ImageFolders().read(tmp_path / "orl", {"pattern": "s{person}/{run}.pgm"})
    assert made.notes == (
        "1 people, 2 sessions, 10 files; sessions are made by halves",
        "pictures written as PNG: 10 GIF or PGM",
    )
    made.save(tmp_path / "c")
    (person,) = load_corpus(tmp_path / "c").participants
    assert person.participant_id == "1"
    files = [file for s in person.sessions for file in s.files("face", "still")]
    assert [int(read_still(file.path)[0, 0, 0]) for file in files] == [10 * n for n in range(1, 11)]
    assert [len(s.files("face")) for s in person.sessions] == [5, 5]
    assert int(read_still(files[0].path)[5, 5, 0]) == 60
    assert {metadata_of(file.path) for file in files} == {()}


def test_expressions_are_tasks_and_the_neutral_ones_open(tmp_path):
    for n, task in enumerate(("normal", "happy", "no-glasses", "sad")):
        gif(tmp_path / f"subject01.{task}.gif", 40 * n)
    text(tmp_path / "Readme.txt", "x")
    made = ImageFolders().read(tmp_path, YALE)
    (person,) = made.corpus.participants
    assert [[f.task for f in s.files("face")] for s in person.sessions] == [
        ["noglasses", "normal"],
        ["happy", "sad"],
    ]
    assert "files of other types left out: 1 .txt" in made.notes
    assert made.corpus.pseudo_sessions.endswith("holds normal, noglasses; session 02 all others")


def test_types_that_a_corpus_holds_are_kept_as_they_are(tmp_path):
    (tmp_path / "in" / "a").mkdir(parents=True)
    write_still(tmp_path / "in" / "a" / "1.png", np.full((4, 4, 3), 7, dtype=np.uint8))
    Image.fromarray(np.zeros((4, 4, 3), dtype=np.uint8)).save(tmp_path / "in" / "a" / "2.JPG")
    made = ImageFolders().read(tmp_path / "in", {})
    made.save(tmp_path / "c")
    for number, name in (("01", "1.png"), ("02", "2.JPG")):
        (written,) = (tmp_path / f"c/sub-a/ses-{number}/face").iterdir()
        assert written.read_bytes() == (tmp_path / "in" / "a" / name).read_bytes()
    assert {f.kind for f in check_corpus(tmp_path / "c")} == set()


def test_broken_pictures_are_named(tmp_path):
    text(tmp_path / "a" / "1.pgm", "not a picture")
    with pytest.raises(InputError, match=r"1\.pgm"):
        ImageFolders().read(tmp_path, {})
    with pytest.raises(InputError, match="unknown key 'transcripts'"):
        ImageFolders().read(tmp_path, {"transcripts": ".txt"})
    assert isinstance(IMPORTERS["image-folders"], ImageFolders)


@real
@pytest.mark.realdata
def test_yale(tmp_path):
    made = ImageFolders().read(DATA / "yale_faces", {**YALE, "first": ["normal", "noglasses"]})
    people = made.corpus.participants
    assert len(people) == 15
    assert sum(s.recordings("face") for p in people for s in p.sessions) == 164
    tasks = Counter(f.task for p in people for f in p.sessions[1].files("face"))
    assert set(tasks) == {
        *("glasses", "happy", "centerlight", "leftlight", "rightlight"),
        *("sad", "sleepy", "surprised", "wink"),
    }
    made.save(tmp_path / "c")
    assert {f.kind for f in check_corpus(tmp_path / "c")} <= {"duplicate"}


@real
@pytest.mark.realdata
def test_orl():
    made = ImageFolders().read(DATA / "orl_faces", {"pattern": "s{person}/{run}.pgm"})
    people = made.corpus.participants
    assert len(people) == 40
    assert {s.recordings("face") for p in people for s in p.sessions} == {5}
