"""How a server joins moves, and how far it moves."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.errors import InputError
from mindveil.train.server_rules import Memory, Rule, joined, moved


def test_fedadam_by_hand():
    """One move of 1: mean .1, square .01, so that the step is rate x .1 / (.1 + .001)."""
    rule, start = Rule(method="fedadam", rate=0.5), np.zeros(1)
    after, memory = moved(rule, start, np.array([1.0]), Memory.of(start))
    assert after[0] == pytest.approx(0.5 * 0.1 / 0.101)
    assert (memory.mean[0], memory.square[0]) == pytest.approx((0.1, 0.01))


def test_fedprox_moves_like_fedavg():
    start, move = np.zeros(2), np.array([1.0, 2.0])
    both = [moved(Rule(method=m), start, move, Memory.of(start))[0] for m in ("fedavg", "fedprox")]
    assert both[0].tolist() == both[1].tolist() == [1.0, 2.0]


@given(
    st.integers(3, 9), st.floats(-1e6, 1e6), st.sampled_from(["median", "trimmed-mean"]), st.data()
)
def test_one_liar_moves_the_robust_rules_no_further_than_the_honest_lie(
    clients, lie, combine, data
):
    honest = np.array(data.draw(st.lists(st.floats(-1, 1), min_size=clients, max_size=clients)))
    told = honest.copy()
    told[0] = lie
    found = joined(Rule(combine=combine, trim=1 / clients), told[:, None])[0]
    assert honest[1:].min() - 1e-12 <= found <= honest[1:].max() + 1e-12


def test_the_mean_follows_a_liar():
    assert joined(Rule(), np.array([[0.0], [0.0], [300.0]])).tolist() == [100.0]


@pytest.mark.parametrize(
    "settings", [{"rounds": 0}, {"rate": 0.0}, {"participation": 1.5}, {"trim": 0.5}]
)
def test_a_course_that_cannot_be_is_refused(settings):
    with pytest.raises(InputError, match="cannot be taken"):
        Rule(**settings)
