"""What an audit of a trainer hands back: made-up people it planted, and how they were found.

Unlike other guesses these carry their own truth: the auditor tossed the coins himself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Canaries:
    """How surely each made-up person was among those who taught, and whether she was.

    ``included`` and ``scores`` have shape (canaries,); 0 is no opinion, higher is surer that she
    was. Each was included with probability 1/2. ``epsilon`` is what the trainer claims, none
    where it promises nothing; ``people`` is how many others taught.
    """

    included: NDArray[np.bool_]
    scores: NDArray[np.float64]
    epsilon: float | None
    delta: float
    people: int
    tier: Literal["light", "trained", "external"] = "trained"
    setting: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposures:
    """How far made-up people stand out among others who could have been made up as well.

    ``bits`` has shape (repeats, canaries): log2 of the number of candidates less log2 of the
    canary's rank among them, by loss. ``repeats`` says how often each canary taught.
    """

    bits: NDArray[np.float64]
    repeats: tuple[int, ...]
    candidates: int
    tier: Literal["light", "trained", "external"] = "trained"
    setting: str = ""
