"""How an attacker takes recordings in, and the ways in which he compares them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.back_ends import BackEnd, cosine
from mindveil.attack.groups import Count, Group, Impression, nearest, pooled
from mindveil.corpus.model import Corpus

Floats = NDArray[np.float64]
Changes = Callable[[Floats], Iterable[Floats]]
Side = Literal["protected", "original"]
"""What the attacker compares with: protected copies of what he has, or the thing itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sense:
    """How recordings of one kind are taken in: how many there are, and what channels make of them.

    ``medium`` is what they are and ``nothing`` what is said where no channel makes anything of them.
    ``safe`` are the channels that need no learning to be believed, and ``naive`` those of them
    that are of use without protected copies. ``questions`` says which channels answer each
    question that is asked beside the main one. Of the channels in ``singly`` recordings are
    compared one by one, each known one as it is and as it may have been changed (a picture that
    is moved a little), and the best match counts; of others their mean does.
    """

    medium: str
    nothing: str
    count: Count
    read: Callable[[str, Corpus], Impression]
    channels: tuple[str, ...]
    safe: frozenset[str]
    naive: frozenset[str]
    questions: Mapping[str, tuple[str, ...]]
    singly: Mapping[str, Changes] = field(default_factory=dict)

    def way(self, channel: str, side: Side, back_end: BackEnd | None = None) -> Way:
        """Return a way of comparing by this channel."""
        changes = self.singly.get(channel)
        return Way(channel=channel, side=side, back_end=back_end, changes=changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way of comparing: a channel, what with, and a back-end (None: the plain cosine)."""

    channel: str
    side: Side
    back_end: BackEnd | None
    changes: Changes | None = None

    def score(
        self,
        released: Impression,
        queries: Sequence[Group],
        known: Impression,
        candidates: Sequence[Group],
    ) -> Floats:
        """Return how alike each group of ``released`` is to each group of ``known``."""
        compare = cosine if self.back_end is None else self.back_end.score
        one, two = self._rows(released), self._rows(known)
        if not (np.isfinite(one).any() and np.isfinite(two).any()):  # their widths differ then
            return np.full((len(queries), len(candidates)), -np.inf)
        if self.changes is not None:
            best = reduce(np.maximum, (compare(one, changed) for changed in self.changes(two)))
            return nearest(best, queries, candidates)
        return compare(pooled(one, queries), pooled(two, candidates))

    def _rows(self, seen: Impression) -> Floats:
        return seen.plain if self.back_end is None else seen.framed
