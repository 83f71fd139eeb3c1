"""The private recipes by the names that a study file gives them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mindveil.dp.accounting import Budget

if TYPE_CHECKING:
    from mindveil.train.outlook import Candidate

PrivateMethod = Literal[
    "auto", "adassp", "noisy-gradient", "output", "objective", "sampled-gradient", "pate"
]

IN_RHO = frozenset({"adassp", "noisy-gradient", "output-perturbation", "pate"})
"""Recipes whose whole cost is that of Gaussian noise over everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """What is public about those who teach, and the size of what they teach.

    ``people`` is about how many there are; ``small`` asks by name for a delta of 1 / (10 people)
    or more; ``hidden`` units are for the sampled gradient alone.
    """

    people: int
    hidden: int = 0
    small: bool = False


def recipe_of(method: PrivateMethod, budget: Budget, cohort: Cohort) -> Candidate:
    """Return the recipe of one method at a budget; "auto" is none."""
    # Loaded when something is trained: a corpus can be looked at without them.
    from mindveil.train.adassp import AdaSSP  # noqa: PLC0415
    from mindveil.train.noisy_gradient import NoisyGradient  # noqa: PLC0415
    from mindveil.train.objective_perturbation import ObjectivePerturbation  # noqa: PLC0415
    from mindveil.train.output_perturbation import OutputPerturbation  # noqa: PLC0415
    from mindveil.train.pate import Pate  # noqa: PLC0415
    from mindveil.train.sampled_gradient import SampledGradient  # noqa: PLC0415

    small = cohort.small
    if method == "sampled-gradient":
        return SampledGradient(
            budget=budget, hidden=cohort.hidden, people=cohort.people, small_cohort=small
        )
    made: dict[PrivateMethod, Candidate] = {
        "adassp": AdaSSP(budget=budget, small_cohort=small),
        "noisy-gradient": NoisyGradient(budget=budget, small_cohort=small),
        "output": OutputPerturbation(budget=budget, small_cohort=small),
        "objective": ObjectivePerturbation(budget=budget, small_cohort=small),
        "pate": Pate(budget=budget, small_cohort=small),
    }
    return made[method]
