"""Net benefit and calibration: six people by hand, a right detector, one that knows nothing."""

from __future__ import annotations

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.decision_curves import THRESHOLDS, measure_decisions
from mindveil.evidence.detection import Pooled

quick = settings(max_examples=25, deadline=None)


def pooled(truth, told, original=None):
    truth, told = (np.atleast_2d(np.array(v, dtype=float)) for v in (truth, told))
    none = np.full(truth.shape, np.nan)
    return Pooled(
        truth=truth,
        released=told,
        original=told if original is None else np.atleast_2d(np.array(original, dtype=float)),
        guess=none,
        released_decided=none,
        original_decided=none,
    )


def measured(data, seed=0):
    return {m.metric: m for m in measure_decisions(data, np.random.default_rng(seed))}


SIX = pooled(
    truth=[1, 1, 1, 0, 0, 0],
    told=[0.9, 0.5, 0.08, 0.45, 0.2, 0.01],
    original=[0.9, 0.9, 0.9, 0.0, 0.0, 0.0],
)


def test_six_people_by_hand():
    found = measured(SIX)
    # at .05: three cases and two others called, 19 in vain weigh as much as one case
    assert found["net-benefit@0.05"].estimate.value == pytest.approx(3 / 6 - 2 / 6 / 19)
    # at .2: the third case is missed, two others are called; one in vain costs a quarter
    assert found["net-benefit@0.2"].estimate.value == pytest.approx(2 / 6 - 2 / 6 / 4)
    assert found["net-benefit@0.5"].estimate.value == pytest.approx(2 / 6)
    assert found["net-benefit@0.5"].baseline == pytest.approx(3 / 6)
    assert found["net-benefit-all@0.2"].estimate.value == pytest.approx(1 / 2 - 1 / 2 / 4)
    assert found["net-benefit-all@0.5"].estimate.value == 0.0
    assert found["net-benefit-all@0.5"].baseline == 0.0
    assert all(m.estimate.n == 6 for name, m in found.items() if name.startswith("net"))


def test_fifths_of_ten_people_by_hand():
    found = measured(pooled(truth=[0, 0, 0, 1, 0, 1, 1, 0, 1, 1], told=np.arange(10) / 10))
    seen = [found[f"calibration@{part}"] for part in range(1, 6)]
    assert [m.estimate.value for m in seen] == [0.0, 0.5, 0.5, 0.5, 1.0]
    assert [m.baseline for m in seen] == pytest.approx([0.05, 0.25, 0.45, 0.65, 0.85])
    assert [m.estimate.n for m in seen] == [2] * 5


def test_people_of_equal_risk_are_not_parted():
    found = measured(pooled(truth=[0, 1] * 10, told=[0.3] * 20))
    assert [name for name in found if name.startswith("calibration")] == ["calibration@3"]
    assert found["calibration@3"].estimate.n == 20


def test_where_nobody_is_called_the_interval_has_a_width():
    found = measured(pooled(truth=[0, 1] * 20, told=[0.1] * 40))
    seen = found["net-benefit@0.5"].estimate
    assert seen.value == 0.0
    assert seen.low < -0.05
    assert seen.high > 0.05


def test_a_person_who_was_tested_twice_counts_with_her_mean():
    twice = pooled(
        truth=[[1, 0, 1, 0], [1, 0, np.nan, np.nan]],
        told=[[0.9, 0.1, 0.9, 0.9], [0.1, 0.9, np.nan, np.nan]],
    )
    found = measured(twice)
    # half a hit and half a call in vain of the first two, a hit, a call in vain
    assert found["net-benefit@0.5"].estimate.value == pytest.approx((0.5 - 0.5 + 1 - 1) / 4)
    assert found["net-benefit@0.5"].estimate.n == 4


def test_nobody_tested_is_no_figure():
    with pytest.raises(InvalidMeasurement, match="fewer than 2"):
        measured(pooled(truth=[np.nan, np.nan], told=[0.1, 0.2]))


@given(st.integers(0, 10_000), st.integers(2, 40))
@quick
def test_order_and_ties_do_not_matter_and_bounds_hold(seed, people):
    rng = np.random.default_rng(seed)
    truth = rng.integers(2, size=people).astype(float)
    told = rng.integers(6, size=people) / 5
    found, turned = measured(pooled(truth, told)), measured(pooled(truth[::-1], told[::-1]))
    prevalence = truth.mean()
    for name, row in found.items():
        e = row.estimate
        assert e.value == pytest.approx(turned[name].estimate.value)
        assert e.low <= e.value <= e.high
        if name.startswith("net-benefit@"):
            assert e.value <= prevalence + 1e-12  # every case found, nobody called in vain
    called = sum(m.estimate.n for name, m in found.items() if name.startswith("calibration"))
    assert called == people


def test_a_right_detector_is_worth_more_than_treating_everybody():
    rng = np.random.default_rng(1)
    risk = rng.beta(0.6, 1.4, size=2000)
    found = measured(pooled(rng.random(2000) < risk, risk))
    for threshold in THRESHOLDS[2:]:
        seen, everybody = (
            found[f"{kind}@{threshold:g}"] for kind in ("net-benefit", "net-benefit-all")
        )
        assert seen.estimate.low > max(0.0, everybody.estimate.value)
    for part in range(1, 6):
        row = found[f"calibration@{part}"]
        assert row.estimate.low <= row.baseline <= row.estimate.high


def test_a_detector_that_knows_nothing_is_worth_nothing():
    better = wrong = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        truth = rng.random(150) < 0.3
        found = measured(pooled(truth, rng.random(150)))
        better += found["net-benefit@0.4"].estimate.low > 0
        row = found["calibration@5"]
        wrong += not row.estimate.low <= 0.3 <= row.estimate.high
    assert better <= 3
    assert wrong <= 5


def test_the_interval_holds_the_true_net_benefit():
    # risk is uniform and right: at .3 the integral of r - 3/7 (1 - r) from .3 to 1
    true = (0.5 - 0.3**2 / 2) - 3 / 7 * (0.5 - (0.3 - 0.3**2 / 2))
    covered = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        risk = rng.random(150)
        seen = measured(pooled(rng.random(150) < risk, risk))["net-benefit@0.3"].estimate
        covered += seen.low <= true <= seen.high
    assert covered >= 89  # of 100; below once in a hundred times at 95 %


def test_it_is_cheap():
    rng = np.random.default_rng(2)
    data = pooled(rng.random(150) < 0.3, rng.random(150))
    before = time.process_time()
    measured(data)
    assert time.process_time() - before < 0.3
