"""Back-ends: cosines and likelihood ratios by hand, and planted directions that are found."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal

from mindveil.attack.back_ends import (
    Spread,
    TwoCovariance,
    centring,
    cosine,
    lda,
    plda,
    spread_of,
    unit,
    wccn,
)

LEARNED = (centring, wccn, lda, plda)


def spread(within, between, people=50):
    size = len(within)
    return Spread(
        centre=np.zeros(size), within=np.array(within), between=np.array(between), people=people
    )


def drawn(people, times, rng, *, size=20, own=5, noise=3.0):
    """Return rows whose first axes tell people apart and whose last ones are noise."""
    mine = np.zeros((people, size))
    mine[:, :own] = rng.normal(size=(people, own))
    rows = np.repeat(mine, times, axis=0)
    rows[:, :own] += 0.3 * rng.normal(size=(len(rows), own))
    rows[:, own:] += noise * rng.normal(size=(len(rows), size - own))
    return rows, [f"p{i}" for i in np.repeat(np.arange(people), times)]


def first(scores):
    """Return how often the own one, on the diagonal, is the best."""
    return float((scores.argmax(axis=1) == np.arange(len(scores))).mean())


# --- by hand ----------------------------------------------------------------------------------


def test_cosine_by_hand():
    one, two = np.array([[3.0, 4.0], [0.0, -2.0]]), np.array([[1.0, 0.0], [0.0, 5.0]])
    assert cosine(one, two) == pytest.approx(np.array([[0.6, 0.8], [0.0, -1.0]]))


def test_a_silent_recording_matches_nobody():
    seen = cosine(np.array([[np.nan, 1.0], [1.0, 0.0]]), np.array([[1.0, 0.0], [0.0, 0.0]]))
    assert seen.tolist() == [[-np.inf, -np.inf], [1.0, -np.inf]]
    model = plda(spread(np.eye(2), np.eye(2)))
    silent = model.score(np.array([[np.nan, 1.0]]), np.ones((3, 2)))
    assert silent.tolist() == [[-np.inf] * 3]


def test_unit_rows():
    seen = unit(np.array([[3.0, 4.0], [0.0, 0.0], [np.nan, 1.0]]))
    assert seen[0].tolist() == [0.6, 0.8]
    assert np.isnan(seen[1:]).all()


def test_spread_by_hand():
    # a: 0 and 2, b: 10 and 12, on one axis; every gap from a mean is 1, means lie 5 off centre.
    seen = spread_of(np.array([[0.0], [2.0], [10.0], [12.0]]), list("aabb"))
    assert seen.centre.tolist() == [6.0]
    assert seen.within[0, 0] == pytest.approx(
        2.0, rel=0.002
    )  # 4 squares of 1, 2 degrees of freedom
    assert seen.between[0, 0] == pytest.approx(50 - 2 / 2, rel=0.002)
    assert seen.people == 2


def test_rows_without_a_voice_teach_nothing():
    rows = np.array([[0.0], [2.0], [10.0], [12.0], [np.nan]])
    assert spread_of(rows, list("aabba")).centre.tolist() == [6.0]


def test_one_row_a_person_or_one_person_teach_nothing():
    assert spread_of(np.eye(3), list("abc")) is None
    assert spread_of(np.eye(3), list("aaa")) is None
    assert spread_of(np.full((3, 2), np.nan), list("aab")) is None


def test_the_likelihood_ratio_is_that_of_two_normal_distributions():
    within = np.array([[1.0, 0.3], [0.3, 2.0]])
    between = np.array([[3.0, -0.5], [-0.5, 1.0]])
    model = plda(spread(within, between))
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(3, 2)), rng.normal(size=(4, 2))
    total = within + between
    joint = np.block([[total, between], [between, total]])
    for i in range(3):
        for j in range(4):
            wanted = (
                multivariate_normal(np.zeros(4), joint).logpdf([*one[i], *two[j]])
                - multivariate_normal(np.zeros(2), total).logpdf(one[i])
                - multivariate_normal(np.zeros(2), total).logpdf(two[j])
            )
            assert model.score(one, two)[i, j] == pytest.approx(wanted)


def test_people_who_do_not_differ_leave_a_likelihood_ratio_of_one():
    model = TwoCovariance(centre=np.zeros(2), matrix=np.eye(2), between=np.zeros(2))
    assert model.score(np.ones((2, 2)), np.ones((3, 2))) == pytest.approx(np.zeros((2, 3)))


def test_wccn_makes_recordings_of_one_person_differ_alike_in_every_direction():
    within = np.array([[4.0, 1.0], [1.0, 2.0]])
    matrix = wccn(spread(within, np.eye(2))).matrix
    assert matrix.T @ within @ matrix == pytest.approx(np.eye(2))


def test_discriminant_analysis_has_fewer_axes_than_people():
    rows, who = drawn(5, 4, np.random.default_rng(0))
    assert lda(spread_of(rows, who)).matrix.shape[1] <= 4


# --- properties -------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.sampled_from(LEARNED))
@settings(max_examples=25, deadline=None)
def test_which_side_asks_makes_no_difference(seed, learn):
    rng = np.random.default_rng(seed)
    rows, who = drawn(9, 3, rng, size=5)
    model = learn(spread_of(rows, who))
    one, two = rng.normal(size=(4, 5)), rng.normal(size=(6, 5))
    assert model.score(one, two) == pytest.approx(model.score(two, one).T)


@given(st.integers(2, 20), st.integers(2, 4), st.integers(2, 300), st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_few_people_and_many_dimensions_still_give_scores(people, times, size, seed):
    rng = np.random.default_rng(seed)
    rows, who = rng.normal(size=(people * times, size)), list(np.repeat(range(people), times))
    found = spread_of(rows, [str(w) for w in who])
    for learn in LEARNED:
        assert np.isfinite(learn(found).score(rows[:3], rows[-3:])).all()


@pytest.mark.parametrize("learn", LEARNED)
def test_the_same_recording_twice_and_rows_without_spread_do_not_break_it(learn):
    rows = np.repeat(np.eye(4), 2, axis=0)  # nobody differs from herself
    model = learn(spread_of(rows, [str(i) for i in np.repeat(range(4), 2)]))
    assert np.isfinite(model.score(rows, rows)).all()


# --- planted ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("people", "gain"), [(8, 0.1), (20, 0.2), (100, 0.4)])
@pytest.mark.parametrize("learn", [wccn, lda, plda])
def test_what_was_learned_on_some_finds_others_where_the_plain_cosine_does_not(learn, people, gain):
    rng = np.random.default_rng(3)
    model = learn(spread_of(*drawn(people, 6, rng), shrinkage=0.1))
    rows, _ = drawn(40, 2, np.random.default_rng(4))
    one, two = rows[::2], rows[1::2]
    plain, learned = first(cosine(one, two)), first(model.score(one, two))
    assert plain < 0.2
    assert learned > plain + gain, (plain, learned)


def test_random_labels_teach_nothing_that_beats_chance():
    rng = np.random.default_rng(5)
    hits = []
    for _ in range(20):
        rows, who = rng.normal(size=(60, 10)), [str(i) for i in rng.permutation(60) // 3]
        model = plda(spread_of(rows, who))
        hits.append(first(model.score(rng.normal(size=(30, 10)), rng.normal(size=(30, 10)))))
    assert np.mean(hits) == pytest.approx(1 / 30, abs=0.03)
