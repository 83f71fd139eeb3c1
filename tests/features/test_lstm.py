"""A long short-term memory: one cell by hand, then the textbook's equations in plain loops."""

from __future__ import annotations

import math

import numpy as np

from mindveil.features.lstm import Memory


def logistic(x):
    return 1 / (1 + np.exp(-x))


def halved(matrix: np.ndarray) -> np.ndarray:
    halves = np.repeat([0.5, 0.5, 1, 0.5], len(matrix) // 4)[:, None]
    return (matrix * halves).astype(np.float32)


def test_one_cell_by_hand():
    # every gate stands half open (weights 0), the candidate is tanh(x)
    matrix = np.array([[0, 0], [0, 0], [1, 0], [0, 0]])
    memory = Memory(matrix=halved(matrix), offset=np.zeros((4, 1), dtype=np.float32))
    found = memory(np.array([1, 0], dtype=np.float32).reshape(2, 1, 1))
    first = math.tanh(1) / 2
    expected = [math.tanh(first) / 2, math.tanh(first / 2) / 2]
    np.testing.assert_allclose(found[:, 0, 0], expected, atol=1e-7)


def test_the_equations_of_the_textbook():
    rng = np.random.default_rng(3)
    steps, inputs, hidden, windows = 7, 3, 5, 4
    matrix = rng.normal(size=(4 * hidden, inputs + hidden))
    offset = rng.normal(size=(4 * hidden, 1))
    series = rng.normal(size=(steps, inputs, windows)).astype(np.float32)
    shown = cell = np.zeros((hidden, windows))
    expected = []
    for moment in series:
        gates = matrix @ np.concatenate([moment, shown]) + offset
        let_in, kept, new, out = gates.reshape(4, hidden, windows)
        cell = logistic(kept) * cell + logistic(let_in) * np.tanh(new)
        shown = logistic(out) * np.tanh(cell)
        expected.append(shown)
    found = Memory(matrix=halved(matrix), offset=halved(offset))(series)
    np.testing.assert_allclose(found, expected, atol=1e-5)
