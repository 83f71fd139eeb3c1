"""The likelihood ratio of a sum with one person in it and without."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.attack.sum_membership import Suspicion, as_one, of_any, overlap_of


def at_length(own, heard, share, ridge):
    """The same ratio with every covariance written out, one person after the other."""
    chance = share if share < 1.0 else 0.5
    others = share * (1.0 - chance)
    found = []
    for person, mine in enumerate(own):
        rest = np.delete(own, person, axis=0)
        spread = others * rest.T @ rest + ridge * np.eye(own.shape[1])
        beyond = heard - share * own.sum(axis=0)
        found.append(mine @ np.linalg.solve(spread, beyond - (0.5 - chance) * mine))
    return np.array(found)


# Two people in one direction, chance 1/2, noise 1: the other one adds .25 * c**2 to the variance,
# and the middle of the sum is half of both.
@pytest.mark.parametrize(
    ("own", "heard", "ratios"),
    [
        ((1.0, 1.0), 2.0, (0.8, 0.8)),  # 1 beyond the middle of 1, variance 1.25
        ((1.0, 1.0), 0.0, (-0.8, -0.8)),
        ((1.0, 1.0), 1.0, (0.0, 0.0)),
        ((2.0, 0.0), 2.0, (2.0, 0.0)),  # nobody else: 2 * 1 / 1; who sends nothing is not judged
        ((2.0, 2.0), 4.0, (2.0, 2.0)),  # 2 beyond 2: 2 * 2 / (1 + 1)
        ((1.0, -1.0), 1.0, (0.8, -0.8)),
    ],
)
def test_ratios_by_hand(own, heard, ratios):
    people = np.array(own)[:, None]
    suspected = Suspicion.of(overlap_of(people, np.array([[heard]])), np.array([0.5]))
    np.testing.assert_allclose(suspected.scores(0.0, 1.0)[:, 0], ratios, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(2, 7),
    st.integers(1, 9),
    st.sampled_from([0.2, 0.5, 0.8, 1.0, 3.0]),
    st.sampled_from([0.3, 2.0]),
)
def test_ratios_from_inner_products_are_those_written_out(seed, people, entries, share, noise):
    rng = np.random.default_rng(seed)
    own, heard = rng.normal(size=(people, entries)), rng.normal(size=entries)
    found = Suspicion.of(overlap_of(own, heard[None]), np.array([share])).scores(0.0, noise)
    wanted = at_length(own, heard, share, noise**2)
    np.testing.assert_allclose(found[:, 0], wanted, rtol=1e-6, atol=1e-8)


def test_what_nobody_did_widens_the_bell_like_noise():
    rng = np.random.default_rng(4)
    own, heard = rng.normal(size=(5, 3)), rng.normal(size=3)
    suspected = Suspicion.of(overlap_of(own, heard[None]), np.array([0.5]))
    typical = 0.25 * np.trace(own @ own.T) / 5
    found = suspected.scores(0.5, 1.0)[:, 0]
    np.testing.assert_allclose(found, at_length(own, heard, 0.5, 1.0 + 0.5 * typical), rtol=1e-9)


def test_rounds_one_after_the_other_are_one_long_round():
    rng = np.random.default_rng(5)
    own, heard = rng.normal(size=(4, 6)), rng.normal(size=(2, 6))
    whole = overlap_of(own, heard)
    parts = overlap_of(own[:, :2], heard[:, :2]).and_then(overlap_of(own[:, 2:], heard[:, 2:]))
    np.testing.assert_allclose(parts.alike, whole.alike)
    np.testing.assert_allclose(parts.heard, whole.heard)


def test_without_noise_and_with_room_enough_nobody_else_makes_up_the_sum():
    rng = np.random.default_rng(6)
    own = rng.normal(size=(60, 80))
    inside = rng.random(60) < 0.4
    heard = own[inside].sum(axis=0)[None]
    found = Suspicion.of(overlap_of(own, heard), np.array([inside.mean()])).scores(1e-8, 0.0)
    assert ((found[:, 0] > 0.0) == inside).all()


def test_loud_noise_leaves_chance():
    rng = np.random.default_rng(7)
    own = rng.normal(size=(400, 20))
    inside = np.arange(400) < 200
    heard = own[inside].sum(axis=0)[None] + 1e4 * rng.normal(size=(1, 20))
    found = Suspicion.of(overlap_of(own, heard), np.array([0.5])).scores(0.0, 1e4)[:, 0]
    higher = (np.sign(found[inside][:, None] - found[~inside]) / 2 + 0.5).mean()
    assert 0.4 < higher < 0.6


def test_a_signal_of_one_person_is_hers_before_anybody_elses():
    away = np.array([[0.0, 4.0], [2.0, 0.0], [2.0, 4.0]])
    found = as_one(away, 1.0)
    # First signal: exp(0, -1, -1), mean (1 + 2 / e) / 3.
    mean = (1.0 + 2.0 * np.exp(-1.0)) / 3.0
    np.testing.assert_allclose(found[:, 0], [-np.log(mean), -1 - np.log(mean), -1 - np.log(mean)])
    assert found.argmax(axis=0).tolist() == [0, 1]


def test_a_person_is_in_one_of_the_signals_at_most():
    found = of_any(np.array([[np.log(3.0), np.log(1.0)], [-1e9, -1e9]]))
    np.testing.assert_allclose(found, [np.log(2.0), -1e9])
