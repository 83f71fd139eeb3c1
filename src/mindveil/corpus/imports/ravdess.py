"""RAVDESS: two sentences spoken by actors in eight emotions.

Source: Livingstone & Russo 2018, "The Ryerson Audio-Visual Database of Emotional Speech and Song",
PLoS ONE 13(5):e0196391. A file name has seven numbers of two digits: modality (01 sound and
picture, 02 picture, 03 sound), channel (01 speech, 02 song), emotion, intensity (01 normal, 02
strong), statement, repetition and actor (odd: male, even: female).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Literal

from mindveil.corpus.imports.base import Imported, Options, checked
from mindveil.corpus.imports.file_patterns import read_pattern
from mindveil.corpus.imports.media_folders import Recording, find_recordings
from mindveil.corpus.model import Column, Corpus, MediaFile, Participant, Session, Turn
from mindveil.errors import InputError

EMOTIONS: Mapping[str, str] = MappingProxyType(
    {
        "01": "neutral",
        "02": "calm",
        "03": "happy",
        "04": "sad",
        "05": "angry",
        "06": "fearful",
        "07": "disgust",
        "08": "surprised",
    }
)
STATEMENTS: Mapping[str, str] = MappingProxyType(
    {"01": "Kids are talking by the door", "02": "Dogs are sitting by the door"}
)
ENDINGS = (".wav", ".flac")

_NAME = re.compile(r"([0-9]{2})-([0-9]{2})-([0-9]{2})-([0-9]{2})-([0-9]{2})-([0-9]{2})-([0-9]{2})")


class RavdessOptions(Options):
    """``sessions``: by sentence, so that attacks cannot link words, or by repetition.

    ``transcripts`` gives each recording its sentence as a turn of the transcript.
    """

    name: str = "RAVDESS speech"
    sessions: Literal["statement", "repetition"] = "statement"
    transcripts: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clip:
    file: Recording
    actor: str
    emotion: str
    intensity: str
    statement: str
    repetition: str


@dataclass(frozen=True, slots=True)
class Ravdess:
    """Read the folder with ``Actor_01`` to ``Actor_24``: spoken sound alone.

    A recording's task is its emotion. There was one sitting; its recordings are divided by
    sentence into two pseudo-sessions.
    """

    kind: ClassVar[str] = "ravdess"

    def read(self, source: Path, options: Mapping[str, object]) -> Imported:
        """Return the corpus; see :class:`mindveil.corpus.imports.base.Importer`."""
        settings = checked(RavdessOptions, options)
        files, left_out = find_recordings(source, ENDINGS, read_pattern("{person}"))
        clips, notes = _clips(files)
        if not clips:
            raise InputError(
                f"{source.name} holds no recording with a name such as 03-01-05-01-02-01-12.wav "
                "(speech, sound alone); name the folder that holds Actor_01, Actor_02, ..."
            )
        corpus = Corpus(
            name=settings.name,
            participants=_people(clips, settings),
            columns={
                "sex": Column(
                    role="quasi",
                    kind="nominal",
                    levels=("female", "male"),
                    description="sex of the actor: odd numbers are male",
                )
            },
            language="en",
            licence="CC BY-NC-SA 4.0; Livingstone & Russo 2018",
            pseudo_sessions=_declared(settings),
        )
        people = len(corpus.participants)
        counted = f"{people} actors, {len(clips)} recordings of speech"
        return Imported(corpus=corpus, notes=(counted, *notes, *left_out))


def _clips(files: Sequence[Recording]) -> tuple[list[_Clip], list[str]]:
    clips: list[_Clip] = []
    names: set[str] = set()
    song = pictures = unread = twice = 0
    for file in files:
        match = _NAME.fullmatch(file.path.stem)
        numbers = match.groups() if match else ("",) * 7
        modality, channel, emotion, intensity, statement, repetition, actor = numbers
        if emotion not in EMOTIONS or statement not in STATEMENTS:
            unread += 1
        elif channel != "01":
            song += 1
        elif modality != "03":
            pictures += 1
        elif file.path.stem in names:
            twice += 1
        else:
            names.add(file.path.stem)
            clips.append(
                _Clip(
                    file=file,
                    actor=actor,
                    emotion=emotion,
                    intensity=intensity,
                    statement=statement,
                    repetition=repetition,
                )
            )
    told = {
        "recordings of song left out": song,
        "recordings with pictures left out": pictures,
        "files with other names left out": unread,
        "copies of a recording left out": twice,
    }
    return clips, [f"{what}: {count}" for what, count in told.items() if count]


def _people(clips: Sequence[_Clip], settings: RavdessOptions) -> tuple[Participant, ...]:
    key: Callable[[_Clip], str] = (
        (lambda clip: clip.statement)
        if settings.sessions == "statement"
        else (lambda clip: clip.repetition)
    )
    people = []
    for actor in sorted({clip.actor for clip in clips}):
        own = [clip for clip in clips if clip.actor == actor]
        sessions = [
            _session(part, [c for c in own if key(c) == part], settings)
            for part in sorted({key(clip) for clip in own})
        ]
        people.append(
            Participant(
                participant_id=actor,
                attributes={"sex": "male" if int(actor) % 2 else "female"},
                sessions=tuple(sessions),
            )
        )
    return tuple(people)


def _session(part: str, clips: Sequence[_Clip], settings: RavdessOptions) -> Session:
    ordered = sorted(clips, key=lambda c: (c.emotion, c.intensity, c.statement, c.repetition))
    turns = [Turn(speaker="participant", text=STATEMENTS[c.statement]) for c in ordered]
    media = tuple(MediaFile(path=c.file.path, task=EMOTIONS[c.emotion]) for c in ordered)
    return Session(
        session_id=part,
        transcript=tuple(turns) if settings.transcripts else (),
        media={"voice": media},
    )


def _declared(settings: RavdessOptions) -> str:
    if settings.sessions == "repetition":
        return "first and second repetition of each sentence in one sitting"
    return "one sitting, divided by sentence: session 01 holds the first sentence, 02 the second"
