from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.columns import (
    WELL_KNOWN,
    described,
    is_generalised,
    is_number,
    kind_of,
    known,
)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("Name", "identifier"),
        ("e-mail", "identifier"),
        ("Phone Number", "identifier"),
        ("MRN", "identifier"),
        ("date_of_birth", "identifier"),
        ("Age", "quasi"),
        ("sex", "quasi"),
        ("Post-Code", "quasi"),
        ("familysize", "quasi"),
        ("Religion", "quasi"),
        ("diagnosis", "sensitive"),
    ],
)
def test_well_known_columns_have_a_role_however_spelt(name, role):
    found = known(name)
    assert found is not None
    assert found[0] == role


def test_a_column_has_one_role():
    assert known("shoe_size") is None
    assert all(name.isalnum() and name == name.lower() for name in WELL_KNOWN)


@pytest.mark.parametrize("text", ["0", "-1", "+2", "3.5", "191.0", ".5", "5.", "1e-3", "007"])
def test_numbers(text):
    assert is_number(text)


@pytest.mark.parametrize(
    "text", ["", "nan", "inf", "1e999", "1_000", "1,5", "0x1", "\u0665", "1 ", "30-39", "--1"]
)
def test_what_is_no_number(text):
    assert not is_number(text)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_finite_number_is_one(number):
    assert is_number(repr(number))


@pytest.mark.parametrize(
    "text", ["*", "30-39", "-5--1", "60+", "<18", ">= 65", "[20,30)", "1|2", "18-22|n/a", "1|*"]
)
def test_generalised_numbers(text):
    assert is_generalised(text)


@pytest.mark.parametrize("text", ["", "a|b", "thirty", "1990-01-01", "1-", "n/a", "30", "|"])
def test_what_is_no_generalised_number(text):
    assert not is_generalised(text)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"1", "2.5"}, "number"),
        ({"1", "30-39"}, "number"),
        ({"20-29", "30-39"}, "ordinal"),
        ({"a", "b"}, "nominal"),
        ({"1", "b"}, "nominal"),
        (set(), "nominal"),
        ({"x" * 101}, "text"),
        ({f"v{n}" for n in range(51)}, "text"),
    ],
)
def test_kinds_are_told_from_values(values, kind):
    assert kind_of(values) == kind


def test_levels_are_those_that_occur_and_not_generalised_ones():
    assert described("quasi", "nominal", {"b", "a", "a|b", "*"}).levels == ("a", "b")
    assert described("quasi", "number", {"1"}).levels == ()
    assert described("other", "text", {"x"}).levels == ()
