"""From tables and the people they were made from to alpha, correlations, prevalence, factors.

A figure is the mean over folds and repeats; its interval draws records, folds and people anew
(see :mod:`mindveil.evidence.pooled_figures`). The control is what a second sample of as many real
people would show beside the first: two independent resamples of the originals.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.detection import auroc
from mindveil.evidence.factor_figures import agreement, factor_levels
from mindveil.evidence.fidelity_groups import Groups, groups_seen, worst_groups
from mindveil.evidence.measured import Measured
from mindveil.evidence.pooled_figures import Seen, control_of, following, pooled, signature
from mindveil.evidence.resamples import resamples
from mindveil.evidence.scale_figures import Levels, changes, steps_of, whole_levels
from mindveil.utility.base import Fidelity

Floats = NDArray[np.float64]

_DRAWN = 400
_DRAWN_FACTORS = 100
_CONTROLS = 5
"""Folds of which people are drawn anew: more would say the same of the same people."""


def measure_fidelity(folds: Iterable[Fidelity], rng: np.random.Generator) -> list[Measured]:
    """Return how far releases are from the people they were made from.

    Folds are read one after the other. ``x@scale`` is the release's own figure (baseline: the
    original's), ``x-change@scale`` release minus original; ``congruence`` the lowest of all
    factors; ``margins-tv`` the mean and ``margins-tv-worst`` the largest total variation of an
    item's answers; ``ks@scale`` the largest distance of the distributions of a score;
    ``detectability`` the AUROC of a discriminator, .5 where no record can be told.
    ``x-change-worst@sex`` and ``x-change-gap@sex`` belong to groups of people.

    Raises:
        InvalidMeasurement: no figure exists.
    """
    seen: list[Seen] = []
    groups: Groups = {}
    for number, fold in enumerate(folds):
        seen.append(_seen(fold, rng, drawn=number < _CONTROLS))
        for key, one in groups_seen(fold, seen[-1].told, rng).items():
            groups.setdefault(key, []).append(one)
    follows = following(seen)
    names = dict.fromkeys(name for s in seen for name in s.released)
    found = [m for name in names if (m := _measured(name, seen, follows, rng)) is not None]
    if not found:
        raise InvalidMeasurement("no figure of this questionnaire exists in the release")
    return [*found, *worst_groups(groups, rng)]


def _measured(
    name: str, seen: Sequence[Seen], follows: float, rng: np.random.Generator
) -> Measured | None:
    estimate = pooled(name, seen, follows, rng)
    if estimate is None:
        return None
    made = Measured(metric=name, estimate=estimate)
    own = [float(s.original[name][0]) for s in seen if name in s.original]
    if own:
        return replace(made, baseline=float(np.mean(own)), note="baseline: the original's figure")
    if name.partition("@")[0].endswith("-change"):
        made = replace(made, baseline=0.0)
    control = control_of(name, seen, estimate.n)
    if control is None:
        return made
    ends = f"{control.low:.3f} to {control.high:.3f}"
    note = f"a second sample of as many real people shows {ends}"
    return replace(made, control=control, note=note)


def _seen(fold: Fidelity, rng: np.random.Generator, *, drawn: bool) -> Seen:
    """Return one fold in figures; ``drawn`` draws its people anew as well."""
    steps = steps_of(fold)
    ones = np.ones((1, len(fold.original.ids)))
    weights = resamples(len(fold.released.ids), _DRAWN, rng)
    here = whole_levels(fold, fold.released, steps, weights)
    there = whole_levels(fold, fold.original, steps, ones)
    turned = factor_levels(fold, fold.released, weights[: 1 + _DRAWN_FACTORS])
    target = factor_levels(fold, fold.original, ones)
    released = {**_plain(here), **changes(fold, here, there), **_detected(fold, rng)}
    if turned is not None and target is not None:
        released |= agreement(fold, turned, target)
    control, moved = _redrawn(fold, steps, here, turned, rng) if drawn else ({}, {})
    return Seen(
        people=frozenset(fold.original.ids),
        released=released,
        drawn=moved,
        original=_plain(there),
        control=control,
        told=(*signature(fold, fold.released), *signature(fold, fold.original)),
    )


def _redrawn(
    fold: Fidelity,
    steps: list[Floats],
    here: Levels,
    turned: Floats | None,
    rng: np.random.Generator,
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return what two samples of people differ by, and the release from each sample of them."""
    weights = resamples(len(fold.original.ids), _DRAWN, rng)[1:]
    levels = whole_levels(fold, fold.original, steps, weights)
    control = changes(fold, levels, {k: np.roll(v, 1, axis=0) for k, v in levels.items()})
    moved = changes(fold, {k: v[:1] for k, v in here.items()}, levels)
    mine = factor_levels(fold, fold.original, weights[:_DRAWN_FACTORS])
    if mine is not None:
        control |= agreement(fold, mine, np.roll(mine, 1, axis=0))
        if turned is not None:
            moved |= agreement(fold, turned[:1], mine)
    half = _auroc(fold.told.one_half, fold.told.other_half, rng)[1:]
    return {**control, "detectability": half}, moved


def _plain(levels: Levels) -> dict[str, Floats]:
    """Return the figures of one table that are a number each."""
    found = {name: v for name, v in levels.items() if v.ndim == 1}
    for name, v in levels.items():
        if name.startswith("item-total@"):
            found[name] = v.mean(axis=1)
    return found


def _detected(fold: Fidelity, rng: np.random.Generator) -> dict[str, Floats]:
    return {"detectability": _auroc(fold.told.released, fold.told.original, rng)}


def _auroc(one: Floats, two: Floats, rng: np.random.Generator) -> Floats:
    """Return the AUROC of all records, then of resamples of either side; .5 where it is below.

    A release that was fitted to people looks more like each of them than the others do, who
    taught the discriminator what people look like: below .5 nothing is told apart.
    """
    truth = np.concatenate([np.ones(len(one)), np.zeros(len(two))])
    weights = np.hstack([resamples(len(rows), _DRAWN_FACTORS, rng) for rows in (one, two)])
    return np.maximum(auroc(truth, np.concatenate([one, two]), weights), 0.5)
