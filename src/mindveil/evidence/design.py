"""Which points of a grid to measure next, so that few cells show nearly the whole frontier.

What each setting does is taken to add up, on the log-odds of risk and on use, with a little room
for settings that act together (a Gaussian process with additive kernel: Duvenaud, Nickisch &
Rasmussen 2011, NeurIPS 24). Next is measured what would add the most to the area that the
frontier covers if it turned out as well as can be hoped (Emmerich, Giannakoglou & Naujoks 2006,
IEEE Trans. Evol. Comput. 10:421-439). Nothing is drawn: the same figures choose the same points.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve

from mindveil.evidence.estimate import Estimate
from mindveil.evidence.hypervolume import covered

Floats = NDArray[np.float64]

_HOPE = 1.0
"""Standard deviations by which an untested point may turn out better than expected."""
_WORTH_IT = 1e-3
"""Share of the area covered so far that a point must promise to add."""
_OWN_DOUBT = 1 / 3
"""Part of a figure's doubt that is its own: the people are those of every other point."""
_STRENGTHS = (0.05, 0.3, 1.0, 2.0)
_TOGETHER = 0.1
"""Variance of what settings do together, as a part of what they do apart."""
_EDGE = 0.005
_LEAST_NOISE = 1e-3
_DIGITS = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was measured at one point of the grid."""

    risk: Estimate
    use: Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """What is expected of each point of the grid, and how unsure that is; shape (points,)."""

    mean: Floats
    deviation: Floats


def first_points(
    places: Sequence[Sequence[int]], count: int, given: Sequence[int] = ()
) -> list[int]:
    """Return points that span a grid: its two ends, then each time the one farthest from all.

    ``given`` are points that are measured anyhow; they come first and count.

    >>> first_points([(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)], 4)
    [0, 5, 2, 3]
    """
    room = _unit(places)
    strength = room.sum(axis=1)
    ends = (int(np.argmin(strength)), int(np.argmax(strength)))
    chosen = list(dict.fromkeys([*given, *ends]))[: max(count, len(given))]
    while len(chosen) < min(count, len(room)):
        gaps = np.abs(room[:, None, :] - room[chosen][None, :, :]).sum(axis=2).min(axis=1)
        gaps[chosen] = -1.0
        chosen.append(int(np.argmax(np.round(gaps, _DIGITS))))
    return chosen


def next_points(
    places: Sequence[Sequence[int]],
    seen: Mapping[int, Seen],
    tried: Collection[int],
    count: int,
    guess: float,
) -> list[int]:
    """Return up to ``count`` untested points that may extend the frontier most; none when done.

    ``tried`` are all points that were measured, also those that gave no figure. A point chosen
    counts as measured at what is expected of it when the next of the same round is chosen.
    """
    believed = dict(seen)
    chosen: list[int] = []
    while believed and len(chosen) < count:
        open_points = [i for i in range(len(places)) if i not in tried and i not in chosen]
        if not open_points:
            break
        risk, use = forecast(places, believed)
        held_risk = np.array([s.risk.value for s in believed.values()])
        held_use = np.array([s.use.value for s in believed.values()])
        now = float(covered(held_risk, held_use, guess))
        hoped_risk = _odds(risk.mean - _HOPE * risk.deviation)[open_points]
        hoped_use = (use.mean + _HOPE * use.deviation)[open_points]
        size = (len(open_points), 1)
        with_it = covered(
            np.hstack([np.tile(held_risk, size), hoped_risk[:, None]]),
            np.hstack([np.tile(held_use, size), hoped_use[:, None]]),
            guess,
        )
        gain = np.round(with_it - now, _DIGITS)
        best = int(np.argmax(gain))
        if gain[best] <= _WORTH_IT * max(now, _EDGE):
            break
        point = open_points[best]
        chosen.append(point)
        believed[point] = _as_expected(_odds(risk.mean)[point], use.mean[point])
    return chosen


def forecast(places: Sequence[Sequence[int]], seen: Mapping[int, Seen]) -> tuple[Belief, Belief]:
    """Return what is expected of every point: the log-odds of its risk, and its use."""
    room, at = _unit(places), list(seen)
    risks = [_log_odds_of(seen[i].risk) for i in at]
    uses = [(seen[i].use.value, (seen[i].use.high - seen[i].use.low) / 4) for i in at]
    return _fit(room, at, risks), _fit(room, at, uses)


def _fit(room: Floats, at: list[int], figures: list[tuple[float, float]]) -> Belief:
    """Fit what each setting does by the likelihood of the figures, one setting after another."""
    value = np.array([v for v, _ in figures])
    spread = max(float(np.ptp(value)) / 2, 1e-3)
    noise = np.array([max(_OWN_DOUBT * d / spread, _LEAST_NOISE**0.5) for _, d in figures]) ** 2
    middle = float(value.mean())
    y = (value - middle) / spread
    strengths = np.full(room.shape[1], _STRENGTHS[1])
    for _ in range(2):
        for knob in range(room.shape[1]):
            options = [
                np.where(np.arange(len(strengths)) == knob, s, strengths) for s in _STRENGTHS
            ]
            scores = [round(_likelihood(room[at], y, noise, o), _DIGITS) for o in options]
            strengths = options[int(np.argmax(scores))]
    kernel = _kernel(room, room, strengths)
    factor = cho_factor(kernel[np.ix_(at, at)] + np.diag(noise))
    across = kernel[:, at]
    mean = across @ cho_solve(factor, y)
    left = np.diag(kernel) - np.einsum("ij,ji->i", across, cho_solve(factor, across.T))
    return Belief(mean=middle + spread * mean, deviation=spread * np.sqrt(np.clip(left, 0.0, None)))


def _likelihood(room: Floats, y: Floats, noise: Floats, strengths: Floats) -> float:
    factor = cho_factor(_kernel(room, room, strengths) + np.diag(noise))
    return float(-0.5 * y @ cho_solve(factor, y) - np.log(np.diag(factor[0])).sum())


def _kernel(one: Floats, other: Floats, strengths: Floats) -> Floats:
    """Return how alike points are: a straight effect of each setting, bends, and a little more."""
    made = np.full((len(one), len(other)), 1.0)
    near = np.full((len(one), len(other)), 1.0)
    for knob, strength in enumerate(strengths):
        a, b = one[:, knob][:, None] - 0.5, other[:, knob][None, :] - 0.5
        bend = 0.5 - 0.5 * np.abs(a - b)
        made += strength**2 * (2 * a * b + bend)
        near *= np.exp(-np.abs(a - b) * strength / 0.5)
    return np.asarray(made + _TOGETHER * float(np.max(strengths)) ** 2 * near)


def _unit(places: Sequence[Sequence[int]]) -> Floats:
    """Return the places of a grid with every setting from 0, the weakest, to 1."""
    room = np.array(places, dtype=np.float64).reshape(len(places), -1)
    return np.asarray(room / np.maximum(room.max(axis=0), 1.0))


def _log_odds_of(risk: Estimate) -> tuple[float, float]:
    low, value, high = (
        float(np.log(p / (1 - p)))
        for p in np.clip([risk.low, risk.value, risk.high], _EDGE, 1 - _EDGE)
    )
    return value, (high - low) / 4


def _odds(log_odds: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-log_odds)))


def _as_expected(risk: float, use: float) -> Seen:
    """Return a point that was chosen, as if it had turned out as expected."""
    sure = Estimate(value=float(risk), low=float(risk), high=float(risk), n=1)
    told = Estimate(value=float(use), low=float(use), high=float(use), n=1)
    return Seen(risk=sure, use=told)
