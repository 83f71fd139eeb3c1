"""Training a generator network: against a critic, towards the moments of the table.

Wasserstein critic on packs of people (Lin et al. 2018) with gradient penalty (Gulrajani et al.
2017); the generator's loss adds the squared error of its moments. Each error is the product of
two independent halves of the batch, so that chance in a batch is not mistaken for an error. What
is kept is the moving average of the generator's weights.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from mindveil.errors import InputError
from mindveil.synthesise.base import Tensors
from mindveil.synthesise.gan_layout import Rows
from mindveil.synthesise.gan_moments import Lesson
from mindveil.synthesise.gan_network import (
    Board,
    Expected,
    Spoken,
    Weights,
    board_of,
    drawn_rows,
    expect,
    judge,
    speak,
    tensor_of,
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
    generator_rate: float = 3e-3
    critic_rate: float = 5e-4

    def __post_init__(self) -> None:
        least = {"epochs": 1, "batch": 8, "pack": 1, "latents": 1, "hidden": 1, "critic": 1}
        for name, low in least.items():
            if getattr(self, name) < low:
                raise InputError(f"GAN: {name} = {getattr(self, name)}; take {low} or more")
        if self.critic_steps < 0 or not self.moments >= 0:
            raise InputError("GAN: critic_steps and moments are 0 or more")


CELL_WEIGHT = 0.05
"""What means within cells count. A cut-off is sharp and answers given latents are not, so that a
cell cannot be met exactly: insisting on it costs the scores' distribution its tails."""

PENALTY = 10.0
PENALTY_EVERY = 2
"""The slope of the critic is bounded at every other step, twice as hard."""

CRITIC_FULL, CRITIC_UNTIL = 0.5, 0.8

KEPT = 0.99
"""Share of the moving average of the weights that a step keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """All that stays the same while a generator is taught."""

    lesson: Lesson
    board: Board
    settings: GanSettings
    rows: Tensor
    asked: Tensor
    goals: dict[str, Tensor]
    chance: Generator


def train(lesson: Lesson, settings: GanSettings, rng: np.random.Generator) -> Tensors:
    """Return the weights of a generator taught this lesson (``noise`` as logarithms).

    Raises:
        InputError: torch is not installed.
    """
    with _one_thread():
        import torch  # noqa: PLC0415 - an optional extra

        chance = torch.Generator().manual_seed(int(rng.integers(2**62)))
        taught = Class(
            lesson=lesson,
            board=board_of(lesson.layout),
            settings=settings,
            rows=tensor_of(lesson.rows),
            asked=tensor_of(np.eye(len(lesson.shares))[lesson.cells]),
            goals=_goals(lesson),
            chance=chance,
        )
        start = first_weights(lesson, settings.latents, settings.hidden, rng)
        generator = {name: tensor_of(w).requires_grad_() for name, w in start.items()}
        kept = _taught(taught, generator, _critic(taught))
        return {name: w.numpy() for name, w in kept.items()}


def _taught(taught: Class, generator: Weights, critic: Weights) -> Weights:
    """Train both and return the moving average of the generator's weights."""
    import torch  # noqa: PLC0415 - an optional extra

    settings, people = taught.settings, len(taught.rows)
    batch = _batch(settings, people)
    # The critic sees the table; a pass of his is an epoch.
    steps = max(1, round(settings.epochs * people / (batch * max(1, settings.critic_steps))))
    learner, judge_learner = _adam(generator, settings.generator_rate), None
    if settings.critic_steps:
        judge_learner = _adam(critic, settings.critic_rate)
    average = {name: w.detach().clone() for name, w in generator.items()}
    for step in range(steps):
        for optimiser, rate in (
            (learner, settings.generator_rate),
            (judge_learner, settings.critic_rate),
        ):
            if optimiser is not None:
                optimiser.param_groups[0]["lr"] = rate * _decay(step / steps)
        say = _critic_say(step / steps) if settings.critic_steps else 0.0
        for again in range(settings.critic_steps if say else 0):
            turn = step * settings.critic_steps + again
            _teach_critic(taught, generator, critic, judge_learner, turn)
        _teach_generator(taught, generator, critic, learner, say)
        kept = min(KEPT, (step + 1) / (step + 10))
        with torch.no_grad():
            for name, w in generator.items():
                average[name].lerp_(w, 1 - kept)
    return average


def _teach_critic(
    taught: Class, generator: Weights, critic: Weights, optimiser: Adam | None, turn: int
) -> None:
    import torch  # noqa: PLC0415 - an optional extra

    assert optimiser is not None
    chosen = _someone(taught)
    asked = taught.asked[chosen]
    with torch.no_grad():
        said = speak(generator, _given(taught, asked), taught.board)
        made = drawn_rows(generator, said, taught.board, taught.chance)
    real = _packs(taught.rows[chosen], asked, taught.settings)
    fake = _packs(made, asked, taught.settings)
    loss = judge(critic, fake).score.mean() - judge(critic, real).score.mean()
    if turn % PENALTY_EVERY == 0:
        between = torch.rand((len(real), 1), generator=taught.chance)
        slope = judge(critic, torch.lerp(fake, real, between), slope=True).slope
        assert slope is not None
        loss = loss + PENALTY_EVERY * PENALTY * ((slope - 1) ** 2).mean()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()


def _teach_generator(
    taught: Class, generator: Weights, critic: Weights, optimiser: Adam, say: float
) -> None:
    asked = taught.asked[_someone(taught)]
    said = speak(generator, _given(taught, asked), taught.board)
    expected = expect(generator, said, taught.board)
    loss = taught.settings.moments * moment_loss(taught, expected, asked)
    if say:
        made = drawn_rows(generator, said, taught.board, taught.chance)
        frozen = {name: w.detach() for name, w in critic.items()}
        loss = loss - say * judge(frozen, _packs(made, asked, taught.settings)).score.mean()
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()


