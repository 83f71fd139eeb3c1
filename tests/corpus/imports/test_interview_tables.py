from __future__ import annotations

import pytest
from tests.corpus.imports.layouts import text

from mindveil.corpus.imports.interview_tables import read_labels, read_rows, score_phq8
from mindveil.corpus.model import Response
from mindveil.errors import InputError

ITEMS = "NoInterest,Depressed,Sleep,Tired,Appetite,Failure,Concentrating,Moving"
OLD = "Participant_ID,PHQ8_Binary,PHQ8_Score,Gender," + ",".join(
    f"PHQ8_{item}" for item in ITEMS.split(",")
)


def labels(tmp_path, **tables: str):
    for name, content in tables.items():
        text(tmp_path / f"{name}.csv", content)
    return read_labels(tmp_path)


def test_items_totals_and_sex_by_hand(tmp_path):
    rows = [
        "303,0,4,0,0,0,0,1,1,1,1,0",
        "304,1,12,1,3,3,,2,2,1,1,0",  # one answer is missing: the total is theirs
        "305,0,10,1,2,2,2,2,2,0,0,0",  # the yes/no label is wrong
        "306,0,9,0,1,1,1,1,1,1,1,1",  # the total is wrong
        "307,,,2,,,,,,,,",
    ]
    found = labels(
        tmp_path,
        train_split="\n".join([OLD, *rows]),
        test_split="participant_ID,Gender\n400,1\n",
        full_test_split="Participant_ID,PHQ_Binary,PHQ_Score,Gender\n400,1,15,1\n",
        other="word,count\na,1\n",
    )
    assert found.tables == ("full_test_split.csv", "test_split.csv", "train_split.csv")
    scored = score_phq8(found, ["303", "304", "305", "306", "307", "400"])
    assert scored.responses == {
        "303": Response(items=(0, 0, 0, 1, 1, 1, 1, 0), total=4.0),
        "304": Response(items=(3, 3, None, 2, 2, 1, 1, 0), total=12.0),
        "305": Response(items=(2, 2, 2, 2, 2, 0, 0, 0), total=10.0),
        "306": Response(items=(1,) * 8, total=8.0),
        "400": Response(total=15.0),
    }
    assert (scored.totals, scored.binaries) == (["306"], ["305"])
    assert next(scored.notes()).endswith("of participants 306")
    assert [found.sex(p) for p in ("303", "304", "307", "999")] == ["female", "male", None, None]


def test_newer_tables_are_spelt_otherwise(tmp_path):
    header = "Participant_ID," + ",".join(f"PHQ_8{item}" for item in ITEMS.split(","))
    found = labels(
        tmp_path,
        **{
            "labels/train_split": "Participant_ID,Gender,PHQ_Binary,PHQ_Score,PTSD Severity\n"
            "302,male,0,4,28\n",
            "labels/Detailed_PHQ8_Labels": f"{header},PHQ_8Total\n302,1,1,0,1,0,1,0,0,4\n",
            "labels/detailed_lables": "Participant,gender,age\n302.0,male,44\n",
        },
    )
    scored = score_phq8(found, ["302"])
    assert scored.responses["302"] == Response(items=(1, 1, 0, 1, 0, 1, 0, 0), total=4.0)
    assert found.sex("302") == "male"
    assert found.number("302", 18, 110, "age") == 44.0
    assert found.number("302", 17, 85, "ptsdseverity") == 28.0
    assert found.number("302", 30, 85, "ptsdseverity") is None


def test_there_must_be_a_table(tmp_path):
    text(tmp_path / "words.csv", "a,b\n1,2\n")
    with pytest.raises(InputError, match="holds no table of participants"):
        read_labels(tmp_path)


def test_rows_of_transcripts(tmp_path):
    path = text(tmp_path / "t.csv", 'start_time\tvalue\n1.5\tshe said "no\n\n2\n')
    assert read_rows(path, "\t") == [
        {"starttime": "1.5", "value": 'she said "no'},
        {"starttime": "2"},
    ]
    path = text(tmp_path / "u.csv", '\ufeffStart_Time,Text\n1,"yes, no"\n')
    assert read_rows(path, ",") == [{"starttime": "1", "text": "yes, no"}]
    path.write_bytes("a\tb\nx\tcafé\n".encode("cp1252"))
    assert read_rows(path, "\t") == [{"a": "x", "b": "café"}]
    path = text(tmp_path / "empty.csv", "")
    assert read_rows(path, ",") == []
    path = text(tmp_path / "long.csv", "a\n" + "x" * 200_000)
    with pytest.raises(InputError, match=r"long\.csv is not a regular table"):
        read_rows(path, ",")
