"""From what was measured of blocks of items to the covariance of all scores.

A block is a public scale; ``z`` is a person's mean standardised score in each block. The factors
are the blocks' common parts, and every item loads on all of them: that is Thurstone's centroid
solution for several groups, read off the covariances of items with ``z`` after the items' own
share in their block's mean is taken out. What a block holds beyond (several factors inside it)
is found in the products of items' deviations from their block, above the edge of the noise.
All of it is arithmetic on noisy sums: nobody is looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.synthesise.latent import Array

_ROUNDS = 40
_LEAST_COMMON = 0.01
_COMMUNALITY = (0.02, 0.97)
_SURE = 2.0
"""Above the edge, in units of how far the largest eigenvalue of noise varies (Tracy & Widom)."""
_LEAST_FACTOR = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockFactors:
    """Covariances of standardised scores by factors: ``weights @ common @ weights.T + extra``.

    ``weights`` (items, blocks) multiplies the blocks' common parts, whose covariance is
    ``common``; ``extra`` (items, factors) are further factors within blocks.
    """

    weights: Array
    common: Array
    extra: Array

    def covariance(self) -> Array:
        """Return the covariance of the items, variances 1."""
        found = self.weights @ self.common @ self.weights.T + self.extra @ self.extra.T
        np.fill_diagonal(found, 1.0)
        return np.asarray(found)

    def beside(self, block_covariance: Array) -> Array:
        """Return the covariance with the items of variables whose covariance with z is given."""
        return np.asarray(block_covariance @ self.weights.T)


def membership(blocks: tuple[tuple[int, ...], ...], items: NDArray[np.int64]) -> Array:
    """Return which item belongs to which block, shape (items, blocks), 0 or 1.

    >>> membership(((0, 2), (3, 4)), np.array([0, 2, 3, 4])).tolist()
    [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    """
    return np.array([[float(i in block) for block in blocks] for i in items]).reshape(
        len(items), len(blocks)
    )


def shrunk(deviations: Array, noise: float, groups: Array) -> Array:
    """Return deviations drawn towards 0 as far as noise of a known size explains them.

    One factor a column and group of rows (``groups``: rows by groups, 0 or 1): the empirical
    Bayes estimate of James and Stein.
    """
    sizes = np.maximum(groups.sum(axis=0), 1.0)[:, None]
    power = groups.T @ deviations**2 / sizes
    kept = np.maximum(1.0 - noise**2 / np.maximum(power, 1e-12), 0.0)
    return np.asarray(deviations * (groups @ kept))


def positive(matrix: Array, least: float) -> Array:
    """Return the symmetric matrix with eigenvalues of at least ``least``."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    return np.asarray((vectors * np.maximum(values, least)) @ vectors.T)


def solved(member: Array, with_blocks: Array, between: Array, extra: Array) -> BlockFactors:
    """Return the factors behind covariances of items with z, and of z with z.

    ``with_blocks`` (items, blocks) and ``between`` (blocks, blocks) hold each item's unique part
    in its own block's mean; it is taken out, round by round, until communalities settle.
    """
    sizes = np.maximum(member.sum(axis=0), 1.0)
    beyond = (extra**2).sum(axis=1)
    own = member @ np.diag(between)
    size = member @ sizes
    shared = np.clip((size * own - 1.0) / np.maximum(size - 1.0, 1.0), *_COMMUNALITY)
    weights, common = member, between
    for _ in range(_ROUNDS):
        unique = 1.0 - shared
        common = positive(between - np.diag(member.T @ unique / sizes**2), _LEAST_COMMON)
        target = with_blocks - member * (unique / size)[:, None]
        weights = np.linalg.solve(common, target.T).T
        found = np.einsum("ia,ab,ib->i", weights, common, weights) + beyond
        shared = (shared + np.clip(found, *_COMMUNALITY)) / 2.0
    length = np.sqrt(np.maximum(found / _COMMUNALITY[1], 1.0))[:, None]
    return BlockFactors(weights=weights / length, common=common, extra=extra / length)


def further_factors(products: Array, noise: float, expected: Array, member: Array) -> Array:
    """Return loadings of factors within blocks, shape (items, factors); often none.

    ``products`` are mean products of deviations from the block's mean, without the diagonal;
    ``expected`` the covariance that the block factors alone give the items. A factor is kept
    where its eigenvalue is above what noise of this size alone reaches (2 noise sqrt(items)), and
    shortened by what noise adds to it (Benaych-Georges & Nadakuditi 2011).
    """
    items = len(products)
    sizes = np.maximum(member.sum(axis=0), 1.0)
    centring = np.eye(items) - (member / sizes) @ member.T
    left = products - centring @ expected @ centring
    np.fill_diagonal(left, 0.0)
    edge = 2.0 * noise * np.sqrt(items)
    highest = edge + _SURE * noise * items ** (-1.0 / 6.0)
    count = int((np.linalg.eigvalsh(left) > max(highest, _LEAST_FACTOR)).sum())
    loadings = np.zeros((items, count))
    for _ in range(_ROUNDS // 4 if count else 0):
        filled = left + np.diag((loadings**2).sum(axis=1))
        values, vectors = np.linalg.eigh(filled)
        top = values[items - count :]
        strength = np.sqrt(np.maximum(top**2 - edge**2, 0.0))
        loadings = vectors[:, items - count :] * np.sqrt(strength)
    return np.asarray(loadings)
