"""Detectors as a whole: what they say of people, what they promise, and what their files hold."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from tests.train.clinic import clinic

from mindveil.dp.noise import os_noise, seeded
from mindveil.errors import InputError
from mindveil.train.central import CentralTraining
from mindveil.train.detector import Trainer
from mindveil.train.model_file import load_detector, save_detector
from mindveil.train.outlook import SAME
from mindveil.train.private import PrivateTraining

TARGET = "phq9>=10"
TEACHERS = clinic(240, np.random.default_rng(1))
OTHERS = clinic(300, np.random.default_rng(2))
CASES = np.array([sum(p.sessions[0].responses["phq9"].items) >= 10 for p in OTHERS.participants])


def private(method="adassp", **settings) -> PrivateTraining:
    return PrivateTraining(target=TARGET, method=method, modality="scales", **settings)


def taught(trainer: Trainer, seed: int = 0):
    rng = np.random.default_rng(seed)
    return trainer.train(TEACHERS, seeded(rng), rng)


@pytest.mark.parametrize("method", ["stack", "ridge", "logistic", "mlp"])
def test_a_detector_knows_cases_it_never_saw(method):
    found = taught(CentralTraining(target=TARGET, modality="scales", method=method))
    said = found.answer(OTHERS)
    assert said.ids == OTHERS.ids
    assert roc_auc_score(CASES, said.probability) > 0.9
    assert abs(said.probability.mean() - CASES.mean()) < 0.08
    assert ((said.severity >= 0) & (said.severity <= 27)).all()
    assert found.guarantee is None


@pytest.mark.parametrize(
    "method", ["adassp", "noisy-gradient", "output", "objective", "sampled-gradient"]
)
def test_a_private_detector_keeps_most_of_it_and_says_what_it_promises(method):
    trainer = private(method, epsilon=8.0, delta=1e-4)
    found = taught(trainer)
    assert roc_auc_score(CASES, found.answer(OTHERS).probability) > 0.8
    promise = found.guarantee
    assert promise is not None
    assert (promise.epsilon, promise.delta, promise.unit) == (8.0, 1e-4, "person")
    assert promise.label == "accounted"
    assert 0 < promise.advantage < 1
    assert promise.mechanisms


def test_only_the_system_s_own_noise_is_proved():
    trainer = private("adassp", delta=1e-4)
    rng = np.random.default_rng(0)
    promise = trainer.train(TEACHERS, os_noise(), rng).guarantee
    assert promise is not None
    assert promise.label == "proved"
    output = private("output", delta=1e-4).train(TEACHERS, os_noise(), rng).guarantee
    assert output is not None
    assert output.label == "accounted"


def test_certain_answers_are_decided_and_right_more_often():
    found = taught(CentralTraining(target=TARGET, modality="scales", coverage=0.7))
    said = found.answer(OTHERS)
    right = (said.probability >= 0.5) == CASES
    assert 0.6 < said.decided.mean() < 0.8
    assert right[said.decided].mean() > right[~said.decided].mean() + 0.1
    everybody = taught(CentralTraining(target=TARGET, modality="scales", coverage=1.0))
    assert everybody.answer(OTHERS).decided.all()


def test_the_twin_learns_from_the_same_rows_and_promises_nothing():
    trainer = private("sampled-gradient", hidden=8)
    twin = trainer.undefended()
    assert (twin.target, twin.modality, twin.inputs) == (TARGET, "scales", trainer.inputs)
    assert twin.method == "mlp"
    assert private("adassp").undefended().method == "ridge"
    assert twin.undefended() == twin


def test_the_ledger_is_told_rho_only_where_there_is_one():
    assert private("adassp").cost.rho is not None
    assert private("output").cost.rho is not None
    assert private("objective").cost.rho is None
    assert private("sampled-gradient").cost.rho is None


def test_a_search_spends_no_more_than_its_budget_on_all_that_it_tries():
    trainer = private("auto", search=("adassp", "noisy-gradient", "output"), delta=1e-4)
    assert trainer.cost.rho == trainer.budget.rho
    promise = taught(trainer).guarantee
    assert promise is not None
    assert (promise.epsilon, promise.delta) == (3.0, 1e-4)
    assert sum("candidate" in words for words in promise.mechanisms) >= 3
    assert "choice" in promise.mechanisms[-1]
    dearer = private("auto", search=("adassp", "objective"), delta=1e-4)
    assert dearer.cost.rho is None


def test_auto_takes_the_recipe_that_is_expected_to_lose_least():
    trainer = private("auto", delta=1e-4)
    found = trainer.outlook(12)  # what is supposed of questionnaires
    assert trainer.recipe().name == found.best
    losses = {row.recipe: row.loss for row in found.rows}
    assert losses[found.best] <= min(losses.values()) + SAME
    text = PrivateTraining(target=TARGET, modality="text", delta=1e-4)
    assert text.recipe().name == "adassp"  # its promise is proved, and it loses no more


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"epsilon": 0.0}, "epsilon"),
        ({"delta": 2.0}, "delta"),
        ({"hidden": 4}, "sampled-gradient"),
        ({"sure": 0.4}, "sure"),
        ({"search": ("adassp",)}, "two methods"),
        ({"search": ("adassp", "auto")}, "not 'auto'"),
    ],
)
def test_a_promise_that_cannot_be_is_refused(settings, said):
    with pytest.raises(InputError, match=said):
        private("adassp", **settings)


def test_a_share_of_people_to_decide_on_lies_between_none_and_all():
    with pytest.raises(InputError, match="coverage"):
        CentralTraining(target=TARGET, coverage=0.0)


KEPT = [
    private("adassp", delta=1e-4),
    private("sampled-gradient", hidden=4, delta=1e-4),
    CentralTraining(target=TARGET, modality="scales"),
    CentralTraining(target=TARGET, modality="scales", method="mlp", hidden=4),
    CentralTraining(target=TARGET, modality="scales", method="logistic"),
]


@pytest.mark.parametrize("trainer", KEPT, ids=lambda t: getattr(t, "method", ""))
def test_a_kept_detector_says_the_same_and_is_the_same_bytes(trainer, tmp_path):
    found = replace(taught(trainer), before=({"use": "text/anonymise", "level": 2},))
    save_detector(found, tmp_path / "one")
    save_detector(replace(taught(trainer), before=found.before), tmp_path / "two")
    again = load_detector(tmp_path / "one")
    for name in ("probability", "severity", "decided"):
        mine, theirs = (getattr(d.answer(OTHERS), name) for d in (found, again))
        np.testing.assert_array_equal(mine, theirs)
    assert (again.guarantee, again.least, again.before) == (
        found.guarantee,
        found.least,
        found.before,
    )
    files = [{p.name: p.read_bytes() for p in (tmp_path / n).iterdir()} for n in ("one", "two")]
    assert files[0] == files[1]
    assert set(files[0]) == {"model.safetensors", "model.json"}
    assert b"zebra" not in b"".join(files[0].values())


def test_nothing_is_kept_of_those_who_taught_but_a_few_numbers(tmp_path):
    for trainer in KEPT:
        save_detector(taught(trainer), tmp_path)
        held = json.loads((tmp_path / "model.json").read_text())["tensors"]["held"]
        for shape in held.values():
            assert len(TEACHERS.ids) not in shape[1:]


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("model.json", lambda b: b"{", "not JSON"),
        ("model.json", lambda b: b.replace(b'"linear"', b'"pickle"'), "kind"),
        ("model.json", lambda b: b.replace(b'"format": 1', b'"format": 9'), "newer"),
        ("model.json", lambda b: b.replace(b'"least": 1.09', b'"least": -1.09'), "least"),
        ("model.json", lambda b: b.replace(b'"phq9>=10"', b'"phq9=10"'), "phq9=10"),
        ("model.safetensors", lambda b: b[:-1] + bytes([b[-1] ^ 1]), "changed"),
        ("model.safetensors", lambda b: b[:20], "broken"),
    ],
)
def test_a_damaged_detector_is_refused_in_one_sentence(tmp_path, file, change, said):
    save_detector(taught(KEPT[0]), tmp_path)
    whole = (tmp_path / file).read_bytes()
    damaged = change(whole)
    assert damaged != whole
    (tmp_path / file).write_bytes(damaged)
    with pytest.raises(InputError, match=said):
        load_detector(tmp_path)
