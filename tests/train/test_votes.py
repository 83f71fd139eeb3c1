"""Votes: counted by hand, never further apart than was paid for, and what a student makes of them."""

from __future__ import annotations

import math

import dp_accounting
import numpy as np
import pytest
from dp_accounting import pld
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.train.taught_people import Silent, budget

from mindveil.dp.noise import seeded
from mindveil.train.moments import UNITS
from mindveil.train.pate import LINE
from mindveil.train.votes import Ballot, noisy_votes, public_rows, student_of

ANSWERS = ("share", "label")


def rng(seed=1):
    return np.random.default_rng(seed)


def ballot(answer, rows=None, teachers=10):
    rows = public_rows(3, 64, 0.7) if rows is None else np.asarray(rows, float)
    return Ballot(rows=rows, answer=answer, teachers=teachers)


def test_three_teachers_vote_by_hand():
    """A row of 1 and one of -1; with the constant they are (.866, .5) and (-.866, .5)."""
    weights = np.array([[[1.0, 0.0], [1.0, 2.0], [0.0, -1.0], [0.0, 0.0]]])
    counted = ballot("label", [[1.0], [-1.0]]).counted(weights)
    # The first says yes and no, the second yes twice, the third no twice; the last has nobody.
    assert counted.tolist() == [[[1, 2], [2, 1]]]


def test_answers_of_every_teacher_are_of_one_length_by_hand():
    side = math.isqrt(UNITS**2 // 2)
    asked = ballot("share", [[1.0], [-1.0]])
    assert asked.counted(np.array([[[1.0, 9.0]]])).tolist() == [[side, -side]]
    assert asked.counted(np.array([[[1e-3, 0.0]]])).tolist() == [[side, -side]]
    assert asked.counted(np.array([[[0.2, 0.0], [-5.0, 1.0]]])).tolist() == [[0, 0]]
    assert asked.counted(np.array([[[0.0, 3.0], [1e-300, 1.0]]])).tolist() == [[0, 0]]


@pytest.mark.parametrize("answer", ANSWERS)
def test_one_teacher_who_turns_round_moves_the_counts_as_far_as_is_paid_for(answer):
    asked, turned = ballot(answer), np.array([[[1.0, 0.0, 0.0, 0.0]], [[-1.0, 0.0, 0.0, 0.0]]])
    here, there = asked.counted(turned)
    length = float(np.linalg.norm(here - there))
    assert 0.998 * asked.sensitivity < length <= asked.sensitivity * (1 + 1e-12)


@settings(max_examples=80, deadline=None)
@given(seed=st.integers(0, 10_000), answer=st.sampled_from(ANSWERS), power=st.integers(-150, 150))
def test_no_teacher_moves_the_counts_further(seed, answer, power):
    asked = ballot(answer, public_rows(3, 9, 0.7))
    weights = np.repeat(rng(seed).normal(size=(1, 4, 4)), 2, axis=0)
    weights[1, 2] = 10.0**power * rng([seed, 1]).normal(size=4)
    here, there = asked.counted(weights)
    assert here.dtype == np.int64
    assert np.square(here - there).sum() <= asked.sensitivity**2 * (1 + 1e-12)


@pytest.mark.parametrize("epsilon", [1.0, 8.0])
@pytest.mark.parametrize("answer", ANSWERS)
def test_one_mechanism_and_query_by_query_cost_the_same(answer, epsilon):
    """The vector at once, and each query a Gaussian of its own by dp_accounting: one epsilon."""
    promise, queries = budget(epsilon, 1e-4), 50
    asked = ballot(answer, public_rows(3, queries, 0.7))
    each = asked.sigma(promise.share(1.0 - LINE)) / (asked.sensitivity / math.sqrt(queries))
    line = promise.share(LINE).sigma(1.0)
    accountant = pld.PLDAccountant(value_discretization_interval=1e-4)
    accountant.compose(dp_accounting.GaussianDpEvent(each), queries)
    accountant.compose(dp_accounting.GaussianDpEvent(line))
    # A thousandth of delta is set aside, and the library rounds up.
    assert accountant.get_epsilon(promise.delta) == pytest.approx(epsilon, rel=3e-3)


def test_a_label_costs_the_root_of_two_a_query():
    """A teacher takes one vote away and gives another: the noise of GNMax on either count."""
    promise = budget(3.0, 1e-4)
    assert ballot("label").sigma(promise.share(1.0)) == pytest.approx(
        math.sqrt(2.0 * 64) / math.sqrt(2.0 * promise.rho)
    )


@pytest.mark.parametrize("answer", ANSWERS)
def test_noise_is_whole_and_as_much_as_was_asked_for(answer):
    asked, silent = ballot(answer), Silent()
    counted = asked.counted(rng(1).normal(size=(1, 10, 4)))[0]
    sigma = asked.sigma(budget().share(0.5))
    assert noisy_votes(counted, sigma, silent).tolist() == counted.tolist()
    assert silent.sigmas == [sigma]
    drawn = [noisy_votes(counted, sigma, seeded(rng(i))) - counted for i in range(100)]
    assert drawn[0].dtype == np.int64
    assert np.std(drawn) == pytest.approx(sigma, rel=0.05)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_student_finds_what_all_teachers_agree_on(answer):
    """Planted: a direction that ten teachers share, and answers that hardly scatter."""
    asked = ballot(answer, public_rows(3, 512, 0.7))
    planted = np.array([0.8, -0.6, 0.0])
    weights = np.tile(np.append(planted, 0.3), (1, 10, 1))
    found = student_of(asked, asked.counted(weights).astype(float), 1e-3)[:, 0]
    assert found / np.linalg.norm(found) == pytest.approx(planted, abs=0.08)
    assert np.linalg.norm(found) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_student_of_noise_is_hardly_believed_and_leans_nowhere(answer):
    """Null: 2,000 students of nothing point everywhere alike, and most are as short as can be."""
    asked = ballot(answer)
    shape = (2000, 64) if answer == "share" else (2000, 2, 64)
    sigma = asked.sigma(budget().share(1.0))
    found = student_of(asked, sigma * rng(5).standard_normal(shape), sigma)
    length = np.linalg.norm(found, axis=0)
    assert np.median(length) < 0.6
    assert length.min() >= 0.2 - 1e-9
    assert np.linalg.norm((found / length).mean(axis=1)) < 4.0 / math.sqrt(2000)


def test_public_rows_are_the_same_for_everybody_and_lie_where_rows_lie():
    rows = public_rows(12, 400, 0.7)
    assert rows.tobytes() == public_rows(12, 400, 0.7).tobytes()
    length = np.linalg.norm(rows, axis=1)
    assert length.max() <= 1.0 + 1e-12
    assert 0.5 < np.median(length) < 0.9
    odd = public_rows(2, 7, 0.7)
    assert len(odd) == 7
    assert odd[4:].tolist() == (-odd[:3]).tolist()
