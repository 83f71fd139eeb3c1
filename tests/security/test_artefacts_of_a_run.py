"""What a run writes for others to read holds nobody: planted leaks are found, a run has none."""

from __future__ import annotations

import base64
import gzip
import html
import json
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.harness.toys import glass
from tests.run.studies import STUDY, call, toy_study

from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.model import Column, Corpus, MediaFile, Participant, Session, Turn
from mindveil.errors import InputError, RefusedError
from mindveil.harness.leak_scan import Leak, leaks_in, require_no_leak, told_by

QUOTE = "she’d café never quietly forgive her brother Tomasz"
NAME = "Kwiatkowska"


@pytest.fixture(scope="module")
def people():
    """Return thirty people, of whom one is named, quoted and recorded."""
    corpus = glass(30, np.random.default_rng(3))
    visit = Session(
        session_id="01",
        transcript=(Turn(speaker="participant", text=f"Well, {QUOTE}, I think."),),
        media={"voice": (MediaFile(path=Path("/clinic/tapes/tape-of-tomasz_voice.flac")),)},
    )
    her = Participant(participant_id="P-Tomasz-7", attributes={"name": NAME}, sessions=(visit,))
    columns = {**corpus.columns, "name": Column(role="identifier", kind="nominal")}
    return replace(corpus, participants=(*corpus.participants, her), columns=columns)


def packed(text):
    return base64.b64encode(zlib.compress(text.encode())).decode()


PLANTED = {
    "an id in a log": ("log.jsonl", '{"step": "attack", "note": "P-Tomasz-7 skipped"}\n', "id"),
    "an id as a key": ("cells/a.json", json.dumps({"people": {"P0003": 1}}), "id"),
    "an id in an attribute": ("report.html", '<tr data-row="p0004"></tr>', "id"),
    "an id in base64": ("report.html", f"<p>{packed('last: P0005, of all of them')}</p>", "id"),
    "a name in a cell": ("scorecard.csv", f"release,note\nx,{NAME.upper()}\n", "identifier"),
    "words": ("verdict.json", json.dumps({"why": QUOTE}, ensure_ascii=False), "words"),
    "escaped words": ("verdict.json", json.dumps({"why": QUOTE}), "words"),
    "escaped words in a log": ("log.jsonl", "{}\n" + json.dumps([QUOTE]) + "\nx\n", "words"),
    "words with tags between": ("report.html", QUOTE.replace(" ", " <b></b>"), "words"),
    "words with entities": (
        "report.html",
        html.escape(QUOTE).replace("é", "&eacute;").replace("’", "&#8217;"),
        "words",
    ),
    "words in capitals": ("lock.json", QUOTE.upper().replace(" ", ", "), "words"),
    "a path": ("log.jsonl", '{"file": "/home/anna/corpus/participants.tsv"}', "path"),
    "a path of Windows": ("lock.json", json.dumps({"at": "C:\\Users\\anna\\x"}), "path"),
    "an address of a file": ("report.html", '<img src="file:///srv/x.png">', "path"),
    "the name of a recording": ("cells/b.json", '["tape-of-Tomasz_voice.flac"]', "path"),
}


def clean_folder(folder):
    """Write files as a run does, without anybody in them."""
    (folder / "cells").mkdir()
    (folder / "report.html").write_text(
        '<!doctype html><p>Attackers find 3 of 30 people.</p><a href="https://x.org/home/a">x</a>'
    )
    (folder / "log.jsonl").write_text('{"step": "release k3", "seconds": 1.5}\n')
    (folder / "scorecard.csv").write_text("release,value\nk3,0.1\n")
    return folder


@pytest.mark.parametrize("way", PLANTED)
def test_planted_leaks_are_found(tmp_path, people, way):
    name, text, kind = PLANTED[way]
    folder = clean_folder(tmp_path)
    assert leaks_in(folder, people) == []
    (folder / name).write_text(text, encoding="utf-8")
    found = leaks_in(folder, people)
    assert (name, kind) in {(leak.file, leak.kind) for leak in found}
    assert all(leak.count >= 1 for leak in found)
    # What is said of a leak repeats nothing of it.
    told = repr(found).casefold()
    assert not any(w in told for w in ("tomasz", "p000", NAME.casefold(), "forgive", "anna"))


