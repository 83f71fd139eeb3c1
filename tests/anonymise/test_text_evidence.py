"""Words are cut where identifiers end, and names are told from everyday words."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.anonymise.text_evidence import (
    Spot,
    is_cased,
    is_everyday,
    is_name,
    is_strange,
    tokens,
)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("I'm Nicole's.", ["i", "'m", "nicole", "'s", "."]),
        ("don’t o'brien", ["don't", "o'brien"]),
        ("smith-jones 3rd", ["smith", "-", "jones", "3rd"]),
        ("12/3", ["12", "/", "3"]),
        ("Mm-hmm…", ["mm", "-", "hmm", "…"]),
    ],
)
def test_hand_table(text, words):
    assert [t.low for t in tokens(text)] == words


@given(st.text(max_size=120))
def test_tokens_are_in_order_and_in_place(text):
    cut = tokens(text)
    assert all(a.end <= b.start for a, b in itertools.pairwise(cut))
    assert all(0 <= t.start < t.end <= len(text) for t in cut)


def test_a_sentence_opens_after_a_stop():
    assert [t.opens for t in tokens("Yes. Anna, no.")] == [True, False, True, False, False, False]


def test_capitals_count_turn_by_turn_and_i_does_not():
    assert is_cased(tokens("Right, I see"))
    assert not is_cased(tokens("I saw anna and I left"))
    assert not is_cased(tokens(""))


def test_a_spot_knows_its_neighbours():
    cut = tokens("my sister hope said")
    spot = Spot(turn=cut, at=2, cased=False)
    assert (spot.last, spot.token.low, spot.left) == ("sister", "hope", "my sister")
    assert spot.after is not None
    assert spot.after.low == "said"
    assert Spot(turn=cut, at=3, cased=False).after is None
    assert Spot(turn=cut, at=0, cased=False).last == ""


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize(
    "word",
    [
        "mm", "mhm", "um", "sooo", "gonna", "don't", "overwhelmed", "women", "died", "judgy",
        "sertraline", "brexpiprazole", "nightstand", "reconnecting", "antidepressants", "i",
    ],
)  # fmt: skip
def test_talk_and_medication_are_everyday(word):
    assert is_everyday(word)
    assert not is_strange(word)


@pytest.mark.usefixtures("model")
@pytest.mark.parametrize("word", ["wojtkiewicz", "kirklees", "osagie", "jiřího", "tujetsch"])
def test_what_no_dictionary_has_is_strange(word):
    assert is_strange(word)


def test_listed_names():
    assert is_name("nicole")
    assert is_name("patel")
    assert not is_name("hope")
    assert not is_name("table")
