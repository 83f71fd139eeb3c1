"""Run a study and, of each of its sweeps, the points that most likely extend the frontier.

Rounds follow each other until the budget is spent or nothing can gain. What is measured next
depends on the study and on what was measured, never on when or where, and every finished cell is
kept: a sweep that was killed takes the same way again, and ends with the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mindveil.engine.base import Executor
from mindveil.evidence.design import Seen, first_points, next_points
from mindveil.evidence.frontier import draw, leading_task
from mindveil.evidence.operating_points import by_gain, guess_of
from mindveil.evidence.risks import with_numbers
from mindveil.evidence.scorecard import Row
from mindveil.execution import Finished, Tell, run_study
from mindveil.harness.context import Context
from mindveil.harness.sweep import Grid, grids, with_points
from mindveil.study import ReleasePart

_ROUNDS = 8
"""In about how many rounds the budget is spent after the first points."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What a sweep may come to, before it runs."""

    release: str
    points: int
    budget: int
    cells: int
    skipped: tuple[str, ...]


def outlines(context: Context) -> list[Outline]:
    """Return what each sweep of a study may cost at most; raises InputError where it cannot be."""
    found = []
    for grid in grids(context.study):
        wider = with_points(context, grid.parts)
        fresh = [p.name for p in grid.parts if p.name != grid.sweep.release]
        cells = sum(c.release.startswith(tuple(fresh)) for c in wider.plan.cells) if fresh else 0
        share = (grid.budget - (len(grid.parts) - len(fresh))) / max(len(fresh), 1)
        found.append(
            Outline(
                release=grid.sweep.release,
                points=len(grid.parts),
                budget=grid.budget,
                cells=math.ceil(cells * share),
                skipped=grid.skipped,
            )
        )
    return found


def run_sweeps(context: Context, executor: Executor, tell: Tell) -> tuple[Context, Finished]:
    """Compute a study and its sweeps; return the context of all that was measured, and its rows."""
    found = grids(context.study)
    finished = run_study(context, executor, tell)
    chosen: list[ReleasePart] = []
    while True:
        more = [part for grid in found for part in following(grid, finished.rows, chosen)]
        if not more:
            return context, finished
        chosen += more
        context = with_points(context, more)
        finished = run_study(context, executor, tell)


def following(grid: Grid, rows: Iterable[Row], chosen: Sequence[ReleasePart]) -> list[ReleasePart]:
    """Return the points of a sweep to be measured next; none when its budget is spent."""
    there = {p.name for p in chosen} | {grid.sweep.release}
    tried = [i for i, p in enumerate(grid.parts) if p.name in there]
    left = grid.budget - len(tried)
    if left <= 0:
        return []
    # As few as show what each setting does alone: all later points are chosen by what was seen.
    first = min(grid.budget, len(grid.places[0]) + 1)
    if not any(p.name in there for p in grid.parts if p.name != grid.sweep.release):
        fresh = [i for i in first_points(grid.places, first, tried) if i not in tried]
        if fresh:
            return [grid.parts[i] for i in fresh[:left]]
    asked = [
        r
        for r in with_numbers(rows)
        if r.kind != "guarantee" and grid.sweep.asks(r.kind, r.measure)
    ]
    task = leading_task(asked)
    seen = _seen(grid, asked, task, tried)
    batch = min(left, max(1, math.ceil((grid.budget - first) / _ROUNDS)))
    return [grid.parts[i] for i in next_points(grid.places, seen, tried, batch, guess_of(task))]


def _seen(grid: Grid, rows: list[Row], task: str, tried: Sequence[int]) -> dict[int, Seen]:
    """Return what was measured of the points that gave both figures.

    Risk is that of a match; where no point has any, what the strongest attack gains.
    """
    names = [grid.parts[i].name for i in tried]
    points = draw(rows, names, task)
    if not any(p.risk for p in points):
        points = by_gain(rows, points)
    return {
        i: Seen(risk=p.risk, use=p.utility)
        for i, p in zip(tried, points, strict=True)
        if p.risk and p.utility
    }
