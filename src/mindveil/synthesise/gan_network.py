"""The generator and its critic, as functions of their weights; only this and training use torch.

Given its latents an item's answer is independent of all others, so what the generator expects of
a person (the chance of each step, cell and gap) is known without drawing: moments are taken from
expectations, and only the critic sees drawn people.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mindveil.synthesise.gan_layout import Layout
from mindveil.synthesise.gan_model import SLOPE

if TYPE_CHECKING:
    from torch import Generator, Tensor

Weights = Mapping[str, "Tensor"]

SHARPNESS = 0.7
"""Temperature of the soft answers behind which the hard ones are hidden (straight-through)."""


def tensor_of(values: NDArray[np.generic]) -> Tensor:
    """Return numbers as a float32 tensor."""
    import torch  # noqa: PLC0415 - an optional extra

    return torch.from_numpy(np.ascontiguousarray(values, dtype=np.float32))


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """A layout in tensors: which step, cell and missing bit is of which variable."""

    ordered: int
    cells: int
    step_owner: Tensor
    step_weight: Tensor
    cell_owner: Tensor
    step_absence: Tensor
    cell_absence: Tensor
    score_absence: Tensor
    wholes: Tensor


def board_of(layout: Layout) -> Board:
    """Return a layout in tensors."""
    return Board(
        ordered=len(layout.ordered),
        cells=len(layout.cells_of),
        step_owner=tensor_of(layout.step_owner),
        step_weight=tensor_of(2.0 * layout.step_height - 1.0),
        cell_owner=tensor_of(layout.cell_owner),
        step_absence=tensor_of(layout.absence_of(layout.ordered[layout.steps_of])),
        cell_absence=tensor_of(layout.absence_of(layout.nominal[layout.cells_of])),
        score_absence=tensor_of(layout.absence_of(layout.ordered)),
        wholes=tensor_of(layout.wholes),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What the network said of people: latent answers, nominal logits, missing logits."""

    latents: Tensor
    logits: Tensor
    gaps: Tensor


