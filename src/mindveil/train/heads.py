"""Many small models at once: epsilons, seeds, folds, shadows and clients share matrix products.

A study of privacy trains the same small head hundreds of times. Here the heads are columns of one
matrix: a step multiplies the rows of its batch once for all of them, and what each person adds is
clipped without forming anybody's gradient. Each model has its own noise, its own rate, and its own
people: a weight of 0 leaves a person out of a model while the batch is shared.

A large network that promises nothing and heeds a part of the people would share its products for
nothing: it is trained alone, on those of the batch whom it heeds (``lone_steps``), at half the
cost for half of the people. Who is in a step, where a model starts and what it learns are the same
either way, up to rounding. Which way a model goes depends on nothing but itself. Logistic heads
always share: sixty-four of them cost what one small network does.

A step takes each person with probability ``rate`` (everybody at 1), adds up what they teach,
clipped to ``clip`` a person, adds Gaussian noise of ``multiplier`` times ``clip``, and divides by
``rate`` times ``people``, a **public** number: never by how many came (science.md 6).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError
from mindveil.train.draws import Draws
from mindveil.train.head_steps import Course, Layers, Pace, Tensors, trained
from mindveil.train.linear_steps import LinearSteps
from mindveil.train.lone_steps import LoneSteps, own_people
from mindveil.train.mlp_steps import MlpSteps
from mindveil.train.residuals import Wanted
from mindveil.train.windows import Windows

Singles = NDArray[np.float32]
Floats = NDArray[np.float64]
PerModel = float | tuple[float, ...]
"""A number, or one a model."""

ROOM = 1 << 18
"""Floats of hidden units that a few models may have at a time: 1 MB stays in a cache."""

LEAST = 1 << 21
"""A network is trained alone where that spares so many multiplications a layer and step.

