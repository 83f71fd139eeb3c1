"""What a model adds to guesses that were possible without it.

Attributes go with illness, and illness is what a model is asked for: a secret that is guessed
well from a model may be guessed as well without. The same people are guessed both ways, and
only the difference is the model's.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.base import Inferred
from mindveil.attack.model_attribute_inference import WITHOUT
from mindveil.attack.table_singling_out import people_of
from mindveil.corpus.generalised import covered
from mindveil.evidence.estimate import Estimate, difference, share
from mindveil.evidence.measured import Measured, Truth
from mindveil.evidence.members import Outcomes, Roles
from mindveil.features.scales import Table
from mindveil.features.visits import whole_table

Floats = NDArray[np.float64]


def measure_model_gain(folds: Sequence[tuple[Sequence[Inferred], Truth]]) -> list[Measured]:
    """Return how often each field is guessed with the model, and how much of that is its own.

    ``folds`` holds all guesses of a fold; those of the setting ``without the model`` are the
    comparison, and where there are none nothing is measured. ``accuracy@FIELD`` is that of
    people who taught the model, its baseline what is reached without. ``model-gain@FIELD`` is
    the difference on the same people, its control that of people who did not teach it. What is
    won and what is lost have exact intervals, and their difference allows for their being tied.
    """
    fields = dict.fromkeys(g.field for mine, _ in folds for g in mine if g.setting == WITHOUT)
    roles = {field: (Roles(), Roles()) for field in fields}
    for mine, truth in folds:
        originals = whole_table(people_of(truth.released, truth.absent))
        for one in mine:
            if one.field in roles and one.field in originals.columns:
                people, right = _right(one, originals)
                roles[one.field][one.setting == WITHOUT].add(truth, people, right)
    return [m for field, (using, bare) in roles.items() for m in _figures(field, using, bare)]


def _right(one: Inferred, originals: Table) -> tuple[tuple[str, ...], Floats]:
    """Return the people whose value is known, and whether what was guessed of each covers it."""
    column = originals.columns[one.field]
    row_of = {person: i for i, person in enumerate(originals.ids)}
    covers = {guess: covered(guess, column)[column.codes] for guess in set(one.guesses)}
    known = ~column.missing[column.codes]
    asked = [
        (person, float(covers[guess][row_of[person]]))
        for person, guess in zip(one.people, one.guesses, strict=True)
        if person in row_of and known[row_of[person]]
    ]
    return tuple(p for p, _ in asked), np.array([right for _, right in asked], dtype=np.float64)


def _figures(field: str, using: Roles, bare: Roles) -> list[Measured]:
    taught = _paired(using.member, bare.member)
    absent = _paired(using.control, bare.control)
    if taught is None:
        return []
    seen, usual, gain = taught
    return [
        Measured(metric=f"accuracy@{field}", estimate=seen, baseline=usual),
        Measured(
            metric=f"model-gain@{field}",
            estimate=gain,
            baseline=0.0,
            control=absent[2] if absent else None,
            note=f"guessed right without the model: {usual:.3f}, with it: {seen.value:.3f}",
        ),
    ]


def _paired(using: Outcomes, bare: Outcomes) -> tuple[Estimate, float, Estimate] | None:
    """Return how often people are guessed with and without the model, and the difference."""
    people = sorted(using.keys() & bare.keys())
    if len(people) < 2:
        return None
    first = np.array([np.mean(using[p]) for p in people])
    second = np.array([np.mean(bare[p]) for p in people])
    won, lost = np.clip(first - second, 0, 1), np.clip(second - first, 0, 1)
    spread = float(np.std(won) * np.std(lost))
    tied = float(np.mean(won * lost) - won.mean() * lost.mean()) / spread if spread else 0.0
    return share(first), float(second.mean()), difference(share(won), share(lost), tied)
