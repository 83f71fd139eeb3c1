"""Noisy moments of public scales: their means, their products, and items against them.

``z`` is a person's mean standardised score in each scale (a block of the codebook); an item's
deviation is its score less its scale's ``z``. Both are short where items hang together, and a
short row needs little noise. Who misses an answer deviates by 0; what that takes from a sum is
given back by the (noisy) share of people who have it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.noise import Noise
from mindveil.synthesise.block_factors import (
    BlockFactors,
    further_factors,
    membership,
    positive,
    shrunk,
    solved,
)
from mindveil.synthesise.codebook import Codebook, Codes
from mindveil.synthesise.dp_margins import tilted
from mindveil.synthesise.dp_sums import NoisySum, noisy_products, noisy_squares, noisy_total, times
from mindveil.synthesise.latent import Array, item_scores, score_table
from mindveil.synthesise.scale_mirror import DRAWN, Mirror, clipped, kept

WITHIN, BETWEEN = 0.45, 0.35
"""A public guess of correlations within and between scales: it only sets clipping lengths."""

_LEAST_SCALE = 0.02
_CORRECTIONS = 2
_LITTLE_NOISE = 0.02
_LONGEST = 2.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Lengths:
    """How long rows may be before they are clipped, against their typical length.

    A row of k entries of variance 1 may be sqrt(k) + ``scales`` long where its squares are
    summed, sqrt(k) + ``mean`` where its mean is taken (a skewed one must not be cut), and
    ``products`` x sqrt(k) in products with other rows; deviations ``deviations`` times their
    typical length; rows of other variables sqrt(k) + ``outside``. In products short rows are
    worth more than they cost: what is clipped off everybody alike is given back.
    """

    scales: float = 1.1
    mean: float = 1.3
    products: float = 0.8
    deviations: float = 0.8
    outside: float = -0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The people's codes, and what is known of their margins so far.

    ``scale_gone`` and ``item_gone`` are shares of people without a whole scale, and without a
    variable although its scale is there; ``margin_noise`` the noise in a cell's share. The codes never leave the measuring functions.
    """

    codes: Codes
    codebook: Codebook
    people: float
    margins: tuple[Array, ...]
    scale_gone: Array
    item_gone: Array
    margin_noise: float

    @property
    def items(self) -> NDArray[np.int64]:
        """Indices of the variables that belong to a scale, scale by scale."""
        return np.array([i for b in self.codebook.blocks.values() for i in b], dtype=np.int64)

    @property
    def member(self) -> Array:
        """Which item belongs to which scale, shape (items, scales)."""
        return membership(tuple(self.codebook.blocks.values()), self.items)

    def scores(self) -> tuple[Array, Array]:
        """Return deviations of items (0 where missing) and ``z``, shapes (people, .)."""
        items, member = self.items, self.member
        values = [
            item_scores(
                self.codebook.variables[i], self.margins[i], np.arange(len(self.margins[i]))
            )
            for i in items
        ]
        table = score_table(self.codes[:, items], values)
        there = np.isfinite(table)
        filled = np.where(there, table, 0.0)
        scales = times(filled, member) / np.maximum(there @ member, 1.0)
        return np.where(there, filled - times(scales, member.T), 0.0), scales


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """What was measured of the scales: factors of the items, and the covariance of ``z``.

    ``gain`` is what clipping ``z`` leaves of products with it.
    """

    factors: BlockFactors
    between: Array
    gain: float


def recentred(held: Standing, rho: float, lengths: Lengths, noise: Noise) -> Standing:
    """Return the people with margins moved so that they agree with the measured means of ``z``.

    The noise in the counts says how far off the margins' own means may be; the two estimates are
    weighed by their precision.
    """
    _, scales = held.scores()
    turn = _power(_guessed(held.member), -0.5)
    bound = math.sqrt(scales.shape[1]) + lengths.mean
    total = noisy_total(times(scales, turn), bound, rho, noise)
    back = np.linalg.inv(turn)
    found = total.values @ back / held.people / np.maximum(1.0 - held.scale_gone, 0.05)
    doubt = total.noise / held.people * np.sqrt((back**2).sum(axis=0))
    return _moved(held, found, doubt)


def measured_scales(
    held: Standing, rhos: tuple[float, float, float], lengths: Lengths, noise: Noise
) -> Scales:
    """Return factors of the items: ``rhos`` pay for z with z, items with z, items with items."""
    deviations, scales = held.scores()
    member, sizes = held.member, held.member.sum(axis=0)
    mirror = Mirror.of(
        Codebook(variables=tuple(held.codebook.variables[i] for i in held.items)),
        [held.margins[i] for i in held.items],
        member,
    )
    between = _between(held, mirror, _reach(held, lengths, rhos[0]), rhos[0], noise)
    typical = math.sqrt(max(len(member) - float(sizes @ np.diag(between)), 0.1 * len(member)))
    bounds = (lengths.deviations * typical, lengths.products * math.sqrt(len(sizes)))
    turn = _power(between, -0.5)
    cross = noisy_products(
        (deviations, bounds[0]), (times(scales, turn), bounds[1]), rhos[1], noise
    )
    factors, with_blocks, left = _loadings(held, mirror, between, bounds, cross)
    if rhos[2] > 0.0:
        inner = noisy_squares(deviations, bounds[0], rhos[2], noise, diagonal=False)
        present = (1.0 - held.item_gone[held.items]) * (member @ (1.0 - held.scale_gone))
        unit = held.people * left[0] ** 2
        pairs = inner.values / unit / np.outer(present, present)
        extra = further_factors(pairs, inner.noise / unit, factors.covariance(), member)
        if extra.shape[1]:
            factors = solved(member, with_blocks, between, extra)
    return Scales(factors=factors, between=between, gain=left[1])


