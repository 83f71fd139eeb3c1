"""Interviews of the DAIC corpora: one folder and one recording a participant, such as ``300_P``.

A recording stays one session, or is cut in two where asked for: words, sound and measures alike.
"""

from __future__ import annotations

import math
import os
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from pydantic import Field

from mindveil.corpus.imports.base import Options
from mindveil.corpus.imports.measure_series import Series, write_series
from mindveil.corpus.media import Audio, read_audio, write_audio
from mindveil.corpus.model import MediaFile, Modality, Response, Session, Turn
from mindveil.corpus.paths import inside
from mindveil.corpus.workshop import new_file
from mindveil.errors import InputError

DIVIDED = (
    "one interview, cut in two at the pause nearest to its middle: words, sound and measures; "
    "the questionnaires are with the second part"
)

_FOLDER = re.compile(r"([0-9]{3,4})_P", re.IGNORECASE)
_PLAIN = re.compile(r"[A-Za-z0-9._-]{1,60}")


class InterviewOptions(Options):
    """``pseudo_sessions`` cuts each interview in two; ``features`` brings the published measures.

    ``consent`` says what people agreed to, kind by kind.
    """

    name: str = ""
    pseudo_sessions: bool = False
    features: bool = True
    consent: dict[Modality, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """The files of one participant by lower-case name without the number in front."""

    person: str
    files: Mapping[str, Path]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interview:
    """What was recorded of one participant."""

    turns: tuple[Turn, ...]
    sound: Path | None
    measures: Mapping[Modality, Series] = field(default_factory=dict)


def find_interviews(source: Path) -> list[Folder]:
    """Return the folders of all participants, by number.

    Raises:
        InputError: there is none.
    """
    if not source.is_dir():
        raise InputError(f"{source} is not a folder; name the folder that holds 300_P, 301_P, ...")
    names = sorted(entry.name for entry in os.scandir(source) if entry.is_dir())
    folders = []
    for name in names:
        match = _FOLDER.fullmatch(name)
        if match is not None:
            files = {_bare(path.name, match[1]).lower(): path for path in _files(source, name)}
            folders.append(Folder(person=match[1], files=files))
    if not folders:
        raise InputError(
            f"{source.name} holds no folder such as 300_P; unpack each archive into one"
        )
    return folders


def _files(source: Path, below: str) -> Iterable[Path]:
    # Archives unpack with or without one more folder of the same name inside.
    for folder, _, names in os.walk(source / below):
        here = Path(folder).relative_to(source).as_posix()
        for name in sorted(names):
            if not name.startswith("."):
                yield inside(source, f"{here}/{name}")


def _bare(name: str, person: str) -> str:
    return name.removeprefix(f"{person}_")


def said_left_out(folders: Sequence[Folder], read: Iterable[str]) -> list[str]:
    """Count the files that are not read, by their published names."""
    known = {name.lower() for name in read}
    others = Counter(
        name if _PLAIN.fullmatch(name) else "other"
        for folder in folders
        for name in folder.files
        if name not in known
    )
    counted = ", ".join(f"{n} {name}" for name, n in sorted(others.items()))
    return [f"files left out: {counted}"] if counted else []


def said_missing(folders: Sequence[Folder], name: str, what: str) -> list[str]:
    """Name the participants who lack a file."""
    lacking = [f.person for f in folders if name.lower() not in f.files]
    return [f"no {what} of participants {', '.join(lacking)}"] if lacking else []


def sessions_of(
    interview: Interview, responses: Mapping[str, Response], *, divided: bool
) -> tuple[Session, ...]:
    """Return the session of an interview, or two; answers go with the last one.

    An interview without times, or that has nothing on one side of the cut, stays whole.
    """
    cut = _cut(interview) if divided else None
    if cut is None:
        media = _media(interview.measures, interview.sound)
        return (_session("01", interview.turns, media, responses),)
    parts = [(0.0, cut), (cut, math.inf)]
    sounds = _cut_sound(interview.sound, cut)
    sessions = []
    for number, ((low, high), sound) in enumerate(zip(parts, sounds, strict=True), start=1):
        measures = {m: series.between(low, high) for m, series in interview.measures.items()}
        turns = tuple(
            _shifted(turn, low)
            for turn in interview.turns
            if turn.start is not None and low <= turn.start < high
        )
        own = responses if number == len(parts) else {}
        sessions.append(_session(f"{number:02d}", turns, _media(measures, sound), own))
    return tuple(sessions)


def _session(
    name: str,
    turns: tuple[Turn, ...],
    media: Mapping[Modality, tuple[MediaFile, ...]],
    responses: Mapping[str, Response],
) -> Session:
    return Session(session_id=name, transcript=turns, media=media, responses=responses)


def _media(
    measures: Mapping[Modality, Series], sound: Path | None
) -> dict[Modality, tuple[MediaFile, ...]]:
    media: dict[Modality, tuple[MediaFile, ...]] = {}
    if sound is not None:
        media["voice"] = (MediaFile(path=sound),)
    for modality, series in measures.items():
        path = new_file("_features.parquet")
        write_series(path, series)
        media[modality] = (*media.get(modality, ()), MediaFile(path=path))
    return media


def _cut(interview: Interview) -> float | None:
    """Return where to cut, in seconds, or None where it cannot be known."""
    turns = interview.turns
    if any(turn.start is None for turn in turns):
        return None
    return cut_point(turns, max((_end(turn) for turn in turns), default=0.0) / 2)


def cut_point(turns: Sequence[Turn], middle: float) -> float | None:
    """Return the start of the turn nearest to the middle before which everybody has ended.

    None where people talk over each other throughout.

    >>> a, b = (Turn(speaker="other", text="x", start=s, end=s + 4.0) for s in (0.0, 5.0))
    >>> cut_point([a, b], 2.0)
    5.0
    """
    ordered = sorted(turns, key=lambda turn: turn.start or 0.0)
    ended = 0.0
    places: list[float] = []
    for n, turn in enumerate(ordered):
        start = turn.start or 0.0
        if n and ended <= start:
            places.append(start)
        ended = max(ended, _end(turn))
    return min(places, key=lambda place: abs(place - middle), default=None)


def _end(turn: Turn) -> float:
    return turn.end if turn.end is not None else turn.start or 0.0


def _shifted(turn: Turn, by: float) -> Turn:
    # Microseconds: sums of decimal times would otherwise end in long fractions.
    start = None if turn.start is None else round(turn.start - by, 6)
    end = None if turn.end is None else round(turn.end - by, 6)
    return replace(turn, start=start, end=end)


def _cut_sound(sound: Path | None, start: float) -> tuple[Path | None, Path | None]:
    if sound is None:
        return None, None
    audio = read_audio(sound, rate=None)
    place = round(start * audio.rate)
    if not 0 < place < len(audio.samples):
        raise InputError(
            f"{sound.name} ends before the cut at {start:g} s that its transcript gives; "
            "download both again, or import with pseudo_sessions = false"
        )
    paths = new_file("_voice.flac"), new_file("_voice.flac")
    pieces = audio.samples[:place], audio.samples[place:]
    for path, piece in zip(paths, pieces, strict=True):
        write_audio(path, Audio(samples=piece, rate=audio.rate))
    return paths
