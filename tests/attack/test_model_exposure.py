"""Exposure in bits: what nobody taught is found at chance, and what was taught often stands out."""

from __future__ import annotations

import numpy as np
import pytest
from tests.attack.audit_toys import ConstantRecipe, DeafRecipe, MeanRecipe, budget, situation

from mindveil.attack.model_exposure import REPEATS, ModelExposure, exposure
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.evidence.canaries import measure_exposures


def rng(seed=7):
    return np.random.default_rng(seed)


def exposed(recipe, folds=3, **settings):
    release, knowledge = situation(recipe)
    attack = ModelExposure(**settings)
    found = [(attack.run(release, knowledge, rng(f))[0], None) for f in range(folds)]
    return {m.metric: m for m in measure_exposures(found, rng())}


def test_bits_by_hand():
    # Three candidates: first of four is 2 bits, second 1; half way between them log2(4 / 1.5).
    losses = np.array([[0.1, 9.0, 9.0], [9.0, 0.4, 9.0], [9.0, 9.0, 0.3]])
    candidates = np.array([[0.5, 0.3, 0.3], [0.7, 0.5, 0.9], [0.9, 0.6, 0.8]])
    found = exposure(np.vstack([losses, candidates]), 3)
    assert found == pytest.approx([2.0, 1.0, np.log2(4 / 1.5)])


def test_a_model_that_learns_nothing_exposes_nobody():
    figures = exposed(DeafRecipe(), folds=4)
    for often in REPEATS:
        seen = figures[f"exposure@{often}"]
        assert seen.baseline == pytest.approx(1.44, abs=0.02)
        assert seen.estimate.value == pytest.approx(seen.baseline, abs=4 * 1.44 / 8)
        assert seen.estimate.n == 64


def test_who_taught_a_hundred_times_stands_out():
    figures = exposed(MeanRecipe(), folds=2)
    once, often = figures["exposure@1"].estimate, figures["exposure@100"].estimate
    assert often.value > once.value
    assert often.value > 9.9  # of 10
    assert "at most 10.0" in figures["exposure@100"].note


def test_noise_hides_one_and_not_a_hundred():
    plain = exposed(MeanRecipe(), folds=2)["exposure@1"].estimate
    figures = exposed(MeanRecipe(budget=budget(1.0)), folds=2)
    assert figures["exposure@1"].estimate.value < plain.value
    assert figures["exposure@100"].estimate.low > figures["exposure@1"].estimate.high


def test_a_model_that_says_one_thing_is_invalid():
    with pytest.raises(InvalidMeasurement, match="everybody alike"):
        exposed(ConstantRecipe())


def test_the_same_exposure_twice_is_the_same():
    one, two = (exposed(MeanRecipe(budget=budget(3.0)), folds=1) for _ in range(2))
    assert one == two


def test_settings_that_cannot_be_are_refused():
    with pytest.raises(InputError, match="at least 2 and 16"):
        ModelExposure(canaries=1)
