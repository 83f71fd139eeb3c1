"""Whom does an attack find more often? Rank-1 by sex, age, language and severity.

A release may hide the average person and not the women, the old or the very ill. The group that
is found most often is known after the fact only, so its interval holds for all groups of its kind
at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mindveil.evidence.estimate import Estimate, difference
from mindveil.evidence.line_ups import Linked, Outcomes, guess, mean_of, suffered
from mindveil.evidence.linkage import control_outcomes
from mindveil.evidence.measured import Measured
from mindveil.evidence.simultaneous import pairs_of, share_of, tail_of
from mindveil.utility.subgroups import LEAST_IN_GROUP

Floats = NDArray[np.float64]
Groups = Mapping[str, Mapping[str, str]]
"""By kind (``sex``), the group of each person of whom it is known."""


def measure_group_risk(folds: Sequence[Linked], lineup: int, groups: Groups) -> list[Measured]:
    """Return for each kind of group the largest rank-1 and how far it is from the smallest.

    Groups of fewer than 10 people who were looked for are left out; a kind of which fewer than
    two remain is not told. The control are absent people of the same group, where there are as
    many; the baseline is a guesser, who finds every group alike.

    Raises:
        InvalidMeasurement: fewer than 2 people can be looked for.
    """
    outcomes = suffered(folds, lineup, 1)
    absent = control_outcomes(folds, lineup, 1)
    chance = guess(folds, lineup, 1)
    found = []
    for kind, mine in groups.items():
        made = _by_group(outcomes, mine)
        if len(made) >= 2:
            found += _worst(kind, made, _by_group(absent, mine), chance)
    return found


def _by_group(outcomes: Outcomes, labels: Mapping[str, str]) -> dict[str, Floats]:
    """Return the outcomes of each group that is large enough, one a person."""
    told = sorted({labels[p] for p in outcomes if p in labels})
    people = {at: {p: v for p, v in outcomes.items() if labels.get(p) == at} for at in told}
    return {at: mean_of(some) for at, some in people.items() if len(some) >= LEAST_IN_GROUP}


def _worst(
    kind: str, made: Mapping[str, Floats], absent: Mapping[str, Floats], chance: float
) -> list[Measured]:
    mean = {label: float(np.mean(seen)) for label, seen in made.items()}
    high = max(mean, key=lambda label: (mean[label], label))
    low = min(mean, key=lambda label: (mean[label], label))
    one, all_pairs = tail_of(len(made)), tail_of(pairs_of(len(made)))
    left_out = f"groups of fewer than {LEAST_IN_GROUP} people left out"
    chosen = f"the worst of {len(made)}, its interval holds for all of them"
    control = share_of(absent[high], one) if high in absent else None
    return [
        Measured(
            metric=f"rank1-worst@{kind}",
            estimate=share_of(made[high], one),
            baseline=chance,
            control=control,
            note=f"{kind} = {high}; {chosen}; {left_out}",
        ),
        Measured(
            metric=f"rank1-gap@{kind}",
            estimate=_gap(made[high], made[low], all_pairs),
            baseline=0.0,
            control=_gap(absent[high], absent[low], all_pairs)
            if {high, low} <= set(absent)
            else None,
            note=f"{kind}: {high} minus {low}; the widest gap of {len(made)} groups, its interval "
            "holds for every two of them",
        ),
    ]


def _gap(more: Floats, fewer: Floats, tail: float) -> Estimate:
    return difference(share_of(more, tail), share_of(fewer, tail))
