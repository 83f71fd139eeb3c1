"""From the cells of a study to its scorecard, through an executor; nothing else.

Every finished cell is a file named by its content address, so a run that was killed resumes
where it stopped and ends with the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from mindveil.addresses import cell_key
from mindveil.engine.base import Executor, Job, Outcome
from mindveil.evidence.scorecard import Cell, Row, write_scorecard
from mindveil.harness.context import Context
from mindveil.harness.guarantees import guarantee_rows
from mindveil.harness.people_at_risk import counted_at_limit
from mindveil.harness.reasons import sayable
from mindveil.harness.releases import RECORDED, is_made
from mindveil.harness.sweep import unasked_rows
from mindveil.harness.untried import untried_rows
from mindveil.harness.work import cell_from, cell_payload, release_payload
from mindveil.plan import CellPlan
from mindveil.store.files import write_text
from mindveil.study import ORIGINAL

Event = Literal["planned", "resumed", "done", "failed", "because"]
Tell = Callable[[Event, str, float], None]
"""(what happened, to which cell, after how many seconds); "planned" comes once for each job.

"because" follows "failed" with the reason in place of the cell. It may name files and people:
it is for who runs the study, and for no log and no report.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """A scorecard, and how many of its cells could not be computed."""

    rows: tuple[Row, ...]
    failed: int


def run_study(context: Context, executor: Executor, tell: Tell) -> Finished:
    """Compute what is missing of a study and write its scorecard."""
    context.folder.prepare()
    cells = {cell_key(context.plan, c): c for c in context.plan.cells}
    missing = {k: c for k, c in cells.items() if not (context.folder.cells / f"{k}.json").is_file()}
    for key in cells.keys() - missing.keys():
        tell("resumed", cells[key].title, 0.0)
    faults: dict[str, str] = {}

    def done(outcome: Outcome) -> None:
        key = outcome.job.key
        lost = next((faults[k] for k in outcome.job.after if k in faults), "")
        if outcome.result is None:
            why = f"the release could not be made: {lost}" if lost else outcome.fault
            faults[key] = sayable(why, context.everybody)
        elif key in missing:
            write_text(
                context.folder.cells / f"{key}.json",
                json.dumps(outcome.result, sort_keys=True, indent=1) + "\n",
            )
        tell("failed" if outcome.fault else "done", outcome.job.title, outcome.seconds)
        if outcome.fault and not lost:
            tell("because", outcome.fault, 0.0)

    jobs = _jobs(context, missing)
    for job in jobs:
        tell("planned", job.title, 0.0)
    executor.run(jobs, done)
    rows = [r for key, cell in cells.items() for r in _stored(context, key, cell, faults)]
    rows += [*guarantee_rows(context), *unasked_rows(context), *untried_rows(context, rows)]
    rows = counted_at_limit(context, rows)
    write_scorecard(rows, context.folder.root)
    failed = sum(r.status == "failed" for r in rows)
    return Finished(rows=tuple(rows), failed=failed)


def _jobs(context: Context, missing: dict[str, CellPlan]) -> list[Job]:
    """Return releases first, then cells, each after those whose work it takes over.

    Predictions of the originals are made once, for all releases compared to them; the words of a
    release are read once, by the first task that needs them; and so are voices and faces.
    """
    wanted = dict.fromkeys(c.release for c in missing.values() if c.release != ORIGINAL)
    jobs = [
        Job(
            key=f"release/{name}",
            title=f"making release {name}",
            payload=release_payload(context.study, name),
        )
        for name in wanted
        if not is_made(context, name)
    ]
    cells = sorted(missing.items(), key=lambda item: not _teaches(item[1]))
    twins = {(c.measure, c.modality): k for k, c in cells if c.release == ORIGINAL}
    readers: dict[str, str] = {}
    before: dict[str, str] = {}
    for key, cell in cells:
        behind = set()
        if cell.kind == "utility":
            behind.add(twins.get((cell.measure, cell.modality), key))
        if cell.kind == "utility" and cell.modality in {"fused", "text"}:
            behind.add(readers.setdefault(cell.release, key))
        if cell.kind == "attack" and cell.modality in RECORDED:
            # dear to read: one after another, and the first of all reads the originals
            chain, first = f"{cell.modality} of {cell.release}", before.get(cell.modality, key)
            behind.add(before.get(chain, first))
            before |= {chain: key, cell.modality: first}
        if cell.kind == "attack":  # a stronger attacker takes over what a weaker one found
            asked = f"{cell.measure} of {cell.release}"
            behind.add(before.get(asked, key))
            before[asked] = key
        jobs.append(
            Job(
                key=key,
                title=cell.title,
                payload=cell_payload(context.study, cell),
                after=(f"release/{cell.release}",),
                behind=tuple(sorted(behind - {key})),
            )
        )
    return jobs


def _teaches(cell: CellPlan) -> bool:
    """Whether other cells wait for what this one reads or predicts: it goes first."""
    return cell.release == ORIGINAL and cell.kind == "utility" and cell.modality != "scales"


def _stored(context: Context, key: str, cell: CellPlan, faults: dict[str, str]) -> tuple[Row, ...]:
    path = context.folder.cells / f"{key}.json"
    if path.is_file():
        found: Cell = cell_from(json.loads(path.read_text(encoding="utf-8")))
        return found.rows
    blank = cell.row(context.study.seed)
    return (replace(blank, status="failed", note=faults.get(key, "it was not run")),)