def _loadings(
    held: Standing, mirror: Mirror, between: Array, bounds: tuple[float, float], cross: NoisySum
) -> tuple[BlockFactors, Array, tuple[float, float]]:
    """Return factors, covariances of items with z, and what clipping leaves of the two rows.

    What is left is about the same for all items; where it is not (rare answers), people drawn
    from the factors found so far show by how much, round by round.
    """
    member, sizes = held.member, held.member.sum(axis=0)
    here = 1.0 - held.scale_gone
    present = (1.0 - held.item_gone[held.items]) * (member @ here)
    turn = _power(between, -0.5)
    back = np.linalg.inv(turn)
    none = np.zeros((len(member), 0))
    with_blocks = member @ between
    factors = solved(member, with_blocks, between, none)
    drawn = mirror.people(factors.covariance())
    left = kept(drawn[0], bounds[0]), kept(drawn[1] @ turn, bounds[1])
    unit = held.people * left[0] * left[1]
    measured = _given_back(cross.values / unit, turn, present, here, member)
    for _ in range(_CORRECTIONS):
        turned = drawn[1] @ turn
        short = clipped(drawn[0], bounds[0]).T @ clipped(turned, bounds[1])
        uneven = (drawn[0].T @ turned - short / (left[0] * left[1])) / DRAWN
        away = measured + uneven
        away -= member @ ((member.T @ away) / sizes[:, None])
        with_blocks = member @ between + shrunk(away, cross.noise / unit, member) @ back
        factors = solved(member, with_blocks, between, none)
        drawn = mirror.people(factors.covariance())
    return factors, with_blocks, left


def _reach(held: Standing, lengths: Lengths, rho: float) -> float:
    """Return how long ``z`` may be where its squares are summed.

    Where noise is small anyway, nearly everybody may keep his length: what clipping takes is
    given back as if scales were as heavy in their tails as bell curves, and they may be heavier.
    """
    count = math.sqrt(len(held.codebook.blocks))
    afforded = math.sqrt(_LITTLE_NOISE * math.sqrt(2.0 * rho) * held.people)
    return min(max(afforded, count + lengths.scales), count + _LONGEST)


def _between(held: Standing, mirror: Mirror, bound: float, rho: float, noise: Noise) -> Array:
    """Return the covariance of ``z``.

    What clipping took from the sum is what it takes from people drawn from the same covariance,
    with these margins: found by drawing them, and given back.
    """
    scales, member = held.scores()[1], held.member
    here = 1.0 - held.scale_gone
    turn = _power(_guessed(member), -0.5)
    back = np.linalg.inv(turn)
    square = noisy_squares(times(scales, turn), bound, rho, noise, diagonal=True)
    joint = np.outer(here, here) + np.diag(here - here**2)
    measured = back @ square.values @ back / held.people / joint
    between = positive(measured, _LEAST_SCALE)
    for _ in range(_CORRECTIONS):
        alike = solved(member, member @ between, between, np.zeros((len(member), 0)))
        turned = mirror.people(alike.covariance())[1] @ turn
        short = clipped(turned, bound)
        lost = (turned.T @ turned - short.T @ short) / DRAWN
        between = positive(measured + back @ lost @ back, _LEAST_SCALE)
    return between


def _guessed(member: Array) -> Array:
    """Return the public guess of the covariance of ``z``."""
    sizes = member.sum(axis=0)
    found = np.full((len(sizes), len(sizes)), BETWEEN)
    np.fill_diagonal(found, WITHIN + (1.0 - WITHIN) / sizes)
    return found


def _power(matrix: Array, power: float) -> Array:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray((vectors * values**power) @ vectors.T)


def _given_back(moments: Array, turn: Array, present: Array, here: Array, member: Array) -> Array:
    """Divide products of items with scales by the share of people who have both."""
    both = np.where(member > 0.0, present[:, None], np.outer(present, here))
    return np.asarray((moments @ np.linalg.inv(turn) / np.maximum(both, 0.05)) @ turn)


def _moved(held: Standing, found: Array, doubt: Array) -> Standing:
    margins = list(held.margins)
    for at, members in enumerate(held.codebook.blocks.values()):
        # Noise in a mean score: one draw a cell, times scores of a mean square about 1.
        cells = np.mean([len(margins[i]) for i in members])
        prior = held.margin_noise**2 * cells / len(members)
        shift = found[at] * prior / (prior + doubt[at] ** 2)
        for index in members:
            variable, margin = held.codebook.variables[index], margins[index]
            values = item_scores(variable, margin, np.arange(len(margin)))
            margins[index] = tilted(margin, values, float(shift))
    return replace(held, margins=tuple(margins))
