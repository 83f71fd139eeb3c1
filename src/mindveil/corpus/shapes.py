"""The shape of a questionnaire: how many items, and what an answer and a total may be."""

from __future__ import annotations

from dataclasses import dataclass

from mindveil.corpus.description import ToolSheet
from mindveil.corpus.instruments import get, is_known


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How many items a questionnaire may have, the range of each, and that of the total."""

    tool: str
    widths: tuple[int, ...]
    ranges: tuple[tuple[int, int], ...]
    total: tuple[float, float]
    in_table: bool

    def items(self, width: int) -> list[str]:
        """Return the names of the first ``width`` item columns."""
        return [f"{self.tool}_{n:02d}" for n in range(1, width + 1)]


def shape_of(tool: str, sheet: ToolSheet | None) -> Shape | None:
    """Return the shape of a questionnaire from the table, else from its sheet, else None."""
    if is_known(tool):
        known = get(tool)
        return Shape(
            tool=tool,
            widths=tuple(sorted({known.size, known.width})),
            ranges=known.ranges,
            total=known.total_range(),
            in_table=True,
        )
    if sheet is None:
        return None
    count = sheet.items or 1
    low, high = sorted((sheet.low * count, sheet.high * count))
    ranges = ((sheet.low, sheet.high),) * sheet.items
    return Shape(tool=tool, widths=(sheet.items,), ranges=ranges, total=(low, high), in_table=False)
