"""AnnoMI: published transcripts of motivational interviews, one row an utterance.

Source: Wu et al. 2022, "AnnoMI: A Dataset of Expert-Annotated Counselling Dialogues", ICASSP, and
Wu et al. 2023, Future Internet 15(3):110 (the file ``AnnoMI-simple.csv``). The dialogues come from
public training videos; 133 dialogues share 119 videos, so one person may sit in several.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from mindveil.corpus.columns import described
from mindveil.corpus.imports.base import Imported, Options, checked
from mindveil.corpus.imports.spreadsheet import place_of, read_spreadsheet
from mindveil.corpus.model import Corpus, Participant, Session, Speaker, Turn
from mindveil.corpus.tables import Table
from mindveil.errors import InputError

_COLUMNS = (
    *("transcript_id", "mi_quality", "video_url", "topic"),
    *("utterance_id", "interlocutor", "timestamp", "utterance_text"),
)
_SPEAKERS: Mapping[str, Speaker] = {"client": "participant", "therapist": "interviewer"}
# A few stamps have a third digit in the seconds (00:09:025).
_STAMP = re.compile(r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,3})")


class AnnoMIOptions(Options):
    """``person``: a dialogue (transcript) or a video is one person; the shortest dialogues may go.

    ``minimum_utterances`` counts utterances of the client.
    """

    name: str = "AnnoMI"
    person: Literal["transcript", "video"] = "transcript"
    minimum_utterances: int = Field(0, ge=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dialogue:
    number: str
    video: str
    topic: str
    quality: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class AnnoMI:
    """Read AnnoMI-simple.csv: the client is the participant, the therapist the interviewer.

    A dialogue is divided in two halves by turns, which serve as pseudo-sessions.
    """

    kind: ClassVar[str] = "annomi"

    def read(self, source: Path, options: Mapping[str, object]) -> Imported:
        """Return the corpus; see :class:`mindveil.corpus.imports.base.Importer`."""
        settings = checked(AnnoMIOptions, options)
        table = read_spreadsheet(source)
        everything = _dialogues(table)
        dialogues = [d for d in everything if _client_turns(d.turns) >= settings.minimum_utterances]
        if not dialogues:
            raise InputError(
                f"no dialogue has {settings.minimum_utterances} utterances of the client; "
                "lower minimum_utterances"
            )
        people = _people(dialogues, settings.person)
        topics = {str(p.attributes["topic"]) for p in people}
        qualities = {str(p.attributes["mi_quality"]) for p in people}
        corpus = Corpus(
            name=settings.name,
            participants=people,
            columns={
                "topic": described("quasi", "nominal", topics, "what the conversation is about"),
                "mi_quality": described(
                    "other", "nominal", qualities, "quality of the therapist's interviewing"
                ),
            },
            language="en",
            licence="research release; Wu et al. 2022 and 2023",
            pseudo_sessions=_declared(settings.person),
        )
        return Imported(corpus=corpus, notes=tuple(_notes(everything, dialogues, people)))


def _dialogues(table: Table) -> list[_Dialogue]:
    at = {name: place_of(table, name, "annomi") for name in _COLUMNS}
    turns: dict[str, list[Turn]] = {}
    first: dict[str, Sequence[str]] = {}
    for row, line in zip(table.rows, table.lines, strict=True):
        number = row[at["transcript_id"]].strip()
        if not re.fullmatch(r"[0-9]{1,6}", number):
            raise InputError(f"{table.file}, line {line}: transcript_id is no number; correct it")
        speaker = _SPEAKERS.get(row[at["interlocutor"]].strip())
        if speaker is None:
            raise InputError(
                f"{table.file}, line {line}: interlocutor is neither client nor therapist; "
                "correct it"
            )
        first.setdefault(number, row)
        start = _seconds(row[at["timestamp"]])
        turn = Turn(speaker=speaker, text=row[at["utterance_text"]].strip(), start=start)
        turns.setdefault(number, []).append(turn)
    return [
        _Dialogue(
            number=number,
            video=row[at["video_url"]].strip(),
            topic=row[at["topic"]].strip(),
            quality=row[at["mi_quality"]].strip(),
            turns=tuple(turns[number]),
        )
        for number, row in first.items()
    ]


def _seconds(stamp: str) -> float | None:
    """Return seconds for ``hh:mm:ss``; None where the stamp says nothing.

    >>> _seconds("01:02:03"), _seconds("00:09:025"), _seconds("")
    (3723.0, 565.0, None)
    """
    match = _STAMP.fullmatch(stamp.strip())
    if match is None:
        return None
    hours, minutes, seconds = map(int, match.groups())
    return float(3600 * hours + 60 * minutes + seconds)


def _client_turns(turns: Sequence[Turn]) -> int:
    return sum(turn.speaker == "participant" for turn in turns)


def _people(dialogues: Sequence[_Dialogue], unit: str) -> tuple[Participant, ...]:
    grouped: dict[str, list[_Dialogue]] = {}
    for dialogue in dialogues:
        grouped.setdefault(dialogue.video if unit == "video" else dialogue.number, []).append(
            dialogue
        )
    people = []
    for place, own in enumerate(grouped.values(), start=1):
        person = f"V{place:03d}" if unit == "video" else f"T{int(own[0].number):03d}"
        halves = [half for dialogue in own for half in _halves(dialogue.turns)]
        sessions = tuple(
            Session(session_id=f"{n:02d}", transcript=half) for n, half in enumerate(halves, 1)
        )
        attributes = {"topic": own[0].topic, "mi_quality": own[0].quality}
        people.append(Participant(participant_id=person, attributes=attributes, sessions=sessions))
    return tuple(people)


def _halves(turns: tuple[Turn, ...]) -> list[tuple[Turn, ...]]:
    """Divide a dialogue by turns; one in which the client speaks in one half only stays whole."""
    middle = len(turns) // 2
    halves = [turns[:middle], turns[middle:]]
    return halves if all(_client_turns(half) for half in halves) else [turns]


def _declared(unit: str) -> str:
    whose = "of each dialogue of a video" if unit == "video" else "of the dialogue"
    overlap = (
        "people are videos"
        if unit == "video"
        else "people are dialogues, and some dialogues come from one video, so they may overlap"
    )
    return f"first and second half {whose}, divided by turns; {overlap}"


def _notes(
    everything: Sequence[_Dialogue], kept: Sequence[_Dialogue], people: Sequence[Participant]
) -> list[str]:
    videos = len({d.video for d in kept})
    notes = [
        "left out: video titles and addresses, annotations of utterances",
        f"{len(people)} people from {len(kept)} dialogues and {videos} videos; they may overlap",
    ]
    if len(kept) < len(everything):
        notes.append(f"dialogues left out as too short: {len(everything) - len(kept)}")
    return notes
