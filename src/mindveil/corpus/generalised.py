"""What a generalised value says: ``30-39``, ``a|b``, ``n/a``, ``*``, and what each of them covers.

A value of participants.tsv or an answer to an item is read as a set of parts, joined by ``|``:

============  ==========================================================
``*``         suppressed: it may have been anything, also nothing
``30-39``     any number from 30 to 39, both included
``a|b``       one of these values, names or numbers
``n/a``       a missing value (also ``None``, NaN and empty text)
anything else itself
============  ==========================================================

A released value covers an original when every part of the original lies in a part of it, so
that covering is reflexive and transitive: what was generalised twice still covers where it came
from. Numbers in text are numbers (``"30"`` is 30), codes with leading zeros are names (``"01"``).

Columns are compared by their distinct values: a :class:`Coding` holds each of them once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Value = str | float | int | None
"""An attribute or an answer, generalised or not."""

SUPPRESSED = "*"
MISSING = "n/a"

_NUMBER = r"-?(?:0|[1-9]\d*)(?:\.\d+)?"
_POINT = re.compile(_NUMBER)
_BAND = re.compile(rf"({_NUMBER})-({_NUMBER})")
_NOWHERE = math.nan


@dataclass(frozen=True, slots=True)
class Part:
    """One of the things a value may stand for: numbers from ``low`` to ``high``, or a name."""

    low: float = _NOWHERE
    high: float = _NOWHERE
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Coding:
    """A column by its distinct values.

    ``codes`` has shape (people,) and says which of the ``distinct`` values each has. The parts
    of all distinct values lie one after the other in ``low``, ``high``, ``names`` and ``place``
    (shape (parts,)); those of value ``i`` begin at ``starts[i]``. ``place`` is where a part lies
    on the scale of the column: the ends of a band, the rank of an ordered name, else NaN;
    shape (parts, 2).
    """

    codes: NDArray[np.intp]
    distinct: tuple[Value, ...]
    starts: NDArray[np.intp]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    names: NDArray[np.object_]
    place: NDArray[np.float64]

    @property
    def values(self) -> tuple[Value, ...]:
        """The value of each person."""
        return tuple(self.distinct[code] for code in self.codes)

    @property
    def exact(self) -> NDArray[np.bool_]:
        """Which distinct values are one number or one name, present and not generalised."""
        alone = np.diff(np.append(self.starts, len(self.names))) == 1
        vague = (self.names == SUPPRESSED) | (self.names == MISSING) | (self.low < self.high)
        return np.asarray(alone & ~vague[self.starts], dtype=np.bool_)

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Which distinct values are a missing value and nothing else."""
        blank = np.asarray(self.names == MISSING, dtype=np.bool_)
        return np.asarray(_all_parts(blank[None], self.starts)[0], dtype=np.bool_)

    def shares(self) -> NDArray[np.float64]:
        """Return the share of people who have each distinct value."""
        counts = np.bincount(self.codes, minlength=len(self.distinct))
        return np.asarray(counts / max(1, len(self.codes)), dtype=np.float64)


def number_text(number: float) -> str:
    """Write a number so that it reads back as the same number, without an exponent.

    >>> number_text(30.0), number_text(0.1), number_text(-2)
    ('30', '0.1', '-2')
    """
    return np.format_float_positional(float(number), trim="-", unique=True)


def value_text(value: Value) -> str:
    """Write a value as it stands in a table.

    >>> value_text(None), value_text(18.0), value_text("18-22")
    ('n/a', '18', '18-22')
    """
    if value is None or value == "":
        return MISSING
    if isinstance(value, str):
        return value
    return MISSING if math.isnan(value) else number_text(value)


def band(low: float, high: float) -> str:
    """Write the numbers from ``low`` to ``high``.

    >>> band(30, 39), band(4, 4)
    ('30-39', '4')
    """
    if low == high:
        return number_text(low)
    return f"{number_text(low)}-{number_text(high)}"


def pool(values: Iterable[Value]) -> str:
    """Write "one of these values".

    >>> pool(["US", None, "CA", "US"])
    'CA|US|n/a'
    """
    found = {piece for value in values for piece in value_text(value).split("|")}
    if SUPPRESSED in found:
        return SUPPRESSED
    hidden = [MISSING] if MISSING in found else []
    return "|".join([*sorted(found - {MISSING}), *hidden])


def parts(value: Value) -> tuple[Part, ...]:
    """Return what a value may stand for.

    >>> parts("18-22|n/a")
    (Part(low=18.0, high=22.0, name=''), Part(low=nan, high=nan, name='n/a'))
    """
    if isinstance(value, str):
        return tuple(_part(piece) for piece in value.split("|"))
    if value is None or math.isnan(value):
        return (Part(name=MISSING),)
    return (Part(float(value), float(value)),)


def _part(piece: str) -> Part:
    if not piece:
        return Part(name=MISSING)
    if _POINT.fullmatch(piece):
        return Part(float(piece), float(piece))
    ends = _BAND.fullmatch(piece)
    if ends is not None and float(ends[1]) <= float(ends[2]):
        return Part(float(ends[1]), float(ends[2]))
    return Part(name=piece)


def covers(released: Value, original: Value) -> bool:
    """Whether a released value is true of the original one, for all that it says.

    >>> covers("30-39", 34.0), covers("30-39", 40.0), covers("a|b", "b"), covers("*", None)
    (True, False, True, True)
    >>> covers("30-39", None), covers("0-1", 1), covers("18-64", "30-39"), covers(30.0, "30")
    (False, True, True, True)
    """
    told = parts(released)
    return all(any(_contains(p, q) for p in told) for q in parts(original))


