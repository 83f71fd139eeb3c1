"""Recordings of voices, one folder a person or a pattern in the names of files.

Read as they lie there: speechocean762 (OpenSLR 101, its folder ``WAVE``), LibriSpeech (OpenSLR 12,
one of its parts such as ``test-clean``), and most folders of a laboratory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import ClassVar

from pydantic import Field

from mindveil.corpus.imports.base import Imported, checked
from mindveil.corpus.imports.media_folders import (
    FolderOptions,
    Gathered,
    Recording,
    final_ids,
    gather,
)
from mindveil.corpus.imports.spreadsheet import place_of, read_spreadsheet
from mindveil.corpus.model import Corpus, MediaFile, Participant, Session, Turn
from mindveil.corpus.paths import inside
from mindveil.corpus.tables import LONGEST_CELL
from mindveil.errors import InputError

ENDINGS = (".flac", ".wav", ".ogg", ".mp3")


class AudioOptions(FolderOptions):
    """``transcripts``: an ending of files beside the recordings, or a table of what was said.

    In such a table, ``transcript_columns`` are the column that names a recording (its file name,
    with or without the ending) and the column of the words.
    """

    transcripts: str | None = None
    transcript_columns: list[str] = Field(["file", "text"], min_length=2, max_length=2)


@dataclass(frozen=True, slots=True)
class AudioFolders:
    """Read a folder of sound files; their bytes are kept, metadata included."""

    kind: ClassVar[str] = "audio-folders"

    def read(self, source: Path, options: Mapping[str, object]) -> Imported:
        """Return the corpus; see :class:`mindveil.corpus.imports.base.Importer`."""
        settings = checked(AudioOptions, options)
        gathered = gather(source, settings, ENDINGS, settings.transcripts)
        said = _said(source, settings, gathered)
        names = final_ids(list(gathered.people), settings.ids)
        people = tuple(
            Participant(
                participant_id=names[person],
                attributes=gathered.described.attributes.get(person, {}),
                sessions=tuple(_session(key, files, said) for key, files in sessions.items()),
            )
            for person, sessions in gathered.people.items()
        )
        corpus = Corpus(
            name=settings.name or source.resolve().name,
            participants=people,
            columns=gathered.described.columns,
            language=settings.language,
            licence=settings.licence,
            consent={str(m): scope for m, scope in settings.consent.items()},
            pseudo_sessions=gathered.pseudo_sessions,
        )
        notes = list(gathered.notes)
        if settings.transcripts is not None:
            files = sum(len(f) for own in gathered.people.values() for f in own.values())
            notes.append(f"recordings with a transcript: {len(said)} of {files}")
        return Imported(corpus=corpus, notes=tuple(notes))


def _session(key: str, files: Sequence[Recording], said: Mapping[str, str]) -> Session:
    turns = tuple(
        Turn(speaker="participant", text=said[file.place]) for file in files if file.place in said
    )
    media = tuple(MediaFile(path=file.path, task=file.task) for file in files)
    return Session(session_id=key, transcript=turns, media={"voice": media})


def _said(source: Path, settings: AudioOptions, gathered: Gathered) -> dict[str, str]:
    """Return the words of each recording, by its place, where they are known."""
    if settings.transcripts is None:
        return {}
    places = [r.place for own in gathered.people.values() for files in own.values() for r in files]
    if settings.transcripts.startswith("."):
        said = {place: _beside(source, place, settings.transcripts) for place in places}
    else:
        table = _table(inside(source, settings.transcripts), settings.transcript_columns)
        said = {place: _in_table(table, place) for place in places}
    found = {place: text for place, text in said.items() if text}
    if not found:
        raise InputError(
            f"transcripts = {settings.transcripts!r}: there are no words for any recording; "
            "give the ending of the files beside them, or a table with a row for each"
        )
    return found


def _beside(source: Path, place: str, ending: str) -> str:
    name = f"{PurePosixPath(place).with_suffix('')}{ending}"
    path = inside(source, name)
    if not path.is_file():
        return ""
    try:
        if path.stat().st_size >= LONGEST_CELL:
            raise InputError(f"a transcript has more than {LONGEST_CELL:,} bytes; divide it")
        return " ".join(path.read_text(encoding="utf-8-sig").split())
    except (UnicodeDecodeError, OSError):
        raise InputError(
            f"a transcript that ends in {ending} is not UTF-8; save it again as UTF-8"
        ) from None


def _table(path: Path, columns: Sequence[str]) -> dict[str, str]:
    table = read_spreadsheet(path)
    file, text = (place_of(table, name, "transcript_columns") for name in columns)
    return {
        PurePosixPath(row[file].strip()).name: " ".join(row[text].split()) for row in table.rows
    }


def _in_table(table: Mapping[str, str], place: str) -> str:
    name = PurePosixPath(place)
    return table.get(name.name) or table.get(name.stem, "")
