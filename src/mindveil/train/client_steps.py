"""What clients learn between two calls of the server: all clients of a federation in one array.

A simulation that starts a process, or even a loop, for each client spends its time on starting
them. Here the client is an axis: its weights are a row, and a local step is one stack of matrix
products over all clients whose batches are equally large. Nothing is padded, so that a client
alone gets the same bits as in a stack: what is simulated here is what a site computes.

A client's own step follows the mean gradient of its batch (McMahan et al. 2017, federated
averaging), with FedProx's pull back to what was sent if asked (Li et al. 2020). For person-level
differential privacy a client makes one step only and adds up its people's gradients, each
shortened to a limit, as ``heads`` does: lengths come from factors, and no person's gradient is
ever formed. Clients never draw at random: who is in a batch follows from the order of people.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError
from mindveil.train.client_people import ClientPeople
from mindveil.train.heads import Shape
from mindveil.train.residuals import Wanted, probability, shortening

Singles = NDArray[np.float32]
Floats = NDArray[np.float64]
__all__ = [
    "ClientPeople",
    "Local",
    "begun",
    "contributions",
    "flat_of",
    "parameters_of",
    "tensors_of",
]

ROOM = 1 << 18
"""Floats that clients computed at a time may need: 1 MB stays in a cache."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """How a client learns in a round.

    ``steps`` is gradient steps a round, ``batch`` people a step (0 for everybody). ``proximal``
    times the way from what was sent is added to the gradient, and ``l2`` is half the penalty on
    squared weights, never on constants. ``clip`` limits what one person teaches; then there is one
    step, everybody is in it, and what does not come from people (``l2``) is the server's.
    """

    steps: int = 1
    learning_rate: float = 0.5
    batch: int = 0
    proximal: float = 0.0
    clip: float = math.inf
    l2: float = 0.0

    def __post_init__(self) -> None:
        numbers = (self.learning_rate, self.proximal, self.l2)
        if not (
            self.steps >= 1
            and self.batch >= 0
            and all(math.isfinite(n) and n >= 0.0 for n in numbers)
            and self.learning_rate > 0.0
            and self.clip > 0.0
        ):
            raise InputError(
                f"{self.steps} local steps of {self.batch} people at rate {self.learning_rate!r} "
                "cannot be taken: steps, rate and clip are above 0, all else 0 or more"
            )
        if self.limited and (self.steps > 1 or self.batch or self.l2):
            raise InputError(
                f"a clip of {self.clip!r} limits what a person teaches in one step with everybody; "
                f"set steps to 1 (not {self.steps}), batch to 0 (not {self.batch}) and l2 to 0"
            )

    @property
    def limited(self) -> bool:
        """Whether one person may only teach so much."""
        return math.isfinite(self.clip)


def contributions(
    people: ClientPeople,
    shape: Shape,
    local: Local,
    sent: NDArray[np.floating],
    chosen: NDArray[np.integer],
) -> Floats:
    """Return what each chosen client sends back: (chosen, parameters + 1), before any protection.

    ``sent`` are the weights everybody starts from, (parameters,), or each their own. A row is
    people x (weights after - weights sent), and the number of people last. Under a clip it is
    minus rate x the sum over people of their shortened gradients, and last 0: how many people a
    client has is then nobody's to know. A client without people sends zeros.

    Raises:
        InputError: weights, columns or clients that do not fit each other, or steps too long.
    """
    _check(people, shape, sent, chosen)
    asked = np.asarray(chosen, np.intp)
    told = np.zeros((len(chosen), parameters_of(shape) + 1))
    sizes = people.sizes[asked]
    batch = np.minimum(sizes, local.batch) if local.batch else sizes
    for size in np.unique(batch[batch > 0]).tolist():
        alike = np.flatnonzero(batch == size)
        at_once = max(1, ROOM // _floats(shape, size))
        for first in range(0, alike.size, at_once):
            some = alike[first : first + at_once]
            begin = np.empty((some.size, told.shape[1] - 1), np.float32)
            begin[:] = sent if sent.ndim == 1 else sent[some]
            steps = people.batches(asked[some], size, local.steps)
            factor = 1.0 if local.limited else sizes[some, None].astype(np.float64)
            told[some, :-1] = factor * _moved(shape, local, begin, steps)
    if not local.limited:
        told[:, -1] = sizes
    return told


def parameters_of(shape: Shape) -> int:
    """Return how many numbers a head is.

    >>> parameters_of(Shape(columns=64, hidden=32))
    2113
    """
    return sum(math.prod(layer) for layer in _layers(shape))


def tensors_of(shape: Shape, flat: NDArray[np.floating]) -> tuple[NDArray[np.floating], ...]:
    """Return the layers of flat weights, as views; axes before the last are kept."""
    parts, first = [], 0
    for layer in _layers(shape):
        last = first + math.prod(layer)
        parts.append(flat[..., first:last].reshape(*flat.shape[:-1], *layer))
        first = last
    return tuple(parts)


def flat_of(tensors: tuple[NDArray[np.floating], ...]) -> Floats:
    """Return the layers of one head as flat weights."""
    return np.concatenate([np.asarray(t, np.float64).ravel() for t in tensors])


def begun(shape: Shape, rng: np.random.Generator) -> Floats:
    """Return weights to start from: zeros for a logistic head, narrow by what comes in for others.

    They are single-precision numbers, as what clients compute with.
    """
    if not shape.hidden:
        return np.zeros(parameters_of(shape))
    drawn = (
        rng.standard_normal(layer, np.float32) * np.float32(math.sqrt(1.0 / (3 * (layer[1] - 1))))
        for layer in _layers(shape)
    )
    return flat_of(tuple(drawn))


def _layers(shape: Shape) -> tuple[tuple[int, int], ...]:
    if not shape.hidden:
        return ((shape.outputs, shape.columns + 1),)
    return (shape.hidden, shape.columns + 1), (shape.outputs, shape.hidden + 1)


def _floats(shape: Shape, size: int) -> int:
    """Return how many floats one client needs: weights, gradient, weights sent, and its batch."""
    batch = size * (shape.columns + 1 + 2 * (shape.hidden + 1) + shape.outputs)
    return 3 * parameters_of(shape) + batch


def _moved(
    shape: Shape, local: Local, begin: Singles, batches: Iterator[tuple[Singles, Singles]]
) -> Singles:
    """Return how far each client came from where it began, (clients, parameters)."""
    weights, total, moved = begin.copy(), np.empty_like(begin), np.zeros_like(begin)
    both = tensors_of(shape, weights), tensors_of(shape, total)
    with np.errstate(over="ignore", invalid="ignore"):  # refused below
        for batch in batches:
            _gradients(shape, local, weights, batch, total)
            if local.l2:
                for weight, part in zip(*both, strict=True):
                    part[..., :-1] += np.float32(local.learning_rate * local.l2) * weight[..., :-1]
            if local.proximal:
                total += np.float32(local.learning_rate * local.proximal) * moved
            moved -= total  # kept apart from the weights, whose rounding would be larger
            np.add(begin, moved, out=weights)
    if not np.isfinite(weights).all():
        raise InputError(
            f"{local.steps} local steps at rate {local.learning_rate!r} left the finite numbers; "
            "lower the rate, or scale the columns to about 1"
        )
    return moved


def _gradients(
    shape: Shape, local: Local, weights: Singles, batch: tuple[Singles, Singles], total: Singles
) -> None:
    """Write rate x the mean gradient of each client's batch, or rate x the sum of clipped ones."""
    rows, answers = batch
    layers, out = tensors_of(shape, weights), tensors_of(shape, total)
    units = _units(layers[0], rows) if shape.hidden else rows
    wrong = _wrong(np.matmul(units, layers[-1].transpose(0, 2, 1)), answers)
    if not local.limited:
        wrong *= np.float32(local.learning_rate / rows.shape[1])
    back = _back(wrong, layers[1], units) if shape.hidden else None
    if local.limited:
        factor = _factor(local, rows, units, (wrong, back))
        wrong *= factor
        if back is not None:
            back *= factor
    np.matmul(wrong.transpose(0, 2, 1), units, out=out[-1])
    if back is not None:
        np.matmul(back.transpose(0, 2, 1), rows, out=out[0])


