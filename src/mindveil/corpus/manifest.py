"""Read a corpus folder and write one: the layout of contract section 1, exactly reversible.

``load_corpus(save_corpus(c)) == c`` up to what the layout cannot tell apart: a missing attribute
and an absent one; a questionnaire without any answer and none; where the media lie.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from mindveil.corpus.answers import Row, read_answers
from mindveil.corpus.description import DatasetSheet, ToolSheet, read_sheet
from mindveil.corpus.digest import content_digest
from mindveil.corpus.findings import Finding, condense, error, warning
from mindveil.corpus.layout import DATASET, ORDER, corpus_files, natural, place_files
from mindveil.corpus.model import Corpus, Participant, Response, Session
from mindveil.corpus.people import ID, SESSION, bare, id_fault, read_people
from mindveil.corpus.recordings import Recording, read_recordings
from mindveil.corpus.tables import read_table
from mindveil.errors import InputError
from mindveil.store.files import write_folder

__all__ = ["content_digest", "load_corpus", "read_corpus", "save_corpus"]


def load_corpus(path: Path) -> Corpus:
    """Read a corpus folder; media are found but not opened.

    Raises:
        InputError: something in it must be mended first; the sentence names the first thing.
            ``mindveil check`` names all.
    """
    corpus, findings = read_corpus(path)
    errors = [f for f in condense(findings) if f.severity == "error"]
    if corpus is None or errors:
        rest = f" ({len(errors) - 1} more: mindveil check {path})" if len(errors) > 1 else ""
        raise InputError(f"{errors[0]}{rest}")
    return corpus


def save_corpus(
    corpus: Corpus,
    path: Path,
    *,
    truth: bool = False,
    tools: Mapping[str, ToolSheet] | None = None,
    extras: Mapping[str, bytes] | None = None,
) -> None:
    """Write a corpus folder in one step: it appears whole or not at all.

    Annotated identifiers are written only where ``truth`` is asked for: they never go into a
    release. Media are copied under the names of the layout, so that no old file name survives.
    ``tools`` gives the shape of questionnaires that are not in the table of instruments (else it
    is taken from the answers). ``extras`` are further files by relative path, such as a licence.

    Raises:
        InputError: the place is taken, or the corpus cannot be written: an id with other signs
            than letters, digits, - and _, text with a NUL character, a missing media file.
        RefusedError: an extra lies outside the folder.
    """
    files = corpus_files(corpus, truth=truth, tools=tools or {}, extras=extras or {})
    write_folder(Path(path), lambda folder: place_files(files, folder))


def read_corpus(path: Path) -> tuple[Corpus | None, list[Finding]]:
    """Read what can be read of a corpus folder and say all that is wrong with it.

    The corpus is None where nobody could be read. It may only be used when no finding is an
    error.
    """
    root = Path(path)
    if not root.is_dir():
        sentence = "there is no such folder; check the path, or make one with `mindveil import`"
        return None, [error("missing-folder", str(path), sentence)]
    root = root.resolve()
    about, findings = _read_about(root)
    people, faults = read_people(root)
    findings += faults
    answers, faults = read_answers(root, people.attributes)
    findings += faults
    recordings, faults = read_recordings(root, people.attributes)
    findings += faults
    order, faults = _read_order(root, people.attributes)
    findings += faults
    if not people.attributes:
        # Where nobody could be read, that everybody is unknown is no second fault.
        return None, [f for f in findings if f.kind != "unknown-person"]
    participants = []
    answered = _by_person(answers)
    for person, attributes in people.attributes.items():
        sessions, faults = _sessions(
            person, answered.get(person, {}), recordings.get(person, {}), order.get(person, [])
        )
        findings += faults
        participants.append(
            Participant(participant_id=person, attributes=attributes, sessions=sessions)
        )
    corpus = Corpus(
        name=about.name,
        participants=tuple(participants),
        columns=people.columns,
        language=about.language,
        licence=about.licence,
        consent={str(modality): scope for modality, scope in about.consent.items()},
        pseudo_sessions=about.pseudo_sessions,
        synthetic=about.synthetic,
    )
    return corpus, findings


def _read_about(root: Path) -> tuple[DatasetSheet, list[Finding]]:
    about, findings = read_sheet(DatasetSheet, root, DATASET)
    if any(f.kind == "missing-file" for f in findings):
        sentence = 'the file is missing; add it with at least {"name": "...", "language": "en"}'
        findings = [error("missing-file", DATASET, sentence)]
    return about or DatasetSheet(name=root.name or "corpus"), findings


def _by_person(
    answers: Mapping[str, Mapping[Row, Response]],
) -> dict[str, dict[str, dict[str, Response]]]:
    """Turn answers by questionnaire into answers by person, session and questionnaire."""
    found: dict[str, dict[str, dict[str, Response]]] = {}
    for tool, rows in answers.items():
        for (person, session), response in rows.items():
            found.setdefault(person, {}).setdefault(session, {})[tool] = response
    return found


def _sessions(
    person: str,
    answered: Mapping[str, Mapping[str, Response]],
    recorded: Mapping[str, Recording],
    listed: Sequence[str],
) -> tuple[tuple[Session, ...], list[Finding]]:
    """Return the sessions of a person in the order they took place."""
    rest = sorted({*answered, *recorded} - set(listed), key=natural)
    findings = []
    if len(rest) > 1 and not all(any(map(str.isdigit, name)) for name in rest):
        sentence = (
            f"participant {person}: sessions {rest[0]} and {rest[1]} are taken in the order of "
            f"the alphabet; list them in {ORDER} in the order in which they took place"
        )
        findings.append(warning("session-order", ORDER, sentence))
    sessions = []
    for name in (*listed, *rest):
        recording = recorded.get(name) or Recording()
        session = Session(
            session_id=name,
            transcript=recording.transcript,
            entities=recording.entities,
            responses=answered.get(name, {}),
            media=recording.media,
        )
        sessions.append(session)
    return tuple(sessions), findings


def _read_order(
    root: Path, people: Mapping[str, object]
) -> tuple[dict[str, list[str]], list[Finding]]:
    if not (root / ORDER).exists():
        return {}, []
    table, findings = read_table(root, ORDER)
    if table is None:
        return {}, findings
    for name in (ID, SESSION):
        if name not in table.header:
            findings.append(error("no-id-column", ORDER, f"no column {name}; add it", 1))
            return {}, findings
    order: dict[str, list[str]] = {}
    cells = zip(table.column(ID), table.column(SESSION), table.lines, strict=True)
    for person_cell, session_cell, line in cells:
        person, session = bare(person_cell, "sub-"), bare(session_cell, "ses-")
        if id_fault(person) or id_fault(session):
            sentence = f"the row {id_fault(person) or id_fault(session)}"
            findings.append(error("id", ORDER, sentence, line))
        elif person not in people:
            sentence = f"participant {person} is not in participants.tsv; add the person there"
            findings.append(error("unknown-person", ORDER, sentence, line))
        elif session in order.get(person, []):
            sentence = f"participant {person}, session {session} is listed twice; keep one"
            findings.append(error("duplicate-row", ORDER, sentence, line))
        else:
            order.setdefault(person, []).append(session)
    return order, findings
