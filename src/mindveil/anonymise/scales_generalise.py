"""The engine behind k-anonymity: who is put into one group, and what is then said of them.

People are grouped greedily (k-member clustering: Byun, Kamra, Bertino & Li 2007): the most
unusual person left is joined, one by one, by the people who make the group's common description
grow least. The size of a description is counted in nats: saying "one of these countries" about a
group costs ``log(share of people those countries hold)`` in each column, so that rare values
are pooled with each other or hidden behind frequent ones, and no column counts for more because
it has many levels. Against a median cut (Mondrian, LeFevre et al. 2006) on 2,455 real people
with 12 columns and k = 5 this keeps 57 % of cells exact instead of 44 %.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.generalised import MISSING, SUPPRESSED, Value, band, pool, value_text
from mindveil.corpus.model import Kind

_WIDENING = 0.3
"""What widening a column costs beside its nats: exact cells are easier to analyse."""

_BLOCK = 4_000
"""People compared with each other at once; larger tables are cut where they differ most."""

_HOPELESS = 0.75
"""A group that loses more of its information than this may be suppressed."""

Labels = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A column as the engine sees it.

    ``codes`` has shape (people,) and points into ``values``, which are in order where the column
    has one (``ordered``; a missing value, if any, is then the last). ``shares`` has shape
    (values,) and sums to 1.
    """

    kind: Kind
    ordered: bool
    values: tuple[Value, ...]
    codes: NDArray[np.intp]
    shares: NDArray[np.float64]

    @property
    def ranked(self) -> int:
        """How many values lie on the scale."""
        if not self.ordered:
            return 0
        return len(self.values) - (value_text(self.values[-1]) == MISSING)


def spread(values: Sequence[Value], kind: Kind, levels: Sequence[str] = ()) -> Spread:
    """Return a column with its distinct values, in order where it has one."""
    clean = [None if value_text(v) == MISSING else v for v in values]
    present = {v for v in clean if v is not None}
    ordered = bool(present)
    if kind == "number" and not any(isinstance(v, str) for v in present):
        listed: list[Value] = [*sorted(float(v) for v in present if v is not None)]
    elif kind == "ordinal" and present <= set(levels):
        listed = [level for level in levels if level in present]
    else:
        ordered = False
        listed = sorted(present, key=value_text)
    if None in clean:
        listed.append(None)
    place = {value: i for i, value in enumerate(listed)}
    codes = np.array([place[v] for v in clean], dtype=np.intp)
    shares = np.bincount(codes, minlength=len(listed)) / max(1, len(codes))
    return Spread(kind=kind, ordered=ordered, values=tuple(listed), codes=codes, shares=shares)


@dataclass(slots=True)
class _Group:
    """What has to be said of a group so far: the values inside its description, by column."""

    members: list[int] = field(default_factory=list)
    inside: list[NDArray[np.bool_]] = field(default_factory=list)


