"""What stands where an identifier stood: consistent, and silent about what it was."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.anonymise.text_replacements import (
    generalised,
    number_people,
    numbered,
    replace_spans,
    surrogates,
    tag,
)
from mindveil.anonymise.text_spans import ROLES, Span


@pytest.mark.parametrize(
    ("mentions", "numbers"),
    [
        ([], {}),
        (["Ann"], {"ann": 1}),
        (["Ann", "ann", "ANN"], {"ann": 1}),
        (["Ann", "ann bee", "Bee"], {"ann": 1, "ann bee": 1, "bee": 1}),
        (["jo bee", "mary bee"], {"jo bee": 1, "mary bee": 2}),
        (["jo bee", "jo cee"], {"jo bee": 1, "jo cee": 2}),
        (["J. Bee", "bee"], {"bee": 1}),
    ],
)
def test_people_are_numbered_by_hand(mentions, numbers):
    assert number_people(mentions) == numbers


def test_spans_are_replaced_and_the_rest_stays():
    spans = (
        Span(start=0, end=3, type="PERSON", source="list"),
        Span(start=8, end=10, type="AGE", source="pattern"),
    )
    assert replace_spans("ann was 34 then", spans, tag) == "[PERSON] was [AGE] then"
    assert replace_spans("nothing", (), tag) == "nothing"


def test_numbered_tags_tell_people_apart():
    say = numbered(number_people(["ann bee", "cee"]))
    assert say("PERSON", "ann bee") == "[PERSON_1]"
    assert say("PERSON", "Cee") == "[PERSON_2]"
    assert say("EMAIL", "a@b.org") == "[EMAIL]"


@pytest.mark.parametrize(
    ("kind", "mention", "coarse"),
    [
        ("AGE", "thirty four", "[AGE_THIRTIES]"),
        ("AGE", "30", "[AGE_THIRTIES]"),
        ("AGE", "16", "[AGE_TEENS]"),
        ("AGE", "six", "[AGE_CHILD]"),
        ("AGE_OVER_89", "93", "[AGE_OVER_89]"),
        ("DATE", "April 12, 2023", "[DATE_Q2]"),
        ("DATE", "nineteen eighty eight", "the 1980s"),
        ("DATE", "12/03/1988", "the 1980s"),
        ("DATE", "12/03/88", "[DATE]"),
        ("PLACE", "Leeds", "a place in northern europe"),
        ("PLACE", "Osijek", "[PLACE]"),
        ("PLACE", "northern ireland", "[PLACE]"),
        ("OCCUPATION", "plumber", "trades worker"),
        ("OCCUPATION", "social worker", "[OCCUPATION]"),
        ("ORGANISATION", "elm hospital", "a hospital"),
        ("ORGANISATION", "tesco", "a company"),
        ("ORGANISATION", "acme", "[ORGANISATION]"),
        ("NATIONALITY", "Polish", "eastern european"),
        ("RELIGION", "catholic", "religious"),
        ("PHONE", "0113 496 0000", "[PHONE]"),
        ("BIRTH_DATE", "3 march 1988", "[BIRTH_DATE]"),
    ],
)
def test_quasi_identifiers_become_coarser(kind, mention, coarse):
    assert generalised({})(kind, mention) == coarse


@given(st.integers(20, 89))
def test_no_age_is_told_by_its_band(age):
    said = generalised({})("AGE", str(age))
    assert str(age) not in said
    assert said == generalised({})("AGE", str(age // 10 * 10))


MENTIONS = [
    ("PERSON", "Ann"),
    ("PERSON", "ann bee"),
    ("PERSON", "Cee"),
    ("EMAIL", "a@b.org"),
    ("EMAIL", "a at b dot org"),
    ("URL", "www.b.org"),
    ("PHONE", "0113 496 0000"),
    ("PHONE", "oh one one three four nine six"),
    ("RECORD", "AB-123"),
    ("ADDRESS", "42 Oak Street"),
    ("AGE", "34"),
    ("DATE", "12 April 2023"),
    ("PLACE", "Leeds"),
    ("OCCUPATION", "nurse"),
    ("NATIONALITY", "polish"),
]


def test_surrogates_are_the_same_for_one_thing_and_new_in_every_release():
    one = surrogates(MENTIONS, np.random.default_rng(1))
    two = surrogates(MENTIONS, np.random.default_rng(2))
    assert one("PERSON", "Ann") == one("PERSON", "ann bee").title().split()[0]
    assert one("PERSON", "Ann") != one("PERSON", "Cee")
    assert [one(*m) for m in MENTIONS] != [two(*m) for m in MENTIONS]
    assert [one(*m) for m in MENTIONS] == [
        surrogates(MENTIONS, np.random.default_rng(1))(*m) for m in MENTIONS
    ]


@given(st.integers(0, 2**32 - 1))
def test_no_surrogate_is_the_real_thing(seed):
    say = surrogates(MENTIONS, np.random.default_rng(seed))
    for kind, mention in MENTIONS:
        fake = say(kind, mention)
        assert fake
        if kind not in ("PHONE", "RECORD"):  # a drawn number may be the real one
            assert fake.lower() != mention.lower()
    assert {w.lower() for w in say("PERSON", "ann bee").split()}.isdisjoint({"ann", "bee", "cee"})


def test_the_way_of_writing_is_kept():
    say = surrogates(MENTIONS, np.random.default_rng(3))
    assert say("PERSON", "ann bee").islower()
    assert say("PERSON", "Ann").istitle()
    assert len(say("PHONE", "0113 496 0000")) == len("0113 496 0000")
    assert say("PHONE", "oh one one three four nine six").isdigit()
    assert say("AGE", "34").startswith("3")
    assert "@" not in say("EMAIL", "a at b dot org")


def test_every_type_has_a_surrogate():
    mentions = [(kind, "ab 12") for kind in ROLES]
    say = surrogates(mentions, np.random.default_rng(4))
    assert all(say(*m) for m in mentions)
