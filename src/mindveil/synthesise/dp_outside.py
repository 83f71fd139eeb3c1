"""Noisy moments of the variables that belong to no scale, and of who left something out.

Their rows are made short on purpose: an ordered variable is one standardised score, a nominal
one an indicator for each category, weighed so that rare categories do not stretch the row. Each
is measured against the scales; the categories' noisy means on the scales then order them, so
that a nominal variable, too, becomes one score.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.noise import Noise
from mindveil.synthesise.dp_scales import Lengths, Scales, Standing
from mindveil.synthesise.dp_sums import noisy_products, noisy_squares, times
from mindveil.synthesise.latent import Array, Order, item_scores, score_table

_HEAVIEST = 2.0
_CENTRE_RARE = 1e-6
_SHORTEST = 0.25
"""The least length of a row, where nearly everybody is in one category."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """Covariances of the variables outside scales, then of gaps, all standardised.

    ``variables`` are their indices; ``orders`` the order of each one's cells. Rows of
    ``with_scales`` (variables + gaps, scales) and ``among`` (variables + gaps, the same) come in
    the order of ``variables``, then of ``gaps``: groups of variables missing together.
    """

    variables: tuple[int, ...]
    orders: tuple[Order, ...]
    gaps: tuple[tuple[int, ...], ...]
    gap_shares: Array
    with_scales: Array
    among: Array


@dataclass(frozen=True, slots=True, kw_only=True)
class _Columns:
    """Indicators and scores of one variable or gap: what they are divided by to undo weights."""

    values: Array
    weights: Array
    shares: Array
    power: float


def measure_outside(
    held: Standing,
    scales: Scales | None,
    rhos: tuple[float, float],
    lengths: Lengths,
    noise: Noise,
) -> Outside:
    """Return moments of what is outside the scales: ``rhos`` pay for z and for each other."""
    variables = _alone(held)
    gaps, shares = _gaps(held)
    flags = np.array([(held.codes[:, list(g)] < 0).all(axis=1) for g in gaps], dtype=np.float64)
    flags = flags.reshape(len(gaps), len(held.codes)).T
    present = np.concatenate([1.0 - held.item_gone[list(variables)], np.ones(len(gaps))])
    between = np.zeros((0, 0)) if scales is None else scales.between
    with_scales = np.zeros((len(present), len(between)))
    orders = tuple(np.arange(len(held.margins[i])) for i in variables)
    if len(present) and scales is not None and rhos[0] > 0.0:
        columns = [_coded(held, i) for i in variables]
        columns += [_flagged(flags[:, g], s) for g, s in enumerate(shares)]
        with_scales, orders = _beside_scales(held, columns, scales, (rhos[0], lengths), noise)
    among = np.eye(len(present))
    if len(present) > 1 and rhos[1] > 0.0:
        rows = np.hstack([_scored(held, variables, orders), _standardised(flags, shares)])
        bound = math.sqrt(len(present)) + lengths.outside
        square = noisy_squares(rows, bound, rhos[1], noise, diagonal=False)
        pairs = square.values / held.people / np.outer(present, present)
        implied = with_scales @ np.linalg.pinv(between, hermitian=True) @ with_scales.T
        among = _drawn_to(implied, pairs, square.noise / held.people)
    return Outside(
        variables=variables,
        orders=orders,
        gaps=gaps,
        gap_shares=shares,
        with_scales=with_scales,
        among=among,
    )


def _alone(held: Standing) -> tuple[int, ...]:
    inside = set(held.items.tolist())
    return tuple(i for i in range(len(held.codebook.variables)) if i not in inside)


def _gaps(held: Standing) -> tuple[tuple[tuple[int, ...], ...], Array]:
    """Return what is missing together: whole scales, and single variables outside scales."""
    blocks = tuple(held.codebook.blocks.values())
    found = [(b, s) for b, s in zip(blocks, held.scale_gone, strict=True) if s > 0.0]
    alone = _alone(held)
    found += [((i,), held.item_gone[i]) for i in alone if held.item_gone[i] > 0.0]
    return tuple(members for members, _ in found), np.array([s for _, s in found])


def _beside_scales(
    held: Standing,
    columns: list[_Columns],
    scales: Scales,
    spent: tuple[float, Lengths],
    noise: Noise,
) -> tuple[Array, tuple[Order, ...]]:
    between = scales.between
    values, vectors = np.linalg.eigh(between)
    turn = (vectors / np.sqrt(values)) @ vectors.T
    back = (vectors * np.sqrt(values)) @ vectors.T
    bounds = (
        max(math.sqrt(sum(c.power for c in columns)) + spent[1].outside, _SHORTEST),
        spent[1].products * math.sqrt(len(between)),
    )
    rows = np.hstack([c.values for c in columns])
    summed = noisy_products(
        (rows, bounds[0]), (times(held.scores()[1], turn), bounds[1]), spent[0], noise
    )
    split = np.cumsum([len(c.weights) for c in columns])[:-1]
    parts = np.split(summed.values / (held.people * scales.gain), split)
    spread = summed.noise / (held.people * scales.gain)
    general = back.sum(axis=1) / np.linalg.norm(back.sum(axis=1))
    alone = _alone(held)
    found, orders = np.zeros((len(columns), len(between))), []
    noises = np.zeros(len(columns))
    for at, (column, part) in enumerate(zip(columns, parts, strict=True)):
        nominal = at < len(alone) and not held.codebook.variables[alone[at]].ordered
        if nominal:
            found[at], order = _ordered(held, alone[at], column, part, (spread, general))
            orders.append(order)
            continue
        found[at] = part[0] * column.shares[0] / column.weights[0]
        noises[at] = spread * column.shares[0] / column.weights[0]
        if at < len(alone):
            orders.append(np.arange(len(held.margins[alone[at]])))
    plain = noises > 0.0
    found[plain] = _shrunk_rows(found[plain], noises[plain])
    gone = [held.item_gone[i] for i in alone] + [0.0] * (len(columns) - len(alone))
    present = np.outer(1.0 - np.array(gone), 1.0 - held.scale_gone)
    return np.asarray(found @ back / np.maximum(present, 0.05)), tuple(orders)


def _ordered(
    held: Standing,
    index: int,
    column: _Columns,
    part: Array,
    noise: tuple[float, Array],
) -> tuple[Array, Order]:
    """Return a nominal variable's covariance with the scales, and the order of its categories."""
    shares = np.maximum(column.shares, _CENTRE_RARE)
    spread, general = noise
    means = part / (column.weights * shares)[:, None]
    doubt = (spread / (column.weights * shares)) ** 2
    # Category means are drawn to 0: the rarer the category, the more noise is in its mean.
    trust = shares / (doubt + 0.01) ** 0.5
    power = np.maximum(trust @ (means**2 - doubt[:, None]) / trust.sum(), 0.0)
    means = means * (power[None, :] / (power[None, :] + doubt[:, None]))
    # One axis: along which the categories differ most, in the sense of more symptoms.
    axis = np.linalg.eigh((means * shares[:, None]).T @ means)[1][:, -1]
    axis = axis if axis @ general >= 0.0 else -axis
    order = np.argsort(means @ axis, kind="stable").astype(np.int64)
    scores = item_scores(held.codebook.variables[index], held.margins[index], order)
    return np.asarray((shares * scores) @ means), order


