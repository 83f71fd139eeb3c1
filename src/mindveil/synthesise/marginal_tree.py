"""A tree of two-way tables: each variable given one other, drawn exactly from the root down.

A tree needs no inference engine (peers use mbi for any graph): its joint distribution is the
root's margin times one conditional table an edge, so that a draw is one look-up a variable.
Cells that few people are in are merged before pairs of variables are measured, from the noisy
margins, so that eighty countries are a handful of groups; within a group cells keep the shares
of the margin.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.synthesise.score_parts import pick

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_RAKES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A variable whose cells are merged into groups.

    ``group`` has shape (cells,); ``shares`` are those of the cells in their group.
    """

    group: Integers
    shares: Floats

    @property
    def groups(self) -> int:
        """How many groups there are."""
        return int(self.group.max()) + 1

    def within(self) -> Floats:
        """Return the chance of each cell in each group, shape (groups, cells)."""
        return np.asarray((self.group == np.arange(self.groups)[:, None]) * self.shares)

    def margin(self, counts: Floats) -> Floats:
        """Return counts of cells as shares of groups."""
        summed = np.bincount(self.group, weights=counts, minlength=self.groups)
        return np.asarray(summed / summed.sum())


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """Variables in an order in which each comes after the one it is drawn from.

    The first ``given`` variables are drawn elsewhere; where there are none, the first is drawn
    from ``root``, shape (groups,). ``tables[k]`` is the chance of each group of ``edges[k][1]``
    given the group of ``edges[k][0]``.
    """

    nodes: tuple[Node, ...]
    given: int
    root: Floats
    edges: tuple[tuple[int, int], ...]
    tables: tuple[Floats, ...]

    def draw(self, given: Integers, rng: np.random.Generator) -> Integers:
        """Return cells of all variables, shape (people, variables), those given first."""
        people = len(given)
        cells = np.empty((people, len(self.nodes)), dtype=np.int64)
        groups = np.empty_like(cells)
        for index, column in enumerate(given.T):
            cells[:, index], groups[:, index] = column, self.nodes[index].group[column]
        if not self.given and self.nodes:
            groups[:, 0] = pick(np.broadcast_to(self.root, (people, len(self.root))), rng)
        for (parent, child), table in zip(self.edges, self.tables, strict=True):
            groups[:, child] = pick(table[groups[:, parent]], rng)
        for index in range(self.given, len(self.nodes)):
            cells[:, index] = pick(self.nodes[index].within()[groups[:, index]], rng)
        return cells


def grown(
    nodes: Sequence[Node],
    margins: Sequence[Floats],
    given: int,
    measured: Mapping[tuple[int, int], Floats],
) -> Tree:
    """Return the tree whose two-way tables are the measured ones, made to fit the margins."""
    waiting, reached = dict(measured), set(range(max(given, 1)))
    edges: list[tuple[int, int]] = []
    tables: list[Floats] = []
    while waiting:
        one, other = next(e for e in waiting if (e[0] in reached) != (e[1] in reached))
        table = waiting.pop((one, other))
        if one not in reached:
            one, other, table = other, one, table.T
        fitted = raked(table, margins[one], margins[other])
        edges.append((one, other))
        tables.append(conditional(fitted, margins[other]))
        reached.add(other)
    return Tree(
        nodes=tuple(nodes),
        given=given,
        root=margins[0] if margins else np.ones(1),
        edges=tuple(edges),
        tables=tuple(tables),
    )


def on_simplex(counts: Floats, total: float) -> Floats:
    """Return the nearest counts that are not negative and have this total, by least squares.

    >>> on_simplex(np.array([5.0, 3.0, -2.0]), 6.0).tolist()
    [4.0, 2.0, 0.0]
    """
    falling = np.sort(counts)[::-1]
    excess = (np.cumsum(falling) - total) / np.arange(1, len(counts) + 1)
    last = int(np.flatnonzero(falling > excess)[-1])
    return np.asarray(np.maximum(counts - excess[last], 0.0))


def raked(table: Floats, rows: Floats, columns: Floats) -> Floats:
    """Return a joint table near the measured one with these margins (iterated proportions)."""
    total = float(table.sum())
    start = on_simplex(table.ravel(), max(total, 1.0)).reshape(table.shape)
    # A trace of independence, so that no row is empty that has people.
    fitted = start / start.sum() + 1e-4 * np.outer(rows, columns)
    for _ in range(_RAKES):
        for axis, due in ((1, rows), (0, columns)):
            have = fitted.sum(axis=axis)
            factor = np.divide(due, have, out=np.zeros_like(due), where=have > 0)
            fitted = fitted * (factor[:, None] if axis == 1 else factor)
    return np.asarray(fitted)


def conditional(joint: Floats, fallback: Floats) -> Floats:
    """Return each row as shares; a row without anybody has the shares of the fallback."""
    total = joint.sum(axis=1, keepdims=True)
    return np.where(total > 0, joint / np.where(total > 0, total, 1.0), fallback)


def merged(counts: Floats, ordered: bool, least: float, most: int) -> Node:  # noqa: FBT001
    """Return the variable with its cells merged until groups hold at least so many people.

    ``counts`` has the cells of the variable and a last one for who is missing (0 where nobody
    can be). Neighbours are merged where cells have an order; otherwise the rare ones.
    """
    cells = len(counts) - 1
    due = max(least, counts.sum() / most)
    group = np.zeros(cells + 1, dtype=np.int64)
    if ordered:
        group[:cells] = _runs(counts[:cells], due)
    else:
        common = np.argsort(-counts[:cells], kind="stable")[: most - 1]
        common = common[counts[common] >= least]
        group[common] = np.arange(1, len(common) + 1)
        if len(common) == cells:
            group -= 1
    # Missing is a group of its own: it has no neighbours, and is no rare category.
    group[cells] = group[:cells].max() + 1
    summed = np.bincount(group, weights=counts)
    even = 1.0 / np.bincount(group)
    shares = np.where(
        summed[group] > 0, counts / np.where(summed > 0, summed, 1.0)[group], even[group]
    )
    return Node(group=group, shares=shares)


def _runs(counts: Floats, due: float) -> Integers:
    """Number runs of neighbours of at least ``due`` people; a short last run joins the one before."""
    group = np.empty(len(counts), dtype=np.int64)
    start, number = 0, 0
    for stop in range(1, len(counts) + 1):
        if counts[start:stop].sum() >= due and counts[stop:].sum() >= due:
            group[start:stop] = number
            start, number = stop, number + 1
    group[start:] = number
    return group