def _contains(wide: Part, narrow: Part) -> bool:
    if wide.name or narrow.name:
        return wide.name in (narrow.name, SUPPRESSED)
    return wide.low <= narrow.low and narrow.high <= wide.high


def code(values: Sequence[Value], ranks: Mapping[str, float] | None = None) -> Coding:
    """Return a column by its distinct values, in the order in which they first appear.

    ``ranks`` places the names of an ordinal column on a scale, for :func:`gaps`.

    >>> code(["a", "b", "a"]).codes.tolist()
    [0, 1, 0]
    """
    known: dict[Value, int] = {}
    codes = np.empty(len(values), dtype=np.intp)
    for row, value in enumerate(values):
        blank = value == "" or (isinstance(value, float) and math.isnan(value))
        codes[row] = known.setdefault(None if blank else value, len(known))
    told = [parts(value) for value in known]
    flat = [part for one in told for part in one]
    starts = np.cumsum([0, *(len(one) for one in told)])[: len(told)]
    order = ranks or {}
    place = [(order.get(p.name, _NOWHERE),) * 2 if p.name else (p.low, p.high) for p in flat]
    return Coding(
        codes=codes,
        distinct=tuple(known),
        starts=starts.astype(np.intp),
        low=np.array([p.low for p in flat], dtype=np.float64),
        high=np.array([p.high for p in flat], dtype=np.float64),
        names=np.array([p.name for p in flat], dtype=np.object_),
        place=np.array(place, dtype=np.float64).reshape(-1, 2),
    )


def covered(released: Value, originals: Coding) -> NDArray[np.bool_]:
    """Return which distinct originals one released value covers; shape (distinct originals,).

    >>> covered("18-22|n/a", code([20, 30, None])).tolist()
    [True, False, True]
    """
    inside = np.zeros(len(originals.names), dtype=np.bool_)
    for part in parts(released):
        if part.name == SUPPRESSED:
            inside[:] = True
        elif part.name:
            inside |= originals.names == part.name
        else:
            inside |= (part.low <= originals.low) & (originals.high <= part.high)
    return np.asarray(_all_parts(inside[None], originals.starts)[0], dtype=np.bool_)


def covering(released: Coding, originals: Coding) -> NDArray[np.bool_]:
    """Return which distinct released value covers which distinct original.

    Shape (distinct released, distinct originals); spread it over people with the codes.
    """
    inside = (released.low[:, None] <= originals.low) & (originals.high <= released.high[:, None])
    inside |= _same_name(released, originals) | (released.names == SUPPRESSED)[:, None]
    return _all_parts(_any_part(inside, released.starts), originals.starts)


def overlapping(one: Coding, other: Coding) -> NDArray[np.bool_]:
    """Return which distinct values may stand for the same thing; shape as in :func:`covering`.

    >>> overlapping(code(["18-22", "*"]), code([20, "21-30", "x"])).tolist()
    [[True, True, False], [True, True, True]]
    """
    meet = (one.low[:, None] <= other.high) & (other.low <= one.high[:, None])
    meet |= _same_name(one, other)
    meet |= (one.names == SUPPRESSED)[:, None] | (other.names == SUPPRESSED)
    return _any_part(_any_part(meet, one.starts).T, other.starts).T


def gaps(one: Coding, other: Coding) -> NDArray[np.float64]:
    """Return how far apart distinct values lie on their scale; 0 where they touch.

    Shape as in :func:`covering`; NaN where a value has no place on a scale.

    >>> gaps(code(["18-22", 40]), code([25, 20, "x"])).tolist()
    [[3.0, 0.0, nan], [15.0, 20.0, nan]]
    """
    apart = np.maximum(one.place[:, :1] - other.place[:, 1], other.place[:, 0] - one.place[:, 1:])
    apart = np.where(apart > 0, apart, np.where(np.isnan(apart), np.nan, 0.0))
    if not apart.size:
        return np.zeros((len(one.starts), len(other.starts)))
    nearest = np.fmin.reduceat(apart, one.starts, axis=0)
    return np.asarray(np.fmin.reduceat(nearest, other.starts, axis=1), dtype=np.float64)


def centres(column: Coding) -> NDArray[np.float64]:
    """Return the middle of each distinct value on its scale; NaN where it has no place there.

    >>> centres(code(["18-22", "40", "x", "1|5"])).tolist()
    [20.0, 40.0, nan, 3.0]
    """
    if not len(column.starts):
        return np.zeros(0)
    middle = column.place.mean(axis=1)
    here = ~np.isnan(middle)
    total = np.add.reduceat(np.where(here, middle, 0.0), column.starts)
    count = np.add.reduceat(here.astype(np.float64), column.starts)
    centre = np.full(len(total), np.nan)
    np.divide(total, count, out=centre, where=count > 0)
    return centre


def _same_name(one: Coding, other: Coding) -> NDArray[np.bool_]:
    known: dict[str, int] = {"": -1}
    left = np.array([known.setdefault(n, len(known)) for n in one.names], dtype=np.int64)
    right = np.array([known.setdefault(n, len(known)) for n in other.names], dtype=np.int64)
    right[right == -1] = -2
    return np.asarray(left[:, None] == right, dtype=np.bool_)


def _any_part(table: NDArray[np.bool_], starts: NDArray[np.intp]) -> NDArray[np.bool_]:
    if len(starts) == len(table):
        return table
    return np.asarray(np.logical_or.reduceat(table, starts, axis=0), dtype=np.bool_)


def _all_parts(table: NDArray[np.bool_], starts: NDArray[np.intp]) -> NDArray[np.bool_]:
    if len(starts) == table.shape[1]:
        return table
    return np.asarray(np.logical_and.reduceat(table, starts, axis=1), dtype=np.bool_)
