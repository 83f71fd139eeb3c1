"""What a validity check comes to: worked by hand, then with people who are tested often."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil import catalog
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.validity import (
    FAMILIES,
    is_validity,
    measure_identity,
    measure_interviewer,
)
from mindveil.utility.base import Predictions

IDS = tuple(f"P{i:02d}" for i in range(20))
TRUTH = np.array([0.0, 1.0] * 10)
RNG = np.random.default_rng


def made(predicted, ids=IDS, truth=TRUTH):
    return Predictions(
        ids=tuple(ids), truth=truth, predicted=np.asarray(predicted), guess=np.zeros(len(ids))
    )


def value(found, metric):
    return next(m for m in found if m.metric == metric).estimate.value


def test_the_share_is_what_is_done_better_on_those_it_has_met():
    known, unknown = TRUTH, np.zeros(20)
    folds = [{"overlapping": made(known), "disjoint": made(unknown)}]
    found = measure_identity(folds, RNG(0))
    assert [value(found, m.metric) for m in found] == [1.0, 0.5, 0.5]
    assert [m.baseline for m in found] == [0.5, 0.5, 0.0]
    assert "10 cases of 20" in found[0].note


def test_the_interviewers_share_is_what_both_do_better_than_the_participant():
    own = np.where(np.arange(20) < 10, TRUTH, 0.5)
    folds = [{"participant": made(own), "interviewer": made(-TRUTH), "both": made(TRUTH)}]
    found = measure_interviewer(folds, RNG(0))
    # Of the 100 pairs of a case and another, 25 are told, 25 tied, and 50 are half way: all right.
    assert value(found, "auroc-participant") == pytest.approx(0.875)
    assert value(found, "auroc-interviewer") == 0.0
    assert value(found, "interviewer-share") == pytest.approx(0.125)


def test_people_who_were_not_tested_in_every_way_are_left_out():
    some = made(TRUTH[:14], IDS[:14], TRUTH[:14])
    found = measure_identity([{"overlapping": made(TRUTH), "disjoint": some}], RNG(0))
    assert {m.estimate.n for m in found} == {14}


def test_a_person_counts_once_however_often_she_was_tested():
    once = [{"overlapping": made(TRUTH), "disjoint": made(TRUTH)}]
    three = [once[0], {"overlapping": made(TRUTH), "disjoint": made([], (), np.zeros(0))}, once[0]]
    for folds in (once, three):
        found = measure_identity(folds, RNG(0))
        assert {m.estimate.n for m in found} == {20}
        assert value(found, "identity-share") == 0.0


def test_a_perfect_ranking_is_not_beyond_doubt():
    found = measure_identity([{"overlapping": made(TRUTH), "disjoint": made(TRUTH)}], RNG(0))
    assert found[0].estimate.low < 0.75  # ten pairs that share nobody


def test_too_few_cases_say_nothing():
    truth = np.array([1.0] * 4 + [0.0] * 16)
    few = made(truth, truth=truth)
    with pytest.raises(InvalidMeasurement, match="4 of the 20 people"):
        measure_identity([{"overlapping": few, "disjoint": few}], RNG(0))


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1))
def test_the_share_is_the_difference_of_the_two_and_zero_of_equals(seed):
    rng = RNG(seed)
    one, two = made(rng.random(20)), made(rng.random(20))
    found = measure_identity([{"overlapping": one, "disjoint": two}], RNG(0))
    areas = [value(found, f"auroc-{w}") for w in ("overlapping", "disjoint")]
    assert value(found, "identity-share") == pytest.approx(areas[0] - areas[1])
    same = measure_identity([{"overlapping": one, "disjoint": one}], RNG(0))[2].estimate
    assert (same.low, same.value, same.high) == (0.0, 0.0, 0.0)


def test_every_check_of_the_catalog_is_known_as_one():
    assert {*catalog.VALIDITY, *catalog.CHECKS} == set(FAMILIES)
    assert not any(is_validity(f) for f in (*catalog.TASKS, *catalog.COMPARISONS, *catalog.SIGNALS))
