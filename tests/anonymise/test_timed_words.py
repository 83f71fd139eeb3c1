"""Timed words are read with care, cut like talk, and written without what identifies."""

from __future__ import annotations

import pytest
from tests.anonymise.voices import timed

from mindveil.anonymise.text_replacements import tag
from mindveil.anonymise.text_smoothing import smooth
from mindveil.anonymise.text_spans import Span
from mindveil.anonymise.timed_words import (
    LONGEST,
    Stretch,
    TimedWord,
    read_words,
    rewritten,
    stretches,
    write_words,
)
from mindveil.corpus.model import MediaFile, Session, Turn
from mindveil.errors import InputError


def said(*words):
    return tuple(TimedWord(text=t, start=a, end=b) for t, a, b in words)


def stretch(*words):
    return Stretch(file=0, first=0, words=said(*words))


def person_at(start, end):
    return Span(start=start, end=end, type="PERSON", source="list")


TALK = stretch(("i", 0.0, 0.1), ("met", 0.2, 0.4), ("nicole", 0.5, 0.9), ("smith's", 1.0, 1.4))


@pytest.mark.parametrize(
    ("spans", "touched"),
    [
        ((), []),
        (((6, 12),), [(2, 3)]),
        (((6, 18),), [(2, 4)]),
        (((0, 1), (6, 8), (10, 12)), [(0, 1), (2, 3)]),
        (((1, 2),), []),
        (((4, 7),), [(1, 3)]),
    ],
)
def test_hand_table_which_words_a_span_touches(spans, touched):
    assert TALK.text == "i met nicole smith's"
    found = TALK.touched([person_at(*span) for span in spans])
    assert [(first, last) for first, last, _ in found] == touched


def test_what_covers_several_words_becomes_one_row_over_their_time():
    words = rewritten([(TALK, [person_at(6, 18)])], tag, str)
    assert words == said(("i", 0.0, 0.1), ("met", 0.2, 0.4), ("[PERSON]'s", 0.5, 1.4))


def test_a_tag_stands_where_the_transcript_has_something_else():
    words = rewritten([(TALK, [person_at(6, 12)])], lambda *_: "Rosa", str)
    assert [w.text for w in words] == ["i", "met", "[PERSON]", "smith's"]


def test_habits_of_speech_go_with_their_times():
    habits = stretch(
        *(("Um,", 0.0, 0.2), ("Nicole", 0.3, 0.5), ("is", 0.6, 0.7), ("--", 0.7, 0.7)),
        *(("sooo", 0.7, 0.9), ("you", 1.0, 1.1), ("know,", 1.1, 1.2), ("Tired!", 1.3, 1.5)),
    )
    assert rewritten([(habits, [person_at(4, 10)])], tag, smooth) == said(
        ("[PERSON]", 0.3, 0.5), ("is", 0.6, 0.7), ("so", 0.7, 0.9), ("tired", 1.3, 1.5)
    )
    assert len(rewritten([(habits, [])], tag, str)) == 8


def test_what_is_written_is_read_back():
    words = said(("=1+1", 0.0, 0.1), ('say "so"', 0.25, None), ("end", None, 3.5))
    path = write_words(words)
    assert read_words(path) == words
    assert MediaFile(path=path).kind == "words"


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ([("nicole", "soon", 1)], "line 2: the start is not a time"),
        ([("a", 0, 1), ("nicole", 1, -1)], "line 3: the end is not a time"),
        ([("nicole", 2, 1)], "it ends (1 s) before it starts (2 s)"),
        ([("nicole", 1)], "2 cells where the header has 3"),
        ([('nicole "', 0, 1), ('"x', 1, 2)], "quotation mark"),
        ([("nicole", "nan", 1)], "line 2: the start is not a time"),
    ],
)
def test_bad_rows_are_named_by_line_and_never_by_word(tmp_path, rows, fault):
    with pytest.raises(InputError) as caught:
        read_words(timed(tmp_path, "a_words.tsv", rows).path)
    assert fault in str(caught.value)
    assert "a_words.tsv" in str(caught.value)
    assert "nicole" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "fault"),
    [("word\tstart\nso\t1\n", "no column 'end'"), ("", "empty"), ("word,start,end\n", "commas")],
)
def test_a_table_of_another_shape_is_refused(tmp_path, text, fault):
    (tmp_path / "a_words.tsv").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=fault):
        read_words(tmp_path / "a_words.tsv")


def test_talk_is_cut_at_pauses_at_turns_and_before_it_gets_too_long(tmp_path):
    rows = [("your", 0, 0.5), ("name", 0.5, 1), ("mark", 1.2, 1.5), ("so", 9, 9.5)]
    words = timed(tmp_path, "a_words.tsv", rows)

    def texts(*files, turns=()):
        session = Session(session_id="1", transcript=turns, media={"text": files})
        return [s.text for s in stretches(session)]

    asked = Turn(speaker="interviewer", text="your name", start=0.0, end=1.0)
    told = Turn(speaker="participant", text="mark so", start=1.1, end=9.5)
    assert texts(words) == ["your name mark", "so"]
    assert texts(words, turns=(asked, told)) == ["your name", "mark", "so"]
    assert texts(words, words, turns=(asked, told)) == ["your name mark", "so"] * 2
    long = timed(tmp_path, "b_words.tsv", [("so", n / 4, n / 4 + 0.2) for n in range(LONGEST + 3)])
    assert [len(text.split()) for text in texts(long)] == [LONGEST, 3]


def test_null_a_table_without_words_says_nothing(tmp_path):
    words = timed(tmp_path, "a_words.tsv", [])
    assert stretches(Session(session_id="1", media={"text": (words,)})) == ()