def _coded(held: Standing, index: int) -> _Columns:
    """Return one variable's columns: its score, or weighed indicators less their means."""
    variable, margin = held.codebook.variables[index], held.margins[index]
    code = held.codes[:, index]
    if variable.ordered:
        scores = item_scores(variable, margin, np.arange(len(margin)))
        table = score_table(code[:, None], [scores])
        one = np.ones(1)
        return _Columns(values=np.nan_to_num(table), weights=one, shares=one, power=1.0)
    weights = np.minimum(1.0 / np.sqrt(np.maximum(margin, 1e-9)), _HEAVIEST)
    indicator = (np.eye(len(margin) + 1)[:, :-1] - margin)[code] * weights
    indicator[code < 0] = 0.0
    power = float((margin * (1.0 - margin) * weights**2).sum())
    return _Columns(values=indicator, weights=weights, shares=margin, power=power)


def _flagged(flags: Array, share: float) -> _Columns:
    spread = math.sqrt(share * (1.0 - share))
    weight = min(1.0 / spread, _HEAVIEST)
    return _Columns(
        values=((flags - share) * weight)[:, None],
        weights=np.array([weight * spread]),
        shares=np.ones(1),
        power=(weight * spread) ** 2,
    )


def _scored(held: Standing, variables: tuple[int, ...], orders: tuple[Order, ...]) -> Array:
    scores = [
        item_scores(held.codebook.variables[i], held.margins[i], order)
        for i, order in zip(variables, orders, strict=True)
    ]
    return np.nan_to_num(score_table(held.codes[:, list(variables)], scores))


def _standardised(flags: Array, shares: Array) -> Array:
    return np.asarray((flags - shares) / np.sqrt(np.maximum(shares * (1.0 - shares), 0.01)))


def _shrunk_rows(found: Array, noises: Array) -> Array:
    power = np.maximum((found**2 - noises[:, None] ** 2).mean(axis=0), 0.0) if len(found) else 0.0
    return np.asarray(found * power / np.maximum(power + noises[:, None] ** 2, 1e-12))


def _drawn_to(implied: Array, pairs: Array, noise: float) -> Array:
    """Return pairs drawn towards what the scales imply, as far as noise explains the rest."""
    upper: tuple[NDArray[np.int64], ...] = np.triu_indices(len(pairs), 1)
    apart = pairs[upper] - implied[upper]
    power = max(float((apart**2).mean()) - noise**2, 0.0)
    found = np.eye(len(pairs))
    found[upper] = implied[upper] + apart * power / (power + noise**2)
    found[upper[::-1]] = found[upper]
    return found
