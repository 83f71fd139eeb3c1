from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from mindveil.corpus.checks import check_corpus
from mindveil.corpus.imports.base import Imported
from mindveil.corpus.imports.csv_table import CsvTable
from mindveil.corpus.imports.sources import IMPORTERS
from mindveil.corpus.instruments import get, score_table
from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.model import Column, Response, Turn
from mindveil.errors import InputError, RefusedError

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the real data folder is missing")

CSV = """pid,Age,Gender,a1_x,a2_y,phq sum,score,How?,Why?,e-mail
191.0,34,0.0,1,2,12.0,1,"so, so",because,a@b.c
192.0,2,1.0,2,NA,NA,2,NA,,
"""
MAP = """
id = "pid"
[questionnaires.phq2]
items = "a{n}_[xy]"
recode = "subtract 1"
[questionnaires.phq9]
total = "phq sum"
[columns.Age]
min = 18
[columns.Gender]
levels = { 0 = "female", 1 = "male" }
[text]
columns = ["How?", "Why?"]
"""


def read(tmp_path, text: str = CSV, options: str = MAP) -> Imported:
    (tmp_path / "people.csv").write_text(text, encoding="utf-8")
    return CsvTable().read(tmp_path / "people.csv", tomllib.loads(options))


def test_a_table_by_hand(tmp_path):
    made = read(tmp_path)
    first, second = made.corpus.participants
    assert made.corpus.name == "people"
    assert made.corpus.ids == ("191", "192")
    assert first.attributes == {"age": 34.0, "gender": "female", "e_mail": "a@b.c"}
    assert second.attributes == {"age": None, "gender": "male", "e_mail": None}
    (session,) = first.sessions
    assert session.session_id == "01"
    assert session.transcript == (
        Turn(speaker="participant", text="so, so"),
        Turn(speaker="participant", text="because"),
    )
    assert session.responses == {
        "phq2": Response(items=(0, 1), total=1.0),
        "phq9": Response(total=12.0),
    }
    (session,) = second.sessions
    assert session.transcript == ()
    assert session.responses == {"phq2": Response(items=(1, None))}
    assert made.corpus.columns == {
        "age": Column(role="quasi", kind="number", low=18),
        "gender": Column(role="quasi", kind="nominal", levels=("female", "male")),
        "e_mail": Column(role="identifier", kind="text"),
    }
    assert made.notes == (
        "columns left out (1): score; name those to keep under [columns], the others in drop",
        "column age: 1 value outside 18 to any set to missing (line 3)",
    )


def test_what_was_imported_is_a_corpus_without_errors(tmp_path):
    made = read(tmp_path)
    made.save(tmp_path / "corpus")
    assert load_corpus(tmp_path / "corpus") == made.corpus
    assert [f for f in check_corpus(tmp_path / "corpus") if f.severity == "error"] == []


def test_people_without_an_id_are_numbered(tmp_path):
    made = read(tmp_path, "age\n30\n40\n", "")
    assert made.corpus.ids == ("P0001", "P0002")
    assert IMPORTERS["csv"].kind == "csv"


def test_groups_of_texts_become_pseudo_sessions(tmp_path):
    options = MAP + 'pseudo_sessions = [["How?"], ["Why?"]]\nas = "turns"\n'
    made = read(tmp_path, CSV, options)
    first, second = made.corpus.participants
    assert [(s.session_id, len(s.transcript), len(s.responses)) for s in first.sessions] == [
        ("01", 1, 0),
        ("02", 1, 2),
    ]
    assert [(s.session_id, len(s.responses)) for s in second.sessions] == [("02", 1)]
    assert "session 01 holds How?; session 02 holds Why?" in made.corpus.pseudo_sessions


def test_rows_of_one_person_are_sessions(tmp_path):
    text = "pid,visit,age,sex,PHQ\nA,pre,30,f,10\nB,pre,50,,3\nA,post,31,f,8\n"
    options = 'id = "pid"\nsession = "visit"\n[questionnaires.phq9]\ntotal = "PHQ"\n'
    made = read(tmp_path, text, options)
    first, second = made.corpus.participants
    assert [(s.session_id, s.responses["phq9"].total) for s in first.sessions] == [
        ("pre", 10.0),
        ("post", 8.0),
    ]
    assert first.attributes == {"age": 30.0, "sex": "f"}
    assert second.attributes["sex"] is None
    assert made.notes == (
        "column age: rows of one person differ (1 people); the first value is kept",
    )
    made.save(tmp_path / "corpus")
    assert load_corpus(tmp_path / "corpus") == made.corpus


