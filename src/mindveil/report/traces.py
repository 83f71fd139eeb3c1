"""Where each number stands in the scorecard: what is printed can be looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.frontier import asked
from mindveil.evidence.policy import RowKey, key_of
from mindveil.evidence.scorecard import Row

FIRST = 2
"""The number of the first line of figures as a spreadsheet shows it: above it stand the names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The line of scorecard.csv that holds a figure, and whether this page holds it as well."""

    number: int
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    """Every line of a scorecard with its number; of those up to ``kept`` the page has a copy."""

    numbers: Mapping[Row, int]
    kept: int

    def place(self, row: Row | None) -> Place | None:
        """Return where a line stands; None of what is computed from several lines."""
        number = None if row is None else self.numbers.get(row)
        return None if number is None else Place(number=number, here=number < FIRST + self.kept)


def traces(rows: Sequence[Row], kept: int) -> Traces:
    """Return the numbers of all lines; of two lines that are alike the first."""
    numbers: dict[Row, int] = {}
    for number, row in enumerate(rows, start=FIRST):
        numbers.setdefault(row, number)
    return Traces(numbers=numbers, kept=kept)


def row_at(rows: Iterable[Row], key: RowKey | None, seen: Estimate | None = None) -> Row | None:
    """Return the line of a finding; of several that are named alike the one with its figure."""
    if key is None:
        return None
    alike = [r for r in rows if r.metric == key.metric and key_of(r) == key]
    return next((r for r in alike if r.estimate == seen), alike[0] if alike else None)


def row_of(rows: Iterable[Row], release: str, measure: str, seen: Estimate | None) -> Row | None:
    """Return the line of a release that holds an estimate of an attack or a task.

    Of several lines with one estimate, that of everybody rather than of the most unusual.
    """
    found = [
        r
        for r in rows
        if (r.release, r.measure, r.status) == (release, measure, "ok") and r.estimate == seen
    ]
    return min(found, key=lambda r: asked(r.metric).unusual, default=None) if seen else None
