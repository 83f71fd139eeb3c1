"""From predicates and the originals to the share of people who were singled out.

Success: exactly one original person fits the predicate, and it is the person whose released
record it was read from (the right person, not agreement of content). Control: exactly one
person fits among the same number of people who are in no record. Source: Giomi et al. 2023
(Anonymeter), with the person counted instead of the content.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from mindveil.attack.base import Predicates
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import advantage, share
from mindveil.evidence.measured import Measured, Truth
from mindveil.features.scales import latest_table, matches

Fold = tuple[Predicates, Truth]


def measure_singling_out(folds: Sequence[Fold], unusual: AbstractSet[str]) -> list[Measured]:
    """Return the share of released people whom a predicate isolates, pooled over folds."""
    success: dict[str, list[float]] = {}
    control: dict[str, list[float]] = {}
    made = records = 0
    for guesses, truth in folds:
        originals = latest_table(truth.released)
        absent = latest_table(truth.absent)
        place = {p: i for i, p in enumerate(truth.released.ids)}
        for person in truth.person_of.values():
            success.setdefault(person, []).append(0.0)
        made, records = made + len(guesses.made), records + guesses.records
        for predicate in guesses.made:
            person = truth.person_of[predicate.record]
            fits = np.flatnonzero(matches(predicate.terms, originals))
            success[person][-1] = float(len(fits) == 1 and fits[0] == place[person])
            alone = int(matches(predicate.terms, absent).sum()) == 1
            control.setdefault(person, []).append(float(alone))
    if not made:
        raise InvalidMeasurement("no predicate could be formed: no released record is unique")
    hit = share(np.array([np.mean(success[p]) for p in sorted(success)]))
    people = len({p for _, truth in folds for p in truth.absent.ids})
    wrong = share(np.array([np.mean(control[p]) for p in sorted(control)]))
    found = [
        Measured(
            metric="success",
            estimate=hit,
            baseline=0.0,
            control=wrong,
            note=f"{made} predicates from {records} records",
        ),
        Measured(
            metric="advantage",
            estimate=advantage(hit, wrong),
            baseline=0.0,
            note=f"success above its control; {people} people absent from the release in turn",
        ),
    ]
    rare = [np.mean(success[p]) for p in sorted(success) if p in unusual]
    if rare:
        found.append(Measured(metric="success-unusual", estimate=share(np.array(rare))))
    return found
