"""Verdicts on detectors: what is not measured, not asked or not audited is never a pass."""

from __future__ import annotations

from datetime import date

import pytest

from mindveil.evidence.policy import Policy
from mindveil.evidence.scorecard import Row
from mindveil.evidence.verdict import judge

TASK, OTHER = "detect/phq9>=10", "detect/gad7>=10"
SILENT = f"{TASK}@coverage=0.75"
LIRA, INVERSION = "model/membership-lira", "model/inversion"


def row(release, measure, metric, value, *, half=0.02, kind="attack", **more):
    return Row(
        release=release, kind=kind, measure=measure, modality="text", metric=metric, value=value,
        low=value - half, high=value + half, n=2000, **{"note": "tier: trained", **more},
    )  # fmt: skip


def used(release, task, metric, value):
    return row(release, task, metric, value, kind="utility", note="")


def decided(rows, floors, goal=0.8):
    policy = Policy(
        context="open", max_match=0.09, max_advantage=0.1, min_risk_reduction=goal,
        min_utility=floors, margin=0.05,
    )  # fmt: skip
    return judge(rows, ["dp"], policy, date(2026, 11, 22)).releases[0].decision


SAFE = [
    row("dp", LIRA, "advantage", 0.0), row("dp", LIRA, "advantage-unusual", 0.0),
    row("dp.undefended", LIRA, "advantage", 0.5),
]  # fmt: skip
USEFUL = [
    used("dp", TASK, "auroc", 0.85), used("dp", TASK, "auroc-change", 0.0),
    used("original", TASK, "auroc", 0.85),
]  # fmt: skip
FLOOR = {TASK: {"auroc": 0.75}}


def test_a_safe_and_useful_detector_may_leave():
    assert decided([*SAFE, *USEFUL], FLOOR) == "RELEASE"


def test_a_detector_of_whose_use_nothing_is_known_may_not():
    broken = Row(
        release="dp", kind="utility", measure=OTHER, modality="text", status="invalid", note="few"
    )
    elsewhere = used("original", TASK, "auroc", 0.85)
    assert decided([*SAFE, elsewhere, broken], FLOOR) == "INCONCLUSIVE"
    assert decided([*SAFE, elsewhere], FLOOR) == "INCONCLUSIVE"


def test_a_detector_that_is_no_better_than_guessing_may_not_although_the_original_is_none_either():
    told = [
        used("dp", OTHER, "auroc", 0.5), used("dp", OTHER, "auroc-change", 0.0),
        used("original", OTHER, "auroc", 0.5),
    ]  # fmt: skip
    assert decided([*SAFE, *told], FLOOR) == "INCONCLUSIVE"


@pytest.mark.parametrize(("coverage", "found"), [(0.05, "DO NOT RELEASE"), (0.73, "RELEASE")])
def test_being_right_about_a_few_is_not_what_was_asked(coverage, found):
    told = [
        used("dp", SILENT, metric, value)
        for metric, value in (
            ("auroc", 0.85), ("auroc-change", 0.0), ("accuracy-decided", 0.95),
            ("balanced-accuracy", 0.7), ("coverage", coverage),
        )
    ]  # fmt: skip
    assert decided([*SAFE, *told], {SILENT: {"accuracy-decided": 0.85}}) == found


def test_a_floor_holds_for_the_same_question_with_silence():
    told = [used("dp", SILENT, "auroc", 0.6), used("dp", SILENT, "auroc-change", 0.0)]
    assert decided([*SAFE, *told], FLOOR) == "INCONCLUSIVE"


def test_membership_counts_beside_a_match_of_the_same_attack():
    found = [
        row("dp", INVERSION, "rank1", 0.02), row("dp", INVERSION, "advantage", 0.0),
        row("dp", INVERSION, "advantage@class mean", 0.6),
    ]  # fmt: skip
    assert decided([*SAFE, *USEFUL, *found], FLOOR, goal=0.0) == "DO NOT RELEASE"


@pytest.mark.parametrize(("status", "found"), [("failed", "CONTROLLED"), ("ok", "RELEASE")])
def test_a_promise_that_was_not_tested_is_no_promise(status, found):
    promise = row("dp", "train/dp", "epsilon", 3.0, kind="guarantee")
    audit = row("dp", "model/one-run-audit", "claim-refuted", 0.0, half=0.0, status=status)
    assert decided([*SAFE, *USEFUL, promise, audit], FLOOR) == found
