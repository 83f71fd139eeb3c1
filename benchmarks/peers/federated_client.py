"""A client in plain numpy: what both the loop and Flower's clients compute, with no other library.

Weights are a layer each, constants last, single precision. A step takes the next people of the
client, round and round.
"""

from __future__ import annotations

import functools

import numpy as np
from numpy.typing import NDArray

Singles = NDArray[np.float32]


def with_constant(rows: Singles) -> Singles:
    """Return rows with a constant 1 last."""
    return np.concatenate([rows, np.ones((len(rows), 1), np.float32)], axis=1)


@functools.cache
def client_people(path: str, client: int) -> tuple[Singles, Singles]:
    """Return a client's rows, with their constant, and labels; read once a process."""
    held = np.load(path)
    own = held["client"] == client
    return with_constant(held["rows"][own]), held["labels"][own]


def learnt(
    weights: list[Singles], rows: Singles, labels: Singles, settings: dict[str, float]
) -> list[Singles]:
    """Return a client's weights after its local steps; rows have their constant."""
    first, last = (w.copy() for w in weights)
    size = min(int(settings["batch"]), len(rows))
    rate = np.float32(settings["learning_rate"] / size)
    units = np.ones((size, first.shape[0] + 1), np.float32)
    for step in range(int(settings["steps"])):
        place = (step * size + np.arange(size)) % len(rows)
        batch = rows[place]
        np.maximum(batch @ first.T, 0.0, out=units[:, :-1])
        wrong = rate * (1.0 / (1.0 + np.exp(-(units @ last[0]))) - labels[place])
        back = np.outer(wrong, last[0, :-1]) * (units[:, :-1] > 0.0)
        last -= wrong @ units
        first -= back.T @ batch
    return [first, last]


def accuracy(weights: list[Singles], rows: Singles, labels: Singles) -> float:
    """Return the share of people whose class the network says; rows have their constant."""
    units = with_constant(np.maximum(rows @ weights[0].T, 0.0))
    return float(np.mean((units @ weights[1][0] > 0.0) == (labels > 0.5)))
