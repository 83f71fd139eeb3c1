"""A network trained on its own people alone is the one that shared batches would have made."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.train.many_heads import WALK, draws, hits, people, rng
from tests.train.one_by_one import row_gradient

from mindveil.train import heads
from mindveil.train.head_steps import Course, Pace
from mindveil.train.heads import Examples, HeadStack, Shape, Steps, train_heads
from mindveil.train.lone_steps import LoneSteps, own_people
from mindveil.train.residuals import Wanted
from mindveil.train.windows import Windows

FREE = replace(WALK, clip=math.inf, multiplier=0.0)
NEVER = 1 << 60


def halves(count: int, models: int, seed: int = 0) -> np.ndarray:
    """Return who is in the half of each model."""
    inside = np.repeat((np.arange(count) % 2 == 0)[:, None], models, axis=1)
    return rng(seed).permuted(inside, axis=0)


def both_ways(
    taught: Examples, shape: Shape, walk: Steps, monkeypatch: pytest.MonkeyPatch
) -> tuple[HeadStack, HeadStack]:
    """Train three models alone, and again on shared batches."""
    monkeypatch.setattr(heads, "LEAST", 0)
    alone = train_heads(taught, shape, walk, draws(3), 3)
    monkeypatch.setattr(heads, "LEAST", NEVER)
    return alone, train_heads(taught, shape, walk, draws(3), 3)


def trains_alone(taught: Examples, shape: Shape, walk: Steps) -> list[bool]:
    assert taught.weights is not None
    found: list[bool] = heads._alone(taught, shape, walk, taught.weights.shape[1]).tolist()
    return found


# Worked by hand


def test_one_person_moves_one_unit() -> None:
    layers = LoneSteps.of(1, (2, 2), 1)
    # The first unit says 3 + 2 * 4 - 1 = 10, the second is silent; together they say 10 - 10.
    first = np.array([[[1.0, 2.0, -1.0], [-1.0, -1.0, 0.0]]], np.float32)
    last = np.array([[[1.0, 5.0, -10.0]]], np.float32)
    windows = Windows.of(np.array([[3.0, 4.0]]), None, 1)
    wanted = Wanted(
        answers=np.ones(1, np.float32), weights=None, clip=None, unit=np.full(1, 2.0, np.float32)
    )
    sums = np.empty_like(first), np.empty_like(last)
    layers.gradients((first, last), windows.everyone, wanted, sums)
    # One half is wrong, and the unit doubles it.
    assert sums[0].tolist() == [[[-3.0, -4.0, -1.0], [0.0, 0.0, 0.0]]]
    assert sums[1].tolist() == [[[-10.0, 0.0, -1.0]]]


def test_whom_a_model_does_not_heed_is_not_in_its_steps() -> None:
    windows = Windows.of(np.ones((3, 1)), None, 3)
    weights = np.array([[1.0], [0.0], [1.0]], np.float32)
    one = np.ones(1, np.float32)
    course = Course(
        windows=windows,
        chosen=[None, np.array([0, 1]), np.array([1])],
        wanted=Wanted(answers=np.ones(3, np.float32), weights=weights, clip=None, unit=one),
        pace=Pace(noise=None, shrink=None, rate=None, momentum=0.0),
        first=4,
    )
    own = own_people(course)
    assert [c.tolist() for c in own.chosen if c is not None] == [[0, 2], [0], []]
    assert own.wanted.weights is None
    assert own_people(own) is own


# For any shape


@settings(max_examples=60, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    size=st.integers(0, 9),
    shape=st.builds(
        Shape,
        columns=st.integers(1, 9),
        hidden=st.sampled_from([1, 2, 5]),
        classes=st.sampled_from([2, 3]),
    ),
    memory=st.sampled_from(["C", "F"]),
)
def test_sums_are_those_of_one_row_at_a_time(
    seed: int, size: int, shape: Shape, memory: str
) -> None:
    source = rng(seed)
    rows = source.standard_normal((size, shape.columns)).astype(np.float32)
    answers = source.integers(0, shape.classes, size).astype(np.float32)
    layers = LoneSteps.of(shape.outputs, (shape.columns, shape.hidden), size)
    written = [source.standard_normal(s).astype(np.float32) for s in layers.shapes()]
    tensors = tuple(np.asarray(t, order="F" if memory == "F" else "C") for t in written)
    windows = Windows.of(rows, None, size)
    wanted = Wanted(answers=answers, weights=None, clip=None, unit=np.full(1, 0.3, np.float32))
    sums = tuple(np.empty_like(t) for t in tensors)
    layers.gradients(tensors, windows.everyone, wanted, sums)
    alone = tuple(t[0].astype(np.float64) for t in tensors)
    parts = [
        row_gradient(alone, row, label)
        for row, label in zip(rows.astype(np.float64), answers, strict=True)
    ]
    for layer, found in enumerate(sums):
        truth = 0.3 * sum((p[layer] for p in parts), np.zeros(found.shape[1:]))
        np.testing.assert_allclose(found[0], truth, rtol=1e-3, atol=1e-4)


# Alone and together


@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("rate", [0.5, 1.0])
@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "adam"])
def test_alone_a_network_is_what_shared_batches_make_of_it(
    optimiser: str, rate: float, classes: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught = replace(people(60, 5), weights=halves(60, 3))
    if classes == 3:
        taught = replace(taught, labels=rng(8).integers(0, 3, 60).astype(np.float64))
    walk = replace(
        FREE,
        rate=rate,
        learning_rate=(0.02, 0.1, 0.05),
        momentum=0.8 if optimiser == "momentum" else 0.0,
        optimiser="adam" if optimiser == "adam" else "sgd",
        l2=0.1,
    )
    shape = Shape(columns=5, hidden=6, classes=classes)
    alone, shared = both_ways(taught, shape, walk, monkeypatch)
    for a, b in zip(alone.tensors, shared.tensors, strict=True):
        assert a.flags.c_contiguous
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


def test_a_network_has_the_same_bytes_whichever_others_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(heads, "LEAST", 0)
    inside = halves(60, 4)
    taught, shape = replace(people(60, 5), weights=inside), Shape(columns=5, hidden=6)
    mixed = replace(FREE, clip=(math.inf, 0.5, math.inf, 0.5))
    assert trains_alone(taught, shape, mixed) == [True, False, True, False]
    among = train_heads(taught, shape, mixed, draws(4), 4)
    again = train_heads(taught, shape, mixed, draws(4), 4)
    assert [t.tobytes() for t in among.tensors] == [t.tobytes() for t in again.tensors]
    for model in (0, 2):
        own = replace(taught, weights=inside[:, model : model + 1])
        alone = train_heads(own, shape, FREE, draws(4).only(model), 1)
        for a, b in zip(alone.tensors, among.tensors, strict=True):
            assert a[0].tobytes() == b[model].tobytes()


@pytest.mark.parametrize("rate", [0.5, 1.0])
def test_others_have_no_influence(rate: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "LEAST", 0)
    taught, shape = people(60, 5), Shape(columns=5, hidden=6)
    out = np.arange(60) < 20
    masked = replace(taught, weights=~out[:, None])
    changed = replace(
        masked,
        rows=np.where(out[:, None], 1e4, taught.rows),
        labels=np.where(out, 1.0 - taught.labels, taught.labels),
    )
    walk = replace(FREE, rate=rate)
    assert trains_alone(masked, shape, walk) == [True]
    one, two = (train_heads(e, shape, walk, draws(1), 1) for e in (masked, changed))
    assert [t.tobytes() for t in one.tensors] == [t.tobytes() for t in two.tensors]
    nobody = replace(taught, weights=np.zeros((60, 1)))
    start = train_heads(nobody, shape, replace(walk, steps=1), draws(1), 1)
    after = train_heads(nobody, shape, walk, draws(1), 1)
    assert [t.tobytes() for t in start.tensors] == [t.tobytes() for t in after.tensors]
    assert not np.allclose(start.tensors[0], one.tensors[0], atol=1e-3)


def test_alone_goes_who_promises_nothing_and_is_spared_much() -> None:
    taught = replace(people(400, 64), weights=halves(400, 2))
    shape, walk = Shape(columns=64, hidden=256), replace(FREE, rate=1.0)
    assert trains_alone(taught, shape, walk) == [True, True]
    half = np.where(halves(400, 2), 0.5, 0.0)
    half[:, 0] *= 2.0
    assert trains_alone(replace(taught, weights=half), shape, walk) == [True, False]
    few = np.ones((400, 2))
    few[:200, 1] = 0.0
    assert trains_alone(replace(taught, weights=few), shape, walk) == [False, True]
    assert trains_alone(taught, replace(shape, hidden=0), walk) == [False, False]
    assert trains_alone(taught, replace(shape, hidden=16), walk) == [False, False]
    assert trains_alone(taught, shape, replace(walk, rate=0.1)) == [False, False]
    limited = replace(walk, clip=(1.0, math.inf))
    assert trains_alone(taught, shape, limited) == [False, True]
    twice = replace(
        taught, rows=np.repeat(taught.rows, 2, axis=0), person=np.repeat(np.arange(400), 2)
    )
    assert trains_alone(twice, shape, walk) == [False, False]


# Planted truth, and none


@pytest.mark.parametrize("signal", [12.0, 0.0])
def test_alone_it_learns_what_is_there(signal: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "LEAST", 0)
    taught = replace(people(1500, 10, seed=1, signal=signal), weights=halves(1500, 3))
    asked = people(4000, 10, seed=2, signal=signal)
    walk = Steps(steps=100, people=750.0, rate=0.2, learning_rate=1.0)
    found = hits(train_heads(taught, Shape(columns=10, hidden=16), walk, draws(3), 3), asked)
    if signal:
        assert found.min() > 0.85
    else:
        assert abs(found.mean() - 0.5) < 3.0 * 0.5 / math.sqrt(4000)
