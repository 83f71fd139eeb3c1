from __future__ import annotations

import pytest

from mindveil.corpus.model import Entity, Turn
from mindveil.corpus.transcripts import read_transcript, transcript_text

HEADER = "turn\tstart\tend\tspeaker\ttext\n"
TURNS = HEADER + "5\t0\t1\tinterviewer\tHi\n7\t1\t2\tparticipant\tI am Ann\n"
GOLD = "turn\tstart\tend\ttype\trole\tentity\n"


def read(tmp_path, turns: str, gold: str | None = None):
    names = ["a_transcript.tsv"]
    (tmp_path / names[0]).write_bytes(turns.encode())
    if gold is not None:
        names.append("a_entities.tsv")
        (tmp_path / names[1]).write_bytes(gold.encode())
    return read_transcript(tmp_path, ".", names)


def test_annotations_follow_the_number_of_the_turn(tmp_path):
    turns, entities, findings = read(tmp_path, TURNS, GOLD + "7\t5\t8\tname\tdirect\tann\n")
    assert findings == []
    assert turns[1] == Turn(speaker="participant", text="I am Ann", start=1.0, end=2.0)
    assert entities == (Entity(turn=1, start=5, end=8, type="name", role="direct", entity="ann"),)


@pytest.mark.parametrize(
    "row",
    [
        "6\t0\t1\tname\tdirect\tx",
        "7\t8\t8\tname\tdirect\tx",
        "7\t5\t9\tname\tdirect\tx",
        "7\t-1\t2\tname\tdirect\tx",
        "7\t0\t1\tname\tindirect\tx",
        "7\t0\t1\t\tdirect\tx",
        "7\t0\t1\tname\tdirect\t",
        "7\t" + "9" * 5000 + "\t1\tname\tdirect\tx",
    ],
)
def test_annotations_that_fit_nothing_are_errors(tmp_path, row):
    _, entities, findings = read(tmp_path, TURNS, GOLD + row + "\n")
    assert entities == ()
    assert [(f.kind, f.line) for f in findings] == [("entity", 2)]


def test_speaker_and_text_are_enough(tmp_path):
    turns, _, findings = read(tmp_path, "speaker\ttext\nParticipant\tyes\n other \t\n")
    assert findings == []
    assert [t.speaker for t in turns] == ["participant", "other"]
    assert turns[0].start is None


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ("1\t0\t1\tparticipant\ta\n1\t1\t2\tparticipant\tb\n", "turn"),
        ("x\t0\t1\tparticipant\ta\n", "turn"),
        ("1\tsoon\t1\tparticipant\ta\n", "time"),
        ("1\t0\tinf\tparticipant\ta\n", "time"),
        ("1\t3\t2\tparticipant\ta\n", "time"),
        ("1\t0\t1\tAnn Lee\ta\n", "speaker"),
        ("1\t0\t1\tinterviewer\ta\n", "no-participant"),
        ("1\t0\t1\tparticipant\t \n", "empty-transcript"),
    ],
)
def test_faults_of_turns(tmp_path, rows, kind):
    _, _, findings = read(tmp_path, HEADER + rows)
    assert [f.kind for f in findings] == [kind]
    assert "Ann" not in str(findings[0])


def test_two_transcripts_of_a_session_are_an_error(tmp_path):
    _, _, findings = read_transcript(tmp_path, ".", ["a_transcript.tsv", "b_transcript.tsv"])
    assert [f.kind for f in findings] == ["several-files"]


def test_annotations_without_their_columns_or_of_no_table_are_errors(tmp_path):
    _, _, findings = read(tmp_path, TURNS, "turn\tstart\n7\t0\n")
    assert {f.kind for f in findings} == {"columns"}
    assert len(findings) == 4
    turns, entities, findings = read(tmp_path, TURNS, "")
    assert [f.kind for f in findings] == ["empty-file"]
    assert (len(turns), entities) == (2, ())


def test_annotations_without_a_transcript_are_nothing(tmp_path):
    assert read_transcript(tmp_path, ".", ["a_entities.tsv"]) == ((), (), [])


def test_turns_are_numbered_from_one():
    assert transcript_text((Turn(speaker="other", text="=x", start=0.1),)) == (
        HEADER + "1\t0.1\tn/a\tother\t'=x\n"
    )
