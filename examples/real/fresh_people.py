"""The attacks on people who are in no record: their interval must contain the control."""

from __future__ import annotations

from pathlib import Path

from mindveil.evidence.estimate import Estimate
from mindveil.harness.context import context_of
from mindveil.harness.fresh import attack_fresh_people
from mindveil.study_file import parse_study


def fresh(corpus: Path) -> list[tuple[str, Estimate, Estimate]]:
    """Return (name, what the attack finds, its control) of both attacks on a table."""
    raw: dict[str, object] = {"study": "fresh", "corpus": str(corpus), "out": "fresh"}
    context = context_of(parse_study(raw, "fresh", corpus.parent))
    found = []
    for measure in ("scales/singling-out", "scales/linkage"):
        first = attack_fresh_people(context, measure, "lazy-informed")[0]
        if first.control is not None:
            found.append((measure, first.estimate, first.control))
    return found
