"""The loop: step after step, a few models at a time, so that they stay in a processor's cache."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from mindveil.train.draws import Draws
from mindveil.train.residuals import Wanted
from mindveil.train.windows import Batch, Indices, Windows

Singles = NDArray[np.float32]
Tensors = tuple[Singles, ...]

_DECAY, _DECAY_OF_SQUARES, _TINY = 0.9, 0.999, 1e-8


class Layers(Protocol):
    """A kind of head: how it answers, and what people teach it."""

    @property
    def memory(self) -> Literal["C", "F"]:
        """How tensors lie in memory: as they are written, or the other way round."""
        ...

    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Return the shapes of what is learnt, models first."""
        ...

    def spread(self) -> tuple[float, ...]:
        """Return how wide each tensor lies at the start."""
        ...

    def odds(self, tensors: Tensors, rows: Singles) -> Singles:
        """Return what the models say: (rows, models, outputs)."""
        ...

    def gradients(self, tensors: Tensors, batch: Batch, wanted: Wanted, out: Tensors) -> None:
        """Write the sum of what people teach."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How models move, each by its own numbers, all of shape (models, 1, 1).

    ``noise`` is the standard deviation that is added to the sum of a step after it was multiplied
    by the unit; nothing for no noise. ``shrink`` is the part of each weight that is taken off with
    it. ``rate`` is Adam's; plain steps have theirs in the unit.
    """

    noise: Singles | None
    shrink: Singles | None
    rate: Singles | None
    momentum: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What a few models go through: who is in each step, whom they heed, how they move.

    ``chosen`` holds indices of people a step, nothing for everybody. ``first`` is the number of the
    first of these models among all that are trained.
    """

    windows: Windows
    chosen: Sequence[Indices | None]
    wanted: Wanted
    pace: Pace
    first: int


def begun(layers: Layers, draws: Draws, first: int) -> Tensors:
    """Return tensors to start from."""
    written = (
        _filled(draws, first, np.empty(shape, np.float32)) * np.float32(spread)
        if spread
        else np.zeros(shape, np.float32)
        for shape, spread in zip(layers.shapes(), layers.spread(), strict=True)
    )
    return tuple(np.asarray(t, order=layers.memory) for t in written)


def trained(layers: Layers, course: Course, draws: Draws) -> Tensors:
    """Return what a few models learn."""
    tensors = begun(layers, draws, course.first)
    sums = tuple(np.empty_like(t) for t in tensors)
    noise = tuple(np.empty(t.shape, np.float32) for t in tensors)
    remembers = course.pace.rate is not None or course.pace.momentum != 0.0
    memory = tuple((np.zeros_like(t), np.zeros_like(t)) if remembers else (t, t) for t in tensors)
    most = max((course.windows.size(c) for c in course.chosen if c is not None), default=0)
    room = np.empty((most, course.windows.rows.shape[1]), np.float32)
    batch = course.windows.everyone
    wanted = course.wanted.of(batch)
    before: Indices | None = None
    for step, chosen in enumerate(course.chosen):
        if chosen is not before:
            batch = course.windows.batch(chosen, room)
            wanted = course.wanted.of(batch)
            before = chosen
        layers.gradients(tensors, batch, wanted, sums)
        for tensor, total, spare, kept in zip(tensors, sums, noise, memory, strict=True):
            if course.pace.noise is not None:
                _filled(draws, course.first, spare)
                np.multiply(spare, course.pace.noise, out=spare)
                np.add(total, spare, out=total)
            _moved(tensor, total, kept, course.pace, step)
    return tensors


def _filled(draws: Draws, first: int, out: Singles) -> Singles:
    draws.normals(first, out.reshape(out.shape[0], -1))
    return out


def _moved(
    tensor: Singles, total: Singles, kept: tuple[Singles, Singles], pace: Pace, step: int
) -> None:
    """Take one step, in place; constants (the last column) are never shrunk."""
    if pace.shrink is not None:
        total[:, :, :-1] += pace.shrink * tensor[:, :, :-1]
    if pace.rate is not None:
        _adam(total, kept, pace.rate, step)
    elif pace.momentum:
        speed, _ = kept
        speed *= np.float32(pace.momentum)
        speed += total
        tensor -= speed
        return
    tensor -= total


def _adam(total: Singles, kept: tuple[Singles, Singles], rate: Singles, step: int) -> None:
    """Turn a gradient into a step of Adam (Kingma & Ba 2015), in place."""
    mean, square = kept
    mean *= np.float32(_DECAY)
    mean += np.float32(1.0 - _DECAY) * total
    np.multiply(total, total, out=total)
    square *= np.float32(_DECAY_OF_SQUARES)
    square += np.float32(1.0 - _DECAY_OF_SQUARES) * total
    np.sqrt(square, out=total)
    total *= np.float32((1.0 - _DECAY_OF_SQUARES ** (step + 1)) ** -0.5)
    total += np.float32(_TINY)
    np.divide(mean, total, out=total)
    total *= rate / np.float32(1.0 - _DECAY ** (step + 1))
