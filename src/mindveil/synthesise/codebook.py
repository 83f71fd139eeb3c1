"""What a generator knows of a table before it sees anybody: its variables and their cells.

A table of people is a matrix of small whole numbers: each variable has ``cells`` values, 0 and
up, and -1 is missing. The codebook says what a cell means. What is not public in it (levels or
bounds that were found in the data) is marked, so that a private generator can pay for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError

VariableKind = Literal["ordinal", "nominal", "number"]
Codes = NDArray[np.int16]
"""People by variables, shape (people, variables); a cell of the variable, or -1: missing."""

MISSING = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One column of the coded table.

    ``levels`` names the cells of an ordinal (in order) or nominal variable; a number has
    ``edges`` instead, one more than cells: cell i holds values from edges[i] up to edges[i + 1]
    (the last edge included), and ``whole`` says that values are whole numbers. ``block`` names
    the scale that the variable is an item of, from public scoring tables, empty where it stands
    alone. ``found`` says that levels or edges were read off the data and are not public.
    ``may_miss`` says that a value can be missing.
    """

    name: str
    kind: VariableKind
    levels: tuple[str, ...] = ()
    edges: tuple[float, ...] = ()
    whole: bool = False
    block: str = ""
    found: bool = False
    may_miss: bool = False

    def __post_init__(self) -> None:
        if self.kind == "number" and len(self.edges) < 2:
            raise InputError(f"variable {self.name}: a number needs bounds; declare low and high")
        if self.kind != "number" and not self.levels:
            raise InputError(f"variable {self.name}: no levels; declare them in participants.json")

    @property
    def cells(self) -> int:
        """How many values there are, a missing one not counted."""
        return len(self.edges) - 1 if self.kind == "number" else len(self.levels)

    @property
    def ordered(self) -> bool:
        """Whether cells have an order."""
        return self.kind != "nominal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Codebook:
    """The variables of a coded table, in the order of its columns."""

    variables: tuple[Variable, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables, in order."""
        return tuple(v.name for v in self.variables)

    @property
    def blocks(self) -> Mapping[str, tuple[int, ...]]:
        """Which variables belong to each public scale; a scale of a single item is none."""
        found: dict[str, list[int]] = {}
        for index, variable in enumerate(self.variables):
            if variable.block:
                found.setdefault(variable.block, []).append(index)
        return {name: tuple(members) for name, members in found.items() if len(members) > 1}

    def checked(self, codes: Codes) -> Codes:
        """Return the codes, or say which column holds what it cannot.

        Raises:
            InputError: another number of columns, or a code that is no cell.
        """
        if codes.ndim != 2 or codes.shape[1] != len(self.variables):
            raise InputError(
                f"a table of shape {codes.shape} does not fit a codebook of "
                f"{len(self.variables)} variables"
            )
        for column, variable in zip(codes.T, self.variables, strict=True):
            if len(column) and (column.min() < MISSING or column.max() >= variable.cells):
                raise InputError(f"variable {variable.name}: a code is none of its cells")
        return codes


def counts_of(codes: Codes, codebook: Codebook) -> list[NDArray[np.int64]]:
    """Return how many people are in each cell of each variable, the missing ones last.

    >>> book = Codebook(variables=(Variable(name="a", kind="ordinal", levels=("0", "1")),))
    >>> [c.tolist() for c in counts_of(np.array([[0], [1], [1], [-1]], dtype=np.int16), book)]
    [[1, 2, 1]]
    """
    return [
        np.bincount(np.where(column < 0, v.cells, column), minlength=v.cells + 1)
        for column, v in zip(codes.T, codebook.variables, strict=True)
    ]


def to_json(codebook: Codebook) -> list[dict[str, object]]:
    """Return the codebook as plain data."""
    return [
        {
            "name": v.name,
            "kind": v.kind,
            "levels": list(v.levels),
            "edges": list(v.edges),
            "whole": v.whole,
            "block": v.block,
            "found": v.found,
            "may_miss": v.may_miss,
        }
        for v in codebook.variables
    ]


def from_json(stored: Sequence[Mapping[str, object]]) -> Codebook:
    """Return the codebook that :func:`to_json` wrote."""
    return Codebook(
        variables=tuple(
            Variable(
                **{  # type: ignore[arg-type]
                    key: tuple(value) if isinstance(value, list) else value
                    for key, value in entry.items()
                }
            )
            for entry in stored
        )
    )
