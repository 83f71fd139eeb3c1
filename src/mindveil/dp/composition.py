"""What several releases about the same people promise together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from mindveil.dp.accounting import DRAWS, RESERVE, Accountant, Budget, most_draws
from mindveil.dp.conversion import check_promise, epsilon_of, epsilon_of_mu
from mindveil.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What one release spends: its promise, and what it paid in the common currency.

    ``rho`` is None where the mechanism has none (training on random people). ``accountant`` is
    "gaussian" where nothing but Gaussian noise was paid for with rho.
    """

    epsilon: float
    delta: float
    rho: float | None = None
    accountant: Accountant = "zcdp"

    def __post_init__(self) -> None:
        check_promise(self.epsilon, self.delta)
        if self.rho is not None and not (math.isfinite(self.rho) and self.rho > 0.0):
            raise InputError(f"a cost of rho {self.rho!r} is none; give a positive number or None")

    @classmethod
    def of(cls, budget: Budget) -> Cost:
        """Return the cost of a release that spends the whole budget."""
        return cls(
            epsilon=budget.epsilon,
            delta=budget.delta,
            rho=budget.rho,
            accountant=budget.accountant,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What the people of a corpus have been promised so far, over this many releases."""

    releases: int
    epsilon: float
    delta: float


def together(costs: Sequence[Cost]) -> Spent:
    """Return the smallest epsilon known for all releases together, at the sum of their deltas.

    The costs in rho add up and are turned into one epsilon at the sum of their own deltas; the
    others' epsilons and deltas are added to it (basic composition). Where the plain sum of all
    epsilons is smaller (few releases), that is the answer.

    >>> together([Cost(epsilon=1.0, delta=1e-6), Cost(epsilon=2.0, delta=1e-6)]).epsilon
    3.0
    """
    plain = math.fsum(cost.epsilon for cost in costs)
    delta = math.fsum(cost.delta for cost in costs)
    if delta >= 1.0:
        return Spent(releases=len(costs), epsilon=math.inf, delta=1.0)
    paid = [cost for cost in costs if cost.rho is not None]
    if paid:
        other = math.fsum(cost.epsilon for cost in costs if cost.rho is None)
        plain = min(plain, other + _converted(paid))
    return Spent(releases=len(costs), epsilon=plain, delta=delta)


def _converted(paid: Sequence[Cost]) -> float:
    rho = math.fsum(cost.rho for cost in paid if cost.rho is not None)
    delta = math.fsum(cost.delta for cost in paid)
    if all(cost.accountant == "gaussian" for cost in paid):
        epsilon = epsilon_of_mu(math.sqrt(2.0 * rho), delta * (1.0 - RESERVE))
        # What is set aside has to do for the draws of all releases at their common epsilon.
        if epsilon > 0.0 and most_draws(epsilon, delta) >= DRAWS * len(paid):
            return epsilon
    return epsilon_of(rho, delta)
