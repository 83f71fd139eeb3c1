"""Private margins: count small tables with noise, then draw people who fit them all.

Select, measure, generate, in three steps that each pay their part of the budget.

1. Everybody is counted once in the histogram of each stand-alone variable and of each score (the
   sum of the items of a public scale, and the sum of all scales).
2. Stand-alone variables and the sum of all scales are joined by a tree of pairs, chosen by the
   exponential mechanism for how far each pair is from independence (McKenna, Miklau & Sheldon
   2021, "Winning the NIST contest"; Zhang et al. 2017, PrivBayes, choose parents alike).
3. The chosen pairs are counted, each scale within groups of the sum of all, and each item within
   groups of the score of its scale: these pairs are public, so no choice has to be paid for.

People are drawn from the root of the tree to its leaves, then scores given the sum of all, then
answers given the score (see ``score_parts``). Without ``scores`` items are stand-alone variables,
which is the published method; a tree over items loses most of alpha, because two items far apart
on it hardly agree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.model import Corpus, Modality
from mindveil.dp.accounting import Budget, statement
from mindveil.dp.noise import Noise, seeded
from mindveil.errors import InputError
from mindveil.release import Guarantee
from mindveil.store.cache import Json
from mindveil.synthesise.base import Generator, Tensors
from mindveil.synthesise.codebook import MISSING, Codebook, Codes
from mindveil.synthesise.marginal_tree import Node, Tree, conditional, grown, merged, on_simplex, raked
from mindveil.synthesise.score_parts import Parts, calibrated
from mindveil.synthesise.tree_selection import scale_of, spanning_tree

FEWEST = 50
"""With fewer people every table drowns in noise, whatever epsilon a release can bear."""

_PARTS = {"histograms": 0.30, "selection": 0.07, "pairs": 0.13, "scales": 0.15, "items": 0.35}
"""What part of the budget each step may spend; together 1."""

_MOST_GROUPS = 12
_SCORE_GROUPS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class _Column:
    """A variable of the trunk, or a score: codes, number of cells, and what is public of it."""

    codes: NDArray[np.int64]
    cells: int
    ordered: bool
    may_miss: bool

    def filled(self) -> NDArray[np.int64]:
        """Return the codes with those missing as a last cell."""
        return np.where(self.codes < 0, self.cells, self.codes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """A score with its cells merged into groups, and the parts that add up to it."""

    node: Node
    parts: Parts


@dataclass(frozen=True, slots=True, kw_only=True)
class MarginalsModel:
    """Noisy tables that fit together, and how to draw from them: a ``TableModel``.

    ``wholes`` holds the sum of all scales (where there are two or more) and then each scale.
    """

    kind: ClassVar[str] = "dp-marginals"

    codebook: Codebook
    people: int
    guarantee: Guarantee | None
    tree: Tree
    wholes: tuple[Whole, ...]

    def draw(self, people: int, rng: np.random.Generator) -> Codes:
        """Return a table of new people, shape (people, variables)."""
        drawn = np.empty((people, len(self.codebook.variables)), dtype=np.int64)
        _, cells = self.tree.draw(people, rng)
        layout = _layout(self.codebook, scores=bool(self.wholes))
        drawn[:, list(layout.alone)] = cells[:, layout.trunk_scores :]
        scores, wholes = cells[:, :1], self.wholes
        if len(layout.blocks) > 1:
            scores, wholes = _parts_of(wholes[0], cells[:, 0], rng), wholes[1:]
        for members, score, whole in zip(layout.blocks, scores.T, wholes, strict=True):
            drawn[:, list(members)] = _parts_of(whole, score, rng)
        limits = np.array([v.cells for v in self.codebook.variables])
        return np.where(drawn >= limits, MISSING, drawn).astype(np.int16)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layout:
    """Which variables stand alone, and which are the items of each scale."""

    alone: tuple[int, ...]
    blocks: tuple[tuple[int, ...], ...]

    @property
    def trunk_scores(self) -> int:
        """How many scores the tree holds: the sum of all, if there are scales."""
        return int(bool(self.blocks))


def _layout(codebook: Codebook, *, scores: bool) -> _Layout:
    blocks = tuple(codebook.blocks.values()) if scores else ()
    inside = {i for members in blocks for i in members}
    alone = tuple(i for i in range(len(codebook.variables)) if i not in inside)
    return _Layout(alone=alone, blocks=blocks)


def _alone(codes: Codes, codebook: Codebook, index: int) -> _Column:
    v = codebook.variables[index]
    column = codes[:, index].astype(np.int64)
    return _Column(codes=column, cells=v.cells, ordered=v.ordered, may_miss=v.may_miss)


def _score(codes: Codes, codebook: Codebook, members: Sequence[int]) -> _Column:
    """Return the sum of a scale; an item without an answer adds 0, no answer at all is missing."""
    answers = codes[:, list(members)].astype(np.int64)
    variables = [codebook.variables[i] for i in members]
    total = np.maximum(answers, 0).sum(axis=1)
    may_miss = all(v.may_miss for v in variables)
    return _Column(
        codes=np.where((answers < 0).all(axis=1), MISSING, total) if may_miss else total,
        cells=sum(v.cells - 1 for v in variables) + 1,
        ordered=True,
        may_miss=may_miss,
    )


def _sum_of(scores: Sequence[_Column]) -> _Column:
    """Return the sum of all scales; one that is missing adds 0."""
    return _Column(
        codes=np.sum([np.maximum(s.codes, 0) for s in scores], axis=0),
        cells=sum(s.cells - 1 for s in scores) + 1,
        ordered=True,
        may_miss=False,
    )


def fit_marginals(
    codes: Codes, codebook: Codebook, budget: Budget, noise: Noise, *, scores: bool = True
) -> MarginalsModel:
    """Return the noisy tables of a coded table.

    Raises:
        InputError: fewer than 50 people, codes that do not fit, or levels that are not public.
    """
    table = codebook.checked(codes)
    layout = _layout(codebook, scores=scores)
    scales = [_score(table, codebook, members) for members in layout.blocks]
    total = [_sum_of(scales)] if len(scales) > 1 else scales
    trunk = [*total, *(_alone(table, codebook, i) for i in layout.alone)]
    above = scales if len(scales) > 1 else []
    histograms = _histograms([*trunk, *above], budget.share(_PARTS["histograms"]), noise)
    people = histograms[0].sum()
    ...
