"""Many heads at once are what each of them would have been alone, one person at a time."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.train.many_heads import WALK, draws, hits, people, rng

from mindveil.dp.noise import seeded
from mindveil.errors import InputError
from mindveil.train import heads
from mindveil.train.draws import NoiseDraws
from mindveil.train.heads import Examples, Shape, Steps, train_heads

# Worked by hand


def test_one_person_takes_one_clipped_step() -> None:
    one = Examples(rows=np.array([[3.0, 4.0]]), labels=np.array([1.0]))
    # At zero the residual is -1/2, and the row with its constant is sqrt(26) long.
    step = Steps(steps=1, people=1.0, learning_rate=1.0, clip=1.0)
    stack = train_heads(one, Shape(columns=2), step, draws(1), 1)
    np.testing.assert_allclose(
        stack.tensors[0][0, 0], np.array([3.0, 4.0, 1.0]) / math.sqrt(26.0), rtol=1e-5
    )
    free = train_heads(one, Shape(columns=2), replace(step, clip=math.inf), draws(1), 1)
    np.testing.assert_allclose(free.tensors[0][0, 0], [1.5, 2.0, 0.5], rtol=1e-6)


def test_two_windows_of_one_person_are_clipped_as_one() -> None:
    rows = np.array([[3.0, 0.0], [0.0, 4.0]])
    both = Examples(rows=rows, labels=np.array([1.0]), person=np.array([0, 0]))
    step = Steps(steps=1, people=1.0, learning_rate=1.0, clip=1.0)
    stack = train_heads(both, Shape(columns=2), step, draws(1), 1)
    # The mean of both gradients is -(1/2) (1.5, 2, 1), which is sqrt(7.25) / 2 long.
    np.testing.assert_allclose(
        stack.tensors[0][0, 0], np.array([1.5, 2.0, 1.0]) / math.sqrt(7.25), rtol=1e-5
    )


def test_sums_are_divided_by_the_public_number_alone() -> None:
    taught = people(40, 3)
    step = Steps(steps=1, people=40.0, rate=0.5, learning_rate=1.0)
    small = train_heads(taught, Shape(columns=3), step, draws(1), 1).tensors[0]
    double = replace(step, people=80.0)
    large = train_heads(taught, Shape(columns=3), double, draws(1), 1).tensors[0]
    np.testing.assert_allclose(large, small / 2.0, rtol=1e-5)


def test_noise_is_as_wide_as_asked() -> None:
    nobody = Examples(rows=np.zeros((4, 20_000)), labels=np.array([0.0, 1.0, 0.0, 1.0]))
    step = Steps(
        steps=1, people=10.0, rate=0.5, learning_rate=3.0, clip=0.2, multiplier=(0.0, 1.0, 2.5)
    )
    found = train_heads(nobody, Shape(columns=20_000), step, draws(3), 3).tensors[0][:, 0, :-1]
    wide = np.array([0.0, 1.0, 2.5]) * 0.2 / (0.5 * 10.0) * 3.0
    np.testing.assert_allclose(found.std(axis=1), wide, rtol=0.02)
    assert abs(np.corrcoef(found[1], found[2])[0, 1]) < 0.03


def test_models_with_a_limit_and_without_go_together() -> None:
    taught = people(60, 5, signal=30.0)
    walk = replace(WALK, multiplier=0.0, rate=1.0)
    mixed = replace(walk, clip=(0.1, math.inf))
    both = train_heads(taught, Shape(columns=5), mixed, draws(2), 2).tensors[0]
    for model, limit in enumerate((0.1, math.inf)):
        own = replace(walk, clip=limit)
        alone = train_heads(taught, Shape(columns=5), own, draws(1), 1).tensors[0]
        np.testing.assert_allclose(alone[0], both[model], rtol=1e-4, atol=1e-5)
    assert np.abs(both[1]).max() > 1.5 * np.abs(both[0]).max()


@pytest.mark.parametrize("hidden", [0, 6])
def test_nobody_moves_a_sum_by_more_than_the_limit(hidden: int) -> None:
    """A row a million times as long, and nearly parallel windows, stay within the limit."""
    source = rng(5)
    base = source.standard_normal(8)
    rows = np.stack([base * 1e6, -base * 1e6 * (1 + 1e-7), base, base * 1e-6])
    person, labels = np.array([0, 0, 1, 1]), np.array([1.0, 0.0])
    shape = Shape(columns=8, hidden=hidden)
    step = Steps(steps=1, people=1.0, learning_rate=1.0, clip=0.3)
    for weights in (np.array([[1.0], [0.0]]), np.array([[0.0], [1.0]])):
        one = Examples(rows=rows, labels=labels, person=person, weights=weights)
        none = replace(one, weights=np.zeros((2, 1)))
        after = train_heads(one, shape, step, draws(1), 1)
        before = train_heads(none, shape, step, draws(1), 1)
        moved = [a - b for a, b in zip(after.tensors, before.tensors, strict=True)]
        length = math.sqrt(sum(float(np.sum(m.astype(np.float64) ** 2)) for m in moved))
        assert length <= 0.3 * (1 + 1e-5)


# Together and alone


@pytest.mark.parametrize("hidden", [0, 4])
def test_each_model_is_what_it_would_have_been_alone(
    hidden: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    taught = replace(people(60, 5), weights=rng(3).random((60, 3)) < 0.7)
    shape = Shape(columns=5, hidden=hidden)
    walk = replace(WALK, multiplier=(0.5, 1.0, 2.0), learning_rate=(0.5, 1.0, 0.2))
    together = train_heads(taught, shape, walk, draws(3), 3)
    monkeypatch.setattr(heads, "ROOM", 1)
    apart = train_heads(taught, shape, walk, draws(3), 3)
    assert taught.weights is not None
    for m in range(3):
        own = replace(taught, weights=taught.weights[:, m : m + 1])
        pace = replace(walk, multiplier=(0.5, 1.0, 2.0)[m], learning_rate=(0.5, 1.0, 0.2)[m])
        alone = train_heads(own, shape, pace, draws(3).only(m), 1)
        for a, b, c in zip(alone.tensors, together.tensors, apart.tensors, strict=True):
            np.testing.assert_allclose(a[0], b[m], rtol=1e-3, atol=1e-4)
            np.testing.assert_allclose(a[0], c[m], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("hidden", [0, 4])
@pytest.mark.parametrize("rate", [0.5, 1.0])
def test_the_same_call_returns_the_same_bytes(hidden: int, rate: float) -> None:
    taught, walk = people(60, 5), replace(WALK, rate=rate)
    one, two = (
        train_heads(taught, Shape(columns=5, hidden=hidden), walk, draws(3), 3) for _ in range(2)
    )
    assert [t.tobytes() for t in one.tensors] == [t.tobytes() for t in two.tensors]


@pytest.mark.parametrize("hidden", [0, 4])
def test_who_has_weight_0_has_no_influence(hidden: int) -> None:
    taught, shape = people(60, 5), Shape(columns=5, hidden=hidden)
    out = np.arange(60) < 20
    masked = replace(taught, weights=np.repeat(~out[:, None], 2, axis=1))
    changed = replace(
        masked,
        rows=np.where(out[:, None], 1e4, taught.rows),
        labels=np.where(out, 1.0 - taught.labels, taught.labels),
    )
    for walk in (WALK, replace(WALK, clip=math.inf, multiplier=0.0)):
        one, two = (train_heads(e, shape, walk, draws(2), 2) for e in (masked, changed))
        assert [t.tobytes() for t in one.tensors] == [t.tobytes() for t in two.tensors]
    walk = replace(WALK, rate=1.0)
    left = Examples(rows=taught.rows[~out], labels=taught.labels[~out])
    without = train_heads(left, shape, walk, draws(2), 2)
    inside = train_heads(masked, shape, walk, draws(2), 2)
    for a, b in zip(without.tensors, inside.tensors, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)


def test_a_released_model_draws_from_noise_that_protects() -> None:
    taught, shape = people(60, 5), Shape(columns=5, hidden=3)
    stack = train_heads(taught, shape, WALK, NoiseDraws(seeded(rng(1))), 1)
    again = train_heads(taught, shape, WALK, NoiseDraws(seeded(rng(1))), 1)
    assert [t.tobytes() for t in stack.tensors] == [t.tobytes() for t in again.tensors]
    with pytest.raises(InputError, match="train it alone"):
        train_heads(taught, shape, WALK, NoiseDraws(seeded(rng(1))), 2)


# Planted truth, and none


@pytest.mark.parametrize(("hidden", "rate"), [(0, 4.0), (16, 1.0)])
def test_what_is_there_is_learnt(hidden: int, rate: float) -> None:
    taught, asked = people(1500, 10, seed=1, signal=12.0), people(1500, 10, seed=2, signal=12.0)
    free = Steps(steps=150, people=1500.0, rate=0.2, learning_rate=rate)
    private = replace(free, clip=1.0, multiplier=2.0)
    shape = Shape(columns=10, hidden=hidden)
    best = hits(train_heads(taught, shape, free, draws(4), 4), asked)
    assert best.min() > 0.85
    assert hits(train_heads(taught, shape, private, draws(4), 4), asked).min() > best.max() - 0.04


def test_classes_are_told_apart() -> None:
    source = rng(4)
    labels = source.integers(0, 3, 600).astype(np.float64)
    rows = np.eye(3)[labels.astype(int)] + 0.3 * source.standard_normal((600, 3))
    for hidden in (0, 8):
        shape = Shape(columns=3, hidden=hidden, classes=3)
        step = Steps(steps=80, people=600.0, learning_rate=0.5)
        stack = train_heads(Examples(rows=rows, labels=labels), shape, step, draws(2), 2)
        told = stack.scores(rows).argmax(axis=2)
        assert (told == labels[:, None]).mean() > 0.9
        with pytest.raises(InputError, match="ask for the scores"):
            stack.log_odds(rows)


@pytest.mark.parametrize("hidden", [0, 8])
def test_where_nothing_is_there_nothing_is_learnt(hidden: int) -> None:
    taught, asked = people(400, 10, seed=1, signal=0.0), people(4000, 10, seed=2, signal=0.0)
    stack = train_heads(taught, Shape(columns=10, hidden=hidden), WALK, draws(6), 6)
    assert abs(hits(stack, asked).mean() - 0.5) < 3.0 * 0.5 / math.sqrt(4000)


def test_one_of_a_stack_says_what_it_said_there() -> None:
    taught = people(60, 5)
    for hidden in (0, 4):
        stack = train_heads(taught, Shape(columns=5, hidden=hidden), WALK, draws(3), 3)
        alone = stack.one(2)
        assert alone.models == 1
        np.testing.assert_allclose(
            alone.log_odds(taught.rows)[:, 0], stack.log_odds(taught.rows)[:, 2], atol=1e-5
        )
        assert stack.log_odds(np.empty((0, 5))).shape == (0, 3)


# What is refused


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rows": np.full((60, 5), np.nan)}, "not a finite number"),
        ({"rows": np.full((60, 5), 1e300)}, "not a finite number"),
        ({"rows": np.full((60, 5), -2e9)}, "beyond 1e[+]09"),
        ({"rows": np.zeros((60, 4))}, "have 4 columns"),
        ({"labels": np.full(60, 2.0)}, "none of the classes"),
        ({"labels": np.full(60, np.nan)}, "none of the classes"),
        ({"weights": np.ones((60, 2))}, "who counts where"),
        ({"weights": np.full((60, 3), -1.0)}, "between 0 and 1"),
        ({"weights": np.full((60, 3), np.nan)}, "between 0 and 1"),
        ({"person": np.full(60, 3)}, "59 of 60 people have no row"),
        ({"person": np.full(60, 60)}, "not among the 60"),
        ({"person": np.zeros(3, np.intp)}, "whose each one is"),
    ],
)
def test_what_cannot_be_learnt_from_is_refused(
    change: dict[str, NDArray[np.float64]], message: str
) -> None:
    taught = replace(people(60, 5), **change)
    with pytest.raises(InputError, match=message):
        train_heads(taught, Shape(columns=5), WALK, draws(3), 3)


@pytest.mark.parametrize(
    "change",
    [
        {"steps": 0},
        {"rate": 0.0},
        {"rate": 1.5},
        {"people": 0.0},
        {"learning_rate": math.nan},
        {"clip": 0.0},
        {"clip": math.inf},
        {"multiplier": -1.0},
        {"multiplier": math.nan},
    ],
)
def test_steps_that_cannot_be_taken_are_refused(change: dict[str, float]) -> None:
    with pytest.raises(InputError):
        replace(WALK, **change)


def test_models_that_cannot_be_are_refused() -> None:
    two = replace(WALK, multiplier=(1.0, 2.0))
    with pytest.raises(InputError, match="2 settings"):
        train_heads(people(60, 5), Shape(columns=5), two, draws(3), 3)
    with pytest.raises(InputError, match="cannot learn"):
        Shape(columns=0)
    with pytest.raises(InputError, match="at least one"):
        train_heads(people(60, 5), Shape(columns=5), WALK, draws(1), 0)
