"""Training a generator network: against a critic, towards the moments of the table.

Wasserstein critic on packs of people (Lin et al. 2018) with gradient penalty (Gulrajani et al.
2017); the generator's loss adds the squared error of its moments. The critic is heard less and
less towards the end: its last word would cost the scales their alpha. What is kept is the moving
average of the generator's weights; critic and optimisers are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mindveil.errors import InputError
from mindveil.synthesise.base import Tensors
from mindveil.synthesise.gan_moment_loss import Goals, goals_of, moment_loss
from mindveil.synthesise.gan_moments import Lesson
from mindveil.synthesise.gan_network import (
    Board,
    Weights,
    board_of,
    drawn_rows,
    expect,
    judge,
    speak,
    steepness,
    tensor_of,
    tossed,
)
from mindveil.synthesise.gan_start import first_weights

if TYPE_CHECKING:
    from torch import Generator, Tensor
    from torch.optim import Adam


@dataclass(frozen=True, slots=True, kw_only=True)
class GanSettings:
    """How a generator is trained.

    ``epochs`` passes over the table in batches of ``batch`` people, judged in packs of ``pack``;
    ``critic_steps`` of the critic for each of the generator (0: no critic, moments alone);
    ``moments`` is the weight of the moment loss. ``latents`` and ``hidden`` are the sizes of the
    generator, ``critic`` that of the critic.
    """

    epochs: int = 300
    batch: int = 400
    pack: int = 4
    critic_steps: int = 2
    moments: float = 20.0
    latents: int = 32
    hidden: int = 96
    critic: int = 128
    generator_rate: float = 5e-3
    critic_rate: float = 5e-4

    def __post_init__(self) -> None:
        least = {"epochs": 1, "batch": 8, "pack": 1, "latents": 1, "hidden": 1, "critic": 1}
        for name, low in least.items():
            if getattr(self, name) < low:
                raise InputError(f"GAN: {name} = {getattr(self, name)}; take {low} or more")
        if self.critic_steps < 0 or not self.moments >= 0:
            raise InputError("GAN: critic_steps and moments are 0 or more")


PENALTY = 10.0
PENALTY_EVERY = 2
"""The slope of the critic is bounded at every other step, twice as hard."""

CRITIC_FULL, CRITIC_UNTIL = 0.5, 0.8
"""The critic is fully heard until half of the training and not at all in its last fifth."""

KEPT = 0.99
"""Share of the moving average of the weights that a step keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """All that stays the same while a generator is taught."""

    lesson: Lesson
    board: Board
    settings: GanSettings
    rows: Tensor
    asked: Tensor
    goals: Goals
    chance: Generator


def train(lesson: Lesson, settings: GanSettings, people: int, rng: np.random.Generator) -> Tensors:
    """Return the weights of a generator taught this lesson (``noise`` as logarithms).

    ``people`` is how many an epoch counts: those of the table, or whom a taught table stands for.

    Raises:
        InputError: torch is not installed.
    """
    with _one_thread():
        import torch  # noqa: PLC0415 - an optional extra

        chance = torch.Generator().manual_seed(int(rng.integers(2**62)))
        taught = Training(
            lesson=lesson,
            board=board_of(lesson.layout),
            settings=settings,
            rows=tensor_of(lesson.rows),
            asked=tensor_of(np.eye(len(lesson.shares))[lesson.cells]),
            goals=goals_of(lesson),
            chance=chance,
        )
        start = first_weights(lesson, settings.latents, settings.hidden, rng)
        generator = {name: tensor_of(w).requires_grad_() for name, w in start.items()}
        kept = _taught(taught, generator, _steps(settings, people))
        return {name: w.numpy() for name, w in kept.items()}


def _taught(taught: Training, generator: Weights, steps: int) -> Weights:
    """Train generator and critic; return the moving average of the generator's weights."""
    import torch  # noqa: PLC0415 - an optional extra

    settings = taught.settings
    critic = _critic(taught)
    learner, judging = _adam(generator), _adam(critic)
    average = {name: w.detach().clone() for name, w in generator.items()}
    for step in range(steps):
        done = step / steps
        learner.param_groups[0]["lr"] = settings.generator_rate * _decay(done)
        judging.param_groups[0]["lr"] = settings.critic_rate * _decay(done)
        heard = _heard(done) if settings.critic_steps else 0.0
        if heard:
            for turn in range(settings.critic_steps * step, settings.critic_steps * (step + 1)):
                judging.zero_grad(set_to_none=True)
                _critic_loss(taught, generator, critic, turn).backward()  # type: ignore[no-untyped-call]
                judging.step()
        learner.zero_grad(set_to_none=True)
        _generator_loss(taught, generator, critic, heard).backward()  # type: ignore[no-untyped-call]
        learner.step()
        kept = min(KEPT, (step + 1) / (step + 10))
        with torch.no_grad():
            for name, w in generator.items():
                average[name].lerp_(w, 1 - kept)
    return average


