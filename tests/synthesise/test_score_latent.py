"""How scores go together: planted correlations, joint absence, and what one person can move."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.dp.accounting import Share
from mindveil.dp.conversion import epsilon_of
from mindveil.dp.distinguish import distinguishable
from mindveil.synthesise import score_latent
from mindveil.synthesise.marginal_tables import Column, histogram
from mindveil.synthesise.score_latent import _products, latent_scores

RICH = Share(rho=1e6)


def rng(seed=7):
    return np.random.default_rng(seed)


class QuickNoise:
    """Rounded Gaussian noise from NumPy, for many runs."""

    proved = False

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def gaussian(self, sigma, shape):
        return np.rint(self.rng.normal(0.0, sigma, shape)).astype(np.int64)


class NoNoise:
    proved = False

    def gaussian(self, sigma, shape):
        return np.zeros(shape, dtype=np.int64)


def fitted(codes, cells, may_miss):
    columns = [
        Column(codes=np.where(c < 0, n, c), cells=n, ordered=True, may_miss=may_miss)
        for c, n in zip(codes.T, cells, strict=True)
    ]
    counts = [histogram(c).astype(float) for c in columns]
    return latent_scores(columns, counts, float(len(codes)), RICH, NoNoise())


def scores(count, source):
    shape = [[1.0, 0.7, 0.2], [0.7, 1.0, -0.3], [0.2, -0.3, 1.0]]
    curves = source.multivariate_normal(np.zeros(3), shape, count)
    return np.clip(np.rint(curves * (4, 6, 3) + (8, 9, 5)), 0, (20, 25, 12)).astype(np.int64)


def test_planted_correlations_come_back():
    codes = scores(6000, rng())
    drawn = fitted(codes, (21, 26, 13), may_miss=False).draw(6000, rng(1))
    assert np.corrcoef(drawn.T) == pytest.approx(np.corrcoef(codes.T), abs=0.04)
    assert drawn.mean(axis=0) == pytest.approx(codes.mean(axis=0), abs=0.25)


def test_scales_that_are_left_out_together_are_left_out_together():
    codes = scores(6000, rng())
    codes[rng(2).random(6000) < 0.25, :2] = -1
    drawn = fitted(codes, (21, 26, 13), may_miss=True).draw(6000, rng(1))
    gone = drawn < 0
    assert gone.mean(axis=0) == pytest.approx([0.25, 0.25, 0.0], abs=0.02)
    assert (gone[:, 0] == gone[:, 1]).mean() > 0.95
    there = ~gone[:, 0] & ~gone[:, 1]
    assert np.corrcoef(drawn[there, :2].T)[0, 1] == pytest.approx(0.7, abs=0.06)


def test_one_score_needs_no_products():
    codes = scores(500, rng())[:, :1]
    drawn = fitted(codes, (21,), may_miss=False).draw(500, rng(1))
    assert drawn.shape == (500, 1)


@settings(max_examples=60)
@given(st.lists(st.tuples(*[st.floats(-50, 50)] * 3), min_size=2, max_size=8))
def test_one_person_moves_the_sum_of_products_by_at_most_its_bound(rows):
    table = np.array(rows)
    moved = _products(table, 1.0, RICH, NoNoise()) - _products(table[:-1], 1.0, RICH, NoNoise())
    limit = score_latent._LONGEST * math.sqrt(3)
    assert np.linalg.norm(moved[np.triu_indices(3, 1)]) <= limit + 2e-3


def test_noise_for_a_shorter_row_is_told_apart(monkeypatch):
    # The person at the bound: every score three standard deviations up.
    rows = np.array([[1.0, -1.0, 0.5], [3.0, 3.0, 3.0]])
    share, delta = Share(rho=0.05), 1e-2

    def seen(table, seed):
        source = QuickNoise(seed)
        return np.array([_products(table, 1.0, share, source).sum() for _ in range(3000)])

    def alarm():
        epsilon = epsilon_of(share.rho, delta)
        return distinguishable(seen(rows, 1), seen(rows[:1], 2), epsilon, delta).alarm

    assert not alarm()
    monkeypatch.setattr(Share, "sigma", lambda self, sensitivity: 0.4 * sensitivity / 0.1**0.5)
    assert alarm()
