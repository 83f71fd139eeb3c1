"""Set a trained generator's margins right: its thresholds and levels on a large draw.

Training leaves answers a point or two too frequent or too rare. Shapes and ties between answers
are the network's, but how frequent each answer is can be had exactly: move each threshold, each
nominal level and each missing level until the average over many latents is the margin.
"""

from __future__ import annotations

import numpy as np
from scipy.special import expit, logit

from mindveil.synthesise.base import Tensors
from mindveil.synthesise.gan_layout import Floats, Layout
from mindveil.synthesise.gan_model import allotted, latent_size, outputs_of

DRAWS = 10_000
ROUNDS = 40
NEAR = 1e-4
"""Newton steps: at most so many, and until none is longer than this."""

RAREST = 1e-5
LONGEST = 2.0
"""No level moves further than this in a round (in units of its noise)."""


def calibrated(
    weights: Tensors, layout: Layout, margins: Floats, rng: np.random.Generator
) -> Tensors:
    """Return the weights with thresholds and levels under which the margins are these.

    ``margins`` (steps, nominal cells, missing bits) are shares of all people. ``weights`` holds
    the noise sizes themselves, not their logarithms.
    """
    cells = allotted(weights["cells"].astype(np.float64), DRAWS, rng)
    latents = rng.standard_normal((DRAWS, latent_size(weights)))
    said = outputs_of(weights, latents, cells)
    ordered, steps = len(layout.ordered), len(layout.steps_of)
    last = ordered + len(layout.cells_of)
    bias = weights["bias"].astype(np.float64)
    gaps = said[:, last:]
    moved = _coins(layout, gaps, margins[steps + len(layout.cells_of) :])
    bias[last:] += moved
    present = 1.0 - expit(gaps + moved)
    cuts = _cuts(weights, layout, said[:, :ordered], margins[:steps], present)
    wanted = margins[steps : steps + len(layout.cells_of)]
    bias[ordered:last] += _levels(layout, said[:, ordered:last], wanted, present)
    return {
        **weights,
        "bias": bias.astype(np.float32),
        "thresholds": cuts.astype(np.float32),
    }


def _coins(layout: Layout, gaps: Floats, wanted: Floats) -> Floats:
    moved, wholes = np.zeros(len(wanted)), layout.wholes
    # First the gaps that are part of none, then those that are counted besides those.
    for mine in (~wholes.any(axis=0), wholes.any(axis=0)):
        beside = 1.0 - expit(gaps + moved) @ wholes[:, mine]
        share = np.maximum(beside.mean(axis=0), RAREST)
        for _ in range(ROUNDS):
            far = _step(expit(gaps[:, mine] + moved[mine]), wanted[mine] / share, beside / share)
            moved[mine] += far
            if np.abs(far).max(initial=0.0) < NEAR:
                break
    return moved


def _cuts(
    weights: Tensors, layout: Layout, answers: Floats, wanted: Floats, present: Floats
) -> Floats:
    size = weights["noise"].astype(np.float64)[layout.steps_of]
    cuts = weights["thresholds"].astype(np.float64).copy()
    # A variable at a time: all steps of all people at once would be too large a table.
    for place, variable in enumerate(layout.ordered):
        mine = np.flatnonzero(layout.steps_of == place)
        there = _there(layout, variable, present)
        goal, scale = wanted[mine] / there.mean(), size[mine]
        weight = there / there.mean()
        for _ in range(ROUNDS):
            chance = expit((answers[:, place, None] - cuts[mine]) / scale)
            far = _step(chance, goal, weight[:, None])
            cuts[mine] -= scale * far
            if np.abs(far).max(initial=0.0) < NEAR:
                break
        cuts[mine] = np.maximum.accumulate(cuts[mine])
    return cuts


def _levels(layout: Layout, logits: Floats, wanted: Floats, present: Floats) -> Floats:
    moved = np.zeros(len(layout.cells_of))
    for place, variable in enumerate(layout.nominal):
        mine = np.flatnonzero(layout.cells_of == place)
        there = _there(layout, variable, present)
        goal = np.maximum(wanted[mine] / there.mean(), RAREST)
        base = logits[:, mine] - logits[:, mine].max(axis=1, keepdims=True)
        for _ in range(ROUNDS):
            share = np.exp(base + moved[mine])
            share /= share.sum(axis=1, keepdims=True)
            found = np.average(share, axis=0, weights=there)
            far = np.clip(np.log(goal / np.maximum(found, 1e-12)), -LONGEST, LONGEST)
            moved[mine] += far
            if np.abs(far).max() < NEAR:
                break
    return moved


def _there(layout: Layout, variable: int, present: Floats) -> Floats:
    """Return everybody's chance that a variable is answered."""
    groups = [place for place, group in enumerate(layout.gaps.groups) if variable in group]
    return np.asarray(present[:, groups].prod(axis=1))


def _step(chance: Floats, goal: Floats, weight: Floats | float) -> Floats:
    """Return how far a logit level has to rise for the average chance to be the goal (Newton)."""
    goal = np.clip(goal, RAREST, 1 - RAREST)
    found = np.clip((weight * chance).mean(axis=0), 1e-12, 1 - 1e-12)
    slope = (weight * chance * (1 - chance)).mean(axis=0) / (found * (1 - found))
    far = (logit(goal) - logit(found)) / np.maximum(slope, 1e-3)
    return np.asarray(np.clip(far, -LONGEST, LONGEST))
