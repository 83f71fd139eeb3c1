"""What many models learn together, worked out one model, one person and one row at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Layers = tuple[Floats, ...]


def row_gradient(layers: Layers, row: Floats, answer: float) -> Layers:
    """Return the log loss's gradient for one row; layers hold constants in their last column."""
    inside = [np.append(row, 1.0)]
    for layer in layers[:-1]:
        inside.append(np.append(np.maximum(layer @ inside[-1], 0.0), 1.0))
    odds = layers[-1] @ inside[-1]
    if len(odds) == 1:
        wrong = 1.0 / (1.0 + np.exp(-odds)) - answer
    else:
        wrong = np.exp(odds - odds.max())
        wrong /= wrong.sum()
        wrong[int(answer)] -= 1.0
    found = [np.outer(wrong, inside[-1])]
    if len(layers) == 2:
        back = (layers[1][:, :-1].T @ wrong) * (inside[1][:-1] > 0.0)
        found.insert(0, np.outer(back, inside[0]))
    return tuple(found)


def person_gradient(layers: Layers, rows: Floats, answer: float, weight: float) -> Layers:
    """Return the gradient of one person: the mean over the person's rows, times the weight."""
    parts = [row_gradient(layers, row, answer) for row in rows]
    return tuple(weight * np.mean(p, axis=0) for p in zip(*parts, strict=True))


def clipped(gradient: Layers, limit: float) -> Layers:
    """Return a gradient, shortened to the limit over all layers together."""
    length = np.sqrt(sum(float(np.sum(g**2)) for g in gradient))
    return tuple(g * min(1.0, limit / length) if length else g for g in gradient)
