from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.corpus.imports.layouts import sound, text

from mindveil.corpus.checks import check_corpus
from mindveil.corpus.imports.daic_woz import COVAREP_NAMES, DaicWoz
from mindveil.corpus.imports.sources import IMPORTERS
from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.media import read_columns
from mindveil.corpus.model import Response, Turn
from mindveil.errors import InputError

ITEMS = ("NoInterest", "Depressed", "Sleep", "Tired", "Appetite", "Failure", "Concentrating")
LABELS = "Participant_ID,PHQ8_Binary,PHQ8_Score,Gender," + ",".join(
    f"PHQ8_{item}" for item in (*ITEMS, "Moving")
)
TALK = (
    "start_time\tstop_time\tspeaker\tvalue\n"
    "0.0\t0.1\tParticipant\t<sync>\n"
    "0.2\t0.5\tEllie\thow_doingV (how are you (really))\n"
    "0.6\t1.1\tParticipant\tfine\n"
    "1.2\t1.3\tEllie\tokay\n"
    "1.4\t1.9\tParticipant\tand you\n"
    "1.95\t2.0\tParticipant\t\n"
    "2.0\t2.0\tParticipant\tscrubbed_entry\n"
)
FRAME = "frame, timestamp, confidence, success"


def interview(root: Path, person: str, talk: str = TALK) -> None:
    """Lay out one interview as it is published: 2 s, 5 frames of face, 200 rows of voice."""
    folder = root / f"{person}_P"
    sound(folder / f"{person}_AUDIO.wav", 2.0)
    text(folder / f"{person}_TRANSCRIPT.csv", talk)
    rows = [",".join([str(n), *["0.5"] * 72, "-1.#IND"]) for n in range(200)]
    text(folder / f"{person}_COVAREP.csv", "\n".join(rows))
    text(folder / f"{person}_FORMANT.csv", "\n".join(["500,1500,2500,3500,4500"] * 199))
    frames = [f"{n + 1}, {n * 0.4:.1f}, 0.9, 1" for n in range(5)]
    for name, header, values in (
        ("AUs", "AU01_r, AU12_c", "0.25, 1"),
        ("gaze", "x_0, y_0", "0.1, -0.1"),
        ("pose", "Tx, Rx", "10, 0.5"),
        ("features", "x0, y0", "1, 2"),
    ):
        lines = [f"{FRAME}, {header}", *(f"{frame}, {values}" for frame in frames)]
        text(folder / f"{person}_CLNF_{name}.txt", "\n".join(lines))
    text(folder / f"{person}_CLNF_hog.bin", "x")


def release(root: Path, *people: str) -> Path:
    for person in people:
        interview(root, person)
    rows = [f"{person},0,4,{int(person) % 2},0,0,0,1,1,1,1,0" for person in people]
    text(root / "train_split_Depression_AVEC2017.csv", "\n".join([LABELS, *rows]))
    return root


def test_an_interview_by_hand(tmp_path):
    made = DaicWoz().read(release(tmp_path / "in", "300", "301"), {})
    first, second = made.corpus.participants
    assert made.corpus.ids == ("300", "301")
    assert (first.attributes, second.attributes) == ({"sex": "female"}, {"sex": "male"})
    (session,) = first.sessions
    assert session.transcript == (
        Turn(speaker="interviewer", text="how are you (really)", start=0.2, end=0.5),
        Turn(speaker="participant", text="fine", start=0.6, end=1.1),
        Turn(speaker="interviewer", text="okay", start=1.2, end=1.3),
        Turn(speaker="participant", text="and you", start=1.4, end=1.9),
    )
    assert session.responses == {"phq8": Response(items=(0, 0, 0, 1, 1, 1, 1, 0), total=4.0)}
    voice = read_columns(session.files("voice", "features")[0].path)
    assert len(COVAREP_NAMES) == 74
    assert list(voice) == ["seconds", *COVAREP_NAMES, *(f"formant_{n}" for n in range(1, 6))]
    assert len(voice["F0"]) == 199
    assert voice["seconds"][10] == pytest.approx(0.1)
    assert voice["F0"][10] == 10
    assert np.isnan(voice["HMPDD_12"]).all()
    face = read_columns(session.files("face", "features")[0].path)
    assert list(face) == [
        *("seconds", "confidence", "success", "AU01_r", "AU12_c"),
        *("gaze_x_0", "gaze_y_0", "pose_Tx", "pose_Rx"),
    ]
    np.testing.assert_allclose(face["seconds"], [0, 0.4, 0.8, 1.2, 1.6], atol=1e-6)
    assert made.corpus.pseudo_sessions == ""
    assert made.notes == (
        "2 people, 2 sessions",
        "files left out: 2 clnf_features.txt, 2 clnf_hog.bin",
        "rows of transcripts without words (or mere marks) left out: 6",
    )


