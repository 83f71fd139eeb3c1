"""Whom a released questionnaire misrepresents most: its figures by sex, age and severity."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.measured import Measured
from mindveil.evidence.pooled_figures import Seen, following, pooled
from mindveil.evidence.resamples import resamples
from mindveil.evidence.scale_figures import changes, core_levels
from mindveil.utility.base import Fidelity
from mindveil.utility.subgroups import LEAST_IN_GROUP

Floats = NDArray[np.float64]
Groups = dict[tuple[str, str], list[Seen]]
"""What is seen in each fold of a group: its kind (sex) and its name."""

FIGURES = ("alpha", "r", "prevalence")

_DRAWN = 100


def groups_seen(
    fold: Fidelity, told: tuple[Floats, ...], rng: np.random.Generator
) -> dict[tuple[str, str], Seen]:
    """Return the figures of each group that both tables hold at least 10 people of."""
    found = {}
    drawn = [resamples(len(side.ids), _DRAWN, rng) for side in (fold.released, fold.original)]
    for kind, mine in fold.original.groups.items():
        theirs = fold.released.groups.get(kind)
        for label in sorted(set(mine.tolist()) - {""}):
            if theirs is None:
                continue
            sides = [np.asarray(side == label, dtype=np.float64) for side in (theirs, mine)]
            if min(side.sum() for side in sides) >= LEAST_IN_GROUP:
                found[kind, label] = _seen(fold, sides, drawn, told)
    return found


def worst_groups(groups: Groups, rng: np.random.Generator) -> list[Measured]:
    """Return for each kind of group the largest change of a figure, and the gap it leaves.

    The group whose change is surest to be off 0 is the worst, of those that cannot be told from
    0 the one with the largest change.
    """
    found = []
    for kind in dict.fromkeys(kind for kind, _ in groups):
        mine = {label: seen for (k, label), seen in groups.items() if k == kind}
        made = {
            (label, name): estimate
            for label, seen in mine.items()
            for name in seen[0].released
            if (estimate := pooled(name, seen, following(seen), rng)) is not None
        }
        for figure in FIGURES:
            # who is above a cut-off always is above it
            if (kind, figure) != ("severity", "prevalence"):
                found += _worst(kind, figure, made)
    return found


def _seen(
    fold: Fidelity, sides: Sequence[Floats], drawn: Sequence[Floats], told: tuple[Floats, ...]
) -> Seen:
    released, original = (w * inside for w, inside in zip(drawn, sides, strict=True))
    here = core_levels(fold, fold.released, released)
    there = core_levels(fold, fold.original, original)
    first = {name: v[:1] for name, v in there.items()}
    moved = changes(fold, {name: v[:1] for name, v in here.items()}, there)
    people = zip(fold.original.ids, sides[1], strict=True)
    return Seen(
        people=frozenset(p for p, inside in people if inside),
        released=_wanted(changes(fold, here, first)),
        drawn={name: v[1:] for name, v in _wanted(moved).items()},
        original={},
        control={},
        told=told,
    )


def _wanted(figures: Mapping[str, Floats]) -> dict[str, Floats]:
    return {n: v for n, v in figures.items() if n.partition("-change@")[0] in FIGURES}


def _worst(kind: str, figure: str, made: Mapping[tuple[str, str], Estimate]) -> list[Measured]:
    mine = {key: e for key, e in made.items() if key[1].startswith(f"{figure}-change@")}
    if len({label for label, _ in mine}) < 2:
        return []
    (label, name), worst = max(mine.items(), key=lambda one: (_surely(one[1]), one[0]))
    same = [e for (other, n), e in mine.items() if n == name and other != label]
    if not same:
        return []
    best = min(same, key=lambda e: abs(e.value))
    gap = abs(worst.value - best.value)
    reach = float(np.hypot(worst.high - worst.low, best.high - best.low)) / 2
    between = Estimate(
        value=gap, low=max(0.0, gap - reach), high=gap + reach, n=min(worst.n, best.n)
    )
    note = f"{name}, {kind} = {label}; groups of fewer than {LEAST_IN_GROUP} people left out"
    return [
        Measured(metric=f"{figure}-change-worst@{kind}", estimate=worst, baseline=0.0, note=note),
        Measured(metric=f"{figure}-change-gap@{kind}", estimate=between, baseline=0.0, note=note),
    ]


def _surely(change: Estimate) -> tuple[float, float]:
    """Return how far off 0 a change surely is, then how far it seems to be."""
    return max(change.low, -change.high, 0.0), abs(change.value)
