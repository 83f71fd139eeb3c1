"""How identifiers are written and heard."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mindveil.corpus.sample.identifiers import (
    THINGS,
    digit_words,
    heard,
    number_words,
    ordinal_words,
    surfaces,
    thing,
    year_words,
)
from mindveil.corpus.sample.lives import draw_persona
from mindveil.corpus.sample.phrases import MENTIONS


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "zero"),
        (13, "thirteen"),
        (20, "twenty"),
        (61, "sixty one"),
        (100, "a hundred"),
        (107, "a hundred and seven"),
    ],
)
def test_numbers_are_said_as_people_say_them(number: int, words: str) -> None:
    assert number_words(number) == words


@pytest.mark.parametrize(
    ("year", "words"),
    [(1944, "nineteen forty four"), (2000, "two thousand"), (2008, "two thousand and eight")],
)
def test_years_are_said_as_people_say_them(year: int, words: str) -> None:
    assert year_words(year) == words


def test_days_have_31_different_names() -> None:
    days = [ordinal_words(d) for d in range(1, 32)]
    assert len(set(days)) == 31
    assert days[-1] == "thirty first"


@given(st.text(alphabet="0123456789 ", min_size=1))
def test_a_number_is_read_out_digit_by_digit(text: str) -> None:
    assert len(digit_words(text).split()) == sum(c.isdigit() for c in text)


@given(st.integers(1, 400), st.sampled_from(MENTIONS))
@settings(deadline=None)
def test_an_asr_hears_no_capital_digit_or_punctuation(number: int, mention: str) -> None:
    persona = draw_persona(3, number)
    assert re.fullmatch(r"[a-z' -]*", heard(mention, persona))
    assert bool(heard(mention, persona)) == bool(surfaces(persona)[mention])


@given(st.integers(1, 400))
@settings(deadline=None)
def test_every_mention_names_a_known_thing(number: int) -> None:
    persona = draw_persona(3, number)
    assert {thing(m, persona).entity for m in MENTIONS} <= set(THINGS)
    assert thing("self", persona) == thing("self_full", persona) == thing("self_first", persona)


@given(st.integers(1, 900))
@settings(deadline=None)
def test_who_lives_where_they_were_born_has_one_town(number: int) -> None:
    persona = draw_persona(3, number)
    same = persona.identity.birthplace == persona.life.town
    assert (thing("birthplace", persona) == thing("town", persona)) == same


@given(st.integers(1, 400))
@settings(deadline=None)
def test_numbers_and_addresses_reach_nobody(number: int) -> None:
    who = draw_persona(3, number).identity
    # 07700 900000-900999: Ofcom's numbers for drama; example.*: RFC 2606.
    assert re.fullmatch(r"07700 900\d{3}", who.phone)
    assert re.search(r"@example\.(org|com|net)$", who.email)
