"""A choice between recipes that is paid for: every candidate and the choice in one budget.

Whoever tries five settings and publishes the best has looked at his people six times. Here each
candidate spends its part of the budget, and so does the choice: it is made by noisy counts of right
answers. The promise covers all of it, also the heads that nobody will see (Papernot & Steinke,
"Hyperparameter tuning with Renyi differential privacy", 2022, show how much the best of several
private heads gives away where the choice is not paid for).

Answers are counted among those who taught. A private head cannot know its own people much better
than others (by its membership advantage at most), so that nobody needs to be kept aside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np
from numpy.typing import NDArray

from mindveil.dp.accounting import RESERVE, Budget, advantage_of, statement
from mindveil.dp.clipping import exact_sum
from mindveil.dp.composition import Cost, together
from mindveil.dp.conversion import epsilon_of, epsilon_of_mu
from mindveil.dp.noise import Noise
from mindveil.errors import InputError
from mindveil.release import Guarantee
from mindveil.train.base import Flags, Floats, Lessons, Recipe, Taught
from mindveil.train.private_methods import IN_RHO

if TYPE_CHECKING:
    from mindveil.train.outlook import Candidate

Votes = NDArray[np.int64]

CHOICE = 0.2
"""The part of the budget that the choice gets."""

_ROUNDING = 1e-9

_ADDED = "epsilons and deltas of all candidates and of the choice, added up (basic composition)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The best of several recipes, as far as noisy counts can tell.

    ``candidates`` have budgets of their own (see ``parted``); together with the ``share`` of the
    choice they must not cost more than ``budget``. Where all of them are ``IN_RHO``, costs in rho
    add up; any other candidate makes epsilons and deltas add up, which is dearer.
    """

    name: ClassVar[str] = "search"
    candidates: tuple[Candidate, ...]
    budget: Budget
    share: float = CHOICE

    def __post_init__(self) -> None:
        if len(self.candidates) < 2:
            raise InputError(
                f"a search among {len(self.candidates)} recipes has nothing to choose; give two "
                "or more"
            )
        if not within(self.costs(), self.budget):
            raise InputError(
                f"{len(self.candidates)} candidates and the choice between them cost more than "
                f"{self.budget}; give each candidate the budget that parted() says"
            )

    def costs(self) -> tuple[Cost, ...]:
        """Return what is spent: by each candidate, in order, and last by the choice."""
        return (*(_cost_of(recipe) for recipe in self.candidates), Cost.of(self._choice()))

    def fit(self, lessons: Lessons, noise: Noise, rng: np.random.Generator) -> Taught:
        """Return the head that gave most right answers, as far as the noise lets know.

        Raises:
            RefusedError: delta is too large for so few people.
        """
        taught = [recipe.fit(lessons, noise, rng) for recipe in self.candidates]
        told = np.stack([each.head.log_odds(lessons.rows) for each in taught], axis=1)
        votes = noisy_votes(told, lessons.labels, self._choice(), noise)
        chosen = taught[int(np.argmax(votes))]
        promised = [each.guarantee for each in taught]
        return Taught(head=chosen.head, guarantee=self._promise(promised, proved=noise.proved))

    def shadows(
        self, lessons: Lessons, inside: Flags, asked: Floats, rng: np.random.Generator
    ) -> Floats:
        """Return the log-odds of many chosen heads, shape (asked, heads)."""
        both = np.concatenate([asked, lessons.rows])
        told = np.stack([c.shadows(lessons, inside, both, rng) for c in self.candidates])
        answers = told[:, len(asked) :]
        right = _right(answers, lessons.labels[:, None])
        votes = np.einsum("cph,ph->ch", right, inside.astype(np.int64))
        sigma = self._choice().share(1.0).sigma(math.sqrt(len(self.candidates)))
        noisy = votes + sigma * rng.standard_normal(votes.shape)
        chosen = np.argmax(noisy, axis=0)[None, None]
        found: Floats = np.take_along_axis(told[:, : len(asked)], chosen, axis=0)[0]
        return found

    def twin(self) -> Recipe:
        """Return what the first candidate would be without noise: nobody has to choose then."""
        return self.candidates[0].twin()

    def _promise(self, promised: Sequence[Guarantee | None], *, proved: bool) -> Guarantee:
        """Return what covers every candidate and the choice.

        Where not all of them are Gaussian noise over everybody, no more is known of the largest
        advantage than what epsilon and delta permit, and that it is never above the sum of theirs.
        """
        mechanisms = [
            f"candidate {recipe.name}: {words}"
            for recipe, promise in zip(self.candidates, promised, strict=True)
            for words in (promise.mechanisms if promise else ())
        ]
        mechanisms.append(f"choice by noisy counts of right answers of {len(promised)} candidates")
        proved = proved and all(each and each.label == "proved" for each in promised)
        told = statement(self.budget, mechanisms, proved)
        if self._in_rho:
            return told
        advantages = [each.advantage if each else 1.0 for each in promised]
        most = advantage_of(self.budget.epsilon, self.budget.delta)
        return replace(
            told,
            accountant=_ADDED,
            advantage=min(most, math.fsum([*advantages, self._choice().advantage])),
        )

    @property
    def _in_rho(self) -> bool:
        return all(recipe.name in IN_RHO for recipe in self.candidates)

    def _choice(self) -> Budget:
        """Return what the choice spends."""
        if self._in_rho:
            return _of_rho(self.budget, self.budget.rho * self.share)
        return _of_epsilon(self.budget, self.share)


