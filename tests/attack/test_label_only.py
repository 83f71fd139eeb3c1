"""Label-only: the distance to a boundary, told by decisions alone."""

from __future__ import annotations

import numpy as np
from scipy.stats import spearmanr

from mindveil.attack.label_only import robustness


def test_people_further_from_the_boundary_are_kept_under_more_noise():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(400, 20))
    weights = rng.normal(size=20)
    asked = []

    def ask(shaken):
        asked.append(shaken.shape)
        return shaken @ weights >= 0

    labels = (rows @ weights >= 0).astype(float)
    found = robustness(ask, rows, labels, np.random.default_rng(1))
    assert asked == [(400, 20)] * 49
    for group in (0, 1):
        here = labels == group
        assert spearmanr(found[here], np.abs(rows[here] @ weights))[0] > 0.85


def test_whom_the_model_gets_wrong_comes_last():
    rows = np.array([[1.0], [1.1], [-1.0], [3.0]])
    found = robustness(lambda r: r[:, 0] >= 0, rows, np.ones(4), np.random.default_rng(0))
    assert found.argmin() == 2
    assert found.argmax() == 3


def test_the_same_noise_twice():
    rng = np.random.default_rng(0)
    rows, labels = rng.normal(size=(30, 4)), (rng.random(30) < 0.5).astype(float)
    one, two = (
        robustness(lambda r: r.sum(axis=1) > 0, rows, labels, np.random.default_rng(5))
        for _ in range(2)
    )
    assert one.tobytes() == two.tobytes()
