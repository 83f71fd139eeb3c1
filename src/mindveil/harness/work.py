"""One job, in a worker process: make a release, or compute a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from functools import lru_cache

from pydantic import TypeAdapter

from mindveil.evidence.scorecard import Cell
from mindveil.features.shelf import shelf
from mindveil.harness.attacks import measure_attack
from mindveil.harness.context import Context, context_of
from mindveil.harness.releases import make_release
from mindveil.harness.tasks import measure_task
from mindveil.plan import CellPlan
from mindveil.study import Study

_CELL = TypeAdapter(Cell)
_PLAN = TypeAdapter(CellPlan)


def work(payload: Mapping[str, object]) -> dict[str, object]:
    """Do one job; ``payload`` is what :func:`release_payload` or :func:`cell_payload` made."""
    context = _context(str(payload["study"]))
    with shelf(context.folder.sealed / "features"):
        if payload["do"] == "release":
            make_release(context, str(payload["name"]))
            return {}
        plan = _PLAN.validate_python(payload["cell"])
        measure = measure_attack if plan.kind == "attack" else measure_task
        return asdict(measure(context, plan))


def release_payload(study: Study, name: str) -> dict[str, object]:
    """Return the job of making a release."""
    return {"do": "release", "study": study.model_dump_json(by_alias=True), "name": name}


def cell_payload(study: Study, cell: CellPlan) -> dict[str, object]:
    """Return the job of computing a cell."""
    return {"do": "cell", "study": study.model_dump_json(by_alias=True), "cell": asdict(cell)}


def cell_from(stored: Mapping[str, object]) -> Cell:
    """Return a cell from its JSON."""
    return _CELL.validate_python(stored)


@lru_cache(maxsize=1)
def _context(study: str) -> Context:
    return context_of(Study.model_validate_json(study))
