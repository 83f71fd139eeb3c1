"""LiRA: is the model as sure of her as models are that she taught, or as those that she did not?

Shadow heads are taught by random halves of the people. For each person the confidence of heads
that she taught and of those she did not are two bells, and the target's confidence lies somewhere
between them: the logarithm of the ratio of their densities is the score (Carlini et al. 2022,
"Membership inference attacks from first principles").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mindveil.errors import InvalidMeasurement
from mindveil.train.base import Flags, Floats

_PRIOR_HEADS = 16.0
"""So many heads' worth of the variance that people have in common stands beside a person's own:
with few shadows her own is mostly noise (a conjugate prior; Smyth 2004)."""
_LEAST_VARIANCE = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratios:
    """Scores of each person, shape (people,), by three readings; NaN where one cannot be had.

    ``online`` needs heads with and without the person, ``offline`` those without her only;
    ``fixed`` is online with one variance for everybody.
    """

    online: Floats
    offline: Floats
    fixed: Floats


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bells:
    """Mean and variance of each person over some heads, and the variance that all share."""

    mean: Floats
    variance: Floats
    shared: float

    @classmethod
    def of(cls, sure: Floats, chosen: Flags) -> _Bells:
        weight = chosen.astype(np.float64)
        count = weight.sum(axis=1)
        mean = np.divide(
            (sure * weight).sum(axis=1), count, out=np.full(len(sure), np.nan), where=count > 0
        )
        away = np.where(chosen, sure - np.nan_to_num(mean)[:, None], 0.0)
        squares, freedom = np.square(away).sum(axis=1), np.maximum(count - 1, 0)
        spare = float(freedom.sum())
        shared = max(float(squares.sum()) / spare if spare else 0.0, _LEAST_VARIANCE)
        variance = (squares + _PRIOR_HEADS * shared) / (freedom + _PRIOR_HEADS)
        return cls(mean=mean, variance=variance, shared=shared)

    def log_density(self, sure: Floats, variance: Floats | float) -> Floats:
        """Return it up to a constant."""
        return np.asarray(-0.5 * (np.square(sure - self.mean) / variance + np.log(variance)))


def likelihood_ratios(target: Floats, shadows: Floats, inside: Flags) -> Ratios:
    """Return the scores of LiRA.

    ``target`` (people,) is the confidence of the model that is attacked, ``shadows`` (people,
    heads) that of the shadow heads, ``inside`` (people, heads) says whom each of them was taught
    by. Confidence is the logit of the true class.

    Raises:
        InvalidMeasurement: there is no shadow head.
    """
    if not shadows.shape[1]:
        raise InvalidMeasurement("a likelihood ratio needs shadow models; there is none")
    with_her, without = _Bells.of(shadows, inside), _Bells.of(shadows, ~inside)
    online = with_her.log_density(target, with_her.variance) - without.log_density(
        target, without.variance
    )
    fixed = with_her.log_density(target, with_her.shared) - without.log_density(
        target, without.shared
    )
    # The chance that a head without her were less sure rises with the distance in deviations.
    offline = (target - without.mean) / np.sqrt(without.variance)
    return Ratios(online=online, offline=offline, fixed=fixed)
