"""What a poisoned client costs."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.attack.base import Sabotage
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.sabotage import measure_sabotage, passing

LABELS = np.array([1.0] * 5 + [0.0] * 5)
RIGHT = np.array([1.0, 2, 3, 4, 5, -1, -2, -3, -4, -5])


def fold(**more):
    given = {
        "people": tuple("abcdefghij"),
        "labels": LABELS,
        "harmless": RIGHT,
        "poisoned": RIGHT,
    }
    return Sabotage(**(given | more))


def figures(*folds, seed=0):
    return {m.metric: m for m in measure_sabotage(folds, np.random.default_rng(seed))}


def test_a_head_that_says_the_opposite_has_lost_everything():
    found = figures(fold(poisoned=-RIGHT))
    assert set(found) == {"auroc-lost", "auroc-poisoned"}
    assert found["auroc-lost"].estimate.value == 1.0
    assert found["auroc-poisoned"].estimate.value == 0.0
    assert found["auroc-poisoned"].estimate.high > 0.3  # five of each are few
    assert found["auroc-poisoned"].control.value == 1.0


def test_half_of_the_pairs_by_hand():
    # One case below all others and one other above all cases: 16 of 25 pairs stand.
    poisoned = np.array([-9.0, 2, 3, 4, 5, 9, -2, -3, -4, -5])
    found = figures(fold(poisoned=poisoned))
    assert found["auroc-poisoned"].estimate.value == pytest.approx(16 / 25)
    assert found["auroc-lost"].estimate.value == pytest.approx(9 / 25)
    assert found["auroc-lost"].estimate.n == 10


def test_a_trigger_lets_cases_pass():
    triggered = np.array([-1.0, -1, -1, 4, 5, -9, -9, -9, -9, -9])
    found = figures(fold(triggered=triggered))
    assert found["backdoor-success"].estimate.value == pytest.approx(3 / 5)
    assert found["backdoor-success"].control.value == 0.0
    assert found["backdoor-success"].control.high > 0.3


def test_federations_are_pooled_by_person():
    found = figures(fold(), fold(poisoned=-RIGHT))
    assert found["auroc-poisoned"].estimate.value == pytest.approx(0.5)
    assert found["auroc-lost"].estimate.n == 10


def test_others_may_judge_another_federation():
    other = fold(people=tuple("klmnopqrst"), poisoned=-RIGHT)
    assert figures(fold(), other)["auroc-lost"].estimate.n == 20


def test_passing_exists_where_there_are_cases():
    assert np.isnan(passing(np.zeros(2), np.ones(2), np.ones((1, 2))))[0]


def test_no_change_lies_within_the_interval_of_noise():
    rng = np.random.default_rng(3)
    people = tuple(f"p{i}" for i in range(120))
    labels = (np.arange(120) % 2).astype(float)
    outside = 0
    for seed in range(40):
        said = rng.normal(size=(2, 120)) + labels
        one = Sabotage(people=people, labels=labels, harmless=said[0], poisoned=said[1])
        lost = figures(one, seed=seed)["auroc-lost"].estimate
        outside += not lost.low <= 0.0 <= lost.high
    assert outside <= 5


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"harmless": np.zeros(10)}, "same of everybody"),
        ({"poisoned": np.full(10, np.nan)}, "not numbers"),
        ({"triggered": np.full(10, np.inf)}, "not numbers"),
        ({"labels": np.ones(10)}, "10 cases and 0 others"),
    ],
)
def test_what_cannot_be_believed_is_no_figure(wrong, says):
    with pytest.raises(InvalidMeasurement, match=says):
        figures(fold(**wrong))
