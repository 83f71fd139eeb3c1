"""Bad input gets one clear sentence (what, where, what to do) and exit code 2."""

from __future__ import annotations

import json

import pytest
from tests.corpus.broken import BROKEN, SAYS, SECRET, sound
from tests.run.studies import STUDY, toy_study


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_a_broken_corpus_is_told_in_a_sentence(name, cli, tmp_path):
    said = cli("check", BROKEN[name](tmp_path))
    errors = [line for line in said.out.splitlines() if line.startswith("error: ")]
    warnings = [line for line in said.out.splitlines() if line.startswith("warning: ")]
    told = errors or warnings
    assert any(SAYS[name] in line for line in told), said.out
    assert said.code == (2 if errors else 0)
    assert SECRET not in said.out + said.err
    assert "Traceback" not in said.out + said.err


def test_most_faults_are_errors(cli, tmp_path):
    codes = []
    for name, build in sorted(BROKEN.items()):
        folder = tmp_path / name
        folder.mkdir()
        codes.append(cli("check", build(folder)).code)
    assert codes.count(2) >= 30


def test_findings_as_json(cli, tmp_path):
    said = cli("check", BROKEN["duplicate-person"](tmp_path), "--json")
    told = json.loads(said.out)
    assert said.code == 2
    assert not told["ok"]
    assert told["findings"][0]["severity"] == "error"


def test_a_sound_corpus_is_good(cli, tmp_path):
    said = cli("check", sound(tmp_path))
    assert said.code == 0
    assert "good" in said.out


STUDIES = {
    "unknown-key": (STUDY + "colour = 1\n", "unknown key 'utility.colour'"),
    "near-key": (STUDY.replace("seed ", "sede "), "did you mean 'seed'?"),
    "near-step": (STUDY.replace("scales/anonymise", "scales/anonymize"), "scales/anonymise'?"),
    "near-setting": (STUDY.replace("k = 3", "kk = 3"), "scales/anonymise: unknown setting 'kk'"),
    "wrong-type": (STUDY.replace("k = 3", 'k = "three"'), "scales/anonymise: k = 'three'"),
    "near-target": (STUDY.replace("phq9>=14", "phq>=14"), "did you mean 'phq9'?"),
    "no-operator": (STUDY.replace("phq9>=14", "phq9"), "operator"),
    "cut-decides-nothing": (STUDY.replace("phq9>=14", "phq9>=99"), "runs from 0 to 27"),
    "near-attack": (
        STUDY.replace("[attack]", '[attack]\nuse = ["text/autorship"]'),
        "did you mean 'text/authorship'?",
    ),
    "missing-corpus": (STUDY.replace('"corpus"', '"corpse"'), "there is no such folder"),
    "later-level": (STUDY.replace("level = 2", "level = 4"), "level"),
    "no-reference": (STUDY + "[split]\nreference = 0\n", "nobody to learn from"),
    "too-many-folds": (STUDY + "[split]\nfolds = 50\n", "cannot be divided"),
    "where": (STUDY + '[execute]\nwhere = "ray"\n', "not available in this version"),
    "voice-detector": (STUDY.replace('["scales"]', '["voice"]'), "the corpus has no voice"),
    "dotted-path": (
        STUDY.replace("[attack]", '[attack]\nuse = ["no.such:Thing"]'),
        "cannot be imported",
    ),
    "not-toml": (STUDY + "[[[", "not valid TOML"),
}


@pytest.mark.parametrize("name", sorted(STUDIES))
def test_a_broken_study_is_told_in_a_sentence(name, cli, tmp_path):
    text, says = STUDIES[name]
    said = cli("check", toy_study(tmp_path, text))
    assert said.code == 2, said.out
    assert says in said.err
    assert said.err.startswith("mindveil: ")
    assert len(said.err.strip().splitlines()) == 1
    assert "Traceback" not in said.err


def test_linkage_of_people_with_one_session_is_refused_by_name(cli, tmp_path):
    text = STUDY.replace("[attack]", '[attack]\nuse = ["text/authorship"]')
    study = toy_study(tmp_path, text)
    for folder in (tmp_path / "corpus").glob("sub-*/ses-02"):
        for path in sorted(folder.rglob("*"), reverse=True):
            path.unlink() if path.is_file() else path.rmdir()
        folder.rmdir()
    said = cli("check", study)
    assert said.code == 2
    assert "linkage enrols on an earlier" in said.err


def test_a_missing_study_says_how_to_make_one(cli, tmp_path):
    said = cli("check", tmp_path / "study.toml")
    assert said.code == 2
    assert "mindveil init" in said.err


def test_an_error_is_json_where_json_was_asked_for(cli, tmp_path):
    said = cli("plan", tmp_path / "study.toml", "--json")
    assert said.code == 2
    assert json.loads(said.out)["exit_code"] == 2
