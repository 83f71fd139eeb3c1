"""When is a detector to be silent? A limit on certainty, fixed on the people who taught it.

Errors sit at the cut-off: nobody can tell from somebody's words whether she scores 9 or 10. A
detector that says "I cannot tell" there is right more often where it does speak (Chow 1970).
Where it falls silent is settled before anybody is tested, from the training people alone: they
are predicted by what the others taught (leave-one-out), as strangers will be.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InvalidMeasurement

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

_ROUNDING = 9


def least_sure(inside: Floats, coverage: float) -> float:
    """Return the least absolute log-odds that decides, so that this share of people is decided.

    ``inside`` are the leave-one-out log-odds of the training people, shape (people,), NaN where
    nothing was recorded; ``coverage`` is a share in (0, 1]. Of n people the k = ceil(coverage n)
    surest are decided, and whoever is as sure as the last of them: where all are equally sure,
    all are decided. 0.0 where ``coverage`` is 1. How many *others* are decided is not promised by
    this and has to be measured; ask for a little more than is needed.

    >>> least_sure(np.array([-2.0, -0.1, 0.5, 1.0]), 0.75)
    0.5

    Raises:
        InvalidMeasurement: of nobody anything was recorded.
    """
    sure = np.sort(np.abs(inside[np.isfinite(inside)]))
    if not len(sure):
        raise InvalidMeasurement("nobody taught how sure is sure enough: no prediction inside")
    if coverage >= 1.0:
        return 0.0
    # 0.55 of 100 people is 55.00000000000001 of them: one too many
    kept = max(1, math.ceil(round(coverage * len(sure), _ROUNDING)))
    return float(sure[-kept])


def is_decided(log_odds: Floats, least: float) -> Flags:
    """Return whom the detector decides on, shape (people,); never one whom it heard nothing of.

    >>> is_decided(np.array([-2.0, 0.4, np.nan]), 0.5).tolist()
    [True, False, False]
    """
    return np.asarray(np.abs(log_odds) >= least, dtype=np.bool_)
