from __future__ import annotations

import pytest

from mindveil.corpus.imports import spreadsheet
from mindveil.corpus.imports.spreadsheet import place_of, read_spreadsheet, side_by_side
from mindveil.errors import InputError


def write(tmp_path, content: bytes, name: str = "a.csv"):
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_separator_is_found_in_the_header(tmp_path, sign):
    text = f'id{sign}text{sign}n\r\n1{sign}"a, b; c\nd"{sign}2\r\n\r\n'
    table = read_spreadsheet(write(tmp_path, text.encode("utf-8-sig")))
    assert table.header == ("id", "text", "n")
    assert table.rows == (("1", "a, b; c\nd", "2"),)
    assert table.lines == (3,)


def test_other_encodings_are_read_when_named(tmp_path):
    path = write(tmp_path, "id,name\n1,é\n".encode("cp1252"))
    with pytest.raises(InputError, match='is not utf-8; save it as UTF-8, or say encoding = "cp1'):
        read_spreadsheet(path)
    assert read_spreadsheet(path, "cp1252").rows == (("1", "é"),)
    path = write(tmp_path, "id,name\n1,é\n".encode("utf-16"))
    assert read_spreadsheet(path, "utf-16").rows == (("1", "é"),)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"a,b\n1,2,3\n", "a.csv, line 2: 3 cells where the header has 2"),
        (b"a,a\n1,2\n", "column 'a' occurs twice"),
        (b'a,b\n1,"2\n', "line 2: a quotation mark is not closed"),
        (b'a,b\n1,"2" x\n', "line 2: a quotation mark is not closed or not doubled"),
        (b"a,b\n1," + b"x" * 140_000, "line 2: a cell has more than 131,072 characters"),
        (b"a,b\n1,\x00\n", "holds NUL characters"),
    ],
)
def test_irregular_tables_are_refused(tmp_path, content, words):
    with pytest.raises(InputError, match=words):
        read_spreadsheet(write(tmp_path, content))


def test_a_missing_or_too_large_table_is_refused(tmp_path, monkeypatch):
    with pytest.raises(InputError, match="is not a file; name the table"):
        read_spreadsheet(tmp_path)
    monkeypatch.setattr(spreadsheet, "LARGEST_BYTES", 3)
    with pytest.raises(InputError, match="split it"):
        read_spreadsheet(write(tmp_path, b"a,b\n"))


def test_a_missing_column_names_the_nearest(tmp_path):
    table = read_spreadsheet(write(tmp_path, b"pid,age\n1,2\n"))
    assert place_of(table, "age", "x") == 1
    with pytest.raises(InputError, match=r"id: a.csv has no column 'pidd'; did you mean 'pid'\?"):
        place_of(table, "pidd", "id")


def test_tables_side_by_side(tmp_path):
    left = read_spreadsheet(write(tmp_path, b"id,bmi\n1,20\n2,30\n"))
    right = read_spreadsheet(write(tmp_path, b"age,bmi\n40,20\n50,30\n", "b.csv"))
    table = side_by_side(left, right)
    assert (table.header, table.rows) == (
        ("id", "bmi", "age"),
        (("1", "20", "40"), ("2", "30", "50")),
    )
    shuffled = read_spreadsheet(write(tmp_path, b"age,bmi\n50,30\n40,20\n", "b.csv"))
    with pytest.raises(InputError, match="differ in column 'bmi', line 2"):
        side_by_side(left, shuffled)
    with pytest.raises(InputError, match="have 2 and 1 rows"):
        side_by_side(left, read_spreadsheet(write(tmp_path, b"age\n40\n", "b.csv")))
