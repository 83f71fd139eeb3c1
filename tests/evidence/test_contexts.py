"""What each kind of access asks, and what a study may overrule."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.evidence.contexts import CONTEXTS, LIMITS, limits_of, policy_of
from mindveil.evidence.policy import Limits
from mindveil.study import PolicyPart


@pytest.mark.parametrize(
    ("context", "match", "gain", "cut"),
    [
        ("open", 0.09, 0.10, 0.92),
        ("registered", 0.09, 0.10, 0.92),
        ("controlled", 0.20, 0.20, 0.50),
        ("internal", 0.33, 0.33, 0.0),
    ],
)
def test_the_limits_of_each_context(context, match, gain, cut):
    policy = policy_of(PolicyPart(context=context), 0.05)
    found = (policy.max_match, policy.max_advantage, policy.min_risk_reduction)
    assert found == (match, gain, cut)
    assert set(policy.others) == set(CONTEXTS) - {context}
    assert policy.margin == 0.05
    assert policy.months_valid == 12


def test_a_match_is_the_chance_in_the_least_cell():
    assert [round(1 / LIMITS[c].max_match) for c in CONTEXTS] == [11, 11, 5, 3]


def test_a_key_of_the_study_holds_for_every_context_and_the_others_stay():
    part = PolicyPart(max_match=0.05)
    assert limits_of(part, "open") == Limits(
        max_match=0.05, max_advantage=0.10, min_risk_reduction=0.92
    )
    assert limits_of(part, "controlled") == Limits(
        max_match=0.05, max_advantage=0.20, min_risk_reduction=0.50
    )
    none = policy_of(PolicyPart(min_risk_reduction=0.0), 0.05)
    assert none.min_risk_reduction == 0.0


def test_the_policy_of_another_context_is_that_of_a_study_that_wanted_it():
    part = PolicyPart(context="open", max_advantage=0.3, min_utility={"b": {"x": 1}, "a": {"y": 2}})
    other = policy_of(part, 0.1).within("controlled")
    wanted = policy_of(part.model_copy(update={"context": "controlled"}), 0.1)
    for name in ("context", "max_match", "max_advantage", "min_risk_reduction", "min_utility"):
        assert getattr(other, name) == getattr(wanted, name)
    assert list(other.min_utility) == ["a", "b"]


shares = st.none() | st.floats(0.01, 1.0)


@given(shares, shares, shares)
def test_no_context_is_stricter_than_the_one_before(match, gain, cut):
    part = PolicyPart(max_match=match, max_advantage=gain, min_risk_reduction=cut)
    found = [limits_of(part, c) for c in CONTEXTS]
    for strict, lenient in pairwise(found):
        assert strict.max_match <= lenient.max_match
        assert strict.max_advantage <= lenient.max_advantage
        assert strict.min_risk_reduction >= lenient.min_risk_reduction
