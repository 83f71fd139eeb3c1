from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.corpus.imports.file_patterns import Said, cleaned_id, cleaned_task, read_pattern
from mindveil.corpus.people import id_fault
from mindveil.errors import InputError

WORD = st.text("abcXYZ019", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("pattern", "place", "said"),
    [
        (
            "{person}_{session}_{task}_{run}.wav",
            "x/P1_2_read_03.WAV",
            Said(person="P1", session="2", task="read", run="03"),
        ),
        ("s{person}/{run}.pgm", "s7/10.pgm", Said(person="7", run="10")),
        ("s{person}/{run}.pgm", "orl/s7/10.pgm", None),
        ("{any}/s{person}/{run}.pgm", "orl/s7/10.pgm", Said(person="7", run="10")),
        ("subject{person}.{task}.gif", "subject01.happy.gif", Said(person="01", task="happy")),
        ("subject{person}.{task}.gif", "subject01.gif", None),
        ("{person}-{any}-{any}.wav", "7-b-c.wav", Said(person="7")),
        ("{person}_{any}.wav", "7_b_c.wav", Said(person="7")),
        ("{person}.wav", ".wav", None),
        ("a.c{person}", "abc1", None),  # a dot is a dot
    ],
)
def test_patterns_by_hand(pattern, place, said):
    assert read_pattern(pattern).read(place) == said


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("", "1 to 200 characters"),
        ("x" * 201, "not 201"),
        ("{run}.wav", "{person} is missing"),
        ("{person}_{subject}.wav", "unknown field {subject}; known are {person}, {session}"),
        ("{person}_{person}.wav", "{person} occurs twice"),
        ("{person}{run}.wav", "{person} and {run} touch"),
    ],
)
def test_patterns_that_mean_nothing_are_refused(pattern, words):
    with pytest.raises(InputError) as raised:
        read_pattern(pattern)
    assert words in str(raised.value)


@given(person=WORD, session=WORD, task=WORD, run=WORD)
def test_what_was_put_in_comes_out(person, session, task, run):
    said = read_pattern("{person}_{session}-{task}.{run}.flac").read(
        f"{person}_{session}-{task}.{run}.flac"
    )
    assert said == Said(person=person, session=session, task=task, run=run)


@given(name=st.text(max_size=80))
def test_a_cleaned_name_is_an_id_or_nothing(name):
    cleaned = cleaned_id(name)
    assert not cleaned or not id_fault(cleaned)
    assert len(cleaned_task(name)) <= 40
    assert cleaned_task(name).isalnum() or not cleaned_task(name)


def test_no_path_makes_a_pattern_slow():
    pattern = read_pattern("{any}a{any}a{any}a{any}a{any}a{person}b")
    started = time.perf_counter()
    assert pattern.read("a" * 100_000) is None
    assert pattern.read("ca" * 50_000) is None
    assert time.perf_counter() - started < 0.5