def test_labels_and_reversed_items(tmp_path):
    text = "q1,q2,q3,q4\nNever,often,never,often\n"
    options = """
    [questionnaires.own]
    items = ["q2", "q1", "q4", "q3"]
    recode = { never = 0, often = 4 }
    reverse = [1, 2]
    low = 0
    high = 4
    """
    made = read(tmp_path, text, options)
    assert made.corpus.participants[0].latest("own") == Response(items=(0, 4, 4, 0))
    assert made.tools["own"].model_dump(include={"items", "low", "high"}) == {
        "items": 4,
        "low": 0,
        "high": 4,
    }
    made.save(tmp_path / "corpus")
    assert load_corpus(tmp_path / "corpus") == made.corpus


def test_a_prefix_counts_items_and_reverse_turns_all(tmp_path):
    made = read(
        tmp_path, "D1,D2,Date\n0,3,x\n", '[questionnaires.phq2]\nprefix = "D"\nrecode = "reverse"'
    )
    assert made.corpus.participants[0].latest("phq2") == Response(items=(3, 0), total=3.0)


def test_levels_in_order_kinds_and_blanks(tmp_path):
    text = "edu,country,note\n2.0,NA,x\n1,DE,-9\n"
    options = """
    blank = ["-9"]
    [columns.edu]
    kind = "ordinal"
    levels = ["1", "2", "3"]
    [columns.country]
    blank = []
    [columns.note]
    kind = "text"
    rename = "remark"
    role = "sensitive"
    description = "what was noted"
    """
    made = read(tmp_path, text, options)
    assert [p.attributes for p in made.corpus.participants] == [
        {"edu": "2", "country": "NA", "remark": "x"},
        {"edu": "1", "country": "DE", "remark": None},
    ]
    assert made.corpus.columns["edu"] == Column(
        role="other", kind="ordinal", levels=("1", "2", "3")
    )
    assert made.corpus.columns["remark"] == Column(
        role="sensitive", kind="text", description="what was noted"
    )
    assert made.notes == ("column edu: no role is given; it is taken as other",)


def test_tables_beside_are_found_below_the_source_only(tmp_path):
    (tmp_path / "b.csv").write_text("sex\nf\nm\n", encoding="utf-8")
    made = read(tmp_path, "age\n30\n40\n", 'beside = ["b.csv"]')
    assert [p.attributes["sex"] for p in made.corpus.participants] == ["f", "m"]
    with pytest.raises(RefusedError):
        read(tmp_path, "age\n30\n40\n", 'beside = ["../b.csv"]')


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ('idd = "pid"', "import options: unknown key 'idd'; did you mean 'id'?"),
        ("[questionnaires.phq9]\ntotals = 'x'", "'questionnaires.phq9.totals'; did you mean 'to"),
        ("[columns.Age]\nlevel = []", "'columns.Age.level'; did you mean 'levels'?"),
        ("[columns.Age]\nrole = 'quassi'", "columns.Age.role must be one of: identifier"),
        ("[columns.Age]\nlevels = 3", "levels must be a list of texts or a mapping of texts"),
        ("[questionnaires.phq9]\nrecode = 'half'\ntotal='x'", 'must be "subtract N", "add N"'),
        ("[questionnaires.phq9]", "one of items, prefix or total is needed"),
        ("[questionnaires.phq9]\nitems = 'a'", "items must hold {n} once"),
        ("[questionnaires.phq9]\nitems = 'a{n}'\nprefix='a'", "items and prefix say the same"),
        ("[text]\ncolumns = []", "text.columns: list should have at least 1 item"),
        ("[text]\ncolumns = ['a']\npseudo_sessions=[['b']]", "must hold each of the text columns"),
        (
            "session='pid'\n[text]\ncolumns = ['a']\npseudo_sessions=[['a']]",
            "exclude each other; keep one",
        ),
        ("id = 'pidd'", "id: people.csv has no column 'pidd'; did you mean 'pid'?"),
        ("drop = ['scor']", "drop: people.csv has no column 'scor'; did you mean 'score'?"),
        ("[columns.age]", "[columns]: people.csv has no column 'age'; did you mean 'Age'?"),
        ("[text]\ncolumns = ['how']", "no column 'how'; did you mean 'How?'?"),
        ("[questionnaires.phq9]\ntotal = 'phq sun'", "did you mean 'phq sum'?"),
        ("[questionnaires.phq9]\nitems = ['a1_z']", "did you mean 'a1_x'?"),
        ("[questionnaires.phq9]\nprefix = 'zz'", "has no column like 'zz{n}'"),
        ("[questionnaires.phq9]\nitems = 'a{n}_?'", "finds 2 item columns, but phq9 has 9"),
        ("[questionnaires.phq2]\nitems = 'a{n}_x'", "finds 1 item columns, but phq2 has 2"),
        ("[questionnaires.phq2]\nitems = 'a{n}_y'", "no column for item 1 of 2"),
        ("[questionnaires.phk9]\ntotal = 'score'", "did you mean 'phq9'?; say the range"),
        ("[questionnaires.own]\ntotal = 'score'\nlow=3\nhigh=1", "low = 3 is not below 1"),
        ("[questionnaires.phq2]\ntotal = 'phq sum'", "line 2: column 'phq sum' holds 12.0, which"),
        ("[columns.Gender]\nlevels=['1']", "line 2: column 'Gender' holds 0.0, which is not one"),
        ("[columns.Gender]\nrename = 'age'", "columns 'Gender' and 'Age' would both be called"),
        ("[columns.score]\nrename = 'participant_id'", "and the participant id would both"),
        ("[columns.'How?']\nkind = 'number'", "a text of 6 characters, not a number; add it to"),
        ("id = 'Gender'\nsession = 'e-mail'", "the session (column 'e-mail') may hold letters"),
        ("id = 'Why?'", "line 3: the id (column 'Why?') is missing"),
    ],
)
def test_faults_of_a_map_are_one_sentence(tmp_path, options, words):
    with pytest.raises(InputError) as raised:
        read(tmp_path, CSV, options)
    assert words in str(raised.value)
    assert "so, so" not in str(raised.value)


