"""A folder that somebody protected: read with suspicion, put back under the ids of its people.

It is the exported corpus of a track, protected: the same codes, as many sessions of each. What is
attacked are its records under new codes, so that the codes of the export help nobody.
"""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from mindveil.corpus.manifest import content_digest, load_corpus, save_corpus
from mindveil.corpus.model import Corpus, Participant
from mindveil.errors import InputError, RefusedError
from mindveil.harness.context import Context
from mindveil.harness.releases import make_release
from mindveil.store.files import write_folder
from mindveil.study import StepPart
from mindveil.suite.defences import given, people_of
from mindveil.suite.entrants import Entrant


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What came back of an export: one protected corpus, or two, under the ids of the originals."""

    corpus: Corpus
    again: Corpus | None
    digest: str


def read_returned(entrant: Entrant, originals: Corpus, codes: dict[str, str]) -> Returned:
    """Read the folder or folders of an entrant.

    Raises:
        InputError: other people, missing people, links, another number of sessions: one sentence,
            which names nobody.
    """
    assert entrant.folder is not None
    first = _read(entrant.folder, entrant.name, originals, codes)
    second = _read(entrant.again, entrant.name, originals, codes) if entrant.again else None
    told = [content_digest(c) for c in (first, second) if c]
    if len(told) > len(set(told)):
        raise InputError(
            f"--defence {entrant.name}: both folders hold the same; protect the export once more, "
            "with new randomness, for the second"
        )
    return Returned(corpus=first, again=second, digest="+".join(d[:32] for d in told))


def as_step(returned: Returned) -> tuple[StepPart, ...]:
    """Return the step of a study that stands for what came back."""
    step = {"use": "mindveil.suite.defences:AsProtected", "digest": returned.digest}
    return (StepPart.model_validate(step),)


def make_of_folder(context: Context, name: str, returned: Returned) -> None:
    """Make a release of what came back; the second folder is what informed attackers hold."""
    with given(returned.digest, returned.corpus):
        make_release(context, name)
    if returned.again is None:
        return
    again, place = returned.again, context.folder.sealed / name
    shutil.rmtree(place, ignore_errors=True)
    write_folder(place, lambda folder: save_corpus(again, folder))


def _read(folder: Path, name: str, originals: Corpus, codes: dict[str, str]) -> Corpus:
    _refuse_links(folder, name)
    try:
        found = load_corpus(folder)
    except RefusedError as fault:
        raise InputError(f"--defence {name}: {fault}") from fault
    person_of = {code: person for person, code in codes.items()}
    _refuse_strangers(name, set(found.ids), set(person_of))
    known = people_of(originals)
    back = [
        _back(person, known[person_of[person.participant_id]], name)
        for person in found.participants
    ]
    order = {person: place for place, person in enumerate(originals.ids)}
    return found.with_people(sorted(back, key=lambda p: order[p.participant_id]))


def _refuse_links(folder: Path, name: str) -> None:
    if folder.is_symlink():
        raise InputError(f"--defence {name}: the folder is a link; give the folder itself")
    for parent, folders, files in os.walk(folder):
        for entry in (*folders, *files):
            if (Path(parent) / entry).is_symlink():
                raise InputError(
                    f"--defence {name}: there are links in the folder; put the files themselves "
                    "there"
                )


def _refuse_strangers(name: str, there: set[str], wanted: set[str]) -> None:
    if not there & wanted:
        raise InputError(
            f"--defence {name}: nobody in the folder has a code of this track; protect what "
            "`mindveil benchmark export` wrote and keep its codes"
        )
    if there - wanted:
        raise InputError(
            f"--defence {name}: {len(there - wanted)} of {len(there)} people in the folder are "
            "not of this track; take them out"
        )
    if wanted - there:
        raise InputError(
            f"--defence {name}: {len(wanted - there)} of {len(wanted)} people are missing; a "
            "defence that leaves people out is not comparable"
        )


def _back(person: Participant, original: Participant, name: str) -> Participant:
    """Return a protected person under her own id, her sessions named as the originals are."""
    if len(person.sessions) != len(original.sessions):
        raise InputError(
            f"--defence {name}: somebody has {len(person.sessions)} sessions in the folder and "
            f"{len(original.sessions)} in the export; protect each, and leave none out"
        )
    sessions = tuple(
        replace(mine, session_id=theirs.session_id)
        for mine, theirs in zip(person.sessions, original.sessions, strict=True)
    )
    return replace(person, participant_id=original.participant_id, sessions=sessions)
