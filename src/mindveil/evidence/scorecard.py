"""The scorecard: one row a number, nothing blended."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from pathlib import Path
from typing import Literal

import pandas as pd

from mindveil.attack.base import Tier
from mindveil.evidence.estimate import Estimate
from mindveil.evidence.measured import Measured
from mindveil.store.files import write_bytes

Kind = Literal["attack", "utility", "guarantee"]
Status = Literal["ok", "invalid", "inconclusive", "failed"]
Label = Literal["proved", "accounted", "empirical"]

_FORMULA = frozenset("=+-@＝＋－＠")
"""What a spreadsheet takes for the beginning of a formula, in either width."""

_CONTROL = frozenset("\t\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One number with its interval over participants; the fields are the columns, in order."""

    release: str
    kind: Kind
    measure: str
    modality: str
    attacker: str = ""
    metric: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    n: int | None = None
    baseline: float | None = None
    control: float | None = None
    unit: str = ""
    seed: int = 0
    status: Status = "ok"
    label: Label = "empirical"
    note: str = ""

    @property
    def estimate(self) -> Estimate | None:
        """The number with its doubt, where there is one."""
        if self.value is None or self.low is None or self.high is None or self.n is None:
            return None
        return Estimate(value=self.value, low=self.low, high=self.high, n=self.n)

    def holding(self, found: Measured) -> Row:
        """Return this row with a measured figure in it."""
        e = found.estimate
        return replace(
            self,
            metric=found.metric,
            value=e.value,
            low=e.low,
            high=e.high,
            n=e.n,
            baseline=found.baseline,
            control=found.control.value if found.control else None,
            note=found.note,
        )


COLUMNS: tuple[str, ...] = tuple(f.name for f in fields(Row))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What one (release, attack or task, attacker, seed) came to: rows, and how strong it was."""

    rows: tuple[Row, ...]
    tier: Tier | None = None


def to_csv(rows: Iterable[Row]) -> str:
    """Return the scorecard as CSV text; floats as their shortest exact form."""
    return csv_text([COLUMNS, *map(astuple, rows)])


def csv_text(rows: Iterable[Sequence[object]]) -> str:
    """Return rows as CSV text in which no spreadsheet finds a formula."""
    page = io.StringIO()
    writer = csv.writer(page, lineterminator="\n")
    for row in rows:
        writer.writerow([_harmless(v) for v in row])
    return page.getvalue()


def write_scorecard(rows: Sequence[Row], folder: Path) -> None:
    """Write scorecard.csv and scorecard.parquet, whole or not at all."""
    write_bytes(folder / "scorecard.csv", to_csv(rows).encode())
    table = pd.DataFrame([astuple(r) for r in rows], columns=list(COLUMNS))
    numbers = dict.fromkeys(("value", "low", "high", "baseline", "control"), "float64")
    table = table.astype({**numbers, "n": "Int64", "seed": "int64"})
    page = io.BytesIO()
    table.to_parquet(page, index=False)
    write_bytes(folder / "scorecard.parquet", page.getvalue())


def _harmless(value: object) -> object:
    """Return a CSV cell that no spreadsheet takes for a formula; floats as they read back."""
    if isinstance(value, float):
        return repr(float(value))
    if not isinstance(value, str):
        return value
    # A bare carriage return is not quoted by the writer, and begins a row for many readers.
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"'{text}" if text.lstrip()[:1] in _FORMULA or text[:1] in _CONTROL else text
