"""Conditions of the policy: met, missed, or not to be told."""

from __future__ import annotations

import pytest

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.policy import at_least, percent


@pytest.mark.parametrize(
    ("low", "value", "high", "state", "needed"),
    [
        (0.80, 0.85, 0.90, "met", None),
        (0.75, 0.80, 0.85, "unknown", None),  # the value itself is not above
        (0.76, 0.82, 0.88, "unknown", 900),  # 0.06 has to shrink to 0.02
        (0.60, 0.70, 0.79, "missed", None),
        (0.60, 0.70, 0.80, "unknown", None),
    ],
)
def test_the_bad_end_of_the_interval_decides(low, value, high, state, needed):
    seen = Estimate(value=value, low=low, high=high, n=100)
    found = at_least(seen, 0.8, "It is so.")
    assert (found.state, found.people_needed) == (state, needed)
    more = " About 900 people would be needed to tell." if needed else ""
    assert found.sentence == f"It is so.{more}"


@pytest.mark.parametrize(
    ("limit", "text"), [(0.07, "7%"), (0.125, "12.5%"), (1.0, "100%"), (0.0009, "0.09%")]
)
def test_limits_are_written_as_they_were_set(limit, text):
    assert percent(limit) == text