def noisy_votes(told: Floats, labels: Floats, budget: Budget, noise: Noise) -> Votes:
    """Return right minus wrong answers of each candidate, with noise; shape (candidates,).

    ``told`` are log-odds, shape (people, candidates). A person adds 1 or -1 for each candidate:
    a row of length sqrt(candidates), whoever it is. Counting both ways tells candidates
    apart by twice as much as counting right answers alone, at the same price.
    """
    right = _right(told, labels[:, None])
    sigma = budget.share(1.0).sigma(math.sqrt(told.shape[1]))
    return exact_sum(right) + noise.gaussian(sigma, (told.shape[1],))


def parted(
    budget: Budget, candidates: int, share: float = CHOICE, *, in_rho: bool = True
) -> Budget:
    """Return what each of so many candidates may spend, so that the choice gets its share.

    ``in_rho`` says that every candidate is ``IN_RHO``.

    >>> whole = Budget(epsilon=3.0, delta=1e-5, accountant="gaussian")
    >>> round(parted(whole, 4).epsilon, 2), round(parted(whole, 4, in_rho=False).epsilon, 2)
    (1.22, 0.6)
    """
    if candidates < 2 or not 0.0 < share < 1.0:
        raise InputError(
            f"a budget cannot be parted among {candidates} candidates and a choice that gets "
            f"{share!r} of it; give two candidates or more and a share between 0 and 1"
        )
    part = (1.0 - share) / candidates
    return _of_rho(budget, budget.rho * part) if in_rho else _of_epsilon(budget, part)


def within(costs: Sequence[Cost], budget: Budget) -> bool:
    """Return whether releases together keep a budget.

    Where all of them are paid for in rho, rho adds up (for Gaussian noise alone so do squares of
    mu: together they are as private as one Gaussian mechanism). Anything else is added by basic
    composition.
    """
    kinds = {cost.accountant if cost.rho is not None else None for cost in costs}
    if kinds == {"gaussian"} or (None not in kinds and budget.accountant == "zcdp"):
        rho = math.fsum(cost.rho for cost in costs if cost.rho is not None)
        return rho <= budget.rho * (1.0 + _ROUNDING)
    spent = together(costs)
    grown = 1.0 + _ROUNDING
    return spent.epsilon <= budget.epsilon * grown and spent.delta <= budget.delta * grown


def _of_rho(budget: Budget, rho: float) -> Budget:
    """Return the promise at the same delta that spends so much of a budget, or a hair less."""
    delta = budget.delta
    asked = [epsilon_of(rho, delta)]
    if budget.accountant == "gaussian":
        asked.append(epsilon_of_mu(math.sqrt(2.0 * rho), delta * (1.0 - RESERVE)))
    if min(asked) <= 0.0:
        raise InputError(
            f"so small a part of {budget} promises nothing at delta {delta:g}; try fewer "
            "candidates, or a smaller delta"
        )
    # Which of the two a budget converts by depends on its epsilon: the one that wastes less.
    found = [_below(replace(budget, epsilon=epsilon), rho) for epsilon in asked]
    return max(found, key=lambda part: part.rho)


def _below(part: Budget, rho: float) -> Budget:
    while part.rho > rho:
        excess = max(part.rho / rho - 1.0, _ROUNDING)
        part = replace(part, epsilon=part.epsilon * (1.0 - min(excess, 0.5)))
    return part


def _of_epsilon(budget: Budget, part: float) -> Budget:
    return Budget(
        epsilon=budget.epsilon * part, delta=budget.delta * part, accountant=budget.accountant
    )


def _cost_of(recipe: Recipe) -> Cost:
    budget = recipe.budget
    if budget is None:
        raise InputError(
            f"recipe {recipe.name} promises nothing, so that no promise could cover the choice; "
            "search among private recipes only"
        )
    if recipe.name in IN_RHO:
        return Cost.of(budget)
    return Cost(epsilon=budget.epsilon, delta=budget.delta)


def _right(told: Floats, labels: Floats) -> Votes:
    return np.where((told > 0.0) == (labels > 0.0), 1, -1).astype(np.int64)
