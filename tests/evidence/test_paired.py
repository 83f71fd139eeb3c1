"""Two models on the same people: paired differences by hand, and nothing where they agree."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.evidence.detection import accuracy, auroc
from mindveil.evidence.paired import counted_change, mean_over_repeats, paired_change

TRUTH = np.array([[0.0, 0, 1, 1], [0, 0, 1, np.nan]])
RIGHT = np.array([[0.1, 0.2, 0.8, 0.9], [0.1, 0.2, 0.8, np.nan]])
HALF = np.array([[0.1, 0.8, 0.2, 0.9], [0.1, 0.2, 0.8, np.nan]])


def test_the_mean_over_repeats_by_hand():
    # 2 of 4 right, then 3 of 3: (1/2 + 1) / 2
    ones = np.ones((1, 4))
    assert mean_over_repeats(accuracy, TRUTH, HALF, ones)[0] == pytest.approx(0.75)
    assert mean_over_repeats(accuracy, TRUTH, RIGHT, ones)[0] == 1.0
    none = np.full((1, 4), np.nan)
    assert np.isnan(mean_over_repeats(accuracy, none, none, ones)).all()


def test_the_difference_is_paired():
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, size=(1, 300)).astype(float)
    one = np.clip(truth + rng.normal(scale=0.6, size=truth.shape), 0, 1)
    same = paired_change(auroc, truth, (one, one), rng)
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)
    noise = rng.normal(scale=0.6, size=truth.shape)
    worse = paired_change(auroc, truth, (np.clip(one + noise, 0, 1), one), rng)
    assert worse.high < 0


def test_few_decisions_that_all_changed_one_way_are_no_proof_of_no_loss():
    truth = np.array([[1.0] * 20 + [0.0] * 40])
    original = np.ones((1, 60), dtype=bool)
    released = original.copy()
    released[0, [0, 20, 21]] = False
    found = counted_change(truth, (released, original), by_class=True)
    assert found.value == pytest.approx(-(1 / 20 + 2 / 40) / 2)
    assert found.low < -0.08
    assert found.n == 60


def test_a_loss_of_exactly_the_margin_is_rarely_called_none():
    rng = np.random.default_rng(5)
    called, studies = 0, 400
    for _ in range(studies):
        case, lost = rng.random((1, 60)) < 0.4, rng.random((1, 60)) < 0.05
        found = counted_change(case * 1.0, (~lost, np.ones((1, 60), dtype=bool)), by_class=True)
        called += found.low >= -0.05
    assert called <= 0.025 * studies + 2 * np.sqrt(studies * 0.025)
