"""What a synthetic table says of each candidate by every attack at once, and how it adds up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, ndtri
from scipy.stats import rankdata

from mindveil.attack.nearest_record import closeness
from mindveil.attack.table_membership import Population
from mindveil.attack.table_moments import moments_of
from mindveil.attack.table_space import Space
from mindveil.attack.tracing import Trail

Floats = NDArray[np.float64]

CLUES = (
    *("tracing among candidates", "tracing beyond the reference"),
    *("narrow kernels", "wide kernels", "pairs of cells", "nearest record"),
)

_ROUNDS = 30
_SHRINKAGE = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scales:
    """A game's people as rows of one space."""

    space: Space
    known: Floats
    reference: Floats
    released: Floats


def clues_of(game: Scales, rng: np.random.Generator) -> Floats:
    """Return every clue about each candidate as a normal score, shape (people, columns).

    The columns are those of :data:`CLUES`, then how unusual she is, then the clues of tracing
    and of the narrow kernels times that: generators keep an unusual person worse or better.
    """
    everybody = np.concatenate([game.known, game.reference])
    trail = Trail.of(moments := moments_of(game.space, everybody, rng), game.known, game.reference)
    mean = moments.mean(game.released)
    among, doubt = trail.lean(mean)
    people = Population.of(game.space, game.known, game.reference)
    found = [among, trail.lean_beyond(mean, doubt), *people.kernel_ratios(game.released)]
    found.append(people.cell_ratios(game.released))
    found.append(closeness(game.known, game.reference, game.released))
    length = ((game.known - everybody.mean(axis=0)) ** 2).sum(axis=1)
    clues = np.column_stack([_normal(clue) for clue in found])
    unusual = _normal(length)[:, None]
    return np.concatenate([clues, unusual, clues[:, [0, 2]] * unusual], axis=1)


def learn(clues: Floats, member: NDArray[np.bool_]) -> Floats:
    """Return the weights of clues that tell members best: a ridge logistic regression.

    The last weight is the intercept. Newton's method; the ridge keeps it from running away where
    members are told entirely.
    """
    design = np.column_stack([clues, np.ones(len(clues))])
    weights = np.zeros(design.shape[1])
    ridge = np.append(np.full(clues.shape[1], _SHRINKAGE), 1e-6)
    for _ in range(_ROUNDS):
        chance = expit(design @ weights)
        slope = design.T @ (member - chance) - ridge * weights
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(curve, slope)
        weights += step
        if np.abs(step).max() < 1e-8:
            break
    return weights


def weigh(clues: Floats, weights: Floats) -> Floats:
    """Return the log odds of having been a member."""
    return np.asarray(clues @ weights[:-1] + weights[-1], dtype=np.float64)


def _normal(scores: Floats) -> Floats:
    """Return scores as the quantiles of a bell curve: games differ in scale, not in order."""
    return np.asarray(ndtri((rankdata(scores) - 0.5) / len(scores)), dtype=np.float64)
