"""A federation as a step of a study: settings, sites, what it costs, and detectors end to end."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from tests.train.clinic import clinic
from tests.train.wards import WARDS, wards

from mindveil.dp.composition import Cost
from mindveil.dp.noise import seeded
from mindveil.errors import InputError, RefusedError
from mindveil.train.central import CentralTraining
from mindveil.train.detector import Trainer
from mindveil.train.federated import FederatedTraining
from mindveil.train.model_file import load_detector, save_detector

TARGET = "phq9>=10"
OTHERS = clinic(300, np.random.default_rng(2))
CASES = np.array([sum(p.sessions[0].responses["phq9"].items) >= 10 for p in OTHERS.participants])


def federated(**settings) -> FederatedTraining:
    return FederatedTraining(**{"target": TARGET, "modality": "scales", "delta": 1e-4, **settings})


def taught(trainer, corpus=None, seed=0):
    rng = np.random.default_rng(seed)
    return trainer.train(corpus or wards(240), seeded(rng), rng)


def told_apart(found):
    return roc_auc_score(CASES, found.answer(OTHERS).probability)


def test_it_is_a_step_that_trains():
    assert isinstance(federated(), Trainer)
    assert (federated().name, federated().recipe().name) == ("train/federated", "federated")


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"method": "fedprox"},
        {"method": "fedadam"},
        {"method": "moments"},
        {"hidden": 4},
        {"batch": 16, "participation": 0.8, "secure": False},
        {"secure": False, "combine": "median"},
        {"secure": False, "combine": "trimmed-mean"},
        {"split": "by-score"},
        {"split": "unequal", "dropout": 0.2},
    ],
    ids=str,
)
def test_clients_teach_almost_what_one_place_would_have(settings):
    """A federation of 240 people knows strangers nearly as well as ridge in one place."""
    central = CentralTraining(target=TARGET, modality="scales", method="ridge", inputs="contrasts")
    found = taught(federated(**settings))
    assert told_apart(found) > told_apart(taught(central)) - 0.02
    assert found.guarantee is None


@pytest.mark.parametrize("method", ["fedavg", "fedadam", "moments"])
def test_a_promise_to_each_person_keeps_most_of_it(method):
    found = taught(federated(method=method, epsilon=8.0, people=240))
    assert told_apart(found) > 0.75
    promise = found.guarantee
    assert (promise.epsilon, promise.delta, promise.unit) == (8.0, 1e-4, "person")
    assert promise.label == "accounted"
    assert "5 clients" in " ".join(promise.mechanisms) or method == "moments"


def test_sites_are_those_of_the_column():
    trainer = federated(site="ward", clients=3)
    assert trainer.lessons(wards(6)).sites == (0, 1, 2, 0, 1, 2)
    assert federated(clients=3).lessons(wards(6)).sites == ()
    assert told_apart(taught(trainer)) > 0.85
    # Who is at which site is the data's to say: another seed changes nobody's place.
    plain = replace(trainer, secure=False)
    said = [taught(plain, seed=s).answer(OTHERS).probability.tobytes() for s in (1, 2)]
    assert said[0] == said[1]
    lots = replace(plain, site="", split="by-score")
    said = [taught(lots, seed=s).answer(OTHERS).probability.tobytes() for s in (1, 2)]
    assert said[0] != said[1]


@pytest.mark.parametrize(
    ("column", "clients", "said"),
    [
        ("room", 3, "train/federated site = 'room'"),
        ("age", 3, "declares no levels"),
        ("ward", 5, "clients = 5: column 'ward' declares 3 sites; set clients = 3"),
    ],
)
def test_clients_must_be_the_declared_sites(column, clients, said):
    with pytest.raises(InputError, match=said):
        taught(federated(site=column, clients=clients))


def test_somebody_without_a_site_is_refused():
    with pytest.raises(InputError, match="80 people were seen at none"):
        taught(federated(site="ward", clients=2), wards(240, WARDS, levels=WARDS[:2]))


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"sure": 0.4}, "train/federated sure"),
        ({"dropout": 1.0}, "dropout"),
        ({"dropout": -0.1}, "dropout"),
        ({"epsilon": -1.0}, "epsilon"),
        ({"epsilon": 1.0, "delta": 2.0}, "delta"),
        ({"site": "ward", "split": "people"}, "says who is where"),
        ({"method": "moments", "hidden": 4}, "hidden"),
        ({"combine": "median"}, "masks hide"),
        ({"method": "moments", "secure": False, "combine": "median"}, "can only be added"),
        ({"threshold": 2}, "threshold of 3 to 5"),
        ({"epsilon": 1.0, "colluding": 4}, "4 cannot be taken"),
        ({"clients": 0}, "at least one"),
        ({"rounds": 0}, "rounds"),
        ({"participation": 0.0}, "participation"),
        ({"local_steps": -1}, "local steps"),
        ({"learning_rate": -1.0}, "rate"),
    ],
)
def test_settings_that_exclude_each_other_are_refused_when_the_study_is_read(settings, said):
    with pytest.raises(InputError, match=said):
        federated(**settings)


def test_a_delta_for_more_people_than_there_are_is_refused_unless_asked_for():
    with pytest.raises(RefusedError, match="too large"):
        taught(federated(epsilon=3.0, delta=5e-3))
    asked = taught(federated(epsilon=3.0, delta=5e-3, small_cohort=True))
    assert asked.guarantee.delta == 5e-3


def test_the_ledger_is_told_all_of_it_or_nothing():
    trainer = federated(epsilon=2.0)
    assert trainer.cost == Cost.of(trainer.budget)
    assert (federated().cost, federated().budget) == (None, None)


def test_the_twin_sees_every_update_and_promises_nothing():
    trainer = federated(epsilon=3.0, method="fedprox", colluding=2, threshold=4)
    twin = trainer.undefended()
    assert (twin.epsilon, twin.secure, twin.combine) == (0.0, False, "mean")
    assert (twin.method, twin.target, twin.modality) == ("fedprox", TARGET, "scales")
    assert twin.undefended() == twin
    robust = federated(secure=False, combine="median").undefended()
    assert robust.combine == "mean"


def test_settings_reach_the_recipe():
    recipe = federated(
        method="fedprox", rounds=7, local_steps=3, batch=9, learning_rate=0.7, server_rate=0.4,
        participation=0.5, epsilon=2.0, unit="client", clip=0.3, colluding=1, people=90, hidden=2,
        clients=6, split="unequal", threshold=4, dropout=0.1,
    ).recipe()  # fmt: skip
    rule, local, promised = recipe.rule, recipe.local, recipe.privacy
    assert (rule.method, rule.rounds, rule.rate, rule.participation) == ("fedprox", 7, 0.4, 0.5)
    assert (local.steps, local.batch, local.learning_rate) == (3, 9, 0.7)
    assert local.proximal > 0.0 == federated().recipe().local.proximal
    assert (promised.unit, promised.clip, promised.colluding, promised.people) == (
        "client", 0.3, 1, 90,
    )  # fmt: skip
    assert (recipe.hidden, recipe.threshold, recipe.dropout) == (2, 4, 0.1)
    assert (recipe.division.clients, recipe.division.split) == (6, "unequal")
    assert federated(method="moments").recipe().regression


def test_the_same_seed_gives_the_same_bytes_and_a_kept_detector_says_the_same(tmp_path):
    trainer = federated(epsilon=3.0, site="ward", clients=3)
    for name, seed in (("one", 1), ("two", 1), ("other", 2)):
        save_detector(taught(trainer, seed=seed), tmp_path / name)
    files = [(tmp_path / n / "model.safetensors").read_bytes() for n in ("one", "two", "other")]
    assert files[0] == files[1] != files[2]
    again = load_detector(tmp_path / "one").answer(OTHERS)
    np.testing.assert_array_equal(
        again.probability, taught(trainer, seed=1).answer(OTHERS).probability
    )
