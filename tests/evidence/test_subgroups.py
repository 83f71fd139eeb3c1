"""For whom a detector fails: planted groups are found, small ones are not told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mindveil.evidence import detection
from mindveil.evidence.subgroups import measure_group_gaps
from mindveil.utility.base import Predictions


def one_fold(noise_of, rng, people=600):
    """Return one fold in which predictions are as noisy as each person's group says."""
    truth = (np.arange(people) % 2).astype(float)
    noise = np.array([noise_of(i) for i in range(people)])
    told = np.clip(truth * 0.6 + 0.2 + rng.normal(size=people) * noise, 0, 1)
    ids = tuple(f"P{i:03d}" for i in range(people))
    made = [
        Predictions(ids=ids, truth=truth, predicted=p, guess=np.full(people, 0.5))
        for p in (told, truth)
    ]
    return detection.Tested(repeat=0, released=made[0], original=made[1]), ids


def test_the_group_that_is_failed_is_named():
    rng = np.random.default_rng(1)
    fold, ids = one_fold(lambda i: 0.1 if i < 300 else 0.9, rng)
    sex = {p: "f" if i < 300 else "m" for i, p in enumerate(ids)}
    found = {m.metric: m for m in measure_group_gaps([fold], {"sex": sex}, rng)}
    worst, gap = found["auroc-worst@sex"], found["auroc-gap@sex"]
    assert worst.note.startswith("sex = m")
    assert worst.estimate.n == 300
    assert worst.baseline == 1.0
    assert gap.estimate.low > 0.15
    assert gap.baseline == 0.0
    assert gap.estimate.value == pytest.approx(1.0 - worst.estimate.value, abs=0.02)
    told = {
        f"{n}-{k}@sex" for n in ("auroc", "balanced-accuracy", "accuracy") for k in ("worst", "gap")
    }
    assert set(found) == told | {"auroc-change-worst@sex"}


def test_what_was_unfair_before_is_told_from_what_the_release_made_so():
    rng = np.random.default_rng(1)
    made, ids = one_fold(lambda i: 0.1 if i < 300 else 0.9, rng)
    sex = {p: "f" if i < 300 else "m" for i, p in enumerate(ids)}
    change = {m.metric: m for m in measure_group_gaps([made], {"sex": sex}, rng)}[
        "auroc-change-worst@sex"
    ]
    assert change.note.startswith("sex = m")
    assert change.estimate.high < -0.1
    # the originals' detector is as wrong about the same people: nothing was lost
    same = replace(made, original=made.released)
    found = {m.metric: m for m in measure_group_gaps([same], {"sex": sex}, rng)}
    assert found["auroc-gap@sex"].estimate.low > 0.15
    assert "auroc-change-worst@sex" not in found
    little = rng.normal(scale=1e-3, size=600)
    nearly = replace(
        made, original=replace(made.released, predicted=made.released.predicted + little)
    )
    found = {m.metric: m for m in measure_group_gaps([nearly], {"sex": sex}, rng)}
    seen = found["auroc-change-worst@sex"].estimate
    assert seen.low <= 0 <= seen.high + 1e-3


def test_six_people_are_too_few_to_be_told():
    fold, ids = one_fold(lambda i: 0.1, np.random.default_rng(1), people=6)
    groups = {"sex": {p: "fm"[i % 2] for i, p in enumerate(ids)}}
    assert measure_group_gaps([fold], groups, np.random.default_rng(1)) == []


def test_people_and_folds_may_come_in_any_order():
    rng = np.random.default_rng(6)
    fold, ids = one_fold(lambda i: 0.4, rng, people=80)
    sex = {p: "f" if i < 40 else "m" for i, p in enumerate(ids)}

    def part(made, order):
        return replace(
            made,
            ids=tuple(made.ids[i] for i in order),
            truth=made.truth[order],
            predicted=made.predicted[order],
            guess=made.guess[order],
        )

    halves = [
        replace(fold, released=part(fold.released, half), original=part(fold.original, half[::-1]))
        for half in np.split(rng.permutation(80), 2)
    ]
    whole = measure_group_gaps([fold], {"sex": sex}, np.random.default_rng(1))
    parts = measure_group_gaps(halves, {"sex": sex}, np.random.default_rng(1))
    assert parts == whole


def test_within_bands_of_severity_accuracy_alone_is_told():
    rng = np.random.default_rng(2)
    fold, ids = one_fold(lambda i: 0.4, rng)
    bands = {p: "none" if i % 2 == 0 else "severe" for i, p in enumerate(ids)}
    found = measure_group_gaps([fold], {"severity": bands}, rng)
    assert [m.metric for m in found] == ["accuracy-worst@severity", "accuracy-gap@severity"]


def test_groups_of_fewer_than_ten_are_not_told():
    rng = np.random.default_rng(3)
    fold, ids = one_fold(lambda i: 0.4, rng, people=60)
    sex = {p: "x" if i < 9 else "f" if i < 30 else "m" for i, p in enumerate(ids)}
    found = measure_group_gaps([fold], {"sex": sex}, rng)
    assert found
    assert not any("= x" in m.note or "x minus" in m.note for m in found)
    few = {p: "x" if i < 9 else "f" for i, p in enumerate(ids)}
    assert measure_group_gaps([fold], {"sex": few}, rng) == []


def test_a_group_without_a_case_has_no_ranking_and_is_left_out():
    rng = np.random.default_rng(7)
    fold, ids = one_fold(lambda i: 0.4, rng, people=90)
    # every second person is a case: none of the group of even places
    spoken = {
        p: "de" if i % 2 == 0 and i < 40 else "en" if i < 60 else "fr" for i, p in enumerate(ids)
    }
    found = {m.metric: m for m in measure_group_gaps([fold], {"language": spoken}, rng)}
    assert "worst of 2" in found["auroc-worst@language"].note
    assert "worst of 3" in found["accuracy-worst@language"].note


def test_nobody_wrong_has_the_exact_interval():
    rng = np.random.default_rng(4)
    fold, ids = one_fold(lambda i: 0.0, rng, people=80)
    sex = {p: "f" if i < 40 else "m" for i, p in enumerate(ids)}
    found = {m.metric: m.estimate for m in measure_group_gaps([fold], {"sex": sex}, rng)}
    assert found["accuracy-worst@sex"].value == 1.0
    # one end of two groups misses 1.25 %: .0125 ** (1 / 40)
    assert found["accuracy-worst@sex"].low == pytest.approx(0.896, abs=0.001)


def test_groups_drawn_by_chance_seldom_differ():
    rng = np.random.default_rng(5)
    off = 0
    for _ in range(20):
        fold, ids = one_fold(lambda i: 0.5, rng, people=200)
        sex = {p: "fm"[int(rng.random() < 0.5)] for p in ids}
        found = {m.metric: m.estimate for m in measure_group_gaps([fold], {"sex": sex}, rng)}
        off += found["auroc-gap@sex"].low > 0
    assert off <= 4
