"""People made up for the comparison: each client's differ a little, and are more or fewer."""

from __future__ import annotations

from pathlib import Path

import numpy as np

COLUMNS, HIDDEN, TESTED = 64, 32, 8000
DOUBT, APART = 0.72, 0.5


def write_people(path: Path, sizes: list[int], seed: int) -> None:
    """Write everybody's rows, labels and client, others to test on, and weights to start from.

    Labels follow a plane and a product of two others, with noise; each client's rows lie to one
    side, so that its share of either class is its own.
    """
    rng = np.random.default_rng([2026, seed])
    client = np.repeat(np.arange(len(sizes)), sizes)
    tested = rng.integers(0, len(sizes), TESTED)
    planes = rng.standard_normal((3, COLUMNS)) / np.sqrt(COLUMNS)
    shift = APART * rng.standard_normal((len(sizes), 1)) * planes[0]
    whose = np.concatenate([client, tested])
    rows = rng.standard_normal((whose.size, COLUMNS)) + shift[whose]
    told = rows @ planes.T
    signal = told[:, 0] + 0.5 * told[:, 1] * told[:, 2]
    labels = signal + DOUBT * rng.standard_normal(whose.size) > 0.0
    wide = (1.0 / (3 * COLUMNS)) ** 0.5, (1.0 / (3 * HIDDEN)) ** 0.5
    np.savez(
        path,
        rows=rows[: client.size].astype(np.float32),
        labels=labels[: client.size].astype(np.float32),
        client=client,
        test_rows=rows[client.size :].astype(np.float32),
        test_labels=labels[client.size :].astype(np.float32),
        first=(wide[0] * rng.standard_normal((HIDDEN, COLUMNS + 1))).astype(np.float32),
        last=(wide[1] * rng.standard_normal((1, HIDDEN + 1))).astype(np.float32),
    )
