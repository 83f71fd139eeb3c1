"""What a generator network is taught about a table besides what its critic says: moments.

Margins (how many reached each step, gave each nominal answer, none), the whole matrix of second
moments between variables and scale scores, the mean of everything within each cell, and the
distribution of every scale's score. All are averages over people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mindveil.synthesise.codebook import Codebook, Codes
from mindveil.synthesise.gan_gaps import found_gaps
from mindveil.synthesise.gan_layout import (
    Floats,
    Layout,
    Rows,
    ScaleSum,
    Whole,
    cells_of_people,
    layout_of,
    scale_sums,
    scores_of,
)

LEAST_SPREAD = 0.14
"""Standard deviation of an answer that 2 % give: rarer ones weigh less, not more."""

SCALE_WEIGHT, SCORE_WEIGHT = 4.0, 1.0
"""What a scale's score counts with an item elsewhere (an item with an item: 1), with a score."""

MOST_CUTS = 24
"""At so many scores the distribution of a scale is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A table as its teachers see it: ``rows`` for the critic, averages for the rest.

    A *feature* is an ordered variable's answer, a nominal cell, a missing bit or a scale's score,
    in this order; ``centre`` and ``spread`` standardise them. ``second`` holds their second
    moments and ``told`` what each pair of them counts (0 where they share a variable).
    ``by_cell`` (cells, features) are means within cells, ``shares`` how many people a cell has.
    ``scores`` lists for every scale the scores at which ``reached`` was counted.
    """

    layout: Layout
    sums: tuple[ScaleSum, ...]
    rows: Rows
    cells: Whole
    shares: Floats
    margins: Floats
    filled: Floats
    centre: Floats
    spread: Floats
    second: Floats
    told: Floats
    by_cell: Floats
    scores: tuple[Floats, ...]
    reached: tuple[Floats, ...]


def lesson_of(codes: Codes, codebook: Codebook) -> Lesson:
    """Return what there is to teach about a table."""
    layout = layout_of(codebook, found_gaps(codes, codebook))
    scores, filled = scores_of(codes, layout)
    sums = scale_sums(codes, codebook, layout)
    totals = [scores @ s.signs + s.shift for s in sums]
    cells = cells_of_people(scores, sums)
    count = 2 ** min(len(sums), 3)
    rows = layout.rows(codes)
    last = np.array(totals).reshape(len(sums), len(codes)).T
    features = np.hstack([scores, rows[:, len(layout.steps_of) :], last])
    centre, deviation = features.mean(axis=0), features.std(axis=0)
    spread = np.maximum(deviation, LEAST_SPREAD)
    features = (features - centre) / spread
    asked = np.eye(count)[cells]
    people = asked.sum(axis=0)
    at = tuple(_score_cuts(t, s.cut) for t, s in zip(totals, sums, strict=True))
    return Lesson(
        layout=layout,
        sums=sums,
        rows=rows,
        cells=cells,
        shares=people / people.sum(),
        margins=rows.mean(axis=0, dtype=np.float64),
        filled=filled,
        centre=centre,
        spread=spread,
        second=features.T @ features / len(features),
        told=_told_apart(layout, sums),
        by_cell=asked.T @ features / np.maximum(people, 1.0)[:, None],
        scores=at,
        # A score with gaps filled is no whole number: it counts as the nearest one.
        reached=tuple(
            (t[:, None] + 0.5 >= a).mean(axis=0) for t, a in zip(totals, at, strict=True)
        ),
    )


def _told_apart(layout: Layout, sums: Sequence[ScaleSum]) -> Floats:
    """Return what each pair of features counts: nothing where they share a variable.

    The square of a scale's score counts as well: it is alpha.
    """
    size, gaps = layout.outputs, len(layout.gaps.groups)
    variables = np.r_[layout.ordered, layout.nominal[layout.cells_of]]
    of = np.zeros((size, int(variables.max(initial=-1)) + 1))
    of[np.arange(len(variables)), variables] = 1.0
    of[size - gaps :] = layout.absence_of(np.arange(of.shape[1]))
    apart = (of @ of.T == 0) / size
    scales = [np.isin(np.arange(of.shape[1]), layout.ordered[s.members]) for s in sums]
    inside = (of @ np.array(scales).reshape(len(sums), of.shape[1]).T > 0).T
    outside = SCALE_WEIGHT * ~inside / size
    between = (inside.astype(np.int64) @ inside.T) == 0
    scores = SCORE_WEIGHT * (between | np.eye(len(sums), dtype=bool))
    return np.asarray(np.block([[apart, outside.T], [outside, scores]]), dtype=np.float64)


def _score_cuts(totals: Floats, cut: float) -> Floats:
    """Return scores between which people are spread evenly, the cut-off among them."""
    shares = np.linspace(0.02, 0.98, MOST_CUTS)
    found = np.unique(np.r_[np.ceil(np.quantile(totals, shares)), cut])
    return np.asarray(found[(found > totals.min()) | (found == cut)], dtype=np.float64)