def test_items_coded_from_one_are_noticed(tmp_path):
    text = "a1,a2\n1,4\n2,4\n2,0\n"
    with pytest.raises(InputError) as raised:
        read(tmp_path, text, '[questionnaires.phq2]\nprefix = "a"')
    assert str(raised.value) == (
        "people.csv, line 2: column 'a2' holds 4, which is no answer from 0 to 3 "
        "(and 1 more rows); set recode, or add the sign of a missing answer to blank"
    )
    with pytest.raises(InputError, match='coded from 1: set recode = "subtract 1"'):
        read(tmp_path, "a1,a2\n4,4\n1,3\n", '[questionnaires.phq2]\nprefix = "a"')


@pytest.mark.parametrize("cell", ["1.5", "often", "9"])
def test_answers_that_are_none_are_refused(tmp_path, cell):
    with pytest.raises(InputError, match=r"column 'a1' holds .*, which is no answer from 0 to 3"):
        read(tmp_path, f"a1,a2\n0,0\n{cell},1\n", '[questionnaires.phq2]\nprefix = "a"')
    options = '[questionnaires.phq2]\nprefix = "a"\nrecode = { none = 0, some = 1 }'
    with pytest.raises(InputError, match="column 'a1' holds"):
        read(tmp_path, f"a1,a2\n{cell},some\n", options)


def test_bands_stay_among_numbers(tmp_path):
    made = read(tmp_path, "age\n34\n90+\n", "[columns.age]\nmax = 60")
    assert [p.attributes["age"] for p in made.corpus.participants] == [34.0, "90+"]


def test_the_same_item_twice_is_refused(tmp_path):
    with pytest.raises(InputError, match="'a1' and 'a01' are both item 1"):
        read(tmp_path, "a1,a01\n1,1\n", '[questionnaires.phq2]\nprefix = "a"')


def test_a_total_that_disagrees_with_the_items_is_refused(tmp_path):
    options = '[questionnaires.phq2]\nprefix = "a"\ntotal = "sum"'
    made = read(tmp_path, "a1,a2,sum\n1,1,2\n1,,\n", options)
    assert made.corpus.participants[0].latest("phq2") == Response(items=(1, 1), total=2.0)
    with pytest.raises(InputError, match="line 3: column 'sum' disagrees with the items"):
        read(tmp_path, "a1,a2,sum\n1,1,2\n1,0,2\n", options)


def test_rows_that_repeat_a_person_are_refused(tmp_path):
    with pytest.raises(InputError, match="line 3: participant A is in line 2 too; name the column"):
        read(tmp_path, "pid\nA\nA\n", 'id = "pid"')
    with pytest.raises(InputError, match="two rows of one session: keep one"):
        read(tmp_path, "pid,v\nA,1\nA,1\n", 'id = "pid"\nsession = "v"')


