"""One figure on its way to the scorecard, and the truth that only this package is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Corpus
from mindveil.evidence.estimate import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric with its estimate, what a guesser reaches, and what the control reached."""

    metric: str
    estimate: Estimate
    baseline: float | None = None
    control: Estimate | None = None
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Who is behind each pseudonym of one fold; originals of released and of absent people."""

    person_of: Mapping[str, str]
    released: Corpus
    absent: Corpus
    """Held-out people: the control. They are in no record of this fold's release."""
    table: Corpus | None = None
    """The release as it was seen, where its records may belong to nobody."""
    rows: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    """What a federation reads of each person, (columns,), where an attack works rows out."""
