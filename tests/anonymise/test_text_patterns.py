"""Forms are found as written and as spoken, durations never, and in time linear in the text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.anonymise.text_patterns import pattern_spans
from mindveil.anonymise.text_spans import merge_spans


def found(text):
    return [(s.type, text[s.start : s.end]) for s in merge_spans(pattern_spans(text))]


@pytest.mark.parametrize(
    ("text", "kind", "hidden"),
    [
        ("write to jo.bloggs+x@mail.example.org please", "EMAIL", "jo.bloggs+x@mail.example.org"),
        ("it's jo dot bloggs at gmail dot com", "EMAIL", "jo dot bloggs at gmail dot com"),
        ("jo underscore b nine one at example dot co dot uk", "EMAIL", None),
        ("ring 0113 496 0000", "PHONE", "0113 496 0000"),
        ("ring (555) 123-4567 now", "PHONE", "(555) 123-4567"),
        ("oh seven seven double oh nine one two three four five", "PHONE", None),
        ("see https://example.org/a?b=c", "URL", "https://example.org/a?b=c"),
        ("www dot example dot com", "URL", "www dot example dot com"),
        ("i am @some_body there", "USERNAME", "@some_body"),
        ("from 10.20.30.40 it came", "IP", "10.20.30.40"),
        ("my nhs number is 485 777 3456", "RECORD", "485 777 3456"),
        ("MRN: 998877", "RECORD", "998877"),
        ("ssn 460-89-9847", "RECORD", "460-89-9847"),
        ("record number four one double seven two", "RECORD", "four one double seven two"),
        ("card 4454 7945 1139 0933", "ACCOUNT", "4454 7945 1139 0933"),
        ("leeds ls6 3hq", "POSTCODE", "ls6 3hq"),
        ("my zip code is 35350", "POSTCODE", "35350"),
        ("p.o. box 104", "ADDRESS", "p.o. box 104"),
        ("born on the third of march 1988", "BIRTH_DATE", "third of march 1988"),
        ("born on the third of march nineteen eighty eight", "BIRTH_DATE", None),
        ("date of birth is 14/08/1979.", "BIRTH_DATE", "14/08/1979"),
        ("seen on April 12, 2023", "DATE", "April 12, 2023"),
        ("on the fifth of june", "DATE", "the fifth of june"),
        ("back in nineteen ninety nine", "DATE", "nineteen ninety nine"),
        ("i'm 34 years old", "AGE", "34"),
        ("a 34-year-old", "AGE", "34"),
        ("i'm thirty four now", "AGE", "thirty four"),
        ("when i was sixteen", "AGE", "sixteen"),
        ("my son is six", "AGE", "six"),
        ("she's 93 now", "AGE_OVER_89", "93"),
        ("he turned a hundred and two", "AGE_OVER_89", "a hundred and two"),
    ],
)
def test_hand_table(text, kind, hidden):
    spans = found(text)
    assert kind in [k for k, _ in spans]
    if hidden:
        assert any(hidden in said for k, said in spans if k == kind)


@pytest.mark.parametrize(
    "text",
    [
        "three weeks now, every night, since last year, about 10 times",
        "i'm thirty five percent sure and i was 10 minutes late",
        "it may first seem so, one may think, two march on",
        "i was twenty pounds lighter and i am six foot two",
        "breathe in, one two three four five six seven eight",
        "three four five times a week, two or three drinks a day",
        "20 mg twice a day at 10:30 in the morning",
        "my blood pressure was 120 80 and then 130 85",
        "he's one of the good ones",
        "i've been sober for 90 days and 16 years before",
        "yesterday, last week, in two weeks' time, the week before last",
    ],
)
def test_times_and_measures_are_left_alone(text):
    assert found(text) == []


HOSTILE = [
    "1", "1 ", "1-", "+1", "(1", "1. ", "a", "a-", "a.", "@a", "a@b.", "a dot ", "aaaa at ",
    "one ", "double one ", "twenty ", "january ", "w w w ", "www.", "http://", "aa11 ", "a1",
    "number is ", "my patient id number ", "i'm about about ", "born on the ", "ip 1.1.1.",
    "'s", " ", "\n", "-", "_", "é", "one at one ",
]  # fmt: skip


@pytest.mark.parametrize("piece", HOSTILE)
def test_time_grows_with_length_only(piece):
    short, long = piece * (10_000 // len(piece)), piece * (100_000 // len(piece))
    begin = time.process_time()
    list(pattern_spans(short))
    middle = time.process_time()
    list(pattern_spans(long))
    end = time.process_time()
    assert end - middle < 3.0  # measured .6 s at most; a busy machine is allowed for
    assert end - middle < 40 * (middle - begin) + 0.1


@given(st.text(max_size=200))
def test_spans_lie_in_the_text_and_hold_something(text):
    for span in pattern_spans(text):
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end].strip()
