"""Cut bell curves: series worked by hand, inversions that come back, tables that are drawn right."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.latent import (
    Latent,
    curve_correlation,
    gap_patterns,
    gap_series,
    item_scores,
    nearest_correlation,
    score_covariance,
    score_table,
    series,
    smoothed,
    thresholds,
)

ITEM = Variable(name="q", kind="ordinal", levels=("0", "1", "2", "3"))
NOMINAL = Variable(name="n", kind="nominal", levels=("a", "b", "c"))


def joint(correlation, margin=(0.4, 0.3, 0.2, 0.1), gaps=(), shares=()):
    book = Codebook(variables=(ITEM, Variable(name="r", kind="ordinal", levels=ITEM.levels)))
    size = 2 + len(gaps)
    matrix = np.eye(size)
    matrix[0, 1] = matrix[1, 0] = correlation
    return Latent(
        codebook=book,
        margins=(np.array(margin), np.array(margin)),
        orders=(np.arange(4), np.arange(4)),
        gaps=gaps,
        gap_shares=np.array(shares),
        correlation=matrix,
    )


def test_halves_have_the_covariance_of_sheppards_formula():
    # Two curves cut at 0, scored 0 and 1: covariance asin(r) / (2 pi).
    half = series(np.array([0.5, 0.5]), np.array([0.0, 1.0]))
    both = np.vstack([half, half])
    for r in (-0.8, -0.3, 0.0, 0.5, 0.8):
        found = score_covariance(both, np.array([[1.0, r], [r, 1.0]]))[0, 1]
        assert found == pytest.approx(math.asin(r) / (2.0 * math.pi), abs=1e-5)


def test_thresholds_and_scores_by_hand():
    assert thresholds(np.array([0.25, 0.5, 0.25])).tolist() == pytest.approx(
        [ndtri(0.25), ndtri(0.75)]
    )
    # 0 and 1 with one half each: mean .5, spread .5.
    scores = item_scores(ITEM, np.array([0.5, 0.5, 0.0, 0.0]), np.arange(4))
    assert scores[:2].tolist() == pytest.approx([-1.0, 1.0])
    nominal = item_scores(NOMINAL, np.array([0.25, 0.25, 0.5]), np.array([2, 0, 1]))
    assert nominal[2] < nominal[0] < nominal[1]


def test_a_variable_with_one_cell_has_no_score_and_no_correlation():
    one = Variable(name="o", kind="ordinal", levels=("0",))
    assert item_scores(one, np.ones(1), np.arange(1)).tolist() == [0.0]
    flat = np.zeros((2, 40))
    assert curve_correlation(flat, np.full((2, 2), 0.3)).tolist() == [[1.0, 0.0], [0.0, 1.0]]


def test_score_tables_leave_gaps():
    codes = np.array([[0, 2], [1, -1]], dtype=np.int16)
    found = score_table(codes, [np.array([5.0, 6.0]), np.array([1.0, 2.0, 3.0])])
    assert found[0].tolist() == [5.0, 3.0]
    assert found[1, 0] == 6.0
    assert np.isnan(found[1, 1])


margins = st.lists(st.floats(0.02, 1.0), min_size=2, max_size=6).map(lambda m: np.array(m) / sum(m))


@settings(max_examples=60, deadline=None)
@given(first=margins, second=margins, r=st.floats(-0.9, 0.9))
def test_the_correlation_of_curves_comes_back_from_that_of_scores(first, second, r):
    both = np.vstack([series(m, np.arange(len(m), dtype=float)) for m in (first, second)])
    wanted = np.array([[1.0, r], [r, 1.0]])
    covariance = score_covariance(both, wanted)
    back = curve_correlation(both, covariance)
    # Where scores hardly move with the curves the correlation is not told; covariances are.
    assert score_covariance(both, back) == pytest.approx(covariance, abs=1e-6)
    assert back.tolist() == back.T.tolist()


@settings(max_examples=40, deadline=None)
@given(size=st.integers(2, 12), seed=st.integers(0, 10_000))
def test_whatever_is_put_in_a_valid_correlation_matrix_comes_out(size, seed):
    raw = np.random.default_rng(seed).uniform(-1.0, 1.0, (size, size))
    found = nearest_correlation((raw + raw.T) / 2.0)
    assert np.diag(found).tolist() == [1.0] * size
    assert np.abs(found).max() <= 1.0 + 1e-9
    assert np.linalg.eigvalsh(found)[0] > 0.0


def test_a_valid_matrix_is_left_alone():
    matrix = np.array([[1.0, 0.4], [0.4, 1.0]])
    assert nearest_correlation(matrix).tolist() == matrix.tolist()


def test_a_drawn_table_has_the_margins_and_the_correlation():
    drawn = joint(0.6).draw(20_000, np.random.default_rng(1))
    shares = np.bincount(drawn[:, 0]) / len(drawn)
    assert shares.tolist() == pytest.approx([0.4, 0.3, 0.2, 0.1], abs=0.012)
    step = series(np.array([0.4, 0.3, 0.2, 0.1]), np.arange(4.0))
    due = score_covariance(np.vstack([step, step]), np.array([[1.0, 0.6], [0.6, 1.0]]))[0, 1]
    assert np.cov(drawn.T)[0, 1] == pytest.approx(due, abs=0.02)


def test_independent_curves_give_independent_answers():
    drawn = joint(0.0).draw(20_000, np.random.default_rng(2))
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 0.02


def test_gaps_are_drawn_together_and_as_often_as_they_should():
    latent = joint(0.3, gaps=((0, 1),), shares=(0.2,))
    drawn = latent.draw(10_000, np.random.default_rng(3))
    assert ((drawn[:, 0] < 0) == (drawn[:, 1] < 0)).all()
    assert (drawn[:, 0] < 0).mean() == pytest.approx(0.2, abs=0.015)


def test_drawing_is_repeated_by_the_seed_and_small_tables_can_be_drawn():
    latent = joint(0.5)
    first, again = (latent.draw(50, np.random.default_rng(4)) for _ in range(2))
    assert first.tobytes() == again.tobytes()
    assert latent.draw(1, np.random.default_rng(5)).shape == (1, 2)


def test_gap_patterns_and_series():
    missing = np.array([[True, True, False, True], [False, False, False, True]])
    assert gap_patterns(missing) == ((0, 1), (3,))
    assert (gap_series(np.array([0.3])) ** 2).sum() == pytest.approx(0.21, abs=0.02)
    assert gap_series(np.zeros(0)).shape == (0, 40)


def test_smoothing_leaves_no_cell_empty():
    assert smoothed(np.zeros(4)).tolist() == [0.25] * 4
    assert smoothed(np.array([10.0, 0.0])).min() > 0.0
