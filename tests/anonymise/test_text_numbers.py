"""Spoken numbers, as values and as digits."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.anonymise.text_numbers import AGE, SMALL, YEAR, digits, is_counting, value


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("seven", 7),
        ("Forty-Two", 42),
        ("93", 93),
        ("a hundred and three", 103),
        ("nineteen eighty eight", 1988),
        ("nineteen oh five", 1905),
        ("twenty twelve", 2012),
        ("twenty twenty one", 2021),
        ("two thousand and four", 2004),
        ("some", None),
    ],
)
def test_values(words, number):
    assert value(words) == number


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("oh seven nine one", "0791"),
        ("double one triple two", "11222"),
        ("twenty one, forty", "2140"),
        ("eight hundred", "800"),
        ("0113 four nine six", "0113496"),
        ("nothing", ""),
    ],
)
def test_digits(words, read):
    assert digits(words) == read


@pytest.mark.parametrize(
    ("read", "counting"), [("12345", True), ("54321", True), ("77777", True), ("07700", False)]
)
def test_counting_aloud_is_no_number(read, counting):
    assert is_counting(read) is counting


TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@given(st.integers(0, 7), st.integers(0, 8))
def test_every_two_digit_number_is_read_back(ten, one):
    said = f"{TENS[ten]} {ONES[one]}"
    assert value(said) == (ten + 2) * 10 + one + 1
    assert re.fullmatch(SMALL, said)
    assert re.fullmatch(AGE, said)


def test_years_in_words_are_years():
    for said in ("nineteen eighty eight", "twenty ten", "two thousand", "1999", "twenty oh six"):
        assert re.fullmatch(YEAR, said)
    assert not re.fullmatch(YEAR, "1888")
