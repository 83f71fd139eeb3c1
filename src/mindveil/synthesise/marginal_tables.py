"""What private margins count: variables, scores of public scales, and pairs of them, with noise.

Neighbours are two tables of which one has a person more. Everybody, answered or not, is in
exactly one cell of each table that is counted, so one person changes one count of each by 1: k
tables counted together have L2 sensitivity sqrt(k) and L1 sensitivity k. How many tables, their
cells and their order are public or were made of noisy counts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.accounting import Share
from mindveil.dp.noise import Noise
from mindveil.synthesise.codebook import MISSING, Codebook, Codes
from mindveil.synthesise.marginal_tree import Node

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A variable or a score of everybody: ``codes`` are its cells, the last one if missing."""

    codes: Integers
    cells: int
    ordered: bool
    may_miss: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Which variables stand alone, and which are the items of each public scale."""

    alone: tuple[int, ...]
    blocks: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """What a tree is grown over: scores first, then variables that stand alone.

    ``columns`` are everybody's; the rest is made of noisy counts: cells merged into groups, the
    shares of groups, and how many people there are. The first ``given`` columns are scores.
    """

    columns: tuple[Column, ...]
    nodes: tuple[Node, ...]
    margins: tuple[Floats, ...]
    given: int
    people: float

    def coded(self) -> list[Integers]:
        """Return the groups of everybody in each column."""
        return [node.group[c.codes] for c, node in zip(self.columns, self.nodes, strict=True)]


def layout_of(codebook: Codebook, *, scores: bool) -> Layout:
    """Return the layout; without scores every item stands alone."""
    blocks = tuple(codebook.blocks.values()) if scores else ()
    inside = {index for members in blocks for index in members}
    alone = tuple(i for i in range(len(codebook.variables)) if i not in inside)
    return Layout(alone=alone, blocks=blocks)


def score_cells(codebook: Codebook, layout: Layout) -> list[int]:
    """Return how many sums each scale can have."""
    return [sum(codebook.variables[i].cells - 1 for i in members) + 1 for members in layout.blocks]


def variable(codes: Codes, codebook: Codebook, index: int) -> Column:
    """Return a variable by itself."""
    v = codebook.variables[index]
    column = codes[:, index].astype(np.int64)
    return Column(
        codes=np.where(column < 0, v.cells, column),
        cells=v.cells,
        ordered=v.ordered,
        may_miss=v.may_miss,
    )


def score(codes: Codes, codebook: Codebook, members: Sequence[int]) -> Column:
    """Return the sum of a scale; an item without answer adds 0, no answer at all is missing."""
    answers = codes[:, list(members)].astype(np.int64)
    variables = [codebook.variables[i] for i in members]
    total = np.maximum(answers, 0).sum(axis=1)
    cells = sum(v.cells - 1 for v in variables) + 1
    may_miss = all(v.may_miss for v in variables)
    nobody = (answers == MISSING).all(axis=1) & may_miss
    return Column(
        codes=np.where(nobody, cells, total), cells=cells, ordered=True, may_miss=may_miss
    )


def histogram(column: Column) -> Integers:
    """Return how many people are in each cell, those missing last; each is counted once."""
    return np.bincount(column.codes, minlength=column.cells + 1)


def pair(one: Integers, groups: int, other: Integers, cells: int) -> Integers:
    """Return how many people are in each group of one and cell of the other, each counted once."""
    return np.bincount(one * cells + other, minlength=groups * cells).reshape(groups, cells)


def noisy(tables: Sequence[Integers], share: Share, noise: Noise) -> list[Floats]:
    """Return tables with discrete Gaussian noise; one person is in one cell of each."""
    sigma = share.sigma(math.sqrt(len(tables)))
    drawn = noise.gaussian(sigma, (sum(t.size for t in tables),))
    ends = np.cumsum([t.size for t in tables])[:-1]
    return [
        (table + part.reshape(table.shape)).astype(np.float64)
        for table, part in zip(tables, np.split(drawn, ends), strict=True)
    ]


def dependence(trunk: Trunk) -> Integers:
    """Return how far each pair is from independence: the L1 distance of counts from expected ones.

    Expected counts are made of noisy margins and rounded to whole numbers, and what mere chance
    would give is taken off: both are fixed before anybody is looked at again, so that one person
    moves the score of a pair by at most 1. Shape (columns, columns).
    """
    coded, nodes, margins = trunk.coded(), trunk.nodes, trunk.margins
    size = len(nodes)
    found = np.zeros((size, size), dtype=np.int64)
    for i in range(size):
        for j in range(max(i + 1, trunk.given), size):
            joint = pair(coded[i], nodes[i].groups, coded[j], nodes[j].groups)
            due = trunk.people * np.outer(margins[i], margins[j])
            apart = np.abs(joint - np.rint(due).astype(np.int64)).sum()
            by_chance = math.floor(np.sqrt(2.0 / math.pi * due).sum())
            found[i, j] = found[j, i] = apart - by_chance
    return found
