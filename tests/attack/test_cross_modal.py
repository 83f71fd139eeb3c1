"""Cross-modal linkage: what two modalities both tell names a person, and nothing else does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.harness.toys import see, stage

from mindveil.attack import modality_measures
from mindveil.attack.cross_modal import CrossModal, learn, question
from mindveil.attack.modality_measures import standard
from mindveil.corpus.model import Column, Corpus, Participant, Response, Session, Turn
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.evidence.linkage import measure_linkage, name_pairs
from mindveil.harness.attacks import meet

ATTACK = CrossModal()
TRAITS = 12
ITEMS = 30
PLACES = np.random.default_rng(0).normal(size=(TRAITS, ITEMS))


def read_words(documents):
    """Read the toys' words: each says its traits as numbers."""
    rows = [
        [float(w) for w in " ".join(said).split()] if said else [np.nan] * TRAITS
        for said in documents
    ]
    return np.zeros((len(rows), 1)), np.array(rows)


def people_of(count, rng, noise=0.05):
    """Return people whose words tell the traits that their answers come from."""
    made = []
    for number in range(count):
        traits = rng.normal(size=TRAITS)
        told = traits + noise * rng.normal(size=TRAITS)
        level = np.clip(np.round(50 + 10 * traits @ PLACES), 0, 100)
        visit = Session(
            session_id="01",
            transcript=(Turn(speaker="participant", text=" ".join(f"{t:.4f}" for t in told)),),
            responses={"mood": Response(items=tuple(int(v) for v in level))},
        )
        facts = {"age": float(rng.integers(18, 80)), "sex": "f" if rng.random() < 0.5 else "m"}
        made.append(
            Participant(participant_id=f"P{number:04d}", attributes=facts, sessions=(visit,))
        )
    return Corpus(
        name="toy",
        participants=tuple(made),
        columns={
            "age": Column(role="quasi", kind="number"),
            "sex": Column(role="quasi", kind="nominal"),
        },
    )


def fight(corpus, attacker, rng, *, shuffled=False):
    shown = stage(corpus, rng, shuffled=shuffled)
    protect = None if attacker == "ignorant" else (lambda c, _: c)
    bout = meet(ATTACK, attacker, see(corpus, ATTACK, shown), protect, rng)
    linked = name_pairs(bout.guesses[0], bout.truth)
    found = measure_linkage([linked], 10, frozenset(), rng)
    return bout.guesses, {m.metric: m for m in found}


@pytest.fixture(autouse=True)
def toy_words(monkeypatch):
    monkeypatch.setattr(modality_measures, "text_rows", read_words)


def test_a_mapping_by_hand():
    """One column that is the other one turned round: what is expected has the other sign."""
    rows = np.linspace(-1, 1, 20)[:, None]
    bridge = learn(rows, -2 * rows, np.random.default_rng(0))
    assert bridge.trust[0] == pytest.approx(0.776, abs=0.01)  # correlation 1 less 1/sqrt(20)
    expected = bridge.map(np.array([[1.0], [-0.5]]))
    assert expected[0, 0] < 0 < expected[1, 0]


def test_what_does_not_go_together_is_not_trusted():
    rng = np.random.default_rng(1)
    bridge = learn(rng.normal(size=(200, 5)), rng.normal(size=(200, 8)), rng)
    assert bridge.trust.max() < 0.1


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 12), st.integers(1, 5), st.integers(0, 99))
def test_standard_rows_have_no_gaps_but_where_nothing_is(count, width, seed):
    rng = np.random.default_rng(seed)
    rows = np.where(rng.random((count, width)) < 0.3, np.nan, rng.normal(size=(count, width)))
    found = standard(rows)
    assert (np.isnan(found).any(axis=1) == np.isnan(rows).all(axis=1)).all()
    assert np.nanmax(np.abs(found), initial=0.0) <= 3


@pytest.mark.parametrize("attacker", ATTACK.attackers)
def test_words_name_the_person_of_the_answers_on_glass(attacker):
    guesses, found = fight(
        people_of(340, np.random.default_rng(1)), attacker, np.random.default_rng(2)
    )
    assert found["rank1"].estimate.n >= 200
    assert found["rank1"].estimate.value >= 0.95
    assert [g.setting for g in guesses] == ["", question("text", "scales")]
    assert guesses[0].tier == ("light" if attacker == "ignorant" else "trained")


@pytest.mark.parametrize("attacker", ATTACK.attackers)
def test_nobody_is_named_in_40_corpora(attacker):
    above = below = 0
    for seed in range(40):
        rng = np.random.default_rng([5, seed])
        gain = fight(people_of(60, rng), attacker, rng, shuffled=True)[1]["advantage"].estimate
        above, below = above + (gain.low > 0), below + (gain.high < 0)
    assert above + below <= 5


def test_modalities_that_do_not_know_of_each_other_name_nobody():
    rng = np.random.default_rng(3)
    corpus = people_of(300, rng)
    answers = [p.sessions[0].responses for p in corpus.participants]
    order = rng.permutation(len(answers))
    mixed = corpus.with_people(
        replace(p, sessions=(replace(p.sessions[0], responses=answers[i]),))
        for p, i in zip(corpus.participants, order, strict=True)
    )
    found = fight(mixed, "ignorant", rng)[1]["advantage"].estimate
    assert found.low < 0.02
    assert found.value < 0.06


def test_too_few_teachers_are_told_and_never_low_risk():
    with pytest.raises(InvalidMeasurement, match="fewer than 8 reference people"):
        fight(people_of(30, np.random.default_rng(4)), "ignorant", np.random.default_rng(4))


def test_a_modality_that_was_not_released_is_not_asked_about():
    corpus = people_of(60, np.random.default_rng(6))
    silent = corpus.map_sessions(lambda _, s: replace(s, transcript=()))
    with pytest.raises(InvalidMeasurement):
        fight(silent, "ignorant", np.random.default_rng(6))


def test_who_may_not_protect_reference_people_learns_from_originals():
    def refused(people, rng):
        raise InputError("k = 14, but there are 12 people")

    corpus, rng = people_of(60, np.random.default_rng(7)), np.random.default_rng(7)
    shown = see(corpus, ATTACK, stage(corpus, rng))
    found = [
        meet(ATTACK, attacker, shown, protect, np.random.default_rng(8)).guesses[0]
        for attacker, protect in (("semi-informed", refused), ("ignorant", None))
    ]
    assert found[0].tier == "light"
    assert np.array_equal(found[0].scores, found[1].scores)
