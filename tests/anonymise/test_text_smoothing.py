"""Habits go, meaning stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.anonymise.text_smoothing import smooth


@pytest.mark.parametrize(
    ("said", "smoothed"),
    [
        ("", ""),
        ("Um.", "mm"),
        ("Um, I... I'm sooo tired!!", "i i'm so tired"),
        ("Yeah, I'm gonna go.", "yes i'm going to go"),
        ("It was, like, hard, you know?", "it was hard"),
        ("You know what, I like it", "you know what i like it"),
        ("I mean it, I kinda do", "i mean it i do"),
        ("[PERSON_1] told [PLACE] -- OK?", "[PERSON_1] told [PLACE] okay"),
        ("in [DATE_Q2], 3/4 of it", "in [DATE_Q2] 3 4 of it"),
        ('Don’t say "no"', "don't say no"),
    ],
)
def test_hand_table(said, smoothed):
    assert smooth(said) == smoothed


@pytest.mark.parametrize(
    "said",
    [
        "i never sleep",
        "nothing helps me at all",
        "they don't care about us",
        "for three weeks every night",
        "i'm always completely alone",
    ],
)
def test_the_clinical_signal_stays_word_for_word(said):
    assert smooth(said) == said


@given(st.text(max_size=120))
def test_smoothing_twice_changes_nothing_more(text):
    once = smooth(text)
    assert smooth(once) == once


@given(st.text(max_size=120))
def test_case_and_marks_are_gone(text):
    said = smooth(f"So {text.replace('[', '')}")
    assert not any(c in said for c in '!?;:"()')
    assert said == " ".join(said.split())
