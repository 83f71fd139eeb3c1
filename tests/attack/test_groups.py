"""Groups of recordings: who is compared with whom, and by which of them."""

from __future__ import annotations

import numpy as np
import pytest
from tests.attack.voices import Toy, corpus_of

from mindveil.attack.groups import Group, divide, in_groups, nearest, pooled, whole


def people(toy):
    return corpus_of(toy, "face", "_face.png")


def count(session):
    return len(session.media["face"])


def test_the_nearest_of_a_persons_pictures_counts():
    scores = np.array([[0.9, 0.1, 0.3], [0.5, -np.inf, 0.7]])
    queries = [Group(person="r", rows=(0, 1))]
    known = [Group(person="a", rows=(0, 1)), Group(person="b", rows=(2,))]
    assert nearest(scores, queries, known) == pytest.approx(np.array([[0.7, 0.5]]))
    empty = [Group(person="c", rows=())]
    assert nearest(scores, queries, empty).tolist() == [[-np.inf]]


def test_probes_come_from_the_last_session_and_the_rest_is_known():
    probes, enrolled = divide(people(Toy(people=1, sessions=3, recordings=2)), 1, count)
    assert [g.rows for g in probes] == [(4,), (5,)]
    assert [g.rows for g in enrolled] == [(0, 1, 2, 3)]
    probes, enrolled = divide(people(Toy(people=1, sessions=3, recordings=2)), 3, count)
    assert [g.rows for g in probes] == [(2, 3, 4)]
    assert [g.rows for g in enrolled] == [(0, 1)]
    probes, enrolled = divide(people(Toy(people=1, sessions=1, recordings=3)), 5, count)
    assert [g.rows for g in probes] == [(1, 2)]  # one is left to know her by
    assert [g.rows for g in enrolled] == [(0,)]
    assert divide(people(Toy(people=1, sessions=1, recordings=1)), 1, count) == ((), ())


def test_groups_are_of_as_many_recordings_as_the_attacker_holds():
    corpus = people(Toy(people=2, sessions=1, recordings=5))
    assert [g.rows for g in in_groups(corpus, 2, count)] == [(0, 2), (1, 3), (5, 7), (6, 8)]
    assert [g.rows for g in in_groups(corpus, 9, count)] == [(0, 1, 2, 3, 4), (5, 6, 7, 8, 9)]
    assert [g.person for g in in_groups(corpus, 2, count)] == ["P0000", "P0000", "P0001", "P0001"]
    assert [g.rows for g in whole(corpus, count)] == [(0, 1, 2, 3, 4), (5, 6, 7, 8, 9)]


def test_a_group_is_the_mean_of_what_was_heard():
    rows = np.array([[1.0, 2.0], [3.0, np.nan], [np.nan, np.nan]])
    groups = [Group(person="a", rows=(0, 1)), Group(person="b", rows=(2,))]
    seen = pooled(rows, groups)
    assert seen[0].tolist() == [2.0, 2.0]
    assert np.isnan(seen[1]).all()
