"""Fidelity and the tasks of a release on 4,091 real people: real beside real, margins alone."""

from __future__ import annotations

import csv
from functools import cache

import numpy as np
import pytest
from tests.utility.answers import scattered, table

from mindveil.corpus.model import Column
from mindveil.evidence import detection
from mindveil.evidence.detection import measure_detection, pool
from mindveil.evidence.fidelity import measure_fidelity
from mindveil.utility.psychometrics import Psychometrics
from mindveil.utility.screening import RestScore, Screener

pytestmark = pytest.mark.realdata


@cache
def people_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    answers = [
        [int(v) - 1 for k, v in r.items() if k.startswith("dass") and "_" in k] for r in rows
    ]
    columns = {
        "age": Column(role="quasi", kind="number"),
        "gender": Column(role="quasi", kind="nominal"),
    }
    background = {
        "age": [float(r["age"]) if r["age"] else None for r in rows],
        "gender": [r["gender"] or None for r in rows],
    }
    return table({"dass42": answers}, background, columns)


@pytest.fixture
def halves(real_data):
    people = people_of(real_data / "tabular" / "dass42_adults.csv")
    order = np.random.default_rng(11).permutation(len(people.ids))
    return [people.select([people.ids[i] for i in part]) for part in np.array_split(order, 2)]


def figures(release, original):
    rng = np.random.default_rng(12)
    fold = Psychometrics(target="dass42").compare(release, original, rng)
    return {m.metric: m for m in measure_fidelity([fold], rng)}


def test_real_people_beside_real_people(halves):
    found = figures(*halves)
    for name in ("alpha-change@depression", "alpha-change@anxiety", "alpha-change@stress"):
        assert abs(found[name].estimate.value) < 0.01
        assert found[name].control.high < 0.01
    assert abs(found["r-change@depression~anxiety"].estimate.value) < 0.035
    assert abs(found["prevalence-change@depression>=14"].estimate.value) < 0.035
    assert found["congruence"].estimate.low > 0.99
    assert found["detectability"].estimate.value < 0.55
    assert found["margins-tv"].estimate.value < 0.03


def test_margins_alone_fail_in_every_way(halves):
    found = figures(scattered(halves[1], np.random.default_rng(13)), halves[1])
    assert found["alpha-change@depression"].estimate.high < -0.8
    assert found["r-change@depression~anxiety"].estimate.high < -0.5
    assert found["prevalence-change@depression>=14"].estimate.low > 0.2
    assert found["congruence"].estimate.high < 0.6
    assert found["detectability"].estimate.low > 0.95
    assert found["margins-tv-worst"].estimate.value < 0.01


@pytest.mark.parametrize(
    ("task", "scale", "least"),
    [
        (RestScore, "depression>=14", (0.89, 0.88, 0.96)),
        # below .85 on the real table itself: no release can be asked for more
        (RestScore, "anxiety>=10", (0.82, 0.79, 0.90)),
        (Screener, "depression>=14", (0.94, 0.93, 0.98)),
        (Screener, "anxiety>=10", (0.90, 0.88, 0.96)),
    ],
)
def test_what_half_a_scale_tells_of_the_other_half(halves, task, scale, least):
    rng = np.random.default_rng(14)
    made = task(target=f"dass42.{scale}").predict(*halves, rng)
    fold = detection.Tested(repeat=0, released=made, original=made)
    found = {m.metric: m.estimate.value for m in measure_detection(pool([fold]), rng)}
    seen = (found["accuracy"], found["balanced-accuracy"], found["auroc"])
    assert all(s > floor for s, floor in zip(seen, least, strict=True)), seen
