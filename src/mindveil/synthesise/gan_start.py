"""Where a generator network begins: at the linear factor model of its table.

Random weights would have to find out first that items of a scale go together. Loadings come from
the table's second moments instead (principal factors within cells, corrected for the coarseness
of the answers), thresholds from its margins and noise sizes from what the factors leave over;
training then bends what is not straight.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from mindveil.synthesise.gan_layout import Floats
from mindveil.synthesise.gan_moments import Lesson

ROUNDS = 4
"""Communalities are found by so many passes of principal factors."""

LEAST_OWN, MOST_OWN = 0.08, 1.0
"""Bounds on the share of an item's variance that is its own at the start."""

STEEPEST = 3.0
"""Largest slope of a nominal or missing logit at the start."""


def first_weights(
    lesson: Lesson, latents: int, hidden: int, rng: np.random.Generator
) -> dict[str, Floats]:
    """Return weights whose people have about the table's margins and correlations.

    ``noise`` is the logarithm of the noise sizes. The bent path starts near zero.
    """
    layout, cells = lesson.layout, len(lesson.shares)
    count, inputs = len(layout.ordered), latents + cells
    clear, cuts = _clearness(lesson)
    shown = np.r_[clear, np.ones(layout.outputs - count)]
    shift = lesson.by_cell[:, : layout.outputs] / shown
    joint = lesson.second[: layout.outputs, : layout.outputs] / np.outer(shown, shown)
    joint = joint - (shift * lesson.shares[:, None]).T @ shift
    told = lesson.told[: layout.outputs, : layout.outputs] > 0
    loadings = _factors(joint * told, latents)
    own = 1.0 - (loadings**2).sum(axis=0) - (shift**2 * lesson.shares[:, None]).sum(axis=0)
    own = np.sqrt(np.clip(own[:count], LEAST_OWN, MOST_OWN))
    steep, level = _logit_scale(lesson)
    skip = np.vstack([loadings, shift])
    skip[:, count:] = np.clip(skip[:, count:] * steep, -STEEPEST, STEEPEST)
    return {
        "skip": skip,
        "bias": np.r_[np.zeros(count), level],
        "first": rng.standard_normal((inputs, hidden)) * np.sqrt(2.0 / inputs),
        "first.bias": np.zeros(hidden),
        "second": rng.standard_normal((hidden, hidden)) * np.sqrt(2.0 / hidden),
        "second.bias": np.zeros(hidden),
        "last": rng.standard_normal((hidden, layout.outputs)) * 0.1 / np.sqrt(hidden),
        "noise": np.log(own * np.sqrt(3.0) / np.pi),
        "thresholds": cuts,
    }


def _clearness(lesson: Lesson) -> tuple[Floats, Floats]:
    """Return how much an answer tells of its normal score, and the normal thresholds."""
    layout = lesson.layout
    missed = lesson.margins[len(layout.steps_of) + len(layout.cells_of) :]
    # Gaps of the same variable are counted besides each other.
    answered = 1.0 - missed @ layout.absence_of(layout.ordered[layout.steps_of])
    reached = lesson.margins[: len(layout.steps_of)] / np.maximum(answered, 1e-9)
    cuts = ndtri(1.0 - np.clip(reached, 1e-4, 1 - 1e-4))
    density = np.exp(-0.5 * cuts**2) / np.sqrt(2 * np.pi)
    spread = lesson.spread[: len(layout.ordered)]
    answered_all = 1.0 - missed @ layout.absence_of(layout.ordered)
    clear = answered_all * (layout.step_owner @ density) / spread
    return np.clip(clear, 0.3, 1.0), cuts


def _logit_scale(lesson: Lesson) -> tuple[Floats, Floats]:
    """Return what turns a feature's loading into a logit's slope, and the logits' levels."""
    layout = lesson.layout
    share = np.clip(lesson.margins[len(layout.steps_of) :], 1e-4, 1 - 1e-4)
    spread = lesson.spread[len(layout.ordered) : layout.outputs]
    nominal = len(layout.cells_of)
    level = np.r_[np.log(share[:nominal]), np.log(share[nominal:] / (1 - share[nominal:]))]
    return spread / (share * (1 - share)), level


def _factors(joint: Floats, count: int) -> Floats:
    """Return principal-factor loadings, shape (count, features), of a matrix without diagonal."""
    common = np.abs(joint).max(axis=0, initial=0.0)
    loadings = np.zeros((count, len(joint)))
    for _ in range(ROUNDS):
        held = joint.copy()
        np.fill_diagonal(held, common)
        values, vectors = np.linalg.eigh(held)
        kept = min(count, len(values))
        strength = np.sqrt(np.maximum(values[::-1][:kept], 0.0))
        loadings[:kept] = strength[:, None] * vectors[:, ::-1][:, :kept].T
        common = np.minimum((loadings**2).sum(axis=0), 1.0 - LEAST_OWN)
    return loadings