@pytest.mark.parametrize("way", PLANTED)
def test_a_run_that_leaks_is_refused_and_a_path_of_ones_own_is_not(tmp_path, people, way):
    name, text, kind = PLANTED[way]
    folder = clean_folder(tmp_path)
    (folder / name).write_text(text, encoding="utf-8")
    if kind == "path":
        require_no_leak(folder, people)
        return
    with pytest.raises(RefusedError, match="may not be shared") as refused:
        require_no_leak(folder, people)
    told = str(refused.value).casefold()
    assert name in told
    assert not any(w in told for w in ("tomasz", "p000", NAME.casefold(), "forgive", "anna"))


def test_leaks_in_packed_files_and_tables_are_found(tmp_path, people):
    (tmp_path / "notes.bin").write_bytes(gzip.compress(QUOTE.encode()))
    pd.DataFrame({"note": ["P0001", "P0002", "x"]}).to_parquet(tmp_path / "scorecard.parquet")
    assert leaks_in(tmp_path, people) == [
        Leak(file="notes.bin", kind="words", count=4),
        Leak(file="scorecard.parquet", kind="id", count=2),
    ]


def test_a_file_that_is_called_like_a_person_is_not_repeated(tmp_path, people):
    (tmp_path / "P0001.json").write_text("{}")
    (found,) = leaks_in(tmp_path, people)
    assert (found.kind, found.file) == ("id", "file 1, whose name is one of them")


def test_what_is_sealed_or_released_is_not_read(tmp_path, people):
    for name in ("sealed", "releases"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.json").write_text(QUOTE + " P0001")
    assert leaks_in(tmp_path, people) == []


def test_words_that_two_have_said_are_nobodys(tmp_path):
    said = Session(
        session_id="1", transcript=(Turn(speaker="participant", text="over the last two weeks"),)
    )
    two = tuple(Participant(participant_id=f"PERSON{n}", sessions=(said,)) for n in range(2))
    (tmp_path / "report.html").write_text("Over the last two weeks, how often ...")
    assert leaks_in(tmp_path, Corpus(name="c", participants=two)) == []
    found = leaks_in(tmp_path, Corpus(name="c", participants=two[:1]))
    assert found == [Leak(file="report.html", kind="words", count=1)]


def test_short_numbers_are_no_ids_that_could_be_told():
    numbered = tuple(Participant(participant_id=n) for n in ("12", "300", "P12", "1234567"))
    assert told_by(Corpus(name="c", participants=numbered))["id"] == ("1234567", "p12")


def test_only_a_folder_can_be_searched(tmp_path, people):
    with pytest.raises(InputError, match="no folder"):
        leaks_in(tmp_path / "nowhere", people)


TAUGHT = """\
study  = "toy"
seed   = 7
corpus = "corpus"
out    = "run"

[split]
folds = 3

[[release]]
name  = "detector"
steps = [{ use = "train/central", target = "phq9>=14", modality = "scales", method = "ridge" }]

[attack]
use = ["model/artefact", "model/exposure"]
"""


@pytest.mark.parametrize("text", [STUDY, TAUGHT], ids=["answers", "detector"])
@pytest.mark.slow
def test_a_run_leaks_nothing(tmp_path, text):
    study = toy_study(tmp_path, text, people=40)
    done = call("run", study, "--workers", "1")
    assert done.returncode == 0, done.stderr
    corpus = load_corpus(tmp_path / "corpus")
    written = {p.name for p in (tmp_path / "run").rglob("*") if p.is_file()}
    assert {"report.html", "scorecard.csv", "lock.json"} <= written
    assert leaks_in(tmp_path / "run", corpus) == []
    # The same search is not blind here: what is sealed holds everybody.
    sealed = leaks_in(tmp_path / "run" / "sealed", corpus)
    assert {leak.kind for leak in sealed} >= {"id"}
