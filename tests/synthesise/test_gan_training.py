from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mindveil.errors import InputError
from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.gan_model import NAMES
from mindveil.synthesise.gan_moments import lesson_of
from mindveil.synthesise.gan_training import GanSettings, _batch, _heard, _steps, train

torch = pytest.importorskip("torch", reason="torch is an optional extra")

TINY = GanSettings(epochs=2, batch=16, hidden=4, critic=4, latents=2)


def lesson():
    rng = np.random.default_rng(0)
    book = Codebook(
        variables=(
            Variable(name="a", kind="ordinal", levels=("0", "1", "2")),
            Variable(name="b", kind="nominal", levels=("p", "q")),
        )
    )
    return lesson_of(rng.integers(0, 2, size=(40, 2)).astype(np.int16), book)


@pytest.mark.parametrize(
    ("people", "steps"), [(4_000, 1_500), (2_400, 900), (200, 300), (1_000_000, 3_000)]
)
def test_an_epoch_is_the_critics_pass_through_the_table(people, steps):
    assert _steps(GanSettings(), people) == steps


def test_batches_are_whole_packs_in_two_halves():
    assert [_batch(GanSettings(), people) for people in (4_000, 399, 21, 3)] == [400, 392, 16, 8]


def test_the_critic_is_not_heard_at_the_end():
    assert [_heard(done) for done in (0.0, 0.5, 0.8, 1.0)] == [1.0, 1.0, 0.0, 0.0]


def test_only_the_generator_is_kept():
    kept = train(lesson(), TINY, 40, np.random.default_rng(1))
    assert set(kept) == NAMES - {"cells"}
    assert all(np.isfinite(w).all() for w in kept.values())


def test_without_a_critic_nobodys_row_is_looked_at():
    # Rows that contradict the moments change nothing.
    alone = replace(TINY, critic_steps=0)
    plain = lesson()
    spoiled = replace(plain, rows=1.0 - plain.rows)
    one, other = (train(x, alone, 40, np.random.default_rng(1)) for x in (plain, spoiled))
    assert all(one[name].tobytes() == other[name].tobytes() for name in one)
    heard = train(spoiled, TINY, 40, np.random.default_rng(1))
    assert any(heard[name].tobytes() != one[name].tobytes() for name in one)


@pytest.mark.parametrize("wrong", [{"pack": 0}, {"critic_steps": -1}, {"latents": 0}])
def test_settings_that_mean_nothing_are_refused(wrong):
    with pytest.raises(InputError, match="GAN"):
        GanSettings(**wrong)
