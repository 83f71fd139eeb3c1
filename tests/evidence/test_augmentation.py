"""What a release adds: paired, by number of real people, nothing where it adds nothing."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.augmentation import measure_augmentation
from mindveil.utility.base import Added, Predictions


def predictions(truth, noise, rng):
    told = np.clip(truth * 0.6 + 0.2 + rng.normal(scale=noise, size=len(truth)), 0, 1)
    return Predictions(
        ids=tuple(f"P{i}" for i in range(len(truth))),
        truth=truth,
        predicted=told,
        guess=np.full(len(truth), truth.mean()),
    )


def added(truth, noises, rng):
    alone, joined = (predictions(truth, n, rng) for n in noises)
    return Added(alone=alone, joined=joined)


def test_a_gain_has_its_paired_interval():
    rng = np.random.default_rng(1)
    truth = (np.arange(400) % 3 == 0).astype(float)
    folds = [(r, {"100": added(truth, (0.6, 0.2), rng)}) for r in range(2)]
    found = {m.metric: m for m in measure_augmentation(folds, rng)}
    assert set(found) == {
        "auroc@100",
        "auroc-gain@100",
        "balanced-accuracy@100",
        "balanced-accuracy-gain@100",
    }
    gain = found["auroc-gain@100"].estimate
    assert gain.low > 0.1
    level = found["auroc@100"]
    assert gain.value == pytest.approx(level.estimate.value - level.baseline)
    assert gain.n == 400


def test_nothing_added_is_no_gain():
    rng = np.random.default_rng(2)
    truth = (np.arange(300) % 2).astype(float)
    same = predictions(truth, 0.3, rng)
    found = measure_augmentation([(0, {"all": Added(alone=same, joined=same)})], rng)
    gains = [m.estimate for m in found if "-gain" in m.metric]
    assert all((e.value, e.low, e.high) == (0.0, 0.0, 0.0) for e in gains)


def test_a_size_that_some_fold_lacks_is_left_out():
    rng = np.random.default_rng(3)
    truth = (np.arange(60) % 2).astype(float)
    both = {"100": added(truth, (0.3, 0.3), rng), "all": added(truth, (0.3, 0.3), rng)}
    found = measure_augmentation([(0, both), (1, {"all": both["all"]})], rng)
    assert {m.metric.partition("@")[2] for m in found} == {"all"}
    with pytest.raises(InvalidMeasurement, match="enough to learn from"):
        measure_augmentation([(0, {"100": both["100"]}), (1, {"all": both["all"]})], rng)


def test_too_few_cases_are_refused():
    rng = np.random.default_rng(4)
    truth = np.zeros(60)
    truth[:4] = 1
    with pytest.raises(InvalidMeasurement, match="4 of 60 people are cases"):
        measure_augmentation([(0, {"all": added(truth, (0.3, 0.3), rng)})], rng)
