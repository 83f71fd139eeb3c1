"""Conditions on use: floors, chance, and what was lost against the original."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.policy import Policy
from mindveil.evidence.scorecard import Row
from mindveil.evidence.usefulness import usefulness

TASK = "detect/phq9>=10"


def policy(floors, margin=0.05):
    return Policy(
        context="open", max_match=0.09, max_advantage=0.1, min_risk_reduction=0.0,
        min_utility=floors, margin=margin,
    )  # fmt: skip


def seen(value, half=0.02, n=100):
    return Estimate(value=value, low=value - half, high=value + half, n=n)


def row(metric, estimate, measure=TASK, release="anon", modality="fused"):
    return Row(
        release=release, kind="utility", measure=measure, modality=modality, metric=metric,
        value=estimate.value, low=estimate.low, high=estimate.high, n=estimate.n,
    )  # fmt: skip


def found(rows, floors=None, release="anon"):
    return usefulness(rows, release, policy(floors or {}))


def test_a_floor_in_words():
    (one,) = found([row("auroc", seen(0.82))], {TASK: {"auroc": 0.75}})
    assert one.state == "met"
    assert one.sentence == (
        "Trained on this release, detect/phq9>=10 reaches AUROC 0.820 [0.800, 0.840], n = 100; "
        "at least 0.75 was wanted."
    )


@pytest.mark.parametrize(
    ("value", "half", "state"),
    [(0.86, 0.05, "met"), (0.7, 0.05, "missed"), (0.82, 0.05, "unknown")],
)
def test_the_lower_end_must_reach_the_floor(value, half, state):
    rows = [row("auroc", seen(value, half))]
    assert [f.state for f in found(rows, {TASK: {"auroc": 0.8}})] == [state]


@pytest.mark.parametrize(("value", "state"), [(3.0, "met"), (4.9, "unknown"), (6.0, "missed")])
def test_errors_have_a_ceiling_instead_of_a_floor(value, state):
    rows = [row("mae", seen(value, 0.5), "severity/phq9"), row("ccc", seen(0.6), "severity/phq9")]
    (one,) = found(rows, {"severity/phq9": {"mae": 5.0}})
    assert one.state == state
    assert f"mean absolute error {value:.3f} [" in one.sentence
    assert "at most 5 was wanted" in one.sentence


def test_what_was_wanted_and_not_measured_is_not_passed_over():
    (one,) = found([], {TASK: {"balanced-accuracy": 0.8}})
    assert (one.state, one.sentence) == ("unknown", f"Not measured: balanced accuracy of {TASK}.")


def test_plain_accuracy_does_not_pass_what_lost_every_trace():
    # Ninety in a hundred are healthy: calling everybody healthy is right for ninety.
    rows = [row("accuracy", seen(0.90, 0.03)), row("auroc", seen(0.5, 0.06))]
    states = [f.state for f in found(rows, {TASK: {"accuracy": 0.85}})]
    assert states == ["met", "unknown"]
    worse = [rows[0], row("auroc", seen(0.45, 0.04))]
    assert [f.state for f in found(worse, {TASK: {"accuracy": 0.85}})] == ["met", "missed"]
    good = [rows[0], row("auroc", seen(0.7, 0.06))]
    assert [f.state for f in found(good, {TASK: {"accuracy": 0.85}})] == ["met"]
    told = found(rows, {TASK: {"accuracy": 0.85}})[1].sentence
    assert told == (
        "Trained on this release, detect/phq9>=10 cannot be told from guessing: AUROC 0.500 "
        "[0.440, 0.560], n = 100; guessing reaches 0.5."
    )


def test_severity_must_beat_a_constant():
    rows = [
        row("rmse", seen(4.0, 0.1), "severity/phq9"),
        row("ccc", seen(0.02, 0.1), "severity/phq9"),
    ]
    states = [f.state for f in found(rows, {"severity/phq9": {"rmse": 5.0}})]
    assert states == ["met", "unknown"]


@pytest.mark.parametrize(
    ("change", "half", "state"),
    [(-0.01, 0.03, "met"), (-0.10, 0.03, "missed"), (-0.04, 0.03, "unknown"), (0.02, 0.03, "met")],
)
def test_no_more_may_be_lost_than_the_margin(change, half, state):
    (one,) = found([row("auroc-change", seen(change, half))])
    assert one.state == state
    assert f"the AUROC of {TASK} changes by {change:.3f} [" in one.sentence
    assert "a loss of 0.05 is allowed" in one.sentence


def test_the_loss_of_severity_is_in_concordance():
    (one,) = found([row("ccc-change", seen(-0.2), "severity/phq9")])
    assert one.state == "missed"
    assert "the CCC of severity/phq9 changes by" in one.sentence


def test_a_task_that_only_the_original_can_do_was_lost():
    failed = replace(row("", seen(0.0)), status="invalid", value=None)
    original = row("auroc", seen(0.8), release="original")
    (one,) = found([failed, original])
    assert one.state == "unknown"
    assert one.sentence == f"What {TASK} lost against the original could not be measured."
    can = [row("auroc", seen(0.8), "severity/phq9"), row("ccc", seen(0.6), "severity/phq9")]
    assert found([failed, *can]) == []  # nobody can do it: listed as not tested
    (nothing,) = found([failed])
    assert nothing.sentence == "Nothing could be told of what this release is good for."


def test_a_single_modality_does_not_stand_in_for_all_together():
    rows = [
        row("auroc-change", seen(0.0), modality="scales"),
        replace(row("", seen(0.0)), status="invalid", value=None),
        row("auroc", seen(0.8), release="original"),
    ]
    assert [f.state for f in found(rows)] == ["unknown"]


def test_the_original_has_lost_nothing():
    rows = [row("auroc", seen(0.8), release="original")]
    assert found(rows, release="original") == []


def test_what_cannot_be_told_says_how_many_people_would_tell():
    (one,) = found([row("auroc-change", seen(-0.03, 0.04))])
    assert one.people_needed == 400  # 0.04 has to shrink to 0.02
    assert one.sentence.endswith("About 400 people would be needed to tell.")
