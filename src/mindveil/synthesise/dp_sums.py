"""The three private sums that a noisy copula is made of; nothing else looks at the people.

Each person adds whole numbers whose length is bounded before they are summed, and the sum gets
discrete Gaussian noise. The neighbour is one person more or less, so the sensitivity of a sum is
the longest contribution:

- counts of cells: one 1 a variable, so the square root of the number of variables;
- products of two rows of lengths up to A and B: the outer product is never longer than A x B;
- products within a row of length up to A: without the squares, each pair once, their sum of
  squares is (|r|**4 - sum r**4) / 2 <= A**4 (1 - 1 / d) / 2 for d entries.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.accounting import sigma_of
from mindveil.dp.clipping import exact_sum, whole
from mindveil.dp.noise import Noise
from mindveil.synthesise.codebook import Codebook, Codes, counts_of
from mindveil.synthesise.latent import Array

Integers = NDArray[np.int64]

UNITS = 1 << 10
"""The longest row of a product, in whole numbers: rounding is far below the noise."""

_EXACT = 1 << 53


@dataclass(frozen=True, slots=True, kw_only=True)
class NoisySum:
    """A sum over people with its noise: what was measured, and the noise's standard deviation."""

    values: Array
    noise: float


def noisy_counts(codes: Codes, codebook: Codebook, rho: float, noise: Noise) -> list[NoisySum]:
    """Return how many people are in each cell of each variable, the missing ones last."""
    sigma = sigma_of(rho, math.sqrt(max(len(codebook.variables), 1)))
    found: list[NoisySum] = []
    for count in counts_of(codes, codebook):
        noisy = count + noise.gaussian(sigma, count.shape)
        found.append(NoisySum(values=noisy.astype(np.float64), noise=sigma))
    return found


def noisy_total(rows: Array, bound: float, rho: float, noise: Noise) -> NoisySum:
    """Return the sum of rows that are clipped to a length, shape (entries,)."""
    summed = exact_sum(_counted(rows, bound))
    sigma = sigma_of(rho, UNITS)
    unit = bound / UNITS
    drawn = noise.gaussian(sigma, summed.shape)
    values = (summed + drawn).astype(np.float64) * unit
    return NoisySum(values=values, noise=sigma * unit)


def noisy_products(
    left: tuple[Array, float], right: tuple[Array, float], rho: float, noise: Noise
) -> NoisySum:
    """Return the sum of outer products of two rows a person, each with its clipping length."""
    first, second = _counted(*left), _counted(*right)
    summed = _exact_product(first, second)
    sigma = sigma_of(rho, float(UNITS * UNITS))
    unit = left[1] * right[1] / UNITS**2
    drawn = noise.gaussian(sigma, summed.shape)
    values = (summed + drawn).astype(np.float64) * unit
    return NoisySum(values=values, noise=sigma * unit)


def noisy_squares(
    rows: Array,
    bound: float,
    rho: float,
    noise: Noise,
    *,
    diagonal: bool,
) -> NoisySum:
    """Return the symmetric sum of products within a row clipped to a length.

    Without the diagonal (it stays 0) the same budget buys a better rest: see above.
    """
    held = _counted(rows, bound)
    summed = _exact_product(held, held)
    upper = np.triu_indices(held.shape[1], 0 if diagonal else 1)
    sigma = sigma_of(rho, square_sensitivity(held.shape[1], diagonal=diagonal))
    unit = (bound / UNITS) ** 2
    found = np.zeros(summed.shape)
    found[upper] = (summed[upper] + noise.gaussian(sigma, (len(upper[0]),))) * unit
    found[upper[::-1]] = found[upper]
    return NoisySum(values=found, noise=sigma * unit)


def square_sensitivity(entries: int, *, diagonal: bool) -> float:
    """Return how much one row of length UNITS can add to the products within it.

    >>> round(square_sensitivity(2, diagonal=False) / UNITS**2, 3)
    0.5
    """
    longest = float(UNITS * UNITS)
    if diagonal:
        return longest
    return longest * math.sqrt((1.0 - 1.0 / max(entries, 2)) / 2.0)


def times(rows: Array, matrix: Array) -> Array:
    """Return ``rows @ matrix``, each row alone to the last bit, shape (people, columns).

    A matrix product of a library adds in another order at the end of a block, so that a person
    more would change the last bits of others' rows, and with them, rarely, a whole number.

    >>> times(np.array([[1.0, 2.0]]), np.array([[1.0, 0.0], [3.0, 1.0]])).tolist()
    [[7.0, 2.0]]
    """
    found = np.zeros((len(rows), matrix.shape[1]))
    for column, weights in zip(rows.T, matrix, strict=True):
        for at in np.flatnonzero(weights):
            found[:, at] += column * weights[at]
    return found


def _counted(rows: Array, bound: float) -> Integers:
    return whole(rows, UNITS / bound, UNITS)


def _exact_product(first: Integers, second: Integers) -> Integers:
    """Return first' second, exact: floats hold whole numbers below 2**53 without rounding."""
    if len(first) * UNITS * UNITS >= _EXACT:
        half = len(first) // 2
        return _exact_product(first[:half], second[:half]) + _exact_product(
            first[half:], second[half:]
        )
    product = first.T.astype(np.float64) @ second.astype(np.float64)
    return product.astype(np.int64)
