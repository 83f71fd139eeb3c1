"""From scores to what a synthetic release gives away about who was behind it.

Over the folds everybody is a member in some and a control in others, so that each person is her
own comparison. Scores are ranks within their fold: a generator made anew gives scores on a scale
of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

import numpy as np

from mindveil.attack.base import Membership
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.measured import Measured, Truth
from mindveil.evidence.membership_figures import measure_scored
from mindveil.evidence.trials import Scored

Fold = tuple[Membership, Truth]


def measure_membership(
    folds: Sequence[Fold], unusual: AbstractSet[str], rng: np.random.Generator
) -> list[Measured]:
    """Return advantage, AUC and true positive rates at fixed false ones, pooled over folds.

    Those of the most unusual people stand apart, with a threshold of their own: an attacker
    knows who is unusual.

    Raises:
        InvalidMeasurement: scores are not numbers or all equal in a fold, or fewer than 10
            people are members, or controls.
    """
    return measure_scored([_scored(guesses, truth) for guesses, truth in folds], unusual, rng)


def _scored(guesses: Membership, truth: Truth) -> Scored:
    """Return those of whom it is known on which side they are."""
    inside, outside = frozenset(truth.released.ids), frozenset(truth.absent.ids)
    if len(guesses.scores) != len(guesses.people):
        raise InvalidMeasurement("the attack did not score every known person")
    judged = [i for i, p in enumerate(guesses.people) if (p in inside) != (p in outside)]
    names = tuple(guesses.people[i] for i in judged)
    return Scored(
        people=names,
        scores=np.asarray(guesses.scores, dtype=np.float64)[judged],
        member=np.array([name in inside for name in names], dtype=np.bool_),
    )
