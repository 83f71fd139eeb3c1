"""How a server joins what clients send, and how far it moves.

FedAvg (McMahan et al. 2017) and FedProx (Li et al. 2020) take the mean of what clients moved;
FedAdam (Reddi et al. 2021) takes that mean for a gradient. The coordinate-wise median and the
trimmed mean (Yin et al. 2018) keep one client in a few from moving the whole.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mindveil.errors import InputError

Floats = NDArray[np.float64]
Method = Literal["fedavg", "fedprox", "fedadam"]
Combine = Literal["mean", "trimmed-mean", "median"]

_FIRST, _SECOND, _FLOOR = 0.9, 0.99, 1e-3
"""FedAdam's memory of the mean and of its square, and what is added to the root (its authors')."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A course of so many rounds.

    ``rate`` is the server's step: 1 follows the mean of FedAvg. ``participation`` is the
    probability that a client is asked in a round; ``trim`` is the share of clients that a trimmed
    mean leaves out at each end.
    """

    method: Method = "fedavg"
    rounds: int = 30
    rate: float = 1.0
    participation: float = 1.0
    combine: Combine = "mean"
    trim: float = 0.2

    def __post_init__(self) -> None:
        fine = self.rounds >= 1 and 0.0 < self.rate < math.inf and 0.0 <= self.trim < 0.5
        if not (fine and 0.0 < self.participation <= 1.0):
            raise InputError(
                f"{self.rounds} rounds at rate {self.rate!r} with participation "
                f"{self.participation!r} and trim {self.trim!r} cannot be taken: rounds, rate and "
                "participation are above 0, participation at most 1, trim below a half"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What the server remembers between rounds: means of moves and of their squares."""

    mean: Floats
    square: Floats

    @classmethod
    def of(cls, weights: Floats) -> Memory:
        """Return the memory of a server that has not moved yet."""
        return cls(mean=np.zeros_like(weights), square=np.zeros_like(weights))


def moved(rule: Rule, weights: Floats, joined: Floats, memory: Memory) -> tuple[Floats, Memory]:
    """Return the next weights, and what is remembered; shapes (..., parameters).

    >>> rule = Rule(rate=0.5)
    >>> start = np.zeros(2)
    >>> moved(rule, start, np.array([1.0, -1.0]), Memory.of(start))[0].tolist()
    [0.5, -0.5]
    """
    if rule.method != "fedadam":
        return weights + rule.rate * joined, memory
    mean = _FIRST * memory.mean + (1.0 - _FIRST) * joined
    square = _SECOND * memory.square + (1.0 - _SECOND) * np.square(joined)
    step = rule.rate * mean / (np.sqrt(square) + _FLOOR)
    return weights + step, Memory(mean=mean, square=square)


def joined(rule: Rule, moves: Floats) -> Floats:
    """Return what clients' moves (clients, ...) come to without their mean: robustly.

    >>> one_liar = np.array([[1.0], [2.0], [3.0], [2.0], [900.0]])
    >>> joined(Rule(combine="median"), one_liar).tolist()
    [2.0]
    >>> joined(Rule(combine="trimmed-mean"), one_liar).round(2).tolist()
    [2.33]
    """
    if rule.combine == "median":
        return np.asarray(np.median(moves, axis=0))
    if rule.combine == "mean":
        return np.asarray(moves.mean(axis=0))
    # At least one at each end, where that leaves anybody: a trim that trims nobody is none.
    most = (len(moves) - 1) // 2
    cut = min(most, max(math.floor(rule.trim * len(moves)), 1))
    kept = np.sort(moves, axis=0)[cut : len(moves) - cut]
    return np.asarray(kept.mean(axis=0))
