from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.corpus import tables
from mindveil.corpus.tables import read_table, shield, table_text, unshield

TRICKY = "'=+-@ \t\n\r\"1.e\ufeff\uff1d\uff0dn/a\x85\u2028"
CELLS = st.text(
    st.one_of(
        st.sampled_from(TRICKY), st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    ),
    max_size=12,
)

FORMULAS = [
    '=HYPERLINK("http://x")',
    "+1+cmd|' /C calc'!A0",
    "-1+1",
    "- well, no",
    "@SUM(1)",
    " =1",
    "\t=1",
    "\n+1",
    "\uff1d1",
    "--5",
    "-1e",
    "'=1",
    "''@a",
]
PLAIN = ["", "n/a", "-3", "-3.5", "-1e-5", "'tis", "a=b", "1-2", "30-39", "*", "''", "'", "well-"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_formulas_get_one_apostrophe_and_lose_it_again(cell):
    assert shield(cell) == "'" + cell
    assert unshield(shield(cell)) == cell


@pytest.mark.parametrize("cell", PLAIN)
def test_plain_cells_are_written_as_they_are(cell):
    assert shield(cell) == cell
    assert unshield(cell) == cell


@given(CELLS)
def test_shielding_is_undone_exactly_and_leaves_no_formula(cell):
    written = shield(cell)
    assert unshield(written) == cell
    start = written.lstrip()[:1]
    number = written[:2].lstrip("-").isdigit()
    assert start not in ("=", "+", "-", "@", "\uff1d") or number


def test_a_table_by_hand():
    text = table_text(["id", "text"], [["1", "a\tb"], ["2", 'say "no"'], ["3", "two\nlines\r"]])
    assert text == 'id\ttext\n1\t"a\tb"\n2\t"say ""no"""\n3\t"two\nlines\r"\n'
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter="\t"))
    assert rows[1:] == [["1", "a\tb"], ["2", 'say "no"'], ["3", "two\nlines\r"]]


def test_whatever_is_written_is_read_back(tmp_path):
    @settings(max_examples=150, deadline=None)
    @given(st.lists(st.tuples(CELLS, CELLS), max_size=4))
    def check(rows: list[tuple[str, str]]) -> None:
        (tmp_path / "a.tsv").write_bytes(table_text(["id", "b c"], rows).encode())
        table, findings = read_table(tmp_path, "a.tsv")
        assert not findings
        assert table is not None
        assert (table.header, list(table.rows)) == (("id", "b c"), rows)

    check()


def test_a_lone_empty_cell_is_a_row(tmp_path):
    (tmp_path / "a.tsv").write_text(table_text(["a"], [[""], ["1"]]), encoding="utf-8")
    table, _ = read_table(tmp_path, "a.tsv")
    assert table is not None
    assert table.rows == (("",), ("1",))


def read(tmp_path, content: bytes):
    (tmp_path / "a.tsv").write_bytes(content)
    return read_table(tmp_path, "a.tsv")


def test_lines_are_those_of_an_editor(tmp_path):
    table, findings = read(tmp_path, b'id\ttext\r\n1\t"a\r\nb"\r\n\r\n2\tc\r\n3\n')
    assert table is not None
    assert table.lines == (3, 5)
    assert table.rows == (("1", "a\r\nb"), ("2", "c"))
    assert [(f.kind, f.line) for f in findings] == [("width", 6)]


@pytest.mark.parametrize(
    ("content", "kind", "line"),
    [
        (b"", "empty-file", 0),
        (b"\n\n", "empty-file", 0),
        (b"a,b\n1,2\n", "separator", 0),
        (b"a;b\n1;2\n", "separator", 0),
        (b"a\t\n1\t2\n", "header", 1),
        (b"a\ta\n1\t2\n", "header", 1),
        (b"a\tb\n1\t\xff\n", "encoding", 2),
        (b"a\tb\n1\t\x00\n", "encoding", 2),
        (b"\xff\xfea\x00", "encoding", 0),
        (b'a\tb\n1\t2\n1\t"2\n', "quoting", 3),
        (b'a\tb\n1\t"2" he said\n', "quoting", 2),
        (b"a\tb\n1\t" + b"x" * 140_000 + b"\n", "quoting", 2),
    ],
)
def test_faults_of_a_file_are_findings(tmp_path, content, kind, line):
    table, findings = read(tmp_path, content)
    assert table is None
    assert [(f.kind, f.line) for f in findings] == [(kind, line)]


def test_a_file_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "LARGEST_BYTES", 10)
    _, findings = read(tmp_path, b"a\tb\n1\t2\n3\t4\n")
    assert [f.kind for f in findings] == ["too-large"]


def test_a_missing_file_and_a_folder_are_findings(tmp_path):
    assert [f.kind for f in read_table(tmp_path, "b.tsv")[1]] == ["missing-file"]
    (tmp_path / "c.tsv").mkdir()
    assert [f.kind for f in read_table(tmp_path, "c.tsv")[1]] == ["not-a-file"]
