"""What each person teaches in one step under a promise: bounded, in whole numbers, added exactly.

``client_steps`` adds gradients in single precision, which is fast, and which no promise can build
on: a person more changes how the others are rounded, so that she moves the sum further than her
own part of it (by a ten-thousandth among a thousand people). Weights too long for single precision
would besides be refused or answered as people happen to be, and a refusal is an answer too. Here a
person is read alone, in double precision, as far as the last bit; her gradient is shortened and
counted in whole numbers, and whatever finite weights were sent, the answer is a sum of those.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.clipping import whole
from mindveil.errors import InputError
from mindveil.train.base import Floats
from mindveil.train.client_steps import ClientPeople, parameters_of, tensors_of
from mindveil.train.corrected_line import Scored, times
from mindveil.train.federation_terms import Terms
from mindveil.train.heads import Shape
from mindveil.train.mlp_head import SURE

Indices = NDArray[np.intp]
Whole = NDArray[np.int64]

LARGEST_WEIGHT = 1e30
"""Longer weights are taken for this: nothing that follows from them overflows then."""

ROOM = 1 << 20
"""Entries of people's gradients that are held at a time: 8 MB."""


def bounded_weights(sent: Floats) -> Floats:
    """Return weights that can be computed with, whoever the people are.

    >>> bounded_weights(np.array([1.5, -1e300])).tolist()
    [1.5, -1e+30]
    """
    return np.clip(sent, -LARGEST_WEIGHT, LARGEST_WEIGHT)


def bounded_sums(people: ClientPeople, terms: Terms, sent: Floats, asked: Indices) -> Whole:
    """Return the sum over each chosen client's people, (asked, parameters + 1), in grains.

    A person adds minus her gradient, none longer than ``terms.grain("update")`` grains of
    ``terms.longest("update")``; the last entry, a number of people elsewhere, is 0.

    Raises:
        InputError: more than two classes, or weights or columns that do not fit.
    """
    assert terms.privacy is not None
    grain, clip = terms.grain("update"), terms.privacy.clip
    weights = _layers(terms.shape, sent, people.given.shape[1])
    found = np.zeros((people.clients, parameters_of(terms.shape) + 1), np.int64)
    there = np.flatnonzero(np.isin(people.client, asked))
    size = max(1, ROOM // found.shape[1])
    for first in range(0, there.size, size):
        some = there[first : first + size]
        each = _gradients(weights, people.given[some], people.answers[some])
        each[np.abs(each) < np.finfo(np.float64).tiny] = 0.0  # ``whole`` would refuse: that tells
        counted = whole(-each, grain / clip, grain)
        client = people.client[some]
        begins = np.flatnonzero(np.diff(client, prepend=-1))
        found[client[begins], :-1] += np.add.reduceat(counted, begins, axis=0)
    return found[asked]


def seen_alone(shape: Shape, sent: Floats, rows: Floats) -> Scored:
    """Return people with unit rows as a network of these weights sees them, each read alone."""
    given = np.hstack([rows, np.ones((len(rows), 1))])
    odds = _odds(_layers(shape, sent, given.shape[1]), given)[0]
    one = np.ones(1)
    return Scored(
        scores=np.clip(odds / SURE, -1.0, 1.0),
        middle=0.0 * one,
        steep=SURE / 2.0 * one,
        axes=one[None],
    )


def _layers(shape: Shape, sent: Floats, columns: int) -> tuple[Floats, ...]:
    if shape.outputs != 1:
        raise InputError(f"a bounded step teaches two classes, not {shape.classes}")
    if sent.shape != (parameters_of(shape),) or columns != shape.columns + 1:
        raise InputError(
            f"{sent.size} weights do not fit people of {columns - 1} columns: a head of "
            f"{shape.columns} columns has {parameters_of(shape)}"
        )
    flat = bounded_weights(np.asarray(sent, np.float64))
    return tuple(np.asarray(layer, np.float64) for layer in tensors_of(shape, flat))


def _odds(weights: tuple[Floats, ...], given: Floats) -> tuple[Floats, Floats]:
    """Return log-odds (people, 1), and what came into the last layer, a constant 1 last."""
    units = given
    if len(weights) > 1:
        units = np.hstack([np.maximum(times(given, weights[0].T), 0.0), np.ones((len(given), 1))])
    return times(units, weights[-1].T), units


def _gradients(
    weights: tuple[Floats, ...], given: NDArray[np.float32], answers: NDArray[np.float32]
) -> Floats:
    """Return each person's gradient of the log loss, (people, parameters)."""
    rows = given.astype(np.float64)
    odds, units = _odds(weights, rows)
    wrong = 0.5 + 0.5 * np.tanh(0.5 * odds) - answers.astype(np.float64)[:, None]
    last = wrong * units
    if len(weights) == 1:
        return last
    back = wrong * weights[-1][:, :-1] * (units[:, :-1] > 0.0)
    first = back[:, :, None] * rows[:, None, :]
    return np.hstack([first.reshape(len(rows), -1), last])
