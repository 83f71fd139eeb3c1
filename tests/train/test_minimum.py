"""The least is found, to the tolerance, and no person pulls it further than the proofs say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.errors import InvalidMeasurement
from mindveil.train import minimum as module
from mindveil.train.minimum import TOLERANCE, Task, minimum, pulls_of
from mindveil.train.unit_rows import unit_rows, with_constant


def task(rows, severity, inside=None, *, tilt=None, penalty=1.0, pull=0.5):
    inside = np.ones((len(rows), 1)) if inside is None else inside
    tilt = np.zeros((rows.shape[1], inside.shape[1])) if tilt is None else tilt
    return Task(rows=rows, severity=severity, inside=inside, tilt=tilt, penalty=penalty, pull=pull)


def test_one_person_by_hand():
    # Small misses cost half their square: w - y + penalty w + tilt = 0.
    found = minimum(task(np.array([[1.0]]), np.array([1e-3]), tilt=np.array([[2e-4]]), pull=100.0))
    assert found[0, 0] == pytest.approx((1e-3 - 2e-4) / 2.0, rel=1e-6)
    # A hopeless miss pulls with the whole bound and no more: penalty w = .5.
    far = minimum(task(np.array([[1.0]]), np.array([1e9])))
    assert far[0, 0] == pytest.approx(0.5, abs=1e-6)


def test_nobody_pulls_harder_than_the_bound():
    assert np.abs(pulls_of(np.array([-1e300, -1.0, 0.3, 1e9]), 0.5)).max() <= 0.5
    assert pulls_of(np.array([0.5]), 0.5)[0] == pytest.approx(0.5 / np.sqrt(2))


@given(
    seed=st.integers(0, 5000),
    people=st.integers(0, 40),
    penalty=st.floats(0.05, 100.0),
    size=st.floats(0.0, 1e3),
)
def test_no_gradient_is_left(seed, people, penalty, size):
    rng = np.random.default_rng(seed)
    rows = with_constant(unit_rows(rng.normal(size=(people, 3)), 0.7))
    given_ = task(
        rows,
        rng.uniform(-1, 1, people),
        (rng.random((people, 3)) < 0.5).astype(float),
        tilt=size * rng.normal(size=(4, 3)),
        penalty=penalty,
    )
    left = np.sqrt(np.square(given_.gradient(minimum(given_))).sum(axis=0))
    assert left.max() <= TOLERANCE


@given(seed=st.integers(0, 5000), penalty=st.floats(0.1, 20.0))
def test_one_person_more_moves_the_least_no_further_than_pull_over_penalty(seed, penalty):
    rng = np.random.default_rng(seed)
    rows = with_constant(unit_rows(rng.normal(size=(12, 3)) * 3, 0.7))
    severity = rng.choice([-1.0, 1.0], 12)
    inside = np.ones((12, 2))
    inside[0, 1] = 0.0
    found = minimum(task(rows, severity, inside, penalty=penalty))
    assert np.linalg.norm(found[:, 0] - found[:, 1]) <= 0.5 / penalty + 2 * TOLERANCE / penalty


def test_the_bend_is_the_change_of_the_gradient():
    rng = np.random.default_rng(3)
    given_ = task(rng.normal(size=(30, 2)) / 3, rng.uniform(-1, 1, 30))
    at, small = np.array([[0.4], [-0.2]]), 1e-6
    for place in range(2):
        step = np.zeros((2, 1))
        step[place] = small
        change = (given_.gradient(at + step) - given_.gradient(at - step)) / (2 * small)
        assert change[:, 0].tolist() == pytest.approx(given_.bend(at, 1.5)[0, place].tolist())
    above = np.linalg.eigvalsh(given_.bend(at, 0.5)[0] - given_.bend(at, 1.5)[0])
    assert above.min() >= -1e-12


def test_what_was_not_found_is_not_released(monkeypatch):
    monkeypatch.setattr(module, "_ROUNDS", 1)
    with pytest.raises(InvalidMeasurement, match="was not found"):
        minimum(task(np.ones((5, 1)), np.ones(5)))
