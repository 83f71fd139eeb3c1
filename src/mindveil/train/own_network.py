"""A network of your own, taught with a promise to each person: an optional extra, through Opacus.

A person is one sample, however many recordings or windows there are of him: the network maps all
of them, an array (people, ...), to one number a person, the log-odds of being a case. Opacus
shortens each person's gradient (see ``person_gradients``). Who is in a batch, how much noise there
is and what it costs is decided here, by one object: people are drawn by chance (Poisson), noise
goes on the **sum** of a batch, and the sum is divided by a public number, never by how many there
are.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.accounting import Budget, check_delta
from mindveil.dp.noise import Noise
from mindveil.dp.poisson import Training, multiplier_of, training_statement
from mindveil.errors import InputError, InvalidMeasurement
from mindveil.release import Guarantee
from mindveil.train.base import Floats
from mindveil.train.person_gradients import (
    check_one_by_one,
    clipped_sum,
    cut,
    fine_tensor_of,
    ghost_of,
    tensor_of,
    weights_of,
)

if TYPE_CHECKING:
    from torch import Tensor
    from torch.nn import Module, Parameter
    from torch.optim import Optimizer

Recordings = NDArray[np.float32] | NDArray[np.float64]

GRAIN = 1 << 16
"""Steps of the noise in one clipping bound."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What there is of people: ``values`` (people, ...), ``labels`` (people,) of 0 and 1."""

    ids: tuple[str, ...]
    values: Recordings
    labels: Floats

    def __post_init__(self) -> None:
        if not len(self.ids) == len(self.values) == len(self.labels):
            raise InputError(
                f"{len(self.ids)} ids, {len(self.values)} samples and {len(self.labels)} labels do "
                "not belong together; give one of each for every person"
            )
        if len(set(self.ids)) < len(self.ids):
            raise InputError(
                f"{len(self.ids)} samples are of {len(set(self.ids))} people: a sample must be a "
                "person, or the promise would be to windows; give one array (people, windows, "
                "features), with zeros where a recording is shorter"
            )
        if not np.isfinite(self.values).all():
            raise InputError("a recording is not a finite number; fill gaps before training")
        if not np.isin(self.labels, (0.0, 1.0)).all():
            raise InputError("a label is neither 0 nor 1; say 1 for cases and 0 for others")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTraining:
    """How a network is taught; all of it public.

    ``people`` is about how many there are, as anybody may know. Each of the ``steps`` draws every
    person with probability ``rate``; gradients longer than ``clip`` are shortened to it. ``shelf``
    is a file of noise multipliers that were worked out before, see ``dp.poisson``.
    """

    budget: Budget
    people: int
    rate: float = 0.1
    steps: int = 200
    clip: float = 1.0
    optimiser: Literal["sgd", "adam"] = "adam"
    learning_rate: float = 0.01
    shelf: Path | None = None

    def __post_init__(self) -> None:
        check_delta(self.budget.delta, self.people)
        sizes = (self.clip, self.learning_rate)
        if self.training.steps < 1 or not all(0.0 < size < math.inf for size in sizes):
            raise InputError(
                f"{self.steps} steps at learning rate {self.learning_rate!r} with gradients "
                f"clipped at {self.clip!r} teach nothing; give a step at least, and positive "
                "numbers"
            )

    @property
    def training(self) -> Training:
        """How people are drawn: what is accounted is what runs."""
        return Training(rate=self.rate, steps=self.steps)

    @property
    def expected(self) -> float:
        """The public number that sums are divided by: people in a batch, about."""
        return self.rate * self.people


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnNetwork:
    """A network that was taught, and what was promised; nothing of a batch hangs on it."""

    network: Module
    guarantee: Guarantee
    multiplier: float

    def log_odds(self, values: Recordings) -> Floats:
        """Return the log-odds of being a case, shape (people,)."""
        import torch  # noqa: PLC0415 - an optional extra

        with torch.no_grad():
            told = self.network(tensor_of(cut(values))).reshape(len(values))
        return np.asarray(told.numpy(), dtype=np.float64)


def teach(
    network: Module,
    recorded: Recorded,
    settings: OwnTraining,
    noise: Noise,
    rng: np.random.Generator,
) -> OwnNetwork:
    """Return a copy of the network that these people taught; the network itself stays as it is.

    Who is drawn and what hides them comes from ``noise``, dropout from ``rng``. The promise is
    ``accounted``: gradients are sums of floating-point numbers, of double precision while it is
    taught. Its weights alone are taught: buffers stay those of the network that was given.

    Raises:
        InputError: torch or Opacus is missing; the network mixes people, or has parts whose
            gradients cannot be measured for each person.
        InvalidMeasurement: training ran away to numbers that are none.
    """
    check_one_by_one(network, recorded.values.shape[1:], settings.clip, rng)
    multiplier = multiplier_of(settings.budget, settings.training, settings.shelf)
    pupil = copy.deepcopy(network).double()
    ghost, weights = ghost_of(pupil, settings.clip), weights_of(pupil)
    learner = _optimiser(weights, settings)
    with _drawn_from(rng):
        for _ in range(settings.steps):
            there = noise.chosen(settings.rate, len(recorded.ids))
            values = fine_tensor_of(cut(recorded.values[there]))
            labels = fine_tensor_of(recorded.labels[there])
            total, _ = clipped_sum(ghost, weights, values, labels)
            grains = noise.gaussian(multiplier * GRAIN, (total.numel(),))
            noisy = total + fine_tensor_of(grains * (settings.clip / GRAIN))
            _step(learner, weights, noisy / settings.expected)
    taught = _with_weights(network, weights)
    words = (
        f"{settings.steps} steps on people drawn with probability {settings.rate:g}: the sum of "
        f"their gradients, each clipped at {settings.clip:g}, with Gaussian noise of "
        f"{multiplier:.4g} times that, divided by {settings.expected:g}"
    )
    promise = training_statement(
        settings.budget, settings.training, multiplier, (words,), proved=False
    )
    return OwnNetwork(network=taught.eval(), guarantee=promise, multiplier=multiplier)


def _with_weights(network: Module, weights: list[Parameter]) -> Module:
    """Return a copy of the network with these weights, and with nothing else that was taught.

    Lengths of gradients still hang on the pupil, and whatever else it may have kept of people.
    """
    taught = copy.deepcopy(network)
    for weight, found in zip(weights_of(taught), weights, strict=True):
        weight.data = found.detach().to(weight.dtype, copy=True)
        if not bool(weight.data.isfinite().all()):
            raise InvalidMeasurement(
                "training ran away: a weight is not a finite number; choose a smaller learning rate"
            )
    return taught


def _optimiser(weights: list[Parameter], settings: OwnTraining) -> Optimizer:
    from torch.optim import SGD, Adam  # noqa: PLC0415 - an optional extra

    if settings.optimiser == "adam":
        return Adam(weights, lr=settings.learning_rate)
    return SGD(weights, lr=settings.learning_rate, momentum=0.9)


def _step(learner: Optimizer, weights: list[Parameter], gradient: Tensor) -> None:
    start = 0
    for weight in weights:
        weight.grad = gradient[start : start + weight.numel()].reshape(weight.shape)
        start += weight.numel()
    learner.step()


@contextmanager
def _drawn_from(rng: np.random.Generator) -> Iterator[None]:
    """Let torch's own chance (dropout) come from the rng, on one thread, and put it back after."""
    import torch  # noqa: PLC0415 - an optional extra

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**62)))
            yield
    finally:
        torch.set_num_threads(threads)
