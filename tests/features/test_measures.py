from __future__ import annotations

import numpy as np
import pytest

from mindveil.corpus.media import Audio, metadata_of, write_audio
from mindveil.corpus.model import MEASURES, MediaFile, Session, Turn
from mindveil.errors import InputError
from mindveil.features.measures import (
    MEASURED,
    is_measured_only,
    mean_rows,
    visit_rows,
    write_row,
)


def kept(path, modality: str, row) -> Session:
    write_row(path, modality, np.asarray(row, dtype=np.float64))
    return Session(session_id="01", media={modality: (MediaFile(path=path, task=MEASURES),)})


def test_what_was_written_is_read_again(tmp_path):
    rng = np.random.default_rng(1)
    for modality, names in MEASURED.items():
        row = rng.normal(size=len(names))
        row[0] = np.nan
        visit = kept(tmp_path / f"sub-1_ses-01_{modality}_features.parquet", modality, row)
        assert visit.has(modality)
        assert is_measured_only(visit, modality)
        np.testing.assert_array_equal(visit_rows([visit], modality), [row])
        assert metadata_of(visit.media[modality][0].path) == ()


def test_a_visit_of_nothing_has_no_measures(tmp_path):
    bare = Session(session_id="01")
    assert np.isnan(visit_rows([bare], "voice")).all()
    assert not is_measured_only(bare, "voice")


def test_words_that_are_there_are_read_and_not_their_measures(tmp_path):
    visit = Session(
        session_id="01", transcript=(Turn(speaker="participant", text="I slept for two weeks"),)
    )
    assert not is_measured_only(visit, "text")
    assert visit_rows([visit], "text")[0][0] == 5


def test_a_voice_and_its_stored_measures_agree(tmp_path):
    seconds = np.arange(32_000) / 16_000
    sound = (0.3 * np.sign(np.sin(2 * np.pi * 150 * seconds))).astype(np.float32)
    write_audio(tmp_path / "sub-1_ses-01_voice.flac", Audio(samples=sound, rate=16_000))
    heard = Session(
        session_id="01",
        media={"voice": (MediaFile(path=tmp_path / "sub-1_ses-01_voice.flac"),)},
    )
    row = visit_rows([heard], "voice")[0]
    assert np.isfinite(row[0])
    told = kept(tmp_path / "sub-2_ses-01_features.parquet", "voice", row)
    np.testing.assert_array_equal(visit_rows([heard, told], "voice"), [row, row])


def test_a_measure_that_is_missing_is_named(tmp_path):
    visit = kept(tmp_path / "sub-1_ses-01_features.parquet", "voice", [1.0] * 15)
    as_text = Session(session_id="01", media={"text": visit.media["voice"]})
    with pytest.raises(InputError, match=r"column words is missing; measures of text are"):
        visit_rows([as_text], "text")


def test_the_mean_of_what_is_defined_by_hand():
    rows = np.array([[1.0, np.nan, np.nan], [3.0, 4.0, np.nan]])
    np.testing.assert_array_equal(mean_rows(rows), [2.0, 4.0, np.nan])