def test_a_table_without_rows_is_refused(tmp_path):
    with pytest.raises(InputError, match="has a header and no rows"):
        read(tmp_path, "age\n", "")


def imported(path: Path, options: str, out: Path) -> Imported:
    made = CsvTable().read(path, tomllib.loads(options))
    made.save(out)
    assert load_corpus(out) == made.corpus
    assert [f for f in check_corpus(out) if f.severity == "error"] == []
    return made


@real
@pytest.mark.realdata
def test_free_texts_with_phq9_and_gad7(tmp_path):
    options = """
    id = "pid"
    [questionnaires.phq9]
    total = "PHQ9tot"
    [questionnaires.gad7]
    total = "GAD7tot"
    [columns.Age]
    min = 18
    max = 110
    [columns.Gender]
    levels = { 0 = "0", 1 = "1" }
    [text]
    columns = ["Deptext", "Depphrase", "Wortext", "Worphrase"]
    pseudo_sessions = [["Deptext", "Depphrase"], ["Wortext", "Worphrase"]]
    """
    corpus = imported(DATA / "phq9_gad7_text" / "dep_wor.csv", options, tmp_path / "c").corpus
    assert len(corpus.participants) == 300
    assert {len(p.sessions) for p in corpus.participants} == {2}
    totals = [p.latest(t) for p in corpus.participants for t in ("phq9", "gad7")]
    assert sum(r.total for r in totals if r and r.total is not None) == sum_of_totals()
    assert Counter(p.attributes["gender"] for p in corpus.participants) == {"0": 191, "1": 109}
    ages = [p.attributes["age"] for p in corpus.participants]
    assert ages.count(None) == 1
    assert min(a for a in ages if isinstance(a, float)) == 20


def sum_of_totals() -> float:
    import csv  # noqa: PLC0415 - an independent reading of the same file

    with (DATA / "phq9_gad7_text" / "dep_wor.csv").open(encoding="utf-8", newline="") as file:
        return sum(float(row["PHQ9tot"]) + float(row["GAD7tot"]) for row in csv.DictReader(file))


@real
@pytest.mark.realdata
def test_dass42_of_adults_by_item_agrees_with_the_sums_in_the_file(tmp_path):
    options = """
    drop = ["Depression", "Anxiety", "Stress", "dasssum"]
    [questionnaires.dass42]
    items = "dass{n}_[DAS]"
    recode = "subtract 1"
    """
    made = imported(DATA / "tabular" / "dass42_adults.csv", options, tmp_path / "c")
    assert made.notes == (
        "columns left out (1): voted; name those to keep under [columns], the others in drop",
    )
    people = made.corpus.participants
    assert len(people) == 4091
    items = np.array([p.sessions[0].responses["dass42"].items for p in people], dtype=np.float64)
    shares = {
        scale: round(100 * float(np.mean(score_table(get("dass42"), items, scale) >= cut)))
        for scale, cut in (("depression", 14), ("anxiety", 10))
    }
    assert shares == {"depression": 66, "anxiety": 65}  # as the data's README says
    # the file's own sums are of items coded from 1: 42 more than ours
    first = people[0].latest("dass42")
    assert first is not None
    assert first.total == 140.0 - 42


@real
@pytest.mark.realdata
def test_three_questionnaires_of_students_beside_their_demography(tmp_path):
    options = """
    beside = ["ukm_Demography.csv"]
    [questionnaires.phq9]
    prefix = "D"
    [questionnaires.gad7]
    prefix = "A"
    [questionnaires.pss10]
    prefix = "S"
    """
    made = imported(DATA / "tabular" / "ukm_Psychological_aspects.csv", options, tmp_path / "c")
    people = made.corpus.participants
    assert len(people) == 223
    first = {tool: people[0].latest(tool) for tool in ("phq9", "gad7", "pss10")}
    # row 1 of the file: D sums to 2, A to 0; S 0001101100 with 4, 5, 7, 8 turned round: 4 * 4 - 4
    assert {tool: r.total for tool, r in first.items() if r} == {
        "phq9": 2.0,
        "gad7": 0.0,
        "pss10": 12.0,
    }
    assert made.corpus.columns["age"].kind == "nominal"
    assert {"height", "weight", "bmi", "race", "department"} <= made.corpus.columns.keys()
