"""Where everything stands in the rows that a generator network writes and a critic reads.

An ordered variable is a thermometer: one step for each cell above the lowest, 1 where the answer
reached it. A nominal variable is one column a cell. A group of variables that are missing together
has one more column that says so, and their steps and cells are 0 there. People are told apart by
the *cells* of the first scales, above or below their cut-off: the generator is asked for a person
of a cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.instruments import get, is_known
from mindveil.errors import InputError
from mindveil.synthesise.codebook import Codebook, Codes
from mindveil.synthesise.gan_gaps import Gaps

Floats = NDArray[np.float64]
Rows = NDArray[np.float32]
Whole = NDArray[np.int64]

MOST_SCREENS = 3
"""So many scales tell people apart: 8 cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """The columns of a table, spread out.

    ``ordered`` and ``nominal`` are positions of variables in the codebook; ``steps_of`` and
    ``cells_of`` say to which of those (by its place in them) a step or a nominal cell belongs.
    Variables that repeat a gap are in neither.
    """

    ordered: Whole
    nominal: Whole
    steps_of: Whole
    cells_of: Whole
    gaps: Gaps

    @property
    def outputs(self) -> int:
        """What the network returns for a person: latents, logits of nominal cells and of gaps."""
        return len(self.ordered) + len(self.cells_of) + len(self.gaps.groups)

    @property
    def width(self) -> int:
        """Columns of a row: steps, nominal cells, gaps."""
        return len(self.steps_of) + len(self.cells_of) + len(self.gaps.groups)

    @property
    def step_owner(self) -> Floats:
        """Shape (ordered, steps): 1 where a step is of a variable."""
        return _owner(self.steps_of, len(self.ordered))

    @property
    def cell_owner(self) -> Floats:
        """Shape (nominal, nominal cells): 1 where a cell is of a variable."""
        return _owner(self.cells_of, len(self.nominal))

    @property
    def step_height(self) -> Whole:
        """Of every step, which it is of its variable: 1 and up."""
        return _places(self.steps_of) + 1

    @property
    def cell_place(self) -> Whole:
        """Of every nominal cell, its code."""
        return _places(self.cells_of)

    def absence_of(self, variables: Whole) -> Floats:
        """Return shape (gaps, variables): 1 where a variable is in a gap."""
        inside = [np.isin(variables, np.array(group)) for group in self.gaps.groups]
        return np.array(inside, dtype=np.float64).reshape(len(inside), len(variables))

    @property
    def wholes(self) -> Floats:
        """Shape (gaps, gaps): 1 where a gap (column) is part of another (row) and besides it."""
        sets = [set(group) for group in self.gaps.groups]
        return np.array([[b < a for b in sets] for a in sets], dtype=np.float64).reshape(
            len(sets), len(sets)
        )

    def rows(self, codes: Codes) -> Rows:
        """Spread a coded table out, shape (people, width)."""
        steps = codes[:, self.ordered[self.steps_of]] >= self.step_height
        cells = codes[:, self.nominal[self.cells_of]] == self.cell_place
        gone = [(codes[:, list(group)] < 0).all(axis=1) for group in self.gaps.groups]
        bits = np.array(gone, dtype=np.float64).reshape(len(gone), len(codes)).T
        bits *= 1.0 - bits @ self.wholes
        return np.hstack([steps, cells, bits]).astype(np.float32)


def layout_of(codebook: Codebook, gaps: Gaps) -> Layout:
    """Return where the variables of a codebook stand, if these are missing together."""
    variables = codebook.variables
    places = np.arange(len(variables), dtype=np.int64)
    is_ordered = np.array([v.ordered for v in variables], dtype=bool)
    sizes = np.array([v.cells for v in variables], dtype=np.int64)
    written = np.isin(places, [repeat.variable for repeat in gaps.repeats])
    ordered, nominal = places[is_ordered & ~written], places[~is_ordered & ~written]
    return Layout(
        ordered=ordered,
        nominal=nominal,
        steps_of=np.repeat(np.arange(len(ordered)), sizes[ordered] - 1),
        cells_of=np.repeat(np.arange(len(nominal)), sizes[nominal]),
        gaps=gaps,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleSum:
    """The sum over a scale: ``signs`` (per ordered variable) turn reversed items round.

    The score of a person is ``codes @ signs + shift``; ``cut`` or more is a positive screen.
    """

    block: str
    signs: Floats
    shift: float
    cut: float

    @property
    def members(self) -> NDArray[np.bool_]:
        """Which ordered variables are summed."""
        return np.asarray(self.signs != 0.0)


def scores_of(codes: Codes, layout: Layout) -> tuple[Floats, Floats]:
    """Return ordered codes with gaps filled by the column's mean, and those means."""
    held = codes[:, layout.ordered].astype(np.float64)
    absent = held < 0
    counts = np.maximum((~absent).sum(axis=0), 1)
    means = np.where(absent, 0.0, held).sum(axis=0) / counts
    return np.where(absent, means, held), means


def scale_sums(codes: Codes, codebook: Codebook, layout: Layout) -> tuple[ScaleSum, ...]:
    """Return the sum of every public scale, with its published cut-off or else its median.

    Items that run against their scale are found by their loading on its first component, so
    that a table needs not say which those are.
    """
    scores, _ = scores_of(codes, layout)
    sums = []
    for block, members in codebook.blocks.items():
        inside = np.flatnonzero(np.isin(layout.ordered, np.array(members)))
        if len(inside) < 2:
            continue
        signs = np.zeros(len(layout.ordered))
        signs[inside] = _directions(scores[:, inside])
        tops = np.array([codebook.variables[layout.ordered[i]].cells - 1 for i in inside])
        shift = float(tops[signs[inside] < 0].sum())
        cut = _published_cut(block, len(members))
        middle = float(np.floor(np.median(scores @ signs + shift))) + 1.0
        sums.append(
            ScaleSum(block=block, signs=signs, shift=shift, cut=middle if cut is None else cut)
        )
    return tuple(sums)


def cells_of_people(scores: Floats, sums: Sequence[ScaleSum]) -> Whole:
    """Return everybody's cell: which of the first scales he screens positive on, in binary."""
    cells = np.zeros(len(scores), dtype=np.int64)
    for scale in sums[:MOST_SCREENS]:
        cells = 2 * cells + (scores @ scale.signs + scale.shift >= scale.cut)
    return cells


def _directions(items: Floats) -> Floats:
    spread = items.std(axis=0)
    centred = (items - items.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    first = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    signs = np.where(first < 0, -1.0, 1.0)
    # Most items say what their scale is called after.
    return signs if signs.sum() >= 0 else -signs


def _published_cut(block: str, items: int) -> float | None:
    tool, _, subscale = block.partition("@")[0].partition(".")
    if not is_known(tool):
        return None
    try:
        scale = get(tool).scale(subscale or None)
    except InputError:
        return None
    if scale.cutoff is None or scale.rule != "sum" or len(scale.items) != items:
        return None
    return scale.cutoff / scale.multiplier


def _owner(owners: Whole, count: int) -> Floats:
    return np.asarray(owners[None, :] == np.arange(count)[:, None], dtype=np.float64)


def _places(owners: Whole) -> Whole:
    """Count 0, 1, 2, ... within runs of the same owner."""
    if len(owners) == 0:
        return np.zeros(0, dtype=np.int64)
    starts = np.flatnonzero(np.r_[True, owners[1:] != owners[:-1]])
    return np.arange(len(owners)) - np.repeat(starts, np.diff(np.r_[starts, len(owners)]))
