"""How far a generator's people are from the moments of the table, as something to differentiate.

Each error is the product of the errors of two independent halves of a batch: its average is the
square of the true error, so that chance in a batch is not mistaken for an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mindveil.synthesise.gan_moments import LEAST_SPREAD, Lesson
from mindveil.synthesise.gan_network import Board, Expected, absent, beside, tensor_of

if TYPE_CHECKING:
    from torch import Tensor

Goals = Mapping[str, "Tensor"]
"""The averages of a lesson, by name."""

SECOND_WEIGHT, REACHED_WEIGHT, CELL_WEIGHT = 2.0, 2.0, 0.05
"""What second moments, distributions of scores and means within cells count beside margins.

A cut-off is sharp and answers given latents are not, so that a cell cannot be met exactly:
insisting on it costs the distributions of scores their tails.
"""

RAREST_CELL = 0.01


def moment_loss(
    goals: Goals, board: Board, expected: Expected, gone: Tensor, asked: Tensor
) -> Tensor:
    """Return the squared error of margins, second moments, cell means and scores.

    ``gone`` (people, gaps) says what is missing: tossed, not expected, because answers that are
    missing together are so at the same time. ``asked`` (people, cells) says of which cell
    everybody should be.
    """
    import torch  # noqa: PLC0415 - an optional extra

    present = 1 - absent(gone, board.step_absence)
    steps = expected.steps * present
    cells = expected.cells * (1 - absent(gone, board.cell_absence))
    filled = absent(gone, board.score_absence) * goals["filled"]
    gaps = beside(gone, board)
    scores = steps @ board.step_owner.T + filled
    squares = (steps * board.step_weight) @ board.step_owner.T + filled * goals["filled"]
    totals, noise, reached = _totals(goals, scores, squares)
    features = torch.cat([scores, cells, gaps, totals], dim=1)
    features = (features - goals["centre"]) / goals["spread"]
    margins = (torch.cat([steps, cells, gaps], dim=1) - goals["margins"]) * goals["rarity"]
    half = len(features) // 2
    first, last = slice(0, half), slice(half, 2 * half)
    one, other = (
        _joint_errors(goals, features[part], noise[part], asked[part]) for part in (first, last)
    )
    margin = (margins[first].mean(dim=0) * margins[last].mean(dim=0)).sum()
    far = reached - goals["reached"]
    score = (far[first].mean(dim=0) * far[last].mean(dim=0)).sum()
    second, by_cell = (a * b for a, b in zip(one, other, strict=True))
    loss: Tensor = margin + SECOND_WEIGHT * (goals["told"] * second).sum()
    return loss + REACHED_WEIGHT * score + CELL_WEIGHT * by_cell.sum()


def _joint_errors(
    goals: Goals, features: Tensor, noise: Tensor, asked: Tensor
) -> tuple[Tensor, Tensor]:
    """Return errors of second moments and of means within cells, for half a batch."""
    import torch  # noqa: PLC0415 - an optional extra

    own = (noise.mean(dim=0) @ goals["is_score"]) / goals["spread"] ** 2
    second = features.T @ features / len(features) + torch.diag(own) - goals["second"]
    by_cell = asked.T @ features / len(features) - goals["by_cell"]
    return second, by_cell * goals["cell_weight"]


def _totals(goals: Goals, scores: Tensor, squares: Tensor) -> tuple[Tensor, Tensor, Tensor]:
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


def goals_of(lesson: Lesson) -> Goals:
    """Return the averages of the lesson as tensors."""
    sums, count = lesson.sums, len(lesson.layout.ordered)
    sizes = [len(at) for at in lesson.scores]
    owner = np.repeat(np.arange(len(sums)), sizes)[None, :] == np.arange(len(sums))[:, None]
    at = np.concatenate([*lesson.scores, np.zeros(0)])
    rarity = 1.0 / np.maximum(np.sqrt(lesson.margins * (1 - lesson.margins)), LEAST_SPREAD)
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
        "cell_weight": tensor_of(1.0 / np.sqrt(np.maximum(lesson.shares, RAREST_CELL))[:, None]),
        "margins": tensor_of(lesson.margins),
        "rarity": tensor_of(rarity),
        "signs": tensor_of(np.array([s.signs for s in sums]).reshape(len(sums), count).T),
        "shift": tensor_of(np.array([s.shift for s in sums])),
        "score_owner": tensor_of(owner),
        "scores": tensor_of(at),
        "reached": tensor_of(np.concatenate([*lesson.reached, np.zeros(0)])),
    }
