"""The risk against the number of candidates: one figure at one line-up would hide the others.

These rows inform; the headline stays the line-up that the study fixed before it ran, so that
nobody can choose the number of candidates after the fact.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.equal_error import Trials
from mindveil.evidence.estimate import share
from mindveil.evidence.line_ups import Linked, guess, mean_of, suffered
from mindveil.evidence.linkability import measure_linkability
from mindveil.evidence.measured import Measured

SIZES: tuple[int, ...] = (5, 10, 20, 50, 100, 200, 500)
"""Numbers of candidates at which risk is shown, where there are so many."""


def measure_curves(
    folds: Sequence[Linked], lineup: int, rng: np.random.Generator
) -> list[Measured]:
    """Return rank-1 and singling out at several numbers of candidates, and linkability.

    ``singling-out`` counts a claim only where the right person's score stands above all others
    in the line-up: she is named, and nobody else fits as well. It is shown at the line-up of the
    study and, as ``singling-out@N=10``, at others, where rank-1 is ``rank1-at@N=10`` so that it is
    never taken for the headline; every random line-up is averaged exactly.
    Source of the two curves: Vauquier et al. 2025, singling out and linkability against the
    number of speakers.
    """
    there = min(len(f.columns) for f in folds if f.rows)
    found = [_at("singling-out", folds, lineup, alone=True)]
    for size in SIZES:
        if size <= there and size != lineup:
            found.append(_at(f"rank1-at@N={size}", folds, size, alone=False))
            found.append(_at(f"singling-out@N={size}", folds, size, alone=True))
    try:
        return found + measure_linkability([trials(f) for f in folds], rng)
    except InvalidMeasurement:  # so few people that resamples leave no pair of two
        return found


def trials(fold: Linked) -> Trials:
    """Return the rows that have somebody to find, as trials of same and of different people."""
    rows, own = fold.targets()
    return Trials(
        rows=tuple(fold.rows[i] for i in rows),
        columns=fold.columns,
        own=own,
        scores=np.asarray(fold.scores[rows], dtype=np.float64),
    )


def _at(metric: str, folds: Sequence[Linked], size: int, *, alone: bool) -> Measured:
    outcomes = suffered(folds, size, 1, alone=alone)
    return Measured(
        metric=metric, estimate=share(mean_of(outcomes)), baseline=guess(folds, size, 1)
    )
