"""What a questionnaire is: its items, the scales summed over them, bands and cut-offs.

Items are numbered from 1, as on the form. A scale is a sum over items; the first scale of an
instrument is its total. Labels are ours: one to three words for what an item is about, never the
wording of the form, which belongs to its authors.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from mindveil.errors import InputError

Construct = Literal[
    "depression", "anxiety", "ptsd", "bipolar", "psychosis-risk", "stress", "distress"
]
TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A named range of severity; it runs from ``start`` up to the start of the next band."""

    start: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """A score over some items of an instrument.

    The score is the sum of the items (reversed ones turned round) times ``multiplier``. Up to
    ``max_missing`` unanswered items are filled with the person's mean on the rest of the scale;
    beyond that there is no score. ``parts`` names subscales: such a scale is the sum of their
    scores, each under its own missing rule. ``rule`` ``mdq`` replaces the sum by the screening
    rule of the Mood Disorder Questionnaire (1 positive, 0 negative). A score at or above
    ``cutoff`` is a positive screen.
    """

    name: str
    construct: Construct
    items: tuple[int, ...]
    max_missing: int = 0
    multiplier: int = 1
    parts: tuple[str, ...] = ()
    rule: Literal["sum", "mdq"] = "sum"
    bands: tuple[Band, ...] = ()
    cutoff: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Instrument:
    """A published self-report questionnaire and how it is scored.

    ``labels`` and ``ranges`` (lowest and highest answer) have one entry an item. The last
    ``extras`` items are asked beside the questionnaire proper and may be absent from a table.
    ``reverse`` lists items whose high answer means health. ``parent`` and ``parent_items`` say
    of which longer instrument this one is a part, and which of its items these are.
    ``missing``, ``source`` and ``cutoff_source`` are the rule for missing answers, the paper of
    the scoring and the paper of bands and cut-off.
    """

    key: str
    name: str
    construct: Construct
    labels: tuple[str, ...]
    ranges: tuple[tuple[int, int], ...]
    scales: tuple[Scale, ...]
    missing: str
    source: str
    cutoff_source: str
    reverse: tuple[int, ...] = ()
    extras: int = 0
    parent: str = ""
    parent_items: tuple[int, ...] = ()
    note: str = ""

    @property
    def width(self) -> int:
        """Number of items, those asked beside the questionnaire proper included."""
        return len(self.labels)

    @property
    def size(self) -> int:
        """Number of items of the questionnaire proper."""
        return self.width - self.extras

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the item columns in ``phenotype/<key>.tsv``, all of them."""
        return tuple(f"{self.key}_{item:02d}" for item in range(1, self.width + 1))

    @property
    def subscales(self) -> tuple[str, ...]:
        """Names of the scales other than the total."""
        return tuple(scale.name for scale in self.scales[1:])

    def scale(self, subscale: str | None = None) -> Scale:
        """Return a subscale, or the total where none is named.

        Raises:
            InputError: the instrument has no such subscale.
        """
        wanted = TOTAL if subscale is None else subscale
        for scale in self.scales:
            if scale.name == wanted:
                return scale
        known = ", ".join(self.subscales) or "none"
        raise InputError(f"{self.key} has no subscale '{wanted}'; its subscales are: {known}")

    def total_range(self, subscale: str | None = None) -> tuple[int, int]:
        """Return the lowest and highest possible score of the total or of a subscale."""
        scale = self.scale(subscale)
        if scale.rule == "mdq":
            return 0, 1
        low = sum(self.ranges[item - 1][0] for item in scale.items)
        high = sum(self.ranges[item - 1][1] for item in scale.items)
        return low * scale.multiplier, high * scale.multiplier


def bands(*bounds: tuple[int, str]) -> tuple[Band, ...]:
    """Return severity bands from (first score, name) pairs, lowest first."""
    return tuple(Band(start=start, name=name) for start, name in bounds)


def span(first: int, last: int) -> tuple[int, ...]:
    """Return the items from ``first`` to ``last``, both included.

    >>> span(4, 6)
    (4, 5, 6)
    """
    return tuple(range(first, last + 1))