Measured with 16 heads on a busy machine: below it, what a step costs beside its products is more.
"""

NO_LIMIT = 1e30
"""What an infinite clip counts as where other models have a finite one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A head: columns in, ``hidden`` units (0 for a logistic head), classes out."""

    columns: int
    hidden: int = 0
    classes: int = 2

    def __post_init__(self) -> None:
        if self.columns < 1 or self.hidden < 0 or self.classes < 2:
            raise InputError(
                f"a head of {self.columns} columns, {self.hidden} hidden units and {self.classes} "
                "classes cannot learn; give at least 1, 0 and 2"
            )

    @property
    def outputs(self) -> int:
        """Columns of what it says: one of log-odds for two classes."""
        return 1 if self.classes == 2 else self.classes


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """How heads learn.

    ``people`` is a public number: what sums are divided by is ``rate * people``. ``clip`` infinite
    and ``multiplier`` 0 promise nothing to anybody. ``l2`` is half the penalty on squared weights.
    """

    steps: int
    people: PerModel
    rate: float = 1.0
    learning_rate: PerModel = 0.5
    momentum: float = 0.0
    optimiser: Literal["sgd", "adam"] = "sgd"
    clip: PerModel = math.inf
    multiplier: PerModel = 0.0
    l2: float = 0.0

    def __post_init__(self) -> None:
        private = bool(np.any(np.asarray(self.multiplier) > 0.0))
        if private and not np.all(np.isfinite(self.clip)):
            raise InputError("noise needs a limit on what one person teaches; give a finite clip")
        fine = (
            self.steps >= 1
            and 0.0 < self.rate <= 1.0
            and np.all(np.asarray(self.people) > 0.0)
            and np.all(np.asarray(self.learning_rate) > 0.0)
            and np.all(np.asarray(self.clip) > 0.0)
            and np.all(np.asarray(self.multiplier) >= 0.0)
            and np.all(np.isfinite(self.multiplier))
        )
        if not fine:
            raise InputError(
                f"{self.steps} steps at rate {self.rate!r} cannot be trained: steps, people, "
                "clip and learning rate are above 0, the rate above 0 and at most 1, multipliers 0 or more"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadStack:
    """What many models learnt, one tensor a layer, models first, constants last."""

    shape: Shape
    tensors: Tensors

    @property
    def models(self) -> int:
        """How many there are."""
        return int(self.tensors[0].shape[0])

    def one(self, model: int) -> HeadStack:
        """Return one of them."""
        return HeadStack(
            shape=self.shape, tensors=tuple(t[model : model + 1].copy() for t in self.tensors)
        )

    def scores(self, rows: NDArray[np.floating]) -> Singles:
        """Return what the models say of rows: (rows, models, outputs)."""
        given = np.ones((rows.shape[0], self.shape.columns + 1), np.float32)
        given[:, :-1] = rows
        said = np.empty((rows.shape[0], self.models, self.shape.outputs), np.float32)
        size = max(1, ROOM // max(self.models * max(self.shape.hidden, 1), 1))
        layers = _layers(self.shape, self.models, min(size, rows.shape[0]))
        for first in range(0, rows.shape[0], size):
            part = slice(first, first + size)
            said[part] = layers.odds(self.tensors, given[part])
        return said

    def log_odds(self, rows: NDArray[np.floating]) -> Floats:
        """Return the log-odds of the second class, (rows, models); of two classes only."""
        if self.shape.outputs != 1:
            raise InputError(f"{self.shape.classes} classes have no log-odds; ask for the scores")
        return self.scores(rows)[:, :, 0].astype(np.float64)


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """Whom heads learn from: rows (rows, columns), labels (people,), and whose each row is.

    ``person`` (rows,) holds indices of people; nothing where row and person are one.
    ``weights`` (people, models) say how much a model heeds a person, from 0 to 1; nothing where
    everybody counts in every model.
    """

    rows: NDArray[np.floating]
    labels: NDArray[np.floating]
    person: NDArray[np.intp] | None = None
    weights: NDArray[np.floating] | NDArray[np.bool_] | None = None


def train_heads(
    taught: Examples, shape: Shape, steps: Steps, draws: Draws, models: int
) -> HeadStack:
    """Return so many heads, trained together, or alone where that is less work.

    Each of them is what it would have been alone, with the same draws, up to rounding. Two calls
    with the same arguments and draws return the same bytes.

    Raises:
        InputError: rows that are not finite, labels that are no classes, weights of another shape.
    """
    windows = Windows.of(taught.rows, taught.person, taught.labels.shape[0])
    _check(taught, shape, models)
    chosen = _chosen(windows, steps, draws)
    most = max((windows.size(c) for c in chosen), default=0)
    alone = _alone(taught, shape, steps, models)
    room = max(1, ROOM // max(1, most * max(shape.hidden, shape.outputs)))
    parts = []
    for some in _parts(alone, room):
        lone = bool(alone[some.start])
        course = Course(
            windows=windows,
            chosen=chosen,
            wanted=_wanted(taught, steps, models, some),
            pace=_pace(steps, models, some),
            first=some.start,
        )
        layers = _layers(shape, 0 if lone else some.stop - some.start, most)
        parts.append(trained(layers, own_people(course) if lone else course, draws))
    together = (np.concatenate(t) for t in zip(*parts, strict=True))
    return HeadStack(shape=shape, tensors=tuple(np.ascontiguousarray(t) for t in together))


def _chosen(windows: Windows, steps: Steps, draws: Draws) -> list[NDArray[np.intp] | None]:
    """Return who is in each step; nothing for everybody."""
    if steps.rate == 1.0:
        return [None] * steps.steps
    return [*draws.batches(steps.rate, windows.order.size, steps.steps)]


def _alone(taught: Examples, shape: Shape, steps: Steps, models: int) -> NDArray[np.bool_]:
    """Return which networks are trained on their own rows; each answer is about one alone."""
    free = np.isinf(_each(steps.clip, models)) & (_each(steps.multiplier, models) == 0.0)
    people = taught.labels.shape[0]
    if taught.weights is None or not shape.hidden or taught.rows.shape[0] != people:
        return np.zeros(models, np.bool_)
    whole = np.all((taught.weights == 0) | (taught.weights == 1), axis=0)
    unheeded = people - taught.weights.sum(axis=0, dtype=np.float64)
    spared = steps.rate * unheeded * (shape.columns + 1) * shape.hidden
    return np.asarray(free & whole & (spared >= LEAST))


def _parts(alone: NDArray[np.bool_], room: int) -> list[slice]:
    """Return models in their order, up to ``room`` together, and lone ones each alone."""
    starts = [0]
    for model in range(1, alone.size):
        if alone[model] or alone[model - 1] or model - starts[-1] == room:
            starts.append(model)
    return [slice(a, b) for a, b in zip(starts, [*starts[1:], alone.size], strict=True)]


def _layers(shape: Shape, models: int, most: int) -> Layers:
    """Return room for models that share their batches; for 0 of them, for a lone network."""
    inside = (shape.columns, shape.hidden)
    if not models:
        return LoneSteps.of(shape.outputs, inside, most)
    if not shape.hidden:
        return LinearSteps(models=models, outputs=shape.outputs, columns=shape.columns)
    return MlpSteps.of(models, shape.outputs, inside, most)


def _wanted(taught: Examples, steps: Steps, models: int, some: slice) -> Wanted:
    clip = _each(steps.clip, models)[some]
    weights = None
    if taught.weights is not None:
        weights = np.ascontiguousarray(taught.weights[:, some], np.float32)
    return Wanted(
        answers=taught.labels.astype(np.float32),
        weights=weights,
        clip=np.minimum(clip, NO_LIMIT).astype(np.float32) if np.isfinite(clip).any() else None,
        unit=_unit(steps, models)[some].astype(np.float32),
    )


def _pace(steps: Steps, models: int, some: slice) -> Pace:
    adam = steps.optimiser == "adam"
    rate = _each(steps.learning_rate, models)
    noise = None
    if np.any(np.asarray(steps.multiplier) > 0.0):
        noise = _each(steps.multiplier, models) * _each(steps.clip, models) * _unit(steps, models)
    return Pace(
        noise=_column(noise, some),
        shrink=_column(steps.l2 * (np.ones(models) if adam else rate) if steps.l2 else None, some),
        rate=_column(rate if adam else None, some),
        momentum=steps.momentum,
    )


def _column(values: Floats | None, some: slice) -> Singles | None:
    return None if values is None else values[some].astype(np.float32)[:, None, None]


def _unit(steps: Steps, models: int) -> Floats:
    """Return what sums are multiplied by: plain steps have their rate in it, Adam takes it later."""
    pace = np.ones(models) if steps.optimiser == "adam" else _each(steps.learning_rate, models)
    return pace / (steps.rate * _each(steps.people, models))


def _each(value: PerModel, models: int) -> Floats:
    if isinstance(value, tuple) and len(value) != models:
        raise InputError(f"{len(value)} settings were given for {models} models")
    return np.broadcast_to(np.asarray(value, np.float64), (models,))


def _check(taught: Examples, shape: Shape, models: int) -> None:
    if models < 1:
        raise InputError(f"{models} models cannot be trained; ask for at least one")
    if taught.rows.shape[1] != shape.columns:
        raise InputError(
            f"rows have {taught.rows.shape[1]} columns, and the head is for {shape.columns}"
        )
    labels = np.asarray(taught.labels, np.float64)
    whole = bool(np.all(labels == np.rint(labels)))
    inside = bool(np.all((labels >= 0.0) & (labels <= shape.classes - 1.0)))
    if not (inside and (whole or shape.outputs == 1)):
        raise InputError(f"a label is none of the classes 0 to {shape.classes - 1}")
    if taught.weights is None:
        return
    if taught.weights.shape != (labels.shape[0], models):
        raise InputError(
            f"weights of shape {taught.weights.shape} do not say of {labels.shape[0]} people "
            f"and {models} models who counts where"
        )
    if not np.all((taught.weights >= 0) & (taught.weights <= 1)):
        raise InputError("a weight is not between 0 and 1")
