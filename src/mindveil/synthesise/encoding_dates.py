"""Dates in a table of people: texts of one ISO 8601 form, as numbers of days and back.

A column of dates is no kind of its own in a corpus: it is text, or a choice with a level a date.
Here it is recognised by its form. Bounds are public where ``low`` and ``high`` of the column are
years.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Column

DateForm = Literal[
    "YYYY-MM",
    "YYYY-MM-DD",
    "YYYY-MM-DDThh:mm",
    "YYYY-MM-DD hh:mm",
    "YYYY-MM-DDThh:mm:ss",
    "YYYY-MM-DD hh:mm:ss",
]
Unit = Literal["M", "D", "m", "s"]

_UNITS: Mapping[DateForm, tuple[Unit, float]] = {
    "YYYY-MM": ("M", 1.0),
    "YYYY-MM-DD": ("D", 1.0),
    "YYYY-MM-DDThh:mm": ("m", 1440.0),
    "YYYY-MM-DD hh:mm": ("m", 1440.0),
    "YYYY-MM-DDThh:mm:ss": ("s", 86_400.0),
    "YYYY-MM-DD hh:mm:ss": ("s", 86_400.0),
}
"""The unit that a form tells apart, and how many of them are one of what is counted."""

_PATTERNS = {form: re.compile(re.sub("[YMDhms]", r"\\d", form)) for form in _UNITS}
FIRST_YEAR, LAST_YEAR = 1000, 9998
"""Years that have four digits, and so have their neighbours."""

WHOLE: frozenset[DateForm] = frozenset({"YYYY-MM", "YYYY-MM-DD"})
"""Forms whose numbers are whole: months, or days."""


def date_form(values: Sequence[str]) -> DateForm | None:
    """Return the one form in which all of these texts are dates, if there is one.

    >>> date_form(["2021-03-04", "2020-02-29"]), date_form(["2021-02-30"]), date_form(["may"])
    ('YYYY-MM-DD', None, None)
    """
    for form in _UNITS:
        if values and has_form(values[0], form) and all(has_form(v, form) for v in values):
            try:
                days_of(values, form)
            except ValueError:
                return None
            return form
    return None


def has_form(value: str, form: DateForm) -> bool:
    """Whether a text looks like a date of this form; it may still be no day of a calendar."""
    return _PATTERNS[form].fullmatch(value) is not None


def days_of(values: Sequence[str | None], form: DateForm) -> NDArray[np.float64]:
    """Return dates as days since 1970, months as the months since; NaN where missing.

    >>> days_of(["1970-01-02", None], "YYYY-MM-DD").tolist(), days_of(["1971-01"], "YYYY-MM")
    ([1.0, nan], array([12.]))

    Raises:
        ValueError: a text is no date.
    """
    unit, share = _UNITS[form]
    stamps = np.array([v or "NaT" for v in values], dtype=f"datetime64[{unit}]")
    counts = stamps.astype(np.int64).astype(np.float64) / share
    return np.asarray(np.where(np.isnat(stamps), np.nan, counts), dtype=np.float64)


def dates_of(days: NDArray[np.float64], form: DateForm) -> list[str | None]:
    """Return the texts of dates; ``None`` for NaN.

    >>> dates_of(np.array([1.0, np.nan]), "YYYY-MM-DD"), dates_of(np.array([12.0]), "YYYY-MM")
    (['1970-01-02', None], ['1971-01'])
    """
    unit, share = _UNITS[form]
    missing = np.isnan(days)
    # Days are floats: a hair below a full minute is that minute.
    counts = np.floor(np.where(missing, 0.0, days) * share + 1e-4).astype(np.int64)
    texts = np.datetime_as_string(counts.astype(f"datetime64[{unit}]")).tolist()
    gap = " " if " " in form else "T"
    return [None if gone else t.replace("T", gap) for gone, t in zip(missing, texts, strict=True)]


def years_of(column: Column, form: DateForm) -> tuple[float, float] | None:
    """Return the first and last day (or month) that a column declares by its years, if it does.

    >>> years_of(Column(role="quasi", kind="text", low=1970, high=1971), "YYYY-MM")
    (0.0, 23.0)
    """
    low, high = column.low, column.high
    if low is None or high is None or not FIRST_YEAR <= low < high <= LAST_YEAR:
        return None
    counted: DateForm = "YYYY-MM" if form == "YYYY-MM" else "YYYY-MM-DD"
    stamps = [f"{int(year)}-01-01"[: len(counted)] for year in (low, high + 1)]
    first, end = days_of(stamps, counted).tolist()
    return first, end - 1
