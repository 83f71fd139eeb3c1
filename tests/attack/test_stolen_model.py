"""``synthetic/stolen-model``: more records than were released, and what they add."""

from __future__ import annotations

import numpy as np
import pytest
from tests.attack.tables import Scene, cohort

from mindveil.attack.stolen_model import StolenModel
from mindveil.attack.tracing import CANDIDATES, REFERENCE, SyntheticTracing
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.synthesise.copula import fit_copula
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.people import PeopleModel


def fitted(corpus, rng):
    encoding = Encoding.of(corpus)
    model = fit_copula(encoding.encode(corpus), encoding.codebook, rng)
    return PeopleModel(encoding=encoding, model=model)


def test_a_stolen_copula_says_more_than_one_table_of_it(tmp_path):
    stolen, seen = [], []
    for seed in range(4):
        rng = np.random.default_rng(seed)
        scene = Scene.of(150, rng)
        people = fitted(scene.members, rng)
        folder = tmp_path / str(seed)
        people.save(folder)
        release = people.sample(150, rng)
        found = scene.run(StolenModel(records=4000), release, rng, model=folder)
        assert [f.setting for f in found[:2]] == [CANDIDATES, REFERENCE]
        assert len({f.setting for f in found}) == len(found) == 4
        stolen.append(scene.advantage(found[0])[1])
        seen.append(scene.advantage(scene.run(SyntheticTracing(), release, rng)[0])[1])
    assert np.mean(stolen) > np.mean(seen) + 0.05
    assert np.mean(stolen) > 0.75


def test_the_generator_of_strangers_says_nothing(tmp_path):
    areas = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        scene = Scene.of(90, rng, items=6)
        people = fitted(cohort(90, rng, "X", items=6), rng)
        people.save(tmp_path / str(seed))
        found = scene.run(
            StolenModel(records=500), people.sample(90, rng), rng, model=tmp_path / str(seed)
        )
        areas.append([scene.advantage(f)[1] for f in found])
    assert np.mean(areas, axis=0) == pytest.approx(0.5, abs=0.06)


def test_nothing_to_steal():
    rng = np.random.default_rng(0)
    scene = Scene.of(60, rng)
    with pytest.raises(InvalidMeasurement, match="none to steal"):
        scene.run(StolenModel(), cohort(60, rng, "S"), rng)
    with pytest.raises(InputError, match="records = 5"):
        StolenModel(records=5)
