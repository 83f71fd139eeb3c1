"""Quantile regression: thresholds that follow the row, and the same for all where rows say nothing."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from mindveil.attack.quantile_threshold import quantile_scores
from mindveil.errors import InvalidMeasurement


def test_hard_and_easy_people_have_thresholds_of_their_own():
    rng = np.random.default_rng(0)
    strangers, rows = rng.normal(size=(300, 5)), rng.normal(size=(400, 5))
    member = rng.random(400) < 0.5
    sure = 5 * rows[:, 0] + rng.normal(size=400) + member
    scores = quantile_scores(strangers, 5 * strangers[:, 0] + rng.normal(size=300), rows, sure)
    assert roc_auc_score(member, scores) > 0.72
    assert roc_auc_score(member, sure) < 0.6


def test_where_people_scatter_more_it_takes_more():
    rng = np.random.default_rng(0)
    wide = np.repeat([0.0, 1.0], 500)[:, None]
    strangers = rng.normal(size=1000) * (1 + 3 * wide[:, 0])
    found = quantile_scores(wide, strangers, np.array([[0.0], [1.0]]), np.array([4.0, 4.0]))
    assert found[0] > 2.5 * found[1] > 0


def test_rows_that_tell_nothing_leave_one_threshold():
    rng = np.random.default_rng(0)
    sure = rng.normal(size=50)
    rows = rng.normal(size=(50, 3))
    found = quantile_scores(np.zeros((40, 3)), rng.normal(size=40), rows, sure)
    assert (np.argsort(found) == np.argsort(sure)).all()


def test_models_that_are_equally_sure_of_all_strangers():
    found = quantile_scores(np.ones((20, 2)), np.full(20, 3.0), np.ones((2, 2)), np.array([3.0, 4]))
    assert found.tolist() == [0, 1]


def test_a_class_that_the_model_knows_better_has_a_threshold_of_its_own():
    rng = np.random.default_rng(0)
    theirs, hers = (rng.random(n) < 0.2 for n in (300, 400))
    member = rng.random(400) < 0.5
    sure = np.where(hers, -4.0, 2.0) + rng.normal(size=400) + member
    strangers = np.where(theirs, -4.0, 2.0) + rng.normal(size=300)
    empty = np.zeros((300, 2)), np.zeros((400, 2))
    classes = theirs.astype(float), hers.astype(float)
    scores = quantile_scores(empty[0], strangers, empty[1], sure, classes)
    assert roc_auc_score(member, scores) > 0.72
    assert roc_auc_score(member, quantile_scores(empty[0], strangers, empty[1], sure)) < 0.68


def test_a_class_without_strangers_is_measured_from_all():
    sure, one = np.array([3.0, 5.0]), np.zeros(20)
    scores = quantile_scores(np.ones((20, 1)), one + 3.0, np.ones((2, 1)), sure, (one, one[:2] + 1))
    assert scores.tolist() == [0, 2]


def test_few_strangers_are_no_measurement():
    with pytest.raises(InvalidMeasurement, match="quantile of 9 people"):
        quantile_scores(np.zeros((9, 1)), np.zeros(9), np.zeros((20, 1)), np.zeros(20))
