"""Blocks of numbers, coded alike for those who teach and those who are tested."""

from __future__ import annotations

import numpy as np

from mindveil.features.blocks import standardised


def test_standard_units_come_from_the_training_people():
    one = np.array([[1.0, 5, np.nan], [3, 5, np.nan], [np.nan, np.nan, np.nan]])
    two = np.array([[4.0, 9, 1], [np.nan, 5, np.nan]])
    left, right = standardised(one, two)
    np.testing.assert_allclose(left, [[-1, 0, 0], [1, 0, 0], [np.nan] * 3])
    np.testing.assert_allclose(right, [[2, 0, 1], [0, 0, 0]])
