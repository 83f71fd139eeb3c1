from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from mindveil.errors import InputError
from mindveil.federation.agreement import Agreement, study_hash
from mindveil.study import Study
from mindveil.train.federated import FederatedTraining

SITES = ("north", "south", "west")
USE = "mindveil.train.federated:FederatedTraining"


def study(**changes: object) -> Study:
    said: dict[str, object] = {
        "study": "trial",
        "seed": 4,
        "corpus": "/somewhere/corpus",
        "out": "/somewhere/out",
        "release": [
            {
                "name": "together",
                "steps": [
                    {"use": "text/redact"},
                    {"use": USE, "target": "phq9>=10", "clients": 3, "rounds": 5},
                ],
            },
            {"name": "table", "steps": [{"use": "scales/anonymise"}]},
        ],
        **changes,
    }
    return Study.model_validate(said)


def test_the_hash_is_of_what_is_asked_and_not_of_where_it_runs() -> None:
    first = study_hash(study(), "together", SITES)
    elsewhere = study(corpus="/b", out="/c", execute={"workers": 3, "cell_minutes": 2})
    assert study_hash(elsewhere, "together", SITES) == first
    assert len(first) == 64
    others = [
        study_hash(study(seed=5), "together", SITES),
        study_hash(study(execute={"reproducible": True}), "together", SITES),
        study_hash(study(), "together", ("north", "south", "east")),
        study_hash(study(), "together", ("south", "north", "west")),
    ]
    assert len({first, *others}) == 5


def test_every_setting_of_the_training_is_in_the_hash() -> None:
    plain = Agreement(sites=SITES, training=FederatedTraining(target="phq9>=10", clients=3), seed=4)
    changed = {
        "target": "gad7>=10",
        "modality": "text",
        "inputs": "anchors",
        "method": "fedadam",
        "hidden": 3,
        "rounds": 7,
        "local_steps": 2,
        "batch": 5,
        "learning_rate": 1.0,
        "server_rate": 0.3,
        "participation": 0.9,
        "secure": False,
        "threshold": 3,
        "epsilon": 3.0,
        "delta": 1e-6,
        "clip": 0.4,
        "people": 90,
        "sure": 0.8,
        "small_cohort": True,
        "trim": 0.1,
    }
    hashes = {
        replace(plain, training=replace(plain.training, **{name: value})).hash  # type: ignore[arg-type]
        for name, value in changed.items()
    }
    assert len(hashes | {plain.hash}) == len(changed) + 1
    # These cannot be changed alone: the others among the settings are fixed where sites are real.
    fixed = {"clients", "site", "split", "dropout", "combine", "unit", "colluding"}
    assert {f.name for f in fields(FederatedTraining)} - set(changed) <= fixed


def test_what_is_sent_is_what_was_agreed() -> None:
    agreement = Agreement.of(study(), "together", SITES)
    sent = json.loads(json.dumps(agreement.to_json()))
    assert Agreement.from_json(sent) == agreement
    assert Agreement.from_json(sent).hash == agreement.hash
    assert [step.use for step in agreement.before] == ["text/redact"]
    assert [step.name for step in agreement.steps_before().alone] == ["text/redact"]
    assert agreement.cost is None
    assert agreement.terms(12).clients == 3


def test_what_settings_come_to_is_in_the_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    agreement = Agreement.of(study(), "together", SITES)
    before = agreement.hash
    monkeypatch.setattr("mindveil.train.federated._RATE", 1.5)  # as another version may have it
    assert agreement.hash != before
    monkeypatch.undo()
    assert agreement.hash == before


def test_a_number_is_one_setting_however_it_is_written() -> None:
    whole, broken = (
        Agreement(
            sites=SITES,
            training=FederatedTraining(
                target="phq9>=10", clients=3, epsilon=epsilon, learning_rate=rate
            ),
            seed=4,
        )
        for epsilon, rate in ((3, 2), (3.0, 2.0))
    )
    assert whole.hash == broken.hash
    assert Agreement.from_json(whole.to_json()).hash == whole.hash


@pytest.mark.parametrize(
    "spoil",
    [
        {"format": 2},
        {"seed": "many"},
        {"sites": []},
        {"sites": ["north", "north", "west"]},
        {"sites": ["north", "", "west"]},
        {"training": {}},
        {"training": {"target": "phq9>=10", "clients": 5}},
        {"before": [{"target": "x"}]},
        {"more": 1},
    ],
    ids=str,
)
def test_what_is_no_agreement_is_refused(spoil: dict[str, object]) -> None:
    sent = {**Agreement.of(study(), "together", SITES).to_json(), **spoil}
    with pytest.raises(InputError):
        Agreement.from_json(sent)  # type: ignore[arg-type]


def test_a_simulation_is_no_agreement() -> None:
    def steps(*parts: dict[str, object]) -> Study:
        return study(release=[{"name": "together", "steps": list(parts)}])

    learn: dict[str, object] = {"use": USE, "target": "phq9>=10", "clients": 3}
    with pytest.raises(InputError, match="no release 'alone'"):
        Agreement.of(study(), "alone", SITES)
    with pytest.raises(InputError, match="does not end in train/federated"):
        Agreement.of(study(), "table", SITES)
    with pytest.raises(InputError, match="set clients = 2"):
        Agreement.of(study(), "together", SITES[:2])
    with pytest.raises(InputError, match="looks at everybody together"):
        Agreement.of(steps({"use": "scales/anonymise"}, learn), "together", SITES)
    with pytest.raises(InputError, match="makes a client of each person"):
        Agreement.of(steps({**learn, "split": "people"}), "together", SITES)
    simulated = Agreement.of(steps({**learn, "site": "clinic", "dropout": 0.2}), "together", SITES)
    assert simulated.hash == Agreement.of(steps(learn), "together", SITES).hash
