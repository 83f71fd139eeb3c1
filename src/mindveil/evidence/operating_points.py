"""Which releases are worth choosing from: the frontier, how sure it is, and where it bends.

The undefended original and undefended twins are there to be compared with, and take no part.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.frontier import Point, dominates, is_undefended, strongest
from mindveil.evidence.hypervolume import (
    covered,
    drawn_again,
    knee,
    non_dominated,
    shares_at_knee,
    shares_on_front,
)
from mindveil.evidence.scorecard import Row
from mindveil.study import UNDEFENDED


def guess_of(task: str) -> float:
    """Return what guessing reaches in the figure that a task is drawn by.

    >>> guess_of("detect/phq9>=10"), guess_of("severity/phq9")
    (0.5, 0.0)
    """
    return 0.0 if task.startswith("severity/") else 0.5


def by_gain(rows: Sequence[Row], points: Iterable[Point]) -> tuple[Point, ...]:
    """Return points whose risk is what the strongest attack gains over its control.

    For releases by which no right person can be named: a detector holds no record, and a
    synthetic record is nobody's.
    """
    found = []
    for point in points:
        gain = strongest(rows, point.release)
        from_it = [r.measure for r in rows if r.release == point.release and r.estimate == gain]
        worst = from_it[0] if gain is not None and from_it else ""
        found.append(replace(point, risk=gain, worst=worst, dominated_by=()))
    return tuple(
        replace(
            p,
            dominated_by=tuple(
                o.release for o in found if dominates(o, p) and not o.release.endswith(UNDEFENDED)
            ),
        )
        for p in found
    )


def placed(
    points: Sequence[Point], rng: np.random.Generator
) -> tuple[tuple[Point, ...], Estimate | None]:
    """Return the points with their place on the frontier, and the area it covers.

    Chances are shares of draws from all intervals: whether a point would be on the frontier, or
    be its knee, in another study of as many people. The area lies between the frontier and the
    worst there could be, risk 1 and a use of guessing; None where no release has both figures.
    """
    at = [i for i, p in enumerate(points) if p.risk and p.utility and not is_undefended(p.release)]
    risks = [e for i in at if (e := points[i].risk)]
    uses = [e for i in at if (e := points[i].utility)]
    if not at:
        return tuple(points), None
    risk, use = np.array([e.value for e in risks]), np.array([e.value for e in uses])
    on, bend = non_dominated(risk, use), knee(risk, use)
    many_risks = np.clip(drawn_again(risks, np.zeros(len(at)), rng), 0.0, 1.0)
    many_uses = drawn_again(uses, np.array([points[i].tie for i in at]), rng)
    often, bent = shares_on_front(many_risks, many_uses), shares_at_knee(many_risks, many_uses)
    found = list(points)
    for place, i in enumerate(at):
        found[i] = replace(
            points[i],
            on_frontier=bool(on[place]),
            frontier_chance=round(float(often[place]), 4),
            knee=place == bend,
            knee_chance=round(float(bent[place]), 4),
        )
    guess = guess_of(points[at[0]].task)
    area, areas = float(covered(risk, use, guess)), covered(many_risks, many_uses, guess)
    low, high = np.quantile(areas, [0.025, 0.975])
    seen = Estimate(
        value=area,
        low=min(float(low), area),
        high=max(float(high), area),
        n=min(e.n for e in (*risks, *uses)),
    )
    return tuple(found), seen
