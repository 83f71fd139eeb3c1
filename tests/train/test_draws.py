"""Who is in a step, and what noise it gets."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from mindveil.dp.noise import seeded
from mindveil.errors import InputError
from mindveil.train.draws import Draws, NoiseDraws, SeededDraws


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng([5, seed])


BOTH = [SeededDraws.of(1, rng()), NoiseDraws(seeded(rng()))]


@pytest.mark.parametrize("draws", BOTH)
def test_batches_are_of_random_size_and_everybody_is_equally_often_in_them(draws: Draws) -> None:
    found = draws.batches(0.3, 50, 2000)
    inside = np.zeros((2000, 50))
    for step, people in enumerate(found):
        assert np.all(np.diff(people) > 0)
        inside[step, people] = 1.0
    sizes = inside.sum(axis=1)
    assert abs(inside.mean() - 0.3) < 4.0 * math.sqrt(0.21 / inside.size)
    assert np.var(sizes) == pytest.approx(50 * 0.21, rel=0.15)
    often = stats.chisquare(inside.sum(axis=0)).pvalue
    assert often > 1e-3
    assert abs(np.corrcoef(inside[:-1].ravel(), inside[1:].ravel())[0, 1]) < 0.02


@pytest.mark.parametrize("draws", BOTH)
def test_noise_is_standard_normal(draws: Draws) -> None:
    out = np.empty((1, 20_000), np.float32)
    draws.normals(0, out)
    again = np.empty_like(out)
    draws.normals(0, again)
    assert stats.kstest(out[0].astype(np.float64), "norm").pvalue > 1e-3
    assert abs(np.corrcoef(out[0], again[0])[0, 1]) < 0.03


def test_a_model_has_the_same_noise_however_many_there_are() -> None:
    few, many = np.empty((2, 9), np.float32), np.empty((5, 9), np.float32)
    SeededDraws.of(2, rng(1)).normals(0, few)
    SeededDraws.of(5, rng(1)).normals(0, many)
    np.testing.assert_array_equal(few, many[:2])
    last, alone = np.empty((1, 9), np.float32), np.empty((1, 9), np.float32)
    SeededDraws.of(5, rng(1)).normals(4, last)
    SeededDraws.of(5, rng(1)).only(4).normals(0, alone)
    np.testing.assert_array_equal(last, alone)
    np.testing.assert_array_equal(last[0], many[4])


@pytest.mark.parametrize("draws", BOTH)
@pytest.mark.parametrize("rate", [0.0, -0.1, 1.1, math.nan])
def test_a_rate_that_is_none_is_refused(draws: Draws, rate: float) -> None:
    with pytest.raises(InputError, match="sampling rate"):
        draws.batches(rate, 5, 1)
