"""Who is in a step, and what noise it gets."""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field

import numpy as np
import pytest
from scipy import stats

from mindveil.dp.noise import Noise, SeededNoise, os_noise, seeded
from mindveil.errors import InputError
from mindveil.train import draws as module
from mindveil.train.draws import Draws, NoiseDraws, SeededDraws
from mindveil.train.normals import fine_normals


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


@dataclass(frozen=True, slots=True)
class HeardNoise:
    """Noise that remembers its coins; whoever asks for anything else gets none."""

    inner: SeededNoise
    coins: list[np.ndarray] = field(default_factory=list)

    @property
    def proved(self) -> bool:
        return False

    def gaussian(self, sigma: float, shape: tuple[int, ...]) -> np.ndarray:
        raise AssertionError((sigma, shape))

    def laplace(self, scale: float, shape: tuple[int, ...]) -> np.ndarray:
        raise AssertionError((scale, shape))

    def chosen(self, rate: float, people: int) -> np.ndarray:
        assert (rate, people) == (0.5, 256)
        self.coins.append(self.inner.chosen(rate, people))
        return self.coins[-1]


def test_noise_of_a_release_is_made_of_coins_that_are_never_used_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "_BLOCK", 6)
    noise = HeardNoise(SeededNoise(rng(4)))
    found = np.full((2, 1, 11), np.nan, np.float32)
    for out in found:
        NoiseDraws(noise).normals(0, out)
    keys = [np.packbits(c).tobytes() for c in noise.coins]
    assert len(set(keys)) == 4
    assert all(len(k) == 32 for k in keys)
    blocks = []
    for key in keys:
        bits = np.frombuffer(hashlib.shake_256(key).digest(48), "<u8").reshape(2, 3)
        blocks.append(fine_normals(bits).astype(np.float32))
    np.testing.assert_array_equal(found[0, 0], [*blocks[0], *blocks[1][:5]])
    np.testing.assert_array_equal(found[1, 0], [*blocks[2], *blocks[3][:5]])


def test_noise_of_the_system_cannot_be_drawn_again() -> None:
    both = np.empty((2, 1, 1000), np.float32)
    source: Noise = os_noise()
    for out in both:
        NoiseDraws(source).normals(0, out)
    assert abs(np.corrcoef(both[:, 0])[0, 1]) < 0.15
    assert stats.kstest(both.ravel().astype(np.float64), "norm").pvalue > 1e-6


@pytest.mark.parametrize("draws", BOTH)
@pytest.mark.parametrize("rate", [0.0, -0.1, 1.1, math.nan])
def test_a_rate_that_is_none_is_refused(draws: Draws, rate: float) -> None:
    with pytest.raises(InputError, match="sampling rate"):
        draws.batches(rate, 5, 1)