def speak(weights: Weights, given: Tensor, board: Board) -> Spoken:
    """Run the generator on latents and cells, shape (people, latents + cells)."""
    from torch.nn.functional import leaky_relu  # noqa: PLC0415 - an optional extra

    inner = leaky_relu(given @ weights["first"] + weights["first.bias"], SLOPE)
    inner = leaky_relu(inner @ weights["second"] + weights["second.bias"], SLOPE)
    said = given @ weights["skip"] + weights["bias"] + inner @ weights["last"]
    a, b = board.ordered, board.ordered + board.cells
    return Spoken(latents=said[:, :a], logits=said[:, a:b], gaps=said[:, b:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """The chances of answers where there are any, person by person: steps and nominal cells."""

    steps: Tensor
    cells: Tensor


def expect(weights: Weights, said: Spoken, board: Board) -> Expected:
    """Return the chance of each step and cell."""
    import torch  # noqa: PLC0415 - an optional extra

    spread = weights["noise"].exp()
    above = (said.latents / spread) @ board.step_owner
    cuts = weights["thresholds"] / (spread @ board.step_owner)
    return Expected(
        steps=torch.sigmoid(above - cuts),
        cells=_shares(said.logits, board),
    )


def tossed(said: Spoken, chance: Generator) -> Tensor:
    """Toss everybody's coins: 1 where a gap opens, shape (people, gaps), straight-through."""
    import torch  # noqa: PLC0415 - an optional extra

    leaning = said.gaps + _logistic(said.gaps, chance)
    return _hard((leaning > 0).float(), torch.sigmoid(leaning / SHARPNESS))


def absent(gone: Tensor, absence: Tensor) -> Tensor:
    """Return 1 where something is missing because one of its gaps is open."""
    return (gone @ absence).clamp(max=1.0)


def beside(gone: Tensor, board: Board) -> Tensor:
    """Return the gaps as they are seen: those within an open one are not."""
    return gone * (1 - gone @ board.wholes)


def drawn_rows(
    weights: Weights, said: Spoken, gone: Tensor, board: Board, chance: Generator
) -> Tensor:
    """Draw everybody's answers as rows for the critic; gradients go through soft answers."""
    import torch  # noqa: PLC0415 - an optional extra

    spread = weights["noise"].exp()
    answers = (said.latents + spread * _logistic(said.latents, chance)) @ board.step_owner
    height = (answers - weights["thresholds"]) / (spread @ board.step_owner * SHARPNESS)
    steps = _hard((height > 0).float(), torch.sigmoid(height))
    uniform = torch.rand(said.logits.shape, generator=chance).clamp_(1e-6, 1 - 1e-6)
    soft = _shares((said.logits - torch.log(-torch.log(uniform))) / SHARPNESS, board)
    tallest = _tallest(soft.detach(), board)
    chosen = _hard(tallest, soft)
    present_steps = 1 - absent(gone, board.step_absence)
    present_cells = 1 - absent(gone, board.cell_absence)
    seen = beside(gone, board)
    return torch.cat([steps * present_steps, chosen * present_cells, seen], dim=1)


def judge(weights: Weights, packs: Tensor) -> Tensor:
    """Return what the critic says of packs of people, shape (packs, pac x width)."""
    from torch.nn.functional import leaky_relu  # noqa: PLC0415 - an optional extra

    first = packs @ weights["first"] + weights["first.bias"]
    second = leaky_relu(first, SLOPE) @ weights["second"] + weights["second.bias"]
    score: Tensor = leaky_relu(second, SLOPE) @ weights["last"]
    return score


def steepness(weights: Weights, packs: Tensor) -> Tensor:
    """Return how fast the critic changes its mind about packs: the norm of its gradient by them.

    The gradient is written out (the rectifiers are straight lines on both sides), so that a
    penalty on it needs no second pass through autograd.
    """
    import torch  # noqa: PLC0415 - an optional extra
    from torch.nn.functional import leaky_relu  # noqa: PLC0415 - as above

    first = packs @ weights["first"] + weights["first.bias"]
    second = leaky_relu(first, SLOPE) @ weights["second"] + weights["second.bias"]
    back = _lean(second) * weights["last"].T
    back = _lean(first) * (back @ weights["second"].T)
    steep: Tensor = torch.linalg.vector_norm(back @ weights["first"].T, dim=1)
    return steep


def _logistic(like: Tensor, chance: Generator) -> Tensor:
    import torch  # noqa: PLC0415 - an optional extra

    uniform = torch.rand(like.shape, generator=chance).clamp_(1e-6, 1 - 1e-6)
    return torch.log(uniform / (1 - uniform))


def _lean(values: Tensor) -> Tensor:
    return (values > 0).float().mul_(1 - SLOPE).add_(SLOPE)


def _hard(hard: Tensor, soft: Tensor) -> Tensor:
    # The difference is exactly 0: what is added is the gradient.
    return hard + (soft - soft.detach())


def _shares(logits: Tensor, board: Board) -> Tensor:
    """Return the softmax of logits within each nominal variable."""
    if board.cells == 0:
        return logits
    weight = (logits - logits.detach().amax(dim=1, keepdim=True)).clamp(min=-60.0).exp()
    return weight / ((weight @ board.cell_owner.T) @ board.cell_owner)


def _tallest(shares: Tensor, board: Board) -> Tensor:
    """Return 1 for the largest cell of each nominal variable."""
    import torch  # noqa: PLC0415 - an optional extra

    if board.cells == 0:
        return shares
    sizes = [int(size) for size in board.cell_owner.sum(dim=1)]
    parts = [
        torch.zeros_like(part).scatter_(1, part.argmax(dim=1, keepdim=True), 1.0)
        for part in torch.split(shares, sizes, dim=1)
    ]
    return torch.cat(parts, dim=1)
