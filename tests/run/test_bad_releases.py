"""Releases that must never leave, from the study file to the verdict, each for its right reason.

600 people with PHQ-9, GAD-7, PHQ-2 and four demographics. Copies and noisy copies are found by
their records, a copula without privacy by its sums, columns without each other by what they no
longer tell: few people are ill, so that plain accuracy passes them all the same.
"""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy.special import ndtri
from tests.run.studies import call
from tests.synthesise.questionnaire_table import GAD, PHQ, codebook, questionnaire_table

from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session

pytestmark = pytest.mark.slow

PEOPLE = 600
ILL = "detect/phq2>=3"
TRAP = 0.85
"""Plain accuracy that calling nobody ill passes."""

STUDY = f"""\
study  = "bad"
seed   = 11
corpus = "corpus"
out    = "run"

[[release]]
name  = "copy"
steps = [{{ use = "tests.synthesise.planted:VerbatimCopy" }}]

[[release]]
name  = "pram"
steps = [{{ use = "tests.synthesise.planted:Pram", keep = 0.8 }}]

[[release]]
name  = "margins"
steps = [{{ use = "tests.synthesise.planted:IndependentMargins" }}]

[[release]]
name  = "copula"
steps = [{{ use = "synthesise/copula" }}]

[attack]
use = ["synthetic/linkage", "synthetic/nearest-record", "synthetic/tracing"]
attackers = ["ignorant"]

[utility]
use = ["{ILL}", "psychometrics/phq9", "psychometrics/gad7"]
modalities = ["scales"]

[policy]
max_advantage = 0.08
min_risk_reduction = 0.92
min_utility = {{ "{ILL}" = {{ accuracy = {TRAP} }} }}
"""


def clinic(people: int) -> Corpus:
    """Return the people of the questionnaire table as a corpus, one in ten of them ill."""
    rng = np.random.default_rng(1)
    codes = questionnaire_table(rng, people)
    total = codes[:, PHQ].sum(axis=1)
    leaning = (total - total.mean()) / total.std()
    latent = 0.8 * leaning[:, None] + 0.6 * rng.standard_normal((people, 2))
    short = np.searchsorted(ndtri([0.75, 0.90, 0.97]), latent)
    beside = {v.name: v for v in codebook().variables[16:]}
    columns = {n: Column(role="quasi", kind=v.kind, levels=v.levels) for n, v in beside.items()}

    def person(number: int) -> Participant:
        row = codes[number]
        told = {
            n: v.levels[cell] if v.levels else float(v.edges[cell])
            for (n, v), cell in zip(beside.items(), row[16:].tolist(), strict=True)
        }
        answers = {"phq9": row[PHQ], "gad7": row[GAD], "phq2": short[number]}
        responses = {tool: Response(items=tuple(a.tolist())) for tool, a in answers.items()}
        visit = Session(session_id="01", responses=responses)
        return Participant(participant_id=f"P{number:04d}", attributes=told, sessions=(visit,))

    everybody = tuple(person(number) for number in range(people))
    return Corpus(name="clinic", participants=everybody, columns=columns)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    save_corpus(clinic(PEOPLE), folder / "corpus")
    (folder / "study.toml").write_text(STUDY)
    done = call("run", folder / "study.toml", "--workers", "1")
    assert done.returncode == 0, done.stderr
    rows = pd.read_csv(folder / "run" / "scorecard.csv")
    return rows, json.loads((folder / "run" / "verdict.json").read_text())


def attack_low(rows: pd.DataFrame, release: str, measure: str) -> float:
    """Return the lower bound of the best question of an attack, over everybody."""
    of = rows[(rows.release == release) & (rows.measure == measure) & (rows.status == "ok")]
    name = of.metric.str.partition("@")[0]
    return float(of[name == "advantage"].low.max())


def figure(rows: pd.DataFrame, release: str, metric: str) -> float:
    of = rows[(rows.release == release) & (rows.measure == ILL) & (rows.metric == metric)]
    assert len(of) == 1
    return float(of.value.iloc[0])


def said(told, release: str, state: str) -> list[str]:
    (mine,) = (v for v in told["judgement"]["releases"] if v["release"] == release)
    return [f["sentence"] for f in mine["findings"] if f["state"] == state]


@pytest.mark.parametrize("release", ["original", "copy", "pram", "margins", "copula"])
def test_none_of_them_leaves(finished, release):
    _, told = finished
    decided = {v["release"]: v["decision"] for v in told["judgement"]["releases"]}
    assert decided[release] == "DO NOT RELEASE"


@pytest.mark.parametrize(("release", "least"), [("copy", 0.9), ("pram", 0.5)])
@pytest.mark.parametrize("measure", ["synthetic/linkage", "synthetic/nearest-record"])
def test_records_that_were_somebodys_are_linked_and_seen_to_be_near(
    finished, release, least, measure
):
    rows, told = finished
    assert attack_low(rows, release, measure) > least
    assert any(
        f"({measure}," in s and "above the limit" in s for s in said(told, release, "missed")
    )
    assert not any("detect/" in s for s in said(told, release, "missed"))  # it is of use


def test_the_sums_of_a_copula_without_privacy_give_its_people_away(finished):
    """Nothing else does: no record is near, and whatever was asked of its use is as it was."""
    rows, told = finished
    assert attack_low(rows, "copula", "synthetic/tracing") > 0.15
    missed = said(told, "copula", "missed")
    assert len(missed) == 2
    assert any("(synthetic/tracing," in s for s in missed)
    assert any(s.startswith("The gain of the strongest attack is cut by") for s in missed)


def test_columns_without_each_other_measure_nothing_and_plain_accuracy_does_not_see_it(finished):
    rows, told = finished
    assert figure(rows, "margins", "accuracy") > TRAP
    assert any("reaches accuracy" in s for s in said(told, "margins", "met"))
    missed = " ".join(said(told, "margins", "missed"))
    assert "its plain accuracy counts for nothing" in missed
    assert f"Against the original, the AUROC of {ILL} changes by -0.5" in missed
    assert "the consistency (alpha) of total (phq9)" in missed
    assert "The factors of phq9 agree" in missed
    # It is useless, not dangerous: no attack is to blame.
    assert "Attackers" not in missed


def test_who_steals_the_copula_sees_more_than_who_has_a_table_of_it(finished, tmp_path):
    rows, _ = finished
    head, _, tail = STUDY.partition("[[release]]\n")
    plain = tail.rpartition("[[release]]\n")[2].partition("[attack]")[0]
    stolen = '[attack]\nuse = ["synthetic/stolen-model"]\nattackers = ["ignorant"]\n'
    save_corpus(clinic(PEOPLE), tmp_path / "corpus")
    (tmp_path / "study.toml").write_text(f"{head}[[release]]\n{plain}{stolen}")
    done = call("run", tmp_path / "study.toml", "--workers", "1")
    assert done.returncode == 0, done.stderr
    there = pd.read_csv(tmp_path / "run" / "scorecard.csv")
    low = attack_low(there, "copula", "synthetic/stolen-model")
    assert low > 0.4
    assert low > attack_low(rows, "copula", "synthetic/tracing")
