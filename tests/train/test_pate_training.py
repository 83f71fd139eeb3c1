"""A student as a step of a study: settings, sites, what it costs, and detectors end to end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from tests.train.clinic import clinic
from tests.train.wards import WARDS, wards

from mindveil.dp.composition import Cost
from mindveil.dp.noise import os_noise, seeded
from mindveil.errors import InputError, RefusedError
from mindveil.train.central import CentralTraining
from mindveil.train.detector import Trainer
from mindveil.train.model_file import load_detector, save_detector
from mindveil.train.pate_training import PateTraining
from mindveil.train.private import PrivateTraining

TARGET = "phq9>=10"
OTHERS = clinic(300, np.random.default_rng(2))
CASES = np.array([sum(p.sessions[0].responses["phq9"].items) >= 10 for p in OTHERS.participants])


def pate(**settings) -> PateTraining:
    return PateTraining(**{"target": TARGET, "modality": "scales", "delta": 1e-4, **settings})


def taught(trainer, corpus=None, seed=0):
    rng = np.random.default_rng(seed)
    return trainer.train(corpus or wards(240), seeded(rng), rng)


def test_it_is_a_step_that_trains():
    assert isinstance(pate(), Trainer)
    assert (pate().name, pate().recipe().name) == ("train/pate", "pate")


@pytest.mark.parametrize("answer", ["share", "label"])
@pytest.mark.parametrize("teachers", [10, 40])
def test_a_detector_knows_cases_it_never_saw_and_says_what_it_promises(answer, teachers):
    found = taught(pate(answer=answer, teachers=teachers, epsilon=8.0))
    said = found.answer(OTHERS)
    assert roc_auc_score(CASES, said.probability) > 0.8
    assert ((said.severity >= 0) & (said.severity <= 27)).all()
    promise = found.guarantee
    assert (promise.epsilon, promise.delta, promise.unit) == (8.0, 1e-4, "person")
    assert promise.label == "accounted"
    assert f"{teachers} teachers on 512 public rows" in promise.mechanisms[0]
    assert "site" not in promise.mechanisms[0]


def test_sites_are_the_teachers_and_are_hidden_as_wholes():
    trainer = pate(site="ward", teachers=3, epsilon=8.0)
    assert set(trainer.lessons(wards()).sites) == {0, 1, 2}
    found = taught(trainer)
    assert "hide a whole site" in found.guarantee.mechanisms[0]
    assert roc_auc_score(CASES, found.answer(OTHERS).probability) > 0.7


def test_without_a_column_nobody_has_a_site():
    assert pate().lessons(wards()).sites == ()


@pytest.mark.parametrize(
    ("column", "teachers", "said"),
    [
        ("room", 3, "train/pate site = 'room'"),
        ("age", 3, "declares no levels"),
        ("ward", 50, "teachers = 50: column 'ward' declares 3 sites; set teachers = 3"),
    ],
)
def test_teachers_must_be_the_declared_sites(column, teachers, said):
    with pytest.raises(InputError, match=said):
        taught(pate(site=column, teachers=teachers))


def test_somebody_without_a_site_is_refused():
    with pytest.raises(InputError, match="80 people were seen at none"):
        taught(pate(site="ward", teachers=2), wards(240, WARDS, levels=WARDS[:2]))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"epsilon": 0.0}, "epsilon"),
        ({"delta": 2.0}, "delta"),
        ({"sure": 0.4}, "train/pate sure"),
        ({"teachers": 0}, "cannot be asked"),
        ({"queries": 1}, "cannot be asked"),
    ],
)
def test_settings_that_cannot_be_are_refused_when_the_study_is_read(settings, said):
    with pytest.raises(InputError, match=said):
        pate(**settings)


def test_a_delta_for_more_people_than_there_are_is_refused_unless_asked_for():
    with pytest.raises(RefusedError, match="too large"):
        taught(pate(delta=5e-3))
    asked = taught(pate(delta=5e-3, small_cohort=True))
    assert asked.guarantee.delta == 5e-3


def test_the_ledger_is_told_all_of_it():
    trainer = pate(epsilon=2.0)
    assert trainer.cost == Cost.of(trainer.budget)
    assert trainer.cost.rho == trainer.budget.rho
    other = PrivateTraining(target=TARGET, method="pate", epsilon=2.0, delta=1e-4)
    assert other.cost == trainer.cost


def test_only_the_system_s_own_noise_is_proved():
    promise = pate().train(wards(240), os_noise(), np.random.default_rng(0)).guarantee
    assert promise.label == "proved"


def test_the_twin_learns_from_the_same_rows_and_promises_nothing():
    twin = pate(inputs="anchors").undefended()
    assert twin == CentralTraining(
        target=TARGET, modality="scales", method="ridge", inputs="anchors"
    )
    assert type(twin.recipe()) is type(pate().recipe().twin())


def test_the_outlook_expects_more_of_a_larger_budget_and_less_of_nobody():
    tight, loose = (pate(epsilon=e).outlook(8).rows[0] for e in (0.3, 8.0))
    assert (tight.recipe, loose.recipe) == ("pate", "pate")
    assert tight.auc < loose.auc
    few = pate(epsilon=8.0, people=60).outlook(8).rows[0]
    assert few.auc < loose.auc


def test_the_same_seed_gives_the_same_bytes_and_a_kept_detector_says_the_same(tmp_path):
    trainer = pate(site="ward", teachers=3)
    for name, seed in (("one", 1), ("two", 1), ("other", 2)):
        save_detector(taught(trainer, seed=seed), tmp_path / name)
    files = [(tmp_path / n / "model.safetensors").read_bytes() for n in ("one", "two", "other")]
    assert files[0] == files[1] != files[2]
    again = load_detector(tmp_path / "one").answer(OTHERS)
    np.testing.assert_array_equal(
        again.probability, taught(trainer, seed=1).answer(OTHERS).probability
    )


def test_nothing_is_learnt_where_the_scores_belong_to_others():
    """Null: PHQ-9 answers are dealt out anew, and 20 students order strangers by chance."""
    found = []
    for seed in range(20):
        corpus = wards(240)
        order = np.random.default_rng([seed, 9]).permutation(240)
        answers = [p.sessions[0].responses["phq9"] for p in corpus.participants]
        people = tuple(
            replace(
                p,
                sessions=(
                    replace(
                        p.sessions[0],
                        responses={**p.sessions[0].responses, "phq9": answers[order[i]]},
                    ),
                ),
            )
            for i, p in enumerate(corpus.participants)
        )
        model = taught(pate(epsilon=8.0), replace(corpus, participants=people), seed)
        found.append(roc_auc_score(CASES, model.answer(OTHERS).probability))
    assert abs(np.mean(found) - 0.5) < 3.5 * np.std(found) / np.sqrt(len(found))


@pytest.mark.parametrize("search", [(), ("adassp", "pate")])
def test_it_is_a_method_of_private_training_too_alone_and_in_a_search(search):
    trainer = PrivateTraining(
        target=TARGET, modality="scales", method="pate", search=search, epsilon=8.0, delta=1e-4
    )
    assert trainer.cost.rho == trainer.budget.rho
    found = taught(trainer)
    assert roc_auc_score(CASES, found.answer(OTHERS).probability) > 0.8
    assert any("teachers" in words for words in found.guarantee.mechanisms)
