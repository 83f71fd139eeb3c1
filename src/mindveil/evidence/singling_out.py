"""From predicates and the originals to the share of people who were singled out.

Success: exactly one original person fits the predicate, and it is the person whose released
record it was read from (the right person, not agreement of content). Control: the same event by
chance, for a person who is in no record: that she fits, and that nobody else does among as many
people as were released. A record of which no predicate was made counts as a failure in both.
Source: Giomi et al. 2023 (Anonymeter), with the person counted instead of the content.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from mindveil.attack.base import Predicates
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import Estimate, advantage, share
from mindveil.evidence.measured import Measured, Truth
from mindveil.features.scales import latest_table, matches

Fold = tuple[Predicates, Truth]
Outcomes = dict[str, list[float]]
"""What each person suffered in each fold in which she was released."""


def measure_singling_out(folds: Sequence[Fold], unusual: AbstractSet[str]) -> list[Measured]:
    """Return the share of released people whom a predicate isolates, pooled over folds.

    Raises:
        InvalidMeasurement: no record was attacked.
    """
    success: Outcomes = {}
    control: Outcomes = {}
    for guesses, truth in folds:
        _score(guesses, truth, success, control)
    made = sum(len(guesses.made) for guesses, _ in folds)
    records = sum(guesses.records for guesses, _ in folds)
    if not records or not success:
        raise InvalidMeasurement("the release holds no record: there is nobody to single out")
    hit, wrong = _pooled(success), _pooled(control)
    absent = len({p for _, truth in folds for p in truth.absent.ids})
    told = f"{made} predicates from {records} records"
    found = [
        Measured(
            metric="success",
            estimate=hit,
            baseline=0.0,
            control=wrong,
            note=told if made else f"{told}: no released record is unique",
        ),
        Measured(
            metric="advantage",
            estimate=advantage(hit, wrong),
            baseline=0.0,
            note=f"success above its control; {absent} people absent from the release in turn",
        ),
    ]
    rare = {p: v for p, v in success.items() if p in unusual}
    if rare:
        found.append(Measured(metric="success-unusual", estimate=_pooled(rare)))
    return found


def _score(guesses: Predicates, truth: Truth, success: Outcomes, control: Outcomes) -> None:
    """Add one fold: nobody is singled out but by the predicate of her own record."""
    originals, absent = latest_table(truth.released), latest_table(truth.absent)
    place = {p: i for i, p in enumerate(truth.released.ids)}
    for person in truth.person_of.values():
        success.setdefault(person, []).append(0.0)
        control.setdefault(person, []).append(0.0)
    for predicate in guesses.made:
        person = truth.person_of[predicate.record]
        fits = np.flatnonzero(matches(predicate.terms, originals))
        success[person][-1] = float(len(fits) == 1 and fits[0] == place[person])
        by_chance = float(matches(predicate.terms, absent).mean()) if absent.ids else 0.0
        control[person][-1] = by_chance * (1 - by_chance) ** (len(place) - 1)


def _pooled(outcomes: Outcomes) -> Estimate:
    """Return the share over people of what each suffered on average over folds."""
    return share(np.array([np.mean(outcomes[p]) for p in sorted(outcomes)]))
