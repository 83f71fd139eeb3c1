"""DAIC-WOZ: clinical interviews by a virtual interviewer, with PHQ-8, words, sound and measures.

Source: Gratch et al. 2014, "The Distress Analysis Interview Corpus of human and computer
interviews", LREC, pp. 3123-3128; tables of labels as in Ringeval et al. 2017 (AVEC 2017). What is
known to be wrong is said in the documentation of the release (interrupted sessions, transcripts
without the interviewer) and by Bailey & Plumbley 2021, "Gender bias in depression detection using
audio features", EUSIPCO, and their published preprocessing (transcripts that lag the sound, a wrong
label).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar

from mindveil.corpus.imports.base import Imported, checked
from mindveil.corpus.imports.interview_corpus import Release, read_release
from mindveil.corpus.imports.interview_tables import read_rows, seconds_of
from mindveil.corpus.imports.interviews import Folder, InterviewOptions
from mindveil.corpus.imports.measure_series import Series, joined, read_measures
from mindveil.corpus.model import Modality, Participant, Speaker, Turn

SOUND, TRANSCRIPT = "audio.wav", "transcript.csv"
COVAREP, FORMANT = "covarep.csv", "formant.csv"
FACE: Mapping[str, str] = MappingProxyType(
    {
        "clnf_aus.txt": "",
        "clnf_aus.csv": "",
        "clnf_gaze.txt": "gaze_",
        "clnf_pose.txt": "pose_",
    }
)
"""Tables of one row a frame of the video, and what is put before the names of their columns."""

LATE: Mapping[str, float] = MappingProxyType(
    {"318": 34.319917, "321": 3.8379167, "341": 6.1892, "362": 16.8582}
)
"""Seconds to add to the times of these transcripts (Bailey & Plumbley 2021)."""

INTERRUPTED: Mapping[str, tuple[float, float]] = MappingProxyType(
    {"373": (352.0, 428.0), "444": (286.0, 387.0)}
)
"""Seconds in which somebody came into the room: from the documentation's start (5:52, 4:46) to the
later of its end and that of Bailey & Plumbley 2021."""

ROWS_A_SECOND = 100.0
"""Of COVAREP and of the formants."""

COVAREP_NAMES = (
    *("F0", "VUV", "NAQ", "QOQ", "H1H2", "PSP", "MDQ", "peakSlope", "Rd", "Rd_conf", "creak"),
    *(f"MCEP_{n}" for n in range(25)),
    *(f"HMPDM_{n}" for n in range(25)),
    *(f"HMPDD_{n}" for n in range(13)),
)
"""Columns of the published table, which has no header: those of the documentation, and ``creak``,
which it leaves out (the eleventh of COVAREP's feature script; there are 74 columns)."""

_FORMANTS = tuple(f"formant_{n}" for n in range(1, 6))
_FRAME = ("frame", "timestamp", "confidence", "success")
_SPELT: Mapping[str, str] = MappingProxyType(
    {
        "frame_number": "frame",
        "timestamp(seconds)": "timestamp",
        "detection_success": "success",
    }
)
_SPEAKERS: Mapping[str, Speaker] = MappingProxyType(
    {"ellie": "interviewer", "participant": "participant"}
)
_MARKS = frozenset(
    {"<sync>", "<synch>", "[sync]", "[synch]", "[syncing]", "[synching]", "scrubbed_entry"}
)
"""Rows that stand for no words: marks of timing, and what the makers cut out."""
# What the interviewer says stands behind the name of the prompt: "how_doingV (how are you ...)".
_PROMPT = re.compile(r"[A-Za-z0-9_]++ ++\((.*)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class DaicWoz:
    """Read the folder with ``300_P`` and so on, and the tables of labels beside them."""

    kind: ClassVar[str] = "daic-woz"

    def read(self, source: Path, options: Mapping[str, object]) -> Imported:
        """Return the corpus; see :class:`mindveil.corpus.imports.base.Importer`."""
        release = Release(
            name="DAIC-WOZ",
            licence="DAIC-WOZ end user licence agreement; Gratch et al. 2014",
            sound=SOUND,
            transcript=TRANSCRIPT,
            others=(COVAREP, FORMANT, *FACE),
            turns=_turns,
            measures=_measures,
        )
        imported = read_release(source, checked(InterviewOptions, options), release)
        return replace(imported, notes=(*imported.notes, *_notes(imported.corpus.participants)))


def _turns(folder: Folder) -> tuple[tuple[Turn, ...], int]:
    """Return the turns of one transcript, and how many rows hold no words."""
    path = folder.files.get(TRANSCRIPT)
    if path is None:
        return (), 0
    late = LATE.get(folder.person, 0.0)
    turns = []
    dropped = 0
    for row in read_rows(path, "\t"):
        words = row.get("value", "").strip()
        if not words or words.lower() in _MARKS:
            dropped += 1
            continue
        start, end = (_later(seconds_of(row.get(k, "")), late) for k in ("starttime", "stoptime"))
        speaker = _SPEAKERS.get(row.get("speaker", "").strip().lower(), "other")
        prompt = _PROMPT.fullmatch(words) if speaker == "interviewer" else None
        if start is not None and _interrupted(folder.person, start):
            # Whoever speaks now is not interviewed; names are still looked for in such turns.
            speaker = "other"
        turns.append(
            Turn(speaker=speaker, text=prompt[1] if prompt else words, start=start, end=end)
        )
    return tuple(turns), dropped


def _later(seconds: float | None, late: float) -> float | None:
    return None if seconds is None else round(seconds + late, 6)


def _interrupted(person: str, start: float) -> bool:
    low, high = INTERRUPTED.get(person, (0.0, 0.0))
    return low <= start < high


def _measures(folder: Folder) -> dict[Modality, Series]:
    measures: dict[Modality, Series] = {}
    tables = [
        read_measures(folder.files[name], names=names)
        for name, names in ((COVAREP, COVAREP_NAMES), (FORMANT, _FORMANTS))
        if name in folder.files
    ]
    if tables:
        measures["voice"] = joined(tables, ROWS_A_SECOND)
    frames = []
    for name in (name for name in FACE if name in folder.files):
        table = {_SPELT.get(k, k): v for k, v in read_measures(folder.files[name]).items()}
        own = {k if k in _FRAME else f"{FACE[name]}{k}": v for k, v in table.items()}
        frames.append({k: v for k, v in own.items() if k != "frame"})
    if frames:
        measures["face"] = joined(frames, "timestamp")
    return measures


def _notes(people: Sequence[Participant]) -> list[str]:
    alone = [
        p.participant_id
        for p in people
        if any(s.said() for s in p.sessions)
        and not any(t.speaker == "interviewer" for s in p.sessions for t in s.transcript)
    ]
    present = [p.participant_id for p in people]
    told = {
        "transcripts without a turn of the interviewer": alone,
        "times of transcripts moved by the published lag": [p for p in present if p in LATE],
        "turns in an interruption are given to 'other'": [p for p in present if p in INTERRUPTED],
    }
    return [f"{what}: {', '.join(who)}" for what, who in told.items() if who]
