"""Corpus, Participant, Session: who took part and what was recorded of them.

Everything is frozen. Media are paths, read lazily; transcripts and answers are small
and held in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from typing import Literal

Speaker = Literal["participant", "interviewer", "other"]
Role = Literal["identifier", "quasi", "sensitive", "other"]
Kind = Literal["number", "nominal", "ordinal", "text"]
Modality = Literal["text", "voice", "face", "scales"]
MediaKind = Literal["audio", "still", "video", "landmarks", "expression", "features", "words"]
Attribute = str | float | None
"""A value of participants.tsv; a generalised one is text such as ``30-39``, ``a|b`` or ``*``."""

MODALITIES: tuple[Modality, ...] = ("text", "voice", "face", "scales")

Stream = Modality | Literal["fused"]
"""What a detector sees of a person: one modality, or all that there are."""

MEASURES = "measures"
"""The task of a features file that holds this package's own measures of a visit."""

_KINDS: Mapping[str, MediaKind] = MappingProxyType(
    {
        "_words.tsv": "words",
        "_landmarks.parquet": "landmarks",
        "_expression.parquet": "expression",
        ".parquet": "features",
        **dict.fromkeys((".flac", ".wav", ".ogg", ".mp3"), "audio"),
        **dict.fromkeys((".png", ".jpg", ".jpeg"), "still"),
        ".mp4": "video",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """What a column of participants.tsv means for disclosure.

    ``levels`` lists the values of a nominal or ordinal column, in order where it has one;
    ``low`` and ``high`` bound a number. ``found`` says that levels were read off the data:
    they are no public knowledge, and a private release has to pay for them.
    """

    role: Role
    kind: Kind
    levels: tuple[str, ...] = ()
    description: str = ""
    low: float | None = None
    high: float | None = None
    found: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One stretch of speech; times in seconds from the start of the recording, where known."""

    speaker: Speaker
    text: str
    start: float | None = None
    end: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A planted or annotated identifier in a transcript: characters [start, end) of one turn.

    ``entity`` names the thing mentioned, so that all mentions of one thing can be hidden or
    not hidden together (the TAB rule); ``role`` is direct (identifies alone) or quasi.
    """

    turn: int
    start: int
    end: int
    type: str
    role: Literal["direct", "quasi"]
    entity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """Answers to one questionnaire; ``None`` is a missing answer.

    ``items`` is empty where only the total is known. A generalised answer (a release may band
    them) is text such as ``0-1``.
    """

    items: tuple[int | str | None, ...] = ()
    total: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaFile:
    """One file of a recording, or of what was read off one.

    ``task`` is what was asked for in it (an emotion, an expression, a sentence), as in the
    ``task`` part of a BIDS file name; empty where nothing was. It is the label of emotion and
    expression recognition.

    >>> MediaFile(path=Path("sub-01_ses-01_voice.flac")).kind
    'audio'
    """

    path: Path
    task: str = ""
    run: int = 0

    @property
    def kind(self) -> MediaKind:
        """What lies in it, by the ending of its name."""
        name = self.path.name.lower()
        return next((kind for ending, kind in _KINDS.items() if name.endswith(ending)), "features")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One visit of one person. Sessions of a person are in the order they took place."""

    session_id: str
    transcript: tuple[Turn, ...] = ()
    entities: tuple[Entity, ...] = ()
    responses: Mapping[str, Response] = field(default_factory=dict)
    media: Mapping[Modality, tuple[MediaFile, ...]] = field(default_factory=dict)

    def has(self, modality: Modality) -> bool:
        """Whether anything of this modality was recorded."""
        if modality == "text":
            return bool(self.transcript) or any(
                f.task == MEASURES for f in self.files("text", "features")
            )
        if modality == "scales":
            return bool(self.responses)
        return bool(self.media.get(modality))

    def files(self, modality: Modality, *kinds: MediaKind) -> tuple[MediaFile, ...]:
        """Return the media of a modality, of these kinds where any are named."""
        there = self.media.get(modality, ())
        return tuple(m for m in there if not kinds or m.kind in kinds)

    def recordings(self, modality: Modality) -> int:
        """Return how many recordings of a modality there are: a visit counts as one of text."""
        if modality in {"text", "scales"}:
            return int(self.has(modality))
        return len(self.files(modality, "audio", "still", "video")) or int(self.has(modality))

    def said(self) -> tuple[str, ...]:
        """Return the turns of the participant alone: interviewers' words leak the diagnosis.

        Source: Burdisso et al. 2024, arXiv 2404.14463 (interviewer prompts as a shortcut).
        """
        return tuple(t.text for t in self.transcript if t.speaker == "participant")


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """One person: the unit of splitting, clipping, resampling and risk."""

    participant_id: str
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    sessions: tuple[Session, ...] = ()

    def latest(self, tool: str) -> Response | None:
        """Return the answers to a questionnaire at the last session that has it."""
        for session in reversed(self.sessions):
            if tool in session.responses:
                return session.responses[tool]
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """People and what was recorded of them, with what each column means."""

    name: str
    participants: tuple[Participant, ...]
    columns: Mapping[str, Column] = field(default_factory=dict)
    language: str = "en"
    licence: str = ""
    consent: Mapping[str, str] = field(default_factory=dict)
    pseudo_sessions: str = ""
    """How sessions were made out of one recording; empty where they are real visits."""
    synthetic: bool = False
    """The people do not exist (a sample cohort, or the output of a synthesiser)."""

    @property
    def ids(self) -> tuple[str, ...]:
        """Participant ids, in the order of the corpus."""
        return tuple(p.participant_id for p in self.participants)

    @property
    def tools(self) -> tuple[str, ...]:
        """Questionnaires that at least one person answered, sorted."""
        return tuple(
            sorted({t for p in self.participants for s in p.sessions for t in s.responses})
        )

    @property
    def modalities(self) -> frozenset[Modality]:
        """What was recorded of at least one person."""
        return frozenset(
            m for m in MODALITIES if any(s.has(m) for p in self.participants for s in p.sessions)
        )

    def select(self, ids: Collection[str]) -> Corpus:
        """Return the corpus of these people only, in the order of this corpus."""
        wanted = frozenset(ids)
        return self.with_people(p for p in self.participants if p.participant_id in wanted)

    def with_people(self, people: Collection[Participant] | object) -> Corpus:
        """Return the same description with other people."""
        return replace(self, participants=tuple(people))  # type: ignore[arg-type]

    def roles(self, role: Role) -> tuple[str, ...]:
        """Return the names of the columns with this role."""
        return tuple(name for name, column in self.columns.items() if column.role == role)

    def map_sessions(self, change: Callable[[Participant, Session], Session]) -> Corpus:
        """Return the corpus with every session replaced by ``change(participant, session)``."""
        return self.with_people(
            replace(p, sessions=tuple(change(p, s) for s in p.sessions)) for p in self.participants
        )
