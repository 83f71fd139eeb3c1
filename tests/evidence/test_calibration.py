"""Calibration: by hand, against a plain logistic regression, and on detectors known to be wrong."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

from mindveil.evidence.calibration import (
    calibration_intercept,
    calibration_slope,
    log_odds_of,
)
from mindveil.evidence.estimate import bootstrap


def told(odds):
    return 1 / (1 + np.exp(-np.asarray(odds, dtype=float)))


def test_two_groups_by_hand():
    # Told 1/4 and 3/4 (log-odds -+ ln 3); true are 2 of 10 and 8 of 10 (log-odds -+ ln 4):
    # two points fix the line: slope ln 4 / ln 3 through 0.
    probability = np.repeat([0.25, 0.75], 10)
    truth = np.array([1.0] * 2 + [0.0] * 8 + [1.0] * 8 + [0.0] * 2)
    ones = np.ones((1, 20))
    assert calibration_slope(truth, probability, ones)[0] == pytest.approx(np.log(4) / np.log(3))
    assert calibration_intercept(truth, probability, ones)[0] == pytest.approx(0, abs=1e-9)
    # One half is told of everybody, and three in four are cases: ln 3 is lacking.
    half = np.full(20, 0.5)
    cases = np.repeat([1.0, 0.0], [15, 5])
    assert calibration_intercept(cases, half, ones)[0] == pytest.approx(np.log(3))


def test_where_no_line_exists_there_is_no_number():
    truth = np.array([0.0, 0, 0, 1, 1, 1])
    probability = np.array([0.1, 0.2, 0.6, 0.4, 0.8, 0.9])
    weights = np.array(
        [
            [1.0, 1, 1, 1, 1, 1],  # the third and the fourth stand the wrong way round
            [1, 1, 0, 1, 1, 1],  # without the third a threshold parts the classes
            [1, 1, 1, 0, 0, 0],
            [0, 0, 0, 0, 0, 0],
        ]
    )
    slopes = calibration_slope(truth, probability, weights)
    assert np.isfinite(slopes).tolist() == [True, False, False, False]
    levels = calibration_intercept(truth, probability, weights)
    assert np.isfinite(levels).tolist() == [True, True, False, False]
    assert np.isnan(calibration_slope(truth, 1 - truth, weights[:1])[0])
    assert np.isnan(calibration_slope(truth, truth, weights[:1])[0])
    assert np.isnan(calibration_slope(truth, np.full(6, 0.3), weights[:1])[0])
    # classes that touch in one prediction alone: every steeper line fits better
    touching = np.array([0.1, 0.2, 0.4, 0.4, 0.8, 0.9])
    assert np.isnan(calibration_slope(truth, touching, weights[:1])[0])


@st.composite
def people(draw):
    size = draw(st.integers(6, 40))
    odds = draw(st.lists(st.integers(-40, 40), min_size=size, max_size=size))
    truth = draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    weight = draw(st.lists(st.integers(0, 3), min_size=size, max_size=size))
    # Two of each class on either side, so that a line exists.
    odds[:4], truth[:4], weight[:4] = [-20, 20, -20, 20], [0, 0, 1, 1], [1, 1, 1, 1]
    return np.array(odds) / 10, np.array(truth, float), np.array(weight, float)


@given(people())
@settings(max_examples=40, deadline=None)
def test_the_slope_is_that_of_an_unpenalised_logistic_regression(drawn):
    odds, truth, weight = drawn
    seen = calibration_slope(truth, told(odds), np.stack([weight, np.ones_like(weight)]))
    for found, w in zip(seen, (weight, np.ones_like(weight)), strict=True):
        plain = LogisticRegression(C=np.inf, tol=1e-10, max_iter=2000)
        plain.fit(odds[w > 0, None], truth[w > 0], sample_weight=w[w > 0])
        assert found == pytest.approx(plain.coef_[0, 0], abs=2e-3, rel=2e-3)


@given(people(), st.floats(-2, 2))
@settings(max_examples=40, deadline=None)
def test_with_the_intercept_added_as_many_cases_are_expected_as_there_are(drawn, shift):
    odds, truth, weight = drawn
    level = calibration_intercept(truth, told(odds + shift), weight[None])[0]
    assert weight @ told(odds + shift + level) == pytest.approx(weight @ truth, abs=1e-5)


def test_a_detector_known_to_be_too_sure_and_too_dark_is_found_out():
    rng = np.random.default_rng(4)
    odds = rng.normal(0.3, 1.5, size=6000)
    truth = (rng.random(6000) < told(odds)).astype(float)
    ones = np.ones((1, 6000))
    assert calibration_slope(truth, told(odds), ones)[0] == pytest.approx(1, abs=0.08)
    assert calibration_intercept(truth, told(odds), ones)[0] == pytest.approx(0, abs=0.1)
    assert calibration_slope(truth, told(2 * odds), ones)[0] == pytest.approx(0.5, abs=0.04)
    assert calibration_intercept(truth, told(odds + 1), ones)[0] == pytest.approx(-1, abs=0.1)


def test_scores_that_tell_nothing_have_an_interval_about_0():
    rng = np.random.default_rng(8)
    odds, truth = rng.normal(size=300), rng.integers(0, 2, size=300).astype(float)
    seen = bootstrap(lambda w: calibration_slope(truth, told(odds), w), 300, rng)
    assert seen.low < 0 < seen.high


def test_certainty_stays_finite():
    assert np.isfinite(log_odds_of(np.array([0.0, 1.0]))).all()
    truth = np.array([0.0, 1, 0, 1, 1, 0])
    wrong = np.array([0.0, 1, 1, 0, 1, 0])
    for metric in (calibration_slope, calibration_intercept):
        assert np.isfinite(metric(truth, wrong, np.ones((1, 6)))).all()
