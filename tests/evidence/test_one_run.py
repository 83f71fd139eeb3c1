"""The one-run audit: the published figures, an exact mechanism, and what cannot be shown."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.dp.conversion import mu_of
from mindveil.errors import InputError
from mindveil.evidence.one_run import (
    epsilon_lower_bound,
    guessed,
    most_auditable,
    p_value,
    power,
)


def rng(seed=7):
    return np.random.default_rng(seed)


@pytest.mark.parametrize(("canaries", "most"), [(100, 3.49), (142, 3.85), (1000, 5.81)])
def test_what_so_many_canaries_can_show_at_most(canaries, most):
    assert most_auditable(canaries, 0.95) == pytest.approx(most, abs=0.005)
    all_right = epsilon_lower_bound(canaries, canaries, canaries, 0.0, 0.95)
    assert all_right == pytest.approx(most_auditable(canaries, 0.95), abs=1e-9)


def test_probabilities_by_hand():
    # Three of three by coins; two or three of three; three of three at odds of 3 to 1.
    assert p_value(3, 3, 3, 0.0, 0.0) == pytest.approx(1 / 8)
    assert p_value(3, 2, 3, 0.0, 0.0) == pytest.approx(1 / 2)
    assert p_value(3, 3, 3, math.log(3), 0.0) == pytest.approx(27 / 64)


def test_the_term_of_delta_by_hand():
    # 2 of 2 by coins: 1/4; W = 1 has 1/2, W in {0, 1} has 3/4 over 2: the worst is 1/2.
    assert p_value(2, 2, 5, 0.0, 0.01) == pytest.approx(1 / 4 + 2 * 5 * 0.01 * 1 / 2)
    # 1 of 2: only W = 0 (1/4) misses.
    assert p_value(2, 1, 5, 0.0, 0.01) == pytest.approx(3 / 4 + 2 * 5 * 0.01 / 4)


def test_bounds_by_hand():
    # p ** 5 = .05 where p = .5493: odds of 1.2188.
    assert epsilon_lower_bound(5, 5, 5, 0.0, 0.95) == pytest.approx(0.1979, abs=1e-3)
    assert epsilon_lower_bound(4, 4, 4, 0.0, 0.95) == 0.0  # 1/16 is above 5 %
    assert epsilon_lower_bound(0, 0, 9, 0.0, 0.95) == 0.0


def test_a_delta_and_canaries_in_the_dark_weaken_a_bound():
    plain = epsilon_lower_bound(100, 90, 100, 0.0, 0.95)
    assert epsilon_lower_bound(100, 90, 100, 1e-4, 0.95) < plain
    assert epsilon_lower_bound(100, 90, 1000, 1e-4, 0.95) < epsilon_lower_bound(
        100, 90, 100, 1e-4, 0.95
    )
    # Without a delta those abstained from cost nothing.
    assert epsilon_lower_bound(100, 90, 1000, 0.0, 0.95) == plain


@given(
    guesses=st.integers(1, 200),
    share=st.floats(0, 1),
    delta=st.sampled_from([0.0, 1e-6, 1e-4]),
    confidence=st.sampled_from([0.9, 0.95, 0.999]),
)
@settings(max_examples=40)
def test_more_right_guesses_show_no_less(guesses, share, delta, confidence):
    right = round(share * guesses)
    bound = epsilon_lower_bound(guesses, right, 200, delta, confidence)
    assert 0 <= bound <= most_auditable(200, confidence) + 1e-9
    if right < guesses:
        assert epsilon_lower_bound(guesses, right + 1, 200, delta, confidence) >= bound - 1e-9
    assert epsilon_lower_bound(guesses, right, 200, delta, 0.9999) <= bound + 1e-9


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 3.0])
def test_the_truth_is_exceeded_no_more_often_than_allowed(epsilon):
    """Randomised response is exactly epsilon private: 4,000 audits of it, by their counts."""
    canaries, audits = 120, 4000
    rate = 1 / (1 + math.exp(-epsilon))
    right = rng().binomial(canaries, rate, audits)
    above = {
        int(v): epsilon_lower_bound(canaries, int(v), canaries, 0.0, 0.95) > epsilon
        for v in np.unique(right)
    }
    wrong = np.mean([above[int(v)] for v in right])
    assert wrong <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / audits)
    assert wrong > 0.005  # it is not merely silent


def test_a_failure_of_probability_delta_is_allowed_for():
    """With probability delta a canary is told outright, else a coin: (0, delta) private."""
    canaries, delta, audits = 200, 0.002, 4000
    told = rng().random((audits, canaries)) < delta
    right = (told | (rng(8).random((audits, canaries)) < 0.5)).sum(axis=1)
    bounds = {
        int(v): epsilon_lower_bound(canaries, int(v), canaries, delta, 0.95)
        for v in np.unique(right)
    }
    wrong = np.mean([bounds[int(v)] > 0 for v in right])
    assert wrong <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / audits)


def test_guesses_go_to_the_surest_by_hand():
    scores = np.array([0.1, 0.9, -0.5, 0.4, -0.8])
    asked, taken = guessed(scores, 3)
    assert asked.tolist() == [False, True, True, False, True]
    assert taken.tolist() == [False, True, False, False, False]
    nobody, _ = guessed(scores, 0)
    assert not nobody.any()
    everybody, _ = guessed(scores, 5)
    assert everybody.all()


@given(count=st.integers(1, 30), share=st.floats(0, 1), seed=st.integers(0, 99))
def test_as_many_are_guessed_as_were_asked_for(count, share, seed):
    guesses = round(share * count)
    scores = rng(seed).standard_normal(count)
    asked, taken = guessed(scores, guesses)
    assert asked.sum() == guesses
    assert (taken == (asked & (scores > 0))).all()
    assert not (taken & ~asked).any()


def test_few_canaries_show_nothing_of_a_small_epsilon():
    seen = power(1.0, 1e-5, 50, 0.95, rng())
    assert seen.chance < 0.5
    assert seen.shown <= 1.0
    assert 2.5 < seen.most < most_auditable(50, 0.95)


def test_many_canaries_show_most_of_a_large_epsilon():
    seen = power(8.0, 1e-5, 1000, 0.95, rng())
    assert seen.chance == 1.0
    assert 1.5 < seen.shown < 8.0
    assert 0 < seen.guesses < 1000


def test_the_ideal_attacker_stays_below_the_claim():
    for epsilon in (0.5, 1.0, 3.0):
        seen = power(epsilon, 1e-4, 300, 0.95, rng())
        assert seen.shown < epsilon
    assert power(3.0, 0.0, 300, 0.95, rng()).shown > power(3.0, 1e-4, 300, 0.95, rng()).shown


def test_the_simulated_attacker_is_as_good_as_one_who_is_played_out():
    canaries, guesses = 200, 200
    seen = power(3.0, 1e-5, canaries, 0.95, rng())
    source, right = rng(3), []
    for _ in range(200):
        inside = source.random(canaries) < 0.5
        scores = mu_of(3.0, 1e-5) * (inside - 0.5) + source.standard_normal(canaries)
        asked, taken = guessed(scores, seen.guesses)
        right.append(int((taken == inside)[asked].sum()))
    middle = epsilon_lower_bound(seen.guesses, int(np.median(right)), canaries, 1e-5, 0.95)
    assert middle == pytest.approx(seen.shown, abs=0.15)
    assert guesses >= seen.guesses


def test_the_same_question_has_the_same_answer():
    assert power(2.0, 1e-5, 100, 0.95, rng(4)) == power(2.0, 1e-5, 100, 0.95, rng(4))


@pytest.mark.parametrize(
    "asked",
    [
        lambda: p_value(3, 4, 5, 0.0, 0.0),
        lambda: p_value(6, 4, 5, 0.0, 0.0),
        lambda: p_value(0, 0, 0, 0.0, 0.0),
        lambda: p_value(1, 1, 1, 0.0, -0.1),
        lambda: epsilon_lower_bound(1, 1, 1, 0.0, 1.0),
        lambda: most_auditable(0, 0.95),
        lambda: power(0.0, 1e-5, 10, 0.95, rng()),
        lambda: guessed(np.zeros(2), 3),
    ],
)
def test_what_cannot_be_is_refused(asked):
    with pytest.raises(InputError):
        asked()
