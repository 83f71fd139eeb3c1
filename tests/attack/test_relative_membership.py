"""RMIA: ratios worked by hand, never dead on two classes, and an offset that is chosen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from mindveil.attack.model_signals import confidence, halves, log_chance, require_told
from mindveil.attack.relative_membership import chosen_offset, relative_membership
from mindveil.errors import InvalidMeasurement


def logit(p):
    return np.log(np.asarray(p) / (1 - np.asarray(p)))


def test_by_hand():
    target = logit([0.9, 0.9, 0.5])
    shadows = logit([[0.8, 0.4], [0.9, 0.9], [0.5, 0.1]])
    inside = np.tile([True, False], (3, 1))
    found = relative_membership(target, shadows, inside)
    # .9/.6, .9/.9 and .5/.3: of three people the first is above one, level with herself.
    assert found.online == pytest.approx([0.5, 1 / 6, 5 / 6])
    # Two heads leave no rehearsal: a = .3 makes .61, .935 and .415 of .4, .9 and .1.
    assert found.offset == 0.3
    assert found.offline == pytest.approx([5 / 6, 1 / 6, 0.5])


def test_the_population_may_be_other_people():
    target = logit([0.9, 0.9, 0.5])
    shadows = logit([[0.8, 0.4], [0.9, 0.9], [0.5, 0.1]])
    others = np.array([False, True, False])
    found = relative_membership(target, shadows, np.tile([True, False], (3, 1)), others)
    assert found.online.tolist() == [1, 0.5, 1]


def test_a_person_on_one_side_only_has_an_offline_score():
    inside = np.array([[True, True, False, False], [False] * 4])
    found = relative_membership(np.array([1.0, 2.0]), np.arange(8.0).reshape(2, 4) / 4, inside)
    assert np.isnan(found.online[1])
    assert np.isfinite(found.offline).all()


def test_no_shadow_is_no_measurement():
    with pytest.raises(InvalidMeasurement, match="shadow"):
        relative_membership(np.zeros(3), np.zeros((3, 0)), np.zeros((3, 0), dtype=bool))


@given(st.integers(11, 90), st.integers(4, 13), st.floats(0.05, 0.95), st.integers(0, 999))
def test_two_classes_are_never_dead(people, heads, cases, seed):
    rng = np.random.default_rng(seed)
    labels = (rng.random(people) < cases).astype(float)
    inside = halves(labels, heads, rng)
    odds = 3 * (2 * labels - 1)[:, None] + rng.normal(0, 1, (people, heads + 1))
    sure = confidence(odds, labels)
    found = relative_membership(sure[:, 0], sure[:, 1:], inside)
    assert 0 <= found.offset <= 1
    for scores in (found.online, found.offline):
        assert np.isfinite(require_told(scores)).all()
        assert len(np.unique(scores)) > people // 2


def test_differences_of_rounding_are_none():
    rng = np.random.default_rng(0)
    inside = halves(np.zeros(40), 8, rng)
    shadows = 0.1 + 1e-15 * rng.normal(size=(40, 8))
    found = relative_membership(shadows[:, 0], shadows, inside)
    for scores in (found.online, found.offline):
        with pytest.raises(InvalidMeasurement, match="same score"):
            require_told(scores)


@pytest.mark.parametrize("height", [0.0, 40.0, 900.0, 1e6])
def test_models_that_are_certain_do_not_make_it_fail(height):
    rng = np.random.default_rng(0)
    inside = halves(np.zeros(40), 8, rng)
    shadows = height * rng.choice([-1.0, 1.0], (40, 8)) + rng.normal(size=(40, 8))
    found = relative_membership(shadows[:, 0], shadows[:, 1:], inside[:, 1:])
    assert np.isfinite(found.online).all()
    assert np.isfinite(found.offline).all()


def test_planted_members_are_found_and_the_offset_is_the_better_one():
    rng = np.random.default_rng(1)
    member, own = rng.random(1000) < 0.5, rng.normal(0, 2, 1000)
    inside = halves(np.zeros(1000), 64, rng)
    shadows = own[:, None] + rng.normal(size=(1000, 64)) + inside
    target = own + rng.normal(size=1000) + member
    found = relative_membership(target, shadows, inside)
    assert roc_auc_score(member, found.online) > 0.7
    assert roc_auc_score(member, found.offline) > 0.7
    # Without heads that she taught, an offset of 0 mistakes easy people for members.
    assert chosen_offset(log_chance(shadows), inside) > 0.3
    one_side = relative_membership(target, shadows, np.zeros((1000, 64), dtype=bool))
    assert one_side.offset == 0.3
