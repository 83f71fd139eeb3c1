"""A study whose releases are taught by federations, from the study file to the verdict and protect."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from tests.run.studies import call
from tests.train.clinic import clinic

from mindveil.corpus.manifest import save_corpus

STUDY = """\
study  = "toy"
seed   = 7
corpus = "corpus"
out    = "run"

[split]
folds = 3

[[release]]
name  = "sites"
steps = [{ use = "train/federated", target = "phq9>=10", rounds = 6, epsilon = 3.0, delta = 1e-5, people = 100 }]

[[release]]
name  = "alone"
steps = [{ use = "train/federated", target = "phq9>=10", split = "people", secure = false, rounds = 3, local_steps = 1 }]

[[release]]
name  = "votes"
steps = [{ use = "train/pate", target = "phq9>=10", teachers = 10, queries = 64, epsilon = 8.0, delta = 1e-5, people = 100 }]

[attack]
use = ["updates/gradient-inversion", "updates/membership", "updates/poisoning", "model/membership-loss"]

[utility]
use = ["detect/phq9>=10"]
modalities = ["scales"]

[execute]
reproducible = true
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("federations")
    study_in(folder)
    done = call("run", folder / "study.toml")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def study_in(folder: Path, text: str = STUDY) -> Path:
    save_corpus(clinic(150, np.random.default_rng(3)), folder / "corpus")
    (folder / "study.toml").write_text(text, encoding="utf-8")
    return folder / "study.toml"


@pytest.fixture(scope="module")
def card(run):
    return pd.read_csv(run / "run" / "scorecard.csv")


def one(card, release, measure, metric):
    found = card[(card.release == release) & (card.measure == measure) & (card.metric == metric)]
    assert len(found) == 1
    return found.iloc[0]


def test_a_server_that_sees_single_persons_has_their_rows(card):
    """Plain updates of one person: her row to the last digits, and so herself."""
    found = one(card, "alone", "updates/gradient-inversion", "cosine")
    assert found.value > 0.99
    assert found.low >= 0.95
    matched = one(card, "alone", "updates/gradient-inversion", "rank1")
    assert matched.low > 0.9


def test_one_masked_message_tells_nothing(card):
    found = one(card, "sites", "updates/membership", "auc@one masked message")
    assert found.low <= 0.5 <= found.high


def test_updates_are_asked_of_federations_alone(card):
    asked = set(card[card.measure.str.startswith("updates/")].release)
    assert asked == {"sites", "sites.undefended", "alone"}
    assert set(card[card.measure == "model/membership-loss"].release) > {"votes", "sites"}


def test_what_is_promised_is_in_the_scorecard(card):
    for release, epsilon in (("sites", 3.0), ("votes", 8.0)):
        found = card[(card.release == release) & (card.metric == "epsilon")]
        assert found.value.tolist() == [epsilon]
        assert found.unit.tolist() == ["person"]


def test_a_federation_of_single_persons_may_not_go_out(run):
    told = json.loads((run / "run" / "verdict.json").read_text(encoding="utf-8"))
    decided = {v["release"]: v["decision"] for v in told["judgement"]["releases"]}
    assert decided["alone"] == "DO NOT RELEASE"


def test_the_report_says_what_the_server_saw(run):
    page = (run / "run" / "report.html").read_text(encoding="utf-8")
    assert "server" in page.lower()


def test_the_same_study_twice_is_the_same_bytes(run, tmp_path):
    study = study_in(tmp_path)
    assert call("run", study).returncode == 0
    for name in ("scorecard.csv", "releases/sites/fold-1-1/model.safetensors"):
        assert (tmp_path / "run" / name).read_bytes() == (run / "run" / name).read_bytes()


def test_a_detector_that_sites_taught_is_paid_for(run, tmp_path):
    done = call("protect", run / "study.toml", "sites", tmp_path / "model")
    assert done.returncode == 0, done.stderr
    card = json.loads((tmp_path / "model.dp-card.json").read_text(encoding="utf-8"))
    assert card["guarantee"]["unit"] == "person"
    assert (run / "corpus.ledger.jsonl").read_text(encoding="utf-8").count("debited") == 1
    asked = call("predict", tmp_path / "model", run / "corpus", "--out", tmp_path / "out.csv")
    assert asked.returncode == 0, asked.stderr
    assert len(pd.read_csv(tmp_path / "out.csv")) == 150


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('where = "ray"', 'use where = "local", or "flower"'),
        ('where = "elsewhere"', "where"),
    ],
)
def test_a_place_that_is_not_there_is_refused_in_a_sentence(line, said, tmp_path):
    study = study_in(tmp_path, STUDY + line + "\n")
    done = call("run", study)
    assert done.returncode == 2
    assert said in done.stderr
