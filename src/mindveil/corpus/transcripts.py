"""What was said: the transcript of a session, and the identifiers annotated in it.

A transcript has one row a turn: ``turn, start, end, speaker, text``, times in seconds from the
start of the recording. Beside it may stand ``*_entities.tsv``: ``turn, start, end, type, role,
entity``, where start and end count the characters of the turn's text. Annotations serve tests and
benchmarks; a release never holds them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from mindveil.corpus.columns import is_number
from mindveil.corpus.findings import Finding, error, meant
from mindveil.corpus.generalised import value_text
from mindveil.corpus.model import Entity, Speaker, Turn
from mindveil.corpus.tables import BLANK, Table, read_table, table_text

TURNS = ("turn", "start", "end", "speaker", "text")
ENTITIES = ("turn", "start", "end", "type", "role", "entity")
TRANSCRIPT = "_transcript.tsv"
ANNOTATION = "_entities.tsv"

_COUNT = re.compile(r"[0-9]{1,9}")
_SPEAKERS: dict[str, Speaker] = {
    "participant": "participant",
    "interviewer": "interviewer",
    "other": "other",
}
_SYNONYMS: dict[str, Speaker] = {
    "client": "participant",
    "patient": "participant",
    "subject": "participant",
    "interviewee": "participant",
    "therapist": "interviewer",
    "clinician": "interviewer",
    "doctor": "interviewer",
    "counsellor": "interviewer",
    "ellie": "interviewer",
}
_ROLES = ("direct", "quasi")


def read_transcript(
    root: Path, where: str, names: Sequence[str]
) -> tuple[tuple[Turn, ...], tuple[Entity, ...], list[Finding]]:
    """Read the turns and annotations of one session from the files ``names`` in ``where``."""
    transcripts = [n for n in names if n.endswith(TRANSCRIPT)]
    annotations = [n for n in names if n.endswith(ANNOTATION)]
    for several in (transcripts, annotations):
        if len(several) > 1:
            sentence = f"a session has one such file; this is number 2 of {len(several)}: join them"
            return (), (), [error("several-files", f"{where}/{several[1]}", sentence)]
    if not transcripts:
        return (), (), []
    table, findings = read_table(root, f"{where}/{transcripts[0]}")
    if table is None:
        return (), (), findings
    turns, places, faults = _read_turns(table)
    findings += faults
    if not annotations:
        return turns, (), findings
    gold, faults = read_table(root, f"{where}/{annotations[0]}")
    findings += faults
    if gold is None:
        return turns, (), findings
    entities, faults = _read_entities(gold, turns, places)
    return turns, entities, findings + faults


def _read_turns(table: Table) -> tuple[tuple[Turn, ...], dict[str, int], list[Finding]]:
    """Return the turns, and at which place each number of the column ``turn`` stands."""
    findings = _column_faults(table, ("speaker", "text"), TURNS)
    if any(f.severity == "error" for f in findings):
        return (), {}, findings
    turns: list[Turn] = []
    places: dict[str, int] = {}
    at = {name: table.header.index(name) for name in TURNS if name in table.header}
    for row, line in zip(table.rows, table.lines, strict=True):
        number = row[at["turn"]].strip() if "turn" in at else str(len(turns) + 1)
        if number in places or not _COUNT.fullmatch(number):
            sentence = "the turn is not a new whole number; number the turns 1, 2, 3 ..."
            findings.append(error("turn", table.file, sentence, line))
        places[number] = len(turns)
        start, end, fault = _times(row, at)
        speaker = _SPEAKERS.get(row[at["speaker"]].strip().lower())
        if fault:
            findings.append(error("time", table.file, fault, line))
        if speaker is None:
            sentence = _unknown_speaker(row[at["speaker"]])
            findings.append(error("speaker", table.file, sentence, line))
        turn = Turn(speaker=speaker or "other", text=row[at["text"]], start=start, end=end)
        turns.append(turn)
    if not any(turn.text.strip() for turn in turns):
        sentence = "nothing is said in it; remove the file or export it again"
        findings.append(error("empty-transcript", table.file, sentence))
    elif not any(f.kind == "speaker" for f in findings) and not any(
        turn.speaker == "participant" for turn in turns
    ):
        sentence = "no turn is the participant's; check the column speaker"
        findings.append(error("no-participant", table.file, sentence))
    return tuple(turns), places, findings


def _column_faults(table: Table, needed: Sequence[str], known: Sequence[str]) -> list[Finding]:
    findings = []
    for name in needed:
        if name not in table.header:
            near = [found for found in table.header if meant(name, [found])]
            remedy = f"rename {near[0]!r}" if near else f"the columns are {', '.join(known)}"
            findings.append(error("columns", table.file, f"no column {name!r}; {remedy}", 1))
    return findings


def _times(row: Sequence[str], at: Mapping[str, int]) -> tuple[float | None, float | None, str]:
    times: list[float | None] = []
    for name in ("start", "end"):
        cell = row[at[name]].strip() if name in at else ""
        if cell in BLANK:
            times.append(None)
        elif not is_number(cell) or float(cell) < 0:
            return None, None, f"the {name} is not a time in seconds from 0 on; correct it"
        else:
            times.append(float(cell))
    start, end = times
    if start is not None and end is not None and end < start:
        return None, None, f"it ends ({end:g} s) before it starts ({start:g} s); correct the times"
    return start, end, ""


def _unknown_speaker(cell: str) -> str:
    # The cell may hold a name: it is repeated only where it is a word for a role.
    role = _SYNONYMS.get(cell.strip().lower())
    if role:
        return f"speaker {cell.strip().lower()!r} is not known; write {role!r}"
    return "the speaker must be participant, interviewer or other; rename it"


def _read_entities(
    table: Table, turns: Sequence[Turn], places: Mapping[str, int]
) -> tuple[tuple[Entity, ...], list[Finding]]:
    findings = _column_faults(table, ENTITIES, ENTITIES)
    if findings:
        return (), findings
    at = [table.header.index(name) for name in ENTITIES]
    entities = []
    for row, line in zip(table.rows, table.lines, strict=True):
        turn, start, end, kind, role, entity = (row[n].strip() for n in at)
        place = places.get(turn)
        if place is None:
            fault = "the turn is not in the transcript"
        elif not _within(start, end, turns[place].text):
            fault = "start and end are not a stretch of the turn's characters"
        elif role not in _ROLES or not kind or not entity:
            fault = "type and entity are needed, and role is direct or quasi"
        else:
            entities.append(
                Entity(
                    turn=place,
                    start=int(start),
                    end=int(end),
                    type=kind,
                    role="direct" if role == "direct" else "quasi",
                    entity=entity,
                )
            )
            continue
        findings.append(error("entity", table.file, f"{fault}; correct the annotation", line))
    return tuple(entities), findings


def _within(start: str, end: str, text: str) -> bool:
    if not (_COUNT.fullmatch(start) and _COUNT.fullmatch(end)):
        return False
    return int(start) < int(end) <= len(text)


def transcript_text(turns: Sequence[Turn]) -> str:
    """Return a transcript table; turns are numbered from 1."""
    rows = (
        [str(number), value_text(turn.start), value_text(turn.end), turn.speaker, turn.text]
        for number, turn in enumerate(turns, start=1)
    )
    return table_text(TURNS, rows)


def entities_text(entities: Sequence[Entity]) -> str:
    """Return a table of annotated identifiers."""
    rows = ([str(e.turn + 1), str(e.start), str(e.end), e.type, e.role, e.entity] for e in entities)
    return table_text(ENTITIES, rows)
