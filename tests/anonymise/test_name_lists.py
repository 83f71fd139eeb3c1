"""The lists are well formed."""

from __future__ import annotations

import pytest

from mindveil.anonymise.name_lists import family_names, given_names, plain_words, terms


@pytest.mark.parametrize("names", [given_names(), family_names()])
def test_names_are_lower_case_words_on_one_shelf(names):
    assert len(names.plain) > 400
    assert not names.plain & names.ambiguous
    assert all(n == n.lower() and "?" not in n for n in names.plain | names.ambiguous)
    assert next(iter(names.plain)) in names
    assert next(iter(names.ambiguous)) in names
    assert "table" not in names


def test_every_term_is_found_by_its_first_word():
    for first, same in terms().items():
        assert all(term.words[0] == first and term.group for term in same)
        lengths = [len(term.words) for term in same]
        assert lengths == sorted(lengths, reverse=True)


@pytest.mark.parametrize(
    ("first", "kind"),
    [
        ("leeds", "PLACE"),
        ("polish", "NATIONALITY"),
        ("sikh", "RELIGION"),
        ("plumber", "OCCUPATION"),
        ("tesco", "ORGANISATION"),
    ],
)
def test_each_list_is_read(first, kind):
    assert kind in {term.type for term in terms()[first]}


def test_no_filler_is_a_name():
    fillers = {"mm", "um", "uh", "hmm", "mhm", "yeah", "okay"}
    assert fillers <= plain_words()
    assert not any(f in given_names() or f in family_names() for f in fillers)
