"""Teachers: a ridge by hand, and whoever comes or goes changes one of them and no bit of others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from mindveil.train import teachers
from mindveil.train.teachers import lots_of, taught_teachers
from mindveil.train.unit_rows import unit_rows, with_constant

PENALTY = 0.5


def rng(seed=1):
    return np.random.default_rng(seed)


def people(seed, number, columns=3):
    rows = unit_rows(rng(seed).normal(size=(number, columns)), 0.7)
    return rows, np.clip(rng([seed, 1]).normal(size=number), -1.0, 1.0)


def taught(told, lots, inside=None, number=4):
    lots = np.asarray(lots)
    lots = lots if lots.ndim == 2 else lots[:, None]
    inside = np.ones(lots.shape, np.bool_) if inside is None else inside
    return np.concatenate(list(taught_teachers(told, lots, inside, number, PENALTY)))


def test_one_person_by_hand():
    """A row of 0 leaves the constant alone: (.5 x .8) / (.5 x .5 + .5) = .533."""
    found = taught((np.zeros((1, 1)), np.array([0.8])), [1], number=2)
    assert found[0, 0].tolist() == [0.0, 0.0]
    assert found[0, 1].tolist() == pytest.approx([0.0, 0.4 / 0.75], abs=1e-4)


def test_every_teacher_has_the_ridge_of_its_own_people():
    (rows, severity), lots = people(3, 40), rng(4).integers(4, size=40)
    found = taught((rows, severity), lots)[0]
    for teacher in range(4):
        mine = with_constant(rows[lots == teacher])
        within = mine.T @ mine + PENALTY * np.eye(4)
        expected = np.linalg.solve(within, mine.T @ severity[lots == teacher])
        assert found[teacher].tolist() == pytest.approx(expected.tolist(), abs=1e-4)


def test_a_teacher_of_nobody_has_no_weights_at_all():
    assert not taught(people(5, 0), np.zeros(0, np.int64)).any()
    assert not taught(people(5, 6), np.zeros(6, np.int64), np.zeros((6, 1), np.bool_)).any()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10_000), number=st.integers(1, 30), data=st.data())
def test_whoever_goes_changes_one_teacher_and_no_bit_of_the_others(seed, number, data):
    (rows, severity), ids = people(seed, number), [f"p{i}" for i in range(number)]
    gone = data.draw(st.integers(0, number - 1))
    left = np.arange(number) != gone
    lots = lots_of(ids, 4, rng(seed))
    fewer = lots_of([name for name in ids if name != f"p{gone}"], 4, rng(seed))
    assert fewer.tolist() == lots[left].tolist()
    here = taught((rows, severity), lots)[0]
    there = taught((rows[left], severity[left]), fewer)[0]
    others = np.arange(4) != lots[gone]
    assert here[others].tobytes() == there[others].tobytes()


def test_the_order_of_people_changes_no_bit():
    (rows, severity), lots = people(6, 50), rng(7).integers(4, size=50)
    turned = rng(8).permutation(50)
    other = taught((rows[turned], severity[turned]), lots[turned])
    assert taught((rows, severity), lots).tobytes() == other.tobytes()


def test_heads_that_learn_at_once_are_those_that_learn_one_by_one(monkeypatch):
    told, lots = people(9, 30), rng(10).integers(4, size=(30, 7))
    inside = rng(11).random((30, 7)) < 0.5
    together = taught(told, lots, inside)
    monkeypatch.setattr(teachers, "_ENTRIES", 400)
    assert len(list(taught_teachers(told, lots, inside, 4, PENALTY))) > 1
    assert together.tobytes() == taught(told, lots, inside).tobytes()
    for head in range(7):
        there = inside[:, head]
        alone = taught((told[0][there], told[1][there]), lots[there, head])
        assert together[head].tobytes() == alone[0].tobytes()


def test_lots_are_fair_and_another_key_draws_others():
    ids = [str(i) for i in range(5000)]
    lots = lots_of(ids, 10, rng(1))
    assert chisquare(np.bincount(lots, minlength=10)).pvalue > 1e-3
    again, other = lots_of(ids, 10, rng(1)), lots_of(ids, 10, rng(2))
    assert np.array_equal(lots, again)
    assert np.mean(lots == other) == pytest.approx(0.1, abs=0.02)
