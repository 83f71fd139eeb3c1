"""What a generator network is taught about a table besides what its critic says: moments.

Margins (how many reached each step, gave each nominal answer, none), the whole matrix of second
moments between variables and screens, the mean of everything within each cell, and the
distribution of every scale's score. All are averages over people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mindveil.synthesise.codebook import Codebook, Codes
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

MOST_CUTS = 24
"""At so many scores the distribution of a scale is compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """A table as its teachers see it: ``rows`` for the critic, averages for the rest.

    A *feature* is an ordered variable's score, a nominal cell, a missing bit or a screen, in this
    order; ``centre`` and ``spread`` standardise them. ``second`` holds their second moments and
    ``told`` which pairs of them say something (features of the same variable do not).
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
    layout = layout_of(codebook)
    scores, filled = scores_of(codes, layout)
    sums = scale_sums(codes, codebook, layout)
    totals = [scores @ s.signs + s.shift for s in sums]
    cells = cells_of_people(scores, sums)
    count = 2 ** min(len(sums), 3)
    rows = layout.rows(codes)
    screens = np.array([t >= s.cut for t, s in zip(totals, sums, strict=True)], dtype=np.float64)
    features = np.hstack([scores, rows[:, len(layout.steps_of) :], screens.reshape(len(sums), -1).T])
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
        reached=tuple((t[:, None] >= a).mean(axis=0) for t, a in zip(totals, at, strict=True)),
    )


def _told_apart(layout: Layout, sums: Sequence[ScaleSum]) -> Floats:
    """Return 1 for a pair of features that share no variable."""
    variables = np.r_[layout.ordered, layout.nominal[layout.cells_of], layout.missing]
    apart = variables[:, None] != variables[None, :]
    inside = np.array([np.isin(variables, layout.ordered[s.members]) for s in sums])
    inside = inside.reshape(len(sums), len(variables))
    between = ~((inside.astype(np.int64) @ inside.T) > 0)
    return np.block([[apart, ~inside.T], [~inside, between]]).astype(np.float64)


def _score_cuts(totals: Floats, cut: float) -> Floats:
    """Return scores between which people are spread evenly, the cut-off among them."""
    shares = np.linspace(0.02, 0.98, MOST_CUTS)
    found = np.unique(np.r_[np.ceil(np.quantile(totals, shares)), cut])
    return found[(found > totals.min()) | (found == cut)]
