"""Recordings are paired with their copies, and a person's own mean is taken out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.utility.voices import muffled, speakers

from mindveil.corpus.model import MediaFile, Session
from mindveil.utility.recordings import about_own_mean, pairs_of, recordings_of, shown


def test_pairs_by_hand():
    original = speakers(2, runs=2)
    pairs = pairs_of(muffled(original), original, "voice")
    assert [(h.person, h.file.path.name, c.path.name) for h, c in pairs][:3] == [
        ("P00", "0_1_0_voice.flac", "m0_1_0_voice.flac"),
        ("P00", "0_1_1_voice.flac", "m0_1_1_voice.flac"),
        ("P00", "0_2_0_voice.flac", "m0_2_0_voice.flac"),
    ]
    assert len(pairs) == 8 == len(recordings_of(original, "voice"))


def test_where_recordings_are_missing_nothing_is_paired():
    original = speakers(1, runs=2)
    cut = original.map_sessions(
        lambda _, s: replace(
            s, media={"voice": s.files("voice")[: 1 if s.session_id == "01" else 2]}
        )
    )
    assert [c is None for _, c in pairs_of(cut, original, "voice")] == [True, True, False, False]


def test_a_series_read_off_a_face_goes_before_the_picture():
    picture, series = (MediaFile(path=Path(n)) for n in ("a_face.png", "a_expression.parquet"))
    both = Session(session_id="1", media={"face": (picture, series)})
    assert shown(both, "face") == (series,)
    assert shown(replace(both, media={"face": (picture,)}), "face") == (picture,)
    assert shown(both, "voice") == ()


def test_own_means_by_hand():
    rows = np.array([[1.0, 5.0], [3.0, np.nan], [10.0, 7.0]])
    found = about_own_mean(rows, ["A", "A", "B"])
    assert found == pytest.approx(np.array([[-1.0, 0.0], [1.0, np.nan], [0.0, 0.0]]), nan_ok=True)
    assert rows[0, 0] == 1.0, "what was given is left alone"


@given(st.lists(st.floats(-5, 5), min_size=2, max_size=6), st.floats(-9, 9))
def test_who_it_is_never_shows(values, level):
    people = ["A"] * len(values)
    plain = about_own_mean(np.array(values)[:, None], people)
    moved = about_own_mean(np.array(values)[:, None] + level, people)
    assert moved == pytest.approx(plain, abs=1e-9)
