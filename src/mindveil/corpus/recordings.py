"""sub-<id>/ses-<id>/{text,voice,face}/: what was recorded in each session of each person.

Transcripts are read; media are only found, and opened by those who need them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mindveil.corpus.findings import Finding, error, meant, warning
from mindveil.corpus.model import Entity, MediaFile, Modality, Turn
from mindveil.corpus.paths import inside
from mindveil.corpus.people import id_fault
from mindveil.corpus.transcripts import ANNOTATION, TRANSCRIPT, read_transcript
from mindveil.errors import RefusedError

ENDINGS: Mapping[Modality, tuple[str, ...]] = {
    "text": ("_words.tsv", "_features.parquet"),
    "voice": ("_voice.flac", "_voice.wav", "_voice.ogg", "_voice.mp3", "_features.parquet"),
    "face": (
        *("_face.mp4", "_face.png", "_face.jpg", "_face.jpeg"),
        *("_landmarks.parquet", "_expression.parquet", "_features.parquet"),
    ),
}
"""How the media files of a session may end, beside the transcript."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """What the folder of one session holds."""

    transcript: tuple[Turn, ...] = ()
    entities: tuple[Entity, ...] = ()
    media: Mapping[Modality, tuple[MediaFile, ...]] = field(default_factory=dict)


def read_recordings(
    root: Path, people: Collection[str]
) -> tuple[dict[str, dict[str, Recording]], list[Finding]]:
    """Read the folders of all people: recordings by participant and session."""
    recordings: dict[str, dict[str, Recording]] = {}
    findings: list[Finding] = []
    for person_folder in _folders(root, "", findings):
        if not person_folder.startswith("sub-"):
            continue
        person = person_folder.removeprefix("sub-")
        if person not in people:
            sentence = "this person is not in participants.tsv; add a row or remove the folder"
            findings.append(error("unknown-person", person_folder, sentence))
            continue
        for name in _folders(root, person_folder, findings):
            where = f"{person_folder}/{name}"
            session = name.removeprefix("ses-")
            fault = "" if name == session else id_fault(session)
            if name == session:
                fault = "is not a session; put it into a folder such as ses-01"
            if fault:
                findings.append(error("session-folder", where, f"the folder {fault}"))
                continue
            recording, faults = _read_session(root, where, f"{person_folder}_{name}_")
            findings += faults
            recordings.setdefault(person, {})[session] = recording
    return recordings, findings


def _folders(root: Path, below: str, findings: list[Finding]) -> Iterator[str]:
    yield from (name for name, is_folder in _entries(root, below, findings) if is_folder)


def _entries(root: Path, below: str, findings: list[Finding]) -> list[tuple[str, bool]]:
    """Return names in a folder, sorted, and whether each is a folder; hidden ones are left out."""
    try:
        with os.scandir(root / below) as listing:
            entries = [(e.name, e.is_dir(), e.is_symlink()) for e in listing]
    except OSError as fault:
        reason = fault.strerror or "unknown reason"
        sentence = f"cannot be listed ({reason}); check its rights"
        findings.append(error("unreadable", below or ".", sentence))
        return []
    kept = []
    for name, is_folder, is_link in sorted(entries):
        path = f"{below}/{name}" if below else name
        try:
            if is_link:
                inside(root, path)
        except RefusedError as refusal:
            findings.append(error("path", path, str(refusal)))
            continue
        if not name.startswith("."):
            kept.append((name, is_folder))
    return kept


def _read_session(root: Path, where: str, stem: str) -> tuple[Recording, list[Finding]]:
    findings: list[Finding] = []
    media: dict[Modality, tuple[MediaFile, ...]] = {}
    transcript: tuple[Turn, ...] = ()
    entities: tuple[Entity, ...] = ()
    for folder in _folders(root, where, findings):
        modality = next((m for m in ENDINGS if m == folder), None)
        if modality is None:
            sentence = f"this folder is not read{meant(folder, ENDINGS)}"
            findings.append(warning("unread-folder", f"{where}/{folder}", sentence))
            continue
        names = _files(root, f"{where}/{folder}", stem, findings)
        media_names = [n for n in names if n.endswith(ENDINGS[modality])]
        if media_names:
            media[modality] = tuple(
                MediaFile(
                    path=root / where / folder / name, task=_part(name, "task"), run=_run(name)
                )
                for name in sorted(media_names, key=_order)
            )
            findings += _media_faults(media[modality], f"{where}/{folder}")
        rest = [n for n in names if n not in media_names and not n.endswith(".json")]
        if modality == "text":
            transcript, entities, faults = read_transcript(root, f"{where}/{folder}", rest)
            findings += faults
            rest = [n for n in rest if not n.endswith((TRANSCRIPT, ANNOTATION))]
        for name in rest:
            known = [TRANSCRIPT, ANNOTATION, *ENDINGS[modality]]
            endings = ", ".join(f"*{ending}" for ending in known[0 if modality == "text" else 2 :])
            sentence = f"this file is not read: names end in {endings}"
            findings.append(warning("unread-file", f"{where}/{folder}/{name}", sentence))
    recording = Recording(transcript=transcript, entities=entities, media=media)
    return recording, findings


def _files(root: Path, where: str, stem: str, findings: list[Finding]) -> list[str]:
    """Return the files of a folder; a name that names another person or session is a fault."""
    names = [name for name, is_folder in _entries(root, where, findings) if not is_folder]
    for name in names:
        if name.startswith("sub-") and not name.startswith(stem):
            sentence = f"the name is another person's or session's; here it starts with {stem}"
            findings.append(error("misfiled", f"{where}/{name}", sentence))
    return names


def _order(name: str) -> tuple[int, str]:
    """Return the place of a file in its session: by run, then by name."""
    return _run(name), name


def _run(name: str) -> int:
    run = _part(name, "run")
    return int(run) if re.fullmatch(r"[0-9]{1,6}", run) else 0


def _part(name: str, key: str) -> str:
    """Return what a name says about itself.

    >>> _part("sub-01_ses-01_task-happy_run-02_voice.flac", "task")
    'happy'
    """
    found = [part.removeprefix(f"{key}-") for part in name.split("_") if part.startswith(f"{key}-")]
    return found[0] if found else ""


def _media_faults(files: Sequence[MediaFile], where: str) -> list[Finding]:
    findings = []
    for path in (file.path for file in files):
        try:
            empty = path.stat().st_size == 0
        except OSError:
            empty = True
        if empty:
            sentence = "the file is 0 bytes long; export it again or remove it"
            findings.append(error("empty-file", f"{where}/{path.name}", sentence))
    return findings
