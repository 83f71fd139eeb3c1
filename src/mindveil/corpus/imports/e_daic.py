"""E-DAIC: the extended DAIC, whose interviewer a person steers (300-492) or a program (600-718).

Source: Ringeval et al. 2019, "AVEC 2019 Workshop and Challenge", AVEC, doi 10.1145/3347320.3357688.
Transcripts come from a recogniser and hold the participant alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from mindveil.corpus.imports.base import Imported, checked
from mindveil.corpus.imports.interview_corpus import Release, read_release
from mindveil.corpus.imports.interview_tables import read_rows, seconds_of
from mindveil.corpus.imports.interviews import Folder, InterviewOptions
from mindveil.corpus.imports.measure_series import Series, joined, read_measures
from mindveil.corpus.model import Modality, Turn

SOUND, TRANSCRIPT = "audio.wav", "transcript.csv"
EGEMAPS = "opensmile2.3.0_egemaps.csv"
OPENFACE = "openface2.1.0_pose_gaze_aus.csv"


@dataclass(frozen=True, slots=True)
class EDaic:
    """Read the folder with ``300_P`` and so on, and ``labels`` beside them."""

    kind: ClassVar[str] = "e-daic"

    def read(self, source: Path, options: Mapping[str, object]) -> Imported:
        """Return the corpus; see :class:`mindveil.corpus.imports.base.Importer`."""
        release = Release(
            name="E-DAIC",
            licence="E-DAIC end user licence agreement; Ringeval et al. 2019",
            sound=SOUND,
            transcript=TRANSCRIPT,
            others=(EGEMAPS, OPENFACE),
            turns=_turns,
            measures=_measures,
        )
        return read_release(source, checked(InterviewOptions, options), release)


def _turns(folder: Folder) -> tuple[tuple[Turn, ...], int]:
    """Return the turns of one transcript, and how many rows hold no words."""
    path = folder.files.get(TRANSCRIPT)
    if path is None:
        return (), 0
    rows = read_rows(path, ",")
    turns = tuple(
        Turn(
            speaker="participant",
            text=row["text"].strip(),
            start=seconds_of(row.get("starttime", "")),
            end=seconds_of(row.get("endtime", "")),
        )
        for row in rows
        if row.get("text", "").strip()
    )
    return turns, len(rows) - len(turns)


def _measures(folder: Folder) -> dict[Modality, Series]:
    measures: dict[Modality, Series] = {}
    if EGEMAPS in folder.files:
        table = read_measures(folder.files[EGEMAPS], separator=";", text=("name",))
        measures["voice"] = joined([table], "frameTime")
    if OPENFACE in folder.files:
        table = read_measures(folder.files[OPENFACE], text=("frame",))
        measures["face"] = joined([table], "timestamp")
    return measures