def test_what_was_imported_is_a_corpus_without_errors(tmp_path):
    source = release(tmp_path / "in", "300", "301")
    DaicWoz().read(source, {}).save(tmp_path / "c")
    assert {f.kind for f in check_corpus(tmp_path / "c")} - {"duplicate"} == {"one-session"}
    written = load_corpus(tmp_path / "c")
    assert written.modalities == {"text", "voice", "face", "scales"}
    (sounds,) = written.participants[0].sessions[0].files("voice", "audio")
    assert sounds.path.read_bytes() == (source / "300_P" / "300_AUDIO.wav").read_bytes()
    for path in (tmp_path / "c").rglob("*"):
        assert path.is_dir() or str(tmp_path).encode() not in path.read_bytes()


def test_interviews_can_be_cut_in_two(tmp_path):
    made = DaicWoz().read(release(tmp_path / "in", "300"), {"pseudo_sessions": True})
    first, second = made.corpus.participants[0].sessions
    assert (first.said(), second.said()) == (("fine",), ("and you",))
    assert (first.responses, second.has("scales")) == ({}, True)
    assert [f.kind for f in second.files("voice")] == ["audio", "features"]
    assert "cut in two" in made.corpus.pseudo_sessions
    made.save(tmp_path / "c")
    assert {f.kind for f in check_corpus(tmp_path / "c")} <= {"duplicate"}


def test_known_faults_of_the_release(tmp_path):
    late = "start_time\tstop_time\tspeaker\tvalue\n1\t2\tParticipant\tyes\n3\t2.5\tEllie\tno\n"
    source = release(tmp_path, "318", "373", "409", "451")
    text(source / "318_P" / "318_TRANSCRIPT.csv", late)
    talk = "start_time\tstop_time\tspeaker\tvalue\n"
    rows = "350\t351\tParticipant\ta\n400\t401\tParticipant\tb\n428\t429\tEllie\tc\n"
    text(source / "373_P" / "373_TRANSCRIPT.csv", talk + rows)
    text(source / "451_P" / "451_TRANSCRIPT.csv", talk + "1\t2\tParticipant\talone\n")
    labels = [f"{LABELS},x", "318,0,,1,,,,,,,,,1", "373,0,4,1,,,,,,,,,1"]
    labels += ["409,0,10,1,2,2,2,2,2,0,0,0,1", "451,1,20,0,,,,,,,,,1", "499,1,20,0,,,,,,,,,1"]
    text(source / "train_split_Depression_AVEC2017.csv", "\n".join(labels))
    made = DaicWoz().read(source, {"features": False})
    turns = {p.participant_id: p.sessions[0].transcript for p in made.corpus.participants}
    assert (turns["318"][0].start, turns["318"][0].end) == (35.319917, 36.319917)
    assert [t.speaker for t in turns["373"]] == ["participant", "other", "interviewer"]
    assert made.corpus.participants[2].sessions[0].responses["phq8"].total == 10.0
    assert made.corpus.modalities == {"text", "voice", "scales"}
    told = "\n".join(made.notes)
    assert "disagrees with a total of 10 or more of participants 409;" in told
    assert "transcripts without a turn of the interviewer: 451" in told
    assert "times of transcripts moved by the published lag: 318" in told
    assert "turns in an interruption are given to 'other': 373" in told
    assert "no PHQ-8 is published of participants 318" in told
    assert "people in the tables of labels who have no folder: 1" in told


def test_tables_that_are_spelt_as_in_the_documentation(tmp_path):
    source = release(tmp_path, "300")
    folder = source / "300_P"
    (folder / "300_CLNF_AUs.txt").rename(folder / "300_CLNF_AUs.csv")
    header = "frame_number, timestamp(seconds), confidence, detection_success, X"
    text(folder / "300_CLNF_pose.txt", f"{header}\n1, 0, 0.9, 1, 7\n2, 0.4, 0.9, 1, 8\n")
    made = DaicWoz().read(source, {})
    face = read_columns(made.corpus.participants[0].sessions[0].files("face")[0].path)
    assert list(face) == [
        *("seconds", "confidence", "success"),
        *("AU01_r", "AU12_c", "gaze_x_0", "gaze_y_0", "pose_X"),
    ]
    assert list(face["pose_X"]) == [7, 8]


def test_missing_and_broken_files_are_named(tmp_path):
    source = release(tmp_path, "300", "301")
    (source / "300_P" / "300_AUDIO.wav").unlink()
    (source / "301_P" / "301_TRANSCRIPT.csv").unlink()
    notes = DaicWoz().read(source, {}).notes
    assert "no sound of participants 300" in notes
    assert "no transcript of participants 301" in notes
    text(source / "300_P" / "300_COVAREP.csv", "1,2,3\n")
    with pytest.raises(InputError, match=r"300_COVAREP\.csv is not the table of 74"):
        DaicWoz().read(source, {})
    (source / "train_split_Depression_AVEC2017.csv").unlink()
    with pytest.raises(InputError, match="holds no table of participants"):
        DaicWoz().read(source, {})
    with pytest.raises(InputError, match="did you mean 'features'"):
        DaicWoz().read(source, {"feature": False})
    assert isinstance(IMPORTERS["daic-woz"], DaicWoz)
