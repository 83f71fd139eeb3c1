"""Which files a corpus becomes, and what is in them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from mindveil.corpus.answers import FOLDER, Row, answers_text
from mindveil.corpus.description import FORMAT, DatasetSheet, ToolSheet, sentences
from mindveil.corpus.generalised import parts
from mindveil.corpus.instruments import is_known
from mindveil.corpus.model import Corpus, MediaFile, Modality, Response, Session
from mindveil.corpus.paths import fault_of, inside
from mindveil.corpus.people import ID, SESSION, SHEET, TABLE, id_fault, people_text, sheet_of
from mindveil.corpus.recordings import ENDINGS
from mindveil.corpus.tables import LONGEST_CELL, table_text
from mindveil.corpus.transcripts import ANNOTATION, TRANSCRIPT, entities_text, transcript_text
from mindveil.corpus.workshop import is_new
from mindveil.errors import InputError
from mindveil.store.files import Json, draft_bytes, draft_copy, json_text

DATASET = "dataset_description.json"
ORDER = "sessions.tsv"
"""Optional: participant_id, session_id in the order in which sessions took place."""

_TASK = re.compile(r"[A-Za-z0-9]{1,40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class CorpusFile:
    """A file to be: where it goes, and its text, its bytes, or the file it is a copy of."""

    place: str
    content: str | bytes | Path


def corpus_files(
    corpus: Corpus,
    *,
    truth: bool,
    tools: Mapping[str, ToolSheet],
    extras: Mapping[str, bytes],
) -> list[CorpusFile]:
    """Return all files of a corpus; see :func:`mindveil.corpus.manifest.save_corpus`."""
    _check_names(corpus)
    files = [CorpusFile(place=DATASET, content=json_text(_about(corpus)))]
    columns = _columns(corpus)
    files.append(CorpusFile(place=TABLE, content=people_text(corpus.participants, columns)))
    sheets = {name: sheet_of(column) for name, column in corpus.columns.items()}
    files.append(CorpusFile(place=SHEET, content=json_text(sheets)))
    files += _order_file(corpus)
    files += _answer_files(corpus, tools)
    for person in corpus.participants:
        for session in person.sessions:
            files += _session_files(person.participant_id, session, truth=truth)
    for place, data in extras.items():
        if any(file.place == place for file in files):
            raise InputError(f"extra file {place} is a file of the corpus; give it another name")
        files.append(CorpusFile(place=place, content=data))
    return files


def place_files(files: Iterable[CorpusFile], folder: Path) -> None:
    """Put files into a folder that is still being built."""
    for file in files:
        path = inside(folder, file.place)
        if isinstance(file.content, Path):
            if not file.content.is_file():
                raise InputError(f"{file.place}: the media file to copy is missing; put it back")
            draft_copy(file.content, path, share=is_new(file.content))
            continue
        content = file.content
        draft_bytes(path, content if isinstance(content, bytes) else _encoded(content, file.place))


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """Return a key by which session 2 comes before session 10.

    >>> sorted(["s10", "s2", "s1b"], key=natural)
    ['s1b', 's2', 's10']
    """
    pieces = re.split(r"([0-9]+)", name)
    return tuple((0, int(p), p) if n % 2 else (1, 0, p) for n, p in enumerate(pieces) if p)


def _encoded(text: str, place: str) -> bytes:
    if "\x00" in text:
        raise InputError(f"{place}: the text holds a NUL character; remove it")
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as fault:
        raise InputError(
            f"{place}: the text holds half a character (a lone surrogate); remove it"
        ) from fault


def _check_names(corpus: Corpus) -> None:
    seen: set[str] = set()
    for person in corpus.participants:
        sessions = [s.session_id for s in person.sessions]
        for identity in (person.participant_id, *sessions):
            if id_fault(identity) or identity.startswith(("sub-", "ses-")):
                fault = id_fault(identity) or "begins with sub- or ses-; leave that out"
                raise InputError(f"corpus {corpus.name}: an id {fault}")
        if len(set(sessions)) < len(sessions):
            raise InputError(
                f"participant {person.participant_id}: two sessions have the same id; rename one"
            )
        if person.participant_id in seen:
            raise InputError(f"participant {person.participant_id} occurs twice; keep one")
        seen.add(person.participant_id)
    for name in (*_columns(corpus), *corpus.tools):
        if not name or name != name.strip() or name == ID:
            raise InputError(f"column {name!r} cannot be written; rename it")
    for tool in corpus.tools:
        if fault_of(tool) or "/" in tool:
            raise InputError(f"questionnaire {tool!r} is no file name; rename it")


def _about(corpus: Corpus) -> Json:
    about = {
        "name": corpus.name,
        "format": FORMAT,
        "licence": corpus.licence,
        "language": corpus.language,
        "consent": dict(corpus.consent),
        "pseudo_sessions": corpus.pseudo_sessions,
        "synthetic": corpus.synthetic,
    }
    try:
        made: Json = DatasetSheet.model_validate(about).model_dump()
    except ValidationError as fault:
        raise InputError(f"{DATASET}: {next(sentences(fault, DatasetSheet))}") from None
    return made


def _columns(corpus: Corpus) -> list[str]:
    """Return the described columns and then any other that somebody has."""
    names = dict.fromkeys(corpus.columns)
    for person in corpus.participants:
        names |= dict.fromkeys(person.attributes)
        for name, value in person.attributes.items():
            if isinstance(value, float) and math.isinf(value):
                raise InputError(
                    f"participant {person.participant_id}: column {name!r} is infinite; correct it"
                )
    return list(names)


def _order_file(corpus: Corpus) -> Iterator[CorpusFile]:
    """List the sessions where their names or contents do not give their order."""
    for person in corpus.participants:
        names = [s.session_id for s in person.sessions]
        told = [s.session_id for s in person.sessions if _leaves_files(s)]
        numbered = len(names) < 2 or all(re.search(r"[0-9]", name) for name in names)
        if names != sorted(told, key=natural) or not numbered:
            break
    else:
        return
    rows = [[p.participant_id, s.session_id] for p in corpus.participants for s in p.sessions]
    yield CorpusFile(place=ORDER, content=table_text([ID, SESSION], rows))


def _leaves_files(session: Session) -> bool:
    answered = any(_is_answered(r) for r in session.responses.values())
    return bool(session.transcript) or answered or any(session.media.values())


def _is_answered(response: Response) -> bool:
    return response.total is not None or any(x is not None for x in response.items)


def _answer_files(corpus: Corpus, tools: Mapping[str, ToolSheet]) -> Iterator[CorpusFile]:
    for tool in corpus.tools:
        rows: list[tuple[Row, Response]] = [
            ((p.participant_id, s.session_id), s.responses[tool])
            for p in corpus.participants
            for s in p.sessions
            if tool in s.responses and _is_answered(s.responses[tool])
        ]
        if not rows:
            continue
        yield CorpusFile(place=f"{FOLDER}/{tool}.tsv", content=answers_text(tool, rows))
        if tool in tools or not is_known(tool):
            sheet = tools.get(tool) or _observed([response for _, response in rows])
            content = json_text(sheet.model_dump(exclude_defaults=True))
            yield CorpusFile(place=f"{FOLDER}/{tool}.json", content=content)


def _observed(responses: Iterable[Response]) -> ToolSheet:
    """Return the shape of a questionnaire as its answers show it."""
    found = list(responses)
    items = max(len(r.items) for r in found)
    if items:
        told = [p for r in found for x in r.items if x is not None for p in parts(x)]
        numbers = [n for p in told if not p.name for n in (p.low, p.high)]
    else:
        numbers = [r.total for r in found if r.total is not None]
    low = math.floor(min(numbers, default=0))
    return ToolSheet(items=items, low=low, high=max(math.ceil(max(numbers, default=0)), low + 1))


def _session_files(person: str, session: Session, *, truth: bool) -> Iterator[CorpusFile]:
    where = f"sub-{person}/ses-{session.session_id}"
    stem = f"sub-{person}_ses-{session.session_id}"
    if session.transcript:
        if any(len(turn.text) >= LONGEST_CELL for turn in session.transcript):
            raise InputError(
                f"participant {person}, session {session.session_id}: a turn has more than "
                f"{LONGEST_CELL:,} characters; divide it"
            )
        text = transcript_text(session.transcript)
        yield CorpusFile(place=f"{where}/text/{stem}{TRANSCRIPT}", content=text)
    if session.entities and truth:
        text = entities_text(session.entities)
        yield CorpusFile(place=f"{where}/text/{stem}{ANNOTATION}", content=text)
    for modality, media in sorted(session.media.items()):
        yield from _media_files(modality, media, f"{where}/{modality}/{stem}")


def _media_files(modality: Modality, media: Sequence[MediaFile], stem: str) -> Iterator[CorpusFile]:
    """Name media by task and by run; files without a run are numbered where there are several."""
    endings = [_ending(modality, file.path) for file in media]
    runs = [0] * len(media)
    for ending in dict.fromkeys(endings):
        mine = [n for n, other in enumerate(endings) if other == ending]
        for n, run in zip(mine, _runs([media[n] for n in mine]), strict=True):
            runs[n] = run
    for file, ending, run in zip(media, endings, runs, strict=True):
        if file.task and not _TASK.fullmatch(file.task):
            raise InputError(
                f"a {modality} file has the task {file.task[:40]!r}; use letters and digits alone"
            )
        task = f"_task-{file.task}" if file.task else ""
        part = f"_run-{run:02d}" if run else ""
        yield CorpusFile(place=f"{stem}{task}{part}{ending}", content=file.path)


def _runs(files: Sequence[MediaFile]) -> list[int]:
    """Return the run of each file of one kind: its own where that tells all apart, else a count."""
    own = [file.run for file in files]
    if len(set(zip(own, (f.task for f in files), strict=True))) == len(files) and all(own):
        return own
    return list(range(1, len(files) + 1)) if len(files) > 1 else own


def _ending(modality: Modality, path: Path) -> str:
    """Return how a media file is named in the layout: its own ending, else by its type."""
    known = ENDINGS.get(modality, ())
    name = path.name.lower()
    for ending in known:
        if name.endswith(ending):
            return ending
    for ending in known:
        if modality in ending and ending.endswith(path.suffix.lower()) and path.suffix:
            return ending
    raise InputError(
        f"a {modality} file of type {path.suffix or 'unknown'} has no place in a corpus; "
        f"known are: {', '.join(known) or 'none'}"
    )
