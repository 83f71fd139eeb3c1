"""How the best head without a promise is learnt: as the ``detect/`` tasks learn theirs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import ClassVar

import numpy as np

from mindveil.dp.accounting import Budget
from mindveil.dp.noise import Noise
from mindveil.errors import InvalidMeasurement
from mindveil.train.base import Flags, Floats, Lessons, Part, Recipe, Taught
from mindveil.train.ridge import Head, fit_head, fuse
from mindveil.train.stack_head import Spans, StackHead, recorded

Blocks = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """A block's columns, and the units that they are measured in, each of shape (columns,)."""

    first: int
    last: int
    centre: Floats
    unit: Floats

    def of(self, rows: Floats) -> Floats:
        return np.asarray((rows[:, self.first : self.last] - self.centre) / self.unit)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """A head for each modality, joined by their leave-one-out predictions."""

    name: ClassVar[str] = "stack"

    @property
    def budget(self) -> Budget | None:
        """Nothing is promised."""
        return None

    def fit(
        self,
        lessons: Lessons,
        noise: Noise,  # noqa: ARG002 - nothing is hidden
        rng: np.random.Generator,  # noqa: ARG002 - nothing is drawn
    ) -> Taught:
        """Return the head that these people taught.

        Raises:
            InvalidMeasurement: fewer than five recorded people of either class.
        """
        head, inside = _learnt(lessons)
        return Taught(head=head, inside=inside)

    def shadows(
        self,
        lessons: Lessons,
        inside: Flags,
        asked: Floats,
        rng: np.random.Generator,  # noqa: ARG002 - nothing is drawn
    ) -> Floats:
        """Return the log-odds of many heads, shape (asked, heads)."""
        heads = [_learnt(lessons.of(chosen))[0] for chosen in inside.T]
        return np.stack([head.log_odds(asked) for head in heads], axis=1)

    def twin(self) -> Recipe:
        """Return the same without noise: itself."""
        return self


def _learnt(lessons: Lessons) -> tuple[StackHead, Floats]:
    """Return the head, and the leave-one-out log-odds of those who taught it."""
    spans, blocks = _layout(lessons.parts)
    heard = recorded(lessons.rows, spans)
    kept, heads, units = [], [], []
    why = InvalidMeasurement("there is nothing to learn from; the rows have no columns")
    for place, mine in enumerate(blocks):
        measured = [_measured(lessons.rows, heard[:, place], b, joint=len(mine) > 1) for b in mine]
        seen = [np.where(heard[:, place, None], m.of(lessons.rows), np.nan) for m in measured]
        try:
            heads.append(fit_head(seen, lessons.totals, lessons.labels))
        except InvalidMeasurement as fault:
            why = fault
            continue
        kept.append(spans[place])
        units.append(measured)
    if not heads:
        raise why
    trust, inside = (0.0, 1.0, 0.0), heads[0].inside
    if len(heads) > 1:
        fusion = fuse([head.inside for head in heads], lessons.labels)
        trust = (fusion.to_log_odds.intercept, fusion.to_log_odds.slope, fusion.middle)
        inside = fusion.inside
    pairs = [_folded(h, m, lessons.rows.shape[1]) for h, m in zip(heads, units, strict=True)]
    head = StackHead(
        weights=np.stack([weights for weights, _ in pairs]),
        lines=np.stack([lines for _, lines in pairs]),
        spans=tuple(kept),
        trust=trust,
        scale=lessons.scale,
    )
    return head, inside


def _layout(parts: Sequence[Part]) -> tuple[Spans, tuple[Blocks, ...]]:
    """Return from where to where each modality goes, and its blocks: those of text stay apart."""
    spans, blocks, start = [], [], 0
    for modality, group in groupby(parts, key=lambda part: part.modality):
        widths = [part.width for part in group if part.width]
        ends = np.cumsum([start, *widths]).tolist()
        if ends[-1] == start:
            continue
        spans.append((start, ends[-1]))
        apart = tuple(pairwise(ends))
        blocks.append(apart if modality == "text" else ((start, ends[-1]),))
        start = ends[-1]
    return tuple(spans), tuple(blocks)


def _measured(rows: Floats, heard: Flags, block: tuple[int, int], *, joint: bool) -> _Measured:
    """Return a block in units of the people heard; one of several of a modality stays as it is."""
    first, last = block
    seen = rows[heard, first:last]
    centre, unit = np.zeros(last - first), np.ones(last - first)
    if len(seen) and not joint:
        spread = seen.std(axis=0)
        varies = spread > 1e-9 * np.maximum(1.0, np.abs(seen).max(axis=0))
        centre, unit = seen.mean(axis=0), np.where(varies, spread, np.inf)
    return _Measured(first=first, last=last, centre=centre, unit=unit)


def _folded(head: Head, blocks: Sequence[_Measured], columns: int) -> tuple[Floats, Floats]:
    """Return a head of standardised blocks as weights on the row, and its lines."""
    weights, start = np.zeros(columns), 0.0
    for ridge, block in zip(head.ridges, blocks, strict=True):
        own = ridge.weights / block.unit / len(blocks)
        weights[block.first : block.last] = own
        start += (ridge.mean - float(ridge.centre @ ridge.weights)) / len(blocks)
        start -= float(block.centre @ own)
    odds, total = head.to_log_odds, head.to_total
    lines = [start, odds.intercept, odds.slope, total.intercept, total.slope, head.middle]
    return weights, np.asarray(lines)
