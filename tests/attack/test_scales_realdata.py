"""Both attacks on 4,091 real people: undefended, k-anonymous, and a release of strangers."""

from __future__ import annotations

import csv
import time
from dataclasses import dataclass, replace

import numpy as np
import pytest

from mindveil.anonymise.scales_anonymise import ScalesAnonymise, smallest_group, suppressed_share
from mindveil.attack.base import Knowledge
from mindveil.attack.scales_linkage import ScalesLinkage
from mindveil.attack.scales_singling_out import ScalesSinglingOut
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session
from mindveil.features.scales import latest_table, matches
from mindveil.release import DataRelease

pytestmark = pytest.mark.realdata

NUMBERS = ("age", "familysize")
QUASI = (
    *("country", "education", "urban", "gender", "engnat", "religion"),
    *("orientation", "race", "voted", "married", *NUMBERS),
)


@dataclass(frozen=True)
class Fold:
    released: Corpus
    reference: Corpus
    absent: Corpus

    @property
    def known(self):
        return self.released.with_people((*self.released.participants, *self.absent.participants))


def value(name, text):
    if not text:
        return None
    return float(text) if name in NUMBERS else text


@pytest.fixture
def everybody(real_data):
    with (real_data / "tabular" / "dass42_adults.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    people = []
    for i, row in enumerate(rows):
        answers = tuple(
            int(text) - 1 for name, text in row.items() if name.startswith("dass") and "_" in name
        )
        assert len(answers) == 42
        responses = {"dass42": Response(items=answers, total=float(sum(answers)))}
        people.append(
            Participant(
                participant_id=f"P{i:04d}",
                attributes={name: value(name, row[name]) for name in QUASI},
                sessions=(Session(session_id="1", responses=responses),),
            )
        )
    columns = {n: Column(role="quasi", kind="number" if n in NUMBERS else "nominal") for n in QUASI}
    return Corpus(name="dass42", participants=tuple(people), columns=columns)


@pytest.fixture
def fold(everybody):
    order = [everybody.ids[i] for i in np.random.default_rng(11).permutation(len(everybody.ids))]
    parts = (order[:2455], order[2455:3273], order[3273:])
    released, reference, absent = (everybody.select(part) for part in parts)
    return Fold(released=released, reference=reference, absent=absent)


def published(corpus, rng):
    order = rng.permutation(len(corpus.participants))
    names = {f"R{i:04d}": corpus.ids[j] for i, j in enumerate(order)}
    people = [
        replace(corpus.participants[j], participant_id=n) for n, j in zip(names, order, strict=True)
    ]
    return DataRelease(name="dass42", corpus=corpus.with_people(people)), names


def same(corpus, rng):
    return corpus


def singled_out(attack, release, person_of, fold, protect):
    knowledge = Knowledge(
        attacker=attack, known=fold.known, reference=fold.reference, protect=protect
    )
    (found,) = ScalesSinglingOut().run(release, knowledge, np.random.default_rng(1))
    originals, absent = latest_table(fold.released), latest_table(fold.absent)
    place = {person: i for i, person in enumerate(originals.ids)}
    hits = control = 0
    for predicate in found.made:
        fits = np.flatnonzero(matches(predicate.terms, originals))
        hits += fits.tolist() == [place[person_of[predicate.record]]]
        control += int(matches(predicate.terms, absent).sum()) == 1
    return hits / found.records, control / found.records


def linked(attack, release, person_of, fold, protect):
    knowledge = Knowledge(
        attacker=attack, known=fold.known, reference=fold.reference, protect=protect
    )
    reached = {}
    for found in ScalesLinkage().run(release, knowledge, np.random.default_rng(1)):
        place = {q: i for i, q in enumerate(found.queries)}
        lines = found.scores[[place[person_of[r]] for r in found.candidates]]
        own = np.diagonal(lines)[:, None]
        first = (own[:, 0] == lines.max(axis=1)) / (lines == own).sum(axis=1)
        reached[found.setting] = float(first.mean())
    return reached


def test_undefended_people_are_singled_out_and_linked(fold):
    release, person_of = published(fold.released, np.random.default_rng(0))
    for attacker in ("lazy-informed", "semi-informed"):
        hits, control = singled_out(attacker, release, person_of, fold, same)
        assert hits >= 0.95
        assert control < 0.05
        reached = linked(attacker, release, person_of, fold, same)
        assert reached["known answers: 7 + demographics"] >= 0.95


def test_k_anonymity_hides_traits_but_seven_answers_find_the_record(fold):
    protect = ScalesAnonymise(k=5).apply
    start = time.process_time()
    made = protect(fold.released, np.random.default_rng(2))
    assert time.process_time() - start < 2
    assert smallest_group(made) >= 5
    assert suppressed_share(made) <= 0.02
    release, person_of = published(made, np.random.default_rng(0))
    for attacker in ("lazy-informed", "semi-informed"):
        reached = linked(attacker, release, person_of, fold, protect)
        assert 0.15 < reached["demographics alone"] <= 1 / 5
        assert reached["known answers: 7 + demographics"] > 0.9
    hits, control = singled_out("lazy-informed", release, person_of, fold, protect)
    assert hits > 0.9
    assert control < 0.05


def test_of_strangers_nothing_is_found(everybody):
    order = [everybody.ids[i] for i in np.random.default_rng(12).permutation(len(everybody.ids))]
    parts = (order[:1600], order[1600:3200], order[3200:])
    targets, strangers, absent = (everybody.select(part) for part in parts)
    fold = Fold(released=targets, reference=absent, absent=absent)
    release, person_of = published(strangers, np.random.default_rng(0))
    luck = np.random.default_rng(3).permutation(list(targets.ids))
    paired = dict(zip(person_of, luck, strict=True))
    for attacker in ("lazy-informed", "semi-informed"):
        hits, control = singled_out(attacker, release, paired, fold, same)
        assert hits <= 0.005
        assert control < 0.05
        # Chance is 1 in 1,600; seven or more hits happen about once in 12,000 times.
        assert all(
            rate < 7 / 1600 for rate in linked(attacker, release, paired, fold, same).values()
        )
