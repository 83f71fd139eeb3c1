"""The corpus and the table that the documentation shows can be used as they stand."""

from __future__ import annotations

import tomllib

import pytest

from mindveil.corpus.checks import check_corpus
from mindveil.corpus.imports.sources import IMPORTERS
from mindveil.corpus.manifest import load_corpus


@pytest.fixture
def folder(tmp_path, pages):
    pages["docs/bring-your-data.md"].lay_out(tmp_path)
    return tmp_path


def test_the_small_corpus_is_good(folder):
    assert check_corpus(folder / "corpus") == []


def test_the_small_corpus_says_what_the_page_says(folder):
    corpus = load_corpus(folder / "corpus")
    assert corpus.ids == ("P01", "P02")
    assert corpus.tools == ("phq9", "who5")
    assert corpus.roles("identifier") == ("name",)
    assert [s.session_id for s in corpus.participants[0].sessions] == ["01", "02"]
    assert corpus.participants[0].sessions[0].said()[0].startswith("Badly.")
    # one missing answer of nine: prorated, so no total needs to stand in the file
    assert corpus.participants[1].sessions[0].responses["phq9"].total is None


def test_the_table_of_files_is_complete(folder, pages):
    shown = next(b.text for b in pages["docs/bring-your-data.md"].blocks if "corpus/\n" in b.text)
    named = {word for word in shown.split() if "." in word}
    there = {p.relative_to(folder / "corpus").as_posix() for p in (folder / "corpus").rglob("*.*")}
    assert named == there


def test_the_survey_becomes_a_corpus(folder):
    survey = tomllib.loads((folder / "survey.toml").read_text(encoding="utf-8"))
    imported = IMPORTERS["csv"].read(folder / "survey.csv", survey)
    imported.save(folder / "imported")
    corpus = load_corpus(folder / "imported")
    assert corpus.ids == ("17", "18", "19")
    # 1,2,1,1,2,1,1,1,1 coded from 1 is 0,1,0,0,1,0,0,0,0: a total of 2
    assert corpus.participants[0].latest("phq9").total == 2
    assert corpus.participants[2].attributes["age"] is None
    assert "notes" not in corpus.columns
    assert any("1 value outside 18 to 110" in note for note in imported.notes)
