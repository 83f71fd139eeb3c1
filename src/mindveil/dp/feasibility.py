"""Before anything is spent: what can still be seen through the noise, for so many people.

A sheet is computed from four public numbers alone: how many people there are (about), how many
variables, epsilon and delta. Nothing of the data is looked at. It supposes a release of one-way
tables and of all correlations from one Gaussian budget, as the private copula spends it: a
quarter on tables, three quarters on correlations.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from mindveil.dp.accounting import Budget, check_delta, sigma_of
from mindveil.errors import InputError

MARGIN_SHARE = 0.25

ROW_BOUND = 1.5
"""Bound on a person's squared standardised row, per variable: most people's is about 1."""

_CELL = 0.1
"""The share of people in the cell that a margin is judged by: rare, but of clinical interest."""

_TYPICAL = 0.3
"""The size of a correlation between two items of one questionnaire that should be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What a budget permits; noise is given as one standard deviation.

    ``margin_sigma`` is the noise on a count of a one-way table, ``prevalence`` the noise on a
    share of people, ``margin`` the noise on the count of a cell of a tenth of the people over
    that count, ``correlation`` the noise on a correlation, ``sampling`` what chance alone does to
    a correlation of about 0 among so many people, and ``advantage`` the largest TPR - FPR that
    the budget permits anybody.
    """

    people: int
    variables: int
    epsilon: float
    delta: float
    margin_sigma: float
    correlation_sigma: float
    prevalence: float
    margin: float
    correlation: float
    sampling: float
    advantage: float
    people_needed: int
    advice: str


def sheet(people: int, variables: int, budget: Budget) -> Sheet:
    """Return what this many people and variables permit at a budget.

    Each person adds 1 to one cell of every table (L2 sensitivity sqrt(variables)) and the
    products of a row whose squared length is at most ``ROW_BOUND`` x variables to the
    correlations, of which the upper triangle is released with weight sqrt(2).

    >>> found = sheet(2455, 60, Budget(epsilon=3.0, delta=1e-5, accountant="gaussian"))
    >>> round(found.prevalence, 4), round(found.correlation, 3)
    (0.0088, 0.042)
    """
    if variables < 1:
        raise InputError(f"a table of {variables} variables has nothing to release")
    check_delta(budget.delta, people)
    margin_sigma = sigma_of(budget.rho * MARGIN_SHARE, math.sqrt(variables))
    correlation_sigma = sigma_of(budget.rho * (1.0 - MARGIN_SHARE), ROW_BOUND * variables)
    correlation_sigma /= math.sqrt(2.0)
    correlation = correlation_sigma / people
    margin = margin_sigma / (people * _CELL)
    needed = math.ceil(
        max(
            correlation_sigma / (_TYPICAL / 3.0) if variables > 1 else 0.0,
            margin_sigma / (_CELL / 3.0),
            1.0,
        )
    )
    return Sheet(
        people=people,
        variables=variables,
        epsilon=budget.epsilon,
        delta=budget.delta,
        margin_sigma=margin_sigma,
        correlation_sigma=correlation_sigma,
        prevalence=margin_sigma / people,
        margin=margin,
        correlation=correlation,
        sampling=1.0 / math.sqrt(people),
        advantage=budget.advantage,
        people_needed=needed,
        advice=_advice(people, needed, correlation),
    )


def _advice(people: int, needed: int, correlation: float) -> str:
    if people < needed:
        return (
            f"Too few people: a correlation of {_TYPICAL} or a group of {_CELL:.0%} does not stand "
            f"out three times above the noise before about {needed} people; release fewer "
            "variables, or share the data under controlled access instead."
        )
    if correlation > 1.0 / math.sqrt(people):
        return (
            f"Feasible: prevalences hold; correlations carry more noise ({correlation:.3f}) than "
            "chance alone gives them, so that weak ones will be lost."
        )
    return "Feasible: the noise is smaller than what chance alone does to these figures."
