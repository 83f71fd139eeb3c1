"""How many people stand in a corpus twice, so that they may be on both sides of a split."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from mindveil.corpus.duplicates import Duplicate
from mindveil.evidence.estimate import share
from mindveil.evidence.measured import Measured

DUPLICATES = "duplicates"


def measure_contamination(
    found: Sequence[Duplicate],
    people: Sequence[str],
    sides: Sequence[tuple[Collection[str], Collection[str]]],
) -> Measured:
    """Return the share of people who have a session that is somebody else's.

    ``people`` are those of whom the modality was recorded. ``sides`` are, fold by fold, those who
    were released and those held out: a pair crosses a fold where it has one of each. Copies
    under one person's id spoil no split of people; they are counted in the note.

    Raises:
        InvalidMeasurement: nobody was recorded.
    """
    others = [d for d in found if not d.is_own]
    twice = {person for d in others for person in (d.first[0], d.second[0])}
    crossing = sum(any(_cross(d, *side) for side in sides) for d in others)
    note = (
        f"{len(others)} pairs of sessions of two people hold the same, {crossing} of them on both "
        f"sides of a fold; {len(found) - len(others)} pairs of one person's own"
    )
    return Measured(
        metric=DUPLICATES,
        estimate=share(np.array([float(person in twice) for person in people])),
        baseline=0.0,
        note=note,
    )


def _cross(found: Duplicate, released: Collection[str], held_out: Collection[str]) -> bool:
    one, other = found.first[0], found.second[0]
    return (one in released and other in held_out) or (other in released and one in held_out)
