"""How alike are two recordings? Comparing embeddings, plainly or as learned from other people.

A back-end is learned from rows of several people (n, d) and who each row is of. It learns which
directions tell people apart and which differ between recordings of one person, protection
included, and gives less weight to the latter. Few people teach it, so every covariance is shrunk
towards a round one: by the amount of Ledoit & Wolf (2004), or by a part of it where the
directions of least variance are what tells people apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import linalg
from sklearn.covariance import ledoit_wolf_shrinkage

Floats = NDArray[np.float64]

_NEXT_TO_NONE = 1e-12
_FLOOR = 1e-3
"""Least share of the mean variance that a direction keeps, so that none is divided by nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection:
    """Rows are centred, turned by ``matrix`` of shape (d, k) and compared by their cosine."""

    centre: Floats
    matrix: Floats

    def score(self, queries: Floats, candidates: Floats) -> Floats:
        """Return how alike each query is to each candidate; shape (queries, candidates)."""
        one, two = ((rows - self.centre) @ self.matrix for rows in (queries, candidates))
        return cosine(one, two)


@dataclass(frozen=True, slots=True, kw_only=True)
class TwoCovariance:
    """Probabilistic linear discriminant analysis with two covariances, in their joint axes.

    After turning by ``matrix`` (d, k) recordings of one person differ with variance 1 and people
    with variance ``between`` (k,) on each axis, and the axes are independent. The score is the
    log-likelihood ratio of "one person" against "two people". Source: Brümmer & de Villiers
    2010, "The speaker partitioning problem".
    """

    centre: Floats
    matrix: Floats
    between: Floats

    def score(self, queries: Floats, candidates: Floats) -> Floats:
        """Return the log-likelihood ratio of each pair; shape (queries, candidates)."""
        one, two = ((rows - self.centre) @ self.matrix for rows in (queries, candidates))
        total, both = self.between + 1, 2 * self.between + 1
        shared = self.between / both
        alone = (1 / total - total / both) / 2
        level = float(np.sum(np.log(total) - np.log(both) / 2))
        ratio = (one * shared) @ two.T + level
        ratio += ((one**2) @ alone)[:, None] + ((two**2) @ alone)[None, :]
        return np.where(np.isnan(ratio), -np.inf, ratio)


BackEnd = Projection | TwoCovariance


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """How rows differ within a person and between people: covariances of shape (d, d)."""

    centre: Floats
    within: Floats
    between: Floats
    people: int


def cosine(queries: Floats, candidates: Floats) -> Floats:
    """Return the cosine of each query with each candidate; shape (queries, candidates).

    A row without a direction (NaN: nothing was heard or seen; or all 0) matches nobody: -inf.

    >>> cosine(np.array([[1.0, 0.0], [np.nan, 1.0]]), np.array([[2.0, 0.0], [0.0, 3.0]])).tolist()
    [[1.0, 0.0], [-inf, -inf]]
    """
    one, two = unit(queries), unit(candidates)
    alike = np.clip(one @ two.T, -1.0, 1.0)
    return np.where(np.isnan(alike), -np.inf, alike)


def unit(rows: Floats) -> Floats:
    """Return rows of length 1; NaN where a row has no direction."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    found = np.full(rows.shape, np.nan)
    np.divide(rows, length, out=found, where=length > _NEXT_TO_NONE)
    found[np.isnan(found).any(axis=1)] = np.nan
    return found


def spread_of(rows: Floats, people: Sequence[str], shrinkage: float = 1.0) -> Spread | None:
    """Return how rows differ within and between people; None where nobody has two of them.

    ``shrinkage`` is the part of the amount of Ledoit & Wolf that is shrunk by.
    Rows with NaN are left out. Means of few rows differ by chance too: that share is taken out
    of the covariance between people (the moment estimate of the two-covariance model).
    """
    there = ~np.isnan(rows).any(axis=1)
    rows, who = rows[there], np.asarray(people)[there]
    names, place, counts = np.unique(who, return_inverse=True, return_counts=True)
    spare = len(rows) - len(names)
    if len(names) < 2 or spare < 1:
        return None
    means = np.zeros((len(names), rows.shape[1]))
    np.add.at(means, place, rows)
    means /= counts[:, None]
    centre = means.mean(axis=0)
    # A person's single row differs from its own mean by nothing, which says nothing.
    again = counts[place] > 1
    within = _shrunk((rows - means[place])[again], shrinkage) * (again.sum() / spare)
    between = _shrunk(means - centre, shrinkage) * (len(names) / (len(names) - 1))
    between = between - within * float(np.mean(1 / counts))
    return Spread(
        centre=centre, within=_lifted(within), between=_positive(between), people=len(names)
    )


def centring(spread: Spread) -> Projection:
    """Return the cosine after taking out what all people share."""
    return Projection(centre=spread.centre, matrix=np.eye(len(spread.centre)))


def wccn(spread: Spread) -> Projection:
    """Return within-class covariance normalisation (Hatch, Kajarekar & Stolcke 2006)."""
    root = np.asarray(np.linalg.cholesky(linalg.inv(spread.within)), dtype=np.float64)
    return Projection(centre=spread.centre, matrix=root)


def lda(spread: Spread) -> Projection:
    """Return linear discriminant analysis: at most one axis fewer than there were people."""
    values, axes = linalg.eigh(spread.between, spread.within)
    kept = min(spread.people - 1, int((values > 0).sum()))
    order = np.argsort(values)[::-1][: max(kept, 1)]
    return Projection(centre=spread.centre, matrix=axes[:, order])


def plda(spread: Spread) -> TwoCovariance:
    """Return the two-covariance model in the axes in which both are diagonal."""
    values, axes = linalg.eigh(spread.between, spread.within)
    return TwoCovariance(
        centre=spread.centre, matrix=axes, between=np.maximum(values, 0.0).astype(np.float64)
    )


def _shrunk(rows: Floats, part: float) -> Floats:
    amount = part * float(ledoit_wolf_shrinkage(rows, assume_centered=True))
    seen = rows.T @ rows / len(rows)
    round_one = np.eye(len(seen)) * float(np.trace(seen)) / len(seen)
    return np.asarray((1 - amount) * seen + amount * round_one, dtype=np.float64)


def _lifted(covariance: Floats) -> Floats:
    """Return a covariance that can be inverted, whatever was learned from."""
    size = len(covariance)
    mean = float(np.trace(covariance)) / size
    return covariance + np.eye(size) * max(mean * _FLOOR, _NEXT_TO_NONE)


def _positive(covariance: Floats) -> Floats:
    """Return the nearest covariance without negative variances."""
    values, axes = np.linalg.eigh((covariance + covariance.T) / 2)
    nearest = (axes * np.maximum(values, 0.0)) @ axes.T
    return np.asarray((nearest + nearest.T) / 2, dtype=np.float64)
