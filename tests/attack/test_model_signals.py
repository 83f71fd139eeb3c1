"""Signals: confidence, losses within a class, places, halves, rows of one person."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.attack.model_signals import (
    confidence,
    halves,
    log_chance,
    loss_scores,
    pooled,
    require_told,
    share_below,
    within_groups,
)
from mindveil.errors import InvalidMeasurement


def test_confidence_is_the_logit_of_the_true_class():
    odds, labels = np.array([math.log(3), math.log(3)]), np.array([1.0, 0.0])
    assert np.exp(log_chance(confidence(odds, labels))) == pytest.approx([0.75, 0.25])
    heads = np.column_stack([odds, -odds])
    assert confidence(heads, labels)[:, 1] == pytest.approx(-confidence(odds, labels))


def test_answers_without_end_are_kept_and_answers_that_are_none_are_refused():
    assert confidence(np.array([np.inf, -np.inf]), np.ones(2)).tolist() == [1e6, -1e6]
    with pytest.raises(InvalidMeasurement, match="not numbers"):
        confidence(np.array([0.0, np.nan]), np.ones(2))


def test_a_class_that_the_model_knows_better_is_not_taken_for_members():
    rng = np.random.default_rng(0)
    labels = (rng.random(400) < 0.5).astype(float)
    scores = loss_scores(rng.normal(0, 1, 400) + 5 * labels, labels)
    for group in (0, 1):
        assert scores[labels == group].mean() == pytest.approx(0, abs=1e-9)
        assert scores[labels == group].std() == pytest.approx(1)


def test_one_person_of_a_class_and_equals_tell_nothing():
    assert within_groups(np.array([1.0, 3.0, 5.0]), np.array([0.0, 0, 1]))[2] == 0
    assert (
        within_groups(np.array([2.0, 2.0, 9.0, 9.0]), np.array([0.0, 0, 1, 1])).tolist() == [0] * 4
    )
    assert not within_groups(0.1 + np.array([0, 1e-16, 2e-16]), np.zeros(3)).any()


@given(st.lists(st.integers(0, 5), min_size=1), st.lists(st.integers(0, 5), min_size=1))
def test_the_share_below_is_that_of_counting(others, values):
    found = share_below(np.array(others, dtype=float), np.array(values, dtype=float))
    slow = [sum((o < v) + (o == v) / 2 for o in others) / len(others) for v in values]
    assert found == pytest.approx(slow)


@given(st.integers(1, 60), st.integers(1, 11), st.floats(0, 1), st.integers(0, 999))
def test_halves_are_halves_of_each_class_whatever_the_numbers(people, heads, cases, seed):
    rng = np.random.default_rng(seed)
    groups = (rng.random(people) < cases).astype(float)
    inside = halves(groups, heads, rng)
    assert inside.shape == (people, heads)
    even = heads - heads % 2
    assert (inside[:, :even].sum(axis=1) == even // 2).all()
    for group in (0, 1):
        count = inside[groups == group].sum(axis=0)
        assert np.abs(2 * count - (groups == group).sum()).max() <= 1
    assert (
        halves(groups, heads, np.random.default_rng(1))
        == halves(groups, heads, np.random.default_rng(1))
    ).all()


def test_rows_of_one_person_are_averaged():
    person = np.array([0, 0, 1])
    assert pooled(np.array([1.0, 3.0, 5.0]), person, 2).tolist() == [2, 5]
    assert pooled(np.array([[1.0, 0], [3, 0], [5, 1]]), person, 2).tolist() == [[2, 0], [5, 1]]


def test_scores_that_tell_nobody_apart_are_no_measurement():
    with pytest.raises(InvalidMeasurement, match="same score"):
        require_told(np.append(np.zeros(20), np.nan))
    with pytest.raises(InvalidMeasurement, match="9 people could be scored"):
        require_told(np.append(np.arange(9.0), np.nan))
