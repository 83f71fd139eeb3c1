"""Every verb as a newcomer calls it, on a small corpus without text models."""

from __future__ import annotations

import json
import shutil

import pytest
from tests.run.studies import call, toy_study

from mindveil.anonymise.pseudonyms import load_key, new_key, open_table
from mindveil.corpus.manifest import load_corpus


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Return the folder of a study that was run."""
    folder = tmp_path_factory.mktemp("finished")
    done = call("run", toy_study(folder), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["failed"] == 0
    return folder


def test_init_writes_a_study_once(cli, tmp_path):
    assert cli("init", tmp_path).code == 0
    again = cli("init", tmp_path)
    assert again.code == 2
    assert "exists already" in again.err


def test_plan_counts_cells_and_says_what_it_costs(cli, tmp_path):
    said = cli("plan", toy_study(tmp_path))
    assert said.code == 0
    assert "cells" in said.out
    assert "MB each" in said.out
    told = json.loads(cli("plan", tmp_path / "study.toml", "--json").out)
    assert len(told["cells"]) == 27
    assert told["epsilon"] == 0


def test_run_leaves_what_the_contract_names(finished):
    run = finished / "run"
    for name in (
        *("study.toml", "lock.json", "scorecard.parquet", "scorecard.csv", "verdict.json"),
        *("report.html", "log.jsonl", "MANIFEST.sha256"),
    ):
        assert (run / name).is_file(), name
    assert list((run / "cells").glob("*.json"))
    assert (run / "releases" / "k3").is_dir()
    head = (run / "scorecard.csv").read_text().splitlines()[0]
    assert head == (
        "release,kind,measure,modality,attacker,metric,value,low,high,n,baseline,control,unit,"
        "seed,status,label,note"
    )


def test_a_frozen_study_runs_again(finished, tmp_path):
    shutil.copytree(finished, tmp_path / "copy")
    again = call("run", tmp_path / "copy" / "run" / "study.toml")
    assert again.returncode == 0, again.stderr
    one = (finished / "run" / "scorecard.csv").read_bytes()
    assert (tmp_path / "copy" / "run" / "scorecard.csv").read_bytes() == one


def test_report_is_written_again_the_same(cli, finished, tmp_path):
    out = tmp_path / "again.html"
    assert cli("report", finished / "run", "--out", out).code == 0
    assert out.read_bytes() == (finished / "run" / "report.html").read_bytes()


def test_gate_fails_what_links(cli, finished):
    said = cli("gate", finished / "run")
    assert said.code == 1
    assert "DO NOT RELEASE" in said.out
    told = json.loads(cli("gate", finished / "run", "--json").out)
    assert told["passed"] is False


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("gate", "{run}", "--release", "nothing"), "has no release 'nothing'"),
        (("gate", "{nowhere}"), "holds no verdict.json"),
        (("report", "{nowhere}"), "holds no verdict.json"),
        (("explain", "text/autorship"), "did you mean 'text/authorship'?"),
        (("import", "cvs", "x", "y"), "did you mean 'csv'?"),
        (("protect", "{study}", "original", "{nowhere}"), "has no steps"),
        (("protect", "{study}", "k4", "{nowhere}"), "did you mean 'k3'?"),
        (("models", "install", "minilmm"), "minilm"),
        (("look", "{nowhere}"), "no such folder"),
    ],
)
def test_a_slip_is_told_in_a_sentence(words, says, cli, finished, tmp_path):
    places = {
        "run": finished / "run",
        "study": finished / "study.toml",
        "nowhere": tmp_path / "nowhere",
    }
    said = cli(*(word.format(**places) for word in words))
    assert said.code == 2
    assert says in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_protect_writes_a_release_without_identity(cli, finished, tmp_path, monkeypatch):
    new_key(tmp_path / "key")
    monkeypatch.setenv("MINDVEIL_KEY_FILE", str(tmp_path / "key"))
    out, table = tmp_path / "out", tmp_path / "table.bin"
    said = cli("protect", finished / "study.toml", "k3", out, "--table", table)
    assert said.code == 0, said.err
    original, released = load_corpus(finished / "corpus"), load_corpus(out)
    assert len(released.ids) == len(original.ids)
    assert not set(released.ids) & set(original.ids)
    assert not any(s.entities for p in released.participants for s in p.sessions)
    assert set(open_table(table.read_bytes(), load_key(tmp_path / "key"), "toy")) == set(
        original.ids
    )
    names = " ".join(p.relative_to(out).as_posix() for p in out.rglob("*"))
    assert not any(i in names for i in original.ids)


def test_protect_draws_other_codes_each_time(cli, finished, tmp_path):
    for name in ("one", "two"):
        assert cli("protect", finished / "study.toml", "k3", tmp_path / name).code == 0
    one, two = load_corpus(tmp_path / "one"), load_corpus(tmp_path / "two")
    assert not set(one.ids) & set(two.ids)


def test_a_key_in_the_open_is_refused_with_4(cli, finished, tmp_path, monkeypatch):
    new_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o644)
    monkeypatch.setenv("MINDVEIL_KEY_FILE", str(tmp_path / "key"))
    words = ("protect", finished / "study.toml", "k3", tmp_path / "out")
    said = cli(*words, "--table", tmp_path / "table")
    assert said.code == 4
    assert not (tmp_path / "out").exists()


def test_look_shows_the_worst_first(cli, finished):
    said = cli("look", finished / "corpus", "--json")
    assert said.code == 0, said.err
    found = json.loads(said.out)
    assert 3 <= len(found) <= 10
    assert {"scales/singling-out", "text/authorship"} <= {f["exposure"] for f in found}


@pytest.mark.parametrize("name", ["text/authorship", "scales/anonymise", "detect/phq9>=10"])
def test_explain_says_what_it_does(cli, name):
    said = cli("explain", name)
    assert said.code == 0
    assert len(said.out) > 200


def test_models_list_shows_licences(cli):
    rows = json.loads(cli("models", "list", "--json").out)
    assert {"minilm", "spacy-en"} <= {r["key"] for r in rows}
    assert all(r["licence"] for r in rows)


def test_import_csv(cli, tmp_path):
    (tmp_path / "table.csv").write_text("id,age,p1,p2\nA,30,1,0\nB,41,2,2\n")
    (tmp_path / "map.toml").write_text('id = "id"\n[questionnaires.phq2]\nitems = ["p1", "p2"]\n')
    words = ("import", "csv", tmp_path / "table.csv", tmp_path / "corpus")
    said = cli(*words, "--map", tmp_path / "map.toml")
    assert said.code == 0, said.err
    assert load_corpus(tmp_path / "corpus").tools == ("phq2",)


def test_output_is_plain_where_it_is_no_terminal(finished):
    done = call("gate", finished / "run")
    assert "\x1b[" not in done.stdout + done.stderr
