"""One person, several windows: rows in an order in which whole people are sums of blocks.

People with the same number of rows stand together, so that a step treats all of them in one
matrix product. For each person the inner products of his rows (plus 1 for the constant) are
formed once: they turn the length of a person's gradient into a short sum over pairs of rows,
for every model and every step (Goodfellow, "Efficient per-example gradient computations", 2015;
Lee & Kifer 2021 for sums over rows).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError

Singles = NDArray[np.float32]
Indices = NDArray[np.intp]

LARGEST = 1e9
"""Squares of longer rows, summed up, might leave single precision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """People of a batch with ``windows`` rows each: ``grams`` is (people, windows, windows)."""

    people: slice
    rows: slice
    windows: int
    grams: Singles


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Who is in a step: rows with a constant 1 at their end, in the order of the groups.

    ``people`` are indices of people as the caller counts them, ``owner`` (rows,) which of them a
    row belongs to, ``share`` (rows,) is 1 / windows: a person's loss is the mean over windows.
    """

    rows: Singles
    people: Indices
    owner: Indices
    share: Singles
    groups: tuple[Group, ...]

    @property
    def single(self) -> bool:
        """Whether everybody has one row."""
        return len(self.people) == len(self.rows)

    def by_row(self, values: Singles) -> Singles:
        """Return what is said of people (people, ...) for each of their rows."""
        return values if self.single else values[self.owner]


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """All rows, sorted: people by their number of rows, then as they came.

    ``order`` (people,) names the people in that order, ``rank`` their places in it, ``starts``
    their first rows, ``counts`` how many they have; ``grams`` has an array a number of windows.
    """

    rows: Singles
    order: Indices
    rank: Indices
    starts: Indices
    counts: Indices
    grams: dict[int, Singles]
    everyone: Batch

    @classmethod
    def of(cls, rows: NDArray[np.floating], person: Indices | None, people: int) -> Windows:
        """Return rows (rows, columns) of people; ``person`` (rows,) says whose each one is.

        Raises InputError for rows that are not finite, and for people without a row.
        """
        values = _finite(rows)
        owner = np.arange(people) if person is None else np.asarray(person, np.intp)
        counts = _counts(owner, values.shape[0], people)
        order = np.argsort(counts, kind="stable")
        rank = np.empty(people, np.intp)
        rank[order] = np.arange(people)
        sorted_rows = values if person is None else values[np.argsort(rank[owner], kind="stable")]
        counts = counts[order]
        starts = np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.intp)
        grams = {
            int(w): _grams(sorted_rows[np.repeat(counts == w, counts)], int(w))
            for w in np.unique(counts)
        }
        everyone = _batch(sorted_rows, order, counts, grams)
        return cls(
            rows=sorted_rows,
            order=order,
            rank=rank,
            starts=starts,
            counts=counts,
            grams=grams,
            everyone=everyone,
        )

    def size(self, chosen: Indices | None) -> int:
        """Return how many rows some people have; nothing for everybody."""
        if chosen is None:
            return len(self.rows)
        if self.everyone.single:
            return chosen.size
        return int(self.counts[self.rank[chosen]].sum())

    def batch(self, chosen: Indices | None, room: Singles) -> Batch:
        """Return the rows of some people, nothing for everybody; they are put into the room."""
        if chosen is None:
            return self.everyone
        if self.everyone.single:
            return self._single(chosen, room)
        ranks = np.sort(self.rank[chosen])
        counts = self.counts[ranks]
        found = np.repeat(self.starts[ranks] - (np.cumsum(counts) - counts), counts)
        found += np.arange(found.size)
        first = {w: np.searchsorted(self.counts, w) for w in self.grams}
        grams = {w: g[ranks[counts == w] - first[w]] for w, g in self.grams.items()}
        rows = room[: found.size]
        # With "clip" nothing is copied twice; all rows are there.
        np.take(self.rows, found, axis=0, out=rows, mode="clip")
        return _batch(rows, self.order[ranks], counts, grams)

    def _single(self, chosen: Indices, room: Singles) -> Batch:
        """Return the rows of some people who have one each: they stand in the order they came."""
        size = chosen.size
        groups: tuple[Group, ...] = ()
        if size and self.grams:
            everybody = slice(0, size)
            grams = self.grams[1][chosen]
            groups = (Group(people=everybody, rows=everybody, windows=1, grams=grams),)
        return Batch(
            rows=np.take(self.rows, chosen, axis=0, out=room[:size], mode="clip"),
            people=chosen,
            owner=self.everyone.owner[:size],
            share=self.everyone.share[:size],
            groups=groups,
        )


def _batch(rows: Singles, people: Indices, counts: Indices, grams: dict[int, Singles]) -> Batch:
    groups = []
    person = row = 0
    for w, some in grams.items():
        if some.shape[0]:
            end, last = person + some.shape[0], row + some.shape[0] * w
            groups.append(
                Group(people=slice(person, end), rows=slice(row, last), windows=w, grams=some)
            )
            person, row = end, last
    return Batch(
        rows=rows,
        people=people,
        owner=np.repeat(np.arange(people.size), counts),
        share=np.repeat(1.0 / np.maximum(counts, 1), counts).astype(np.float32),
        groups=tuple(groups),
    )


def _finite(rows: NDArray[np.floating]) -> Singles:
    values = np.empty((rows.shape[0], rows.shape[1] + 1), np.float32)
    with np.errstate(over="ignore"):
        values[:, :-1] = rows
    values[:, -1] = 1.0
    if not np.all(np.abs(values) <= LARGEST):
        raise InputError(
            f"a row to learn from is not a finite number, or one beyond {LARGEST:g}; fill gaps "
            "and scale rows before training"
        )
    return values


def _counts(owner: Indices, rows: int, people: int) -> Indices:
    if owner.shape != (rows,):
        raise InputError(f"{rows} rows of {people} people need to say whose each one is")
    if owner.size and not (owner.min() >= 0 and owner.max() < people):
        raise InputError(f"a row belongs to a person who is not among the {people}")
    counts = np.bincount(owner, minlength=people)
    if counts.size and counts.min() == 0:
        raise InputError(
            f"{int((counts == 0).sum())} of {people} people have no row; leave them out"
        )
    return counts


def _grams(rows: Singles, windows: int) -> Singles:
    blocks = rows.reshape(-1, windows, rows.shape[1])
    grams: Singles = np.matmul(blocks, blocks.transpose(0, 2, 1))
    return grams
