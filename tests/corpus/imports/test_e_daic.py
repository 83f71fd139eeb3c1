from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.corpus.imports.layouts import sound, text

from mindveil.corpus.checks import check_corpus
from mindveil.corpus.imports.e_daic import EDaic
from mindveil.corpus.imports.sources import IMPORTERS
from mindveil.corpus.manifest import load_corpus
from mindveil.corpus.media import read_columns
from mindveil.corpus.model import Response, Turn
from mindveil.errors import InputError

SPLIT = "Participant_ID,Gender,PHQ_Binary,PHQ_Score,PCL-C (PTSD),PTSD Severity\n"


def release(root: Path) -> Path:
    """Lay out two interviews of 2 s as they are published, one with a folder too many."""
    for person, folder in (("302", root / "302_P"), ("600", root / "600_P" / "600_P")):
        sound(folder / f"{person}_AUDIO.wav", 2.0)
        rows = '0.2,0.9,"well, yes",0.9\n1.0,1.1,,0.5\n1.2,1.8,no,0.8\n'
        text(folder / f"{person}_Transcript.csv", "Start_Time,End_Time,Text,Confidence\n" + rows)
        face = [f"{n + 1}, {n * 0.5}, 0.9, 1, {n}, 0.5" for n in range(4)]
        header = "frame, timestamp, confidence, success, pose_Tx, AU01_r"
        text(
            folder / "features" / f"{person}_OpenFace2.1.0_Pose_gaze_AUs.csv",
            "\n".join([header, *face]),
        )
        voice = [f"'unknown';{n / 100};{n}" for n in range(200)]
        text(
            folder / "features" / f"{person}_OpenSMILE2.3.0_egemaps.csv",
            "\n".join(["name;frameTime;Loudness_sma3", *voice]),
        )
        text(folder / "features" / f"{person}_vgg16.csv", "x")
    text(root / "labels" / "train_split.csv", SPLIT + "302,male,0,4,0,28\n")
    text(root / "labels" / "test_split.csv", SPLIT + "600,female,1,15,1,99\n")
    text(root / "labels" / "detailed_lables.csv", "Participant,gender,age\n302,male,44\n600,f,7\n")
    return root


def test_an_interview_by_hand(tmp_path):
    made = EDaic().read(release(tmp_path / "in"), {})
    first, second = made.corpus.participants
    assert first.attributes == {"sex": "male", "age": 44.0}
    assert second.attributes == {"sex": "female", "age": None}
    (session,) = first.sessions
    assert session.transcript == (
        Turn(speaker="participant", text="well, yes", start=0.2, end=0.9),
        Turn(speaker="participant", text="no", start=1.2, end=1.8),
    )
    assert session.responses == {"phq8": Response(total=4.0), "pclc": Response(total=28.0)}
    assert second.sessions[0].responses == {"phq8": Response(total=15.0)}
    voice = read_columns(session.files("voice", "features")[0].path)
    assert list(voice) == ["seconds", "Loudness_sma3"]
    assert len(voice["seconds"]) == 200
    face = read_columns(second.sessions[0].files("face", "features")[0].path)
    assert list(face) == ["seconds", "confidence", "success", "pose_Tx", "AU01_r"]
    np.testing.assert_array_equal(face["pose_Tx"], [0, 1, 2, 3])
    assert made.notes == (
        "2 people, 2 sessions",
        "files left out: 2 vgg16.csv",
        "rows of transcripts without words (or mere marks) left out: 2",
        "ages that are no number from 18 to 110, set to missing: 1",
    )


def test_what_was_imported_is_a_corpus_without_errors(tmp_path):
    source = release(tmp_path / "in")
    EDaic().read(source, {"pseudo_sessions": True}).save(tmp_path / "c")
    assert {f.kind for f in check_corpus(tmp_path / "c")} <= {"duplicate"}
    written = load_corpus(tmp_path / "c")
    assert written.tools == ("pclc", "phq8")
    assert written.columns["age"].role == "quasi"
    assert [s.said() for s in written.participants[0].sessions] == [("well, yes",), ("no",)]


def test_without_details_there_is_no_age(tmp_path):
    source = release(tmp_path)
    (source / "labels" / "detailed_lables.csv").unlink()
    made = EDaic().read(source, {"features": False, "name": "mine"})
    assert made.corpus.name == "mine"
    assert set(made.corpus.columns) == {"sex"}
    assert made.corpus.participants[0].attributes == {"sex": "male"}
    with pytest.raises(InputError, match="unknown key 'audio'"):
        EDaic().read(source, {"audio": True})
    assert isinstance(IMPORTERS["e-daic"], EDaic)
