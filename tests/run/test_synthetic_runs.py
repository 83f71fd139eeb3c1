"""A study of people who do not exist, from the study file to the verdict and the ledger."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from tests.run.studies import HEAD, call, toy_study

STUDY = (
    HEAD
    + """\
[[release]]
name  = "copy"
steps = [{ use = "tests.synthesise.planted:VerbatimCopy" }]

[[release]]
name  = "private"
steps = [{ use = "synthesise/dp-copula", epsilon = 3.0, delta = 1e-5 }]

[attack]
use = ["synthetic/linkage", "synthetic/nearest-record", "scales/linkage"]
attackers = ["ignorant"]

[utility]
use = ["detect/phq9>=14", "psychometrics/phq9", "rest/phq9>=10"]
modalities = ["scales"]

[policy]
max_epsilon = 4.0
"""
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("synthetic")
    study = toy_study(folder, STUDY, people=100)
    done = call("run", study, "--workers", "2")
    assert done.returncode == 0, done.stderr
    return folder


def scorecard(folder) -> pd.DataFrame:
    return pd.read_csv(folder / "run" / "scorecard.csv")


def figure(rows: pd.DataFrame, release: str, measure: str, metric: str) -> float:
    mine = rows[(rows.release == release) & (rows.measure == measure) & (rows.metric == metric)]
    assert len(mine) == 1
    return float(mine.value.iloc[0])


def test_records_of_nobody_are_not_linked_but_attacked_as_a_table(finished):
    rows = scorecard(finished)
    attacked = {(r.release, r.measure) for r in rows[rows.kind == "attack"].itertuples()}
    assert ("private", "scales/linkage") not in attacked
    assert ("original", "scales/linkage") in attacked
    assert {(n, "synthetic/linkage") for n in ("original", "copy", "private")} <= attacked


def test_a_copy_is_caught_and_a_private_table_is_not_a_copy(finished):
    rows = scorecard(finished)
    assert figure(rows, "copy", "synthetic/linkage", "advantage") > 0.9
    assert figure(rows, "copy", "synthetic/nearest-record", "advantage") > 0.9
    assert abs(figure(rows, "private", "synthetic/linkage", "advantage")) < 0.2


def test_the_guarantee_stands_on_the_scorecard_and_in_the_verdict(finished):
    rows = scorecard(finished)
    promised = rows[rows.kind == "guarantee"]
    assert set(promised.release) == {"private"}
    assert figure(rows, "private", "synthesise/dp-copula", "epsilon") <= 3.0
    assert figure(rows, "private", "synthesise/dp-copula", "delta") <= 1e-5
    assert set(promised.label) == {"proved"}
    told = json.loads((finished / "run" / "verdict.json").read_text())
    said = {r["name"]: r["guarantee"] for r in told["releases"]}
    assert "epsilon 3" in said["private"]
    assert said["copy"] == ""


def test_a_verbatim_copy_never_passes(finished):
    told = json.loads((finished / "run" / "verdict.json").read_text())
    decided = {v["release"]: v["decision"] for v in told["judgement"]["releases"]}
    assert decided["copy"] == "DO NOT RELEASE"


def test_a_finished_run_is_not_computed_again(finished):
    before = (finished / "run" / "scorecard.csv").read_bytes()
    assert call("run", finished / "study.toml").returncode == 0
    assert (finished / "run" / "scorecard.csv").read_bytes() == before


def test_a_private_release_is_debited_with_a_card_until_nothing_is_left(finished):
    study = finished / "study.toml"
    done = call("protect", study, "private", finished / "out", "--model", finished / "model")
    assert done.returncode == 0, done.stderr
    card = json.loads((finished / "out.dp-card.json").read_text())
    assert card["guarantee"]["epsilon"] <= 3.0
    assert card["os_entropy"]
    assert (finished / "model" / "model.safetensors").is_file()
    ledger = finished / "corpus.ledger.jsonl"
    assert ledger.read_text().count("debited") == 1
    again = call("protect", study, "private", finished / "more")
    assert again.returncode == 4
    assert "epsilon" in again.stderr
    assert not (finished / "more").exists()
    assert call("check", finished / "out").returncode == 0


def test_the_plan_says_what_the_budget_permits(finished):
    told = json.loads(call("plan", finished / "study.toml", "--json").stdout)
    assert told["epsilon"] == 3.0
    assert told["budgets"]["private"]["advice"].startswith("Too few people")


def test_a_step_after_the_synthesiser_is_refused(tmp_path):
    text = STUDY.replace(
        'steps = [{ use = "synthesise/dp-copula", epsilon = 3.0, delta = 1e-5 }]',
        'steps = [{ use = "synthesise/dp-copula" }, { use = "scales/anonymise" }]',
    )
    done = call("plan", toy_study(tmp_path, text))
    assert done.returncode == 2
    assert "a synthesiser is the last step" in done.stderr


def test_an_attack_on_synthetic_tables_needs_one(tmp_path):
    head, _, tail = STUDY.partition("[[release]]\n")
    only = "[attack]" + tail.partition("[attack]")[2]
    done = call("plan", toy_study(tmp_path, head + only))
    assert done.returncode == 2
    assert "no release is synthetic" in done.stderr
