"""How far a released field can be believed: learned from people protected alike.

A singling-out attacker whose terms are often false describes nobody. He protects reference
people the way the release was made and counts, field by field and value by value, how often
what the release says is true of the person, and how much slack makes it true.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.generalised import Coding, Value, covering, gaps
from mindveil.features.scales import Table

DOUBT = 0.3
"""What every term costs beside what is known of its reliability (nats)."""

FEWEST = 10
"""People below whom nothing is learned."""

_PRIOR = 30
"""How many people a field as a whole counts for, beside those with one of its values."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """How far a released field can be believed: learned from people protected alike.

    A number is taken to lie within ``width`` of the released one; ``overall`` is the share of
    people of whom that is true, ``by_value`` the same for single released values.
    """

    width: float = 0.0
    overall: float = 1.0
    by_value: Mapping[Value, float] = field(default_factory=dict)

    def of(self, value: Value) -> float:
        """Return how likely a term read from this value is true of the person."""
        return self.by_value.get(value, self.overall)


def learn_trust(people: Table, protected: Table, pupils: Sequence[str]) -> dict[str, Trust]:
    """Return how far each field of a release can be believed, from pupils protected alike.

    Both tables hold the pupils under the same ids; fields of which nothing is learned are left
    out.
    """
    taught = frozenset(pupils)
    row_of = {person: i for i, person in enumerate(people.ids) if person in taught}
    pairs = [(row_of[p], i) for i, p in enumerate(protected.ids) if p in row_of]
    if len(pairs) < FEWEST:
        return {}
    before, after = (np.array(side) for side in zip(*pairs, strict=True))
    return {
        name: _trust(people.columns[name], column, before, after)
        for name, column in protected.columns.items()
        if name in people.columns
    }


def _trust(
    original: Coding, released: Coding, before: NDArray[np.intp], after: NDArray[np.intp]
) -> Trust:
    true = covering(released, original)[released.codes[after], original.codes[before]]
    width, apart = 0.0, gaps(released, original)[released.codes[after], original.codes[before]]
    numeric = all(isinstance(value, (int, float)) for value in released.distinct)
    if numeric and not true.all() and np.isfinite(apart).all():
        width = _best_width(released, apart)
        true = apart <= width
    overall = (true.sum() + 1) / (len(true) + 1)
    by_value: dict[Value, float] = {}
    for distinct, value in enumerate(released.distinct):
        own = true[released.codes[after] == distinct]
        by_value[value] = float((own.sum() + _PRIOR * overall) / (len(own) + _PRIOR))
    return Trust(width=width, overall=float(overall), by_value=by_value)


def _best_width(released: Coding, apart: Floats) -> float:
    """Return how much slack to give a number: the least doubt for what it tells."""
    between, shares = gaps(released, released), released.shares()
    best, least = 0.0, np.inf
    for width in np.unique(np.quantile(apart, (0.0, 0.5, 0.8, 0.9, 0.95), method="higher")):
        told = -np.log(shares @ (between <= width) @ shares)
        doubt = DOUBT - np.log(((apart <= width).sum() + 1) / (len(apart) + 1))
        if told > 0 and doubt / told < least:
            best, least = float(width), doubt / told
    return best
