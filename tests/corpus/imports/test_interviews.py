from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.corpus.imports.layouts import RATE, sound, text

from mindveil.corpus.imports.interviews import (
    Interview,
    cut_point,
    find_interviews,
    sessions_of,
)
from mindveil.corpus.imports.measure_series import joined
from mindveil.corpus.media import read_audio, read_columns
from mindveil.corpus.model import Response, Turn
from mindveil.errors import InputError


def turn(start: float, end: float, words: str = "x") -> Turn:
    return Turn(speaker="participant", text=words, start=start, end=end)


TURNS = (turn(0.0, 0.3, "a"), turn(0.4, 0.9, "b"), turn(0.8, 1.1, "c"), turn(1.2, 2.0, "d"))
ANSWERS = {"phq8": Response(total=5.0)}


def test_the_cut_is_in_a_pause():
    assert cut_point(TURNS, 1.0) == 1.2  # not 0.8, where the second still speaks
    assert cut_point(TURNS, 0.5) == 0.4
    assert cut_point([turn(0, 5), turn(1, 2), turn(3, 4)], 2.0) is None
    assert cut_point([], 1.0) is None


@given(
    st.lists(
        st.tuples(st.floats(0, 100), st.floats(0, 10)).map(lambda t: turn(t[0], t[0] + t[1])),
        max_size=12,
    ),
    st.floats(0, 110),
)
def test_nobody_speaks_across_the_cut(turns, middle):
    cut = cut_point(turns, middle)
    if cut is not None:
        assert all((t.end or 0) <= cut or (t.start or 0) >= cut for t in turns)
        assert any((t.start or 0) < cut or (t.end or 0) <= cut for t in turns)


def test_one_interview_is_one_session(tmp_path):
    path = sound(tmp_path / "300_AUDIO.wav", 2.5)
    measures = {"voice": joined([{"F0": np.arange(250, dtype=np.float32)}], 100.0)}
    interview = Interview(turns=TURNS, sound=path, measures=measures)
    (session,) = sessions_of(interview, ANSWERS, divided=False)
    assert session.transcript == TURNS
    assert session.responses == ANSWERS
    assert [f.kind for f in session.files("voice")] == ["audio", "features"]
    assert session.files("voice")[0].path == path


def test_words_sound_and_measures_are_cut_at_one_place(tmp_path):
    path = sound(tmp_path / "300_AUDIO.wav", 2.5)
    measures = {
        "voice": joined([{"F0": np.arange(250, dtype=np.float32)}], 100.0),
        "face": joined([{"AU": np.arange(5, dtype=np.float32)}], 2.0),
    }
    interview = Interview(turns=TURNS, sound=path, measures=measures)
    first, second = sessions_of(interview, ANSWERS, divided=True)
    assert first.said() == ("a", "b", "c")
    assert second.transcript == (turn(0.0, 0.8, "d"),)
    assert (first.responses, second.responses) == ({}, ANSWERS)
    whole = read_audio(path, rate=None).samples
    halves = [read_audio(s.files("voice", "audio")[0].path, rate=None) for s in (first, second)]
    assert [len(h.samples) for h in halves] == [round(1.2 * RATE), round(1.3 * RATE)]
    joint = np.concatenate([h.samples for h in halves])
    np.testing.assert_allclose(joint, whole, atol=1 / 32_000)
    rows = [read_columns(s.files("voice", "features")[0].path) for s in (first, second)]
    assert [len(r["F0"]) for r in rows] == [120, 130]
    assert rows[1]["seconds"][0] == pytest.approx(0.0, abs=1e-9)
    assert rows[1]["F0"][0] == 120
    face = [read_columns(s.files("face", "features")[0].path)["AU"] for s in (first, second)]
    assert [list(values) for values in face] == [[0, 1, 2], [3, 4]]


def test_what_cannot_be_cut_stays_whole(tmp_path):
    untimed = Interview(turns=(*TURNS, Turn(speaker="participant", text="e")), sound=None)
    assert len(sessions_of(untimed, ANSWERS, divided=True)) == 1
    assert len(sessions_of(Interview(turns=(), sound=None), ANSWERS, divided=True)) == 1
    short = Interview(turns=TURNS, sound=sound(tmp_path / "300_AUDIO.wav", 0.5))
    with pytest.raises(InputError, match=r"300_AUDIO\.wav ends before the cut at 1\.2 s"):
        sessions_of(short, ANSWERS, divided=True)


def test_folders_are_found_however_they_were_unpacked(tmp_path):
    text(tmp_path / "300_P" / "300_AUDIO.wav", "x")
    text(tmp_path / "301_P" / "301_P" / "301_Transcript.csv", "x")
    text(tmp_path / "301_P" / "301_P" / "features" / "301_OpenFace.csv", "x")
    text(tmp_path / "labels" / "a.csv", "x")
    first, second = find_interviews(tmp_path)
    assert (first.person, list(first.files)) == ("300", ["audio.wav"])
    assert sorted(second.files) == ["openface.csv", "transcript.csv"]
    with pytest.raises(InputError, match="holds no folder such as 300_P; unpack"):
        find_interviews(tmp_path / "labels")
    with pytest.raises(InputError, match="is not a folder"):
        find_interviews(tmp_path / "nowhere")
