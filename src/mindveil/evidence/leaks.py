"""From what a search of the files of a release found to the share of files that leak.

The unit is a file, not a person: one table may hold everybody. What was found and where is never
told here; kinds and counts are.
"""

from __future__ import annotations

from mindveil.attack.release_leaks import Searched
from mindveil.evidence.estimate import Estimate, clopper_pearson
from mindveil.evidence.measured import Measured

LEAKS_FOUND = "leaks-found"


def measure_leaks(found: Searched) -> Measured:
    """Return the share of files that tell who somebody is; a clean folder has none.

    Raises:
        InvalidMeasurement: there was no file.
    """
    return Measured(
        metric=LEAKS_FOUND,
        estimate=clopper_pearson(len(found.leaks), found.files),
        baseline=0.0,
        control=Estimate(value=0.0, low=0.0, high=0.0, n=found.files),
        note=note_of(found),
    )


def note_of(found: Searched) -> str:
    """Return kinds and counts in words.

    >>> note_of(Searched(files=9, leaks=()))
    'none in 9 files'
    """
    if found.leaks:
        counts = ", ".join(f"{kind} in {count}" for kind, count in found.counts.items())
        told = [f"{len(found.leaks)} of {found.files} files: {counts}"]
    else:
        told = [f"none in {found.files} files"]
    if found.lengths_kept:
        told.append(
            f"{found.lengths_kept} of {found.recordings} recordings last as long as an original, "
            "to the millisecond (counted, no leak: protections that keep pauses keep lengths)"
        )
    return "; ".join(told)
