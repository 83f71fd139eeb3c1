from __future__ import annotations

import numpy as np
import pytest

from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.gan_gaps import Gaps
from mindveil.synthesise.gan_layout import layout_of
from mindveil.synthesise.gan_model import outputs_of
from mindveil.synthesise.gan_network import (
    board_of,
    drawn_rows,
    expect,
    judge,
    speak,
    steepness,
    tensor_of,
    tossed,
)

torch = pytest.importorskip("torch", reason="torch is an optional extra")

BOOK = Codebook(
    variables=(
        Variable(name="q", kind="ordinal", levels=("0", "1", "2")),
        Variable(name="land", kind="nominal", levels=("a", "b", "c"), may_miss=True),
        Variable(name="age", kind="number", edges=(18, 40, 90), may_miss=True),
    )
)


def critic(rng, width=7, hidden=5):
    shapes = {
        "first": (width, hidden),
        "first.bias": (hidden,),
        "second": (hidden, hidden),
        "second.bias": (hidden,),
        "last": (hidden, 1),
    }
    return {name: tensor_of(rng.standard_normal(shape)) for name, shape in shapes.items()}


def generator(rng, outputs, latents=3, cells=2, hidden=4):
    shapes = {
        "skip": (latents + cells, outputs),
        "bias": (outputs,),
        "first": (latents + cells, hidden),
        "first.bias": (hidden,),
        "second": (hidden, hidden),
        "second.bias": (hidden,),
        "last": (hidden, outputs),
        "noise": (2,),
        "thresholds": (3,),
    }
    return {name: rng.standard_normal(shape).astype(np.float32) for name, shape in shapes.items()}


def test_the_written_out_gradient_is_that_of_autograd():
    rng = np.random.default_rng(3)
    weights = critic(rng)
    packs = tensor_of(rng.standard_normal((40, 7))).requires_grad_()
    (slope,) = torch.autograd.grad(judge(weights, packs).sum(), packs)
    assert torch.allclose(steepness(weights, packs), slope.norm(dim=1), rtol=1e-5)


def test_the_penalty_moves_the_critics_weights_as_a_second_pass_would():
    rng = np.random.default_rng(4)
    weights = {name: w.requires_grad_() for name, w in critic(rng).items()}
    packs = tensor_of(rng.standard_normal((40, 7))).requires_grad_()
    names = ("first", "second", "last")
    held = [weights[name] for name in names]
    ours = torch.autograd.grad(((steepness(weights, packs) - 1) ** 2).mean(), held)
    (slope,) = torch.autograd.grad(judge(weights, packs).sum(), packs, create_graph=True)
    theirs = torch.autograd.grad(((slope.norm(dim=1) - 1) ** 2).mean(), held)
    for one, other in zip(ours, theirs, strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_torch_and_numpy_say_the_same():
    rng = np.random.default_rng(5)
    layout = layout_of(BOOK, Gaps(groups=((1,), (2,))))
    weights = generator(rng, layout.outputs)
    latents, cells = rng.standard_normal((20, 3)), rng.integers(2, size=20)
    given = tensor_of(np.hstack([latents, np.eye(2)[cells]]))
    board = board_of(layout)
    said = speak({n: tensor_of(w) for n, w in weights.items()}, given, board)
    both = torch.cat([said.latents, said.logits, said.gaps], dim=1).numpy()
    plain = outputs_of({**weights, "cells": np.full(2, 0.5)}, latents, cells)
    assert np.allclose(both, plain, atol=1e-4)


def test_drawn_people_are_what_was_expected_of_them():
    rng = np.random.default_rng(6)
    layout = layout_of(BOOK, Gaps(groups=((1,), (2,))))
    board = board_of(layout)
    weights = {n: tensor_of(w) for n, w in generator(rng, layout.outputs).items()}
    given = tensor_of(np.tile(rng.standard_normal(5), (40_000, 1)))
    said = speak(weights, given, board)
    chance = torch.Generator().manual_seed(1)
    rows = drawn_rows(weights, said, tossed(said, chance), board, chance).numpy()
    chances = expect(weights, said, board)
    present = 1 - torch.sigmoid(said.gaps).numpy()
    # Steps of q, q, age; cells of land three times; gaps of land and age.
    steps = chances.steps.numpy() * np.column_stack([np.ones((40_000, 2)), present[:, 1]])
    cells = chances.cells.numpy() * present[:, :1]
    expected = np.hstack([steps, cells, 1 - present])
    assert set(np.unique(rows)) <= {0.0, 1.0}
    assert np.allclose(rows.mean(axis=0), expected[0], atol=0.015)
    assert np.allclose(rows[:, 3:6].sum(axis=1) + rows[:, 6], 1.0)
