"""From who was found in the files of a generator to how many people they hold.

Nobody found is a figure like any other here: the search has found decoys before.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mindveil.attack.base import Membership
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate, advantage, share
from mindveil.evidence.measured import Measured, Truth

ROWS_FOUND = "rows found"
"""The setting of guesses that say whose row was rebuilt: more than 0 is found."""


def measure_rows_found(folds: Sequence[tuple[Membership, Truth]]) -> list[Measured]:
    """Return the share of people whose row or identifier was rebuilt from a saved generator.

    The control is the same search for people it was not fitted to: what agrees by chance.

    Raises:
        InvalidMeasurement: nobody was looked for, or nobody as a control.
    """
    inside: dict[str, list[float]] = {}
    outside: dict[str, list[float]] = {}
    for guesses, truth in folds:
        members, absent = frozenset(truth.released.ids), frozenset(truth.absent.ids)
        for person, score in zip(guesses.people, guesses.scores, strict=True):
            side = inside if person in members else outside if person in absent else None
            if side is not None:
                side.setdefault(person, []).append(float(score > 0))
    if not inside or not outside:
        raise InvalidMeasurement("nobody was looked for in the files of the generator or detector")
    found, control = _pooled(inside), _pooled(outside)
    note = "rows and identifiers of people, searched for in every file of the generator"
    return [
        Measured(metric="rows-found", estimate=found, baseline=0.0, control=control, note=note),
        Measured(
            metric="advantage",
            estimate=advantage(found, control),
            baseline=0.0,
            note="rows found above those of control people",
        ),
    ]


def _pooled(outcomes: dict[str, list[float]]) -> Estimate:
    return share(np.array([np.mean(outcomes[p]) for p in sorted(outcomes)]))
