"""What a person sees of sweeps and of advice."""

from __future__ import annotations

import json
import tomllib

import numpy as np
import pytest
from tests.known_answers.test_advice import LINKAGE, Here, cohort, finished, table
from tests.run.studies import STUDY, toy_study
from typer.testing import CliRunner

from mindveil.cli import sweep_verbs
from mindveil.cli.main import app
from mindveil.cli.sweep_verbs import budget_of
from mindveil.errors import InputError
from mindveil.study import ReleasePart


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch):
    monkeypatch.setattr(sweep_verbs, "LocalPool", lambda **_: Here())


def called(*words):
    return CliRunner().invoke(app, [str(w) for w in words])


@pytest.mark.parametrize(
    ("text", "cells", "minutes"),
    [("400", 400, None), (" 20min", None, 20), ("1.5 m", None, 1.5), ("3 minutes", None, 3)],
)
def test_a_budget_is_cells_or_minutes(text, cells, minutes):
    told = budget_of(text)
    assert told.minutes == minutes
    assert cells is None or told.cells == cells


@pytest.mark.parametrize("text", ["", "many", "-3", "0", "2.5", "nan", "20 hours"])
def test_anything_else_is_no_budget(text):
    with pytest.raises(InputError, match="neither cells"):
        budget_of(text)


def test_advice_that_is_found_can_be_written_into_the_study(tmp_path):
    people = cohort(60, np.random.default_rng(1))
    run = finished(tmp_path, people, table(level=2, k=8), LINKAGE, max_match=0.3)
    said = called("advise", run, "--allow", "controlled")
    assert said.exit_code == 0, said.output
    assert "scales/anonymise k 8 -> 12" in said.output
    assert "[[release]]" in said.output
    assert "Confirm it on people who had no part in the choice" in said.output
    kept = json.loads((run / "advice" / "advice.json").read_text())["releases"][0]
    (written,) = tomllib.loads(kept["study"])["release"]
    assert ReleasePart.model_validate(written).steps[0].settings["k"] == 12
    assert kept["found"]["risk"]["high"] < 0.3
    manifest = (run / "MANIFEST.sha256").read_text()
    assert "advice/advice.json" in manifest
    assert "sealed" not in manifest
    again = called("advise", run, "--allow", "controlled", "--json")
    assert again.exit_code == 0
    assert json.loads(again.output)["releases"][0] == kept


def test_where_people_are_missing_it_leaves_with_one_and_says_how_many(tmp_path):
    people = cohort(30, np.random.default_rng(1), traits=False)
    run = finished(tmp_path, people, table(level=2, k=5), LINKAGE, max_match=0.2)
    said = called("advise", run, "--allow", "controlled", "--budget", "3")
    assert said.exit_code == 1
    told = " ".join(said.output.split())
    assert "It lacks people, as it is: about" in told
    assert "the budget is spent" in told
    assert called("advise", run, "--release", "mone").exit_code != 0
    (tmp_path / "corpus").rename(tmp_path / "elsewhere")
    lost = called("advise", run).exception
    assert isinstance(lost, InputError)
    assert "which is not there; a search makes releases anew" in str(lost)


def test_a_plan_tells_of_its_sweep(tmp_path):
    sweep = '\n[[sweep]]\nrelease = "k3"\nvary = { "scales/anonymise.k" = [2, 3, 5, 8] }\n'
    path = toy_study(tmp_path, STUDY + sweep)
    said = " ".join(called("plan", path).output.split())
    assert "sweep of k3: 4 combinations, of which 2 at most are measured" in said
    told = json.loads(called("plan", path, "--json").output)
    assert told["sweeps"][0]["budget"] == 2
