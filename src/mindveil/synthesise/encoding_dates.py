"""Dates in a table of people: texts of one ISO 8601 form, as numbers of days and back.

A column of dates is no kind of its own in a corpus: it is text, or a choice with a level a date.
Here it is recognised by its form. Bounds are public where ``low`` and ``high`` of the column are
years.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Column

DateForm = Literal["month", "day", "minute", "second"]

_FORMS: dict[DateForm, re.Pattern[str]] = {
    "month": re.compile(r"\d{4}-(?:0[1-9]|1[0-2])"),
    "day": re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])"),
    "minute": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d"),
    "second": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d"),
}
_UNITS: dict[DateForm, Literal["M", "D", "m", "s"]] = {
    "month": "M",
    "day": "D",
    "minute": "m",
    "second": "s",
}
_SECONDS_A_DAY = 86_400.0


def date_form(values: Sequence[str]) -> DateForm | None:
    """Return the one form in which all of these texts are dates, if there is one.

    >>> date_form(["2021-03-04", "2020-02-29"]), date_form(["2021-02-30"]), date_form(["may"])
    ('day', None, None)
    """
    for form, pattern in _FORMS.items():
        if values and all(pattern.fullmatch(v) for v in values):
            try:
                days_of(values, form)
            except ValueError:
                return None
            return form
    return None


def days_of(values: Sequence[str | None], form: DateForm) -> NDArray[np.float64]:
    """Return dates as days since 1970, months as the months since; NaN where missing.

    >>> days_of(["1970-01-02", None], "day").tolist(), days_of(["1971-01"], "month").tolist()
    ([1.0, nan], [12.0])
    """
    stamps = np.array([v or "NaT" for v in values], dtype=f"datetime64[{_UNITS[form]}]")
    counts = np.where(np.isnat(stamps), np.nan, stamps.astype(np.int64).astype(np.float64))
    return np.asarray(counts / _a_day(form), dtype=np.float64)


def dates_of(days: NDArray[np.float64], form: DateForm) -> list[str | None]:
    """Return the texts of dates; ``None`` for NaN.

    >>> dates_of(np.array([1.0, np.nan]), "day"), dates_of(np.array([12.0]), "month")
    (['1970-01-02', None], ['1971-01'])
    """
    missing = np.isnan(days)
    counts = np.floor(np.where(missing, 0.0, days) * _a_day(form) + 1e-6).astype(np.int64)
    texts = np.datetime_as_string(counts.astype(f"datetime64[{_UNITS[form]}]"))
    return [None if gone else str(text) for gone, text in zip(missing, texts, strict=True)]


def years_of(column: Column, form: DateForm) -> tuple[float, float] | None:
    """Return the first and last day (or month) that a column declares by its years, if it does."""
    low, high = column.low, column.high
    if low is None or high is None or not 1000 <= low < high <= 9999:
        return None
    first, end = days_of([f"{int(low)}-01", f"{int(high) + 1}-01"], "month").tolist()
    if form == "month":
        return first, end - 1
    first, end = days_of([f"{int(low)}-01-01", f"{int(high) + 1}-01-01"], "day").tolist()
    return first, end - 1


def _a_day(form: DateForm) -> float:
    """Return how many units of a form are one of its counted numbers."""
    return {"month": 1.0, "day": 1.0, "minute": 1440.0, "second": _SECONDS_A_DAY}[form]
