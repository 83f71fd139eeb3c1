"""Rows from what several people moved together, where the weights are an honest server's."""

from __future__ import annotations

import math

import numpy as np

from mindveil.attack.update_matching import Network, matched, starts_from
from mindveil.attack.update_people import layers_of
from mindveil.attack.update_rows import Prior, ratio_rows, shrunk_rows
from mindveil.attack.update_views import View
from mindveil.train.base import Floats
from mindveil.train.client_steps import tensors_of
from mindveil.train.federation_terms import Terms

_MOST = 3
"""People at a client up to whom their gradient is matched."""
_CLIENTS = 5
"""Clients whose gradients are matched at most: each takes a second."""
_TRIES = 8
_LOUD = 1e-6
"""Units that moved less than this share of the one that moved most tell of rounding."""


def crowd_rows(terms: Terms, view: View, prior: Prior, rng: np.random.Generator) -> Floats:
    """Return rows found in the signals of a view, (found, columns).

    Each unit of the first layer gives the mean of those people who made it move, weighted by how
    much they did: one person's row where the unit heeds nobody else. Of a network's clients with
    two or three people, rows are made up until they would have moved it alike.
    """
    layers = layers_of(terms, view)
    found = []
    for place, moves in enumerate(layers):
        if not view.there[:, place].any():
            continue
        found.append(_of_units(moves, view, place, prior))
        few = 1.5 <= view.counts[0, place] <= _MOST + 0.5
        if terms.shape.hidden and few and not view.noise and place < _CLIENTS:
            found.append(_few(terms, view, place, rng))
    return np.concatenate(found) if found else np.zeros((0, terms.shape.columns))


def _of_units(moves: Floats, view: View, place: int, prior: Prior) -> Floats:
    """Return a row of each unit, from all rounds; of noisy rounds the mean is taken."""
    if not view.noise:
        size = np.abs(moves[:, -1])
        return shrunk_rows(moves[size > _LOUD * float(size.max())], prior, 0.0)
    met = int(view.there[:, place].sum())
    rounds = moves.reshape(len(view.there), -1, moves.shape[1])[view.there[:, place]]
    return shrunk_rows(rounds.mean(axis=0), prior, view.noise / math.sqrt(met))


def _few(terms: Terms, view: View, place: int, rng: np.random.Generator) -> Floats:
    """Return the rows of a few people by gradient matching in the first round."""
    people = round(float(view.counts[0, place]))
    move = view.signals[0, place]
    units = tensors_of(terms.shape, move)[0].astype(np.float64)
    moving = units[np.any(units, axis=1)]
    if not len(moving):
        return np.zeros((0, terms.shape.columns))
    starts = starts_from(ratio_rows(moving), people, _TRIES, rng)
    network = Network.of(terms.shape, view.sent[0])
    best = matched(network, move, np.ones(len(move), np.bool_), starts)
    length = np.linalg.norm(best.rows, axis=1, keepdims=True)
    return np.asarray(best.rows / np.maximum(length, 1.0))
