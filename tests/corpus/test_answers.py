from __future__ import annotations

from pathlib import Path

import pytest

from mindveil.corpus.answers import answers_text, read_answers
from mindveil.corpus.model import Response


def table(tmp_path, tool: str, columns: list[str], *rows: str):
    folder = tmp_path / "phenotype"
    folder.mkdir(exist_ok=True)
    header = "\t".join(["participant_id", "session_id", *columns])
    text = "\n".join([header, *rows, ""])
    (folder / f"{tool}.tsv").write_text(text, encoding="utf-8")
    return read_answers(tmp_path, {"P", "Q"})


def items(tool: str, count: int) -> list[str]:
    return [f"{tool}_{n:02d}" for n in range(1, count + 1)]


def test_answers_by_hand(tmp_path):
    answers, findings = table(
        tmp_path,
        "phq2",
        [*items("phq2", 2), "phq2_total"],
        "P\t01\t1\t2.0\t3",
        "P\t02\tn/a\t\tn/a",
        "Q\t01\t0-1\t*\tn/a",
        "Q\t02\t \t\t 6",
    )
    assert findings == []
    assert answers == {
        "phq2": {
            ("P", "01"): Response(items=(1, 2), total=3.0),
            ("Q", "01"): Response(items=("0-1", "*")),
            ("Q", "02"): Response(total=6.0),
        }
    }


@pytest.mark.parametrize("row", ["\t01\t1\t1", "P\tn/a\t1\t1", "../x\t01\t1\t1", "P\ta b\t1\t1"])
def test_rows_without_a_usable_person_and_session_are_errors(tmp_path, row):
    answers, findings = table(tmp_path, "phq2", items("phq2", 2), row)
    assert answers == {}
    assert [(f.kind, f.line) for f in findings] == [("id", 2)]


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("4", "phq2_01: answer 4 is outside 0 to 3; correct the coding"),
        ("-1", "phq2_01: answer -1 is outside 0 to 3"),
        ("1.5", "phq2_01: 1.5 is not a whole number"),
        ("0-4", "phq2_01: 0-4 is outside 0 to 3"),
        ("1|7", "phq2_01: 1|7 is outside 0 to 3"),
        ("never", "phq2_01: a text of 5 characters is not an answer (0 to 3)"),
    ],
)
def test_answers_out_of_range(tmp_path, cell, words):
    _, findings = table(tmp_path, "phq2", items("phq2", 2), f"P\t01\t{cell}\t1")
    assert [f.line for f in findings] == [2]
    assert words in findings[0].sentence


def test_totals_follow_the_scoring_of_the_instrument(tmp_path):
    # PSS-10 turns items 4, 5, 7, 8 round: all 0 gives 4 * 4 = 16.
    zeros = "\t".join(["0"] * 10)
    columns = [*items("pss10", 10), "pss10_total"]
    _, findings = table(tmp_path, "pss10", columns, f"P\t01\t{zeros}\t16", f"Q\t01\t{zeros}\t0")
    assert [(f.line, f.kind) for f in findings] == [(3, "total")]
    assert "pss10_total is 0 but the items give 16" in findings[0].sentence


def test_a_total_beside_missing_or_banded_items_is_not_compared(tmp_path):
    columns = [*items("phq2", 2), "phq2_total"]
    _, findings = table(tmp_path, "phq2", columns, "P\t01\t3\tn/a\t6", "Q\t01\t0-1\t1\t5")
    assert findings == []


@pytest.mark.parametrize("width", [13, 15])
def test_items_asked_beside_the_questionnaire_may_be_absent(tmp_path, width):
    row = "P\t01\t" + "\t".join(["1"] * width)
    answers, findings = table(tmp_path, "mdq", items("mdq", width), row)
    assert findings == []
    assert answers["mdq"]["P", "01"].items == (1,) * width


def test_files_that_are_no_table_are_pointed_out_and_hidden_ones_are_not(tmp_path):
    folder = tmp_path / "phenotype"
    folder.mkdir()
    for name in ("._phq2.tsv", ".DS_Store", "phq9.csv", "gad7.json", "notes.txt"):
        (folder / name).write_text("", encoding="utf-8")
    answers, findings = table(tmp_path, "phq2", items("phq2", 2), "P\t01\t1\t1")
    assert set(answers) == {"phq2"}
    assert [(f.severity, f.kind) for f in findings] == [("warning", "unread-file")] * 3


def test_a_folder_that_cannot_be_listed_is_a_finding(tmp_path, monkeypatch):
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "phenotype").mkdir()
    monkeypatch.setattr(Path, "iterdir", refuse)
    _, findings = read_answers(tmp_path, {"P"})
    assert [f.kind for f in findings] == ["unreadable"]
    monkeypatch.undo()
    assert read_answers(tmp_path / "nowhere", {"P"}) == ({}, [])


def test_items_of_unequal_number_are_filled_with_missing_ones():
    text = answers_text(
        "mdq", [(("P", "1"), Response(items=(1, None))), (("Q", "1"), Response(total=2.0))]
    )
    assert text.splitlines()[1:] == ["P\t1\t1\tn/a\tn/a", "Q\t1\tn/a\tn/a\t2"]
