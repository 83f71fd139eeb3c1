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

_MISSING = ("-1.#IND", "1.#QNAN", "-1.#QNAN", "-nan(ind)", "-nan")
"""How programs on Windows write what is no number."""

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
    import pandas as pd  # noqa: PLC0415 - slow to load, and few need it

    if path.stat().st_size > LARGEST_BYTES:
        raise InputError(f"{path.name} has more than {LARGEST_BYTES >> 30} GB; check the file")
    try:
        table = pd.read_csv(
            path,
            sep=separator,
            header=None if names else 0,
            skipinitialspace=True,
            na_values=list(_MISSING),
            usecols=lambda name: str(name).strip() not in text,
            dtype=np.float32,
            encoding="latin-1",
        )
    except (ValueError, pd.errors.ParserError):
        raise InputError(
            f"{path.name} is not a table of numbers as published; download it again"
        ) from None
    if names and len(names) != table.shape[1]:
        raise InputError(
            f"{path.name} has {table.shape[1]} columns where {len(names)} were published; "
            "download it again"
        )
    found = names or [str(name).strip() for name in table.columns]
    values = table.to_numpy(dtype=np.float32)
    values[~np.isfinite(values)] = np.nan
    return {name: values[:, n] for n, name in enumerate(found)}


def joined(parts: Sequence[Mapping[str, Floats]], seconds: str | float) -> Series:
    """Return one series of several that ran side by side, as long as the shortest.

    ``seconds`` is the measure that holds the time, or the rows a second.
    """
    measures = {name: values for part in reversed(parts) for name, values in part.items()}
    rows = min(map(len, measures.values()))
    if isinstance(seconds, str):
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
