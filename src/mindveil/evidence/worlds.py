"""How often an attacker tells what kind of people taught a model.

The unit is a model and not a person: a share of a group belongs to nobody in it. That is why
these figures stand apart, and why every one of them says what its n counts.

Models are cheap and people are not. All models of one division of the people are taught by some
of the same, and where men happen to differ from women there, they differ in every model. What
would come out with other people is seen where the people are divided anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mindveil.attack.base import Worlds
from mindveil.errors import InvalidMeasurement
from mindveil.evidence.estimate import LEVEL, Estimate, clopper_pearson
from mindveil.evidence.measured import Measured

_CHANCE = 0.5

_ALIKE = 0.25
"""Correlation of two divisions of the same people, at most.

On made-up people, 12 samples each of four strengths of a group, means over 8 divisions spread as
with correlations of .1 to .2.
"""

Floats = NDArray[np.float64]


def measure_worlds(folds: Sequence[Worlds]) -> list[Measured]:
    """Return how many models are told apart, and that as an advantage: 2 accuracy - 1.

    Each row of a fold is one division of people into those whom the attacker learns from and as
    many others. The interval is the wider of two: the exact one over models (Clopper & Pearson
    1934), and that of a mean over divisions of the same people, which are alike (the corrected
    resampled t of Nadeau & Bengio 2003).

    Raises:
        InvalidMeasurement: there are fewer than two divisions, or one in which not half of the
            models are of either kind or all are taken for one kind: the attacker saw nothing.
    """
    right = np.concatenate([_right(w) for w in folds] or [np.zeros(0)])
    sizes = {w.truth.shape[-1] for w in folds}
    if len(right) < 2 or len(sizes) > 1:
        raise InvalidMeasurement(
            f"{len(right)} divisions of people, with models of {sorted(sizes)} each: two divisions "
            "of one size at least are needed"
        )
    seen = _share(right, len(right) * sizes.pop())
    note = f"n counts models, not people; {len(right)} divisions of the people"
    return [
        Measured(metric="accuracy", estimate=seen, baseline=_CHANCE, note=note),
        Measured(
            metric="advantage",
            estimate=seen.map(lambda share: (share - _CHANCE) / (1 - _CHANCE)),
            baseline=0.0,
            note=f"accuracy above chance; {note}",
        ),
    ]


def _right(worlds: Worlds) -> Floats:
    """Return the share of models that are told in each division."""
    truth, guessed = (np.atleast_2d(side) for side in (worlds.truth, worlds.guessed))
    if truth.shape != guessed.shape:
        raise InvalidMeasurement(f"guesses of shape {guessed.shape} of models {truth.shape}")
    if not truth.size or (2 * truth.sum(axis=1) != truth.shape[1]).any():
        raise InvalidMeasurement("not half of the models of a division are of either kind")
    if (guessed == guessed[:, :1]).all(axis=1).any():
        raise InvalidMeasurement("all models are taken for one kind: the attack saw nothing")
    return np.asarray((truth == guessed).mean(axis=1), dtype=np.float64)


def _share(right: Floats, models: int) -> Estimate:
    """Return the mean over divisions with the wider of its two intervals."""
    exact = clopper_pearson(float(right.mean()) * models, models)
    spread = float(right.std(ddof=1)) * math.sqrt(1 / len(right) + _ALIKE / (1 - _ALIKE))
    reach = float(stats.t.ppf((1 + LEVEL) / 2, len(right) - 1)) * spread
    return Estimate(
        value=exact.value,
        low=max(0.0, min(exact.low, exact.value - reach)),
        high=min(1.0, max(exact.high, exact.value + reach)),
        n=models,
    )