def moment_loss(taught: Class, expected: Expected, asked: Tensor) -> Tensor:
    """Return the squared error of margins, second moments, cell means and scores."""
    import torch  # noqa: PLC0415 - an optional extra

    goals, board = taught.goals, taught.board
    present = 1 - expected.gaps @ board.step_absence
    steps = expected.steps * present
    cells = expected.cells * (1 - expected.gaps @ board.cell_absence)
    filled = (expected.gaps @ board.score_absence) * goals["filled"]
    scores = steps @ board.step_owner.T + filled
    squares = (steps * board.step_weight) @ board.step_owner.T + filled * goals["filled"]
    totals, noise, reached = _totals(goals, scores, squares)
    features = torch.cat([scores, cells, expected.gaps, totals], dim=1)
    features = (features - goals["centre"]) / goals["spread"]
    margins = (torch.cat([steps, cells, expected.gaps], dim=1) - goals["margins"]) * goals["rarity"]
    half = len(features) // 2
    errors = []
    for part in (slice(0, half), slice(half, 2 * half)):
        held, cell = features[part], asked[part]
        own = (noise[part].mean(dim=0) @ goals["is_score"]) / goals["spread"] ** 2
        second = held.T @ held / half + torch.diag(own) - goals["second"]
        by_cell = (cell.T @ held / half) - goals["by_cell"]
        errors.append(
            (
                margins[part].mean(dim=0),
                second,
                by_cell * goals["cell_weight"],
                reached[part].mean(dim=0) - goals["reached"],
            )
        )
    one, other = errors
    weights = (1.0, 2.0 * goals["told"], CELL_WEIGHT, 2.0)
    return torch.stack(
        [(w * a * b).sum() for w, a, b in zip(weights, one, other, strict=True)]
    ).sum()


def _totals(
    goals: dict[str, Tensor], scores: Tensor, squares: Tensor
) -> tuple[Tensor, Tensor, Tensor]:
    """Return everybody's expected scale scores, their variance and the chance to reach each.

    Given the latents a scale's score is a sum of independent answers: nearly normal.
    """
    import torch  # noqa: PLC0415 - an optional extra

    signs = goals["signs"]
    middle = scores @ signs + goals["shift"]
    noise = (squares - scores**2).clamp(min=1e-4) @ signs.abs()
    of = goals["score_owner"]
    height = (middle @ of + 0.5 - goals["scores"]) / (noise.sqrt() @ of + 1e-3)
    reached = torch.special.ndtr(height)
    return middle, noise, reached


def _goals(lesson: Lesson) -> dict[str, Tensor]:
    """Return the averages of the lesson as tensors."""
    sums, count = lesson.sums, len(lesson.layout.ordered)
    sizes = [len(at) for at in lesson.scores]
    owner = np.repeat(np.arange(len(sums)), sizes)[None, :] == np.arange(len(sums))[:, None]
    at = np.concatenate([*lesson.scores, np.zeros(0)])
    rarity = 1.0 / np.maximum(np.sqrt(lesson.margins * (1 - lesson.margins)), 0.14)
    return {
        "filled": tensor_of(lesson.filled),
        "centre": tensor_of(lesson.centre),
        "spread": tensor_of(lesson.spread),
        "second": tensor_of(lesson.second),
        "told": tensor_of(lesson.told),
        "is_score": tensor_of(
            np.eye(len(sums), len(lesson.centre), len(lesson.centre) - len(sums))
        ),
        "by_cell": tensor_of(lesson.by_cell * lesson.shares[:, None]),
        "cell_weight": tensor_of(1.0 / np.sqrt(np.maximum(lesson.shares, 0.01))[:, None]),
        "margins": tensor_of(lesson.margins),
        "rarity": tensor_of(rarity),
        "signs": tensor_of(np.array([s.signs for s in sums]).reshape(len(sums), count).T),
        "shift": tensor_of(np.array([s.shift for s in sums])),
        "score_owner": tensor_of(owner),
        "scores": tensor_of(at),
        "reached": tensor_of(np.concatenate([*lesson.reached, np.zeros(0)])),
    }


def _critic(taught: Class) -> Weights:
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


def _adam(weights: Weights, rate: float) -> Adam:
    from torch.optim import Adam  # noqa: PLC0415 - an optional extra

    return Adam(list(weights.values()), lr=rate, betas=(0.5, 0.9), fused=True)


def _batch(settings: GanSettings, people: int) -> int:
    """Return a whole number of pairs of packs, at most everybody."""
    unit = 2 * settings.pack
    return max(unit, min(settings.batch, people) // unit * unit)


def _someone(taught: Class) -> Tensor:
    import torch  # noqa: PLC0415 - an optional extra

    people = len(taught.rows)
    return torch.randint(people, (_batch(taught.settings, people),), generator=taught.chance)


def _given(taught: Class, asked: Tensor) -> Tensor:
    import torch  # noqa: PLC0415 - an optional extra

    latents = torch.randn((len(asked), taught.settings.latents), generator=taught.chance)
    return torch.cat([latents, asked], dim=1)


def _packs(rows: Tensor, asked: Tensor, settings: GanSettings) -> Tensor:
    import torch  # noqa: PLC0415 - an optional extra

    return torch.cat([rows, asked], dim=1).reshape(len(rows) // settings.pack, -1)


def _decay(done: float) -> float:
    """Full speed for half of the training, then down to a twentieth."""
    return min(1.0, 2.0 * (1.0 - done)) * 0.95 + 0.05


def _critic_say(done: float) -> float:
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


__all__ = ["GanSettings", "Rows", "Spoken", "moment_loss", "train"]
