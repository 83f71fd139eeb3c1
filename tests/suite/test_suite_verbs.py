from __future__ import annotations

import json

import pytest
from tests.run.studies import call
from tests.suite.miniature import data, raw_suite
from tests.suite.sheets import matched, sheet_of, track_of
from tomli_w import dumps
from typer.testing import CliRunner

from mindveil.cli.main import app
from mindveil.corpus.manifest import load_corpus
from mindveil.errors import InputError
from mindveil.suite.score_sheet import read_sheet, write_sheet
from mindveil.suite.suite_file import load_suite


@pytest.fixture
def suite(tmp_path):
    """A suite file, and the data that it names."""
    path = tmp_path / "miniature.toml"
    path.write_text(dumps(raw_suite()))
    data(tmp_path / "data")
    return path


def said(*words):
    return CliRunner().invoke(app, ["benchmark", *map(str, words)])


def test_list_prints_the_digest_that_is_cited():
    told = json.loads(said("list", "--json").stdout)
    assert told["digest"] == load_suite("threats-v1").digest
    assert told["frozen"] is True
    assert {"text", "voice", "face", "scales", "fused"} <= {t["track"] for t in told["tracks"]}
    assert told["digest"] in said("list").stdout


def test_export_writes_codes_and_says_what_to_do_with_them(suite, tmp_path):
    out = tmp_path / "export"
    words = ("export", "scales", out, "--suite", suite, "--data", tmp_path / "data")
    found = said(*words)
    assert found.exit_code == 0, found.output
    assert "wrote 60 people" in found.output
    assert len(load_corpus(out).ids) == 60
    again = said(*words)
    assert isinstance(again.exception, InputError)


def test_table_prints_a_sheet_and_verify_says_that_it_is_of_no_published_suite(tmp_path):
    write_sheet(sheet_of(track_of([*matched("none", 0.9), *matched("mine", 0.1)])), tmp_path)
    assert "mine" in said("table", tmp_path).stdout
    told = json.loads(said("table", tmp_path, "--json").stdout)
    assert told["tables"][0]["rows"][0]["defence"] == "mine"
    found = said("verify", tmp_path / "scores.json", "--json")
    assert found.exit_code == 1
    assert "no published suite" in json.loads(found.stdout)["faults"][0]


def test_bad_input_is_one_sentence_and_exit_2(suite, tmp_path):
    found = call(
        *("benchmark", "run", "--suite", suite, "--out", tmp_path / "out"),
        *("--defence", f"mine={tmp_path / 'nowhere'}"),
    )
    assert found.returncode == 2
    assert len(found.stderr.strip().splitlines()) == 1
    assert "is no folder" in found.stderr


@pytest.mark.slow
def test_the_whole_road_from_export_to_verify(suite, tmp_path):
    shared = ("--suite", suite, "--data", tmp_path / "data")
    assert call("benchmark", "export", "scales", tmp_path / "ex", *shared).returncode == 0
    found = call(
        *("benchmark", "run", *shared, "--out", tmp_path / "out", "--json"),
        *("--defence", f"mine={tmp_path / 'ex'}"),
    )
    assert found.returncode == 0, found.stderr
    sheet = read_sheet(tmp_path / "out")
    assert {d.name for d in sheet.tracks[0].defences} == {"none", "verbatim", "noise", "mine"}
    first = (tmp_path / "out" / "scores.json").read_bytes()
    for name in ("table.md", "defences.csv", "attackers.csv"):
        assert (tmp_path / "out" / name).stat().st_size > 100
    # running again resumes, and ends with the same bytes
    call(
        *("benchmark", "run", *shared, "--out", tmp_path / "out"),
        *("--defence", f"mine={tmp_path / 'ex'}"),
    )
    assert (tmp_path / "out" / "scores.json").read_bytes() == first
