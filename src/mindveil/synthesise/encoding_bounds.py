"""Where the numbers of a table begin and end, and the cells between: from public knowledge first.

What is public: bounds declared in participants.json (``low``, ``high``), the range of a
questionnaire's total and the scores at which its published bands begin, and what everybody knows
of a few columns by their names. Ages are told by the year where most people of a study are and
more coarsely elsewhere; 90 stands for 90 and more (HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i)(C)).
Body mass index is cut at the limits of the World Health Organization. Height, weight and income
have no public bounds, since their units are not told by their names.

What is not public is read off the data, coarsely, and marked as found.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.instruments import get, is_known
from mindveil.corpus.model import Column

MOST_CELLS = 32
"""Cells of a number whose bounds say nothing about where to cut."""

FEWEST = 5
"""People in a cell, or with a level, that is read off the data."""

ADULT, OLDEST = 18, 90

Edges = tuple[float, ...]

_AGES = (
    *(0, 6, 10, 12, 14, 16, *range(ADULT, 30), *range(30, 40, 2), *range(40, 60, 4)),
    *(*range(60, OLDEST, 5), OLDEST),
)
_BODY_MASS = (
    *(10.0, 14.0, 16.0, 17.0, 18.5, *map(float, range(20, 36))),
    *(37.5, 40.0, 42.5, 45.0, 50.0, 60.0),
)
_RANGES = {
    **dict.fromkeys(("familysize", "householdsize", "children", "numberofchildren"), (0, 15)),
    "siblings": (0, 15),
    **dict.fromkeys(("yearsofeducation", "educationyears"), (0, 30)),
    **dict.fromkeys(("yearofbirth", "birthyear"), (1920, 2019)),
}
_AGE_NAMES = frozenset({"age", "agebl", "agebaseline"})
_MEASURED = frozenset({"bmi", "height", "weight"})
"""Columns that are measured, so that whole bounds do not make their values whole."""


def whole_cells(starts: Sequence[int], last: int) -> Edges:
    """Return edges half-way between whole numbers: cells from each start up to the next.

    >>> whole_cells((0, 1, 2, 4), 5)
    (-0.5, 0.5, 1.5, 3.5, 5.5)
    """
    return (*(start - 0.5 for start in starts), last + 0.5)


def even_cells(low: float, high: float, *, whole: bool) -> Edges:
    """Return at most 32 cells of one width between two bounds; whole numbers have one each.

    >>> even_cells(0, 3, whole=True), even_cells(0, 80, whole=True)[:3]
    ((-0.5, 0.5, 1.5, 2.5, 3.5), (-0.5, 2.5, 5.5))
    """
    if not whole:
        return tuple(np.linspace(low, high, MOST_CELLS + 1).tolist())
    first, last = math.floor(low), math.ceil(high)
    width = -(-(last - first + 1) // MOST_CELLS)
    return whole_cells(range(first, last + 1, width), last)


def public_edges(name: str, column: Column, *, whole: bool) -> Edges:
    """Return the cells of a number that need no look at the data, or nothing.

    Bounds that are declared count before those that everybody knows.

    >>> public_edges("children", Column(role="quasi", kind="number"), whole=True)[-2:]
    (14.5, 15.5)
    """
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    low, high = column.low, column.high
    if plain in _AGE_NAMES:
        return _between(_AGES, low, high)
    if plain == "bmi":
        inner = [e for e in _BODY_MASS if _inside(e, low, high)]
        ends = (_BODY_MASS[0] if low is None else low, _BODY_MASS[-1] if high is None else high)
        return tuple(sorted({*inner, *ends}))
    usual = _RANGES.get(plain, (None, None))
    low, high = (
        told if told is not None else us for told, us in zip((low, high), usual, strict=True)
    )
    if low is None or high is None or low >= high:
        return ()
    return even_cells(low, high, whole=whole)


def with_youngest(
    name: str, column: Column, values: NDArray[np.float64], *, private: bool
) -> Column:
    """Return a column of ages with 18 as its lowest where the study is of adults.

    That everybody is of age is a rule of a study and not a trait of one person. With ``private``
    it is taken for granted without a look at anybody, and minors count as 18: whoever pays for
    it may ask whether there are any (``encoding_payment``).
    """
    if not may_be_adults(name, column):
        return column
    return replace(column, low=ADULT) if private or not (values < ADULT).any() else column


def may_be_adults(name: str, column: Column) -> bool:
    """Whether these are ages, and nobody declared from which one on."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    return plain in _AGE_NAMES and column.low is None and (column.high or OLDEST) > ADULT


