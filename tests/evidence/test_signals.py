"""Figures about recordings: by hand, of planted agreement, and of none."""

from __future__ import annotations

import numpy as np
import pytest

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.signals import measure_signal
from mindveil.utility.base import Recognised, Retained, Transcribed

CLASSES = ("happy", "sad", "angry")


def rows(signals, seed=1):
    return {m.metric: m for m in measure_signal(signals, np.random.default_rng(seed))}


def recognised(people, truth, told):
    return Recognised(
        people=tuple(people), classes=CLASSES, truth=np.array(truth), told=np.array(told)
    )


def test_recall_by_hand():
    # happy: 2 of 2, sad: 1 of 2 -> UAR (1 + 1/2) / 2; nobody was asked to be angry
    found = rows([recognised("AABB", [0, 1, 0, 1], [0, 1, 0, 2])])
    assert found["uar"].estimate.value == pytest.approx(0.75)
    assert found["uar"].baseline == 0.5
    assert found["recall@sad"].estimate.value == 0.5
    assert found["recall@happy"].estimate.high == 1.0
    assert found["recall@happy"].estimate.low < 0.3, "two people cannot show 100 %"
    assert set(found) == {"uar", "recall@happy", "recall@sad"}


def test_a_lost_class_shows_in_its_recall():
    people = [f"P{i}" for i in range(30) for _ in CLASSES]
    truth = [0, 1, 2] * 30
    told = [0, 0, 2] * 30
    found = rows([recognised(people, truth, told)])
    assert found["recall@sad"].estimate.value == 0.0
    assert found["recall@sad"].estimate.high == pytest.approx(0.1157, abs=1e-3)
    assert found["uar"].estimate.value == pytest.approx(2 / 3)


def test_one_class_is_no_question():
    with pytest.raises(InvalidMeasurement, match="nothing to tell apart"):
        rows([recognised("AB", [0, 0], [0, 1])])


def retained(before, after, people):
    return Retained(people=tuple(people), measures=("f0",), original=before, released=after)


def test_between_and_within_by_planting():
    # People keep their level, and every recording of a person is turned about her mean.
    rng = np.random.default_rng(4)
    people = [f"P{i}" for i in range(40) for _ in range(4)]
    level = np.repeat(rng.normal(0, 5, 40), 4)
    day = rng.normal(0, 1, (40, 4))
    day = (day - day.mean(axis=1, keepdims=True)).ravel()
    found = rows([retained((level + day)[:, None], (level - day)[:, None], people)])
    assert found["between@f0"].estimate.value == pytest.approx(1.0)
    assert found["within@f0"].estimate.value == pytest.approx(-1.0)


def test_the_interval_of_a_correlation_holds_the_planted_one():
    rng = np.random.default_rng(5)
    inside = 0
    for _ in range(40):
        one = rng.normal(size=(60, 1))
        two = 0.6 * one + 0.8 * rng.normal(size=(60, 1))
        people = [f"P{i}" for i in range(60)]
        told = measure_signal([retained(one, two, people)], rng)[0].estimate
        inside += told.low <= 0.6 <= told.high
    assert inside >= 33


def test_nothing_kept_and_nothing_measured():
    rng = np.random.default_rng(6)
    people = [f"P{i}" for i in range(12)]
    before = rng.normal(size=(12, 1))
    assert rows([retained(before, np.ones((12, 1)), people)])["between@f0"].estimate.value == 0.0
    gone = before.copy()
    gone[:3] = np.nan
    found = rows([retained(before, gone, people)])
    assert found["between@f0"].note == "3 recordings lost the measure"
    assert found["between@f0"].estimate.n == 9
    with pytest.raises(InvalidMeasurement, match="12 people with recordings"):
        rows([retained(np.ones((12, 1)), before, people)])


def test_word_errors_by_hand():
    signal = Transcribed(
        people=("A", "A", "B"), errors=np.array([1.0, 0.0, 3.0]), words=np.array([10.0, 5.0, 5.0])
    )
    assert rows([signal])["wer"].estimate.value == pytest.approx(0.2)
    silent = Transcribed(people=("A",), errors=np.zeros(1), words=np.zeros(1))
    with pytest.raises(InvalidMeasurement, match="no words"):
        rows([silent])