def group_people(columns: Sequence[Spread], k: int, rng: np.random.Generator) -> Labels:
    """Return a group for everybody, shape (people,), so that every group has k people or more.

    Ties are broken by ``rng``, never by the order of the table. Needs at least k people.
    """
    people = len(columns[0].codes)
    shuffled = rng.permutation(people)
    by_size = sorted(columns, key=lambda c: -len(c.values))
    rows = shuffled[np.lexsort([c.codes[shuffled] for c in by_size])]
    labels = np.zeros(people, dtype=np.intp)
    made = 0
    blocks = max(1, min(-(-people // _BLOCK), people // (2 * k)))
    for block in np.array_split(rows, blocks):
        mixed = rng.permutation(block)
        groups = _group_block(columns, mixed, k)
        for number, group in enumerate(groups):
            labels[mixed[group.members]] = made + number
        made += len(groups)
    return labels


def _group_block(columns: Sequence[Spread], rows: Labels, k: int) -> list[_Group]:
    codes = [c.codes[rows] for c in columns]
    usual = np.sum([np.log(c.shares)[own] for c, own in zip(columns, codes, strict=True)], axis=0)
    free = np.ones(len(rows), dtype=np.bool_)
    groups: list[_Group] = []
    for first in np.argsort(usual, kind="stable"):
        if len(rows) - k * len(groups) < k:
            break
        if free[first]:
            groups.append(_grow(columns, codes, free, int(first), k))
    for late in np.flatnonzero(free):
        _join(columns, codes, groups, int(late))
    return groups


def _grow(
    columns: Sequence[Spread],
    codes: Sequence[Labels],
    free: NDArray[np.bool_],
    first: int,
    k: int,
) -> _Group:
    group = _Group(inside=[np.zeros(len(c.values), dtype=np.bool_) for c in columns])
    price = [np.zeros(len(c.values)) for c in columns]
    total = np.where(free, 0.0, np.inf)
    joining = first
    while True:
        group.members.append(joining)
        free[joining] = False
        total[joining] = np.inf
        if len(group.members) == k:
            return group
        for j, column in enumerate(columns):
            if group.inside[j][codes[j][joining]]:
                continue
            group.inside[j] = _widened(column, group.inside[j], codes[j][joining])
            now = _prices(column, group.inside[j])
            total += (now - price[j])[codes[j]]
            price[j] = now
        joining = int(np.argmin(total))


def _join(
    columns: Sequence[Spread], codes: Sequence[Labels], groups: Sequence[_Group], person: int
) -> None:
    """Put somebody who is left over into the group that grows least."""

    def growth(group: _Group) -> float:
        size = len(group.members)
        cost = 0.0
        for column, own, inside in zip(columns, codes, group.inside, strict=True):
            wide = column.shares @ _widened(column, inside, own[person])
            cost += (size + 1) * np.log(wide) - size * np.log(column.shares @ inside)
        return cost

    nearest = min(groups, key=growth)
    nearest.members.append(person)
    nearest.inside = [
        _widened(c, inside, own[person])
        for c, own, inside in zip(columns, codes, nearest.inside, strict=True)
    ]


def _widened(column: Spread, inside: NDArray[np.bool_], value: int) -> NDArray[np.bool_]:
    wide = inside.copy()
    wide[value] = True
    if value < column.ranked:
        here = np.flatnonzero(wide[: column.ranked])
        wide[here[0] : here[-1] + 1] = True
    return wide


def _prices(column: Spread, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return what a newcomer with each value would cost the group in this column."""
    mass = column.shares @ inside + np.where(inside, 0.0, column.shares)
    ranked = column.ranked
    here = np.flatnonzero(inside[:ranked])
    if len(here):
        below = np.concatenate([[0.0], np.cumsum(column.shares[:ranked])])
        scale = np.arange(ranked)
        top, bottom = np.maximum(scale, here[-1]), np.minimum(scale, here[0])
        mass[:ranked] = below[top + 1] - below[bottom] + column.shares[ranked:] @ inside[ranked:]
    return np.asarray(np.log(np.maximum(mass, 1e-12)) + _WIDENING * ~inside, dtype=np.float64)


def hopeless(columns: Sequence[Spread], labels: Labels, share: float) -> NDArray[np.bool_]:
    """Return whose description says so little that it may as well be suppressed; shape (people,).

    Whole groups, the worst first, up to this share of the people.
    """
    groups = int(labels.max()) + 1
    lost, had = np.zeros(len(labels)), np.zeros(len(labels))
    for column in columns:
        inside = np.zeros((groups, len(column.values)), dtype=np.bool_)
        inside[labels, column.codes] = True
        if column.ordered:
            ranked = inside[:, : column.ranked]
            up = np.logical_or.accumulate(ranked, axis=1)
            down = np.logical_or.accumulate(ranked[:, ::-1], axis=1)[:, ::-1]
            inside[:, : column.ranked] = up & down
        own = np.log(column.shares[column.codes])
        lost += np.log(inside @ column.shares)[labels] - own
        had -= own
    size = np.bincount(labels, minlength=groups)
    worth = np.maximum(np.bincount(labels, weights=had, minlength=groups), 1e-12)
    loss = np.bincount(labels, weights=lost, minlength=groups) / worth
    worst = np.argsort(-loss, kind="stable")
    fits = (np.cumsum(size[worst]) <= share * len(labels)) & (loss[worst] > _HOPELESS)
    return np.isin(labels, worst[fits])


def describe(column: Spread, labels: Labels) -> list[Value]:
    """Return what is said of everybody in one column: the common description of the group."""
    said: list[Value] = [None] * len(labels)
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    for members in np.split(order, cuts):
        value = common(column, np.unique(column.codes[members]))
        for person in members:
            said[person] = value
    return said


def common(column: Spread, codes: Labels) -> Value:
    """Return the description that covers these values of a column.

    >>> ages = spread([18.0, 22.0, 30.0, None], "number")
    >>> common(ages, np.array([0, 1])), common(ages, np.array([0, 1, 3]))
    ('18-22', '18-22|n/a')
    >>> common(spread(["b", "a"], "nominal"), np.array([0, 1]))
    'a|b'
    """
    if len(codes) == 1:
        return column.values[int(codes[0])]
    if column.kind == "text":
        return SUPPRESSED
    on_scale = codes[codes < column.ranked]
    if len(on_scale) < 2:
        return pool(column.values[c] for c in codes)
    low, high = int(on_scale[0]), int(on_scale[-1])
    if column.kind == "ordinal":
        return pool([*column.values[low : high + 1], *(column.values[c] for c in codes)])
    ends = [float(v) for v in (column.values[low], column.values[high]) if v is not None]
    hidden = f"|{MISSING}" if len(on_scale) < len(codes) else ""
    return band(ends[0], ends[1]) + hidden


def pool_rare(column: Spread, k: int) -> list[Value]:
    """Return the column with values that fewer than k people have pooled until k share each.

    On a scale neighbours are pooled; names are pooled with the next rarest. Where the whole
    column has fewer than k people, all of it is pooled. A missing value stays missing.
    """
    counts = np.bincount(column.codes, minlength=len(column.values))
    runs = [[c] for c, value in enumerate(column.values) if value is not None]
    while len(runs) > 1:
        sizes = [int(counts[run].sum()) for run in runs]
        rarest = int(np.argmin(sizes))
        if sizes[rarest] >= k:
            break
        others = [i for i in range(len(runs)) if i != rarest]
        if column.ordered:
            others = [i for i in others if abs(i - rarest) == 1]
        first, second = sorted((rarest, min(others, key=lambda i: sizes[i])))
        runs[first] = sorted(runs[first] + runs.pop(second))
    labels = np.full(len(column.values), len(runs), dtype=np.intp)
    for number, run in enumerate(runs):
        labels[run] = number
    return describe(column, labels[column.codes])