def is_whole_by_name(name: str, column: Column) -> bool:
    """Whether a number is taken as whole without a look at the data: whole bounds, not measured."""
    plain = re.sub(r"[^a-z0-9]", "", name.lower())
    bounds = [b for b in (column.low, column.high) if b is not None]
    return plain not in _MEASURED and all(float(b).is_integer() for b in bounds)


def total_edges(tool: str, low: float, high: float) -> Edges:
    """Return the cells of a questionnaire's total: no cell lies across the start of a band.

    >>> total_edges("phq2", 0, 6)
    (-0.5, 0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5)
    """
    first, last = math.floor(low), math.ceil(high)
    width = -(-(last - first + 1) // MOST_CELLS)
    cuts = {first}
    if is_known(tool):
        scale = get(tool).scale()
        cuts |= {band.start for band in scale.bands} | ({scale.cutoff} if scale.cutoff else set())
    ordered = sorted(cut for cut in cuts if first <= cut <= last)
    starts = [
        start
        for begin, end in zip(ordered, [*ordered[1:], last + 1], strict=True)
        for start in range(begin, end, width)
    ]
    return whole_cells(starts, last)


def found_edges(values: NDArray[np.float64], *, whole: bool) -> Edges:
    """Return cells read off the data: as many people in each, never fewer than a few.

    The outermost edges are rounded outwards, so that they are nobody's value; whole numbers of a
    short range have a cell each. ``whole`` edges lie half-way between whole numbers.
    """
    told = values[~np.isnan(values)]
    if not len(told):
        return ()
    low, high = _outwards(float(told.min()), float(told.max()), whole=whole)
    if whole and told.max() - told.min() < MOST_CELLS:
        return even_cells(float(told.min()), float(told.max()), whole=True)
    count = max(1, min(MOST_CELLS, len(told) // FEWEST))
    inner = np.quantile(told, np.linspace(0, 1, count + 1)[1:-1])
    if whole:
        inner = np.ceil(inner) - 0.5
        low, high = low - 0.5, high + 0.5
    kept = np.unique(inner[(inner > low) & (inner < high)])
    return (low, *kept.tolist(), high)


def _outwards(low: float, high: float, *, whole: bool) -> tuple[float, float]:
    """Round two bounds away from each other, by a few hundredths of their distance."""
    apart = high - low
    step = 10.0 ** math.floor(math.log10(apart or max(1.0, abs(high)))) / 2
    if whole:
        step = float(max(1, math.floor(step)))
    first, last = math.floor(low / step), math.ceil(high / step)
    # A quotient in floats may be rounded past its bound.
    first -= first * step > low
    last += last * step < high
    return first * step, max(last, first + 1) * step


def _between(starts: Iterable[int], low: float | None, high: float | None) -> Edges:
    first = 0 if low is None else max(0, math.floor(low))
    last = OLDEST if high is None else math.ceil(high)
    if last - first < MOST_CELLS:
        return whole_cells(range(first, last + 1), last)
    return whole_cells([first, *(s for s in starts if first < s <= last)], last)


def _inside(edge: float, low: float | None, high: float | None) -> bool:
    return (low is None or edge > low) and (high is None or edge < high)
