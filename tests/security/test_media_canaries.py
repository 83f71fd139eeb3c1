"""Nothing that names a person leaves a run: not in names, not in metadata, not in what is said."""

from __future__ import annotations

import io
import shutil
import struct
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import soundfile
from tests.corpus.planted_metadata import SECRET, exif_with_place, id3v1, id3v2
from tests.run.media_study import BRIEF, STUDY, Here, recorded_people
from tests.run.studies import call

from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.media import metadata_of
from mindveil.notebook import run
from mindveil.study_file import load_study

VISITS = ("2024-05-01", "2024-06-11")
SURNAME = "Kwiatkowska"
"""Somebody typed a name into the names of files; only their ends are read."""

NUMBERED = "run-240501"
"""Runs are numbered by the day."""

CANARIES = (
    b"ZQXCANARY",
    *(v.encode() for v in VISITS),
    NUMBERED.encode(),
    SURNAME.encode(),
    SECRET,
)
HEARD = ("flac", "ogg", "mp3")

EYES_ONLY = "sealed"
"""The folder of a run that holds who is who, by its name and its purpose."""


def planted(folder: Path, text: str = BRIEF, people: int = 6) -> Path:
    """Write a study whose corpus is full of canaries, in names, in tags and in file names."""
    corpus = recorded_people(folder / "bench", people)
    named = [
        replace(
            p,
            participant_id=f"ZQXCANARY{number:02d}",
            sessions=tuple(
                replace(s, session_id=day) for s, day in zip(p.sessions, VISITS, strict=True)
            ),
        )
        for number, p in enumerate(corpus.participants, start=1)
    ]
    save_corpus(corpus.with_people(named), folder / "corpus", truth=True)
    shutil.rmtree(folder / "bench")
    for number, path in enumerate(sorted((folder / "corpus").rglob("*_voice.ogg"))):
        _tagged_voice(path, HEARD[number % len(HEARD)])
    for path in sorted((folder / "corpus").rglob("*_face.jpg")):
        _tagged_picture(path)
    for path in sorted((folder / "corpus").rglob("*_expression.parquet")):
        told = pq.read_table(path).replace_schema_metadata({b"author": SECRET, b"pandas": SECRET})
        pq.write_table(told, path)
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


def _tagged_voice(path: Path, form: str) -> None:
    samples, rate = soundfile.read(path)
    buffer = io.BytesIO()
    about = {"samplerate": rate, "channels": 1, "format": form.upper()}
    with soundfile.SoundFile(buffer, "w", **about) as file:
        if form != "mp3":
            file.artist = file.comment = SECRET.decode()
        file.write(samples)
    data = buffer.getvalue()
    if form == "mp3":
        data = id3v2(3, b"TPE1", b"COMM") + data + id3v1()
    path.unlink()
    path.with_name(f"{SURNAME}_{NUMBERED}_voice.{form}").write_bytes(data)


def _tagged_picture(path: Path) -> None:
    data = path.read_bytes()
    parts = b"".join(
        bytes([0xFF, mark]) + struct.pack(">H", len(body) + 2) + body
        for mark, body in ((0xE1, exif_with_place()), (0xFE, SECRET))
    )
    path.unlink()
    path.with_name(f"{SURNAME}_face.jpg").write_bytes(data[:2] + parts + data[2:])


def leaks(root: Path, *more: bytes) -> list[str]:
    """Return the files below a folder whose name or content holds a canary."""
    found = []
    for path in _files(root):
        inside = path.relative_to(root).as_posix()
        everything = inside.encode() + b"\n" + path.read_bytes()
        found += [f"{inside}: {c.decode()}" for c in (*CANARIES, *more) if c in everything]
    return found


def _files(root: Path) -> Iterator[Path]:
    for path in sorted(root.rglob("*")):
        if path.is_file() and EYES_ONLY not in path.relative_to(root).parts:
            yield path


def carriers(root: Path) -> list[str]:
    """Return the recordings below a folder that hold metadata."""
    endings = {".flac", ".png", ".mp4", ".parquet", ".ogg", ".mp3", ".jpg"}
    media = [p for p in _files(root) if p.suffix in endings and p.name != "scorecard.parquet"]
    assert media, "there is something to look through"
    return [f"{p.name}: {left}" for p in media if (left := metadata_of(p))]


@pytest.fixture(scope="module")
def released(tmp_path_factory) -> Path:
    """Return the folder of a study that ran to its end."""
    study = planted(tmp_path_factory.mktemp("planted"))
    run(load_study(study), Here())
    return study.parent


def test_the_canaries_are_in_the_corpus_and_would_be_found(released):
    assert {line.rpartition(": ")[2] for line in leaks(released / "corpus")} == {
        c.decode() for c in CANARIES
    }
    assert len(carriers(released / "corpus")) >= 30


def test_no_canary_is_in_any_byte_of_a_run_but_what_is_sealed(released):
    assert list((released / "run" / "releases").rglob("*.flac"))
    assert leaks(released / "run", str(released).encode()) == []
    assert carriers(released / "run") == []


def test_no_canary_is_in_a_protected_corpus(released):
    done = call("protect", released / "study.toml", "veiled", released / "out")
    assert done.returncode == 0, done.stderr
    assert len(list((released / "out").rglob("*.flac"))) == 12
    assert leaks(released / "out", str(released).encode()) == []
    assert carriers(released / "out") == []


def test_a_broken_recording_is_named_to_the_user_and_nowhere_else(released, tmp_path):
    study = tmp_path / "study.toml"
    shutil.copytree(released / "corpus", tmp_path / "corpus")
    shutil.copy(released / "study.toml", study)
    plain = min((tmp_path / "corpus").rglob("*.flac"))
    broken = plain.with_name(f"sub-{plain.parts[-4][4:]}_{plain.parts[-3]}_voice.flac")
    plain.rename(broken)
    whole = broken.read_bytes()
    broken.write_bytes(whole[: len(whole) // 2])

    checked = call("check", tmp_path / "corpus")
    assert checked.returncode == 2
    assert f"{broken.relative_to(tmp_path / 'corpus')}: the file is cut off" in checked.stdout
    assert "export it again or remove it" in checked.stdout

    done = call("run", study, "--workers", "1")
    assert done.returncode == 3, done.stderr
    assert f"{broken.name}: the file is cut off" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert leaks(tmp_path / "run", str(tmp_path).encode()) == []
    notes = (tmp_path / "run" / "scorecard.csv").read_text()
    assert "the release could not be made: a recording: the file is cut off" in notes
    assert not list((tmp_path / "run").rglob(".mv-*"))
    assert not list((tmp_path / "run" / "releases").rglob("*.*"))

    broken.write_bytes(whole)
    assert {row.status for row in run(load_study(study), Here()).rows} <= {"ok", "invalid"}
    assert leaks(tmp_path / "run", str(tmp_path).encode()) == []


@pytest.mark.slow
def test_no_canary_is_in_what_attackers_leave_behind(tmp_path):
    study = planted(tmp_path, STUDY, people=9)
    done = call("run", study, "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert leaks(tmp_path / "run", str(tmp_path).encode()) == []
    assert carriers(tmp_path / "run") == []
