"""Noisy steps downhill: one step by hand, and what is paid for each."""

from __future__ import annotations

import numpy as np
import pytest
from tests.train.taught_people import Silent, budget, cohort, table

from mindveil.train.noisy_gradient import COUNT, LINE, NoisyGradient
from mindveil.train.unit_rows import CONSTANT


def test_one_step_by_hand(monkeypatch):
    """Twenty people at x = .35 (half the reach), severity .5: each pulls by .5 / root 2."""
    people = table(np.full((20, 1), 0.35), np.full(20, 14.5))
    seen, plain = [], NoisyGradient._descended

    def spy(self, gradient, counted, columns):
        seen.append(plain(self, gradient, counted, columns))
        return seen[-1]

    monkeypatch.setattr(NoisyGradient, "_descended", spy)
    recipe = NoisyGradient(budget=budget(1.0, 1e-3), steps=1)
    recipe.fit(people, Silent(), np.random.default_rng(1))
    pull = 0.5 / np.sqrt(2.0)
    expected = [1.5 * pull * 0.5 * np.sqrt(1 - CONSTANT**2), 1.5 * pull * CONSTANT]
    assert seen[0][:, 0].tolist() == pytest.approx(expected, abs=1e-3)


def test_a_count_the_steps_and_a_line_pay_for_everything():
    silent, promise = Silent(), budget(1.0, 1e-4)
    NoisyGradient(budget=promise, steps=7).fit(cohort(1), silent, np.random.default_rng(1))
    assert len(silent.sigmas) == 9
    parts = [promise.share(part).sigma(4096) for part in (COUNT, (1 - COUNT - LINE) / 7, LINE)]
    assert silent.sigmas == pytest.approx([parts[0], *[parts[1]] * 7, parts[2]])


def test_more_steps_without_noise_come_nearer_to_the_least():
    people = cohort(3, 400)
    far, near = (
        NoisyGradient(budget=budget(1e3, 1e-4), steps=steps)
        .fit(people, Silent(), np.random.default_rng(1))
        .head.severity(people.rows)
        for steps in (2, 100)
    )
    errors = [np.square(told - people.totals).mean() for told in (far, near)]
    assert errors[1] < errors[0]
