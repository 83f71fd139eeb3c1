"""Detection and severity: by hand, against scikit-learn, and pooled over folds and repeats."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as reference

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.detection import (
    DETECTION,
    SEVERITY,
    auprc,
    auroc,
    balanced_accuracy,
    brier,
    ccc,
    f1_macro,
    mae,
    measure_detection,
    measure_severity,
    pool,
    rmse,
    sensitivity,
    specificity,
)
from mindveil.evidence.detection import (
    Tested as Bout,
)
from mindveil.evidence.estimate import clopper_pearson
from mindveil.utility.base import Predictions

ONE = np.ones((1, 6))


def predictions(ids, truth, predicted, guess=0.5, decided=None):
    size = len(ids)
    return Predictions(
        ids=tuple(ids),
        truth=np.array(truth, dtype=float),
        predicted=np.array(predicted, dtype=float),
        guess=np.full(size, guess),
        decided=None if decided is None else np.array(decided, dtype=bool),
    )


def bout(ids, truth, released, original, *, repeat=0, guess=0.5, decided=None):
    return Bout(
        repeat=repeat,
        released=predictions(ids, truth, released, guess, decided),
        original=predictions(ids, truth, original, guess, decided),
    )


def by_name(found):
    return {m.metric: m for m in found}


# --- by hand --------------------------------------------------------------------------------


def test_detection_metrics_by_hand():
    truth = np.array([1, 1, 1, 0, 0, 0.0])
    score = np.array([0.9, 0.5, 0.2, 0.5, 0.1, 0.0])
    # Pairs: .9 beats 3; .5 beats 2 and ties 1; .2 beats 2: 7.5 of 9.
    assert auroc(truth, score, ONE)[0] == pytest.approx(7.5 / 9)
    # Called at .5: two of three cases and one of three others.
    assert sensitivity(truth, score, ONE)[0] == pytest.approx(2 / 3)
    assert specificity(truth, score, ONE)[0] == pytest.approx(2 / 3)
    assert balanced_accuracy(truth, score, ONE)[0] == pytest.approx(2 / 3)
    assert f1_macro(truth, score, ONE)[0] == pytest.approx(2 / 3)
    # Recall 1/3 at precision 1, then 2/3 at 2/3, then 1 at 3/4.
    assert auprc(truth, score, ONE)[0] == pytest.approx((1 + 2 / 3 + 3 / 4) / 3)
    squares = 0.01 + 0.25 + 0.64 + 0.25 + 0.01 + 0
    assert brier(truth, score, ONE)[0] == pytest.approx(squares / 6)


def test_severity_metrics_by_hand():
    truth, predicted = np.array([1.0, 2, 3, 4]), np.array([2.0, 2, 4, 4])
    ones = np.ones((1, 4))
    assert mae(truth, predicted, ones)[0] == 0.5
    assert rmse(truth, predicted, ones)[0] == pytest.approx(0.5**0.5)
    # Means 2.5 and 3, variances 1.25 and 1, covariance 1: 2 / (1.25 + 1 + 0.25)
    assert ccc(truth, predicted, ones)[0] == pytest.approx(0.8)


def test_concordance_is_1_for_equals_and_less_for_a_shift_and_0_for_a_constant():
    truth = np.array([3.0, 7, 11, 20, 2])
    ones = np.ones((1, 5))
    assert ccc(truth, truth, ones)[0] == pytest.approx(1)
    assert ccc(truth, truth + 5, ones)[0] < 0.9
    assert ccc(truth, np.full(5, 8.6), ones)[0] == pytest.approx(0)
    assert ccc(truth, 17.2 - truth, ones)[0] == pytest.approx(-1)
    assert ccc(truth + 1e7, truth + 1e7 + 5, ones)[0] == pytest.approx(
        ccc(truth, truth + 5, ones)[0], abs=1e-9
    )
    assert np.isnan(ccc(np.full(5, 3.0), np.full(5, 3.0), ones)[0])


def test_what_does_not_exist_in_a_resample_is_missing_there():
    truth, score = np.array([1.0, 0.0]), np.array([0.9, 0.1])
    only = np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 1.0]])
    for metric in (auroc, balanced_accuracy, f1_macro):
        seen = metric(truth, score, only)
        assert np.isnan(seen[:2]).any()
        assert seen[2] == 1.0
    assert np.isnan(auroc(truth, score, only)[:2]).all()
    assert np.isnan(sensitivity(truth, score, only)).tolist() == [False, True, False]
    assert np.isnan(auprc(truth, score, only)).tolist() == [False, True, False]
    nobody = np.zeros((1, 2))
    for metric in (*DETECTION.values(), *SEVERITY.values()):
        assert np.isnan(metric(truth, score, nobody)).all()


# --- against scikit-learn -------------------------------------------------------------------


@st.composite
def scored(draw):
    size = draw(st.integers(4, 40))
    truth = draw(st.lists(st.integers(0, 1), min_size=size, max_size=size))
    truth[0], truth[1] = 0, 1
    levels = draw(st.sampled_from([3, 10, 10_000]))  # few levels: many ties
    score = draw(st.lists(st.integers(0, levels), min_size=size, max_size=size))
    weight = draw(st.lists(st.integers(0, 4), min_size=size, max_size=size))
    weight[0] = weight[1] = 1
    return np.array(truth, float), np.array(score) / levels, np.array(weight, float)


@given(scored())
@settings(max_examples=40, deadline=None)
def test_detection_agrees_with_scikit_learn(data):
    truth, score, weight = data
    drawn = weight > 0
    actual, called, w = truth[drawn] > 0, score[drawn] >= 0.5, weight[drawn]
    wanted = {
        "auroc": reference.roc_auc_score(actual, score[drawn], sample_weight=w),
        "accuracy": reference.accuracy_score(actual, called, sample_weight=w),
        "balanced-accuracy": reference.balanced_accuracy_score(actual, called, sample_weight=w),
        "f1-macro": reference.f1_score(actual, called, average="macro", sample_weight=w),
        "auprc": reference.average_precision_score(actual, score[drawn], sample_weight=w),
        "sensitivity": reference.recall_score(actual, called, sample_weight=w),
        "specificity": reference.recall_score(~actual, ~called, sample_weight=w),
        "brier": reference.brier_score_loss(actual, score[drawn], sample_weight=w),
    }
    assert wanted.keys() == DETECTION.keys()
    for name, metric in DETECTION.items():
        assert metric(truth, score, weight[None])[0] == pytest.approx(wanted[name], abs=1e-9), name


@given(
    st.lists(
        st.tuples(st.integers(0, 27), st.floats(-5, 35), st.integers(1, 4)), min_size=2, max_size=30
    )
)
@settings(max_examples=60, deadline=None)
def test_severity_agrees_with_scikit_learn(people):
    truth, predicted, weight = (
        np.array(column, dtype=float) for column in zip(*people, strict=True)
    )
    seen = {name: metric(truth, predicted, weight[None])[0] for name, metric in SEVERITY.items()}
    assert seen["mae"] == pytest.approx(
        reference.mean_absolute_error(truth, predicted, sample_weight=weight), abs=1e-9
    )
    assert seen["rmse"] == pytest.approx(
        reference.mean_squared_error(truth, predicted, sample_weight=weight) ** 0.5, abs=1e-9
    )
    long_t, long_p = np.repeat(truth, weight.astype(int)), np.repeat(predicted, weight.astype(int))
    under = long_t.var() + long_p.var() + (long_t.mean() - long_p.mean()) ** 2
    if under > 1e-6:
        shared = np.mean((long_t - long_t.mean()) * (long_p - long_p.mean()))
        assert seen["ccc"] == pytest.approx(2 * shared / under, abs=1e-9)


@given(scored(), st.floats(0.01, 50), st.floats(-9, 9))
@settings(max_examples=60, deadline=None)
def test_ranking_metrics_use_the_order_alone(data, scale, shift):
    truth, score, weight = data
    bent = np.sinh(scale * score / 10) + shift
    if len(np.unique(bent)) == len(np.unique(score)):
        for metric in (auroc, auprc):
            assert metric(truth, bent, weight[None])[0] == pytest.approx(
                metric(truth, score, weight[None])[0], abs=1e-12
            )


@given(scored())
@settings(max_examples=60, deadline=None)
def test_calling_cases_healthy_and_the_healthy_cases_turns_the_area_round(data):
    truth, score, weight = data
    one, two = auroc(truth, score, weight[None])[0], auroc(1 - truth, score, weight[None])[0]
    assert one + two == pytest.approx(1)


# --- pooled ---------------------------------------------------------------------------------

IDS = [f"p{i:02d}" for i in range(20)]
TRUTH = [1.0] * 8 + [0.0] * 12


def test_folds_are_joined_by_person_in_any_order():
    rng = np.random.default_rng(0)
    released, original = rng.random(20), rng.random(20)
    whole = pool([bout(IDS, TRUTH, released, original)])
    order = rng.permutation(20)
    first, second = order[:9], order[9:]
    folds = [
        bout([IDS[i] for i in part], np.array(TRUTH)[part], released[part], original[part])
        for part in (second, first)
    ]
    split = pool(folds)
    for name in ("truth", "released", "original", "guess"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(split, name))
    assert (split.people, split.cases) == (20, 8)


def test_each_prediction_goes_to_its_own_person_whatever_order_a_model_answers_in():
    fold = bout(IDS, TRUTH, range(20), range(20))
    turned = Bout(
        repeat=0,
        released=fold.released,
        original=predictions(IDS[::-1], TRUTH[::-1], range(20)[::-1]),
    )
    np.testing.assert_array_equal(pool([turned]).original, pool([turned]).released)


def test_only_people_whom_both_models_were_tested_on_are_compared():
    fold = Bout(
        repeat=0,
        released=predictions(IDS, TRUTH, np.arange(20)),
        original=predictions(IDS[:15], TRUTH[:15], np.arange(15)),
    )
    seen = pool([fold])
    assert seen.people == 15
    assert not np.isnan(seen.released).any()


def test_repeats_are_averaged_and_a_person_is_one():
    rng = np.random.default_rng(1)
    first, second = rng.random(20), rng.random(20)
    both = pool([bout(IDS, TRUTH, first, first), bout(IDS, TRUTH, second, second, repeat=1)])
    assert both.truth.shape == (2, 20)
    seen = by_name(measure_detection(both, np.random.default_rng(0)))
    actual = np.array(TRUTH)
    mean = np.mean([reference.roc_auc_score(actual, s) for s in (first, second)])
    assert seen["auroc"].estimate.value == pytest.approx(mean)
    right = np.mean([(s >= 0.5) == (actual > 0) for s in (first, second)], axis=0)
    assert seen["accuracy"].estimate == clopper_pearson(right.sum(), 20)
    once = by_name(
        measure_detection(pool([bout(IDS, TRUTH, first, first)]), np.random.default_rng(0))
    )
    twice = pool([bout(IDS, TRUTH, first, first, repeat=r) for r in (0, 1)])
    again = by_name(measure_detection(twice, np.random.default_rng(0)))
    for name, figure in once.items():
        assert figure.estimate.low == pytest.approx(again[name].estimate.low), name


def test_a_person_missing_from_one_repeat_is_pooled_from_the_other():
    score = np.linspace(0.9, 0.1, 20)
    folds = [
        bout(IDS, TRUTH, score, score),
        bout(IDS[:19], TRUTH[:19], score[:19], score[:19], repeat=1),
    ]
    seen = by_name(measure_detection(pool(folds), np.random.default_rng(0)))
    assert seen["specificity"].estimate.n == 12
    assert seen["auroc"].estimate.value == 1.0


def test_shares_of_people_have_their_exact_interval_over_whom_they_are_about():
    score = [0.9] * 6 + [0.1] * 2 + [0.2] * 11 + [0.7]
    seen = by_name(
        measure_detection(pool([bout(IDS, TRUTH, score, score)]), np.random.default_rng(0))
    )
    assert seen["accuracy"].estimate == clopper_pearson(17, 20)
    assert seen["sensitivity"].estimate == clopper_pearson(6, 8)
    assert seen["specificity"].estimate == clopper_pearson(11, 12)


def test_a_perfect_detector_is_not_sure():
    seen = by_name(
        measure_detection(pool([bout(IDS, TRUTH, TRUTH, TRUTH)]), np.random.default_rng(0))
    )
    for name in ("auroc", "auprc", "f1-macro", "balanced-accuracy"):
        assert seen[name].estimate.value == 1.0
        assert seen[name].estimate.low == pytest.approx(0.025 ** (1 / 8))  # eight pairs
    assert seen["accuracy"].estimate == clopper_pearson(20, 20)
    assert seen["brier"].estimate.value == 0.0
    assert seen["brier"].estimate.high > 0.3
    assert seen["auroc-change"].estimate.value == 0.0


def test_beside_every_figure_stand_the_original_and_the_guess():
    released, original = np.full(20, 0.2), np.array(TRUTH) * 0.6 + 0.1
    fold = bout(IDS, TRUTH, released, original, guess=0.4)
    seen = by_name(measure_detection(pool([fold]), np.random.default_rng(0)))
    assert seen["auroc"].estimate.value == 0.5
    assert seen["auroc"].baseline == 1.0
    assert "guessing reaches 0.500" in seen["auroc"].note
    assert "guessing reaches 0.600" in seen["accuracy"].note
    assert "8 cases of 20" in seen["accuracy"].note
    assert seen["auroc-change"].estimate.value == -0.5


def test_guesses_that_differ_by_fold_do_not_rank_people_backwards():
    # Where more cases are held out, fewer were learned from: the guess is lower for cases.
    folds = [
        bout(IDS[:10], TRUTH[:10], TRUTH[:10], TRUTH[:10], guess=0.2),
        bout(IDS[10:], TRUTH[10:], TRUTH[10:], TRUTH[10:], guess=0.6),
    ]
    seen = by_name(measure_detection(pool(folds), np.random.default_rng(0)))
    assert "guessing reaches 0.500" in seen["auroc"].note
    assert "guessing reaches 0.600" in seen["accuracy"].note


def test_the_change_is_paired():
    rng = np.random.default_rng(2)
    ids, truth = [f"p{i:03d}" for i in range(120)], (rng.random(120) < 0.4).astype(float)
    score = truth + rng.normal(0, 1.5, 120)
    noisy = score + rng.normal(0, 0.1, 120)
    seen = by_name(measure_detection(pool([bout(ids, truth, noisy, score)]), rng))
    change, level = seen["auroc-change"].estimate, seen["auroc"].estimate
    assert change.value == pytest.approx(level.value - seen["auroc"].baseline)
    assert change.high - change.low < (level.high - level.low) / 3
    turned = by_name(measure_detection(pool([bout(ids, truth, score, noisy)]), rng))
    assert turned["auroc-change"].estimate.value == pytest.approx(-change.value)


def test_severity_is_measured_with_its_change():
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 27, 20).astype(float)
    noise = rng.normal(0, 3, 20)
    seen = by_name(measure_severity(pool([bout(IDS, truth, truth + noise, truth, guess=9.0)]), rng))
    assert seen.keys() == {"ccc", "mae", "rmse", "pearson-r", "ccc-change"}
    assert seen["mae"].estimate.value == pytest.approx(np.abs(noise).mean())
    assert seen["mae"].baseline == 0.0
    assert seen["ccc-change"].estimate.high < 0
    assert "guessing reaches 0.000" in seen["ccc"].note


def test_too_few_people_or_cases_are_invalid():
    with pytest.raises(InvalidMeasurement, match="9 people could be tested"):
        pool([bout(IDS[:9], TRUTH[:9], TRUTH[:9], TRUTH[:9])])
    with pytest.raises(InvalidMeasurement, match="0 people could be tested"):
        pool([])
    for cases in (4, 16):
        truth = [1.0] * cases + [0.0] * (20 - cases)
        with pytest.raises(InvalidMeasurement, match=f"{cases} of 20 people are cases"):
            measure_detection(pool([bout(IDS, truth, truth, truth)]), np.random.default_rng(0))


def test_the_same_score_for_everybody_is_the_same_severity_for_nobody():
    flat = np.full(20, 7.0)
    with pytest.raises(InvalidMeasurement, match="does not exist"):
        measure_severity(pool([bout(IDS, flat, flat, flat)]), np.random.default_rng(0))


def test_predictions_for_nobody_in_a_repeat_leave_the_other():
    score = np.linspace(0.9, 0.1, 20)
    seen = pool([bout(IDS, TRUTH, score, score, repeat=1)])  # no fold of repeat 0
    assert by_name(measure_detection(seen, np.random.default_rng(0)))["auroc"].estimate.value == 1.0


def test_a_model_that_predicts_nothing_is_invalid():
    none = np.full(20, np.nan)
    with pytest.raises(InvalidMeasurement):
        measure_detection(pool([bout(IDS, TRUTH, none, TRUTH)]), np.random.default_rng(0))


def test_an_original_without_predictions_leaves_no_baseline_to_compare_with():
    none = np.full(20, np.nan)
    with pytest.raises(InvalidMeasurement, match="does not exist"):
        measure_detection(pool([bout(IDS, TRUTH, TRUTH, none)]), np.random.default_rng(0))


# --- detectors that may be silent -----------------------------------------------------------

DECIDED = ["accuracy-decided", "sensitivity-decided", "specificity-decided", "coverage"]


def measured(folds):
    return by_name(measure_detection(pool(folds), np.random.default_rng(0)))


def test_figures_of_the_decided_by_hand():
    # Eight cases, two missed, silent about one found and one missed: five of six are found.
    # Twelve others, three called, silent about two called and one left alone: eight of nine.
    score = [0.9] * 6 + [0.1] * 2 + [0.2] * 9 + [0.7] * 3
    decided = [0] + [1] * 6 + [0] + [1] * 8 + [0] + [1] + [0] * 2
    seen = measured([bout(IDS, TRUTH, score, score, decided=decided)])
    assert seen["coverage"].estimate == clopper_pearson(15, 20)
    assert seen["coverage"].baseline == 0.75
    for name, right, of in (("accuracy", 13, 15), ("sensitivity", 5, 6), ("specificity", 8, 9)):
        figure = seen[f"{name}-decided"]
        assert figure.estimate.value == figure.baseline == pytest.approx(right / of)
        assert figure.estimate.n == of
        assert figure.estimate.low < right / of < figure.estimate.high
    assert "guessing reaches 0.400" in seen["accuracy-decided"].note  # six of fifteen are cases


def test_all_other_figures_stay_over_everybody():
    rng = np.random.default_rng(2)
    score = np.clip(np.array(TRUTH) * 0.3 + rng.random(20) * 0.7, 0, 1)
    plain = measured([bout(IDS, TRUTH, score, score)])
    silent = measured([bout(IDS, TRUTH, score, score, decided=np.abs(score - 0.5) > 0.1)])
    assert [n for n in silent if n not in plain] == DECIDED
    assert {n: silent[n] for n in plain} == plain


def test_everybody_decided_is_everybody():
    score = [0.9] * 6 + [0.1] * 2 + [0.2] * 11 + [0.7]
    seen = measured([bout(IDS, TRUTH, score, score, decided=np.ones(20))])
    assert seen["coverage"].estimate == clopper_pearson(20, 20)
    for name in ("accuracy", "sensitivity", "specificity"):
        one, all_ = seen[f"{name}-decided"].estimate, seen[name].estimate
        assert one.value == pytest.approx(all_.value)
        assert one.n == all_.n


def test_a_person_decided_in_some_repeats_counts_there_alone():
    right = [0.9] * 8 + [0.1] * 12
    wrong = [0.1] * 8 + [0.9] * 12
    folds = [
        bout(IDS, TRUTH, right, right, decided=np.arange(20) % 2 == 0),
        bout(IDS, TRUTH, wrong, wrong, repeat=1, decided=np.arange(20) % 4 == 0),
    ]
    seen = measured(folds)
    assert seen["coverage"].estimate == clopper_pearson(10 * 0.5 + 5 * 0.5, 20)
    assert seen["accuracy-decided"].estimate.value == pytest.approx(0.5)  # all of ten, none of five
    assert seen["accuracy-decided"].estimate.n == 10


def test_being_right_about_all_who_are_decided_is_not_being_sure():
    decided = np.array([1, 1, 1, 1, 1, 0, 0, 0] + [1] * 12)
    score = np.where(decided, TRUTH, 1 - np.array(TRUTH))
    seen = measured([bout(IDS, TRUTH, score, score, decided=decided)])
    assert seen["accuracy-decided"].estimate == clopper_pearson(17, 17)
    assert seen["sensitivity-decided"].estimate == clopper_pearson(5, 5)


def test_too_few_decided_leave_the_coverage_and_a_word():
    score = [0.9] * 6 + [0.1] * 2 + [0.2] * 11 + [0.7]
    seen = measured([bout(IDS, TRUTH, score, score, decided=[0] * 6 + [1] * 14)])
    assert "sensitivity-decided" not in seen
    assert "sensitivity among them cannot be told" in seen["coverage"].note
    assert seen["specificity-decided"].estimate.n == 12
    nobody = measured([bout(IDS, TRUTH, score, score, decided=np.zeros(20))])
    assert [n for n in DECIDED if n in nobody] == ["coverage"]
    assert nobody["coverage"].estimate == clopper_pearson(0, 20)


def test_a_release_may_be_silent_about_others_than_the_original():
    score = [0.9] * 6 + [0.1] * 2 + [0.2] * 11 + [0.7]
    fold = Bout(
        repeat=0,
        released=predictions(IDS, TRUTH, score, decided=[1] * 15 + [0] * 5),
        original=predictions(IDS[::-1], TRUTH[::-1], score[::-1], decided=[0] * 12 + [1] * 8),
    )
    seen = measured([fold])
    assert seen["coverage"].estimate.value == 0.75
    assert seen["coverage"].baseline == 0.4
    assert seen["accuracy-decided"].estimate.value == pytest.approx(13 / 15)
    assert seen["accuracy-decided"].baseline == pytest.approx(6 / 8)


def test_calibration_is_told_where_it_exists():
    rng = np.random.default_rng(5)
    odds = rng.normal(0, 1.5, size=400)
    truth = (rng.random(400) < 1 / (1 + np.exp(-odds))).astype(float)
    ids = [f"p{i:03d}" for i in range(400)]
    told = 1 / (1 + np.exp(-odds))
    seen = measured([bout(ids, truth, told, told)])
    assert seen["calibration-slope"].estimate.low < 1 < seen["calibration-slope"].estimate.high
    level = seen["calibration-intercept"].estimate
    assert level.low < 0 < level.high
    assert "1 is right" in seen["calibration-slope"].note
    perfect = measured([bout(IDS, TRUTH, TRUTH, TRUTH)])
    assert "calibration-slope" not in perfect
    assert perfect["auroc"].estimate.value == 1.0
