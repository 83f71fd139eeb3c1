"""The whole road as one call, for notebooks and scripts; the command line is a layer over it."""

from __future__ import annotations

import os
from collections.abc import Callable

from mindveil.engine.base import Executor
from mindveil.engine.local import LocalPool
from mindveil.evidence.dossier import Dossier
from mindveil.harness.context import Context, context_of
from mindveil.harness.leak_scan import require_no_leak
from mindveil.harness.people_at_risk import write_index
from mindveil.harness.summary import seal, sum_up, write_dossier
from mindveil.report.html import render
from mindveil.store.files import write_bytes
from mindveil.store.log import Log
from mindveil.study import Study
from mindveil.sweep import run_sweeps

Tell = Callable[[str, str, float], None]


def run(study: Study, executor: Executor | None = None) -> Dossier:
    """Make the releases of a study, attack them, measure what is left, and write the report.

    Returns the dossier that the report is drawn from; everything is in ``study.out`` as well.
    Running the same study again resumes.

    Raises:
        RefusedError: a file that the run wrote for others to read names or quotes somebody.
    """
    return run_all(context_of(study), executor, lambda *_: None)


def run_all(context: Context, executor: Executor | None, tell: Tell) -> Dossier:
    """Run a study whose context is at hand, and tell of every cell."""
    study = context.study
    chosen = executor or pool_of(context, workers_here(study.execute.workers))
    with context.folder.claim():
        log = Log(path=context.folder.root / "log.jsonl")
        log.event("run", cells=len(context.plan.cells))

        def both(event: str, title: str, seconds: float) -> None:
            tell(event, title, seconds)
            if event not in {"planned", "resumed", "because"}:
                log.event(event, title=title, seconds=round(seconds, 2))

        context, finished = run_sweeps(context, chosen, both)
        dossier = sum_up(context, finished.rows)
        write_dossier(dossier, context)
        write_index(context)
        write_bytes(study.out / "report.html", render(dossier).encode())
        log.event("end", failed=finished.failed)
        seal(study.out)
        require_no_leak(study.out, context.corpus)
    return dossier


def pool_of(context: Context, workers: int) -> Executor:
    """Return what computes a study: processes here, and nodes of Flower where it says so."""
    study = context.study
    here = LocalPool(workers=workers, minutes=study.execute.cell_minutes)
    if study.execute.where != "flower":
        return here
    from mindveil.federation.rehearsal import FlowerPool  # noqa: PLC0415 - loaded where it is used

    return FlowerPool(context=context, pool=here)


def workers_here(wanted: int) -> int:
    """Return how many processes to use: as told, else one a core this process may use."""
    return wanted or len(os.sched_getaffinity(0))
