"""How much of the frontier of a full grid an adaptive sweep finds, and for which share of its cells.

The sample cohort (150 people who do not exist), words and answers only. Every combination of the
grid is measured once, and kept where a FOLDER is named; the sweep is then run on what was kept,
for every way of dividing people that was measured::

    python benchmarks/sweep_frontier.py [FOLDER] [--seeds 3] [--workers 1]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np

from mindveil.corpus.manifest import save_corpus
from mindveil.corpus.sample.load import load_sample
from mindveil.engine.local import LocalPool
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.frontier import Point, draw, leading_task
from mindveil.evidence.hypervolume import covered
from mindveil.evidence.operating_points import guess_of
from mindveil.evidence.scorecard import Row
from mindveil.execution import run_study
from mindveil.harness.context import Context, context_of
from mindveil.harness.sweep import Grid, grids, with_points
from mindveil.study import ReleasePart, Study
from mindveil.study_file import parse_study
from mindveil.sweep import following

GRID = {
    "text/anonymise.level": [1, 2],
    "text/anonymise.smooth": [False, True],
    "scales/anonymise.level": [1, 2],
    "scales/anonymise.items": ["keep", "band"],
    "scales/anonymise.k": [3, 8],
}
ATTACKS = ["scales/linkage", "text/authorship"]
STUDY: dict[str, object] = {
    "study": "sweep-frontier",
    "corpus": "corpus",
    "release": [
        {
            "name": "anonymised",
            "steps": [{"use": "text/anonymise"}, {"use": "scales/anonymise"}],
        }
    ],
    "utility": {"use": ["detect/phq9>=10"], "modalities": ["fused"]},
}


def study_of(folder: Path, seed: int, attacks: list[str]) -> Study:
    """Return the study of one way of dividing people."""
    raw = {
        **STUDY,
        "seed": seed,
        "out": f"run-{seed}",
        "attack": {"use": attacks, "attackers": ["lazy-informed", "semi-informed"]},
        "sweep": [{"release": "anonymised", "vary": GRID}],
    }
    return parse_study(raw, "sweep-frontier", folder)


def points_of(rows: list[Row], parts: list[ReleasePart]) -> list[Point]:
    """Return the points that have both figures."""
    points = draw(rows, [p.name for p in parts], leading_task(rows))
    return [p for p in points if p.risk and p.utility]


def area(points: list[Point]) -> float:
    """Return what points cover."""
    risks = [e for p in points if isinstance(e := p.risk, Estimate)]
    uses = [e for p in points if isinstance(e := p.utility, Estimate)]
    guess = guess_of(points[0].task)
    return float(
        covered(np.array([r.value for r in risks]), np.array([u.value for u in uses]), guess)
    )


def swept(grid: Grid, rows: list[Row]) -> list[ReleasePart]:
    """Return what the sweep measures, the release itself included, given all that it could see."""
    chosen: list[ReleasePart] = []
    base = [p for p in grid.parts if p.name == grid.sweep.release]
    while True:
        known = {p.name for p in (*chosen, *base)} | {"original"}
        more = following(grid, [r for r in rows if r.release in known], chosen)
        if not more:
            return [*base, *chosen]
        chosen += more


def by_luck(points: list[Point], count: int, seed: int) -> str:
    """Return the share that as many points drawn at random cover: the mean and the worst tenth."""
    rng = np.random.default_rng(seed)
    whole = area(points)
    shares = [
        area([points[i] for i in rng.choice(len(points), count, replace=False)]) / whole
        for _ in range(500)
    ]
    return f"{np.mean(shares):.4f},{np.quantile(shares, 0.1):.4f}"


def tell(event: str, title: str, seconds: float) -> None:
    """Print what was finished."""
    if event in {"done", "failed", "because"}:
        print(f"{event} {title} ({seconds:.1f} s)", file=sys.stderr, flush=True)


def measured(context: Context, grid: Grid, workers: int) -> list[Row]:
    """Return the rows of the full grid; what was measured before is not measured again."""
    everything = with_points(context, grid.parts)
    return list(run_study(everything, LocalPool(workers=workers), tell).rows)


def main() -> None:
    """Measure the grid for each seed, and print what the sweep finds of it."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("folder", type=Path, nargs="?")
    ask.add_argument("--seeds", type=int, default=1)
    ask.add_argument("--workers", type=int, default=1)
    ask.add_argument("--attacks", nargs="+", default=ATTACKS)
    given = ask.parse_args()
    if given.folder is not None:
        print_table(given.folder, given)
        return
    with tempfile.TemporaryDirectory() as folder:
        print_table(Path(folder), given)


def print_table(folder: Path, given: argparse.Namespace) -> None:
    """Print one line for each way of dividing people."""
    if not (folder / "corpus").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        save_corpus(load_sample(), folder / "corpus")
    print(
        "seed,points,measured,share of points,share of hypervolume,"
        "the same many by luck: mean,worst tenth,frontier,found of it"
    )
    for seed in range(20261122, 20261122 + given.seeds):
        context = context_of(study_of(folder, seed, given.attacks))
        (grid,) = grids(context.study)
        rows = measured(context, grid, given.workers)
        found = swept(grid, rows)
        full, part = points_of(rows, list(grid.parts)), points_of(rows, found)
        best = [p for p in full if area(full) - area([q for q in full if q != p]) > 0]
        names = {p.release for p in part}
        print(
            f"{seed},{len(grid.parts)},{len(found)},{len(found) / len(grid.parts):.3f},"
            f"{area(part) / area(full):.4f},{by_luck(full, len(part), seed)},"
            f"{len(best)},{sum(p.release in names for p in best)}",
            flush=True,
        )


if __name__ == "__main__":
    main()
