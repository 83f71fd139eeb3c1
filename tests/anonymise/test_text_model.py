"""The tagger and its dictionary are read from the installed weights only."""

from __future__ import annotations

import pytest

from mindveil.anonymise.text_model import (
    LONGEST_TURN,
    dictionary,
    function_words,
    named_entities,
)

pytestmark = pytest.mark.usefixtures("model")


def test_people_and_places_are_tagged_with_true_offsets():
    text = "Yesterday Barack Obama flew to Berlin."
    (spans,) = named_entities([text])
    assert ("PERSON", "Barack Obama") in [(s.type, text[s.start : s.end]) for s in spans]
    assert ("PLACE", "Berlin") in [(s.type, text[s.start : s.end]) for s in spans]


def test_offsets_are_true_beyond_the_first_piece():
    text = "I slept. " * (LONGEST_TURN // 9 + 10) + "Then Barack Obama came to Berlin."
    (spans,) = named_entities([text])
    assert "Barack Obama" in [text[s.start : s.end] for s in spans]


def test_one_answer_a_text():
    assert named_entities([]) == []
    assert len(named_entities(["", "hello", "x" * 100_000])) == 3


def test_the_dictionary_holds_words_of_illness_and_no_rare_names():
    assert {"anxious", "medication", "sleep"} <= dictionary()
    assert "kowalczyk" not in dictionary()
    assert {"i", "not", "never"} <= function_words()
