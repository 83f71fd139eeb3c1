"""The row of each client that is one person, from all rounds of a view."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.attack.own_updates import Held, moves_alone
from mindveil.attack.update_rows import Prior, common_numbers, exact_rows, likely_rows
from mindveil.attack.update_views import View
from mindveil.train.base import Floats
from mindveil.train.client_steps import ClientPeople, tensors_of
from mindveil.train.federation_terms import Terms
from mindveil.train.moments import SHARES
from mindveil.train.site_answers import SiteData

Places = NDArray[np.intp]

_AT_ONCE = 16
"""Signals whose possibilities are held at a time."""
_TEACHERS = 200
_SEVERITIES = np.linspace(-1.0, 1.0, 9)


def person_rows(terms: Terms, view: View, held: Held, prior: Prior) -> Floats:
    """Return the row behind each signal of a view, (signals, columns), no longer than 1.

    Without noise that is a quotient, with noise the posterior mean; where a client's messages
    never came, the mean of the prior.
    """
    layers = layers_of(terms, view)
    if not view.noise:
        found = exact_rows(layers)
        silent = ~np.any(layers, axis=(1, 2))
        found[silent] = prior.mean
        return found
    there = np.repeat(view.there.T, layers.shape[1] // len(view.there), axis=1)
    numbers = common_numbers(_profiles(terms, view, held), there.astype(np.float64))
    found = _likely(layers, numbers, prior, view.noise)
    if terms.shape.hidden and view.kind == "update":
        # A first guess at a row says better which units it moves.
        own = _own_numbers(terms, view, found) * there[:, None, :]
        found = _likely(layers, own, prior, view.noise)
    length = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.maximum(length, 1.0))


def layers_of(terms: Terms, view: View) -> Floats:
    """Return the moves of the first layer in all rounds, (signals, rounds x units, columns + 1).

    Sums for a regression hold the row itself beside the count: they are one unit.
    """
    signals = np.ascontiguousarray(view.signals.transpose(1, 0, 2))
    columns = terms.shape.columns
    if view.kind == "moments":
        roots = SHARES.roots()
        rows = signals[:, :, 1 : columns + 1] / roots[1]
        return np.concatenate([rows, signals[:, :, :1] / roots[0]], axis=2)
    first = tensors_of(terms.shape, signals)[0]
    return np.asarray(first.reshape(len(signals), -1, columns + 1), np.float64)


def _profiles(terms: Terms, view: View, held: Held) -> Floats:
    """Return the constants' moves that people who are held would have sent, (people, units)."""
    if view.kind == "moments":
        return np.ones((1, len(view.sent)))
    some = held.first(min(len(held.lessons.ids), _TEACHERS)).data
    return _constants(terms, some, view.sent)


def _own_numbers(terms: Terms, view: View, rows: Floats) -> Floats:
    """Return the constants' moves of people with these rows, (signals, severities, units)."""
    each = np.repeat(rows, len(_SEVERITIES), axis=0)
    severity = np.tile(_SEVERITIES, len(rows))
    place = np.arange(len(each), dtype=np.intp)
    length = np.maximum(np.linalg.norm(each, axis=1, keepdims=True), 1.0)
    data = _site_data(each / length, severity, place)
    return _constants(terms, data, view.sent).reshape(len(rows), len(_SEVERITIES), -1)


def _site_data(rows: Floats, severity: Floats, place: Places) -> SiteData:
    people = ClientPeople.of(rows, (1.0 + severity) / 2.0, place, len(place))
    return SiteData(rows=rows, severity=severity, client=place, people=people, place=place)


def _constants(terms: Terms, data: SiteData, sent: Floats) -> Floats:
    moves = [tensors_of(terms.shape, moves_alone(terms, data, one))[0] for one in sent]
    return np.concatenate([move[:, :, -1] for move in moves], axis=1).astype(np.float64)


def _likely(layers: Floats, numbers: Floats, prior: Prior, noise: float) -> Floats:
    """Return posterior means, a few signals at a time."""
    parts = [
        likely_rows(layers[i : i + _AT_ONCE], numbers[i : i + _AT_ONCE], prior, noise)
        for i in range(0, len(layers), _AT_ONCE)
    ]
    return np.concatenate(parts)
