"""The three attacks on tables of nobody, on 4,091 real people: a copy, PRAM, and strangers."""

from __future__ import annotations

import csv
import time
from itertools import pairwise

import numpy as np
import pytest
from tests.attack.crowds import both, nameless

from mindveil.attack.base import Knowledge
from mindveil.attack.table_inference import SyntheticInference
from mindveil.attack.table_linkage import SyntheticLinkage
from mindveil.attack.table_singling_out import SyntheticSinglingOut
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.evidence.measured import Truth
from mindveil.evidence.tables import measure_claims, measure_guessed, measure_isolation
from mindveil.features.unusual import most_unusual
from mindveil.release import DataRelease

pytestmark = pytest.mark.realdata

NUMBERS = ("age", "familysize")
QUASI = (
    *("country", "education", "urban", "gender", "engnat", "religion"),
    *("orientation", "race", "married", *NUMBERS),
)
MEASURES = {
    SyntheticLinkage: lambda made, truth, rare, rng: measure_claims([(made[0], truth)], rare, rng),
    SyntheticSinglingOut: lambda made, truth, rare, rng: measure_isolation(
        [(made[0], truth)], rare, rng
    ),
    SyntheticInference: lambda made, truth, rare, rng: measure_guessed([(made, truth)], rare, rng),
}
ATTACKS = pytest.mark.parametrize("kind", list(MEASURES))


def participant(name, row):
    told = {q: (float(row[q]) if q in NUMBERS else row[q]) if row[q] else None for q in QUASI}
    answers = [int(text) - 1 for key, text in row.items() if key.startswith("dass") and "_" in key]
    response = Response(items=tuple(answers), total=float(sum(answers)))
    session = Session(session_id="1", responses={"dass42": response})
    return Participant(participant_id=name, attributes=told, sessions=(session,))


@pytest.fixture
def parts(real_data):
    """Members, control people and reference people, and the rest of them."""
    with (real_data / "tabular" / "dass42_adults.csv").open(encoding="utf-8", newline="") as file:
        people = [participant(f"P{i:04d}", row) for i, row in enumerate(csv.DictReader(file))]
    columns = {n: Column(role="quasi", kind="number" if n in NUMBERS else "nominal") for n in QUASI}
    everybody = Corpus(name="dass42", participants=tuple(people), columns=columns)
    order = [everybody.ids[i] for i in np.random.default_rng(11).permutation(len(people))]
    cuts = (0, 1228, 2046, 2864, 4091)
    return [everybody.select(order[a:b]) for a, b in pairwise(cuts)]


def attacked(kind, table, parts, protect=None):
    """The figures of one attack on one table, by name, and what it cost."""
    members, controls, reference = parts
    known = both(members, controls)
    knowledge = Knowledge(
        attacker="semi-informed" if protect else "ignorant",
        known=known,
        reference=reference,
        protect=protect,
    )
    start = time.process_time()
    made = kind().run(DataRelease(name="dass42", corpus=table), knowledge, np.random.default_rng(1))
    spent = time.process_time() - start
    truth = Truth(person_of={}, released=members, absent=controls, table=table)
    found = MEASURES[kind](made, truth, most_unusual(known), np.random.default_rng(2))
    return {m.metric: m.estimate for m in found}, spent


@ATTACKS
def test_a_copy_gives_its_people_away(kind, parts):
    members, controls, reference, more = parts
    released = both(members, more)
    table = nameless(released, np.random.default_rng(0))
    found, spent = attacked(kind, table, (released, controls, reference), nameless)
    assert found["success"].low > 0.95
    assert found["advantage"].low > 0.95
    assert found["advantage-unusual"].value > 0.95
    assert spent < 4  # 1 s alone on a machine of 2026; tests run beside others


@ATTACKS
def test_a_table_of_strangers_tells_nothing(kind, parts):
    members, controls, reference, more = parts
    table = nameless(more, np.random.default_rng(0))
    found, _ = attacked(kind, table, (members, controls, reference))
    assert found["advantage"].low <= 0.01
    assert found["advantage"].value < 0.06


def test_pram_does_not_hide_people_from_who_knows_seven_answers(parts):
    table = scrambled(parts[0], np.random.default_rng(0))
    found, _ = attacked(SyntheticLinkage, table, parts[:3], scrambled)
    assert found["advantage"].low > 0.7
    assert found["advantage-unusual"].low > 0.7


def scrambled(people, rng):
    """Every cell is kept with probability .8, else it is that of somebody else."""
    rows = [(*p.attributes.values(), *p.latest("dass42").items) for p in people.participants]
    cells = np.array(rows, dtype=object)
    luck = np.argsort(rng.random(cells.shape), axis=0)
    other = np.take_along_axis(cells, luck, axis=0)
    cells = np.where(rng.random(cells.shape) < 0.8, cells, other).tolist()
    made = [
        Participant(
            participant_id=p.participant_id,
            attributes=dict(zip(QUASI, row, strict=False)),
            sessions=(
                Session(
                    session_id="1", responses={"dass42": Response(items=tuple(row[len(QUASI) :]))}
                ),
            ),
        )
        for p, row in zip(people.participants, cells, strict=True)
    ]
    return nameless(people.with_people(made), rng)
