"""Search the stored files of a release; where and what is for the steward alone."""

from __future__ import annotations

from dataclasses import asdict, replace

from mindveil.attack.original_files import OriginalFiles
from mindveil.attack.release_leaks import ReleaseLeaks, Search, Searched
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.leaks import measure_leaks
from mindveil.evidence.scorecard import Cell
from mindveil.harness.context import Context
from mindveil.harness.releases import folder_of, load_release
from mindveil.harness.steps import Steps
from mindveil.plan import CellPlan, release_of
from mindveil.randomness import stream
from mindveil.store.files import write_json

DETAILS = "leaks"
"""Folder of the sealed ones that holds, by release, which files leak and what kind of thing."""


def measure_files(context: Context, cell: CellPlan) -> Cell:
    """Return the row of what the files of a release give away, and seal the details."""
    row = replace(cell.row(context.study.seed), unit="file")
    rng = stream(context.study.seed, cell.measure, cell.release)
    wanted = search_of(context, cell.release)
    known = OriginalFiles.of(context.corpus, context.study.corpus)
    try:
        found = ReleaseLeaks().search(wanted, known, rng)
        measured = measure_leaks(found)
    except InvalidMeasurement as why:
        return Cell(rows=(replace(row, status="invalid", note=str(why)),))
    _seal(context, cell.release, found)
    held = row.holding(measured)
    return Cell(rows=(replace(held, note=f"tier: light; {held.note}"),), tier="light")


def search_of(context: Context, name: str) -> Search:
    """Return what is searched of a stored release, and who is behind its codes."""
    steps = Steps.of(release_of(context.study, name))
    person_of = {}
    if not (steps.maker or steps.trainer):
        for fold in context.folds:
            person_of[folder_of(fold)] = load_release(context, name, fold)[1]
    return Search(
        folder=context.folder.releases / name,
        changed=steps.changes,
        person_of=person_of,
    )


def _seal(context: Context, name: str, found: Searched) -> None:
    place = context.folder.sealed / DETAILS
    place.mkdir(mode=0o700, exist_ok=True)
    write_json(
        place / f"{name}.json", {"files": found.files, "leaks": list(map(asdict, found.leaks))}
    )
