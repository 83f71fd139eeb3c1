"""People who are drawn to see what clipping takes from people like them; nobody is looked at.

Rare answers sit with those who score high in everything, and those are the ones who are clipped:
a plain factor for all would make the link between a rare item and its scale too weak. People with
the same margins and the factors found so far lose the same, and with them it can be counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mindveil.synthesise.codebook import Codebook
from mindveil.synthesise.latent import (
    Array,
    Latent,
    all_series,
    curve_correlation,
    item_scores,
    nearest_correlation,
    score_table,
)

DRAWN = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """The items of all scales with their margins, ready to be drawn from."""

    codebook: Codebook
    margins: tuple[Array, ...]
    member: Array
    coefficients: Array

    @classmethod
    def of(cls, codebook: Codebook, margins: Sequence[Array], member: Array) -> Mirror:
        """Return the mirror of items with these margins; ``member`` says which scale each is in."""
        orders = [np.arange(len(m)) for m in margins]
        return cls(
            codebook=codebook,
            margins=tuple(margins),
            member=member,
            coefficients=all_series(codebook, margins, orders),
        )

    def people(self, covariance: Array) -> tuple[Array, Array]:
        """Return deviations from the scales and ``z`` of people whose items covary like this."""
        orders = tuple(np.arange(len(m)) for m in self.margins)
        latent = Latent(
            codebook=self.codebook,
            margins=self.margins,
            orders=orders,
            gaps=(),
            gap_shares=np.zeros(0),
            correlation=nearest_correlation(curve_correlation(self.coefficients, covariance)),
        )
        # The same points each time: the mean over them is an integral, not a draw of people.
        points = np.random.default_rng(len(self.margins))
        scores = [
            item_scores(v, m, o)
            for v, m, o in zip(self.codebook.variables, self.margins, orders, strict=True)
        ]
        table = score_table(latent.draw(DRAWN, points), scores)
        means = table @ self.member / self.member.sum(axis=0)
        return np.asarray(table - means @ self.member.T), np.asarray(means)


def clipped(rows: Array, bound: float) -> Array:
    """Return rows shortened to a length."""
    length = np.sqrt((rows**2).sum(axis=1, keepdims=True))
    return np.asarray(rows * np.minimum(1.0, bound / np.maximum(length, 1e-12)))


def kept(rows: Array, bound: float) -> float:
    """Return what clipping leaves of the products of rows with something else."""
    return float((clipped(rows, bound) * rows).sum() / max((rows**2).sum(), 1e-12))
