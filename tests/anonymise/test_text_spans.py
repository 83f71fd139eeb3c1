"""Overlapping finds become disjoint stretches that hide all that any of them found."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mindveil.anonymise.text_spans import DIRECT, QUASI, ROLES, Span, merge_spans


def span(start, end, kind="PERSON", source="list"):
    return Span(start=start, end=end, type=kind, source=source)


@pytest.mark.parametrize(
    ("spans", "merged"),
    [
        ([], []),
        ([span(0, 4), span(5, 9)], [(0, 4, "PERSON"), (5, 9, "PERSON")]),
        ([span(0, 4), span(4, 9, "PLACE")], [(0, 4, "PERSON"), (4, 9, "PLACE")]),
        ([span(0, 4), span(3, 9, "ADDRESS")], [(0, 9, "ADDRESS")]),
        ([span(0, 9, "DATE"), span(0, 9, "BIRTH_DATE")], [(0, 9, "BIRTH_DATE")]),
        ([span(0, 5, "PLACE", "known"), span(0, 5)], [(0, 5, "PLACE")]),
    ],
)
def test_hand_table(spans, merged):
    assert [(s.start, s.end, s.type) for s in merge_spans(spans)] == merged


def test_types_that_are_not_wanted_do_not_widen_what_is_hidden():
    found = merge_spans([span(4, 8), span(0, 20, "ORGANISATION")], DIRECT)
    assert [(s.start, s.end) for s in found] == [(4, 8)]


def test_every_type_has_one_role():
    assert set(ROLES) == {*DIRECT, *QUASI}
    assert not set(DIRECT) & set(QUASI)
    assert span(0, 1, "PERSON").role == "direct"
    assert span(0, 1, "AGE").role == "quasi"


SPANS = st.lists(
    st.builds(
        lambda start, length, kind: span(start, start + length, kind),
        st.integers(0, 60),
        st.integers(1, 12),
        st.sampled_from(sorted(ROLES)),
    )
)


@given(SPANS, st.randoms(use_true_random=False))
def test_disjoint_complete_and_independent_of_order(spans, shuffler):
    merged = merge_spans(spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(merged))
    assert {i for s in merged for i in range(s.start, s.end)} == {
        i for s in spans for i in range(s.start, s.end)
    }
    mixed = list(spans)
    shuffler.shuffle(mixed)
    assert merge_spans(mixed) == merged
