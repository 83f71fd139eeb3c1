"""A regression on noisy sums: by hand where there is no noise, and one mechanism in all."""

from __future__ import annotations

import numpy as np
import pytest
from tests.train.taught_people import Silent, budget, cohort, table

from mindveil.train.adassp import AdaSSP
from mindveil.train.moments import UNITS


def test_one_column_without_noise_by_hand():
    """600 people on the line: total = 9.5 + 8 x, x within the reach of .7."""
    rows = np.tile(np.linspace(-0.6, 0.6, 12), 50)[:, None]
    people = table(rows, 9.5 + 8.0 * rows[:, 0])
    recipe = AdaSSP(budget=budget(1e6, 1e-4), small_cohort=True)
    head = recipe.fit(people, Silent(), np.random.default_rng(1)).head
    told = head.severity(np.array([[0.5], [0.0], [9.0]]))
    # The penalty shortens the line a little; beyond the reach it does not rise any more.
    assert told.tolist() == pytest.approx([13.5, 9.5, 15.1], abs=0.15)
    assert head.log_odds(np.array([[0.0]]))[0] == pytest.approx(0.0, abs=0.05)


def test_one_noisy_sum_pays_for_everything():
    silent, promise = Silent(), budget(1.0, 1e-4)
    AdaSSP(budget=promise).fit(cohort(1), silent, np.random.default_rng(1))
    assert silent.sigmas == [pytest.approx(promise.share(1.0).sigma(UNITS))]


def test_a_row_far_outside_counts_as_one_at_the_bound():
    """Somebody 1e9 away teaches what somebody at the end of the reach teaches."""
    people, recipe = cohort(2, 30), AdaSSP(budget=budget(3.0, 1e-3))
    heads = []
    for size in (10.0, 1e9):
        rows = people.rows.copy()
        rows[0] = size * np.array([1.0, -1.0, 0.5, 0.0, 2.0])
        heads.append(recipe.fit(table(rows, people.totals), Silent(), np.random.default_rng(1)))
    one, other = (taught.head.weights.tolist() for taught in heads)
    assert one == pytest.approx(other, abs=1e-6)