def _units(first: Singles, rows: Singles) -> Singles:
    """Return the hidden units, (clients, size, hidden + 1), a constant 1 last."""
    units = np.empty((*rows.shape[:2], first.shape[1] + 1), np.float32)
    np.matmul(rows, first.transpose(0, 2, 1), out=units[:, :, :-1])
    units[:, :, -1] = 1.0
    return np.maximum(units, np.float32(0.0), out=units)


def _wrong(odds: Singles, answers: Singles) -> Singles:
    """Turn what heads say into the log loss's gradient by it, in place."""
    if odds.shape[2] == 1:
        probability(odds)
        odds -= answers[:, :, None]
        return odds
    odds -= odds.max(axis=2, keepdims=True)
    np.exp(odds, out=odds)
    odds /= odds.sum(axis=2, keepdims=True)
    odds -= answers[:, :, None] == np.arange(odds.shape[2])
    return odds


def _back(wrong: Singles, last: Singles, units: Singles) -> Singles:
    """Return what is wrong about each hidden unit: units that are silent pass nothing on."""
    seen = last[:, :, :-1]
    back: Singles = wrong * seen if wrong.shape[2] == 1 else np.matmul(wrong, seen)
    back *= units[:, :, :-1] > 0.0
    return back


def _factor(
    local: Local, rows: Singles, units: Singles, behind: tuple[Singles, Singles | None]
) -> Singles:
    """Return rate x by how much each person's gradient is shortened: (clients, size, 1).

    A layer's gradient is (what is wrong behind it x what came in): its length is a product.
    """
    wrong, back = behind
    squares = np.vecdot(wrong, wrong) * np.vecdot(units, units)
    if back is not None:
        squares += np.vecdot(back, back) * np.vecdot(rows, rows)
    limit = Wanted(
        answers=np.empty(0, np.float32),
        weights=None,
        clip=np.array([local.clip], np.float32),
        unit=np.array([local.learning_rate], np.float32),
    )
    return shortening(squares, None, limit)[:, :, None]


def _check(
    people: ClientPeople, shape: Shape, sent: NDArray[np.floating], chosen: NDArray[np.integer]
) -> None:
    if people.given.shape[1] != shape.columns + 1:
        raise InputError(
            f"people have {people.given.shape[1] - 1} columns, and the head is for {shape.columns}"
        )
    count = parameters_of(shape)
    if sent.shape not in {(count,), (len(chosen), count)} or not np.isfinite(sent).all():
        raise InputError(
            f"weights of shape {sent.shape} are not {count} finite numbers, for all or for each of "
            f"{len(chosen)} clients"
        )
    if len(chosen) and not 0 <= np.min(chosen) <= np.max(chosen) < people.clients:
        raise InputError(f"a chosen client is none of 0 to {people.clients - 1}")
    if people.answers.size and people.answers.max() > shape.classes - 1:
        raise InputError(f"an answer is above {shape.classes - 1}, the last class")
