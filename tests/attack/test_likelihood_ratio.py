"""LiRA: bells worked by hand, few heads, and everybody scored on ordinary tasks."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from mindveil.attack.likelihood_ratio import likelihood_ratios
from mindveil.attack.model_signals import confidence, halves, require_told
from mindveil.errors import InvalidMeasurement


def test_by_hand():
    # Heads with her say 3 and 5, heads without 0 and 2; everybody's variance is 2.
    shadows = np.tile([3.0, 5, 0, 2], (3, 1))
    inside = np.tile([True, True, False, False], (3, 1))
    target = np.array([4.0, 2.5, 1.0])
    found = likelihood_ratios(target, shadows, inside)
    by_hand = norm.logpdf(target, 4, np.sqrt(2)) - norm.logpdf(target, 1, np.sqrt(2))
    assert found.online == pytest.approx(by_hand)
    assert found.fixed == pytest.approx(by_hand)
    assert found.offline == pytest.approx((target - 1) / np.sqrt(2))


def test_a_person_on_one_side_only_has_an_offline_score():
    shadows, inside = (
        np.arange(8.0).reshape(2, 4),
        np.array([[True, True, False, False], [False] * 4]),
    )
    found = likelihood_ratios(np.array([1.0, 9.0]), shadows, inside)
    assert np.isfinite(found.online[0])
    assert np.isnan(found.online[1])
    assert np.isnan(found.fixed[1])
    assert np.isfinite(found.offline).all()


def test_no_shadow_is_no_measurement():
    with pytest.raises(InvalidMeasurement, match="shadow"):
        likelihood_ratios(np.zeros(3), np.zeros((3, 0)), np.zeros((3, 0), dtype=bool))


def test_heads_that_never_differ_tell_nothing():
    inside = halves(np.zeros(20), 8, np.random.default_rng(0))
    ratios = likelihood_ratios(np.full(20, 0.1), 0.1 + 1e-15 * inside, inside)
    for scores in (ratios.online, ratios.offline, ratios.fixed):
        with pytest.raises(InvalidMeasurement, match="same score"):
            require_told(scores)


@given(st.integers(11, 90), st.integers(4, 13), st.floats(0.05, 0.95), st.integers(0, 999))
def test_two_classes_are_never_dead(people, heads, cases, seed):
    rng = np.random.default_rng(seed)
    labels = (rng.random(people) < cases).astype(float)
    inside = halves(labels, heads, rng)
    odds = 3 * (2 * labels - 1)[:, None] + rng.normal(0, 1, (people, heads + 1))
    sure = confidence(odds, labels)
    found = likelihood_ratios(sure[:, 0], sure[:, 1:], inside)
    for scores in (found.online, found.offline, found.fixed):
        assert np.isfinite(require_told(scores)).all()
        assert len(np.unique(scores)) > people // 2


def test_planted_members_are_found_with_few_heads_too():
    rng = np.random.default_rng(1)
    member, own = rng.random(1000) < 0.5, rng.normal(0, 3, 1000)
    best = norm.cdf(1 / np.sqrt(2))
    for heads, least in ((64, best - 0.03), (8, 0.66)):
        inside = halves(np.zeros(1000), heads, rng)
        shadows = own[:, None] + rng.normal(size=(1000, heads)) + inside
        found = likelihood_ratios(own + rng.normal(size=1000) + member, shadows, inside)
        for scores in (found.online, found.offline, found.fixed):
            assert least < roc_auc_score(member, scores) < best + 0.03
