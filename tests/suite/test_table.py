from __future__ import annotations

import csv
import io

from tests.suite.sheets import matched, sheet_of, track_of, unbelieved, useful

from mindveil.suite.score_sheet import NotRun
from mindveil.suite.table import markdown, tables, write_tables


def sheet():
    figures = [
        *matched("none", 0.9),
        useful("none", 0.8),
        *matched("mine", 0.1),
        useful("mine", 0.7),
    ]
    made = sheet_of(track_of([*figures, unbelieved("flat|bar", "invalid")]))
    lost = NotRun(track="voice", what="track", why="it was not asked for")
    return made.model_copy(update={"not_run": (lost,)}).sealed()


def test_every_number_stands_with_its_interval_and_people():
    first, second = tables(sheet())
    top = dict(zip(first.head, first.rows[0], strict=True))
    assert top["rank"] == "1 [1-1]"
    assert top["defence"] == "mine"
    assert top["worst risk"] == "0.100 [0.050, 0.150]"
    assert top["utility"] == "0.700 [0.650, 0.750]"
    assert top["n"] == "100"
    assert "text/authorship, ignorant" in top["by"]
    assert second.rows[0][3] == "0.895 [0.845, 0.945]"


def test_under_the_table_stands_what_it_was_made_with_and_what_was_not_run():
    page = markdown(sheet())
    for word in ("digest " + "1" * 32, "Code c0de", "numpy 2.0", "Not run: voice", sheet().digest):
        assert word in page


def test_a_name_breaks_no_table():
    rows = [r for r in markdown(sheet()).splitlines() if r.startswith("|")]
    wide = {r.replace("\\|", "").count("|") for r in rows}
    assert len(wide) == 2  # one width of defences, one of attackers
    assert any("flat\\|bar" in r for r in rows)


def test_the_files_of_a_table_hold_whole_numbers(tmp_path):
    write_tables(sheet(), tmp_path)
    lines = list(csv.DictReader(io.StringIO((tmp_path / "defences.csv").read_text())))
    assert [x["defence"] for x in lines] == ["mine", "none", "flat|bar"]
    assert float(lines[0]["risk"]) == 0.1
    assert lines[0]["risk_n"] == "100"
    assert lines[2]["rank"] == ""
    assert "could not be believed" in lines[2]["remark"]
    attackers = list(csv.DictReader(io.StringIO((tmp_path / "attackers.csv").read_text())))
    assert attackers[0]["attack"] == "text/authorship"
