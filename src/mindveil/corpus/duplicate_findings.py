"""Say which sessions of a corpus are there twice, by file and line; never what stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from mindveil.corpus.answers import FOLDER
from mindveil.corpus.duplicates import Duplicate, Place, duplicates_in
from mindveil.corpus.findings import Finding, warning
from mindveil.corpus.model import Corpus
from mindveil.corpus.people import ID, SESSION, bare
from mindveil.corpus.tables import read_table

_WHAT = {
    "text": "the same text",
    "voice": "the same sound",
    "face": "the same picture",
    "scales": "the same answers",
}


def duplicate_findings(corpus: Corpus, root: Path) -> Iterator[Finding]:
    """Warn of sessions that hold the same; those of two people spoil every split."""

    @cache
    def lines(tool: str) -> dict[Place, int]:
        return _lines(root, tool)

    for modality in sorted(corpus.modalities):
        for duplicate in duplicates_in(corpus, modality):
            file, line = _where(duplicate), 0
            if modality == "scales":
                tool = _tool(corpus, duplicate.second)
                file, line = f"{FOLDER}/{tool}.tsv", lines(tool).get(duplicate.second, 0)
            yield warning("duplicate", file, _sentence(duplicate), line)


def _sentence(found: Duplicate) -> str:
    (one, first), (other, second) = found.first, found.second
    what = _WHAT[found.modality] if found.exact else f"almost {_WHAT[found.modality]}"
    said = f"participant {other}, session {second} holds {what} as "
    if found.is_own:
        return (
            f"{said}session {first}; a linkage attack would find the person by the copy: "
            "export the right session again, or remove one"
        )
    return (
        f"{said}participant {one}, session {first}; if this is one person, give both one id, else "
        "remove the copy: whoever stands on both sides of a split spoils every figure"
    )


def _where(found: Duplicate) -> str:
    """Return the folder of the later session, as the layout has it."""
    person, session = found.second
    return f"sub-{person}/ses-{session}/{found.modality}"


def _tool(corpus: Corpus, place: Place) -> str:
    """Return the questionnaire of a session with the most items."""
    person = next(p for p in corpus.participants if p.participant_id == place[0])
    session = next(s for s in person.sessions if s.session_id == place[1])
    return max(sorted(session.responses), key=lambda t: len(session.responses[t].items))


def _lines(root: Path, tool: str) -> dict[Place, int]:
    table, _ = read_table(root.resolve(), f"{FOLDER}/{tool}.tsv")
    if table is None or ID not in table.header or SESSION not in table.header:
        return {}
    cells = zip(table.column(ID), table.column(SESSION), table.lines, strict=True)
    return {(bare(p, "sub-"), bare(s, "ses-")): line for p, s, line in cells}
