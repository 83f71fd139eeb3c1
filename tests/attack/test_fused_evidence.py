"""Modalities side by side: the same rows and columns, protected once, missing where missing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.attack.joined import Joined, joined
from tests.harness.toys import see, stage

from mindveil.attack.base import Knowledge, LinkScores
from mindveil.attack.fused_evidence import Copies, Engines, copied_once, gather, rehearse
from mindveil.attack.fused_linkage import FusedLinkage
from mindveil.corpus.model import Response
from mindveil.errors import InputError, InvalidMeasurement

ENGINES = Engines()


class Planted(Engines):
    """Engines that say what they are told to."""

    def link(self, modality):
        def said(release, knowledge, rng):
            if modality == "voice":  # two recordings of the first, none of the second
                return LinkScores(
                    queries=("R0", "R0"), candidates=("P0",), scores=np.array([[1.0], [3.0]])
                )
            return LinkScores(
                queries=("R0", "R1"),
                candidates=("P1", "P0"),
                scores=np.array([[0.0, 2.0], [2.0, 0.0]]),
            )

        return said


def seen_of(corpus, seed=0):
    return see(corpus, FusedLinkage(), stage(corpus, np.random.default_rng(seed)))


def knowing(seen, attacker="semi-informed", protect=lambda c, _: c):
    return Knowledge(attacker=attacker, known=seen.known, reference=seen.reference, protect=protect)


def test_rows_and_columns_by_hand(monkeypatch):
    """A person comes as often as she was recorded; columns are in the order of the known."""
    corpus = joined(Joined(people=2), 1, monkeypatch)
    known = corpus.with_people(
        replace(p, participant_id=f"P{i}") for i, p in enumerate(corpus.participants)
    )
    shown = corpus.with_people(
        replace(p, participant_id=f"R{i}") for i, p in enumerate(corpus.participants)
    )
    knowledge = Knowledge(attacker="ignorant", known=known, reference=known, protect=None)
    release = replace(seen_of(joined(Joined(people=20), 1, monkeypatch)).release, corpus=shown)
    found = gather(release, knowledge, Planted(), np.random.default_rng(0))
    assert found.queries == ("R0", "R0", "R1")
    assert found.candidates == ("P0", "P1")
    voice, answers = found.scores["voice"], found.scores["scales"]
    assert voice[:2, 0].tolist() == pytest.approx([-0.5, 0.5], abs=0.01)
    assert (voice[:, 1] == -np.inf).all()
    assert (voice[2] == -np.inf).all()
    assert answers[0].tolist() == answers[1].tolist()
    assert answers[0, 0] > answers[0, 1]
    assert answers[2, 1] > answers[2, 0]


def test_everybody_is_protected_once(monkeypatch):
    corpus = joined(Joined(people=60), 1, monkeypatch)
    calls = []

    def protect(people, rng):
        calls.append(len(people.ids))
        return people

    seen = seen_of(corpus)
    knowledge = copied_once(knowing(seen, protect=protect), np.random.default_rng(0))
    gather(seen.release, knowledge, ENGINES, np.random.default_rng(0))
    rehearse(knowledge, ENGINES, ["voice", "scales"], np.random.default_rng(0))
    assert sorted(calls) == sorted([len(seen.known.ids), len(seen.reference.ids)])


def test_copies_are_of_the_visits_that_are_asked_for(monkeypatch):
    corpus = joined(Joined(people=4), 1, monkeypatch)
    made = corpus.map_sessions(lambda _, s: replace(s, responses={"mood": Response(total=1.0)}))
    copies = Copies.of(corpus, made.select(corpus.ids[:3]))
    last = corpus.with_people(replace(p, sessions=p.sessions[1:]) for p in corpus.participants)
    found = copies(last, np.random.default_rng(0))
    assert found.ids == corpus.ids[:3]
    assert [s.session_id for s in found.participants[0].sessions] == ["02"]
    assert found.participants[0].sessions[0].responses["mood"].total == 1.0


def test_a_rehearsal_knows_the_truth_and_shares_nobody(monkeypatch):
    seen = seen_of(joined(Joined(people=100, noise=0.1), 1, monkeypatch))
    blocks = rehearse(knowing(seen), ENGINES, ["voice", "scales"], np.random.default_rng(0))
    assert len(blocks) == 2
    for block in blocks:
        assert block.channels.shape == (2, 10, 10)
        assert (block.channels[0].argmax(axis=1) == block.own).mean() > 0.9


@pytest.mark.parametrize("attacker", ["ignorant", "lazy-informed"])
def test_weaker_attackers_do_not_rehearse(attacker, monkeypatch):
    seen = seen_of(joined(Joined(people=100), 1, monkeypatch))
    assert rehearse(knowing(seen, attacker), ENGINES, ["voice"], np.random.default_rng(0)) == ()


def test_too_few_reference_people_are_nobody_to_rehearse_on(monkeypatch):
    seen = seen_of(joined(Joined(people=30), 1, monkeypatch))
    assert rehearse(knowing(seen), ENGINES, ["voice"], np.random.default_rng(0)) == ()


def test_a_voice_in_another_language_is_left_out_and_the_rest_goes_on(monkeypatch):
    seen = seen_of(replace(joined(Joined(people=40), 1, monkeypatch), language="de"))
    found = gather(seen.release, knowing(seen, "ignorant", None), ENGINES, np.random.default_rng(0))
    assert list(found.scores) == ["scales"]


def test_what_nothing_can_compare_is_invalid_and_says_why(monkeypatch):
    corpus = replace(joined(Joined(people=40), 1, monkeypatch), language="de")
    mute = corpus.map_sessions(lambda _, s: replace(s, responses={}))
    seen = seen_of(mute)
    with pytest.raises(InvalidMeasurement, match="nothing can be joined: voice: the speaker"):
        gather(seen.release, knowing(seen, "ignorant", None), ENGINES, np.random.default_rng(0))


def test_a_protection_that_refuses_few_people_leaves_none_to_learn_from(monkeypatch):
    corpus = joined(Joined(people=60), 1, monkeypatch)
    seen = seen_of(corpus)

    def refusing(few):
        def protect(people, rng):
            if len(people.ids) < few:
                raise InputError("k = 14, but there are 10 people")
            return people

        return protect

    rng = np.random.default_rng(0)
    learnt = copied_once(knowing(seen, protect=refusing(len(seen.known.ids))), rng)
    assert learnt.reference.ids == ()
    assert learnt.protect is not None
    assert set(gather(seen.release, learnt, ENGINES, rng).scores) == {"voice", "scales"}
    assert rehearse(learnt, ENGINES, ["voice", "scales"], rng) == ()
    assert copied_once(knowing(seen, protect=refusing(1000)), rng).protect is None


def test_what_both_sides_have_and_nobody_compared_is_told(monkeypatch):
    seen = seen_of(replace(joined(Joined(people=40), 1, monkeypatch), language="de"))
    found = gather(seen.release, knowing(seen, "ignorant", None), ENGINES, np.random.default_rng(0))
    assert found.silent == ("voice",)


def test_a_modality_of_which_no_pair_can_be_compared_is_silent(monkeypatch):
    def nothing(release, knowledge, rng):
        ids = release.corpus.ids, knowledge.known.ids
        scores = np.full((len(ids[0]), len(ids[1])), -np.inf)
        return LinkScores(queries=ids[0], candidates=ids[1], scores=scores)

    seen = seen_of(joined(Joined(people=40), 1, monkeypatch))
    monkeypatch.setattr("mindveil.attack.fused_evidence.link_answers", nothing)
    found = gather(seen.release, knowing(seen, "ignorant", None), ENGINES, np.random.default_rng(0))
    assert list(found.scores) == ["voice"]
    assert found.silent == ("scales",)
