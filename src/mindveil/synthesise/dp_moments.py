"""What a private release learns of a table: margins and covariances, from a few noisy sums.

The table of products of all items is long (its length is the square of a person's), so that
noise drowns it. Instead, what is public about a questionnaire is used: which items make a scale.
In turn, each with its part of the budget (:class:`Shares`), are measured

1. how many people are in each cell of each variable, and who left out a whole scale;
2. the mean of the standardised scale scores ``z``, which corrects the margins;
3. the products of ``z`` with ``z``: strengths of scales and correlations between them;
4. items' deviations from their scale times ``z``: loadings, cross-loadings included;
5. the other variables times ``z`` (one indicator a nominal category, which also orders them);
6. the other variables times each other;
7. products of items' deviations: factors that the public scales do not know.

Short rows times short rows: noise in a loading is a quarter of what it is in the full table.
Each step may use what the earlier ones gave out (adaptive composition). Neighbour: one person
more or less; how many there are is not public, and is read off the noisy counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.accounting import Budget, statement
from mindveil.dp.noise import Noise
from mindveil.release import Guarantee
from mindveil.synthesise.block_factors import (
    BlockFactors,
    further_factors,
    membership,
    positive,
    shrunk,
    solved,
)
from mindveil.synthesise.codebook import Codebook, Codes, Variable
from mindveil.synthesise.dp_margins import (
    denoised_margins,
    missing_shares,
    noisy_people,
    tilted,
)
from mindveil.synthesise.dp_outside import Outside, measure_outside
from mindveil.synthesise.dp_sums import noisy_counts, noisy_products, noisy_squares, noisy_total
from mindveil.synthesise.latent import (
    Array,
    Latent,
    all_series,
    curve_correlation,
    gap_series,
    item_scores,
    nearest_correlation,
    score_table,
)

_WITHIN, _BETWEEN = 0.45, 0.35
"""A public guess of correlations within and between scales: it only sets clipping lengths."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """Parts of the budget; they add up to 1. Parts of what is not there go to the others."""

    counts: float = 0.27
    mean: float = 0.07
    between: float = 0.14
    loadings: float = 0.30
    within: float = 0.10
    outside: float = 0.09
    among: float = 0.03

    def for_table(self, scales: int, outside: int) -> Shares:
        """Return the parts for a table with so many scales and other variables."""
        held = self
        if not scales:
            none = {"mean": 0.0, "between": 0.0, "loadings": 0.0, "within": 0.0, "outside": 0.0}
            held = replace(held, **none)
        if not outside:
            held = replace(held, outside=0.0, among=0.0)
        if outside == 1:
            held = replace(held, among=0.0)
        total = sum(getattr(held, name) for name in self.__slots__)
        return Shares(**{name: getattr(held, name) / total for name in self.__slots__})


@dataclass(frozen=True, slots=True, kw_only=True)
class DpMoments:
    """Everything that was measured, as a joint distribution; made of noisy sums alone."""

    latent: Latent
    people: int
    guarantee: Guarantee

    @property
    def codebook(self) -> Codebook:
        """The variables as the public may know them."""
        return self.latent.codebook

    def loadings(self, factors: int) -> Array:
        """Return loadings of the variables' curves on principal factors, (variables, factors)."""
        size = len(self.codebook.variables)
        matrix = self.latent.correlation[:size, :size].copy()
        found = np.zeros((size, 0))
        for _ in range(20):
            values, vectors = np.linalg.eigh(matrix)
            kept = np.maximum(values[::-1][:factors], 0.0)
            found = vectors[:, ::-1][:, :factors] * np.sqrt(kept)
            np.fill_diagonal(matrix, np.minimum((found**2).sum(axis=1), 0.99))
        return np.asarray(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Table:
    """The people's codes with what is known of them so far; never leaves this module."""

    codes: Codes
    codebook: Codebook
    people: float
    margins: tuple[Array, ...]
    scale_gone: Array
    item_gone: Array

    @property
    def items(self) -> NDArray[np.int64]:
        return np.array([i for block in self.codebook.blocks.values() for i in block], dtype=int)

    @property
    def member(self) -> Array:
        return membership(tuple(self.codebook.blocks.values()), self.items)

    def scores(self) -> tuple[Array, Array, Array]:
        """Return item scores, NaN as 0, which are there, and everybody's mean of each scale."""
        held = self.items
        scores = [
            item_scores(self.codebook.variables[i], self.margins[i], np.arange(len(self.margins[i])))
            for i in held
        ]
        table = score_table(self.codes[:, held], scores)
        there = np.isfinite(table)
        filled = np.where(there, table, 0.0)
        answered = np.maximum(there @ self.member, 1.0)
        return filled, there.astype(np.float64), filled @ self.member / answered

    def together(self, present: Array) -> Array:
        """Return how often rows with these chances of presence meet each scale."""
        return np.outer(present, 1.0 - self.scale_gone)


def measure(codes: Codes, codebook: Codebook, budget: Budget, noise: Noise) -> DpMoments:
    """Return the moments of a coded table, measured once, for all of the budget.

    Raises:
        InputError: codes that do not fit the codebook, or a delta too large for the people.
    """
    table = codebook.checked(codes)
    inside = {i for block in codebook.blocks.values() for i in block}
    outside = [i for i in range(len(codebook.variables)) if i not in inside]
    shares = Shares().for_table(len(codebook.blocks), len(outside))
    held = _counted(table, codebook, shares.counts * budget.rho, noise)
    factors = None
    if inside:
        held = _recentred(held, shares.mean * budget.rho, noise)
        factors, between = _factors(held, shares, budget.rho, noise)
        scales = held.scores()[2]
    else:
        between, scales = np.zeros((0, 0)), np.zeros((len(table), 0))
    beside = measure_outside(
        held, scales, between, (shares.outside * budget.rho, shares.among * budget.rho), noise
    )
    people = max(round(held.people), 1)
    return DpMoments(
        latent=_joined(held, factors, beside),
        people=people,
        guarantee=statement(budget, _mechanisms(shares), noise.proved, people=people, small_cohort=True),
    )
