"""Dates as numbers and back, in the form they had."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.model import Column
from mindveil.synthesise.encoding_dates import date_form, dates_of, days_of, years_of


@pytest.mark.parametrize(
    ("values", "form"),
    [
        (["2021-03-04", "1999-12-31"], "YYYY-MM-DD"),
        (["2021-03"], "YYYY-MM"),
        (["2021-03-04T10:22"], "YYYY-MM-DDThh:mm"),
        (["2021-03-04 10:22:59"], "YYYY-MM-DD hh:mm:ss"),
        (["2021-03-04", "2021-03"], None),  # two forms
        (["2021-02-30"], None),  # no day of a calendar
        (["2021"], None),  # a number
        (["04.03.2021"], None),
        ([], None),
    ],
)
def test_the_form_of_dates(values, form):
    assert date_form(values) == form


@given(st.lists(st.none() | st.dates(date(1900, 1, 1), date(2100, 1, 1)), min_size=1))
def test_days_come_back(days):
    texts = [d and d.isoformat() for d in days]
    assert dates_of(days_of(texts, "YYYY-MM-DD"), "YYYY-MM-DD") == texts
    months = [t and t[:7] for t in texts]
    assert dates_of(days_of(months, "YYYY-MM"), "YYYY-MM") == months


@given(st.integers(-(10**9), 4 * 10**9))
def test_seconds_come_back(second):
    stamp = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=second)
    text = stamp.strftime("%Y-%m-%d %H:%M:%S")
    assert dates_of(days_of([text], "YYYY-MM-DD hh:mm:ss"), "YYYY-MM-DD hh:mm:ss") == [text]
    minute = stamp.strftime("%Y-%m-%dT%H:%M")
    assert dates_of(days_of([minute], "YYYY-MM-DDThh:mm"), "YYYY-MM-DDThh:mm") == [minute]


def test_bounds_in_years():
    column = Column(role="quasi", kind="text", low=2019, high=2020)
    first, last = years_of(column, "YYYY-MM-DD")
    assert dates_of(np.array([first, last]), "YYYY-MM-DD") == ["2019-01-01", "2020-12-31"]
    assert years_of(Column(role="quasi", kind="text", low=1, high=9), "YYYY-MM-DD") is None
    assert years_of(Column(role="quasi", kind="text"), "YYYY-MM-DD") is None
