"""Every row as text, and what an attack could not have seen."""

from __future__ import annotations

from tests.report.dossiers import dossier_of, study

from mindveil.evidence.scorecard import Row
from mindveil.report import records

STEPS = {"original": (), "masked": ("text/redact",)}


def rank(low, value, high, n=50, **fields):
    return Row(
        release="masked", kind="attack", measure="text/authorship", modality="text",
        metric="rank1", low=low, value=value, high=high, n=n, **fields,
    )  # fmt: skip


def test_every_row_is_in_the_parts_once():
    dossier = study()
    parts = records.parts(dossier, 10_000)
    assert sum(len(p.entries) for p in parts) == len(dossier.rows)
    assert sum(len(p.entries) for p in records.parts(dossier, 30)) == 30


def test_a_row_of_few_people_keeps_its_name_and_loses_its_numbers():
    entry = records.entry(rank(0.25, 0.5, 0.75, n=8, baseline=0.125, control=0.375))
    assert entry.value == "withheld"
    assert entry.interval == "–"
    assert (entry.people, entry.baseline, entry.control) == ("< 10", "–", "–")


def test_a_value_without_interval_is_not_printed():
    entry = records.entry(rank(None, 0.5, None))
    assert (entry.value, entry.interval) == ("–", "–")


def test_a_long_note_is_cut():
    assert len(records.entry(rank(0.1, 0.2, 0.3, note="x" * 10_000)).note) <= 400


def test_blind_spots_say_what_zero_hits_would_still_allow():
    (blind,) = records.blind_spots(dossier_of([rank(0.0, 0.0, 0.071)], STEPS))
    assert (blind.people, blind.unseen) == ("50", "7.1%")
    (few,) = records.blind_spots(dossier_of([rank(0.0, 0.0, 0.4, n=8)], STEPS))
    assert (few.people, few.unseen) == ("fewer than 10", "withheld")
