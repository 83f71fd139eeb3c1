"""Rows of numbers that can be compared: people, and records that are nobody's, in one space.

Ordinals and numbers are standardised on people the attacker may learn from; a nominal column is
one number a level, together worth about one ordinary column; what is missing has a number of its
own and stands at the mean elsewhere.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.corpus.generalised import SUPPRESSED
from mindveil.corpus.model import Corpus
from mindveil.errors import InvalidMeasurement
from mindveil.features.scales import Field, Table, indicators, numbers
from mindveil.features.visits import whole_table

Floats = NDArray[np.float64]
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One field of the space: where it lies, and what one step of it is worth.

    An ordered field has no ``levels``, one ``centre`` and one ``scale``; a nominal one has an
    entry a level. ``missing`` is the worth of a missing value (mean and scale of being missing),
    0 where nobody's is.
    """

    field: Field
    levels: tuple[str, ...]
    centre: Floats
    scale: Floats
    missing: tuple[float, float]

    @property
    def width(self) -> int:
        """How many columns the field takes."""
        return len(self.centre) + (self.missing[1] > 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """Columns that mean the same for everybody; made by :func:`space_of`."""

    axes: tuple[Axis, ...]

    @property
    def width(self) -> int:
        """How many columns a row has."""
        return sum(axis.width for axis in self.axes)

    def rows(self, corpus: Corpus) -> Floats:
        """Return people as comparable rows, shape (people, columns).

        A field that the corpus does not have, and a value that says nothing (``*``), stand at
        the mean.
        """
        return self.placed(whole_table(corpus))

    def placed(self, table: Table) -> Floats:
        """Return the rows of a table of every visit."""
        blocks = [_block(axis, table) for axis in self.axes]
        return np.concatenate([np.zeros((len(table.ids), 0)), *blocks], axis=1)


def space_of(reference: Corpus, *more: Corpus) -> Space:
    """Return the space of these people's fields, standardised on ``reference``.

    ``more`` adds levels that occur elsewhere (in a release, among targets). Columns in which
    nobody differs are left out.

    Raises:
        InvalidMeasurement: there is nothing in which two people differ.
    """
    return _space([whole_table(corpus) for corpus in (reference, *more)])


def rows_of(reference: Corpus, *more: Corpus) -> tuple[Space, list[Floats]]:
    """Return the space that all these people share, and the rows of each corpus, in order.

    A field of which one of them says nothing at all (a release that leaves it out) is no
    place to compare people in; it is left out, as long as others remain.
    """
    tables = [whole_table(corpus) for corpus in (reference, *more)]
    told = [{f.name for f in t.fields if _says(t, f.name)} for t in tables if t.ids]
    shared = frozenset[str]().union(*told).intersection(*told)
    space = _space(tables, shared) if shared else _space(tables)
    return space, [space.placed(table) for table in tables]


def _says(table: Table, name: str) -> bool:
    """Whether a field has a value that is neither missing nor suppressed."""
    column = table.columns[name]
    known = [
        not missing and value != SUPPRESSED
        for missing, value in zip(column.missing, column.distinct, strict=True)
    ]
    return any(known)


def _space(tables: list[Table], shared: AbstractSet[str] | None = None) -> Space:
    fields = {f.name: f for table in reversed(tables) for f in table.fields}
    names = dict.fromkeys(f.name for table in tables for f in table.fields)
    names = {n: None for n in names if shared is None or n in shared}
    axes = (_axis(fields[name], tables) for name in names)
    kept = tuple(axis for axis in axes if axis.width)
    if not kept:
        raise InvalidMeasurement("no two people of this table differ: there is nothing to compare")
    return Space(axes=kept)


def _axis(field: Field, tables: list[Table]) -> Axis:
    """Return one field, measured on the first table that has it."""
    there = [t for t in tables if field.name in t.columns]
    levels: tuple[str, ...] = ()
    if not _ordered(field, there):
        levels = tuple(dict.fromkeys(n for t in there for n in indicators(t, field.name)[0]))
    seen = [_values(field, levels, table) for table in there]
    centre, scale = seen[0].mean(axis=0), seen[0].std(axis=0)
    if not levels:
        known = seen[0][~np.isnan(seen[0][:, 0])]
        centre = known.mean(axis=0) if len(known) else np.zeros(1)
        scale = known.std(axis=0) if len(known) else np.zeros(1)
        spread = max(float(np.nanstd(s)) if (~np.isnan(s)).any() else 0.0 for s in seen)
        # Where reference people are all alike, anybody else who is not still has a place.
        scale = np.where(scale > _NOTHING, scale, spread)
    else:
        scale = np.full(len(levels), np.sqrt(max((scale**2).sum(), _NOTHING)))
    blank = [_blank(field, table) for table in there]
    share = float(np.mean(blank[0]))
    rare = any(b.any() for b in blank)
    step = max(np.sqrt(share * (1 - share)), np.sqrt(0.5 / (len(blank[0]) + 1))) if rare else 0.0
    varied = scale > _NOTHING if not levels else np.full(len(levels), len(levels) > 1)
    return Axis(
        field=field,
        levels=levels,
        centre=centre[varied],
        scale=scale[varied],
        missing=(share, float(step)),
    )


def _ordered(field: Field, tables: list[Table]) -> bool:
    """Whether values have places on a scale; an ordinal without declared levels may have none."""
    if field.source != "attribute" or field.kind == "number":
        return True
    return field.kind == "ordinal" and any(
        bool((~np.isnan(numbers(t, field.name))).any()) for t in tables
    )


def _values(field: Field, levels: tuple[str, ...], table: Table) -> Floats:
    """Return a field as numbers, NaN where unknown, or as a column a level."""
    if not levels:
        return numbers(table, field.name)[:, None]
    known, told = indicators(table, field.name)
    place = {name: i for i, name in enumerate(levels)}
    values = np.zeros((len(table.ids), len(levels)))
    shared = [(place[name], i) for i, name in enumerate(known) if name in place]
    if shared:
        to, at = zip(*shared, strict=True)
        values[:, list(to)] = told[:, list(at)]
    return values


def _blank(field: Field, table: Table) -> NDArray[np.bool_]:
    column = table.columns[field.name]
    return np.asarray(column.missing[column.codes], dtype=np.bool_)


def _block(axis: Axis, table: Table) -> Floats:
    if axis.field.name not in table.columns:
        return np.zeros((len(table.ids), axis.width))
    columns = np.zeros((len(table.ids), 0))
    blank = _blank(axis.field, table)
    if len(axis.centre):
        values = _values(axis.field, axis.levels, table)
        columns = (values - axis.centre) / axis.scale
        unknown = blank | (values.sum(axis=1) <= 0 if axis.levels else np.isnan(values[:, 0]))
        columns[unknown] = 0.0
    if axis.missing[1] > 0:
        share, step = axis.missing
        columns = np.column_stack([columns, (blank - share) / step])
    return columns
