"""Members against control people: what the same attack does to either, paired by person.

**Members** are the people of whom a release was made, **control people** were held out of it.
Over folds a person is a member in some and a control person in others: what she suffered in
either role is averaged over folds, and whole people are resampled, so that the comparison is
paired. advantage = (success - control) / (1 - control).
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import LEVEL, RESAMPLES, Estimate, advantage, share
from mindveil.evidence.measured import Measured, Truth

_ENOUGH = 10.0
"""n p (1 - p) from which a share is resampled; rarer events get exact intervals."""

_NEVER = -1.0
"""Stands for what happened to a person in a role that she never had."""

_TAIL = (1 - LEVEL) / 2

Floats = NDArray[np.float64]
Outcomes = dict[str, list[float]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """What each person suffered, fold by fold, as a member and as a control person."""

    member: Outcomes = field(default_factory=dict)
    control: Outcomes = field(default_factory=dict)

    def add(self, truth: Truth, people: Sequence[str], suffered: Floats) -> None:
        """Add one fold; ``suffered`` lies in 0..1. Who is neither has no say."""
        members, absent = frozenset(truth.released.ids), frozenset(truth.absent.ids)
        for person, value in zip(people, suffered, strict=True):
            if person in members:
                self.member.setdefault(person, []).append(float(value))
            elif person in absent:
                self.control.setdefault(person, []).append(float(value))

    def among(self, people: AbstractSet[str]) -> Roles:
        """Return what these people suffered."""
        return Roles(
            member={p: v for p, v in self.member.items() if p in people},
            control={p: v for p, v in self.control.items() if p in people},
        )


def compare(roles: Roles, unusual: AbstractSet[str], rng: np.random.Generator) -> list[Measured]:
    """Return success with its control and the advantage, of everybody and of unusual people.

    Raises:
        InvalidMeasurement: nobody was a member, or nobody a control person.
    """
    if not roles.member or not roles.control:
        missing = "control person" if roles.member else "person behind the table"
        raise InvalidMeasurement(f"no {missing} was attacked: success cannot be told from chance")
    found = _figures(roles, "", rng)
    rare = roles.among(unusual)
    if not rare.member or not rare.control:
        return found
    try:
        return found + _figures(rare, "-unusual", rng)
    except InvalidMeasurement as why:
        note = "; ".join(n for n in (found[1].note, f"unusual people not measured: {why}") if n)
        return [found[0], replace(found[1], note=note)]


def _figures(roles: Roles, whose: str, rng: np.random.Generator) -> list[Measured]:
    hit, missed = (_means(side) for side in (roles.member, roles.control))
    seen, floor = share(np.array(list(hit.values()))), share(np.array(list(missed.values())))
    both = len(hit.keys() & missed.keys())
    note = f"{seen.n} members, {floor.n} control people" + (f", {both} of them both" * bool(both))
    return [
        Measured(metric=f"success{whose}", estimate=seen, control=floor),
        Measured(
            metric=f"advantage{whose}",
            estimate=_gain(hit, missed, (seen, floor), rng),
            baseline=0.0,
            note=note,
        ),
    ]


def _means(side: Outcomes) -> dict[str, float]:
    return {p: float(np.mean(side[p])) for p in sorted(side)}


def _gain(
    hit: dict[str, float],
    missed: dict[str, float],
    shares: tuple[Estimate, Estimate],
    rng: np.random.Generator,
) -> Estimate:
    """Return the advantage: people resampled, or exact intervals carried over for rare events.

    People to whom the same happened in both roles are one kind of person. To draw people is to
    draw how many of each kind there are, which costs a hundredth where people are many.
    """
    seen, floor = shares
    if any(s.n * s.value * (1 - s.value) < _ENOUGH for s in shares):
        return advantage(seen, floor)
    people = sorted(hit.keys() | missed.keys())
    happened = np.array([[hit.get(p, _NEVER), missed.get(p, _NEVER)] for p in people])
    kinds, many = np.unique(happened, axis=0, return_counts=True)
    drawn = rng.multinomial(len(people), many / len(people), size=RESAMPLES).astype(np.float64)
    there = kinds != _NEVER
    # Enough of both sides to be resampled means that no resample is without one of them.
    success, control = (drawn @ (kinds * there) / (drawn @ there)).T
    # Half a person where a resample holds nobody whom the attack failed on.
    room = np.maximum(1 - control, 0.5 / floor.n)
    low, high = np.quantile((success - control) / room, [_TAIL, 1 - _TAIL])
    value = (seen.value - floor.value) / (1 - floor.value)
    return Estimate(
        value=value,
        low=min(float(low), value),
        high=max(float(high), value),
        n=min(seen.n, floor.n),
    )
