"""The share of people who are in a corpus twice, by hand."""

from __future__ import annotations

import pytest

from mindveil.corpus.duplicates import Duplicate
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.contamination import measure_contamination


def pair(one: str, other: str) -> Duplicate:
    return Duplicate(modality="text", first=(one, "01"), second=(other, "02"), exact=True)


def test_people_who_are_there_twice_by_hand() -> None:
    people = [f"P{n}" for n in range(10)]
    found = [pair("P0", "P1"), pair("P0", "P2"), pair("P3", "P4"), pair("P5", "P5")]
    sides = [({"P0", "P3", "P4"}, {"P1"}), ({"P1", "P3", "P4"}, {"P0"})]
    told = measure_contamination(found, people, sides)
    assert (told.metric, told.estimate.value, told.estimate.n) == ("duplicates", 0.5, 10)
    assert told.note == (
        "3 pairs of sessions of two people hold the same, 1 of them on both sides of a fold; "
        "1 pairs of one person's own"
    )


def test_a_clean_corpus_has_an_upper_bound() -> None:
    told = measure_contamination([], [f"P{n}" for n in range(50)], [])
    assert told.estimate.value == 0.0
    assert told.estimate.high == pytest.approx(0.0711, abs=1e-4)


def test_copies_of_ones_own_spoil_no_split() -> None:
    told = measure_contamination([pair("A", "A")], ["A", "B"], [({"A"}, {"B"})])
    assert told.estimate.value == 0.0


def test_nobody_recorded_is_no_clean_corpus() -> None:
    with pytest.raises(InvalidMeasurement):
        measure_contamination([], [], [])
