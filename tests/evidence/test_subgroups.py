"""For whom a detector fails: planted groups are found, small ones are not told."""

from __future__ import annotations

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
    assert set(found) == {
        f"{n}-{k}@sex" for n in ("auroc", "balanced-accuracy", "accuracy") for k in ("worst", "gap")
    }


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


def test_nobody_wrong_has_the_exact_interval():
    rng = np.random.default_rng(4)
    fold, ids = one_fold(lambda i: 0.0, rng, people=80)
    sex = {p: "f" if i < 40 else "m" for i, p in enumerate(ids)}
    found = {m.metric: m.estimate for m in measure_group_gaps([fold], {"sex": sex}, rng)}
    assert found["accuracy-worst@sex"].value == 1.0
    assert found["accuracy-worst@sex"].low == pytest.approx(0.912, abs=0.001)


def test_groups_drawn_by_chance_seldom_differ():
    rng = np.random.default_rng(5)
    off = 0
    for _ in range(20):
        fold, ids = one_fold(lambda i: 0.5, rng, people=200)
        sex = {p: "fm"[int(rng.random() < 0.5)] for p in ids}
        found = {m.metric: m.estimate for m in measure_group_gaps([fold], {"sex": sex}, rng)}
        off += found["auroc-gap@sex"].low > 0
    assert off <= 4
