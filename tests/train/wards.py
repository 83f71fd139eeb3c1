"""The people of a clinic at the wards that a column names."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.train.clinic import clinic

from mindveil.corpus.model import Column

WARDS = ("north", "south", "west")


def wards(people=30, there=WARDS, **column):
    """People dealt out to wards in turn; ``column`` is what participants.json says of them."""
    found = clinic(people, np.random.default_rng(1))
    placed = tuple(
        replace(p, attributes={**p.attributes, "ward": there[i % len(there)]})
        for i, p in enumerate(found.participants)
    )
    told = Column(**{"role": "quasi", "kind": "nominal", "levels": there, **column})
    return replace(found, participants=placed, columns={**found.columns, "ward": told})


def moved(corpus, place, ward):
    """The same people, one of them at another ward, or at none (None)."""
    people = list(corpus.participants)
    kept = {k: v for k, v in people[place].attributes.items() if k != "ward"}
    people[place] = replace(
        people[place], attributes=kept if ward is None else {**kept, "ward": ward}
    )
    return replace(corpus, participants=tuple(people))
