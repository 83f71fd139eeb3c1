"""The share of files that leak, by hand: kinds and counts, never where or what."""

from __future__ import annotations

import pytest

from mindveil.attack.release_leaks import FileLeak, Searched
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import clopper_pearson
from mindveil.evidence.leaks import measure_leaks, note_of


def test_leaks_by_hand() -> None:
    leaks = (
        FileLeak(file="sub-P0007/x.tsv", kinds=("id", "stray file")),
        FileLeak(file="y.flac", kinds=("id",)),
    )
    told = measure_leaks(Searched(files=40, leaks=leaks))
    assert (told.metric, told.baseline) == ("leaks-found", 0.0)
    assert told.control is not None
    assert told.control.value == 0.0
    assert told.estimate == clopper_pearson(2, 40)
    assert told.note == "2 of 40 files: id in 2, stray file in 1"


def test_kept_lengths_are_told_and_no_leak() -> None:
    told = measure_leaks(Searched(files=9, leaks=(), recordings=4, lengths_kept=4))
    assert told.estimate.value == 0.0
    assert told.note.startswith("none in 9 files; 4 of 4 recordings last as long as an original")


def test_no_file_is_no_clean_release() -> None:
    with pytest.raises(InvalidMeasurement):
        measure_leaks(Searched(files=0, leaks=()))
    assert note_of(Searched(files=0, leaks=())) == "none in 0 files"
