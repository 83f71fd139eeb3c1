"""Series of measures that came with a recording: from published text tables to one Parquet file.

Columns are ``seconds`` and then one a measure; what is no finite number is missing (NaN). Numbers
are held with the precision of 32 bits, which is more than was published.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mindveil.corpus.media import write_columns
from mindveil.errors import InputError

LARGEST_BYTES = 1 << 30
"""Of one text table; two hours of the widest published series are smaller."""

_SIGNS = ("", "NaN", "nan", "-1.#IND", "1.#QNAN", "-1.#QNAN", "1.#INF", "-1.#INF", "-nan(ind)")
_MISSING = (*_SIGNS, *(f" {sign}" for sign in _SIGNS))
"""How programs write what is no number, also behind the blank that follows a comma."""

_LONGEST_HEADER = 1 << 16

Floats = np.ndarray[tuple[int], np.dtype[np.float32]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Measures by name, all of one length, and the time of each row."""

    seconds: np.ndarray[tuple[int], np.dtype[np.float64]]
    measures: Mapping[str, Floats]

    def between(self, start: float, end: float) -> Series:
        """Return the rows from ``start`` up to ``end`` seconds, timed from ``start`` on."""
        rows = (self.seconds >= start) & (self.seconds < end)
        return Series(
            seconds=self.seconds[rows] - start,
            measures={name: values[rows] for name, values in self.measures.items()},
        )


def read_measures(
    path: Path, separator: str = ",", names: Sequence[str] = (), text: Sequence[str] = ()
) -> dict[str, Floats]:
    """Read a table of numbers; ``names`` where it has no header, ``text`` columns stay out.

    Raises:
        InputError: the file is too large, has another number of columns, or holds other cells.
    """
    import pyarrow as pa  # noqa: PLC0415 - slow to load
    import pyarrow.csv as pc  # noqa: PLC0415 - the same

    if path.stat().st_size > LARGEST_BYTES:
        raise InputError(f"{path.name} has more than {LARGEST_BYTES >> 30} GB; check the file")
    columns = list(names) or _header(path, separator)
    numbers = [name for name in columns if name not in text]
    try:
        table = pc.read_csv(
            path,
            pc.ReadOptions(column_names=columns, skip_rows=0 if names else 1, use_threads=False),
            pc.ParseOptions(delimiter=separator),
            pc.ConvertOptions(
                column_types=dict.fromkeys(numbers, pa.float32()),
                include_columns=numbers,
                null_values=list(_MISSING),
            ),
        )
    except (ValueError, KeyError):
        raise InputError(
            f"{path.name} is not the table of {len(columns)} columns of numbers that was "
            "published; download it again"
        ) from None
    return {name: _finite(table.column(name).to_numpy()) for name in numbers}


def _header(path: Path, separator: str) -> list[str]:
    with path.open(encoding="latin-1") as file:
        return [name.strip() for name in file.readline(_LONGEST_HEADER).split(separator)]


def _finite(values: Floats) -> Floats:
    return np.where(np.isfinite(values), values, np.float32(np.nan)).astype(np.float32)


def joined(parts: Sequence[Mapping[str, Floats]], seconds: str | float) -> Series:
    """Return one series of several that ran side by side, as long as the shortest.

    ``seconds`` is the measure that holds the time, or the rows a second.

    Raises:
        InputError: no table has such a measure.
    """
    measures = {name: values for part in reversed(parts) for name, values in part.items()}
    rows = min(map(len, measures.values()))
    if isinstance(seconds, str):
        if seconds not in measures:
            raise InputError(f"a table of measures has no column {seconds!r}; download it again")
        times = measures.pop(seconds)[:rows].astype(np.float64)
    else:
        times = np.arange(rows, dtype=np.float64) / seconds
    names = [name for part in parts for name in part if name in measures]
    return Series(
        seconds=times, measures={name: measures[name][:rows] for name in dict.fromkeys(names)}
    )


def write_series(path: Path, series: Series) -> None:
    """Write a series as Parquet, with nothing but numbers and the names of columns."""
    measures = {name: values.astype(np.float64) for name, values in series.measures.items()}
    write_columns(path, {"seconds": series.seconds, **measures})
