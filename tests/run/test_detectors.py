"""A study whose release is a detector, from the study file to the verdict, the ledger and predict."""

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

[[release]]
name  = "private"
steps = [{ use = "train/dp", target = "phq9>=10", method = "adassp", epsilon = 3.0, delta = 1e-5, people = 200 }]

[[release]]
name  = "open"
steps = [{ use = "train/central", target = "phq9>=10" }]

[attack]
use = ["model/membership-loss", "model/membership-lira", "model/inversion", "model/artefact", "model/one-run-audit"]
settings = { "model/membership-lira" = { shadows = 16 } }

[utility]
use = ["detect/phq9>=10", "severity/phq9", "detect/gad7>=10"]
modalities = ["scales"]

[policy]
max_epsilon = 4.0

[execute]
reproducible = REPRODUCIBLE
"""


def study_in(folder: Path, *, reproducible: bool = False) -> Path:
    folder.mkdir(exist_ok=True)
    save_corpus(clinic(200, np.random.default_rng(3)), folder / "corpus")
    path = folder / "study.toml"
    path.write_text(STUDY.replace("REPRODUCIBLE", str(reproducible).lower()))
    return path


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("detectors")
    done = call("run", study_in(folder), "--workers", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    return folder, done.stdout


def scorecard(folder: Path) -> pd.DataFrame:
    return pd.read_csv(folder / "run" / "scorecard.csv")


def figure(rows: pd.DataFrame, release: str, measure: str, metric: str) -> pd.Series:
    mine = rows[(rows.release == release) & (rows.measure == measure) & (rows.metric == metric)]
    assert len(mine) == 1
    return mine.iloc[0]


def test_what_to_expect_is_said_before_anything_is_trained(finished):
    _, said = finished
    assert said.startswith("private: epsilon 3")
    assert "AUC" in said.partition("private")[2]


def test_a_private_detector_has_a_twin_that_promises_nothing_and_an_open_one_needs_none(finished):
    rows = scorecard(finished[0])
    assert set(rows.release) == {"original", "private", "private.undefended", "open"}
    promised = rows[rows.kind == "guarantee"]
    assert set(promised.release) == {"private"}
    assert set(promised.label) == {"proved"}
    assert set(promised.modality) == {"fused"}


def test_a_detector_answers_its_own_question_and_no_other(finished):
    rows = scorecard(finished[0])
    asked = rows[(rows.release == "private") & (rows.kind == "utility")]
    assert set(asked.measure) == {"detect/phq9>=10", "severity/phq9"}
    for name in ("private", "private.undefended", "open"):
        assert figure(rows, name, "detect/phq9>=10", "auroc").value > 0.85
        assert figure(rows, name, "severity/phq9", "ccc").value > 0.5


def test_the_one_who_is_missing_is_rebuilt_from_an_open_head_and_not_from_a_private_one(finished):
    rows = scorecard(finished[0])
    twin = figure(rows, "private.undefended", "model/inversion", "rank1")
    private = figure(rows, "private", "model/inversion", "rank1")
    assert twin.low > 0.5
    assert private.high < 0.3


def test_risk_is_cut_against_the_twin_and_a_twin_is_no_candidate(finished):
    folder, _ = finished
    told = json.loads((folder / "run" / "verdict.json").read_text())
    said = {v["release"]: v for v in told["judgement"]["releases"]}
    assert said["private"]["reduction"]["value"] > 0.5
    assert said["private.undefended"]["reduction"] is None
    gate = call("gate", folder / "run")
    assert "undefended" not in gate.stdout


def test_no_file_of_a_detector_holds_a_row_or_an_id(finished):
    folder, _ = finished
    rows = scorecard(folder)
    for name in ("private", "open"):
        assert figure(rows, name, "model/artefact", "rows-found").value == 0
    for path in (folder / "run" / "releases").rglob("model.*"):
        assert b"zebra" not in path.read_bytes()


def test_a_detector_is_debited_with_a_card_and_asked_about_new_people(finished, tmp_path):
    folder, _ = finished
    done = call("protect", folder / "study.toml", "private", tmp_path / "model")
    assert done.returncode == 0, done.stderr
    card = json.loads((tmp_path / "model.dp-card.json").read_text())
    assert card["guarantee"]["label"] == "proved"
    assert (folder / "corpus.ledger.jsonl").read_text().count("debited") == 1
    assert call("protect", folder / "study.toml", "private", tmp_path / "more").returncode == 4
    save_corpus(clinic(40, np.random.default_rng(9)), tmp_path / "new")
    asked = call("predict", tmp_path / "model", tmp_path / "new", "--out", tmp_path / "out.csv")
    assert asked.returncode == 0, asked.stderr
    assert "zebra" not in asked.stdout + asked.stderr
    found = pd.read_csv(tmp_path / "out.csv")
    assert list(found.columns) == ["participant_id", "probability", "severity", "decision"]
    assert len(found) == 40
    assert set(found.decision) <= {"yes", "no", "undecided"}
    assert found.severity.between(0, 27).all()


def test_a_twin_is_never_written_and_its_name_is_taken(finished, tmp_path):
    folder, _ = finished
    done = call("protect", folder / "study.toml", "private.undefended", tmp_path / "model")
    assert done.returncode == 2
    assert "measured against" in done.stderr
    assert not (tmp_path / "model").exists()
    path = study_in(tmp_path / "other")
    path.write_text(path.read_text().replace('"open"', '"open.undefended"'))
    done = call("plan", path)
    assert done.returncode == 2
    assert "another name" in done.stderr


def test_the_same_reproducible_study_twice_is_the_same_bytes(tmp_path):
    made = []
    for name in ("one", "two"):
        path = study_in(tmp_path / name, reproducible=True)
        text = path.read_text().replace('"model/inversion", "model/artefact", ', "")
        path.write_text(text.replace("[split]\n", "[split]\nfolds = 3\n"))
        done = call("run", path, "--workers", "2")
        assert done.returncode == 0, done.stderr
        run = tmp_path / name / "run"
        made.append(
            {
                p.relative_to(run).as_posix(): p.read_bytes()
                for p in sorted(run.rglob("*"))
                if p.is_file()
                and p.name not in {".lock", "log.jsonl", "MANIFEST.sha256"}
                and "sealed" not in p.parts
            }
        )
    assert made[0] == made[1]
    rows = scorecard(tmp_path / "one")
    assert set(rows[rows.kind == "guarantee"].label) == {"accounted"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('method = "adassp"', 'method = "adasp"', "method"),
        ("epsilon = 3.0", "epsilon = -1.0", "epsilon"),
        ('target = "phq9>=10", method', 'target = "phq9=10", method', "target"),
        ('target = "phq9>=10" }', 'target = "phq9>=10", coverage = 1.5 }', "coverage"),
        ("people = 200 }]", 'people = 200 }, { use = "scales/anonymise" }]', "the last step"),
        (
            'steps = [{ use = "train/dp"',
            'steps = [{ use = "scales/anonymise", k = 3 }, { use = "train/dp"',
            "could not keep its promise",
        ),
    ],
)
def test_a_detector_that_cannot_be_is_refused_in_one_sentence(tmp_path, old, new, said):
    path = study_in(tmp_path)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))
    done = call("plan", path)
    assert done.returncode == 2, done.stdout
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) <= 3


def test_an_attack_on_models_needs_one(tmp_path):
    path = study_in(tmp_path)
    head, _, rest = path.read_text().partition("[[release]]")
    path.write_text(head + rest[rest.index("[attack]") :])
    done = call("plan", path)
    assert done.returncode == 2
    assert "no release is a trained model" in done.stderr
