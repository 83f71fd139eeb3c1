"""Membership on 4,091 real people: a copy, a plain copula, its stolen model, and strangers."""

from __future__ import annotations

import csv
import time

import numpy as np
import pytest
from tests.attack.tables import Scene, copied

from mindveil.attack.nearest_record import NearestRecord
from mindveil.attack.stolen_model import StolenModel
from mindveil.attack.table_membership import SyntheticMembership
from mindveil.attack.tracing import SyntheticTracing
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.synthesise.copula import fit_copula
from mindveil.synthesise.encoding import Encoding
from mindveil.synthesise.people import PeopleModel

pytestmark = pytest.mark.realdata

NUMBERS = ("age", "familysize")
NAMED = ("country", "education", "urban", "gender", "engnat", "religion", "race", "married")


@pytest.fixture
def scene(real_data):
    with (real_data / "tabular" / "dass42_adults.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    people = []
    for i, row in enumerate(rows):
        items = tuple(int(v) - 1 for k, v in row.items() if k.startswith("dass") and "_" in k)
        attributes = {n: float(row[n]) if row[n] else None for n in NUMBERS}
        attributes |= {n: row[n] or None for n in NAMED}
        session = Session(session_id="1", responses={"dass42": Response(items=items)})
        people.append(
            Participant(participant_id=f"P{i:04d}", attributes=attributes, sessions=(session,))
        )
    columns = {n: Column(role="quasi", kind="number") for n in NUMBERS}
    columns |= {
        n: Column(role="quasi", kind="nominal", levels=tuple(sorted({r[n] for r in rows} - {""})))
        for n in NAMED
    }
    everybody = Corpus(name="dass42", participants=tuple(people), columns=columns)
    order = np.random.default_rng(11).permutation(len(people))
    parts = (order[:2455], order[2455:3273], order[3273:])
    return Scene(*(everybody.select([everybody.ids[i] for i in part]) for part in parts))


def test_a_copy_is_found(scene):
    rng = np.random.default_rng(0)
    release = copied(scene.members, rng)
    for attack in (NearestRecord(), SyntheticMembership()):
        start = time.process_time()
        found = scene.run(attack, release, rng)
        assert time.process_time() - start < 2
        assert scene.advantage(found[0])[0] >= 0.95
    # Sums know less than records: there are more people than moments.
    start = time.process_time()
    found = scene.run(SyntheticTracing(), release, rng)
    assert time.process_time() - start < 4
    assert scene.advantage(found[0])[0] >= 0.6


def test_a_plain_copula_is_called_safe_by_distances_and_caught_by_tracing(scene, tmp_path):
    rng = np.random.default_rng(1)
    encoding = Encoding.of(scene.members)
    model = fit_copula(encoding.encode(scene.members), encoding.codebook, rng)
    people = PeopleModel(encoding=encoding, model=model)
    people.save(tmp_path / "model")
    release = people.sample(None, rng)
    for guesses in scene.run(NearestRecord(), release, rng):
        assert scene.advantage(guesses)[1] < 0.55
    among, beyond = scene.run(SyntheticTracing(), release, rng)
    assert scene.advantage(among)[0] >= 0.15
    assert scene.advantage(beyond)[1] >= 0.53
    stolen = scene.run(StolenModel(records=12_000), release, rng, model=tmp_path / "model")
    assert scene.advantage(stolen[0])[0] >= 0.2
