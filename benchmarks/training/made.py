"""People made up for the comparison: rows of numbers, and a class that rows half explain."""

from __future__ import annotations

from pathlib import Path

import numpy as np

TAUGHT, TESTED, COLUMNS = 2000, 8000, 384


def write_people(path: Path, seed: int) -> None:
    """Write rows and labels to learn from, and others to test on, as npz."""
    rng = np.random.default_rng([2026, seed])
    rows = rng.standard_normal((TAUGHT + TESTED, COLUMNS)) / 4.0
    truth = rng.standard_normal(COLUMNS) / np.sqrt(COLUMNS)
    labels = 8.0 * rows @ truth + 0.7 * rng.standard_normal(len(rows)) > 0.0
    both = rows.astype(np.float32), labels.astype(np.float32)
    np.savez(
        path,
        rows=both[0][:TAUGHT],
        labels=both[1][:TAUGHT],
        test_rows=both[0][TAUGHT:],
        test_labels=both[1][TAUGHT:],
    )
