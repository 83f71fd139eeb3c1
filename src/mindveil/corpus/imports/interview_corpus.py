"""From the folders and tables of a DAIC release to a corpus."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mindveil.corpus.description import ToolSheet
from mindveil.corpus.imports.base import Imported
from mindveil.corpus.imports.interview_tables import SEX, Labels, Scored, read_labels, score_phq8
from mindveil.corpus.imports.interviews import (
    DIVIDED,
    Folder,
    Interview,
    InterviewOptions,
    find_interviews,
    said_left_out,
    said_missing,
    sessions_of,
)
from mindveil.corpus.imports.measure_series import Series
from mindveil.corpus.model import Attribute, Column, Corpus, Modality, Participant, Response, Turn

PCLC = ToolSheet(items=0, low=17, high=85, name="PTSD Checklist, civilian version (PCL-C)")
"""17 items from 1 to 5; only the total is published (Weathers et al. 1993)."""

AGE = Column(role="quasi", kind="number", description="age in years")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What a release holds for each participant, and how it is read.

    ``turns`` returns the turns of a folder and the number of rows without words.
    """

    name: str
    licence: str
    sound: str
    transcript: str
    others: tuple[str, ...]
    turns: Callable[[Folder], tuple[tuple[Turn, ...], int]]
    measures: Callable[[Folder], dict[Modality, Series]]


def read_release(source: Path, settings: InterviewOptions, release: Release) -> Imported:
    """Return the corpus of a release, one participant a folder.

    Raises:
        InputError: the layout is another one, or a file of it cannot be read.
    """
    folders = find_interviews(source)
    labels = read_labels(source)
    scored = score_phq8(labels, [folder.person for folder in folders])
    aged = any(_age(labels, folder.person) is not None for folder in folders)
    people = []
    dropped = 0
    for folder in folders:
        turns, left = release.turns(folder)
        dropped += left
        interview = Interview(
            turns=turns,
            sound=folder.files.get(release.sound),
            measures=release.measures(folder) if settings.features else {},
        )
        attributes = _attributes(labels, folder.person, aged=aged)
        responses = _responses(labels, folder.person, scored)
        sessions = sessions_of(interview, responses, divided=settings.pseudo_sessions)
        people.append(
            Participant(participant_id=folder.person, attributes=attributes, sessions=sessions)
        )
    corpus = Corpus(
        name=settings.name or release.name,
        participants=tuple(people),
        columns={"sex": SEX, "age": AGE} if aged else {"sex": SEX},
        language="en",
        licence=release.licence,
        consent={str(m): scope for m, scope in settings.consent.items()},
        pseudo_sessions=DIVIDED if settings.pseudo_sessions else "",
    )
    notes = [*_counted(people, settings), *_about_files(folders, release), *scored.notes()]
    if dropped:
        notes.append(f"rows of transcripts without words (or mere marks) left out: {dropped}")
    notes += _about_labels(labels, folders, scored)
    tools = {"pclc": PCLC} if "pclc" in corpus.tools else {}
    return Imported(corpus=corpus, notes=tuple(notes), tools=tools)


def _attributes(labels: Labels, person: str, *, aged: bool) -> dict[str, Attribute]:
    sex: dict[str, Attribute] = {"sex": labels.sex(person)}
    return {**sex, "age": _age(labels, person)} if aged else sex


def _age(labels: Labels, person: str) -> float | None:
    return labels.number(person, 18, 110, "age")


def _responses(labels: Labels, person: str, scored: Scored) -> dict[str, Response]:
    responses = {}
    if person in scored.responses:
        responses["phq8"] = scored.responses[person]
    ptsd = labels.number(person, PCLC.low, PCLC.high, "ptsdseverity")
    if ptsd is not None:
        responses["pclc"] = Response(total=ptsd)
    return responses


def _counted(people: Sequence[Participant], settings: InterviewOptions) -> list[str]:
    notes = [f"{len(people)} people, {sum(len(p.sessions) for p in people)} sessions"]
    whole = [p.participant_id for p in people if len(p.sessions) == 1]
    if settings.pseudo_sessions and whole:
        notes.append(f"interviews that could not be cut in two: {', '.join(whole)}")
    return notes


def _about_files(folders: Sequence[Folder], release: Release) -> list[str]:
    return [
        *said_left_out(folders, (release.sound, release.transcript, *release.others)),
        *said_missing(folders, release.sound, "sound"),
        *said_missing(folders, release.transcript, "transcript"),
    ]


def _about_labels(labels: Labels, folders: Sequence[Folder], scored: Scored) -> list[str]:
    """Say who has no labels, who has nothing else, and what could not be believed."""
    present = [folder.person for folder in folders]
    notes = []
    without = [person for person in present if person not in scored.responses]
    if without:
        notes.append(f"no PHQ-8 is published of participants {', '.join(without)}")
    absent = len(set(labels.rows) - set(present))
    if absent:
        notes.append(f"people in the tables of labels who have no folder: {absent}")
    odd = sum(bool(labels.cell(p, "age")) and _age(labels, p) is None for p in present)
    if odd:
        notes.append(f"ages that are no number from 18 to 110, set to missing: {odd}")
    return notes
