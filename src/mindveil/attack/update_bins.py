"""Weights that make the answers of many people come apart by themselves.

All units look along one direction, each from another threshold on, at quantiles of what reference
people show along it. What the unit of one threshold moves and that of the next does not is due to
the people between the two: with as many thresholds as people, mostly to one of them, whose row is
the quotient of that difference (Fowl et al. 2022, "Robbing the Fed"). A sum under masks comes
apart like any other.

A network has a threshold in each hidden unit. Its weights are such that a unit falls silent as
soon as it has learnt: a client's further steps add nothing. A logistic head has one threshold a
request, and so steep a slope that everybody is taken for surely above it or below it: the answers
to two thresholds differ by the people between them, whatever their labels were.
"""

from __future__ import annotations

import math

import numpy as np

from mindveil.attack.update_rows import Prior, shrunk_rows
from mindveil.train.base import Floats
from mindveil.train.client_steps import flat_of, tensors_of
from mindveil.train.federation_terms import Terms
from mindveil.train.heads import Shape

_STEEP = 1e5
_GENTLE, _HEAVY, _SURE = 1e-3, -30.0, -20.0
"""Of a network: the slope in front of a unit, the weight behind it, and the constant of the end."""
_FAR = 2.0
"""No row of length at most 1 shows more than this along a direction."""
_MIXED = 0.3
"""How much of the direction is chance: people who are alike along the main axis differ still."""
_FAINT = 1e-4
"""Differences below this share of the largest are rounding."""


def crafted_weights(terms: Terms, rows: Floats, bins: int, rng: np.random.Generator) -> Floats:
    """Return weights (asks, parameters) whose thresholds rise from one to the next.

    ``rows`` (people, columns) are those of reference people. A logistic head is asked ``bins`` + 1
    times, a network of so many units as often as ``bins`` needs; where a promise pays for few
    answers, a network is always asked the same.
    """
    shape = terms.shape
    direction = _direction(rows, rng)
    shown = rows @ direction
    few = terms.privacy is not None
    if not shape.hidden:
        most = min(bins, terms.asked - 1) if few else bins
        inner = np.quantile(shown, np.linspace(0.0, 1.0, most + 1)[1:-1])
        edges = np.array([-_FAR, *inner, _FAR])
        return np.column_stack([np.tile(_STEEP * direction, (len(edges), 1)), -_STEEP * edges])
    asks = 1 if few else math.ceil(bins / shape.hidden)
    inner = np.quantile(shown, np.linspace(0.0, 1.0, asks * shape.hidden + 1)[1:-1])
    edges = np.array([-_FAR, *inner]).reshape(asks, shape.hidden)
    return np.stack([_network(shape, direction, edge) for edge in edges])


def isolated_rows(shape: Shape, moves: Floats, prior: Prior, noise: float) -> Floats:
    """Return the rows between thresholds, (found, columns), from moves (asks, parameters).

    Where nothing is noisy, thresholds with nobody between them are left out.
    """
    first = tensors_of(shape, moves)[0].astype(np.float64)
    edges = first.reshape(-1, shape.columns + 1)
    if shape.hidden:  # above the last threshold there may be somebody
        edges = np.vstack([edges, np.zeros((1, edges.shape[1]))])
    between = edges[:-1] - edges[1:]
    if not noise:
        size = np.abs(between[:, -1])
        between = between[size > _FAINT * max(float(size.max()), 1e-12)]
    return shrunk_rows(between, prior, noise * math.sqrt(2.0))


def _direction(rows: Floats, rng: np.random.Generator) -> Floats:
    """Return the main axis of rows with a little of everything else, of length 1."""
    main = np.linalg.svd(rows - rows.mean(axis=0), full_matrices=False)[2][0]
    chance = rng.standard_normal(len(main))
    mixed = main + _MIXED * chance / np.linalg.norm(chance)
    return np.asarray(mixed / np.linalg.norm(mixed))


def _network(shape: Shape, direction: Floats, edges: Floats) -> Floats:
    first = np.column_stack([np.tile(_GENTLE * direction, (len(edges), 1)), -_GENTLE * edges])
    last = np.full((shape.outputs, shape.hidden + 1), _HEAVY)
    last[:, -1] = _SURE
    return flat_of((first, last))
