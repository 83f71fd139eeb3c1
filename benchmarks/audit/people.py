"""People for an audit: rows of two classes that overlap, half of whom teach the target."""

from __future__ import annotations

from pathlib import Path

import numpy as np

PEOPLE, COLUMNS = 2000, 384


def written(folder: Path, seed: int) -> Path:
    """Write rows (float32, norm about 3), labels and who teaches the target; return the file."""
    rng = np.random.default_rng(seed)
    labels = (rng.random(PEOPLE) < 0.5).astype(np.int64)
    direction = rng.normal(size=COLUMNS) / np.sqrt(COLUMNS)
    rows = rng.normal(size=(PEOPLE, COLUMNS)) + 1.6 * np.outer(2 * labels - 1, direction)
    path = folder / f"people-{seed}.npz"
    np.savez(
        path,
        rows=(3 * rows / np.sqrt(COLUMNS)).astype(np.float32),
        labels=labels,
        member=rng.permutation(PEOPLE) < PEOPLE // 2,
    )
    return path
