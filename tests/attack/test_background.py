"""What background columns say: rare values more, bands by what they cover."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.attack.background import background
from mindveil.attack.base import Knowledge
from mindveil.corpus.model import Column, Corpus, Participant
from mindveil.release import DataRelease

COLUMNS = {
    "age": Column(role="quasi", kind="number"),
    "mood": Column(role="sensitive", kind="nominal"),
}


def corpus_of(ages, moods=None):
    people = tuple(
        Participant(participant_id=f"P{i}", attributes={"age": a, "mood": (moods or ages)[i]})
        for i, a in enumerate(ages)
    )
    return Corpus(name="toy", participants=people, columns=COLUMNS)


def said(released, known, attacker="lazy-informed", reference=None):
    knowledge = Knowledge(
        attacker=attacker, known=known, reference=reference or known, protect=lambda c, _: c
    )
    return background(DataRelease(name="toy", corpus=released), knowledge, np.random.default_rng(0))


def test_four_people_by_hand():
    """One of four is 50: log 4 for her; three are 30: log(4/3) each."""
    known = corpus_of([30.0, 30.0, 30.0, 50.0])
    found = said(known, known)
    assert found[3, 3] == pytest.approx(np.log(4))
    assert found[0, 0] == pytest.approx(np.log(4 / 3))
    assert found[0, 3] < 0


def test_a_band_covers_and_a_naive_reader_makes_nothing_of_it():
    known, released = corpus_of([30.0, 34.0, 50.0]), corpus_of(["30-39", "30-39", "50-59"])
    found = said(released, known)
    assert found[0, 0] == found[0, 1] > 0 > found[0, 2]
    assert (said(released, known, "ignorant") == 0).all()


def test_only_quasi_identifiers_that_were_released_count():
    known = corpus_of([30.0, 40.0], ["low", "high"])
    bare = known.with_people(Participant(participant_id=p) for p in known.ids)
    bare = Corpus(name="bare", participants=bare.participants)
    assert said(bare, known) is None


def test_who_has_seen_a_column_lie_does_not_believe_it():
    rng = np.random.default_rng(2)
    known = corpus_of(rng.integers(20, 60, size=200).astype(float).tolist())

    def shuffle(corpus, _):
        ages = [p.attributes["age"] for p in corpus.participants]
        return corpus_of([ages[i] for i in rng.permutation(len(ages))])

    knowledge = Knowledge(attacker="semi-informed", known=known, reference=known, protect=shuffle)
    released = DataRelease(name="toy", corpus=shuffle(known, None))
    learned = background(released, knowledge, rng)
    believed = said(released.corpus, known)
    assert np.abs(learned).mean() < np.abs(believed).mean() / 3
