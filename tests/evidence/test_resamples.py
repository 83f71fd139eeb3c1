"""People drawn anew: everybody once, then as many people as there are."""

from __future__ import annotations

import numpy as np

from mindveil.evidence.resamples import resamples


def test_each_resample_has_as_many_people():
    made = resamples(50, 200, np.random.default_rng(1))
    assert made.shape == (201, 50)
    assert (made[0] == 1).all()
    assert (made.sum(axis=1) == 50).all()
    # a person is left out of a resample with probability (1 - 1/50)^50 = .364
    assert abs((made[1:] == 0).mean() - 0.364) < 0.01
    # the variance of how often somebody counts is 1 - 1/50
    assert abs(made[1:].var() - 0.98) < 0.03
