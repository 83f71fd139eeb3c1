"""What a study may vary of a release: the settings of its steps, each with the values to try.

A value list is put in order from the weakest protection to the strongest where the setting is
known, so that a grid has a weak corner and a strong one; any other list is taken as given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import product
from math import prod
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

Value = str | int | float | bool
POINT = "~"
"""What stands between the name of a release and what was varied of it."""

MOST_POINTS = 2000
"""Combinations beyond which a sweep is refused: it would never end."""


def _more(value: Value) -> float:
    return float(value)


def _less(value: Value) -> float:
    return -float(value)


def _from_one(value: Value) -> float:
    return abs(float(value) - 1.0)


_STRENGTH: Mapping[str, Callable[[Value], float]] = MappingProxyType(
    {
        "level": _more,
        "k": _more,
        "suppress": _more,
        "smooth": _more,
        "epsilon": _less,
        "delta": _less,
        "lowest": _from_one,
        "highest": _from_one,
        "alpha": _from_one,
    }
)
"""How far each known setting protects; McAdams' coefficient by its distance from 1."""


class SweepPart(BaseModel):
    """[[sweep]]: a release of the study, what to vary of it, and how much of the grid to pay for.

    ``vary`` names settings by step, as in ``"scales/anonymise.k"``. ``attacks`` and ``utility``
    may name fewer questions than the study asks; the points are then judged as far as they were
    asked, which is never enough to let one out.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    release: str
    vary: dict[str, tuple[Value, ...]] = Field(min_length=1)
    budget: float = Field(0.4, gt=0, le=1)
    attacks: tuple[str, ...] = ()
    utility: tuple[str, ...] = ()

    @field_validator("vary")
    @classmethod
    def _in_order(cls, vary: dict[str, tuple[Value, ...]]) -> dict[str, tuple[Value, ...]]:
        for knob, values in vary.items():
            step, _, setting = knob.rpartition(".")
            if not step or not setting:
                raise ValueError(f'{knob!r} is no setting of a step; write "step.setting"')
            if not values:
                raise ValueError(f"{knob} has no values to try; list at least one")
        if prod(len(set(v)) for v in vary.values()) > MOST_POINTS:
            raise ValueError(f"more than {MOST_POINTS} combinations; list fewer values")
        return {knob: weakest_first(knob, vary[knob]) for knob in sorted(vary)}

    def asks(self, kind: Literal["attack", "utility"], measure: str) -> bool:
        """Whether a question of the study is put to the points of this sweep."""
        named = self.attacks if kind == "attack" else self.utility
        return not named or measure in named

    def made(self, release: str) -> bool:
        """Whether a release of this name is a point of this sweep, or its undefended twin."""
        return release.startswith(f"{self.release}{POINT}")


def weakest_first(knob: str, values: Sequence[Value]) -> tuple[Value, ...]:
    """Return the values of a setting once each, from the weakest protection to the strongest.

    >>> weakest_first("train/dp.epsilon", [1.0, 8.0, 3.0]), weakest_first("a.items", ["x", "b"])
    ((8.0, 3.0, 1.0), ('x', 'b'))
    """
    once = tuple(dict.fromkeys(values))
    strength = _STRENGTH.get(knob.rpartition(".")[2])
    if strength is None or any(isinstance(v, str) for v in once):
        return once
    return tuple(sorted(once, key=strength))


def is_ordered(knob: str) -> bool:
    """Whether it is known which values of a setting protect more.

    >>> is_ordered("text/anonymise.level"), is_ordered("scales/anonymise.items")
    (True, False)
    """
    return knob.rpartition(".")[2] in _STRENGTH


def grid(sweep: SweepPart) -> list[tuple[int, ...]]:
    """Return every combination as the places of its values, the weakest of all first.

    >>> grid(SweepPart(release="r", vary={"a.k": (5, 3), "a.level": (1, 2)}))
    [(0, 0), (0, 1), (1, 0), (1, 1)]
    """
    return list(product(*(range(len(values)) for values in sweep.vary.values())))


def values_at(sweep: SweepPart, place: Sequence[int]) -> dict[str, Value]:
    """Return the values of one combination by setting."""
    return {k: v[i] for (k, v), i in zip(sweep.vary.items(), place, strict=True)}
