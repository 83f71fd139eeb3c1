"""What people teach in a step, and what a model makes of it, are the textbook's."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.train.many_heads import WALK, draws, people, rng
from tests.train.one_by_one import clipped, person_gradient, row_gradient

from mindveil.train.heads import Shape, Steps, train_heads
from mindveil.train.linear_steps import LinearSteps
from mindveil.train.mlp_steps import MlpSteps
from mindveil.train.residuals import Wanted
from mindveil.train.windows import Windows


@pytest.mark.parametrize("optimiser", ["sgd", "momentum", "adam"])
def test_steps_are_those_of_the_textbook(optimiser: str) -> None:
    taught, l2 = people(30, 4), 0.1
    step = Steps(
        steps=5,
        people=30.0,
        learning_rate=0.3,
        l2=l2,
        momentum=0.9 if optimiser == "momentum" else 0.0,
        optimiser="adam" if optimiser == "adam" else "sgd",
    )
    found = train_heads(taught, Shape(columns=4), step, draws(1), 1).tensors[0][0]
    weights, speed, square = np.zeros((1, 5)), np.zeros((1, 5)), np.zeros((1, 5))
    for number in range(1, 6):
        parts = [
            row_gradient((weights,), row, label)[0]
            for row, label in zip(taught.rows, taught.labels, strict=True)
        ]
        gradient = np.mean(parts, axis=0) + l2 * weights * np.array([1, 1, 1, 1, 0])
        if optimiser == "adam":
            speed = 0.9 * speed + 0.1 * gradient
            square = 0.999 * square + 0.001 * gradient**2
            mean, spread = speed / (1 - 0.9**number), square / (1 - 0.999**number)
            weights = weights - 0.3 * mean / (np.sqrt(spread) + 1e-8)
        else:
            speed = (0.9 if optimiser == "momentum" else 0.0) * speed + gradient
            weights = weights - 0.3 * speed
    np.testing.assert_allclose(found, weights, rtol=2e-4, atol=1e-5)


def _clipped_sums_agree(seed: int, counts: list[int], shape: Shape, models: int) -> None:
    source = rng(seed)
    total, limit = int(sum(counts)), float(source.choice([0.05, 0.5, 5.0]))
    owner = source.permutation(np.repeat(np.arange(len(counts)), counts))
    rows = source.standard_normal((total, shape.columns))
    answers = source.integers(0, shape.classes, len(counts)).astype(np.float32)
    weights = source.choice([0.0, 0.4, 1.0], (len(counts), models)).astype(np.float32)
    windows = Windows.of(rows, owner, len(counts))
    unit = source.uniform(0.5, 2.0, models).astype(np.float32)
    clip = np.full(models, limit, np.float32)
    wanted = Wanted(answers=answers, weights=weights, clip=clip, unit=unit)
    layers = (
        MlpSteps.of(models, shape.outputs, (shape.columns, shape.hidden), total)
        if shape.hidden
        else LinearSteps(models=models, outputs=shape.outputs, columns=shape.columns)
    )
    tensors = tuple(source.standard_normal(s).astype(np.float32) for s in layers.shapes())
    chosen = np.flatnonzero(source.random(len(counts)) < source.choice([0.0, 0.5, 1.0]))
    batch = windows.batch(chosen, np.empty((total, shape.columns + 1), np.float32))
    sums = tuple(np.empty_like(t) for t in tensors)
    layers.gradients(tensors, batch, wanted.of(batch), sums)
    given_rows = rows.astype(np.float32).astype(np.float64)
    for m in range(models):
        alone = tuple(t[m].astype(np.float64) for t in tensors)
        parts = [
            clipped(
                person_gradient(alone, given_rows[owner == p], answers[p], weights[p, m]), limit
            )
            for p in chosen
        ]
        for layer, found in enumerate(sums):
            truth = unit[m] * sum((p[layer] for p in parts), np.zeros(found.shape[1:]))
            scale = limit * unit[m] * max(1, len(parts))
            np.testing.assert_allclose(found[m], truth, rtol=1e-3, atol=2e-5 * scale)


CASES = st.tuples(
    st.integers(0, 10**6),
    st.lists(st.integers(1, 4), min_size=1, max_size=7),
    st.builds(
        Shape,
        columns=st.integers(1, 9),
        hidden=st.sampled_from([0, 0, 1, 5]),
        classes=st.sampled_from([2, 2, 3]),
    ),
    st.integers(1, 4),
)
"""A seed, the number of rows of each person, a shape, and how many models."""


@settings(max_examples=60, deadline=None)
@given(CASES)
def test_clipped_sums_are_those_of_one_person_at_a_time(
    case: tuple[int, list[int], Shape, int],
) -> None:
    _clipped_sums_agree(*case)


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(CASES)
def test_clipped_sums_agree_in_500_cases(case: tuple[int, list[int], Shape, int]) -> None:
    _clipped_sums_agree(*case)


@pytest.mark.slow
@pytest.mark.parametrize("hidden", [0, 7])
def test_gradients_are_those_of_torch(hidden: int) -> None:
    torch = pytest.importorskip("torch")
    taught = people(9, 5)
    shape = Shape(columns=5, hidden=hidden)
    start = train_heads(taught, shape, replace(WALK, steps=3, multiplier=0.0), draws(1), 1)
    layers = [torch.tensor(t[0], requires_grad=True) for t in start.tensors]
    for row, label in zip(taught.rows, taught.labels, strict=True):
        inside = torch.tensor([*row, 1.0], dtype=torch.float32)
        for layer in layers[:-1]:
            inside = torch.cat([torch.relu(layer @ inside), torch.ones(1)])
        answer = torch.tensor([label], dtype=torch.float32)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(layers[-1] @ inside, answer)
        theirs = torch.autograd.grad(loss, layers)
        alone = tuple(t[0].astype(np.float64) for t in start.tensors)
        ours = row_gradient(alone, row, float(label))
        for mine, other in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(mine, other.numpy(), rtol=1e-3, atol=1e-6)
