from __future__ import annotations

from dataclasses import asdict

from mindveil.corpus.findings import SHOWN_PER_KIND, condense, error, meant, shown, warning


def test_a_sentence_says_file_and_line():
    finding = error("range", "a.tsv", "too high; lower it", 3)
    assert (finding.where, str(finding)) == ("a.tsv, line 3", "a.tsv, line 3: too high; lower it")
    assert warning("k", "a.tsv", "s").where == "a.tsv"
    assert asdict(finding).keys() == {"severity", "kind", "file", "sentence", "line"}


def test_control_characters_of_strangers_are_not_passed_on():
    finding = error("k", "\x1b[2J\u202ea\udc80.tsv", "line\nbreak")
    assert str(finding) == "?[2J?a?.tsv: line?break"


def test_errors_come_first_and_repeats_are_counted_by_kind_and_file():
    many = [warning("w", "a", f"w{n}", n) for n in range(1, 8)]
    few = [error("e", "a", "e1", 1), error("e", "b", "e2", 1), error("e", "a", "e1", 1)]
    said = [str(f) for f in condense([*many, *few])]
    assert said == [
        "a, line 1: e1",
        "b, line 1: e2",
        *(f"a, line {n}: w{n}" for n in range(1, SHOWN_PER_KIND + 1)),
        "a: 2 more like this (w), down to line 7",
    ]


def test_the_nearest_word_is_offered_or_none():
    assert meant("particpant_id", ["participant_id", "session_id"]) == (
        "; did you mean 'participant_id'?"
    )
    assert meant("zzz", ["participant_id"]) == ""
    assert meant("x" * 10_000, ["participant_id"]) == ""


def test_only_numbers_are_repeated_from_cells():
    assert [shown(c) for c in ("-3.5", "30-39", "1|2")] == ["-3.5", "30-39", "1|2"]
    assert shown("Mary") == "a text of 4 characters"
    for private in ("+1 555 0100", "5550100", "12-03-1990", "1990-01-01", "12/3"):
        assert private not in shown(private)
