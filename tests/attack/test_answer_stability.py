"""Answers of one visit against those of another: by hand, banded, planted, and of nobody."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from tests.attack.joined import Joined, joined
from tests.harness.toys import stage

from mindveil.attack.answer_stability import (
    USUAL,
    answer_rows,
    link_answers,
    same_person,
    stabilities,
)
from mindveil.attack.base import Knowledge
from mindveil.attack.visits import divided
from mindveil.corpus.model import Corpus, Participant, Response, Session
from mindveil.errors import InvalidMeasurement
from mindveil.release import DataRelease


def person(name, *visits):
    sessions = tuple(
        Session(session_id=f"{i:02d}", responses={"mood": Response(items=items)})
        for i, items in enumerate(visits, 1)
    )
    return Participant(participant_id=name, sessions=sessions)


def test_a_ratio_by_hand():
    """Against the two normal densities themselves, item by item."""
    x, y, r = np.array([[1.2, -0.4]]), np.array([[0.7, 0.1]]), np.array([0.5, 0.8])
    expected = 0.0
    for a, b, c in zip(x[0], y[0], r, strict=True):
        pair = stats.multivariate_normal([0, 0], [[1, c], [c, 1]]).logpdf([a, b])
        expected += pair - stats.norm.logpdf(a) - stats.norm.logpdf(b)
    assert same_person(x, y, r)[0, 0] == pytest.approx(expected)


def test_what_is_missing_says_nothing_and_nothing_in_common_is_ruled_out():
    known = np.array([[1.0, np.nan], [np.nan, 1.0]])
    found = same_person(np.array([[1.0, np.nan]]), known, np.array([0.5, 0.5]))
    assert found[0, 0] == pytest.approx(0.477, abs=1e-3)
    assert found[0, 1] == -np.inf


def test_bands_are_their_middles_and_visits_their_mean():
    corpus = Corpus(
        name="toy", participants=(person("a", (0, 4)), person("b", ("0-1", "*"), (2, 3)))
    )
    rows = answer_rows(corpus)
    assert rows["mood_01"].tolist() == [0.0, 1.25]  # 0.5 and 2
    assert rows["mood_02"].tolist() == [4.0, 3.0]  # a suppressed answer is none


def fought(corpus, attacker="ignorant", change=None, seed=0):
    """Return the share of released people whose answers come first."""
    rng = np.random.default_rng(seed)
    shown = stage(corpus, rng)
    later, earlier = divided(corpus, 1)
    people = [shown.person_of[i] for i in shown.release.corpus.ids]
    released = later.select(people) if change is None else change(later.select(people))
    knowledge = Knowledge(
        attacker=attacker,
        known=earlier.select(shown.targets | shown.absent),
        reference=corpus.select(shown.reference),
        protect=change or (lambda c, _=None: c),
    )
    found = link_answers(DataRelease(name="toy", corpus=released), knowledge, rng)
    best = [found.candidates[i] for i in found.scores.argmax(axis=1)]
    return np.mean([a == b for a, b in zip(best, found.queries, strict=True)]), found


def banded(corpus, rng=None):
    def band(item):
        return f"{item // 2 * 2}-{item // 2 * 2 + 1}"

    return corpus.map_sessions(
        lambda _, s: replace(
            s, responses={"mood": Response(items=tuple(map(band, s.responses["mood"].items)))}
        )
    )


@pytest.mark.parametrize("attacker", ["ignorant", "semi-informed"])
def test_stable_answers_are_found_banded_ones_too_and_fresh_ones_not(attacker, monkeypatch):
    steady = joined(Joined(people=150, stability=0.95, items=30), 1, monkeypatch)
    assert fought(steady, attacker)[0] >= 0.95
    assert fought(steady, attacker, banded)[0] >= 0.6
    fresh = joined(Joined(people=150, stability=0.0, items=30), 1, monkeypatch)
    assert fought(fresh, attacker)[0] < 0.05


def test_items_that_change_are_learned_to_count_less(monkeypatch):
    corpus = joined(Joined(people=200, stability=0.9, items=4), 3, monkeypatch)
    rng = np.random.default_rng(4)

    def moody(_, session):
        items = list(session.responses["mood"].items)
        items[0] = int(rng.integers(5))
        return replace(session, responses={"mood": Response(items=tuple(items))})

    knowledge = Knowledge(
        attacker="semi-informed",
        known=corpus,
        reference=corpus.map_sessions(moody),
        protect=lambda c, _: c,
    )
    learned = stabilities(knowledge, rng)
    assert learned["mood_01"] < 0.2
    assert learned["mood_02"] > 0.6
    assert stabilities(replace(knowledge, attacker="ignorant"), rng) is None
    few = replace(knowledge, reference=corpus.select(corpus.ids[:7]))
    assert stabilities(few, rng) is None
    assert 0 < USUAL < 1


def test_no_question_in_common_is_invalid(monkeypatch):
    corpus = joined(Joined(people=20), 1, monkeypatch)
    other = corpus.map_sessions(lambda _, s: replace(s, responses={"else": s.responses["mood"]}))
    knowledge = Knowledge(attacker="ignorant", known=other, reference=other, protect=None)
    with pytest.raises(InvalidMeasurement, match="no question was answered both"):
        link_answers(DataRelease(name="toy", corpus=corpus), knowledge, np.random.default_rng(0))