def _critic_loss(taught: Training, generator: Weights, critic: Weights, turn: int) -> Tensor:
    """Return how badly the critic tells people from drawn ones, and how steeply it judges."""
    import torch  # noqa: PLC0415 - an optional extra

    chosen = _someone(taught)
    asked = taught.asked[chosen]
    with torch.no_grad():
        said = speak(generator, _given(taught, asked), taught.board)
        gone = tossed(said, taught.chance)
        made = drawn_rows(generator, said, gone, taught.board, taught.chance)
    real = _packs(taught.rows[chosen], asked, taught.settings)
    fake = _packs(made, asked, taught.settings)
    loss = judge(critic, fake).mean() - judge(critic, real).mean()
    if turn % PENALTY_EVERY == 0:
        between = torch.rand((len(real), 1), generator=taught.chance)
        steep = steepness(critic, torch.lerp(fake, real, between))
        loss = loss + PENALTY_EVERY * PENALTY * ((steep - 1) ** 2).mean()
    return loss


def _generator_loss(taught: Training, generator: Weights, critic: Weights, heard: float) -> Tensor:
    """Return how far the moments are off, and what the critic, as far as heard, says."""
    asked = taught.asked[_someone(taught)]
    said = speak(generator, _given(taught, asked), taught.board)
    gone = tossed(said, taught.chance)
    expected = expect(generator, said, taught.board)
    far = moment_loss(taught.goals, taught.board, expected, gone, asked)
    loss = taught.settings.moments * far
    if heard:
        made = drawn_rows(generator, said, gone, taught.board, taught.chance)
        frozen = {name: w.detach() for name, w in critic.items()}
        loss = loss - heard * judge(frozen, _packs(made, asked, taught.settings)).mean()
    return loss


def _critic(taught: Training) -> Weights:
    import torch  # noqa: PLC0415 - an optional extra

    settings = taught.settings
    width = settings.pack * (taught.rows.shape[1] + taught.asked.shape[1])
    shapes = {
        "first": (width, settings.critic),
        "first.bias": (settings.critic,),
        "second": (settings.critic, settings.critic),
        "second.bias": (settings.critic,),
        "last": (settings.critic, 1),
    }
    return {
        name: (
            torch.randn(shape, generator=taught.chance) * (2.0 / shape[0]) ** 0.5
            if len(shape) == 2
            else torch.zeros(shape)
        ).requires_grad_()
        for name, shape in shapes.items()
    }


def _adam(weights: Weights) -> Adam:
    from torch.optim import Adam  # noqa: PLC0415 - an optional extra

    return Adam(list(weights.values()), betas=(0.5, 0.9), fused=True)


def _batch(settings: GanSettings, people: int) -> int:
    """Return a whole number of pairs of packs, at most everybody."""
    unit = 2 * settings.pack
    return max(unit, min(settings.batch, people) // unit * unit)


def _steps(settings: GanSettings, people: int) -> int:
    """Return how many steps of the generator so many epochs are.

    An epoch is the critic's pass through the table: it sees a batch at each of its steps. Few
    people are looked at more often than that, very many less often.
    """
    seen = _batch(settings, people) * max(1, settings.critic_steps)
    return int(
        np.clip(round(settings.epochs * people / seen), settings.epochs, 10 * settings.epochs)
    )


def _someone(taught: Training) -> Tensor:
    import torch  # noqa: PLC0415 - an optional extra

    people = len(taught.rows)
    return torch.randint(people, (_batch(taught.settings, people),), generator=taught.chance)


def _given(taught: Training, asked: Tensor) -> Tensor:
    import torch  # noqa: PLC0415 - an optional extra

    latents = torch.randn((len(asked), taught.settings.latents), generator=taught.chance)
    return torch.cat([latents, asked], dim=1)


def _packs(rows: Tensor, asked: Tensor, settings: GanSettings) -> Tensor:
    import torch  # noqa: PLC0415 - an optional extra

    return torch.cat([rows, asked], dim=1).reshape(len(rows) // settings.pack, -1)


def _decay(done: float) -> float:
    """Full speed for half of the training, then down to a twentieth."""
    return min(1.0, 2.0 * (1.0 - done)) * 0.95 + 0.05


def _heard(done: float) -> float:
    """How much the critic is listened to: the last fifth belongs to the moments alone."""
    return min(1.0, max(0.0, (CRITIC_UNTIL - done) / (CRITIC_UNTIL - CRITIC_FULL)))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Compute on one thread and in one order, as it was before afterwards."""
    try:
        import torch  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise InputError(
            "a GAN is trained with torch, which is not installed: pip install 'mindveil[torch]'"
        ) from error
    threads, strict = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(strict)
        torch.set_num_threads(threads)
