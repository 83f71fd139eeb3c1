"""Correlations of answers with measures of words, voices and faces, of which there are few.

Of a study's people a part is recorded, often fewer than there are variables. Correlations of pairs
then come from different people, and are no correlation matrix together. Three things help:

- what a measure has to do with the items of a questionnaire goes through its score, which is
  known better than any item;
- pairs that few people have count little, and those of a measure at another visit less, when the
  nearest correlation matrix is sought (Higham 2002, "Computing the nearest correlation matrix",
  with weights);
- what is missing for a few people only is missing at random.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.synthesise.codebook import Codebook, Variable
from mindveil.synthesise.latent import Array, curve_correlation

FEWEST = 10
"""People who must have both of two variables before anything is said of the two."""

ENOUGH = 40
"""People from whom on a pair counts fully."""

_ELSEWHERE = 0.1
_BESIDE_DIAGONAL = 0.1
_ROUNDS = 200
_CLOSE = 1e-4
_LEAST_EIGENVALUE = 1e-4

Flags = NDArray[np.bool_]


def is_measure(variable: Variable) -> bool:
    """Whether a variable is a number that was read off a recording."""
    return variable.kind == "number" and bool(variable.block)


def measures_in(codebook: Codebook) -> Flags:
    """Return which variables are measures, shape (variables,)."""
    return np.array([is_measure(v) for v in codebook.variables], dtype=np.bool_)


def measured_correlation(
    coefficients: Array, covariance: Array, together: Array, codebook: Codebook, spreads: Array
) -> Array:
    """Return a valid correlation matrix of the curves of variables and gaps.

    ``coefficients`` (curves, terms) and ``covariance`` are of variables, then gaps; ``together``
    says how many people have both of two (of a gap: how many are missing, at most);
    ``spreads`` are the standard deviations of codes, shape (variables,).
    """
    known = together >= FEWEST
    wanted = np.where(known, through_scores(covariance, codebook, spreads), 0.0)
    told = np.flatnonzero(np.diagonal(known))
    part = np.ix_(told, told)
    weights = _weights(together, codebook)[part]
    found = np.eye(len(covariance))
    rough = curve_correlation(coefficients[told], wanted[part])
    found[part] = weighted_correlation(rough, weights)
    return found


def through_scores(covariance: Array, codebook: Codebook, spreads: Array) -> Array:
    """Return covariances in which items have to do with measures through their score alone.

    The covariance of a measure with the plain sum of a scale's items stays what it was: it is
    shared out among them as each of them covaries with that sum.
    """
    kept = covariance.copy()
    measures = np.flatnonzero(measures_in(codebook))
    for members in codebook.blocks.values():
        items = np.array([m for m in members if codebook.variables[m].kind == "ordinal"], np.intp)
        if len(items) < 2:
            continue
        with_sum = covariance[np.ix_(items, items)] @ spreads[items]
        variance = float(spreads[items] @ with_sum)
        if variance <= 0:
            continue
        sums = spreads[items] @ covariance[np.ix_(items, measures)]
        shared = np.outer(with_sum / variance, sums)
        kept[np.ix_(items, measures)] = shared
        kept[np.ix_(measures, items)] = shared.T
    return kept


def weighted_correlation(matrix: Array, weights: Array) -> Array:
    """Return a correlation matrix near this one: off the diagonal, errors count by their weight.

    Each round moves towards the matrix by the weights (0 to 1) and clips negative eigenvalues,
    with Nesterov's momentum. What weighs nothing is filled in as it fits.

    >>> twisted = np.array([[1, 0.9, -0.9], [0.9, 1, 0.9], [-0.9, 0.9, 1]])
    >>> doubt = np.ones((3, 3)); doubt[0, 2] = doubt[2, 0] = 0
    >>> bool(np.abs(weighted_correlation(twisted, doubt)[1] - [0.9, 1, 0.9]).max() < 0.02)
    True
    """
    pull = np.asarray(weights, dtype=np.float64) * _BESIDE_DIAGONAL
    np.fill_diagonal(pull, 1.0)
    values = np.linalg.eigvalsh(matrix)
    if values[0] >= _LEAST_EIGENVALUE:
        return matrix
    here = ahead = _clipped(matrix)
    speed = 1.0
    for _ in range(_ROUNDS):
        there = _clipped(ahead + pull * (matrix - ahead))
        faster = (1.0 + np.sqrt(1.0 + 4.0 * speed * speed)) / 2.0
        ahead = there + (speed - 1.0) / faster * (there - here)
        moved = float(np.abs(there - here).max())
        here, speed = there, faster
        if moved < _CLOSE:
            break
    spread = np.sqrt(np.diagonal(here))
    found = here / np.outer(spread, spread)
    np.fill_diagonal(found, 1.0)
    return np.asarray((found + found.T) / 2.0, dtype=np.float64)


def _clipped(matrix: Array) -> Array:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2.0)
    return np.asarray((vectors * np.maximum(values, _LEAST_EIGENVALUE)) @ vectors.T)


def _weights(together: Array, codebook: Codebook) -> Array:
    """Return how much each pair counts: by how many have both; less between visits."""
    weights = (np.minimum(together, ENOUGH) / ENOUGH) ** 2
    weights[together < FEWEST] = 0.0
    visits = np.array([v.block.partition("@")[2] for v in codebook.variables])
    measures, placed = measures_in(codebook), np.array([bool(v.block) for v in codebook.variables])
    apart = (visits[:, None] != visits) & placed[:, None] & placed
    apart &= measures[:, None] | measures
    count = len(visits)
    weights[:count, :count] *= np.where(apart, _ELSEWHERE, 1.0)
    return np.asarray(weights, dtype=np.float64)
